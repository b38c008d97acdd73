"""What is being moved to another volume, written down until it is done, so that no copy begun is ever forgotten.

The safety of the bytes does not rest on it: a source goes only when its copy has been compared and stands in its place.
It lies beside the folder `payload`, where no delivered name can stand: whoever delivers must not be able to forge it.
"""

import errno
import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from scanner.intake.custody import own_name, sync_folder

_PAYLOAD = "payload"
_NAME = re.compile(r"\.journal-[0-9a-f]{16}\.partial")
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST = 1 << 16
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A move to another volume that was begun."""

    source: Path
    target: Path


def journal_of(source: Path) -> Path:
    """Where the journal of moving `source` lies, at every try the same."""
    source = source.absolute()
    folder = source.parent.parent if source.parent.name == _PAYLOAD else source.parent
    return folder / own_name("journal", source)


def moving(source: Path) -> Moving | None:
    """What is written down about a move of `source`; None if nothing is. Raises OSError."""
    return _read(journal_of(source))


def journals(folder: Path) -> tuple[Moving, ...]:
    """Every move written down in a folder, or one level below it. Raises OSError if it cannot be looked into."""
    found: list[Moving] = []
    try:
        with os.scandir(folder) as entries:
            places = [folder, *(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))]
    except FileNotFoundError:
        return ()
    for place in sorted(places):
        with suppress(FileNotFoundError, PermissionError), os.scandir(place) as entries:
            names = sorted(entry.name for entry in entries if _NAME.fullmatch(entry.name))
            found += [known for name in names if (known := _read(place / name)) is not None]
    return tuple(found)


@contextmanager
def held(source: Path, target: Path | None = None) -> Iterator[None]:
    """Write a move down (with a `target`), keep every other mover off meanwhile, and strike it out when it is done.

    It stays when the block is left by an error. Raises OSError (EBUSY: another program is moving it). On a full disk
    the move goes on without: it may be what makes room.
    """
    path = journal_of(source)
    fd = _locked(path, make=target is not None)
    try:
        if fd is not None and target is not None:
            _write(fd, Moving(source=source.absolute(), target=target.absolute()))
            sync_folder(path.parent)
        yield
        if fd is not None:
            strike_out(source)
    finally:
        if fd is not None:
            os.close(fd)


def strike_out(source: Path) -> None:
    """Remove the journal of a move that is done or taken back. Only for who holds it. Raises OSError."""
    path = journal_of(source)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def _locked(path: Path, *, make: bool) -> int | None:
    """The journal, open and locked; None if there is none and none can be made for want of room."""
    while True:
        try:
            fd = os.open(path, _OPEN | (os.O_CREAT if make else 0), 0o600)
        except OSError as error:
            if error.errno in _NO_ROOM or (error.errno == errno.ENOENT and not make):
                return None
            raise
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(fd)
            raise OSError(errno.EBUSY, "another program is moving it") from error
        except OSError:
            return fd  # some network file systems know no locks
        if _is_still(path, fd):
            return fd
        os.close(fd)


def _is_still(path: Path, fd: int) -> bool:
    """Whether what was locked has not been struck out by another in between."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def _write(fd: int, begun: Moving) -> None:
    text = {"version": 1, "source": str(begun.source), "target": str(begun.target)}
    content = json.dumps(text).encode("ascii") + b"\n"
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, content, 0)
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise


def _read(path: Path) -> Moving | None:
    """A journal; None if it is not there, is empty or half-written (nothing was begun then), or is not ours."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        raise
    try:
        text = json.loads(os.read(fd, _LONGEST))
        begun = Moving(source=Path(text["source"]), target=Path(text["target"]))
    except (ValueError, KeyError, TypeError):
        return None
    finally:
        os.close(fd)
    return begun if journal_of(begun.source) == path.absolute() else None
