"""ISO base media boxes: MP4, MOV and their still-picture kin (HEIF, AVIF, JPEG XL)."""

import io
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import tiff
from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at

_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PARENTS = (b"moov", b"udta", b"meta", b"trak", b"moof")
_DEPTH_LIMIT = 8
_BOX_LIMIT = 200_000
_EXIF_WINDOW = 16 << 20
_EXIF_HEAD = re.compile(rb"II\*\0\x08\0\0\0|MM\0\*\0\0\0\x08")


def boxes(stream: BinaryIO) -> Iterator[Chunk]:
    """Every box of the file and of the parents that can hold metadata; nesting and number are limited."""
    end = stream.seek(0, 2)
    waiting = [(0, end, 0)]
    count = 0
    while waiting:
        offset, stop, depth = waiting.pop()
        while offset + 8 <= stop and count < _BOX_LIMIT:
            box, after = _box(stream, offset, stop)
            if box is None:
                break
            count += 1
            yield box
            if box.kind in _PARENTS and depth < _DEPTH_LIMIT:
                waiting.append((box.offset + _preamble(stream, box), after, depth + 1))
            offset = after


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """XMP in the `uuid` box, in QuickTime's `XMP_` and in JPEG XL's `xml `; a Brotli-packed one is skipped."""
    for box in boxes(stream):
        if box.kind == b"uuid" and read_at(stream, box.offset, 16) == _XMP_UUID:
            yield payload(stream, Chunk(kind=b"uuid", offset=box.offset + 16, size=box.size - 16), "the XMP box")
        elif box.kind in (b"XMP_", b"xml "):
            yield payload(stream, box, "the XMP box")
        elif box.kind == b"brob" and read_at(stream, box.offset, 4) == b"xml ":
            yield Skipped(what="the XMP box is packed with Brotli")


def exif_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Texts of EXIF blocks in HEIF, AVIF and JPEG XL, found by their first bytes in the first 16 MiB."""
    head = read_at(stream, 0, _EXIF_WINDOW)
    for number, match in enumerate(_EXIF_HEAD.finditer(head)):
        if number == 8:
            return
        yield from tiff.texts(io.BytesIO(head[match.start() :]))


def _box(stream: BinaryIO, offset: int, stop: int) -> tuple[Chunk | None, int]:
    head = read_at(stream, offset, 16)
    if len(head) < 8:
        return None, stop
    size, kind = struct.unpack(">I4s", head[:8])
    start = 8
    if size == 1 and len(head) == 16:
        size, start = int.from_bytes(head[8:], "big"), 16
    elif size == 0:
        size = stop - offset
    if size < start:
        return None, stop
    return Chunk(kind=kind, offset=offset + start, size=min(size, stop - offset) - start), offset + size


def _preamble(stream: BinaryIO, box: Chunk) -> int:
    # ISO's `meta` starts with version and flags, QuickTime's does not.
    return 4 if box.kind == b"meta" and read_at(stream, box.offset + 4, 4) != b"hdlr" else 0
