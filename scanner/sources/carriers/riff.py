"""RIFF chunks: WebP, WAV (also RIFX, RF64, BW64) and AVI; and AIFF, which is built alike."""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import id3, markup, tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import clean, decoded

_UNKNOWN_SIZE = 0xFFFFFFFF
_GROUPS = (b"RIFF", b"RF64", b"BW64", b"RIFX")
# Lists that hold texts; the one that holds an AVI's frames is stepped over.
_LISTS = (b"INFO", b"adtl", b"exif", b"hdrl", b"strl")
_LABELS = (b"labl", b"note", b"ltxt")
_TEXTS = {
    b"AIGC": "AIGC",
    b"ICMT": "comment",
    b"ISFT": "Software",
    b"INAM": "title",
    b"IART": "artist",
    b"ICOP": "copyright",
    b"ISBJ": "subject",
    b"IKEY": "keywords",
    b"ISRC": "source",
    b"IENG": "engineer",
    b"ITCH": "technician",
    b"IPRD": "album",
    b"NAME": "title",
    b"AUTH": "artist",
    b"(c) ": "copyright",
    b"ANNO": "comment",
    b"strn": "stream name",
}
# EBU Tech 3285: fixed fields of the broadcast extension, then the coding history.
_BROADCAST = (("description", 0, 256), ("originator", 256, 32), ("originator_reference", 288, 32))
_CODING_HISTORY = 602
_XML = {b"iXML": "iXML", b"axml": "axml", b"link": "link"}
_AIFF_XMP = b"XMP "


def chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """The chunks of the file and those of its lists of texts; further RIFF groups of large AVI files too."""
    order = ">" if read_at(stream, 0, 4) in (b"RIFX", b"FORM") else "<"
    offset, data_size = 0, 0
    for _ in range(COUNT_LIMIT):
        head = read_at(stream, offset, 12)
        if len(head) < 8:
            return
        kind, size = struct.unpack(order + "4sI", head[:8])
        if kind in _GROUPS or (kind == b"FORM" and not offset) or (kind == b"LIST" and head[8:] in _LISTS):
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
    """XMP: `XMP ` in WebP, `_PMX` in WAV and AVI, an application chunk in AIFF; or in an ID3 tag within."""
    for chunk in chunks(stream):
        if chunk.kind in (b"XMP ", b"_PMX"):
            yield payload(stream, chunk, "the XMP chunk")
        elif chunk.kind == b"APPL" and read_at(stream, chunk.offset, 4) == _AIFF_XMP:
            rest = Chunk(kind=chunk.kind, offset=chunk.offset + 4, size=chunk.size - 4)
            yield payload(stream, rest, "the XMP chunk")
        elif chunk.kind in (b"id3 ", b"ID3 "):
            yield from id3.packets(stream, chunk.offset)


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """EXIF texts, every text of the INFO list, the broadcast extension, iXML, ID3 and the AIGC label."""
    for chunk in chunks(stream):
        if chunk.kind in (b"id3 ", b"ID3 "):
            yield from id3.texts(stream, chunk.offset)
        elif chunk.kind in (b"EXIF", b"bext", b"COMT") or chunk.kind in _XML or chunk.kind in _LABELS:
            raw = payload(stream, chunk, f"the {clean(decoded(chunk.kind))} chunk")
            yield from (raw,) if isinstance(raw, Skipped) else _structured(chunk.kind, raw)
        elif key := _key(chunk.kind):
            raw = payload(stream, chunk, f"RIFF {key}")
            yield raw if isinstance(raw, Skipped) else Text(place="RIFF", key=key, value=decoded(raw).strip("\0"))


def _key(kind: bytes) -> str | None:
    # INFO's own names are `I` and three capitals.
    unnamed = kind[:1] == b"I" and kind.isalnum() and kind.isupper() and kind != b"ICCP"
    return _TEXTS.get(kind) or (kind.decode("ascii") if unnamed else None)


def _structured(kind: bytes, raw: bytes) -> Iterator[Text | Skipped]:
    if kind == b"EXIF":
        yield from tiff.texts(io.BytesIO(raw.removeprefix(b"Exif\0\0")))
    elif kind == b"bext":
        yield from _broadcast(raw)
    elif kind == b"COMT":
        yield from _aiff_comments(raw)
    elif kind in _LABELS:
        yield Text(place="RIFF", key="label", value=decoded(raw[4:].strip(b"\0")))
    else:
        yield from markup.texts(_XML[kind], raw)


def _broadcast(raw: bytes) -> Iterator[Text]:
    for key, at, size in _BROADCAST:
        if value := decoded(raw[at : at + size].partition(b"\0")[0]).strip():
            yield Text(place="bext", key=key, value=value)
    if history := decoded(raw[_CODING_HISTORY:].strip(b"\0")).strip():
        yield Text(place="bext", key="coding_history", value=history)


def _aiff_comments(raw: bytes) -> Iterator[Text]:
    at = 2
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at + 6 : at + 8], "big")
        yield Text(place="AIFF", key="comment", value=decoded(raw[at + 8 : at + 8 + size]))
        at += 8 + size + (size & 1)
