"""One look at a drop folder: what lies at its top, each with the size, times and listing that settling compares."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from scanner.errors import CustodyError
from scanner.intake.sequences import ImageSequence, group
from scanner.intake.walk import Entry, walk, why_not_opened
from scanner.model import Refused
from scanner.settle import LITTER, PARTIAL, EntryKind, Look, is_litter, is_partial, is_partial_of, transfers


def look(folder: Path, *, partial: Iterable[str] = PARTIAL, litter: Iterable[str] = LITTER) -> tuple[Look, ...]:
    """Every file, folder and loose image sequence at the top of a drop folder, by name. Nothing is opened but folders.

    Litter and what is never opened come too, as such. Raises CustodyError if the drop folder itself cannot be read.
    """
    partial, litter = tuple(partial), tuple(litter)
    found = _top(folder)
    passed_over = {name for name in found if is_litter(name, litter)}
    unfinished = tuple(name for name in found if _unfinished(name, partial, litter))
    loose = [
        name
        for name, status in found.items()
        if stat.S_ISREG(status.st_mode) and name not in passed_over and name not in unfinished
    ]
    sequences, _ = group(loose)
    framed = {file for sequence in sequences for file in sequence.files}
    looks = [_of_sequence(sequence, found, unfinished) for sequence in sequences]
    for name, status in found.items():
        if name in passed_over:
            looks.append(Look(name=name, kind=EntryKind.LITTER, reason="litter: passed over"))
        elif name not in framed:
            beside = tuple(other for other in unfinished if other == name or is_partial_of(other, name))
            looks.append(_of_one(folder / name, status, beside, lambda leaf: _unfinished(leaf, partial, litter)))
    return tuple(sorted(looks, key=lambda look: look.name))


def _top(folder: Path) -> dict[str, os.stat_result]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        msg = f"{str(folder)!r} cannot be looked into: {error.strerror}. Nothing was taken; mend it or the settings."
        raise CustodyError(msg) from error
    found = {}
    for name in names:
        try:
            found[name] = os.lstat(folder / name)
        except OSError:
            continue  # gone between listing and looking
    return found


def _unfinished(name: str, partial: tuple[str, ...], litter: tuple[str, ...]) -> bool:
    """The AppleDouble of `a.prproj` looks like a transfer of rsync: what is litter is not awaited."""
    return is_partial(name, partial) and not is_litter(name, litter)


def _of_one(path: Path, status: os.stat_result, beside: tuple[str, ...], unfinished: Callable[[str], bool]) -> Look:
    reason = why_not_opened(status)
    if reason is not None:
        return Look(name=path.name, kind=EntryKind.REFUSED, reason=reason)
    if stat.S_ISDIR(status.st_mode):
        return _of_folder(path, beside, unfinished)
    return _summed(path.name, EntryKind.FILE, ((path.name, status),), beside)


def _of_sequence(sequence: ImageSequence, found: dict[str, os.stat_result], unfinished: tuple[str, ...]) -> Look:
    beside = tuple(name for name in unfinished if any(map(sequence.would_hold, transfers(name))))
    statuses = tuple((file, found[file]) for file in sequence.files)
    return _summed(sequence.name, EntryKind.SEQUENCE, statuses, beside, files=sequence.files)


def _of_folder(path: Path, beside: tuple[str, ...], unfinished: Callable[[str], bool]) -> Look:
    statuses: list[tuple[str, os.stat_result]] = []
    refused: list[Refused] = []
    for found in walk(path, name=path.name):
        if isinstance(found, Entry):
            statuses.append((found.name, found.status))
        else:
            refused.append(found)
    inside = tuple(name for name, _ in statuses if unfinished(name))
    return _summed(path.name, EntryKind.FOLDER, statuses, (*beside, *inside), refused=refused)


def _summed(
    name: str,
    kind: EntryKind,
    statuses: Iterable[tuple[str, os.stat_result]],
    partial: tuple[str, ...],
    *,
    files: tuple[str, ...] = (),
    refused: Iterable[Refused] = (),
) -> Look:
    statuses = tuple(statuses)
    regular = [status for _, status in statuses if stat.S_ISREG(status.st_mode)]
    listing = hashlib.sha256()
    for line in _lines(statuses, refused):
        listing.update(line)
    return Look(
        name=name,
        kind=kind,
        files=files,
        size=sum(status.st_size for status in regular),
        newest_mtime_ns=max((status.st_mtime_ns for _, status in statuses), default=0),
        file_count=len(regular),
        listing=listing.hexdigest(),
        partial=partial,
    )


def _lines(statuses: Iterable[tuple[str, os.stat_result]], refused: Iterable[Refused]) -> Iterator[bytes]:
    for name, status in statuses:
        facts = (stat.S_IFMT(status.st_mode), status.st_ino, status.st_size, status.st_mtime_ns)
        yield os.fsencode(name) + f"\0{facts}\0".encode()
    for entry in refused:
        yield os.fsencode(entry.name) + b"\0" + os.fsencode(entry.reason) + b"\0"
