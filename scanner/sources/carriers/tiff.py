"""TIFF directories: TIFF and DNG files themselves, and EXIF blocks inside other formats. Classic and BigTIFF."""

import struct
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import decoded, decoded_utf16

XMP_TAG = 700
# Nested pictures, EXIF, GPS and interoperability.
_SUB_DIRECTORIES = (330, 0x8769, 0x8825, 0xA005)
IPTC_TAG, PHOTOSHOP_TAG = 33723, 34377
_USER_COMMENT = 0x9286
_NAMES = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x013B: "Artist",
    0x8298: "Copyright",
    _USER_COMMENT: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_WIDE_TAGS = range(0x9C9B, 0x9CA0)
_TEXT_KINDS = (2, 129)
_DIRECTORY_LIMIT = 256
_ENTRY_LIMIT = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a TIFF writes its numbers: byte order, and the wide fields of BigTIFF or not."""

    order: str
    wide: bool

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.wide else "I")

    def number(self, stream: BinaryIO, offset: int, form: str) -> int:
        """One unsigned number; 0 where the file ends before."""
        size = struct.calcsize(form)
        raw = read_at(stream, offset, size)
        return int(struct.unpack(form, raw)[0]) if len(raw) == size else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One tag: its number, type, byte order and where its value lies."""

    tag: int
    kind: int
    order: str
    value: Chunk


def layout(stream: BinaryIO) -> Layout | None:
    """Byte order and width from the first bytes; None when this is no TIFF."""
    head = read_at(stream, 0, 4)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 4:
        return None
    magic = struct.unpack(order + "H", head[2:])[0]
    return Layout(order=order, wide=magic == 43) if magic in (42, 43) else None


def entries(stream: BinaryIO) -> Iterator[Entry]:
    """The tags of all directories, chained and nested; loops and absurd counts end the walk."""
    form = layout(stream)
    if form is None:
        return
    waiting = [form.number(stream, 8 if form.wide else 4, form.offset)]
    seen: set[int] = set()
    while waiting and len(seen) < _DIRECTORY_LIMIT:
        start = waiting.pop(0)
        if start == 0 or start in seen:
            continue
        seen.add(start)
        following = yield from _directory(stream, form, start)
        waiting.extend(following)


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Every text tag, the user comment and the Windows (XP) comments."""
    for entry in entries(stream):
        name = _NAMES.get(entry.tag)
        if name is None and entry.kind not in _TEXT_KINDS:
            continue
        raw = payload(stream, entry.value, f"EXIF {name or hex(entry.tag)}")
        if isinstance(raw, Skipped):
            yield raw
        elif value := _text(entry, raw).strip("\0 "):
            yield Text(place="EXIF", key=name or f"0x{entry.tag:04X}", value=value)


def _directory(stream: BinaryIO, form: Layout, start: int) -> Generator[Entry, None, list[int]]:
    # A generator that also returns where to go next: the sub-directories and the next directory in the chain.
    head, width = (8, 20) if form.wide else (2, 12)
    count = form.number(stream, start, form.order + ("Q" if form.wide else "H"))
    table = read_at(stream, start + head, min(count, _ENTRY_LIMIT) * width)
    following: list[int] = []
    for at in range(0, len(table) - width + 1, width):
        entry = _entry(form, table[at : at + width], start + head + at)
        if entry.tag in _SUB_DIRECTORIES:
            step = _SIZES.get(entry.kind, 0)
            for place in range(min(entry.value.size // step if step else 0, 16)):
                offset = form.order + ("Q" if step == 8 else "I")
                following.append(form.number(stream, entry.value.offset + place * step, offset))
        yield entry
    following.append(form.number(stream, start + head + count * width, form.offset))
    return following


def _entry(form: Layout, raw: bytes, at: int) -> Entry:
    tag, kind, count = struct.unpack_from(form.order + ("HHQ" if form.wide else "HHI"), raw)
    size = count * _SIZES.get(kind, 1)
    inline = size <= (8 if form.wide else 4)
    field = 12 if form.wide else 8
    offset = at + field if inline else int(struct.unpack_from(form.offset, raw, field)[0])
    return Entry(tag=tag, kind=kind, order=form.order, value=Chunk(kind=b"tag", offset=offset, size=size))


def _text(entry: Entry, raw: bytes) -> str:
    if entry.tag in _WIDE_TAGS:
        return decoded_utf16(raw, big=False)
    if entry.tag != _USER_COMMENT:
        return decoded(raw)
    charset, comment = raw[:8].rstrip(b"\0 ").upper(), raw[8:]
    if charset == b"UNICODE":
        # By the standard in the file's own order; writers disagree, so the zeros decide.
        return decoded_utf16(comment, big=entry.order == ">")
    if charset == b"JIS":
        return comment.decode("iso2022_jp", "replace")
    return decoded(comment if charset in (b"ASCII", b"") else raw)
