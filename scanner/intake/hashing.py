"""Checksums of files, streamed: SHA-256 always, and in the same reading those that a manifest asks for."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO, Protocol

import xxhash

_BLOCK = 4 << 20
SHA256 = "sha256"
_C4_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_C4_LENGTH = 90


class _Hash(Protocol):
    def update(self, data: memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


def _named(name: str) -> Callable[[], _Hash]:
    return lambda: hashlib.new(name, usedforsecurity=False)


# By the names that manifests give them, in lower case and without hyphens; C4 is another way to write SHA-512.
ALGORITHMS: Mapping[str, Callable[[], _Hash]] = {
    **{name: _named(name) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
    **{f"sha3{bits}": _named(f"sha3_{bits}") for bits in (224, 256, 384, 512)},
    "blake2b": hashlib.blake2b,
    "blake2s": hashlib.blake2s,
    "c4": _named("sha512"),
    "xxh32": xxhash.xxh32,
    "xxh64": xxhash.xxh64,
    "xxh3": xxhash.xxh3_64,
    "xxh128": xxhash.xxh3_128,
}


class Sums:
    """Checksums that grow with what is read: of one file, or of the chunks of an asset one after the other."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashes = {name: ALGORITHMS[name]() for name in algorithms}

    def update(self, block: memoryview) -> None:
        """Take the next bytes."""
        for each in self._hashes.values():
            each.update(block)

    def digests(self) -> dict[str, bytes]:
        """The checksums of all bytes so far, by algorithm."""
        return {name: each.digest() for name, each in self._hashes.items()}


def read_through(file: BinaryIO, sums: Iterable[Sums], read: Callable[[int], None] | None = None) -> None:
    """Read an open file once, from its start; `read` is told the bytes of each block. Raises OSError."""
    file.seek(0)
    sums, block = tuple(sums), memoryview(bytearray(_BLOCK))
    while count := file.readinto(block):  # type: ignore[attr-defined]
        for each in sums:
            each.update(block[:count])
        if read is not None:
            read(count)


def sha256_of(file: BinaryIO, read: Callable[[int], None] | None = None) -> str:
    """Hex SHA-256 of an open file, from its start; `read` is told the bytes of each block. Raises OSError."""
    sums = Sums((SHA256,))
    read_through(file, (sums,), read)
    return sums.digests()[SHA256].hex()


def sha256_of_sequence(file_hashes: Iterable[str]) -> str:
    """Hex SHA-256 over the binary hashes of a sequence's files, in frame order."""
    return hashlib.sha256(b"".join(bytes.fromhex(file_hash) for file_hash in file_hashes)).hexdigest()


def c4(sha512: bytes) -> str:
    """A C4 id (SMPTE ST 2114): the number that SHA-512 is, in base 58, padded to 90 characters with `c4` in front."""
    number, digits = int.from_bytes(sha512, "big"), ""
    while number:
        number, digit = divmod(number, len(_C4_DIGITS))
        digits = _C4_DIGITS[digit] + digits
    return "c4" + digits.rjust(_C4_LENGTH - 2, _C4_DIGITS[0])
