"""Tags of Matroska and WebM: simple tags, names of file and tracks, and attached XMP. Clusters are stepped over."""

from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import clean, decoded

_PLACE = "Matroska tag"
_SEGMENT = 0x18538067
_SEEK_HEAD, _SEEK, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AC
_TAGS, _TAG, _SIMPLE_TAG = 0x1254C367, 0x7373, 0x67C8
_TAG_NAME, _TAG_STRING, _TAG_BINARY = 0x45A3, 0x4487, 0x4485
_INFO, _TRACKS, _TRACK = 0x1549A966, 0x1654AE6B, 0xAE
_ATTACHMENTS, _ATTACHED, _ATTACHED_DATA = 0x1941A469, 0x61A7, 0x465C
_NAMES = {0x7BA9: "title", 0x5741: "encoder", 0x4D80: "muxer", 0x536E: "track name"}
_PARENTS = (_TAGS, _TAG, _INFO, _TRACKS, _TRACK, _SEEK_HEAD)
_ELEMENT_LIMIT = 100_000
_DEPTH_LIMIT = 16
_ATTACHED_LIMIT = 4 << 20


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Every simple tag, also of nested ones, and the names that the file and its tracks bear."""
    for number, element in _elements(stream):
        if number == _SIMPLE_TAG:
            yield from _simple_tag(stream, element, 0)
        elif name := _NAMES.get(number):
            raw = payload(stream, element, f"the Matroska {name}")
            yield raw if isinstance(raw, Skipped) else Text(place=_PLACE, key=name, value=_words(raw))


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """XMP among the attachments."""
    for number, element in _elements(stream):
        if number == _ATTACHMENTS:
            for attached, file in _within(stream, element):
                if attached == _ATTACHED:
                    yield from _attached(stream, file)


def _attached(stream: BinaryIO, file: Chunk) -> Iterator[bytes]:
    for number, data in _within(stream, file):
        if number == _ATTACHED_DATA and data.size <= _ATTACHED_LIMIT:
            raw = read_at(stream, data.offset, data.size)
            if b"<x:xmpmeta" in raw or b"<rdf:RDF" in raw:
                yield raw


def _simple_tag(stream: BinaryIO, tag: Chunk, depth: int) -> Iterator[Text | Skipped]:
    name = ""
    for number, element in _within(stream, tag):
        if number == _TAG_NAME:
            name = clean(_words(read_at(stream, element.offset, min(element.size, 1000))))
        elif number in (_TAG_STRING, _TAG_BINARY):
            raw = payload(stream, element, f"the Matroska tag {name}")
            yield raw if isinstance(raw, Skipped) else Text(place=_PLACE, key=name, value=_words(raw))
        elif number == _SIMPLE_TAG and depth < _DEPTH_LIMIT:
            yield from _simple_tag(stream, element, depth + 1)


def _elements(stream: BinaryIO) -> Iterator[tuple[int, Chunk]]:
    """The elements of the segment and of its parents of metadata, and those to which its index points."""
    end = stream.seek(0, 2)
    waiting = [Chunk(kind=b"file", offset=0, size=end)]
    seen: set[int] = set()
    for _ in range(_ELEMENT_LIMIT):
        if not waiting:
            return
        here = waiting.pop()
        found = _element(stream, here.offset, here.offset + here.size)
        if found is None or here.offset in seen:
            continue
        seen.add(here.offset)
        number, element = found
        after = element.offset + element.size
        waiting.append(Chunk(kind=b"", offset=after, size=max(here.offset + here.size - after, 0)))
        yield number, element
        if number in _PARENTS:
            waiting.append(element)
        if number == _SEEK_HEAD:
            waiting[:0] = _pointed_at(stream, element, end)


def _pointed_at(stream: BinaryIO, seek_head: Chunk, end: int) -> list[Chunk]:
    """Where the index says that elements lie; its places count from the segment's first byte."""
    first = _segment_start(stream)
    places = [
        first + int.from_bytes(read_at(stream, position.offset, min(position.size, 8)), "big")
        for number, seek in _within(stream, seek_head)
        if number == _SEEK
        for inner, position in _within(stream, seek)
        if inner == _SEEK_POSITION
    ]
    return [Chunk(kind=b"", offset=place, size=end - place) for place in places[:100] if place < end]


def _segment_start(stream: BinaryIO) -> int:
    head = _element(stream, 0, 1 << 62)
    segment = _element(stream, head[1].offset + head[1].size, 1 << 62) if head else None
    return segment[1].offset if segment and segment[0] == _SEGMENT else 0


def _within(stream: BinaryIO, parent: Chunk) -> Iterator[tuple[int, Chunk]]:
    at, stop = parent.offset, parent.offset + parent.size
    for _ in range(_ELEMENT_LIMIT):
        found = _element(stream, at, stop)
        if found is None:
            return
        yield found
        at = found[1].offset + found[1].size


def _element(stream: BinaryIO, at: int, stop: int) -> tuple[int, Chunk] | None:
    """The element at a place. A segment, and a cluster of unknown size, is entered: its size counts as nothing."""
    head = read_at(stream, at, min(12, stop - at))
    id_width = 9 - head[0].bit_length() if head else 9
    if id_width > 4 or len(head) <= id_width:
        return None
    size_width = 9 - head[id_width].bit_length()
    raw = head[id_width : id_width + size_width]
    if size_width > 8 or len(raw) < size_width:
        return None
    number = int.from_bytes(head[:id_width], "big")
    size = int.from_bytes(raw, "big") & ((1 << 7 * size_width) - 1)
    start = at + id_width + size_width
    if number == _SEGMENT or size == (1 << 7 * size_width) - 1:
        size = 0
    return number, Chunk(kind=b"EBML", offset=start, size=min(size, max(stop - start, 0)))


def _words(raw: bytes) -> str:
    return decoded(raw.strip(b"\0"))
