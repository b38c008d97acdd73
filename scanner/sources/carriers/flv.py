"""Flash video: what its script tags say (`onMetaData`), in AMF0."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers.bounds import Chunk, Skipped, Text, payload, read_at
from scanner.sources.clean import clean, decoded

_PLACE = "FLV"
_SCRIPT = 18
# Script tags stand at the beginning; live recordings put more in between.
_TAG_LIMIT = 2000
_VALUE_LIMIT = 10_000
_DEPTH_LIMIT = 8
_FIXED = {0: 8, 1: 1, 5: 0, 6: 0, 7: 2, 11: 10, 13: 0}
_STRING, _OBJECT, _MIXED, _END, _STRICT, _LONG_STRING = 2, 3, 8, 9, 10, 12


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Every string of the script tags under its key, also of nested objects."""
    at = int.from_bytes(read_at(stream, 5, 4), "big") + 4
    for _ in range(_TAG_LIMIT):
        head = read_at(stream, at, 11)
        if len(head) < 11:
            return
        size = int.from_bytes(head[1:4], "big")
        if head[0] & 0x1F == _SCRIPT:
            raw = payload(stream, Chunk(kind=b"FLV", offset=at + 11, size=size), "a script tag")
            yield from (raw,) if isinstance(raw, Skipped) else _Script(raw).texts()
        at += 11 + size + 4


class _Script:
    """Reads the values of one script tag, one after the other."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0
        self._left = _VALUE_LIMIT

    def texts(self) -> Iterator[Text]:
        while self._at < len(self._raw) and self._left > 0:
            yield from self._value("script", 0)

    def _value(self, key: str, depth: int) -> Iterator[Text]:
        self._left -= 1
        kind = self._number(1)
        if self._left <= 0 or depth > _DEPTH_LIMIT:
            self._at = len(self._raw)
        elif kind in (_STRING, _LONG_STRING):
            yield Text(place=_PLACE, key=key, value=decoded(self._take(self._number(2 if kind == _STRING else 4))))
        elif kind in (_OBJECT, _MIXED):
            self._take(4 if kind == _MIXED else 0)
            yield from self._members(depth)
        elif kind == _STRICT:
            for _ in range(min(self._number(4), self._left)):
                yield from self._value(key, depth + 1)
        else:
            self._take(_FIXED.get(kind, len(self._raw)))

    def _members(self, depth: int) -> Iterator[Text]:
        while self._at < len(self._raw) and self._left > 0:
            key = clean(decoded(self._take(self._number(2))))
            if not key and self._raw[self._at : self._at + 1] == struct.pack("B", _END):
                self._take(1)
                return
            yield from self._value(key, depth + 1)

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        part = self._raw[self._at : self._at + size]
        self._at += max(size, 0)
        return part
