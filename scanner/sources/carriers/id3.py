"""ID3 tags, versions 1 and 2.2 to 2.4, and APE tags: at the front of a file, at its end, or in a chunk of another."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, inflated, payload, read_at
from scanner.sources.clean import clean, decoded

_PLACE = "ID3"
_FRAME_LIMIT = 10_000
_ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
# As FFmpeg names them; frames of version 2.2 have three letters.
_NAMES = {
    **dict.fromkeys(("COMM", "COM"), "comment"),
    **dict.fromkeys(("USLT", "ULT"), "lyrics"),
    **dict.fromkeys(("TIT2", "TT2"), "title"),
    **dict.fromkeys(("TPE1", "TP1"), "artist"),
    **dict.fromkeys(("TALB", "TAL"), "album"),
    **dict.fromkeys(("TCOP", "TCR"), "copyright"),
    **dict.fromkeys(("TENC", "TEN"), "encoded_by"),
    **dict.fromkeys(("TSSE", "TSS"), "encoder"),
    **dict.fromkeys(("TPUB", "TPB"), "publisher"),
    **dict.fromkeys(("TIT3", "TT3"), "description"),
    **dict.fromkeys(("WOAS", "WAS"), "WOAS"),
}
_OWN_NAMES = ("TXXX", "TXX", "WXXX", "WXX")
_WITH_LANGUAGE = ("COMM", "COM", "USLT", "ULT")
_PACKET = re.compile(rb"<x:xmpmeta.*</x:xmpmeta>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame: its name and its bytes, unpacked."""

    name: str
    body: bytes


def syncsafe(raw: bytes) -> int:
    """A size of four bytes with seven bits each."""
    size = 0
    for byte in raw[:4]:
        size = size << 7 | byte & 0x7F
    return size


def texts(stream: BinaryIO, start: int = 0) -> Iterator[Text | Skipped]:
    """Every text, comment, lyric and address of the tag that begins at `start`."""
    for frame in _frames(stream, start):
        if isinstance(frame, Skipped):
            yield frame
        elif frame.name[0] in "TW" or frame.name in _WITH_LANGUAGE:
            yield from _texts(frame)


def packets(stream: BinaryIO, start: int = 0) -> Iterator[bytes | Skipped]:
    """XMP of the `PRIV` frame, or of a general object. XMP specification part 3, 1.1.4."""
    for frame in _frames(stream, start):
        if isinstance(frame, Skipped):
            continue
        if frame.name == "PRIV" and frame.body.startswith(b"XMP\0"):
            yield frame.body[4:]
        elif frame.name in ("GEOB", "GEO") and (packet := _PACKET.search(frame.body)):
            yield packet[0]


def end_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """What stands at the end of a sound file: ID3 version 1, APE items, or a version 2.4 tag with a footer."""
    end = stream.seek(0, 2)
    last = read_at(stream, max(end - 128, 0), 128)
    if last.startswith(b"TAG"):
        for key, part in (("title", last[3:33]), ("artist", last[33:63]), ("comment", last[97:127])):
            if value := decoded(part.partition(b"\0")[0]).strip():
                yield Text(place=_PLACE, key=key, value=value)
        end -= 128
    footer = read_at(stream, max(end - 10, 0), 10)
    if footer.startswith(b"3DI"):
        yield from texts(stream, max(end - 20 - syncsafe(footer[6:]), 0))
    yield from _ape(stream, end)


def _ape(stream: BinaryIO, end: int) -> Iterator[Text | Skipped]:
    footer = read_at(stream, max(end - 32, 0), 32)
    size = int.from_bytes(footer[12:16], "little")
    if not footer.startswith(b"APETAGEX") or size > end:
        return
    body = payload(stream, Chunk(kind=b"APE", offset=end - size, size=size - 32), "the APE tag")
    if isinstance(body, Skipped):
        yield body
        return
    at = 0
    for _ in range(min(int.from_bytes(footer[16:20], "little"), _FRAME_LIMIT)):
        length, flags = int.from_bytes(body[at : at + 4], "little"), body[at + 4 : at + 5]
        key, zero, _ = body[at + 8 : at + 264].partition(b"\0")
        at += 8 + len(key) + 1
        if not zero or at > len(body):
            return
        if not flags or not flags[0] & 2:
            yield Text(place="APE", key=clean(decoded(key)), value=decoded(body[at : at + length]))
        at += length


