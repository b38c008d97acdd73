"""RIFF chunks: WebP, WAV (also RF64, BW64) and AVI."""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import decoded

_UNKNOWN_SIZE = 0xFFFFFFFF
_TEXTS = {b"AIGC": "AIGC", b"ICMT": "comment", b"ISFT": "Software"}
_GROUPS = (b"RIFF", b"RF64", b"BW64")


def chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """The chunks of the file and those of its LIST/INFO; further RIFF groups of large AVI files too."""
    offset, data_size = 0, 0
    for _ in range(COUNT_LIMIT):
        head = read_at(stream, offset, 12)
        if len(head) < 8:
            return
        kind, size = struct.unpack("<4sI", head[:8])
        if kind in _GROUPS or (kind == b"LIST" and head[8:] == b"INFO"):
            offset += 12
            continue
        if kind == b"ds64":
            sizes = read_at(stream, offset + 16, 8)
            data_size = int.from_bytes(sizes, "little")
        if kind == b"data" and size == _UNKNOWN_SIZE:
            size = data_size
        yield Chunk(kind=kind, offset=offset + 8, size=size)
        offset += 8 + size + (size & 1)


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """XMP: `XMP ` in WebP, `_PMX` in WAV and AVI."""
    for chunk in chunks(stream):
        if chunk.kind in (b"XMP ", b"_PMX"):
            yield payload(stream, chunk, "the XMP chunk")


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """EXIF texts, comments, the writing software and the AIGC label."""
    for chunk in chunks(stream):
        if chunk.kind == b"EXIF":
            raw = payload(stream, chunk, "the EXIF chunk")
            if isinstance(raw, Skipped):
                yield raw
            else:
                yield from tiff.texts(io.BytesIO(raw.removeprefix(b"Exif\0\0")))
        elif key := _TEXTS.get(chunk.kind):
            raw = payload(stream, chunk, f"RIFF {key}")
            yield raw if isinstance(raw, Skipped) else Text(place="RIFF", key=key, value=decoded(raw).strip("\0"))
