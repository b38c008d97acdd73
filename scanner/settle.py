"""When is a drop whole? Pure: looks at the drop folder and the time come in, what has settled comes out.

A drop has settled when two or more looks, at least the quiet time apart, saw the same size, times and listing, nothing
in it or beside it is the mark of an unfinished transfer, and all that a manifest in it lists is there (guidelines 2,
"Not arrived yet"). What is there at start-up goes through the same gate. Times of files are only compared with
themselves: a file from the future settles. The only clock is the monotonic one that is told.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache

from scanner.inward import ManifestRule

# A line each: Aspera; browsers; SFTP and FTP clients and servers; downloaders; rsync; Finder; what syncs; torrents;
# what NFS and FUSE hide until it is closed; what people and editors call things they are not done with.
_PARTIAL = """
    *.partial *.aspera-ckpt *.aspera_ckpt *.aspx *.fasp
    *.crdownload *.part *.download *.opdownload .com.google.Chrome.* .org.chromium.* .com.microsoft.edge*
    *.filepart .in.* .pureftpd-upload.* .sftpgo-upload.* *.cyberducksegment *.lftp-pget-status
    *.aria2 *.aria2__temp
    .*.[A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9][A-Za-z0-9] .rsync-partial .~tmp~
    *.sb-????????-??????
    .tmp.drivedownload .tmp.driveupload .dropbox.cache .syncthing.* ~syncthing~* *.!sync .*.~[0-9a-f]* *.ffs_tmp
    *.!ut *.!qb *.bc!
    .nfs????????????????* .fuse_hidden*
    *.tmp *.temp *.incomplete *.inprogress *.uploading *.downloading ~$* *.lock *.lck *.swp
"""
PARTIAL: tuple[str, ...] = tuple(_PARTIAL.split())
LITTER: tuple[str, ...] = (
    ".DS_Store",
    "Thumbs.db",
    "._*",
    ".fseventsd",
    ".Spotlight-V100",
    ".Trashes",
    "desktop.ini",
)
# What stands before the name that a transfer will get, and a second ending before the last (`NAME.1a2b3c4d.partial`).
_BEFORE = re.compile(r"\.in\.|\.syncthing\.|~syncthing~|\.sftpgo-upload\.[^.]+\.|\.")
_ENDING = re.compile(r"\*\.([^.*]+)")
_MOST_ENDINGS = 1000
_SECOND_ENDING = re.compile(r"(.+)\.(?:[0-9a-f]{8}|partial|part|tmp)", re.DOTALL)
# How often a manifest that holds a drop up is asked for again; it may have become readable with nothing changed.
_ASK_AGAIN_SECONDS = 30.0
# 19 parts rest to one part work: a twentieth of one core. The slowest folder is still looked at once a minute or so.
_REST = 19
_LONGEST_REST = 60.0


class EntryKind(StrEnum):
    """What a drop entry is; a pair is a file with its checksum files. Refused ones (links, devices) and litter stay."""

    FILE = "file"
    FOLDER = "folder"
    SEQUENCE = "sequence"
    PAIR = "pair"
    REFUSED = "refused"
    LITTER = "litter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at one drop entry. `files`: names of a loose sequence or pair; `listing`: a hash over names and times.

    `partial`: names of unfinished transfers in it or beside it; `manifests`: names in a folder that list its files;
    `reason`: why it is refused or only litter; `stale`: an earlier look told again, as a new one is not due yet.
    """

    name: str
    kind: EntryKind
    files: tuple[str, ...] = ()
    size: int = 0
    newest_mtime_ns: int = 0
    file_count: int = 0
    listing: str = ""
    partial: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    reason: str | None = None
    stale: bool = field(default=False, compare=False)


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
class Stalled:
    """A drop that waits for something that no longer comes: unchanged for `still_seconds`. It is never taken so.

    It is told at every look; `first` only once, until it changes. `why` stays the same while it lasts.
    """

    look: Look
    why: str
    still_seconds: float
    first: bool


@dataclass(slots=True, kw_only=True)
class _Stillness:
    """How long one look has been true: `since` the first that saw it, up to the `last`."""

    look: Look
    since: float
    last: float
    looks: int = 1
    stale: bool = False
    asked: float | None = None
    lack: str | None = None
    told: bool = False

    @property
    def seconds(self) -> float:
        return self.last - self.since


