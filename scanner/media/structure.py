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
        except (struct.error, IndexError):
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
    """Matroska (RFC 9559): the EBML header, then one segment; a segment of unknown size reaches to the end."""
    file.seek(4)
    header, read = _vint(file.read(8))
    file.seek(4 + read + (header or 0))
    head = file.read(12)
    if head[:4] != b"\x18\x53\x80\x67":
        return size
    segment, width = _vint(head[4:])
    return size if segment is None else 4 + read + (header or 0) + 4 + width + segment


def _vint(data: bytes) -> tuple[int | None, int]:
    """An EBML variable-size integer and its width; None for "unknown" (all ones)."""
    width = 9 - data[0].bit_length()
    value = int.from_bytes(data[:width], "big") & ((1 << 7 * width) - 1)
    return (None if value == (1 << 7 * width) - 1 else value), width


def _riff(file: BinaryIO, size: int) -> int:
    """RIFF and its kin: the length in the header; 0 and all ones mean "see ds64" or "not finished"."""
    file.seek(0)
    head = file.read(8)
    length = int(struct.unpack("<I", head[4:8])[0])
    return size if head[:4] != b"RIFF" or length in (0, 0xFFFFFFFF) else 8 + length


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


def _dpx(file: BinaryIO, size: int) -> int:
    """DPX (SMPTE ST 268-1): the total size in the file header; all ones is "undefined"."""
    file.seek(0)
    head = file.read(20)
    length = int(struct.unpack(">I" if head[:4] == b"SDPX" else "<I", head[16:20])[0])
    return size if length == 0xFFFFFFFF else length


_CHECKS: dict[str, Callable[[BinaryIO, int], int]] = {
    "mp4": _boxes,
    "mov": _boxes,
    "m4a": _boxes,
    "heif": _boxes,
    "avif": _boxes,
    "matroska": _ebml,
    "webm": _ebml,
    "wav": _riff,
    "avi": _riff,
    "webp": _riff,
    "png": _png,
    "dpx": _dpx,
}
