"""Delivered bytes proved to be what was examined: at a glance by their stamps, or every byte by its hash."""

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import AlteredError
from scanner.intake.custody import cannot, shown
from scanner.intake.hashing import sha256_of
from scanner.intake.walk import TYPE_REASONS, Entry, walk, why
from scanner.model import Member, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One entry of a delivery as its folder shows it: enough to notice a change without reading a byte.

    The time of change is the system's: unlike the time of modification, nobody can put it back after writing.
    """

    name: str
    kind: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """The stamps of everything in a delivery that is not a folder, by name."""

    entries: tuple[Stamp, ...]


def stamp(root: Path) -> Stamps:
    """The stamps of a delivery. Taken before its stock is taken, they show any change since. Raises CustodyError."""
    entries = []
    for found in _entries(root):
        if isinstance(found, Refused):
            continue
        status = found.status
        if not found.is_folder:
            entries.append(
                Stamp(
                    name=found.name,
                    kind=stat.S_IFMT(status.st_mode),
                    size=status.st_size,
                    mtime_ns=status.st_mtime_ns,
                    ctime_ns=status.st_ctime_ns,
                    inode=status.st_ino,
                )
            )
    return Stamps(entries=tuple(sorted(entries, key=lambda entry: entry.name)))


def unchanged(root: Path, members: Iterable[Member], stamps: Stamps) -> None:
    """Compare sizes, times and inodes with `stamps`, cheaply. Raises AlteredError with the first name that differs."""
    before = {entry.name: entry for entry in stamps.entries}
    now = {entry.name: entry for entry in stamp(root).entries}
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            raise _altered(root, name, _difference(before.get(name), now.get(name)))
    files = {file for member in members if not member.is_inside for file in member.files}
    if root.is_dir() and (absent := sorted(files - now.keys())):
        raise _altered(root, absent[0], "is missing")


def verify(root: Path, members: Iterable[Member], refused: Iterable[Refused] = ()) -> None:
    """Hash every file again and compare; nothing may be missing, nothing added. Raises AlteredError with the name.

    What was taken out of containers is proved with them. `refused` is what was refused when stock was taken: it must be
    there still, and still be what it was.
    """
    expected = {
        file: file_hash
        for member in members
        if not member.is_inside
        for file, file_hash in zip(member.files, member.file_hashes, strict=True)
    }
    known = {entry.name: entry.reason for entry in refused if not entry.is_inside}
    single = next(iter({*expected, *known}), root.name)
    seen = set()
    for found in _entries(root, name=single):
        if isinstance(found, Entry) and found.is_folder:
            continue
        seen.add(found.name)
        problem = _problem(found, expected.get(found.name), known.get(found.name))
        if problem is not None:
            raise _altered(root, found.name, problem)
    if absent := sorted(expected.keys() - seen):
        raise _altered(root, absent[0], "is missing")


def _entries(root: Path, *, name: str = ".") -> Iterator[Entry | Refused]:
    try:
        yield from walk(root, name=name)
    except OSError as error:
        raise cannot(f"{shown(root)} cannot be looked at", error, left="Nothing was moved") from error


def _problem(found: Entry | Refused, expected: str | None, known: str | None) -> str | None:
    """What is wrong with one entry, given its hash or why it was refused when stock was taken; None if nothing."""
    if isinstance(found, Refused):
        return None if found.reason == known else found.reason
    if found.not_opened is not None:
        return None if found.not_opened == known else f"is now {found.not_opened}"
    if expected is not None:
        return _difference_in_bytes(found, expected)
    if known is None:
        return "was added"
    return "is a file now, and was not" if known in TYPE_REASONS else None


def _difference_in_bytes(found: Entry, expected: str) -> str | None:
    try:
        with found.open() as file:
            return None if sha256_of(file) == expected else "holds other bytes"
    except OSError as error:
        return why(error)


def _difference(before: Stamp | None, now: Stamp | None) -> str:
    if now is None:
        return "is missing"
    return "was added" if before is None else "was changed"


def _altered(root: Path, name: str, what: str) -> AlteredError:
    return AlteredError(
        f"{shown(name)} in {shown(root)} is not what was examined: {what}."
        " The delivery stays where it is; have it delivered again, or examine it again."
    )
