"""GIF blocks, Photoshop image resources and OpenEXR header attributes."""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import clean, decoded

_XMP_APPLICATION = b"XMP DataXMP"
_PSD_XMP, _PSD_EXIF = 1060, 1058
_EXR_ATTRIBUTES = 1000


def gif_packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The XMP of a GIF's application block: it lies there as it is, ended by a trailer that reads as sub-blocks."""
    for block in _gif_blocks(stream):
        if block.kind == b"\xff" and read_at(stream, block.offset, 12)[1:] == _XMP_APPLICATION:
            rest = Chunk(kind=b"XMP", offset=block.offset + 12, size=block.size - 12)
            yield payload(stream, rest, "the XMP block")


def gif_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """A GIF's comments, at most 64 KiB of each."""
    for block in _gif_blocks(stream):
        if block.kind == b"\xfe":
            raw = read_at(stream, block.offset, min(block.size, 1 << 16))
            yield Text(place="GIF", key="comment", value=decoded(b"".join(_joined(raw))))


def psd_packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The XMP of a Photoshop file (image resource 1060)."""
    for number, chunk in _psd_resources(stream):
        if number == _PSD_XMP:
            yield payload(stream, chunk, "the XMP resource")


def psd_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The EXIF texts of a Photoshop file (image resource 1058)."""
    for number, chunk in _psd_resources(stream):
        if number == _PSD_EXIF:
            yield from tiff.texts(io.BytesIO(read_at(stream, chunk.offset, chunk.size)))


def exr_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The text attributes of an OpenEXR header; of a multi-part file, those of its first part."""
    offset = 8
    for _ in range(_EXR_ATTRIBUTES):
        name, kind, *_ = (*read_at(stream, offset, 514).split(b"\0", 2), b"", b"")
        if not name or not kind:
            return
        offset += len(name) + len(kind) + 2
        size = int.from_bytes(read_at(stream, offset, 4), "little")
        if kind == b"string":
            key = clean(decoded(name), 64)
            raw = payload(stream, Chunk(kind=kind, offset=offset + 4, size=size), f"EXR {key}")
            yield raw if isinstance(raw, Skipped) else Text(place="EXR", key=key, value=decoded(raw))
        offset += 4 + size


def _gif_blocks(stream: BinaryIO) -> Iterator[Chunk]:
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
    while size := read_at(stream, offset, 1):
        offset += 1 + size[0]
        if size == b"\0":
            break
    return offset


def _joined(raw: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(raw) and raw[at]:
        yield raw[at + 1 : at + 1 + raw[at]]
        at += 1 + raw[at]


def _psd_resources(stream: BinaryIO) -> Iterator[tuple[int, Chunk]]:
    colours = int.from_bytes(read_at(stream, 26, 4), "big")
    offset = 30 + colours
    end = offset + 4 + int.from_bytes(read_at(stream, offset, 4), "big")
    offset += 4
    for _ in range(COUNT_LIMIT):
        head = read_at(stream, offset, 7)
        if offset >= end or len(head) < 7 or head[:4] not in (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR"):
            return
        number = struct.unpack(">H", head[4:6])[0]
        offset += 6 + ((head[6] + 2) & ~1)
        size = int.from_bytes(read_at(stream, offset, 4), "big")
        yield number, Chunk(kind=b"8BIM", offset=offset + 4, size=size)
        offset += 4 + size + (size & 1)
