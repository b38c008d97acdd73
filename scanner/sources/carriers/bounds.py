"""Bounds for everything read from a delivered file, and the values that the carriers give."""

import errno
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import brotli

CHUNK_LIMIT = 64 << 20
TEXT_LIMIT = 32 << 20
TOTAL_LIMIT = 64 << 20
COUNT_LIMIT = 1_000_000
BLOCK = 4 << 20
_SMALL_BLOCK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A named part of a file: where its payload starts and how many bytes it claims to have."""

    kind: bytes
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that a file carries: `place` for people (`PNG`, `EXIF`), `key` as the file names it."""

    place: str
    key: str
    value: str

    @property
    def field(self) -> str:
        return f"{self.place} {self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that is there and was not read, and why."""

    what: str


def read_at(stream: BinaryIO, offset: int, size: int) -> bytes:
    """At most `size` bytes (never more than 64 MiB) from `offset`; short or empty where the file ends before."""
    if size <= 0 or not 0 <= offset < 1 << 62:
        return b""
    try:
        stream.seek(offset)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return b""  # further than any file on this disk can reach
    return stream.read(min(size, CHUNK_LIMIT))


def payload(stream: BinaryIO, chunk: Chunk, what: str) -> bytes | Skipped:
    """The chunk's bytes, or what was skipped when it claims more than 64 MiB and the file has them."""
    if chunk.size > CHUNK_LIMIT and read_at(stream, chunk.offset + CHUNK_LIMIT, 1):
        return Skipped(what=f"{what} is longer than {CHUNK_LIMIT >> 20} MiB")
    return read_at(stream, chunk.offset, chunk.size)


def inflated(raw: bytes, what: str, *, window: int = zlib.MAX_WBITS) -> bytes | Skipped:
    """Deflated bytes, inflated to 32 MiB at most; what is damaged up to the damage, what is larger as skipped."""
    machine = zlib.decompressobj(window)
    try:
        plain = machine.decompress(raw, TEXT_LIMIT + 1)
    except zlib.error:
        plain = _up_to_the_damage(raw, window)
    if len(plain) > TEXT_LIMIT:
        return Skipped(what=f"{what} inflates to more than {TEXT_LIMIT >> 20} MiB")
    return plain


def _up_to_the_damage(raw: bytes, window: int) -> bytes:
    if window == zlib.MAX_WBITS and int.from_bytes(raw[:2], "big") % 31 == 0:
        # Without its frame no check sum is asked for: that alone may be what is wrong.
        raw, window = raw[2:], -zlib.MAX_WBITS
    machine, plain = zlib.decompressobj(window), bytearray()
    with suppress(zlib.error):
        for at in range(0, len(raw), _SMALL_BLOCK):
            plain += machine.decompress(machine.unconsumed_tail + raw[at : at + _SMALL_BLOCK], TEXT_LIMIT + 1)
            if len(plain) > TEXT_LIMIT:
                break
    return bytes(plain)


def unbrotlied(raw: bytes, what: str) -> bytes | Skipped:
    """Brotli-packed bytes, unpacked to 32 MiB at most; what is damaged or larger counts as skipped."""
    try:
        plain: bytes = brotli.Decompressor().process(raw, output_buffer_limit=TEXT_LIMIT + 1)
    except brotli.error:
        return Skipped(what=f"{what} is packed with Brotli and damaged")
    if len(plain) > TEXT_LIMIT:
        return Skipped(what=f"{what} inflates to more than {TEXT_LIMIT >> 20} MiB")
    return plain


def contains(path: Path, needles: tuple[bytes, ...]) -> bool:
    """Whether any of the byte strings stands anywhere in the file, read block by block."""
    overlap = max(map(len, needles)) - 1
    tail = b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            window = tail + block
            if any(needle in window for needle in needles):
                return True
            tail = window[-overlap:]
    return False


def windows(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The first and the last `size` bytes of a file; one piece when the file is no longer than both."""
    stream.seek(0, 2)
    length = stream.tell()
    if length <= 2 * size:
        yield read_at(stream, 0, length)
        return
    yield read_at(stream, 0, size)
    yield read_at(stream, length - size, size)
