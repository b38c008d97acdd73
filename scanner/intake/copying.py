"""Moving to another volume: copied, synced, read back and compared, put in place, and only then is the source removed.

The copy grows under a hidden name beside its target. Every step can be done again after a crash.
"""

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from scanner.intake.custody import is_free, move_exclusively, own_name, sync_folder
from scanner.intake.hashing import digests

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 4 << 20


def carry_over(source: Path, target: Path) -> None:
    """Move to another volume with times, modes, extended attributes and, where permitted, owners.

    Raises FileExistsError if something else stands at the target, OSError else; the source is then untouched.
    """
    fresh = target.with_name(own_name("arriving", source))
    if is_free(target, source):
        _remove(fresh)
        try:
            _copy(source, fresh)
            _compare(source, fresh)
            move_exclusively(fresh, target)
        except OSError:
            with suppress(OSError):
                _remove(fresh)
            raise
        sync_folder(target.parent)
    elif not _is_same(source, target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    _remove(fresh)
    done = source.with_name(own_name("handed-on", source))
    _remove(done)
    source.rename(done)
    _remove(done)


def clear_handed_on(source: Path) -> None:
    """Finish removing a source whose copy was put in place before a crash. Raises OSError."""
    _remove(source.with_name(own_name("handed-on", source)))


def _compare(source: Path, copy: Path) -> None:
    if not _is_same(source, copy):
        raise OSError(errno.EIO, "the copy does not read back as the original")


def _is_same(source: Path, other: Path) -> bool:
    return digests(source) == digests(other)


def _remove(path: Path) -> None:
    """Remove what we made ourselves, or have handed on."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _copy(source: Path, copy: Path) -> None:
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        copy.mkdir(mode=0o700)
        for inner in sorted(source.iterdir()):
            _copy(inner, copy / inner.name)
        _dress(source, copy)
        sync_folder(copy)
    elif stat.S_ISREG(mode):
        _copy_file(source, copy)
    elif stat.S_ISLNK(mode):
        copy.symlink_to(source.readlink())
        _dress(source, copy)
    else:
        raise OSError(errno.EOPNOTSUPP, f"{str(source)!r} is a device, FIFO or socket, which is never copied")


def _copy_file(source: Path, copy: Path) -> None:
    with os.fdopen(os.open(source, _READ), "rb") as reading, os.fdopen(os.open(copy, _WRITE, 0o600), "wb") as writing:
        shutil.copyfileobj(reading, writing, _BLOCK)
        writing.flush()
        os.fsync(writing.fileno())
        if hasattr(os, "posix_fadvise"):  # so that the comparison reads the disk and not our own memory
            os.posix_fadvise(writing.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    _dress(source, copy)


def _dress(source: Path, copy: Path) -> None:
    """Owner first: changing it clears bits of the mode."""
    status = source.lstat()
    with suppress(PermissionError):
        os.chown(copy, status.st_uid, status.st_gid, follow_symlinks=False)
    shutil.copystat(source, copy, follow_symlinks=False)
