"""A delivery copied, and compared with its copy. No link is followed on either side, whatever is swapped in meanwhile.

The original is walked from one open folder to the next; the copy is made in folders that stay open, named by nothing
but their last part. Every file and folder is synced before the copy counts as made.
"""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from scanner.intake.custody import shown, sync
from scanner.intake.dressing import dress, dress_link
from scanner.intake.holes import data_parts, same_bytes
from scanner.intake.volumes import sync_volume
from scanner.intake.walk import Entry, walk
from scanner.model import Refused

_WRITE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 4 << 20
_FEW = 50

Trait = tuple[int, ...]


def entries_of(source: Path) -> Iterator[Entry]:
    """Everything in a delivery that is to be copied. Raises OSError for what cannot be looked at, or be copied."""
    for found in walk(source, name=""):
        if isinstance(found, Refused):
            raise OSError(errno.EIO, f"{shown(found.name or source.name)}: {found.reason}")
        if not (found.is_file or found.is_folder or stat.S_ISLNK(found.status.st_mode)):
            what = f"{shown(found.name or source.name)} is a device, FIFO or socket, which is never copied"
            raise OSError(errno.EOPNOTSUPP, what)
        yield found


def traits(source: Path) -> dict[str, Trait]:
    """Kind and inode of everything in a delivery, with size and times of what is no folder. Raises OSError."""
    return {found.name: _trait(found.status) for found in entries_of(source)}


