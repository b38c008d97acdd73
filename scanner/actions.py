"""What is done to delivered bytes: moved, proved unchanged, marked. Nothing is overwritten, nothing is done twice.

Decide, write down, act: the target of a move is worked out once (`destination`), recorded by the caller, and then given
to `place`, which can be called again after a crash at any point.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import AlteredError, CustodyError
from scanner.intake.copying import carry_over, clear_handed_on
from scanner.intake.custody import cannot, make_folders, move_exclusively, shown, sync_folder, write_exclusively
from scanner.intake.hashing import sha256_of
from scanner.intake.walk import TYPE_REASONS, Entry, walk, why
from scanner.model import Member, Refused
from scanner.report.scanned import Scanned


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


def destination(folder: Path, name: str, delivery_id: str) -> Path:
    """Where a delivery goes on to: `folder/name`, or below its own id if that is taken. Record it before moving."""
    plain = folder / name
    return folder / delivery_id / name if os.path.lexists(plain) else plain


def blocked_destination(folder: Path, name: str, delivery_id: str) -> Path:
    """Where a held or quarantined delivery goes: always below its own id, with room for its tombstone beside it."""
    return folder / delivery_id / "payload" / name


def place(source: Path, target: Path) -> None:
    """Move a file or folder without ever replacing another. Doing it again, after a crash too, is harmless.

    Times, mode and extended attributes stay. To another volume it is copied, synced, read back and compared first.
    Raises CustodyError if the target is taken, the disk is full, or leave is missing: the source is then whole.
    """
    try:
        if os.path.lexists(source):
            make_folders(target.parent)
            _move(source, target)
        elif not os.path.lexists(target):
            msg = f"{shown(source)} is gone, and not at {shown(target)} either. Look for it by hand; nothing was moved."
            raise CustodyError(msg)
        _settle_names(source, target)
    except FileExistsError as error:
        taken = shown(error.filename2 or error.filename or target)
        msg = f"{taken} is taken by something else. {shown(source)} was left where it is; move the other away first."
        raise CustodyError(msg) from error
    except OSError as error:
        doing = f"{shown(source)} could not be moved to {shown(target)}"
        raise cannot(doing, error, left=_where(source, target)) from error


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
    files = {file for member in members for file in member.files}
    if root.is_dir() and (absent := sorted(files - now.keys())):
        raise _altered(root, absent[0], "is missing")


def verify(root: Path, members: Iterable[Member], refused: Iterable[Refused] = ()) -> None:
    """Hash every file again and compare; nothing may be missing, nothing added. Raises AlteredError with the name.

    `refused` is what was refused when stock was taken: it must be there still, and still be what it was.
    """
    members = tuple(members)
    expected = {
        file: file_hash for member in members for file, file_hash in zip(member.files, member.file_hashes, strict=True)
    }
    known = {entry.name: entry.reason for entry in refused}
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


@contextmanager
def alone_with(source: Path) -> Iterator[None]:
    """Keep other programs that ask for the same out, while something is done about a blocked delivery."""
    try:
        fd = os.open(source.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield  # nothing is there to be alone with
        return
    try:
        with suppress(OSError):  # some network file systems know no locks
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def leave_word(folder: Path, scanned: Scanned, shortest_shot: int) -> None:
    """Put the verdict beside what is blocked, as text and as a page, for whoever finds it there. Harmless to repeat.

    Raises CustodyError if it cannot be written.
    """
    from scanner.report.html import html
    from scanner.report.terminal import lines

    rule = f"rule on it: scanner quarantine show {scanned.record.delivery_id}\n"
    write_tombstone(folder, "\n".join((*lines(scanned, shortest_shot=shortest_shot), rule)))
    write_tombstone(folder, html((scanned,), shortest_shot=shortest_shot), name="verdict.html")


def write_tombstone(folder: Path, text: str, *, name: str = "verdict.txt") -> Path:
    """Write a note beside a blocked payload and return its path. The same text is written once; an older one stays.

    Raises CustodyError if it cannot be written.
    """
    content = text.encode("utf-8", "surrogateescape")
    stem, dot, extension = name.partition(".")
    number = 1
    try:
        make_folders(folder)
        while True:
            path = folder / (name if number == 1 else f"{stem}-{number}{dot}{extension}")
            try:
                write_exclusively(path, content)
            except FileExistsError:
                if _says(path, content):
                    return path
                number += 1
            else:
                return path
    except OSError as error:
        raise cannot(f"{shown(folder / name)} could not be written", error, left="No payload was touched") from error


def _move(source: Path, target: Path) -> None:
    try:
        move_exclusively(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV and not (error.errno == errno.EEXIST and _are_apart(source, target)):
            raise
        carry_over(source, target)


def _are_apart(source: Path, target: Path) -> bool:
    """A target that is there is told before a volume that is another: it may be a copy from before a crash."""
    return source.lstat().st_dev != target.parent.lstat().st_dev


def _settle_names(source: Path, target: Path) -> None:
    sync_folder(target.parent)
    if source.parent.is_dir():
        clear_handed_on(source)
        sync_folder(source.parent)


def _where(source: Path, target: Path) -> str:
    return "It is still where it was" if os.path.lexists(source) else f"It is whole at {shown(target)}"


def _says(path: Path, content: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == content


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