def _frames(stream: BinaryIO, start: int) -> Iterator[Frame | Skipped]:
    head = read_at(stream, start, 10)
    if len(head) < 10 or not head.startswith(b"ID3") or head[3] not in (2, 3, 4):
        return
    version, flags = head[3], head[5]
    body = payload(stream, Chunk(kind=b"ID3", offset=start + 10, size=syncsafe(head[6:])), "the ID3 tag")
    if isinstance(body, Skipped):
        yield body
        return
    if flags & 0x80 and version < 4:
        body = body.replace(b"\xff\0", b"\xff")
    at = _extended(body, version) if flags & 0x40 and version > 2 else 0
    for _ in range(_FRAME_LIMIT):
        found = _short_frame(body, at) if version == 2 else _long_frame(body, at, version)
        if found is None:
            return
        frame, at = found
        yield frame


def _extended(body: bytes, version: int) -> int:
    size = body[:4]
    return syncsafe(size) if version == 4 else 4 + int.from_bytes(size, "big")


def _short_frame(body: bytes, at: int) -> tuple[Frame | Skipped, int] | None:
    name, size = body[at : at + 3], int.from_bytes(body[at + 3 : at + 6], "big")
    if not name.isalnum() or at + 6 > len(body):
        return None
    return Frame(name=name.decode("latin-1"), body=body[at + 6 : at + 6 + size]), at + 6 + size


def _long_frame(body: bytes, at: int, version: int) -> tuple[Frame | Skipped, int] | None:
    name, raw_size, flags = body[at : at + 4], body[at + 4 : at + 8], body[at + 8 : at + 10]
    if not name.isalnum() or len(flags) < 2:
        return None
    # Some writers of version 2.4 give the size as a plain number.
    plain = version == 3 or any(byte & 0x80 for byte in raw_size)
    size = int.from_bytes(raw_size, "big") if plain else syncsafe(raw_size)
    content = body[at + 10 : at + 10 + size]
    return _unpacked(name.decode("latin-1"), content, flags[1], version), at + 10 + size


def _unpacked(name: str, content: bytes, flags: int, version: int) -> Frame | Skipped:
    """Undo grouping, packing and unsynchronisation. ID3v2.3 section 3.3.1, ID3v2.4 section 4.1."""
    packed, encrypted, grouped = (8, 4, 0x40) if version == 4 else (0x80, 0x40, 0x20)
    if flags & encrypted:
        return Skipped(what=f"ID3 {clean(name)} is encrypted")
    content = content[1:] if flags & grouped else content
    if version == 4:
        content = content[4:] if flags & 1 else content
        content = content.replace(b"\xff\0", b"\xff") if flags & 2 else content
    elif flags & packed:
        content = content[4:]
    if not flags & packed:
        return Frame(name=name, body=content)
    plain = inflated(content, f"ID3 {clean(name)}", window=zlib.MAX_WBITS)
    return plain if isinstance(plain, Skipped) else Frame(name=name, body=plain)


def _texts(frame: Frame) -> Iterator[Text]:
    key = _NAMES.get(frame.name, frame.name)
    if frame.name[0] == "W" and frame.name not in _OWN_NAMES:
        yield Text(place=_PLACE, key=key, value=decoded(frame.body.partition(b"\0")[0]))
        return
    wide = frame.body[:1] in (b"\1", b"\2")
    body = frame.body[4:] if frame.name in _WITH_LANGUAGE else frame.body[1:]
    if frame.name in _OWN_NAMES or frame.name in _WITH_LANGUAGE:
        name, body = _split(body, wide=wide)
        named = clean(_decoded(frame.body[0], name)) if frame.body else ""
        key = named if named and frame.name in _OWN_NAMES else key
    encoding = 0 if frame.name in ("WXXX", "WXX") else frame.body[0] if frame.body else 0
    if value := _decoded(encoding, body).strip("\0 \r\n"):
        yield Text(place=_PLACE, key=key, value=value)


def _split(body: bytes, *, wide: bool) -> tuple[bytes, bytes]:
    """A string and what follows its zero, which is two bytes wide and on an even place in UTF-16."""
    if not wide:
        first, _, rest = body.partition(b"\0")
        return first, rest
    at = body.find(b"\0\0")
    while at % 2 and at > 0:
        at = body.find(b"\0\0", at + 1)
    return (body[:at], body[at + 2 :]) if at >= 0 else (b"", body)


def _decoded(encoding: int, raw: bytes) -> str:
    if encoding in (0, 3) or encoding not in _ENCODINGS:
        return decoded(raw)
    return raw.decode(_ENCODINGS[encoding], "replace")
