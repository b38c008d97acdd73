"""Steps on the file system that custody rests on: exclusive moves and writes that survive a crash between any two.

Nothing here ever replaces what it did not make. A move on one file system is Linux's renameat2 with RENAME_NOREPLACE:
one step, which either happened or did not. Where a file system or system does not know it, a file is linked and then
unlinked, and a folder is renamed onto an empty one made exclusively; both can be done again after a crash.
"""

import ctypes
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scanner.errors import CustodyError

_NOT_KNOWN = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1
_NO_SYNC = frozenset({errno.EINVAL, errno.EBADF, errno.EOPNOTSUPP, errno.ENOTSUP})
_ADVICE = {
    errno.ENOSPC: "Free some space; it is tried again",
    errno.EDQUOT: "Raise the quota; it is tried again",
    errno.EFBIG: "Raise the limit on file sizes; it is tried again",
    errno.EACCES: "Give the scanner leave to write there; it is tried again",
    errno.EPERM: "Give the scanner leave to write there; it is tried again",
    errno.EROFS: "Mount it writable; it is tried again",
    errno.ENAMETOOLONG: "Shorten its name by hand",
}


def shown(path: Path | str) -> str:
    """A path for a message: quoted, with control characters and undecodable bytes escaped."""
    return repr(str(path))


def cannot(doing: str, error: OSError, *, left: str) -> CustodyError:
    """The error to raise when `doing` failed: what happened, where the bytes are (`left`), and what to do."""
    advice = _ADVICE.get(error.errno or 0, "Mend the cause; it is tried again")
    return CustodyError(f"{doing}: {error.strerror or error}. {left}. {advice}.")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where its file system can. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(fd)
    finally:
        os.close(fd)


def sync(fd: int) -> None:
    """Make an open file or folder durable, where its file system can. Raises OSError."""
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def make_folders(folder: Path) -> None:
    """Make a folder and those above it, durably. Raises OSError, also if something else has one of the names."""
    if not folder.is_dir():
        make_folders(folder.parent)
        try:
            folder.mkdir()
        except FileExistsError:
            if not folder.is_dir():
                raise
        sync_folder(folder.parent)


@contextmanager
def anchored(folder: Path, within: Path) -> Iterator[Path]:
    """A folder below `within`, made where it is missing, by a path that leads there whatever is swapped in meanwhile.

    Where others may write, a folder can become a symbolic link between looking and moving. Raises OSError if a part of
    the way is one (ENOTDIR, ELOOP), ValueError if `folder` does not lie below `within`.
    """
    parts = folder.absolute().relative_to(within.absolute()).parts
    if ".." in parts:
        msg = f"{shown(folder)} does not lie below {shown(within)}"
        raise ValueError(msg)
    fd = os.open(within, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            fd = _step_into(fd, part)
        here = Path(f"/proc/self/fd/{fd}")
        yield here if here.exists() else folder  # a system without /proc is told by name, as good as it gets
    finally:
        os.close(fd)


def own_name(purpose: str, path: Path) -> str:
    """A short hidden name that is the same at every try, for what we make while `path` is being moved.

    It ends as unfinished transfers do: in a drop folder it is no delivery.
    """
    return f".{purpose}-{hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]}.partial"


def write_exclusively(path: Path, content: bytes, *, fresh: Path | None = None) -> None:
    """Write a file whole or not at all, called `fresh` at first. Raises FileExistsError if it is there, OSError."""
    fresh = fresh or path.with_name(own_name("writing", path))
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(fd)
        move_exclusively(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move_exclusively(source: Path, target: Path) -> None:
    """Move within one file system, never replacing anything; links themselves are moved, not followed.

    After a crash between its steps, calling it again completes it. Raises FileExistsError if something else stands at
    the target, OSError (EXDEV: another file system) else; the source is then where it was.
    """
    try:
        _rename_if_free(source, target)
    except OSError as error:
        if error.errno not in _NOT_KNOWN | {errno.EEXIST}:
            raise
        if stat.S_ISDIR(source.lstat().st_mode):
            move_onto_empty(source, target)
        else:
            move_by_link(source, target)


def is_free(target: Path, source: Path) -> bool:
    """Whether `move_exclusively` would find nothing at the target but what it left there itself."""
    return not os.path.lexists(target) or (source.is_dir() and _is_empty_folder(target))


def move_by_link(source: Path, target: Path) -> None:
    """Move a file in two steps: it has two names for a moment. Raises FileExistsError, OSError."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        if not _is_one(source, target):
            raise
    sync_folder(target.parent)
    if source.lstat().st_nlink > 1:  # one name only: source and target are the same entry, and it stays
        source.unlink()


def move_onto_empty(source: Path, target: Path) -> None:
    """Move a folder in two steps: renamed onto an empty one it takes its place; onto a filled one the system refuses.

    Raises FileExistsError, OSError.
    """
    made = _made_or_empty(source, target)
    try:
        source.rename(target)
    except OSError as error:
        if made:
            with suppress(OSError):
                target.rmdir()
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        raise


def _step_into(fd: int, part: str) -> int:
    """Open a folder in an open folder, which is closed, having made it where it is missing. Raises OSError."""
    try:
        try:
            os.mkdir(part, dir_fd=fd)
            sync(fd)
        except FileExistsError:
            pass
        inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=fd)
    except OSError as error:
        raise OSError(error.errno, f"{shown(part)}: {error.strerror}") from error
    os.close(fd)
    return inner


def _rename_if_free(source: Path, target: Path) -> None:
    """renameat2(2) with RENAME_NOREPLACE. Raises OSError; ENOSYS where the C library has no such function."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    number = errno.ENOSYS
    if renameat2 is not None:
        old, new = os.fsencode(source), os.fsencode(target)
        if renameat2(_AT_FDCWD, old, _AT_FDCWD, new, ctypes.c_uint(_RENAME_NOREPLACE)) == 0:
            return
        number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), str(source), None, str(target))


def _made_or_empty(source: Path, target: Path) -> bool:
    try:
        target.mkdir()
    except FileExistsError:
        if not (_is_one(source, target) or _is_empty_folder(target)):
            raise
        return False
    return True


def _is_one(source: Path, target: Path) -> bool:
    ours, there = source.lstat(), target.lstat()
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _is_empty_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode) and not any(path.iterdir())
