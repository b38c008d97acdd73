"""JPEG marker segments up to the picture data: comments, EXIF, IPTC, XMP and extended XMP; and what follows its end.

A file of several pictures (CIPA DC-007) tells in its first one where the others begin: theirs are read too.
"""

import io
import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import photoshop, tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, read_at
from scanner.sources.clean import decoded

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_APP1, _APP2 = b"\xe1", b"\xe2"
_MULTI_PICTURE = b"MPF\0"
_PICTURES_TAG, _PICTURES_LIMIT = 0xB002, 64
_COMMENT = b"\xfe"
EDITED = b"PhotoEditor_Re_Edit_Data"
_TRAILER = 1 << 19
_BARE_AIGC = re.compile(rb"AIGC\s*(\{.*)", re.DOTALL)


def segments(stream: BinaryIO, start: int = 0) -> Iterator[Chunk]:
    """The segments of a picture before its data; stops at SOS, EOI or where the chain of markers breaks."""
    offset = start + 2
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
    """Comments, EXIF and IPTC texts, and an `AIGC{...}` label that stands bare in an application segment."""
    resources = b""
    for segment in _all_segments(stream):
        raw = read_at(stream, segment.offset, segment.size)
        if segment.kind == _COMMENT:
            yield Text(place="JPEG", key="comment", value=decoded(raw).strip("\0"))
        elif raw.startswith(b"Exif\0\0"):
            yield from tiff.texts(io.BytesIO(raw[6:]))
        elif raw.startswith(photoshop.SIGNATURE):
            # What does not fit into one segment goes on in the next.
            resources += raw[len(photoshop.SIGNATURE) :]
        elif b"\xe0" <= segment.kind <= b"\xef" and (label := _BARE_AIGC.match(raw)):
            yield Text(place="JPEG", key="AIGC", value=decoded(label[1]).strip("\0"))
    yield from photoshop.texts(io.BytesIO(resources), 0, len(resources))
    yield from _trailer(stream)


def _trailer(stream: BinaryIO) -> Iterator[Text]:
    """What Samsung's gallery keeps of its edits behind the picture."""
    end = stream.seek(0, 2)
    tail = read_at(stream, max(end - _TRAILER, 0), _TRAILER)
    if (at := tail.find(EDITED)) >= 0:
        yield Text(place="JPEG", key=EDITED.decode("ascii"), value=decoded(tail[at + len(EDITED) :][:8000]))


def _all_segments(stream: BinaryIO) -> Iterator[Chunk]:
    """The segments of the first picture, then those of each further one that it names."""
    others: list[int] = []
    for segment in segments(stream):
        if segment.kind == _APP2 and read_at(stream, segment.offset, 4) == _MULTI_PICTURE:
            others = _other_pictures(stream, segment)
        yield segment
    for start in others:
        if read_at(stream, start, 2) == b"\xff\xd8":
            yield from segments(stream, start)


def _other_pictures(stream: BinaryIO, segment: Chunk) -> list[int]:
    """Where they begin: 16 bytes for each picture, with the distance from the index in the third number."""
    raw = read_at(stream, segment.offset + 4, segment.size - 4)
    index = io.BytesIO(raw)
    form = tiff.layout(index)
    entry = next((entry for entry in tiff.entries(index) if entry.tag == _PICTURES_TAG), None)
    if form is None or entry is None:
        return []
    count = min(entry.value.size // 16, _PICTURES_LIMIT)
    places = (form.number(index, entry.value.offset + 16 * number + 8, form.offset) for number in range(count))
    return [segment.offset + 4 + place for place in places if place]


def packets(stream: BinaryIO) -> Iterator[bytes]:
    """The XMP packet, and each extended one put together from its parts in the order of their offsets."""
    parts: dict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for segment in _all_segments(stream):
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
