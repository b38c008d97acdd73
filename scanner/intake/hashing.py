"""SHA-256 of files, streamed; and of a sequence of them."""

import hashlib
from collections.abc import Callable, Iterable
from typing import BinaryIO

_BLOCK = 4 << 20


def sha256_of(file: BinaryIO, read: Callable[[int], None] | None = None) -> str:
    """Hex SHA-256 of an open file, from its start; `read` is told the bytes of each block. Raises OSError."""
    file.seek(0)
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    while count := file.readinto(block):  # type: ignore[attr-defined]
        digest.update(block[:count])
        if read is not None:
            read(count)
    return digest.hexdigest()


def sha256_of_sequence(file_hashes: Iterable[str]) -> str:
    """Hex SHA-256 over the binary hashes of a sequence's files, in frame order."""
    return hashlib.sha256(b"".join(bytes.fromhex(file_hash) for file_hash in file_hashes)).hexdigest()
