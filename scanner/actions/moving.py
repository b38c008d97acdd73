"""Delivered bytes moved: never onto anything, never followed through a link, and safe to do again after any crash."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scanner.errors import CustodyError
from scanner.intake import carrying, writers
from scanner.intake.carrying import Unfinished
from scanner.intake.custody import anchored, cannot, make_folders, move_exclusively, shown, sync_folder
from scanner.intake.journal import moving


def destination(folder: Path, name: str, delivery_id: str) -> Path:
    """Where a delivery goes on to: `folder/name`, or below its own id if that is taken. Record it before moving."""
    plain = folder / name
    return folder / delivery_id / name if os.path.lexists(plain) else plain


def blocked_destination(folder: Path, name: str, delivery_id: str) -> Path:
    """Where a held or quarantined delivery goes: always below its own id, with room for its tombstone beside it."""
    return folder / delivery_id / "payload" / name


def place(
    source: Path, target: Path, *, within: Path | None = None, proof: Callable[[Path], None] | None = None
) -> tuple[str, ...]:
    """Move a file or folder without ever replacing another. Doing it again, after a crash too, is harmless.

    Times, mode, owner, access lists and extended attributes stay; what another volume cannot keep of them is returned.
    To another volume it is copied, synced, read back, compared, and shown to `proof`, which may raise, before it takes
    its place there. `within`: no link is followed on the way from there to the target. Raises CustodyError if the
    target is taken, the disk is full, leave is missing or somebody still writes into it: the source is then whole.
    AlteredError: its bytes changed on the way.
    """
    lost: tuple[str, ...] = ()
    try:
        _take_back(source, target)
        if os.path.lexists(source):
            with reached(target, within) as at:
                lost = _move(source, at, target, proof)
        elif not os.path.lexists(target):
            msg = f"{shown(source)} is gone, and not at {shown(target)} either. Look for it by hand; nothing was moved."
            raise CustodyError(msg)
        _settle_names(source, target)
    except FileExistsError as error:
        taken = shown((None if within else error.filename2 or error.filename) or target)
        msg = f"{taken} is taken by something else. {shown(source)} was left where it is; move the other away first."
        raise CustodyError(msg) from error
    except OSError as error:
        doing = f"{shown(source)} could not be moved to {shown(target)}"
        raise cannot(doing, error, left=_where(source, target)) from error
    return lost


def resume(source: Path) -> Path | None:
    """Finish or take back a move of `source` to another volume that was cut short. Harmless where there is none.

    Gives where the delivery is if it has left `source`, else None. Raises CustodyError.
    """
    try:
        return carrying.resume(source)
    except OSError as error:
        doing = f"the move of {shown(source)} that was begun could not be finished"
        raise cannot(doing, error, left="Nothing was removed that is not elsewhere too") from error


def unfinished(folder: Path) -> tuple[Unfinished, ...]:
    """The moves to other volumes that were cut short, of what lies in one of our folders. Raises CustodyError."""
    try:
        return carrying.unfinished(folder)
    except OSError as error:
        raise cannot(f"{shown(folder)} cannot be looked at", error, left="Nothing was moved") from error


def in_use(root: Path) -> str | None:
    """The first file of a delivery that another program has open for writing or locked; None if none is known of.

    Never waits, alters nothing. On network file systems, and for files of other users, only locks are known of.
    """
    try:
        return writers.in_use(root)
    except OSError:
        return None


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


def _take_back(source: Path, target: Path) -> None:
    """Clear up what an earlier try to move it somewhere else left there."""
    begun = moving(source)
    if begun is not None and begun.target != target.absolute():
        arrived = carrying.resume(source)
        if arrived is not None:
            msg = f"{shown(source)} had been moved to {shown(arrived)} before, and lies there. Nothing else was moved."
            raise CustodyError(msg)


@contextmanager
def reached(target: Path, within: Path | None) -> Iterator[Path]:
    """The target, in a folder that is there. Raises OSError, CustodyError."""
    if within is None:
        make_folders(target.parent)
        yield target
        return
    try:
        with anchored(target.parent, within) as folder:
            yield folder / target.name
    except ValueError as error:
        raise CustodyError(f"{error}. Nothing was moved.") from error


def _move(source: Path, at: Path, target: Path, proof: Callable[[Path], None] | None) -> tuple[str, ...]:
    try:
        move_exclusively(source, at)
    except OSError as error:
        if error.errno != errno.EXDEV and not (error.errno == errno.EEXIST and _are_apart(source, at)):
            raise
        return carrying.carry_over(source, at, proof, called=target)
    return ()


def _are_apart(source: Path, target: Path) -> bool:
    """A target that is there is told before a volume that is another: it may be a copy from before a crash."""
    return source.lstat().st_dev != target.parent.stat().st_dev


def _settle_names(source: Path, target: Path) -> None:
    sync_folder(target.parent)
    if source.parent.is_dir():
        carrying.settle(source)
        sync_folder(source.parent)


def _where(source: Path, target: Path) -> str:
    if not os.path.lexists(source):
        return f"It is whole at {shown(target)}"
    begun = None
    with suppress(OSError):
        begun = moving(source)
    is_there_too = begun is not None and begun.target == target.absolute() and os.path.lexists(target)
    return "It is still where it was" + (f", and a copy of it at {shown(target)}" if is_there_too else "")
