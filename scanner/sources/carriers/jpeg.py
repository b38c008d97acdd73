"""JPEG marker segments up to the picture data: comments, EXIF, XMP and extended XMP."""

import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, read_at
from scanner.sources.clean import decoded

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_APP1 = b"\xe1"
_COMMENT = b"\xfe"
_BARE_AIGC = re.compile(rb"AIGC\s*(\{.*)", re.DOTALL)


def segments(stream: BinaryIO) -> Iterator[Chunk]:
    """The segments before the picture data; stops at SOS, EOI or where the chain of markers breaks."""
    offset = 2
    for _ in range(COUNT_LIMIT):
        head = read_at(stream, offset, 4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xDA, 0xD9):
            return
        if head[1] == 0xFF:
            offset += 1
            continue
        size = struct.unpack(">H", head[2:])[0]
        if size < 2:
            return
        yield Chunk(kind=head[1:2], offset=offset + 4, size=size - 2)
        offset += 2 + size


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Comments, EXIF texts, and an `AIGC{...}` label that stands bare in an application segment."""
    for segment in segments(stream):
        raw = read_at(stream, segment.offset, segment.size)
        if segment.kind == _COMMENT:
            yield Text(place="JPEG", key="comment", value=decoded(raw).strip("\0"))
        elif raw.startswith(b"Exif\0\0"):
            yield from tiff.texts(io.BytesIO(raw[6:]))
        elif b"\xe0" <= segment.kind <= b"\xef" and (label := _BARE_AIGC.match(raw)):
            yield Text(place="JPEG", key="AIGC", value=decoded(label[1]).strip("\0"))


def packets(stream: BinaryIO) -> Iterator[bytes]:
    """The XMP packet, and each extended one put together from its parts in the order of their offsets."""
    parts: dict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for segment in segments(stream):
        if segment.kind != _APP1:
            continue
        raw = read_at(stream, segment.offset, segment.size)
        if raw.startswith(_XMP):
            yield raw[len(_XMP) :]
        elif raw.startswith(_EXTENDED) and len(raw) > len(_EXTENDED) + 40:
            body = raw[len(_EXTENDED) :]
            parts[body[:32]].append((int.from_bytes(body[36:40], "big"), body[40:]))
    for pieces in parts.values():
        yield b"".join(piece for _, piece in sorted(pieces, key=lambda part: part[0]))
