"""When is a drop whole? Pure: looks at the drop folder and the time come in, what has settled comes out.

A drop has settled when two or more looks, at least the quiet time apart, saw the same size, times and listing, and
nothing in it or beside it is the mark of an unfinished transfer (guidelines 2, "Not arrived yet"). What is there at
start-up goes through the same gate. Times of files are only compared with themselves: a file from the future settles.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

PARTIAL: tuple[str, ...] = (
    "*.partial",
    "*.aspera-ckpt",
    "*.aspera_ckpt",
    "*.aspx",
    "*.crdownload",
    ".com.google.Chrome.*",
    "*.part",
    "*.download",
    "*.opdownload",
    "*.filepart",
    "*.aria2",
    ".*." + "[A-Za-z0-9]" * 6,
    ".rsync-partial",
    ".~tmp~",
    "*.tmp",
    "*.temp",
    "~$*",
    "*.lock",
    "*.!ut",
    "*.swp",
)
LITTER: tuple[str, ...] = (
    ".DS_Store",
    "Thumbs.db",
    "._*",
    ".fseventsd",
    ".Spotlight-V100",
    ".Trashes",
    "desktop.ini",
)
_RCLONE = re.compile(r".+\.[0-9a-f]{8}", re.DOTALL)


class EntryKind(StrEnum):
    """What a drop entry is. Refused ones (links, devices, FIFOs, sockets) and litter never settle."""

    FILE = "file"
    FOLDER = "folder"
    SEQUENCE = "sequence"
    REFUSED = "refused"
    LITTER = "litter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one drop entry. `files`: a loose sequence's file names; `listing`: a hash over all names and times.

    `partial`: names of unfinished transfers in it or beside it; `reason`: why it is refused or only litter.
    """

    name: str
    kind: EntryKind
    files: tuple[str, ...] = ()
    size: int = 0
    newest_mtime_ns: int = 0
    file_count: int = 0
    listing: str = ""
    partial: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A drop that is whole as far as anyone can tell. It is told again at every look until it is gone."""

    look: Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A drop that is not taken yet, and why."""

    look: Look
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stillness:
    look: Look
    since: float
    looks: int


class Settling:
    """Remembers the looks of one drop folder. `quiet_seconds`: how long nothing may have changed."""

    def __init__(self, *, quiet_seconds: float) -> None:
        self._quiet_seconds = quiet_seconds
        self._known: dict[tuple[EntryKind, str], _Stillness] = {}

    def seen(self, looks: Iterable[Look], now: float) -> tuple[Settled | Waiting, ...]:
        """Judge one sweep, at `now` seconds of a monotonic clock. Entries that are not in it are forgotten."""
        known = {(look.kind, look.name): self._stillness(look, now) for look in looks}
        self._known = known
        return tuple(self._judged(stillness, now) for stillness in known.values())

    def _stillness(self, look: Look, now: float) -> _Stillness:
        before = self._known.get((look.kind, look.name))
        if before is None or before.look != look or now < before.since:
            return _Stillness(look=look, since=now, looks=1)
        return _Stillness(look=look, since=before.since, looks=before.looks + 1)

    def _judged(self, stillness: _Stillness, now: float) -> Settled | Waiting:
        look, quiet = stillness.look, now - stillness.since
        if look.kind in (EntryKind.REFUSED, EntryKind.LITTER):
            return Waiting(look=look, why=look.reason or look.kind.value)
        if look.partial:
            return Waiting(look=look, why=f"still being transferred: {look.partial[0]!r}")
        if stillness.looks < 2:
            return Waiting(look=look, why="new or changed since the last look")
        if quiet < self._quiet_seconds:
            return Waiting(look=look, why=f"quiet for {quiet:.0f} of {self._quiet_seconds:.0f} seconds")
        return Settled(look=look)


def is_litter(name: str, patterns: Iterable[str] = LITTER) -> bool:
    """Whether a name, or a folder on the way to it, is one that desktops strew about."""
    return any(_matches(part, patterns) for part in name.split("/"))


def is_partial(name: str, patterns: Iterable[str] = PARTIAL) -> bool:
    """Whether a name, or a folder on the way to it, is that of an unfinished transfer."""
    return any(_matches(part, patterns) for part in name.split("/"))


def is_partial_of(partial: str, name: str) -> bool:
    """Whether a partial-transfer name stands for this very name: `NAME.partial`, `NAME.aria2`, `.NAME.XXXXXX` ..."""
    return name in transfers(partial)


def transfers(partial: str) -> Iterator[str]:
    """Every name that a partial-transfer name may become, told from its last part (or two: `NAME.<8 hex>.partial`)."""
    for whole in dict.fromkeys((partial, partial.removeprefix("."))):
        name, _, _ = whole.rpartition(".")
        yield name
        if _RCLONE.fullmatch(name):
            yield name[:-9]


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
