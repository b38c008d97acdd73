"""Manifest stores that stand in a file where no reader of C2PA looks for them, and what is left of damaged ones."""

import re
from collections.abc import Iterator
from pathlib import Path

from scanner.model import AiClaim
from scanner.sources import vocabulary
from scanner.sources.carriers.bounds import BLOCK
from scanner.sources.clean import clean

SIZE_LIMIT = 64 << 20
_STORE_LIMIT = 20
# The description box of C2PA's type, behind the length and type of a JUMBF superbox and its own length (C2PA 2.2,
# 11.1.4.2).
_STORE = b"jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71"
_STORE_HEAD = 12
_SOURCE_TYPE = re.compile(rb"digitalsourcetype/([A-Za-z]{4,60})")
_SEGMENT_HEAD = 12
_LONGEST = 100


def loose_stores(path: Path) -> Iterator[bytes]:
    """The stores that stand in a file of at most 64 MiB in one piece, at most 20 of them."""
    if path.stat().st_size > SIZE_LIMIT:
        return
    whole = path.read_bytes()
    at = 0
    for _ in range(_STORE_LIMIT):
        found = whole.find(_STORE, at)
        if found < 0:
            return
        start = max(found - _STORE_HEAD, 0)
        size = int.from_bytes(whole[start : start + 4], "big")
        at = max(start + size, found + len(_STORE))
        yield _in_segments(whole, start, size) or whole[start:at]


def _in_segments(whole: bytes, start: int, size: int) -> bytes:
    """A store that begins a JPEG's APP11 segment, joined from all of its segments; empty where it does not."""
    at, joined = start - _SEGMENT_HEAD, b""
    while at >= 0 and whole[at : at + 2] == b"\xff\xeb" and whole[at + 4 : at + 6] == b"JP" and len(joined) < size:
        end = at + 2 + int.from_bytes(whole[at + 2 : at + 4], "big")
        # Every segment repeats the length and type of the box that it continues (C2PA 2.2, A.3.1).
        joined += whole[at + _SEGMENT_HEAD + (8 if joined else 0) : end]
        at = end
    return joined


def claims_left(path: Path) -> tuple[AiClaim, ...]:
    """Source types of generated media that stand as text in a file whose manifest cannot be read."""
    claims: dict[AiClaim, None] = {}
    tail = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            window = tail + block
            for term in _SOURCE_TYPE.findall(window):
                if stated := vocabulary.source_type(term.decode("ascii")):
                    says, meaning = stated
                    claims[AiClaim(manifest="damaged manifest", says=clean(says), meaning=meaning)] = None
            tail = window[-_LONGEST:]
    return tuple(claims)[:_LONGEST]
