"""SHA-256 of files, streamed; and of everything below a folder."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from scanner.intake.walk import Entry, walk
from scanner.model import Refused

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


def digests(root: Path) -> dict[str, str]:
    """What is at `root` or below it, name by name: hashes of files, and what everything else is. Raises OSError."""
    return {found.name: _digest(found) for found in walk(root, name="")}


def _digest(found: Entry | Refused) -> str:
    if isinstance(found, Refused):
        raise OSError(f"{found.name!r}: {found.reason}")
    if not found.is_file:
        return found.not_opened or "folder"
    with found.open() as file:
        return sha256_of(file)
