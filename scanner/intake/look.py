"""One look at a drop folder: what lies at its top, each with the size, times and listing that settling compares."""

import os
import stat
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scanner.errors import CustodyError
from scanner.intake.listings import CHECKSUM_ENDINGS
from scanner.intake.sequences import ImageSequence, group
from scanner.intake.signs import is_sign
from scanner.intake.tally import Facts, Sorting, Tally, facts, is_busy, listing_of, sorting
from scanner.intake.walk import why_not_opened
from scanner.settle import LITTER, PARTIAL, EntryKind, Look, transfers


def look(
    folder: Path, *, partial: Iterable[str] = PARTIAL, litter: Iterable[str] = LITTER, pairs: bool = False
) -> tuple[Look, ...]:
    """Every file, folder and loose image sequence at the top of a drop folder, by name. Nothing is opened but folders.

    Litter and what is never opened come too, as such. With `pairs`, a file and the checksum files beside it are one
    entry. Raises CustodyError if the drop folder itself cannot be read.
    """
    top = Top(folder=folder, sorting=sorting(partial, litter))
    for entry in top_of(folder):
        top.add(entry)
    sequences, _ = group(top.files)
    looks = [*top.loose(sequences, pairs=pairs), *(top.inside(name) for name in top.folders)]
    return tuple(sorted(looks, key=lambda look: look.name))


def top_of(folder: Path) -> "Iterator[os.DirEntry[str]]":
    """The entries of a drop folder, in no order. Raises CustodyError if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        msg = f"{str(folder)!r} cannot be looked into: {error.strerror}. Nothing was taken; mend it or the settings."
        raise CustodyError(msg) from error


@dataclass(slots=True, kw_only=True)
class Top:
    """What lies at the top of a drop folder, sorted out. `single`: files that are themselves unfinished transfers."""

    folder: Path
    sorting: Sorting
    folders: dict[str, os.stat_result] = field(default_factory=dict)
    files: dict[str, Facts] = field(default_factory=dict)
    _aside: list[Look] = field(default_factory=list)
    _single: dict[str, Facts] = field(default_factory=dict)
    _awaited: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, entry: "os.DirEntry[str]") -> None:
        """Sort out one entry; one that went away since it was listed is none."""
        name = entry.name
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return
        if name.endswith(".txt") and is_sign(self.folder / name):
            self._aside.append(Look(name=name, kind=EntryKind.LITTER, reason="our own note on a blocked delivery"))
        elif name in self.sorting.known or is_busy(status) or not stat.S_ISREG(status.st_mode):
            self._set_apart(name, status)
        else:
            self.files[name] = facts("", name, status)

    def _set_apart(self, name: str, status: os.stat_result) -> None:
        if name in self.sorting.litter:
            self._aside.append(Look(name=name, kind=EntryKind.LITTER, reason="litter: passed over"))
            return
        unfinished = name in self.sorting.partial or is_busy(status)
        if unfinished:
            for whole in (name, *transfers(name)):
                self._awaited[whole][name] = None
        reason = why_not_opened(status)
        if reason is not None:
            self._aside.append(Look(name=name, kind=EntryKind.REFUSED, reason=reason))
        elif stat.S_ISDIR(status.st_mode):
            self.folders[name] = status
        else:
            (self._single if unfinished else self.files)[name] = facts("", name, status)

    def loose(self, sequences: Iterable[ImageSequence], *, pairs: bool) -> Iterator[Look]:
        """What is no folder: refused, litter, the sequences, files with their checksum files, all other files."""
        yield from self._aside
        files = dict(self.files)
        for sequence in sequences:
            frames = [files.pop(file) for file in sequence.files]
            yield _of_files(sequence.name, EntryKind.SEQUENCE, frames, self._beside_frames(sequence), sequence.files)
        for name, others in (_pairs(files) if pairs else {}).items():
            both = (name, *others)
            yield _of_files(name, EntryKind.PAIR, [files.pop(file) for file in both], self._beside(name), both)
        for name, alone in (*files.items(), *self._single.items()):
            yield _of_files(name, EntryKind.FILE, [alone], self._beside(name))

    def inside(self, name: str) -> Look:
        """A folder, with everything in it."""
        tally = Tally(sorting=self.sorting)
        tally.folder(self.folder / name)
        return Look(
            name=name,
            kind=EntryKind.FOLDER,
            size=tally.size,
            newest_mtime_ns=tally.newest_mtime_ns,
            file_count=tally.file_count,
            listing=listing_of(tally.mark),
            partial=(*self._beside(name), *sorted(tally.partial)),
            manifests=tuple(sorted(tally.manifests)),
        )

    def _beside(self, name: str) -> tuple[str, ...]:
        """The unfinished transfers that are this entry, or may become it."""
        return tuple(sorted(self._awaited.get(name, ())))

    def _beside_frames(self, sequence: ImageSequence) -> tuple[str, ...]:
        beside = {
            unfinished
            for name, transfers_of_it in self._awaited.items()
            if is_frame_of(sequence, name)
            for unfinished in transfers_of_it
        }
        return tuple(sorted(beside))


def is_frame_of(sequence: ImageSequence, name: str) -> bool:
    """Whether a file of this name would be a frame of this sequence. Quick where it would not."""
    return name.startswith(sequence.prefix) and name.endswith(sequence.suffix) and sequence.would_hold(name)


def _pairs(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Files with their checksum files: `x.mov` with `x.mov.md5`, or with `x.md5` if nothing else is called x."""
    media, checksums = set(), []
    by_stem = defaultdict(list)
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if dot and ending.lower() in CHECKSUM_ENDINGS:
            checksums.append((name, stem))
        else:
            media.add(name)
            by_stem[stem].append(name)
    found = defaultdict(list)
    for name, stem in sorted(checksums):
        owners = [stem] if stem in media else by_stem.get(stem, ())
        if len(owners) == 1:
            found[owners[0]].append(name)
    return {name: tuple(sidecars) for name, sidecars in found.items()}


def _of_files(
    name: str, kind: EntryKind, counted: Collection[Facts], beside: tuple[str, ...], files: tuple[str, ...] = ()
) -> Look:
    return Look(
        name=name,
        kind=kind,
        files=files,
        size=sum(size for _, size, _ in counted),
        newest_mtime_ns=max(newest for _, _, newest in counted),
        file_count=len(counted),
        listing=listing_of(sum(mark for mark, _, _ in counted)),
        partial=beside,
    )
