"""How often a JPEG 2000 picture can be halved before it is decoded: what its code stream says (ISO/IEC 15444-1)."""

# Start of code stream with its size marker, and coding style; the levels stand 9 bytes behind the latter's marker.
_START = b"\xff\x4f\xff\x51"
_CODING_STYLE = b"\xff\x52"
_LEVELS = 9


def levels(data: bytes) -> int:
    """Levels of decomposition, 0 where none are told."""
    start = data.find(_START)
    if start < 0:
        return 0
    at = start + 2
    # Main header: marker segments, each a marker of 2 bytes and a length that counts itself.
    while at + _LEVELS < len(data) and data[at] == 0xFF:
        if data[at : at + 2] == _CODING_STYLE:
            return data[at + _LEVELS] if data[at + _LEVELS] <= 32 else 0
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return 0
