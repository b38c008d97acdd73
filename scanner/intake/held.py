"""What a delivery's folder holds, by name, for comparing it with what manifests say. A manifest opens nothing here.

A name in a manifest is only ever compared with the names that the folder was seen to hold: one that leads out of the
folder (`..`, an absolute path) is not there.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

from scanner.intake.walk import Entry, walk

MOST_ENTRIES = 500_000
# A base of names with the delivery's own name in them: the list was made from a folder around it.
AROUND: Final = None
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[/\\]")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Beside:
    """A base of absolute names, of another machine: only the last part counts, in the list's own folder."""

    folder: str


Base = str | Beside | None


@dataclass(frozen=True, slots=True)
class Held:
    """A file or folder that is there: its name on disk, and a file's size."""

    name: str
    size: int | None


class Folder:
    """What a delivery's folder holds, however the letters of its names are composed (macOS takes é apart)."""

    def __init__(self, root: Path) -> None:
        self._root = root.name
        self._held: dict[str, Held] = {}
        for found in walk(root, name="", most=MOST_ENTRIES):
            if isinstance(found, Entry) and (found.is_file or found.is_folder):
                size = found.status.st_size if found.is_file else None
                self._held[_composed(found.name)] = Held(found.name, size)

    def files(self) -> Iterator[Held]:
        """Its files."""
        return (held for held in self._held.values() if held.size is not None)

    def find(self, name: str, base: Base) -> Held | None:
        """Where a listed file is, its name counted from `base`; None if it is not there."""
        for reading in _readings(name):
            path = self._inside(reading, base)
            if path is not None and path in self._held:
                return self._held[path]
        return None

    def file(self, name: str, base: Base) -> Held | None:
        """As `find`, of files only."""
        held = self.find(name, base)
        return held if held is not None and held.size is not None else None

    def _inside(self, name: str, base: Base) -> str | None:
        """The name below the delivery's folder, or None if it leads out of it."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if isinstance(base, Beside):
            if not parts or not _ABSOLUTE.match(name):
                return None
            parts = [*filter(None, [base.folder]), parts[-1]]
        elif base is AROUND:
            # As whoever made the list saw it: `reel/a.mov`, or `/Volumes/RAID/reel/a.mov`.
            if self._root not in parts:
                return None
            parts = parts[parts.index(self._root) + 1 :]
        elif name.startswith("/"):
            return None
        elif base:
            parts = [base, *parts]
        return None if ".." in parts else _composed("/".join(parts))


def bases(manifest: str) -> tuple[Base, ...]:
    """From where names in a list may count: its folder, those above it, one around the delivery, another machine."""
    return (*_upwards(above(manifest)), AROUND, Beside(above(manifest)))


def opened(root: Path, name: str) -> int:
    """Open a file below `root` without following a link on the way. Raises OSError."""
    *folders, leaf = name.split("/")
    here = os.open(root, _FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(leaf, _FILE, dir_fd=here)
    finally:
        os.close(here)


def is_generation(name: str) -> bool:
    """Whether a name is that of a list in an `ascmhl` folder."""
    folder, _, leaf = name.lower().rpartition("/")
    return leaf.endswith(".mhl") and folder.rpartition("/")[2] == "ascmhl"


def above(name: str, levels: int = 1) -> str:
    """The folder that a name is in, or one further up; "" is the delivery's own."""
    for _ in range(levels):
        name = name.rpartition("/")[0]
    return name


def enclosing(name: str, folders: Iterable[str]) -> Iterator[str]:
    """Those of some folders that a file is in, the innermost first."""
    known = frozenset(folders)
    return (folder for folder in _upwards(above(name)) if folder in known)


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those above it, up to the delivery's own (""). Lists lie beside or below what they list."""
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _readings(name: str) -> Iterator[str]:
    """A name as written, then as Windows tools and URIs may have meant it."""
    yield name
    if "\\" in name:
        yield name.replace("\\", "/")
    if "%" in name or name.startswith("file://"):
        yield unquote(name.removeprefix("file://"), errors="surrogateescape")


def _composed(name: str) -> str:
    return name if name.isascii() else normalize("NFC", name)
