"""Every entry of a delivery, without ever following a link or opening anything that is not a regular file or folder.

Folders are opened one inside the other and everything is named relative to an open folder, so that a folder swapped for
a symbolic link on the way leads nowhere, and paths may be longer than the system takes in one piece.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from scanner.model import Refused

DEEPEST = 64
MOST_ENTRIES = 200_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NOT_OPENED = {
    stat.S_IFLNK: "a symbolic link: never followed",
    stat.S_IFBLK: "a block device: never opened",
    stat.S_IFCHR: "a character device: never opened",
    stat.S_IFIFO: "a FIFO: never opened",
    stat.S_IFSOCK: "a socket: never opened",
}
TYPE_REASONS = frozenset(_NOT_OPENED.values())
_REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOENT: "went away while it was looked at",
    errno.ELOOP: "became a symbolic link while it was looked at",
    errno.ENOTDIR: "is no longer a folder",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a delivery, as seen without opening it. `folder` is open only until the walk goes on."""

    name: str
    folder: int
    leaf: str
    status: os.stat_result

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def not_opened(self) -> str | None:
        """Why it is never opened; None for regular files and folders."""
        return why_not_opened(self.status)

    def open(self) -> BinaryIO:
        """The file, opened unbuffered for reading. Raises OSError, also if it is no regular file any more."""
        fd = os.open(self.leaf, _FILE, dir_fd=self.folder)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        return os.fdopen(fd, "rb", buffering=0)


@dataclass(slots=True)
class _Budget:
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """The limits of one walk; the budget is the only thing that changes."""

    deepest: int
    budget: _Budget = field(default_factory=lambda: _Budget(left=MOST_ENTRIES))

    def at(self, folder: int, leaf: str, name: str, depth: int) -> Iterator[Entry | Refused]:
        try:
            status = os.stat(leaf, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            yield Refused(name=name, reason=why(error))
            return
        yield Entry(name=name, folder=folder, leaf=leaf, status=status)
        if stat.S_ISDIR(status.st_mode):
            yield from self._inside(folder, leaf, name, depth)

    def _inside(self, folder: int, leaf: str, name: str, depth: int) -> Iterator[Entry | Refused]:
        if depth == self.deepest:
            yield Refused(name=name, reason=f"more than {self.deepest} folders deep: not looked into")
            return
        try:
            inner = os.open(leaf, _FOLDER, dir_fd=folder)
        except OSError as error:
            yield Refused(name=name, reason=why(error))
            return
        try:
            yield from self._listed(inner, name, depth)
        finally:
            os.close(inner)

    def _listed(self, inner: int, name: str, depth: int) -> Iterator[Entry | Refused]:
        for leaf in _names(inner, self.budget.left + 1):
            if self.budget.left < 0:
                return
            self.budget.left -= 1
            if self.budget.left < 0:
                yield Refused(name=name or ".", reason="too many files: the rest was not looked at")
                return
            yield from self.at(inner, leaf, f"{name}/{leaf}" if name else leaf, depth + 1)


def walk(root: Path, *, name: str, most: int = MOST_ENTRIES, deepest: int = DEEPEST) -> Iterator[Entry | Refused]:
    """The entries at and below `root`, folders before what is in them, names in byte order.

    A folder's entries are named below it (the folder itself is ""); a file or anything else at `root` is called `name`.
    What cannot be looked at, and where a limit ends the walk, comes as `Refused`. Raises OSError only if the folder
    that `root` lies in cannot be opened.
    """
    root = root.absolute()
    parent = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for found in _Walk(deepest=deepest, budget=_Budget(left=most)).at(parent, root.name, "", 0):
            yield _called(found, name)
    finally:
        os.close(parent)


def why(error: OSError) -> str:
    """Why something could not be looked at, in words."""
    return _REASONS.get(error.errno or 0) or f"could not be read: {error.strerror or error}"


def why_not_opened(status: os.stat_result) -> str | None:
    """Why something of this kind is never opened; None for regular files and folders."""
    kind = stat.S_IFMT(status.st_mode)
    return None if kind in (stat.S_IFREG, stat.S_IFDIR) else _NOT_OPENED.get(kind, "neither a file nor a folder")


def _called(found: Entry | Refused, name: str) -> Entry | Refused:
    if found.name or (isinstance(found, Entry) and found.is_folder):
        return found
    if isinstance(found, Refused):
        return Refused(name=name, reason=found.reason)
    return Entry(name=name, folder=found.folder, leaf=found.leaf, status=found.status)


def _names(folder: int, most: int) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted((entry.name for entry in islice(entries, most)), key=os.fsencode)
