"""GIF blocks: comments and the XMP application block."""

from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import decoded

_XMP_APPLICATION = b"XMP DataXMP"
_WINDOW = 1 << 16


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The XMP of a GIF's application block: it lies there as it is, ended by a trailer that reads as sub-blocks."""
    for block in _blocks(stream):
        if block.kind == b"\xff" and read_at(stream, block.offset, 12)[1:] == _XMP_APPLICATION:
            rest = Chunk(kind=b"XMP", offset=block.offset + 12, size=block.size - 12)
            yield payload(stream, rest, "the XMP block")


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """A GIF's comments, at most 64 KiB of each."""
    for block in _blocks(stream):
        if block.kind == b"\xfe":
            raw = read_at(stream, block.offset, min(block.size, 1 << 16))
            yield Text(place="GIF", key="comment", value=decoded(b"".join(_joined(raw))))


def _blocks(stream: BinaryIO) -> Iterator[Chunk]:
    # Payload of an extension = everything after its label, sub-block lengths included.
    head = read_at(stream, 0, 13)
    if len(head) < 13:
        return
    offset = 13 + _colours(head[10])
    for _ in range(COUNT_LIMIT):
        mark = read_at(stream, offset, 10)
        if mark[:1] == b"!" and len(mark) > 1:
            end = _end_of_sub_blocks(stream, offset + 2)
            yield Chunk(kind=mark[1:2], offset=offset + 2, size=end - offset - 2)
        elif mark[:1] == b"," and len(mark) == 10:
            end = _end_of_sub_blocks(stream, offset + 11 + _colours(mark[9]))
        else:
            return
        offset = end


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_sub_blocks(stream: BinaryIO, offset: int) -> int:
    window, at = b"", 0
    while True:
        if at >= len(window):
            offset, at = offset + at, 0
            window = read_at(stream, offset, _WINDOW)
        if not window:
            return offset
        # All blocks of picture data but the last are full: they are stepped over in one go.
        run = window[at::256]
        at += 256 * (len(run) - len(run.lstrip(b"\xff")))
        if at >= len(window):
            continue
        size = window[at]
        at += 1 + size
        if not size:
            return offset + at


def _joined(raw: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(raw) and raw[at]:
        yield raw[at + 1 : at + 1 + raw[at]]
        at += 1 + raw[at]
