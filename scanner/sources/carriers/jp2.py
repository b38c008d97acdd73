"""JPEG 2000, in its file format and as a bare code stream: EXIF box and comments. ISO/IEC 15444-1, annex A."""

from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import Skipped, Text, read_at
from scanner.sources.carriers.boxes import boxes, exif_texts
from scanner.sources.clean import decoded

_START, _TILE, _COMMENT = b"\xff\x4f", b"\xff\x90", b"\xff\x64"
_SEGMENT_LIMIT = 10_000
# Registration value of a comment in Latin text; 0 is binary.
_LATIN = b"\0\1"


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The texts of EXIF, and the comments of every code stream's main header."""
    if read_at(stream, 0, 2) == _START:
        yield from _comments(stream, 2)
        return
    yield from exif_texts(stream)
    for box in boxes(stream):
        if box.kind == b"jp2c":
            yield from _comments(stream, box.offset + 2)


def _comments(stream: BinaryIO, at: int) -> Iterator[Text]:
    for _ in range(_SEGMENT_LIMIT):
        head = read_at(stream, at, 6)
        if len(head) < 6 or head[0] != 0xFF or head[:2] == _TILE:
            return
        size = int.from_bytes(head[2:4], "big")
        if head[:2] == _COMMENT and head[4:] == _LATIN:
            yield Text(place="JPEG 2000", key="comment", value=decoded(read_at(stream, at + 6, size - 4)))
        at += 2 + size
