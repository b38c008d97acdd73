"""HEIF and AVIF items: EXIF and XMP lie where the `iloc` box says, under the kind that `iinf` gives them."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import CHUNK_LIMIT, Chunk, Skipped, Text, inflated, payload, read_at
from scanner.sources.carriers.boxes import boxes, exif_block, in_meta, within

_ITEM_LIMIT = 20_000
_EXTENT_LIMIT = 1000
_XMP_TYPE = b"application/rdf+xml"
# The construction method of an item that lies in the `idat` box, not in the file's own bytes.
_IN_IDAT = 1


def packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The XMP items, put together from their extents; a deflated one is inflated."""
    for name, raw in _items(stream):
        kind, _, rest = name.partition(b"\0")
        parts = rest.split(b"\0")
        if kind == b"mime" and _XMP_TYPE in parts:
            yield _plain(raw, parts)


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The texts of the EXIF items."""
    for name, raw in _items(stream):
        if name.startswith(b"Exif\0"):
            yield from (raw,) if isinstance(raw, Skipped) else exif_block(raw)


def _plain(raw: bytes | Skipped, parts: list[bytes]) -> bytes | Skipped:
    packed = b"deflate" in parts or b"gzip" in parts
    return raw if isinstance(raw, Skipped) or not packed else inflated(raw, "the XMP item", window=47)


def _items(stream: BinaryIO) -> Iterator[tuple[bytes, bytes | Skipped]]:
    """Of each item that may hold metadata: its type, a zero and the strings after it; and its bytes."""
    for meta in boxes(stream):
        if meta.kind != b"meta":
            continue
        inside = {box.kind: box for box in in_meta(stream, meta)}
        if b"iinf" not in inside or b"iloc" not in inside:
            continue
        wanted = dict(_wanted(stream, inside[b"iinf"]))
        for item, extents in _places(stream, inside[b"iloc"], inside.get(b"idat")):
            if item in wanted:
                yield wanted[item], _joined(stream, extents)


def _wanted(stream: BinaryIO, iinf: Chunk) -> Iterator[tuple[int, bytes]]:
    wide = read_at(stream, iinf.offset, 1) != b"\0"
    for number, entry in enumerate(within(stream, iinf, 8 if wide else 6)):
        if number >= _ITEM_LIMIT:
            return
        body = read_at(stream, entry.offset, min(entry.size, 4096))
        size = 4 if body[:1] == b"\3" else 2
        item, kind, strings = body[4 : 4 + size], body[6 + size : 10 + size], body[10 + size :]
        if kind in (b"Exif", b"mime"):
            yield int.from_bytes(item, "big"), kind + b"\0" + strings


def _places(stream: BinaryIO, iloc: Chunk, idat: Chunk | None) -> Iterator[tuple[int, list[Chunk]]]:
    # ISO/IEC 14496-12, 8.11.3: the widths of the fields are themselves fields.
    raw = payload(stream, iloc, "the item locations")
    table = io.BytesIO(raw if isinstance(raw, bytes) else b"")
    version, widths = _number(table, 1), (table.read(3), table.read(2))[1]
    if len(widths) < 2:
        return
    offset_size, length_size = widths[0] >> 4, widths[0] & 15
    base_size, index_size = widths[1] >> 4, widths[1] & 15 if version else 0
    for _ in range(min(_number(table, 4 if version > 1 else 2), _ITEM_LIMIT)):
        item = _number(table, 4 if version > 1 else 2)
        method = _number(table, 2) & 15 if version else 0
        table.read(2)
        base = _number(table, base_size)
        if method == _IN_IDAT:
            base += idat.offset if idat else 1 << 62
        extents = []
        for _ in range(min(_number(table, 2), _EXTENT_LIMIT)):
            table.read(index_size)
            offset, size = _number(table, offset_size), _number(table, length_size)
            extents.append(Chunk(kind=b"item", offset=base + offset, size=size))
        yield item, extents


def _joined(stream: BinaryIO, extents: list[Chunk]) -> bytes | Skipped:
    if sum(extent.size for extent in extents) > CHUNK_LIMIT:
        return Skipped(what=f"a metadata item is longer than {CHUNK_LIMIT >> 20} MiB")
    return b"".join(read_at(stream, extent.offset, extent.size) for extent in extents)


def _number(table: BinaryIO, size: int) -> int:
    return int.from_bytes(table.read(size), "big")
