"""What a reader of a container gives, one after the other: files in it, what cannot be read, what is left in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# What a damaged file still gives is lost to a block: not too large.
BLOCK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A file in a container, by the name that it has there. `size`: in bytes, as the container says, where it does.

    `read` gives its bytes in blocks, and may raise LeftInError, and whatever a damaged container makes it raise.
    """

    name: str
    size: int | None
    read: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that is, or may be, in a container and is not taken out. `name`: of the entry, if it is about one."""

    reason: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that is left in a container on purpose: said in the coverage, and no reason to hold anything."""

    note: str


class LeftInError(Exception):
    """Raised by `Inner.read` before its first block: it is left in the container on purpose. The message says why."""


Found = Inner | Unread | Left
Reader = Callable[[Path, str], Iterator[Found]]


class Readable(Protocol):
    """Something to read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer; none at the end."""


def blocks(file: Readable) -> Iterator[bytes]:
    """The rest of an open file, block by block."""
    while block := file.read(BLOCK):
        yield block
