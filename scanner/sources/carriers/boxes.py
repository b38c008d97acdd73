"""ISO base media boxes: MP4, MOV and their still-picture kin (HEIF, AVIF, JPEG XL, JPEG 2000)."""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import tiff
from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at, unbrotlied

_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# JPEG 2000 keeps EXIF in a box of this name: "JpgTiffExif->JP2".
_EXIF_UUID = b"JpgTiffExif->JP2"
_PARENTS = (b"moov", b"udta", b"meta", b"trak", b"traf", b"mdia", b"minf", b"stbl")
# A fragment's head is short, there are thousands of them, and next to none holds metadata.
_FRAGMENT, _FRAGMENT_LIMIT = b"moof", 1 << 20
_DEPTH_LIMIT = 8
_BOX_LIMIT = 200_000


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
            if depth < _DEPTH_LIMIT and (box.kind in _PARENTS or _is_telling_fragment(stream, box)):
                waiting.append((box.offset + _preamble(stream, box), min(after, stop), depth + 1))
            offset = after


def _is_telling_fragment(stream: BinaryIO, box: Chunk) -> bool:
    if box.kind != _FRAGMENT:
        return False
    body = read_at(stream, box.offset, min(box.size, _FRAGMENT_LIMIT))
    return box.size > _FRAGMENT_LIMIT or b"meta" in body or b"udta" in body or b"uuid" in body


def within(stream: BinaryIO, parent: Chunk, skip: int = 0) -> Iterator[Chunk]:
    """The boxes directly inside another, after `skip` bytes of its own."""
    offset, stop = parent.offset + skip, parent.offset + parent.size
    for _ in range(_BOX_LIMIT):
        box, offset = _box(stream, offset, stop) if offset + 8 <= stop else (None, stop)
        if box is None:
            return
        yield box


def in_meta(stream: BinaryIO, meta: Chunk) -> Iterator[Chunk]:
    """The boxes of a `meta` box, of ISO's kind and of QuickTime's."""
    return within(stream, meta, _preamble(stream, meta))


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """XMP in the `uuid` box, in QuickTime's `XMP_` and in JPEG XL's `xml `, also packed with Brotli."""
    for box in boxes(stream):
        if box.kind == b"uuid" and read_at(stream, box.offset, 16) == _XMP_UUID:
            yield payload(stream, Chunk(kind=b"uuid", offset=box.offset + 16, size=box.size - 16), "the XMP box")
        elif box.kind in (b"XMP_", b"xml "):
            yield payload(stream, box, "the XMP box")
        elif box.kind == b"brob" and read_at(stream, box.offset, 4) == b"xml ":
            yield _unpacked(stream, box, "the XMP box")


def exif_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Texts of the EXIF boxes of JPEG XL, also packed with Brotli, and of JPEG 2000."""
    for box in boxes(stream):
        raw: bytes | Skipped
        if box.kind == b"Exif":
            raw = payload(stream, box, "the EXIF box")
        elif box.kind == b"brob" and read_at(stream, box.offset, 4) == b"Exif":
            raw = _unpacked(stream, box, "the EXIF box")
        elif box.kind == b"uuid" and read_at(stream, box.offset, 16) == _EXIF_UUID:
            raw = bytes(4) + read_at(stream, box.offset + 16, box.size - 16)
        else:
            continue
        yield from (raw,) if isinstance(raw, Skipped) else exif_block(raw)


def exif_block(raw: bytes) -> Iterator[Text | Skipped]:
    """Texts of an EXIF block that begins with the distance to its TIFF header, as boxes and items have it."""
    at = 4 + int.from_bytes(raw[:4], "big")
    yield from tiff.texts(io.BytesIO(raw[at:].removeprefix(b"Exif\0\0")))


def _unpacked(stream: BinaryIO, box: Chunk, what: str) -> bytes | Skipped:
    raw = payload(stream, box, what)
    return raw if isinstance(raw, Skipped) else unbrotlied(raw[4:], what)


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
