"""Headers of the frames of an image sequence: OpenEXR attributes and DPX text fields. Pixels are never read."""

from collections.abc import Iterator
from typing import BinaryIO, Literal

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import clean, decoded

_EXR_ATTRIBUTES = 100_000
# Bit 12 of the version field.
_EXR_MULTIPART = 0x10
# A kind of `string` or `stringvector`, or raw bytes that may be text: XMP, JSON.
_EXR_TEXT, _EXR_LIST = (b"string", b"bytes", b"opaque"), b"stringvector"
# SMPTE ST 268: name, first byte and length of every text field of the header.
_DPX = (
    ("file name", 36, 100),
    ("creator", 160, 100),
    ("project", 260, 200),
    ("copyright", 460, 200),
    *((f"element {number + 1} description", 820 + 72 * number, 32) for number in range(8)),
    ("source file name", 1432, 100),
    ("input device", 1556, 32),
    ("input serial number", 1588, 32),
    ("film format", 1680, 32),
    ("frame identification", 1732, 32),
    ("slate information", 1764, 100),
    ("user identification", 2048, 32),
)
_DPX_USER_DATA, _DPX_USER_LIMIT = 2080, 1 << 20


def exr_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The text attributes of every part of an OpenEXR header."""
    many = bool((read_at(stream, 5, 1) or b"\0")[0] & _EXR_MULTIPART)
    offset, begun = 8, False
    for _ in range(_EXR_ATTRIBUTES):
        name, kind, *_ = (*read_at(stream, offset, 514).split(b"\0", 2), b"", b"")
        if not name:
            # An empty name ends the header of a part; of several parts, a second one ends them all.
            if not begun or not many:
                return
            offset, begun = offset + 1, False
            continue
        if not kind or len(name) > 255:
            return
        offset, begun = offset + len(name) + len(kind) + 2, True
        size = int.from_bytes(read_at(stream, offset, 4), "little")
        value = Chunk(kind=kind, offset=offset + 4, size=size)
        if kind in _EXR_TEXT or kind == _EXR_LIST:
            yield from _attribute(stream, clean(decoded(name), 64), value)
        offset += 4 + size


def dpx_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The text fields of a DPX header, and its user data where they are text."""
    head = read_at(stream, 0, _DPX_USER_DATA)
    order: Literal["little", "big"] = "little" if head[:4] == b"XPDS" else "big"
    for key, at, size in _DPX:
        if value := _field(head[at : at + size]):
            yield Text(place="DPX", key=key, value=value)
    length = int.from_bytes(head[32:36], order)
    if 32 < length <= _DPX_USER_LIMIT and (value := _field(read_at(stream, _DPX_USER_DATA, length - 32))):
        yield Text(place="DPX", key="user data", value=value)


def _field(raw: bytes) -> str:
    """A text ended by a zero; unset fields are filled with zeros or ones."""
    text = raw.partition(b"\0")[0].strip()
    return "" if not text or text.startswith(b"\xff") else decoded(text)


def _attribute(stream: BinaryIO, key: str, value: Chunk) -> Iterator[Text | Skipped]:
    raw = payload(stream, value, f"EXR {key}")
    if isinstance(raw, Skipped):
        yield raw
    elif value.kind != _EXR_LIST:
        yield Text(place="EXR", key=key, value=decoded(raw.strip(b"\0")))
    else:
        at = 0
        while at + 4 <= len(raw):
            size = int.from_bytes(raw[at : at + 4], "little")
            yield Text(place="EXR", key=key, value=decoded(raw[at + 4 : at + 4 + size]))
            at += 4 + size
