"""Tags of MP4 and MOV: user data, metadata items with keys, iTunes's with and without names, and track names."""

from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at
from scanner.sources.carriers.boxes import boxes, in_meta, within
from scanner.sources.clean import clean, decoded

_PLACE = "MP4 tag"
# As FFmpeg names them; the same tag has one name in every container.
_NAMES = {
    b"\xa9cmt": "comment",
    b"\xa9nam": "title",
    b"\xa9des": "description",
    b"desc": "description",
    b"dscp": "description",
    b"ldes": "synopsis",
    b"titl": "title",
    b"\xa9too": "encoder",
    b"\xa9enc": "encoder",
    b"\xa9swr": "software",
    b"\xa9ART": "artist",
    b"\xa9aut": "artist",
    b"auth": "artist",
    b"\xa9cpy": "copyright",
    b"cprt": "copyright",
    b"\xa9inf": "information",
    b"\xa9key": "keywords",
    b"keyw": "keywords",
    b"\xa9mak": "make",
    b"\xa9mod": "model",
    b"\xa9src": "source",
    b"\xa9lyr": "lyrics",
}
_PREFIXES = ("com.apple.quicktime.", "com.android.")
# 3GPP's text boxes: version and flags, then a language, then the text.
_ASSET_BOXES = (b"titl", b"dscp", b"cprt", b"auth", b"perf", b"gnre", b"albm")
_NOT_TEXT = (b"XMP_", b"meta", b"Xtra", b"thmb", b"uuid", b"free", b"chpl")
# QuickTime's well-known types: UTF-8, UTF-16, and the untyped, which may be text.
_TEXT_TYPES, _WIDE_TYPES = (0, 1, 4), (2, 5)
_KEY_LIMIT = 10_000


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Every tag that can be text, of the film and of its tracks, wherever the file keeps it."""
    for box in boxes(stream):
        if box.kind == b"udta":
            for child in within(stream, box):
                yield from _user_data(stream, child)
        elif box.kind == b"meta":
            yield from _meta(stream, box)
        elif box.kind == b"hdlr":
            yield from _text("handler_name", read_at(stream, box.offset + 24, min(box.size - 24, 1000)))
        elif box.kind == b"stsd":
            yield from _compressor(stream, box)
        elif box.kind == b"AIGC":
            yield from _raw(stream, box, "AIGC")


def _user_data(stream: BinaryIO, box: Chunk) -> Iterator[Text | Skipped]:
    if box.kind in _NOT_TEXT or box.size < 1:
        return
    key = _NAMES.get(box.kind) or _fourcc(box.kind)
    head = read_at(stream, box.offset, 16)
    if head[4:8] == b"data":
        yield from _values(stream, box, key)
    elif box.kind[:1] == b"\xa9" and box.size > 4:
        yield from _international(stream, box, key)
    elif box.kind in _ASSET_BOXES and head[:4] == bytes(4):
        yield from _raw(stream, Chunk(kind=box.kind, offset=box.offset + 6, size=box.size - 6), key)
    elif box.kind != b"AIGC":
        yield from _raw(stream, box, key)


def _international(stream: BinaryIO, box: Chunk, key: str) -> Iterator[Text | Skipped]:
    """QuickTime's text: length, language, text, for each language."""
    offset, stop = box.offset, box.offset + box.size
    for _ in range(100):
        size = int.from_bytes(read_at(stream, offset, 2), "big")
        if offset + 4 >= stop or not size:
            return
        yield from _text(key, read_at(stream, offset + 4, min(size, stop - offset - 4)))
        offset += 4 + size


def _meta(stream: BinaryIO, meta: Chunk) -> Iterator[Text | Skipped]:
    inside = list(in_meta(stream, meta))
    keys = [key for box in inside if box.kind == b"keys" for key in _keys(stream, box)]
    for box in inside:
        if box.kind == b"ilst":
            for item in within(stream, box):
                yield from _item(stream, item, keys)


def _keys(stream: BinaryIO, box: Chunk) -> Iterator[str]:
    for number, key in enumerate(within(stream, box, 8)):
        if number >= _KEY_LIMIT:
            return
        name = clean(decoded(read_at(stream, key.offset, min(key.size, 1000))))
        yield next((name.removeprefix(start) for start in _PREFIXES if name.startswith(start)), name)


def _item(stream: BinaryIO, item: Chunk, keys: list[str]) -> Iterator[Text | Skipped]:
    number = int.from_bytes(item.kind, "big")
    key = keys[number - 1] if 0 < number <= len(keys) else _NAMES.get(item.kind) or _fourcc(item.kind)
    if item.kind == b"----":
        named = next((box for box in within(stream, item) if box.kind == b"name"), None)
        key = clean(decoded(read_at(stream, named.offset + 4, min(named.size - 4, 1000)))) if named else key
    yield from _values(stream, item, key)


def _values(stream: BinaryIO, item: Chunk, key: str) -> Iterator[Text | Skipped]:
    # Without any `data` box the value stands bare: writers who leave the keys out do that too.
    children = [box for box in within(stream, item) if box.kind == b"data"]
    if not children and item.kind != b"----":
        yield from _raw(stream, item, key)
    for box in children[:1000]:
        kind = int.from_bytes(read_at(stream, box.offset, 4), "big") & 0xFFFFFF
        value = Chunk(kind=box.kind, offset=box.offset + 8, size=box.size - 8)
        if kind in _TEXT_TYPES:
            yield from _raw(stream, value, key)
        elif kind in _WIDE_TYPES:
            wide = read_at(stream, value.offset, value.size).decode("utf-16-be", "replace")
            yield Text(place=_PLACE, key=key, value=wide)


def _raw(stream: BinaryIO, box: Chunk, key: str) -> Iterator[Text | Skipped]:
    raw = payload(stream, box, f"the tag {key}")
    yield from (raw,) if isinstance(raw, Skipped) else _text(key, raw)


def _text(key: str, raw: bytes) -> Iterator[Text]:
    """What begins with control bytes is a number or a picture, unless a label follows them."""
    body = raw.strip(b"\0 \r\n\t")
    if key == "handler_name" and body and body[0] == len(body) - 1:
        body = body[1:]
    if body[:1] >= b" " or (body := body[body.find(b"{") :] if b"{" in body[:16] else b""):
        yield Text(place=_PLACE, key=key, value=decoded(body))


def _compressor(stream: BinaryIO, box: Chunk) -> Iterator[Text]:
    """The encoder's name in a picture's sample description: a counted string of at most 31 bytes."""
    for entry in within(stream, box, 8):
        raw = read_at(stream, entry.offset + 42, 32) if entry.size >= 78 else b""
        name = raw[1 : 1 + raw[0]] if raw and raw[0] < 32 else b""
        if name.isascii() and name.decode("ascii").isprintable():
            yield from _text("encoder", name)


def _fourcc(kind: bytes) -> str:
    return clean(kind.decode("latin-1"))