def copy_all(source: Path, copy: Path) -> tuple[str, ...]:
    """Copy a file, link or folder to a place that is free, durably. Gives what could not be kept beside the bytes.

    Two names of one file stay two names of one file, holes stay holes. Raises OSError; part of a copy may be there.
    """
    copying = _Copying(at=copy)
    volume = os.open(copy.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for found in entries_of(source):
            copying.add(found, volume)
        copying.leave_folders(until=None)
        _make_durable(copy, volume, copying.files)
    finally:
        copying.close()
        os.close(volume)
    return tuple(f"{what} of {names}" for what, names in copying.told())


def is_same(source: Path, other: Path) -> bool:
    """Whether two places hold the same names and kinds, links to the same, files of the same bytes. Raises OSError."""
    return all(
        ours is not None and theirs is not None and _is_same_entry(ours, theirs)
        for ours, theirs in zip_longest(walk(source, name=""), walk(other, name=""))
    )


def remove(path: Path) -> None:
    """Remove what we made ourselves, or have handed on; folders that deny us writing too, if they are ours. OSError."""
    try:
        is_folder = stat.S_ISDIR(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not is_folder:
        path.unlink(missing_ok=True)
        return
    for found in walk(path, name=""):
        if isinstance(found, Entry) and found.is_folder and found.status.st_mode & stat.S_IRWXU != stat.S_IRWXU:
            _open_up(found)
    shutil.rmtree(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    """A folder of the copy that is being filled, with its original; both open."""

    name: str
    original: int
    copy: int
    status: os.stat_result


@dataclass(slots=True, kw_only=True)
class _Copying:
    """One copy under way: the folders that are open, from the outermost in, and what was noticed so far."""

    at: Path
    folders: list[_Folder] = field(default_factory=list)
    linked: dict[tuple[int, int], str] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    files: int = 0

    def add(self, found: Entry, outside: int) -> None:
        """Copy one entry; the outermost goes into the open folder `outside`."""
        if not found.name:
            self._make(found, outside, self.at.name)
            return
        above, _, leaf = found.name.rpartition("/")
        self.leave_folders(until=above)
        self._make(found, self.folders[-1].copy, leaf)

    def leave_folders(self, *, until: str | None) -> None:
        """Dress every folder that is filled by now: its times are given when nothing more goes in."""
        while self.folders and self.folders[-1].name != until:
            folder = self.folders[-1]
            self._note(folder.name, dress(folder.original, folder.copy, folder.status))
            self._shut(self.folders.pop())

    def close(self) -> None:
        while self.folders:
            self._shut(self.folders.pop())

    def told(self) -> Iterator[tuple[str, str]]:
        for what, names in sorted(self.lost.items()):
            yield what, shown(names[0]) + (f" and {len(names) - 1} more" if len(names) > 1 else "")

    def _make(self, found: Entry, here: int, leaf: str) -> None:
        if found.is_folder:
            self._make_folder(found, here, leaf)
        elif found.is_file:
            self._make_file(found, here, leaf)
        else:
            os.symlink(os.readlink(found.leaf, dir_fd=found.folder), leaf, dir_fd=here)
            self._note(found.name, dress_link(leaf, here, found.status))

    def _make_folder(self, found: Entry, here: int, leaf: str) -> None:
        original = os.open(found.leaf, _FOLDER, dir_fd=found.folder)
        try:
            _check_same(found, original)
            os.mkdir(leaf, 0o700, dir_fd=here)
            copy = os.open(leaf, _FOLDER, dir_fd=here)
            with suppress(OSError):
                os.fchmod(copy, stat.S_IRWXU)  # an access list handed down may keep us out of it
        except OSError:
            os.close(original)
            raise
        self.folders.append(_Folder(name=found.name, original=original, copy=copy, status=found.status))

    def _make_file(self, found: Entry, here: int, leaf: str) -> None:
        with found.open() as original:
            _check_same(found, original.fileno())
            if self._make_link(found, here, leaf):
                return
            _leave_no_trace(original.fileno())
            copy = os.open(leaf, _WRITE, 0o600, dir_fd=here)
            try:
                _copy_bytes(original.fileno(), copy, found.status.st_size)
                self._note(found.name, dress(original.fileno(), copy, found.status))
                self.files += 1
            finally:
                os.close(copy)

    def _make_link(self, found: Entry, here: int, leaf: str) -> bool:
        """Give a file that was copied under another name this one too; False if it has to be copied."""
        key = (found.status.st_dev, found.status.st_ino)
        if found.status.st_nlink < 2 or not self.folders:
            return False
        if key not in self.linked:
            self.linked[key] = found.name
            return False
        try:
            outermost = self.folders[0].copy
            os.link(self.linked[key], leaf, src_dir_fd=outermost, dst_dir_fd=here, follow_symlinks=False)
        except OSError:
            self._note(found.name, ("hard link",))
            return False
        return True

    def _note(self, name: str, lost: tuple[str, ...]) -> None:
        for what in lost:
            self.lost.setdefault(what, []).append(name or self.at.name)

    def _shut(self, folder: _Folder) -> None:
        os.close(folder.original)
        os.close(folder.copy)


def _make_durable(copy: Path, volume: int, files: int) -> None:
    """Sync every file and folder of a copy: all at once if they are many, for one by one takes minutes."""
    if files > _FEW and sync_volume(volume):
        return
    for found in entries_of(copy):
        if found.is_folder:
            fd = os.open(found.leaf, _FOLDER, dir_fd=found.folder)
            try:
                sync(fd)
            finally:
                os.close(fd)
        elif found.is_file:
            with found.open() as file:
                os.fsync(file.fileno())
    sync(volume)


def _copy_bytes(original: int, copy: int, size: int) -> None:
    for start, end in data_parts(original, size):
        position = start
        while position < end:
            block = os.pread(original, min(_BLOCK, end - position), position)
            if not block:
                raise OSError(errno.EIO, "it became shorter while it was copied")
            written = 0
            while written < len(block):
                written += os.pwrite(copy, memoryview(block)[written:], position + written)
            position += len(block)
    if os.pread(original, 1, size):
        raise OSError(errno.EIO, "it grew while it was copied")
    os.ftruncate(copy, size)


def _leave_no_trace(fd: int) -> None:
    """Let the time of the last reading stand, where that is ours to say."""
    if hasattr(os, "O_NOATIME"):
        with suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NOATIME)


def _check_same(found: Entry, fd: int) -> None:
    status = os.fstat(fd)
    if (status.st_dev, status.st_ino) != (found.status.st_dev, found.status.st_ino):
        raise OSError(errno.EIO, f"{shown(found.name)} was replaced while it was copied")


def _trait(status: os.stat_result) -> Trait:
    kind = stat.S_IFMT(status.st_mode)
    if stat.S_ISDIR(kind):
        return kind, status.st_ino
    return kind, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _is_same_entry(ours: Entry | Refused, theirs: Entry | Refused) -> bool:
    if isinstance(ours, Refused) or isinstance(theirs, Refused):
        refused = ours if isinstance(ours, Refused) else theirs
        raise OSError(errno.EIO, f"{shown(refused.name)}: {refused.reason if isinstance(refused, Refused) else ''}")
    kind = stat.S_IFMT(ours.status.st_mode)
    if (ours.name, kind) != (theirs.name, stat.S_IFMT(theirs.status.st_mode)):
        return False
    if stat.S_ISLNK(kind):
        return os.readlink(ours.leaf, dir_fd=ours.folder) == os.readlink(theirs.leaf, dir_fd=theirs.folder)
    if stat.S_ISREG(kind):
        with ours.open() as one, theirs.open() as other:
            _leave_no_trace(one.fileno())
            _leave_no_trace(other.fileno())
            if hasattr(os, "posix_fadvise"):  # so that the disk is read and not our own memory
                os.posix_fadvise(other.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return same_bytes(one.fileno(), other.fileno())
    return stat.S_ISDIR(kind)


def _open_up(found: Entry) -> None:
    """Let ourselves into a folder, reached by a handle that no link can stand in for."""
    handle = os.open(found.leaf, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=found.folder)
    try:
        os.chmod(f"/proc/self/fd/{handle}", stat.S_IRWXU)  # noqa: PTH101 - the handle, not a path
    finally:
        os.close(handle)
