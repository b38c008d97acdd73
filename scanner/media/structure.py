"""Is a file as long as it says it is? Cheap walks over the outermost structure: half a file is never a whole one.

Decoders conceal missing ends, and frames that sampling skips are never decoded: this looks at every file.
"""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def shortfall(path: Path, format_name: str) -> str | None:
    """What is missing from the end of the file, in words; None when nothing is, or when the format cannot tell."""
    check = _CHECKS.get(format_name)
    if check is None:
        return None
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            end = check(file, size)
        except (struct.error, IndexError, ValueError):
            return "its structure breaks off"
    return f"it ends {end - size:,} bytes early" if end > size else None


def _boxes(file: BinaryIO, size: int) -> int:
    """ISO base media (ISO/IEC 14496-12, 4.2): boxes one after another; size 0 reaches to the end of the file."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return at if not head.strip(b"\0") else at + 8
        length = int(struct.unpack(">I", head[:4])[0])
        if length == 1:
            length = int(struct.unpack(">Q", head[8:16])[0])
        if length == 0 or not head[4:8].strip(b"\0"):
            return size
        if length < 8:
            return size
        at += length
    return at


def _ebml(file: BinaryIO, size: int) -> int:
    """Matroska (RFC 9559): every element from the first to the last block, one after another, and nothing between.

    A demuxer that loses its way passes over the rest of a cluster in silence. Segments may follow one another.
    """
    at, end = 0, size
    while at < size:
        file.seek(at)
        head = file.read(12)
        width = 9 - head[0].bit_length()
        name = head[:width]
        if at >= end and name != _EBML_HEADER:
            return at
        if name not in _MATROSKA:
            msg = "no element of Matroska begins where one must"
            raise ValueError(msg)
        length, read = _vint(head[width:])
        at += width + read
        if name == _SEGMENT and length is not None:
            end = at + length
        elif name not in (_SEGMENT, _CLUSTER):
            at += 0 if length is None else length
            end = size if name == _EBML_HEADER else end
    return max(at, end)


def _vint(data: bytes) -> tuple[int | None, int]:
    """An EBML variable-size integer and its width; None for "unknown" (all ones)."""
    width = 9 - data[0].bit_length()
    value = int.from_bytes(data[:width], "big") & ((1 << 7 * width) - 1)
    return (None if value == (1 << 7 * width) - 1 else value), width


def _transport(file: BinaryIO, size: int) -> int:
    """MPEG transport stream: whole packets of 188 bytes, with time stamps (192) or parity (204), each in its place."""
    file.seek(0)
    packet, sync = _packets_of(file.read(1024))
    # A time stamp of four bytes stands before the sync byte.
    first = sync - 4 if packet == 192 and sync >= 4 else sync
    file.seek(sync)
    while len(data := file.read(packet << 15)) > packet:
        if data[::packet].strip(b"G"):
            msg = "a packet of the transport stream is not in its place"
            raise ValueError(msg)
    return size + (first - size) % packet


def _packets_of(head: bytes) -> tuple[int, int]:
    for packet in (188, 192, 204):
        for sync in range(packet):
            if head[sync : sync + 4 * packet + 1 : packet] == b"G" * 5:
                return packet, sync
    msg = "no packets of a transport stream"
    raise ValueError(msg)


def _gif(file: BinaryIO, size: int) -> int:
    """GIF89a, Appendix B: blocks up to the trailer; a file that ends between two blocks only lacks the trailer."""
    file.seek(0)
    head = file.read(13)
    at = 13 + _palette(head[10])
    while at < size:
        file.seek(at)
        head = file.read(10)
        if head[:1] == b"\x3b":
            return at + 1
        if head[:1] == b"\x2c":
            at += 11 + _palette(head[9])
        elif head[:1] == b"\x21":
            at += 2
        else:
            return size
        at = _past_sub_blocks(file, at)
    return at


def _palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _past_sub_blocks(file: BinaryIO, at: int) -> int:
    file.seek(at)
    while length := file.read(1)[0]:
        at += length + 1
        file.seek(at)
    return at + 1


def _riff(file: BinaryIO, size: int) -> int:
    """RIFF and its kin: the length in the header; 0 and all ones mean "see ds64" or "not finished"."""
    file.seek(0)
    head = file.read(8)
    length = int(struct.unpack("<I", head[4:8])[0])
    return size if head[:4] != b"RIFF" or length in (0, 0xFFFFFFFF) else 8 + length


def _aiff(file: BinaryIO, size: int) -> int:
    """AIFF: the length in the header, big-endian; an odd one is padded."""
    file.seek(4)
    return 8 + int(struct.unpack(">I", file.read(4))[0])


def _png(file: BinaryIO, size: int) -> int:
    """PNG (ISO/IEC 15948): chunks up to IEND."""
    at = 8
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return max(at, size) + 12
        at += 12 + int(struct.unpack(">I", head[:4])[0])
        if head[4:8] == b"IEND" or at > size:
            return at


def _exr(file: BinaryIO, size: int) -> int:
    """OpenEXR of one part in lines: the chunk that the table of offsets names last. Other kinds are not checked."""
    file.seek(4)
    if int(struct.unpack("<I", file.read(4))[0]) & _EXR_TILED_DEEP_OR_PARTS:
        return size
    lines, height = 1, 0
    while name := _text(file):
        _text(file)
        value = file.read(int(struct.unpack("<I", file.read(4))[0]))
        if name == b"compression" and value[0] < len(_EXR_LINES):
            lines = _EXR_LINES[value[0]]
        elif name == b"dataWindow":
            _, top, _, bottom = struct.unpack("<4i", value)
            height = bottom - top + 1
    chunks = -(-height // lines)
    offsets = struct.unpack(f"<{chunks}Q", file.read(8 * chunks)) if 0 < chunks < size else (0,)
    last = int(max(offsets))
    file.seek(last)
    head = file.read(8)
    return last + 8 + (int(struct.unpack("<i", head[4:8])[0]) if len(head) == 8 else 0)


def _text(file: BinaryIO) -> bytes:
    """Bytes up to the next zero byte."""
    text = bytearray()
    while (byte := file.read(1)) != b"\0":
        text += byte
        if not byte or len(text) > 255:
            msg = "a name does not end"
            raise ValueError(msg)
    return bytes(text)


def _dpx(file: BinaryIO, size: int) -> int:
    """DPX (SMPTE ST 268-1): the total size in the file header; all ones is "undefined"."""
    file.seek(0)
    head = file.read(20)
    length = int(struct.unpack(">I" if head[:4] == b"SDPX" else "<I", head[16:20])[0])
    return size if length == 0xFFFFFFFF else length


_EBML_HEADER, _SEGMENT, _CLUSTER = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
# RFC 9559, 5.1: what may stand in a segment and in a cluster, and what may stand anywhere (Void, CRC-32).
_MATROSKA = frozenset(
    [_EBML_HEADER, _SEGMENT, _CLUSTER]
    + [
        name.to_bytes(4)
        for name in (0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367)
    ]
    + [b"\xe7", b"\xa3", b"\xa0", b"\xa7", b"\xab", b"\x58\x54", b"\xaf", b"\xec", b"\xbf"]
)
# OpenEXR file layout: lines in one chunk, by compression (none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB).
_EXR_LINES = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256)
_EXR_TILED_DEEP_OR_PARTS = 0x1A00

_CHECKS: dict[str, Callable[[BinaryIO, int], int]] = {
    "mp4": _boxes,
    "mov": _boxes,
    "m4a": _boxes,
    "heif": _boxes,
    "avif": _boxes,
    "matroska": _ebml,
    "webm": _ebml,
    "wav": _riff,
    "aiff": _aiff,
    "avi": _riff,
    "gif": _gif,
    "mpegts": _transport,
    "webp": _riff,
    "png": _png,
    "dpx": _dpx,
    "exr": _exr,
}
