"""What a folder holds, added up in one pass: made for a hundred thousand frames, looked at again and again.

Like `walk`, it never follows a link and opens nothing but folders, each relative to the open folder above it.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scanner.intake.listings import MANIFESTS
from scanner.intake.walk import DEEPEST, MOST_ENTRIES, why
from scanner.settle import Names, names_like

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_KIND = 0o170000
_BLOCK = 512
# Finder gives what it is still copying one of these dates: 14 February 1946 08:34:56 UTC (kMagicBusyCreationDate in
# Finder.h), in newer systems 24 January 1984 08:00. As a creation date on macOS; servers may keep it as the only date.
_BUSY = frozenset({-753_578_704, 443_779_200})
_TELLS_BIRTH = hasattr(os.stat_result, "st_birthtime")

Facts = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """The names that are not simply files: unfinished transfers, litter, manifests; `known` are all three."""

    partial: Names
    litter: Names
    manifests: Names
    known: Names


def sorting(partial: Iterable[str], litter: Iterable[str]) -> Sorting:
    """The patterns of unfinished transfers and of litter, with those of manifests, ready for use."""
    partial, litter = tuple(partial), tuple(litter)
    return Sorting(
        partial=names_like(partial),
        litter=names_like(litter),
        manifests=names_like(MANIFESTS),
        known=names_like((*partial, *litter, *MANIFESTS)),
    )


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums over entries; `mark` changes with every name, kind, size, time, inode and filling of any of them.

    Entries are added in whatever order the system lists them, so the sums must not depend on it.
    """

    sorting: Sorting
    size: int = 0
    file_count: int = 0
    newest_mtime_ns: int = 0
    mark: int = 0
    partial: list[str] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    left: int = MOST_ENTRIES

    def add(self, above: str, leaf: str, status: os.stat_result) -> None:
        """Count one entry."""
        mark, size, newest = facts(above, leaf, status)
        self.mark += mark
        if newest > self.newest_mtime_ns:
            self.newest_mtime_ns = newest
        if stat.S_ISREG(status.st_mode):
            self.file_count += 1
            self.size += size

    def folder(self, root: Path) -> None:
        """Count a folder and all that is in it; unlike other entries it is named "" itself."""
        try:
            opened = os.open(root, _FOLDER)
        except OSError as error:
            self._refuse("", why(error))
            return
        try:
            self.add("", "", os.fstat(opened))
            self._listed(opened, "", 0, littered=False)
        finally:
            os.close(opened)

    def _listed(self, folder: int, above: str, depth: int, *, littered: bool) -> None:
        known = self.sorting.known
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self.left -= 1
                    if self.left < 0:
                        self._refuse(above, "too many files: the rest was not looked at")
                        return
                    leaf = entry.name
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError as error:
                        self._refuse(above + leaf, why(error))
                        continue
                    self.add(above, leaf, status)
                    is_folder = stat.S_ISDIR(status.st_mode)
                    if is_folder or leaf in known or is_busy(status):
                        self._special(folder, above, leaf, status, depth + 1, littered=littered)
        except OSError as error:
            self._refuse(above, why(error))

    def _special(
        self, folder: int, above: str, leaf: str, status: os.stat_result, depth: int, *, littered: bool
    ) -> None:
        littered = littered or leaf in self.sorting.litter
        if not littered and (leaf in self.sorting.partial or is_busy(status)):
            self.partial.append(above + leaf)
        if stat.S_ISDIR(status.st_mode):
            self._inside(folder, leaf, above + leaf, depth, littered=littered)
        elif not littered and leaf in self.sorting.manifests:
            self.manifests.append(above + leaf)

    def _inside(self, folder: int, leaf: str, name: str, depth: int, *, littered: bool) -> None:
        if depth == DEEPEST:
            self._refuse(name, f"more than {DEEPEST} folders deep: not looked into")
            return
        try:
            inner = os.open(leaf, _FOLDER, dir_fd=folder)
        except OSError as error:
            self._refuse(name, why(error))
            return
        try:
            self._listed(inner, name + "/", depth, littered=littered)
        finally:
            os.close(inner)

    def _refuse(self, name: str, reason: str) -> None:
        self.mark += hash((name, reason))


def facts(above: str, leaf: str, status: os.stat_result) -> Facts:
    """What is compared of one entry: its mark, size and time.

    What is sparse, or preallocated, gets another mark when more of it is filled. Blocks beyond the size do not count:
    file systems give them and take them back by themselves.
    """
    size, newest, filled = status.st_size, status.st_mtime_ns, status.st_blocks * _BLOCK
    mark = hash((above, leaf, status.st_mode & _KIND, status.st_ino, size, newest, filled if filled < size else size))
    return mark, size, newest


def is_busy(status: os.stat_result) -> bool:
    """Whether Finder says by the file's date that it is still copying it."""
    return status.st_mtime in _BUSY or (_TELLS_BIRTH and getattr(status, "st_birthtime", None) in _BUSY)


def listing_of(mark: int) -> str:
    """A mark as text. It is only good within this process: Python salts its hashes."""
    return f"{mark & 0xFFFFFFFFFFFFFFFF:016x}"
