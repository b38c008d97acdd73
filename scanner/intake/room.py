"""Before a copy is begun: is there room for all of it, and shall we be able to let the original go afterwards?"""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from scanner.intake.copying import entries_of
from scanner.intake.custody import shown
from scanner.intake.holes import data_parts
from scanner.intake.walk import Entry

_LARGEST_RESERVE = 1 << 30
_RESERVE_PARTS = 100
_BLOCK_UNIT = 512  # of st_blocks, whatever the file system's own block is: stat(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a copy takes: bytes in whole blocks, holes left out, and inodes."""

    size: int
    inodes: int


def check_room(source: Path, folder: Path) -> None:
    """Raise OSError (ENOSPC) if a copy of `source` does not fit into the volume of `folder`, with some room to spare.

    The reserve is a hundredth of the volume or 1 GiB, whichever is less. Raises OSError also for what can never be
    copied, and for an original that could not be removed afterwards.
    """
    there = os.statvfs(folder)
    need = need_of(source, block=there.f_frsize)
    reserve = min(there.f_blocks * there.f_frsize // _RESERVE_PARTS, _LARGEST_RESERVE)
    free = there.f_bavail * there.f_frsize
    if there.f_blocks and need.size + reserve > free:  # 0: a file system that does not tell
        told = f"{need.size:,} bytes are needed and a reserve of {reserve:,} bytes, and {free:,} bytes are free"
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}: {told}")
    if there.f_files and need.inodes > there.f_favail:  # 0: one that makes them as they are needed
        told = f"{need.inodes:,} files and folders are to be made, and {there.f_favail:,} inodes are free"
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}: {told}")


def need_of(source: Path, *, block: int) -> Need:
    """What a copy of `source` takes on a volume with blocks of so many bytes. Raises OSError."""
    _check_leave(source.parent)
    size = inodes = 0
    seen = set()
    for found in entries_of(source):
        inode = (found.status.st_dev, found.status.st_ino)
        if inode in seen:
            continue
        seen.add(inode)
        inodes += 1
        size += _in_blocks(_data_size(found), block)
        if found.is_folder:
            _check_leave_inside(found)
    return Need(size=size, inodes=inodes)


def _in_blocks(size: int, block: int) -> int:
    return -(-size // block) * block


def _data_size(found: Entry) -> int:
    """Bytes that a copy will write. A file of fewer blocks than its size is asked where its holes are."""
    status = found.status
    if not found.is_file or status.st_blocks * _BLOCK_UNIT >= status.st_size:
        return status.st_size
    with found.open() as file:
        return sum(end - start for start, end in data_parts(file.fileno(), status.st_size))


def _check_leave(folder: Path) -> None:
    """The original is renamed when it has been copied: better to know before."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        raise OSError(errno.EACCES, f"{shown(folder)}: {os.strerror(errno.EACCES)}")


def _check_leave_inside(found: Entry) -> None:
    if found.status.st_uid == os.geteuid():
        return  # what is ours we can let ourselves into
    leave = os.access(found.leaf, os.W_OK | os.X_OK, dir_fd=found.folder, effective_ids=True, follow_symlinks=False)
    if not leave:
        raise OSError(errno.EACCES, f"{shown(found.name)} could not be removed: {os.strerror(errno.EACCES)}")
