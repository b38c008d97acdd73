"""MXF: texts of the header metadata, and XMP there, in generic streams and wherever else it lies beside the essence.

The file is walked from partition to partition, so that no essence is read. SMPTE ST 377-1 (partitions, local sets),
ST 410 (generic streams), RP 2057 (text documents in them).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, read_at
from scanner.sources.clean import clean, decoded

_PLACE = "MXF"
_PARTITION = bytes.fromhex("060e2b34020501010d010201")
# Byte 14 of its key: header, body or footer partition.
_PARTITION_KINDS = (2, 3, 4)
_RANDOM_INDEX = bytes.fromhex("060e2b34020501010d01020101110100")
_LOCAL_SET = bytes.fromhex("060e2b34025301")
_LABEL = bytes.fromhex("060e2b34")
# Bytes 9 to 12 of the keys of essence, and of fill items.
_ESSENCE, _FILL = bytes.fromhex("0d010301"), bytes.fromhex("03010210")
_RUN_IN = 65536
_PARTITION_LIMIT = 2000
_METADATA_LIMIT = 64 << 20
_SET_LIMIT = 100_000
# Local tags of ST 377-1, annex A and of the user comments of ST 377-1, B.27.
_NAMES = {
    0x3C01: "company",
    0x3C02: "product",
    0x3C04: "product version",
    0x4402: "package name",
    0x4B02: "track name",
}
_COMMENT_NAME, _COMMENT_VALUE = 0x5001, 0x5003
# Local tags from here on are given by the file's own primer: descriptive schemes, and what makers add.
_OF_THE_FILE = 0x8000
# An indirect value names its type first: byte order and a label.
_INDIRECT = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class _Partition:
    offset: int
    body: int
    previous: int
    footer: int
    metadata_size: int
    index_size: int


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Names of products and packages, and user comments, of every partition's header metadata, each once."""
    seen: set[Text] = set()
    for block in _metadata(stream):
        if isinstance(block, Skipped):
            yield block
            continue
        for text in _of_sets(block):
            if text not in seen:
                seen.add(text)
                yield text


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """XMP packets in header metadata and in generic streams, as they stand, and in UTF-16."""
    for block in _metadata(stream):
        if isinstance(block, Skipped):
            yield block
        else:
            yield from _in(block, "<x:xmpmeta", "</x:xmpmeta>", "utf-8")
            yield from _in(block, "<x:xmpmeta", "</x:xmpmeta>", "utf-16-be")


def _in(block: bytes, begins: str, ends: str, encoding: str) -> Iterator[bytes]:
    first, last = begins.encode(encoding), ends.encode(encoding)
    at = block.find(first)
    while at >= 0:
        end = block.find(last, at)
        stop = end + len(last) if end >= 0 else len(block)
        yield block[at:stop].decode(encoding, "replace").encode()
        at = block.find(first, stop)