class Settling:
    """Remembers the looks of one drop folder. `quiet_seconds`: how long nothing may have changed.

    `stalled_seconds`: unchanged for so long while something is missing, a drop is told as stalled. `lacking` says what
    a folder still lacks of what its manifests list, None if nothing; it is asked only of folders that are quiet.
    """

    def __init__(
        self,
        *,
        quiet_seconds: float,
        stalled_seconds: float = 3600.0,
        manifest: ManifestRule = "when-there",
        lacking: Callable[[Look], str | None] | None = None,
    ) -> None:
        self._quiet_seconds = quiet_seconds
        self._stalled_seconds = stalled_seconds
        self._manifest = manifest
        self._lacking = lacking
        self._known: dict[tuple[EntryKind, str], _Stillness] = {}

    def seen(self, looks: Iterable[Look], now: float) -> tuple[Settled | Waiting | Stalled, ...]:
        """Judge one sweep, at `now` seconds of a monotonic clock. Entries that are not in it are forgotten."""
        known = {(look.kind, look.name): self._stillness(look, now) for look in looks}
        self._known = known
        return tuple(self._judged(stillness, now) for stillness in known.values())

    def due(self, now: float) -> float | None:
        """In how many seconds the next drop may settle; None if none is on its way there."""
        ends = (still.since + self._quiet_seconds for still in self._known.values() if self._counts_down(still))
        end = min(ends, default=None)
        return None if end is None else max(0.0, end - now)

    def _stillness(self, look: Look, now: float) -> _Stillness:
        before = self._known.get((look.kind, look.name))
        if before is None or now < before.last or (before.look != look and not look.stale):
            return _Stillness(look=look, since=now, last=now)
        before.stale = look.stale
        if not look.stale:
            before.looks += 1
            before.last = now
        return before

    def _counts_down(self, still: _Stillness) -> bool:
        if still.stale or still.look.partial or still.look.kind in (EntryKind.REFUSED, EntryKind.LITTER):
            return False
        return still.looks < 2 or still.seconds < self._quiet_seconds

    def _judged(self, still: _Stillness, now: float) -> Settled | Waiting | Stalled:
        look, quiet = still.look, still.seconds
        if look.kind in (EntryKind.REFUSED, EntryKind.LITTER):
            return Waiting(look=look, why=look.reason or look.kind.value)
        if look.partial:
            return self._awaited(still, f"still being transferred: {some(map(repr, look.partial), 1)}")
        if still.looks < 2:
            return Waiting(look=look, why="new or changed since the last look")
        if quiet < self._quiet_seconds:
            return Waiting(look=look, why=f"quiet for {quiet:.0f} of {self._quiet_seconds:.0f} seconds")
        lack = self._lack(still, now)
        return Settled(look=look) if lack is None else self._awaited(still, lack)

    def _awaited(self, still: _Stillness, why: str) -> Waiting | Stalled:
        if still.seconds < self._stalled_seconds:
            return Waiting(look=still.look, why=why)
        first, still.told = not still.told, True
        why = f"stalled, unchanged for more than {self._stalled_seconds:.0f} seconds: {why}"
        return Stalled(look=still.look, why=why, still_seconds=still.seconds, first=first)

    def _lack(self, still: _Stillness, now: float) -> str | None:
        if still.look.kind is not EntryKind.FOLDER or self._manifest == "ignore":
            return None
        if not still.look.manifests:
            return "waits for its manifest" if self._manifest == "required" else None
        again = still.asked is None or (still.lack is not None and now - still.asked >= _ASK_AGAIN_SECONDS)
        if self._lacking is not None and again:
            still.asked, still.lack = now, self._lacking(still.look)
        return still.lack


def pause(cost_seconds: float, quiet_seconds: float = 0.0) -> float:
    """How long to rest after a look that took so long: looking takes a twentieth of one core, at most a minute passes.

    A rest shorter than the quiet time divides it evenly, so that one look falls on the moment at which a drop settles.
    """
    rest = min(_REST * cost_seconds, _LONGEST_REST)
    return quiet_seconds / (quiet_seconds // rest) if 0 < rest < quiet_seconds else rest


def some(texts: Iterable[str], most: int) -> str:
    """The first few, and how many more there are."""
    texts = tuple(texts)
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


class Names:
    """Patterns of names (`*`, `?`, `[...]`; case is ignored), made for a hundred thousand names at every look.

    Most patterns are about the last ending (`*.part`), and most names share theirs: what is found of it is kept.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(pattern.lower() for pattern in patterns)
        endings, by_first = [], defaultdict(list)
        for pattern in self.patterns:
            if match := _ENDING.fullmatch(pattern):
                endings.append(match[1])
            else:
                by_first["" if pattern[:1] in "*?[" else pattern[0]].append(pattern)
        self._ending = _any_of(endings)
        self._known_endings: dict[str, bool] = {}
        self._anywhere = _any_of(by_first.pop("")) if "" in by_first else None
        self._by_first = {first: _any_of(texts) for first, texts in by_first.items()}

    def __contains__(self, leaf: str) -> bool:
        leaf = leaf.lower()
        _, dot, ending = leaf.rpartition(".")
        if dot:
            known = self._known_endings.get(ending)
            if known or (known is None and self._is_ending(ending)):
                return True
        first = self._by_first.get(leaf[:1])
        if first is not None and first.match(leaf):
            return True
        return self._anywhere is not None and self._anywhere.match(leaf) is not None

    def _is_ending(self, ending: str) -> bool:
        if len(self._known_endings) > _MOST_ENDINGS:
            self._known_endings.clear()
        self._known_endings[ending] = found = self._ending.match(ending) is not None
        return found


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or "(?!)")


@lru_cache(maxsize=64)
def names_like(patterns: tuple[str, ...]) -> Names:
    """The compiled form of some patterns."""
    return Names(patterns)


def is_litter(name: str, patterns: Iterable[str] = LITTER) -> bool:
    """Whether a name, or a folder on the way to it, is one that desktops strew about."""
    litter = names_like(tuple(patterns))
    return any(part in litter for part in name.split("/"))


def is_partial(name: str, patterns: Iterable[str] = PARTIAL) -> bool:
    """Whether a name, or a folder on the way to it, is that of an unfinished transfer."""
    partial = names_like(tuple(patterns))
    return any(part in partial for part in name.split("/"))


def is_partial_of(partial: str, name: str) -> bool:
    """Whether a partial-transfer name stands for this very name: `NAME.partial`, `NAME.aria2`, `.NAME.XXXXXX` ..."""
    return name in transfers(partial)


def transfers(partial: str) -> Iterator[str]:
    """Every name that a partial-transfer name may become: without its last ending or two, and what stands before it."""
    before = _BEFORE.match(partial)
    for whole in (partial, partial[before.end() :]) if before else (partial,):
        if whole != partial:
            yield whole
        name, _, _ = whole.rpartition(".")
        yield name
        if second := _SECOND_ENDING.fullmatch(name):
            yield second[1]
