"""Moving to another volume: copied, synced, read back and compared, put in place, and only then is the source removed.

The copy grows under a hidden name beside its target. Every step can be done again after a crash.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from scanner.errors import AlteredError, CustodyError
from scanner.intake.copying import Trait, copy_all, is_same, remove, traits
from scanner.intake.custody import is_free, move_exclusively, own_name, shown, sync_folder
from scanner.intake.journal import Moving, held, journals, moving, strike_out
from scanner.intake.room import check_room
from scanner.intake.writers import in_use


class Phase(StrEnum):
    """How far a move to another volume came: the source alone, it and part of a copy, it and the copy, the copy."""

    BEGUN = "begun"
    COPYING = "copying"
    PLACED = "placed"
    HANDED_ON = "handed on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A move to another volume that was begun and is not done."""

    source: Path
    target: Path
    phase: Phase


def carry_over(
    source: Path, target: Path, proof: Callable[[Path], None] | None = None, *, called: Path | None = None
) -> tuple[str, ...]:
    """Move to another volume. Gives what that volume could not keep beside the bytes: owners, times, access lists.

    `proof` is called with the copy before it is put in place, and may raise; `called` is the target's name for the
    journal, if it is reached by another way. Raises FileExistsError if something else stands at the target,
    AlteredError if the source changed meanwhile, OSError else; the source is then untouched.
    """
    if is_free(target, source):
        remove(_arriving(source, target))
        _check_still(source)
        check_room(source, target.parent)
        return _carry(source, target, proof, called or target)
    with held(source):
        if not _handed_on_as(source, target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        remove(_arriving(source, target))
    return ()


def resume(source: Path) -> Path | None:
    """Finish what an earlier call for this source left: a copy that was put in place, or one that goes back.

    Gives where the delivery is if it has been handed on; None if it is still, or was never, at `source`. A source is
    removed only if its copy is there and the same. Raises OSError.
    """
    with held(source):
        begun = moving(source)
        if begun is None:
            return None
        phase = _phase(begun)
        fresh = _arriving(source, begun.target)
        if os.path.lexists(source):
            remove(fresh)
            if phase is not Phase.PLACED or not _handed_on_as(source, begun.target):
                return None
        elif os.path.lexists(fresh):
            raise OSError(errno.EIO, f"the source is gone and its copy at {shown(fresh)} was never compared")
        remove(_handed_on(source))
    return begun.target


def settle(source: Path) -> None:
    """Clear up after a source that has been handed on, be it before a crash. Raises OSError."""
    with held(source):
        remove(_handed_on(source))


def unfinished(folder: Path) -> tuple[Unfinished, ...]:
    """The moves to other volumes that were begun in a folder of ours and are not done. Raises OSError."""
    return tuple(
        Unfinished(source=begun.source, target=begun.target, phase=_phase(begun)) for begun in journals(folder)
    )


def _carry(source: Path, target: Path, proof: Callable[[Path], None] | None, called: Path) -> tuple[str, ...]:
    fresh = _arriving(source, target)
    with held(source, called):
        try:
            before = traits(source)
            lost = copy_all(source, fresh)
            inode = fresh.lstat().st_ino
            _check(source, fresh, before)
            if proof is not None:
                proof(fresh)
            move_exclusively(fresh, target)
        except (OSError, CustodyError):
            remove(fresh)
            strike_out(source)
            raise
        _check_placed(source, target, inode)
        _check_unchanged(source, before, f"A copy of what it was is at {shown(called)}")
        _hand_on(source)
    return lost


def _arriving(source: Path, target: Path) -> Path:
    return target.with_name(own_name("arriving", source))


def _handed_on(source: Path) -> Path:
    return source.with_name(own_name("handed-on", source))


def _phase(begun: Moving) -> Phase:
    """Read off what is there. A source is renamed only once its copy stands in its place."""
    if not os.path.lexists(begun.source):
        return Phase.HANDED_ON
    if os.path.lexists(_arriving(begun.source, begun.target)):
        return Phase.COPYING
    return Phase.PLACED if os.path.lexists(begun.target) else Phase.BEGUN


def _check(source: Path, fresh: Path, before: dict[str, Trait]) -> None:
    if not is_same(source, fresh):
        raise OSError(errno.EIO, "the copy does not read back as the original")
    _check_unchanged(source, before, "It is still where it was")
    _check_still(source)


def _check_still(source: Path) -> None:
    """What is written after it was copied would go with the original."""
    writing = in_use(source)
    if writing is not None:
        raise OSError(errno.EBUSY, f"{shown(writing)} is still open for writing, or locked, by another program")


def _check_unchanged(source: Path, before: dict[str, Trait], left: str) -> None:
    now = traits(source)
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            what = shown(name or source.name)
            msg = f"{what} in {shown(source)} was changed while it was being moved. {left}. It must be examined again."
            raise AlteredError(msg)


def _check_placed(source: Path, target: Path, inode: int) -> None:
    """See that it was the copy that was put in place: where others write too, one name can be swapped for another."""
    sync_folder(target.parent)
    if target.lstat().st_ino != inode and not is_same(source, target):
        raise OSError(errno.EIO, f"{shown(target)} is not the copy that was compared")


def _handed_on_as(source: Path, target: Path) -> bool:
    """Let the source of an earlier call go, if what is at the target is the same; False if it is not."""
    before = traits(source)
    if not is_same(source, target):
        return False
    _check_still(source)
    _check_unchanged(source, before, f"A copy of what it was is at {shown(target)}")
    _hand_on(source)
    return True


def _hand_on(source: Path) -> None:
    done = _handed_on(source)
    remove(done)
    source.rename(done)
    sync_folder(source.parent)
    remove(done)