def _metadata(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The header metadata of every partition, and the first item of every partition that holds no essence."""
    left = _METADATA_LIMIT
    for partition in _partitions(stream):
        left -= partition.metadata_size
        if left < 0:
            yield Skipped(what=f"MXF metadata after the first {_METADATA_LIMIT >> 20} MiB")
            return
        if partition.metadata_size:
            # Fill items may stand between the pack and the metadata, and are not counted.
            yield read_at(stream, partition.body, partition.metadata_size + 4096)
        yield from _generic_stream(stream, partition.body + partition.metadata_size + partition.index_size)


def _generic_stream(stream: BinaryIO, at: int) -> Iterator[bytes | Skipped]:
    for _ in range(4):
        item = _item(stream, at)
        if item is None or _is_partition(item.kind) or item.kind[8:12] == _ESSENCE:
            return
        if item.kind[8:12] != _FILL:
            if item.size > _METADATA_LIMIT:
                yield Skipped(what=f"an MXF stream longer than {_METADATA_LIMIT >> 20} MiB")
            else:
                yield read_at(stream, item.offset, item.size)
        at = item.offset + item.size


def _partitions(stream: BinaryIO) -> Iterator[_Partition]:
    """The header partition, then those that the random index names, or else backwards from the footer."""
    run_in = max(read_at(stream, 0, _RUN_IN).find(_PARTITION), 0)
    seen: set[int] = set()
    waiting = [0, *_indexed(stream)]
    while waiting and len(seen) < _PARTITION_LIMIT:
        offset = waiting.pop(0)
        partition = _partition(stream, run_in + offset) if offset not in seen else None
        seen.add(offset)
        if partition is not None:
            yield partition
            waiting += [partition.footer, partition.previous]


def _indexed(stream: BinaryIO) -> list[int]:
    end = stream.seek(0, 2)
    length = int.from_bytes(read_at(stream, max(end - 4, 0), 4), "big")
    if not 24 < length <= 1 << 20:
        return []
    index = _item(stream, end - length)
    if index is None or index.kind != _RANDOM_INDEX:
        return []
    table = read_at(stream, index.offset, index.size - 4)
    # The footer first: its metadata are the finished ones.
    return [int.from_bytes(table[at + 4 : at + 12], "big") for at in range(0, len(table) - 11, 12)][::-1]


def _partition(stream: BinaryIO, offset: int) -> _Partition | None:
    pack = _item(stream, offset)
    if pack is None or not _is_partition(pack.kind):
        return None
    raw = read_at(stream, pack.offset, 64)
    if len(raw) < 64:
        return None
    number = [int.from_bytes(raw[at : at + 8], "big") for at in range(8, 56, 8)]
    return _Partition(
        offset=offset,
        body=pack.offset + pack.size,
        previous=number[1],
        footer=number[2],
        metadata_size=number[3],
        index_size=number[4],
    )


def _is_partition(key: bytes) -> bool:
    return key.startswith(_PARTITION) and key[13] in _PARTITION_KINDS


def _of_sets(block: bytes) -> Iterator[Text]:
    at = 0
    for _ in range(_SET_LIMIT):
        key = block[at : at + 16]
        if len(key) < 16 or not key.startswith(_LABEL):
            return
        size, start = _length(block, at + 16)
        if key.startswith(_LOCAL_SET):
            yield from _of_set(block[start : start + size])
        at = start + size


def _of_set(body: bytes) -> Iterator[Text]:
    at, name = 0, "comment"
    while at + 4 <= len(body):
        tag, size = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 4], "big")
        value, at = body[at + 4 : at + 4 + size], at + 4 + size
        if tag == _COMMENT_NAME:
            name = clean(_wide(value))
        elif tag == _COMMENT_VALUE:
            yield Text(place=_PLACE, key=name, value=_indirect(value))
        elif known := _NAMES.get(tag):
            yield Text(place=_PLACE, key=known, value=_wide(value))
        elif tag >= _OF_THE_FILE and (text := _own(value)):
            yield Text(place=_PLACE, key=f"0x{tag:04X}", value=text)


def _own(value: bytes) -> str:
    """What a tag of the file's own holds, where that is UTF-16, or JSON or XML in UTF-8; XMP is read elsewhere."""
    if value[:1] in (b"{", b"<"):
        return "" if b"<x:xmpmeta" in value else decoded(value.strip(b"\0"))
    return _wide(value) if value[:1] == b"\0" and value[1:2] >= b" " and not len(value) % 2 else ""


def _indirect(value: bytes) -> str:
    little = value[:1] == b"L"
    return value[_INDIRECT:].decode("utf-16-le" if little else "utf-16-be", "replace").strip("\0")


def _wide(value: bytes) -> str:
    return value.decode("utf-16-be", "replace").strip("\0")


def _item(stream: BinaryIO, at: int) -> Chunk | None:
    """One key-length-value item; None where there is none."""
    head = read_at(stream, at, 25)
    if len(head) < 17 or not head.startswith(_LABEL):
        return None
    size, start = _length(head, 16)
    return Chunk(kind=head[:16], offset=at + start, size=size)


def _length(raw: bytes, at: int) -> tuple[int, int]:
    """A BER length and the place after it."""
    first = raw[at : at + 1] or b"\0"
    if first[0] < 0x80:
        return first[0], at + 1
    width = first[0] & 0x7F
    return int.from_bytes(raw[at + 1 : at + 1 + min(width, 8)], "big"), at + 1 + width
