"""Vorbis comments: in FLAC's metadata blocks and in the first packets of an Ogg stream (Vorbis, Opus, Theora, FLAC)."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import id3
from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import clean, decoded

_PLACE = "Vorbis comment"
_COMMENT_LIMIT = 100_000
_BLOCK_LIMIT = 1000
_PAGE_LIMIT = 2000
_HEADER_LIMIT = 16 << 20
_COMMENT, _APPLICATION = 4, 2
_OGG_HEADS = (b"\x03vorbis", b"OpusTags", b"\x81theora", b"\x84daala")
_PACKET = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.DOTALL)


def flac_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The comments of a FLAC file, and the texts of an ID3 tag in front of it."""
    yield from id3.texts(stream)
    for kind, block in _flac_blocks(stream):
        if kind == _COMMENT:
            raw = payload(stream, block, "the Vorbis comments")
            yield from (raw,) if isinstance(raw, Skipped) else comments(raw)
    yield from id3.end_texts(stream)


def flac_packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """XMP in an application block (also of a WAV or AIFF that was packed with its chunks), or in an ID3 tag."""
    yield from id3.packets(stream)
    for kind, block in _flac_blocks(stream):
        if kind == _APPLICATION:
            raw = payload(stream, block, "an application block")
            yield from (raw,) if isinstance(raw, Skipped) else _PACKET.findall(raw)


def ogg_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The comments of every stream of an Ogg file."""
    for packet in _ogg_heads(stream):
        if head := next((head for head in _OGG_HEADS if packet.startswith(head)), None):
            yield from comments(packet[len(head) :])
        elif packet[:1] == b"\x04" or packet[:1] == b"\x84":
            yield from comments(packet[4:])


def comments(raw: bytes) -> Iterator[Text]:
    """The comments of a block: the writer's name, then `NAME=value` each, with its length in front."""
    size = int.from_bytes(raw[:4], "little")
    if vendor := raw[4 : 4 + size]:
        yield Text(place=_PLACE, key="vendor", value=decoded(vendor))
    at = 4 + size
    count = int.from_bytes(raw[at : at + 4], "little")
    at += 4
    for _ in range(min(count, _COMMENT_LIMIT)):
        length = int.from_bytes(raw[at : at + 4], "little")
        name, equals, value = raw[at + 4 : at + 4 + length].partition(b"=")
        if equals and not name.upper().startswith(b"METADATA_BLOCK_PICTURE"):
            yield Text(place=_PLACE, key=clean(decoded(name)), value=decoded(value))
        at += 4 + length
        if at >= len(raw):
            return


def _flac_blocks(stream: BinaryIO) -> Iterator[tuple[int, Chunk]]:
    head = read_at(stream, 0, 10)
    at = 10 + id3.syncsafe(head[6:]) if head.startswith(b"ID3") else 0
    if read_at(stream, at, 4) != b"fLaC":
        return
    at += 4
    for _ in range(_BLOCK_LIMIT):
        head = read_at(stream, at, 4)
        if len(head) < 4:
            return
        size = int.from_bytes(head[1:], "big")
        yield head[0] & 0x7F, Chunk(kind=b"FLAC", offset=at + 4, size=size)
        if head[0] & 0x80:
            return
        at += 4 + size


def _ogg_heads(stream: BinaryIO) -> Iterator[bytes]:
    """The packets at the beginning of each stream, put together from their pages: the first four of each at most."""
    begun: dict[bytes, bytes] = {}
    finished: dict[bytes, int] = {}
    at, read = 0, 0
    for _ in range(_PAGE_LIMIT):
        head = read_at(stream, at, 27)
        if len(head) < 27 or not head.startswith(b"OggS") or read > _HEADER_LIMIT:
            return
        table = read_at(stream, at + 27, head[26])
        body = read_at(stream, at + 27 + len(table), sum(table))
        serial, at, read = head[14:18], at + 27 + len(table) + sum(table), read + len(body)
        begun.setdefault(serial, b"")
        if finished.get(serial, 0) < 4:
            yield from _packets(serial, table, body, begun, finished)
        elif all(count >= 4 for count in finished.values()) and len(finished) == len(begun):
            return


def _packets(
    serial: bytes, table: bytes, body: bytes, begun: dict[bytes, bytes], finished: dict[bytes, int]
) -> Iterator[bytes]:
    start = 0
    for length in table:
        begun[serial] += body[start : start + length]
        start += length
        if length < 255:
            yield begun[serial]
            begun[serial] = b""
            finished[serial] = finished.get(serial, 0) + 1
