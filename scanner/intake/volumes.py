"""What is asked of, or done to, a whole file system: whether it is this machine's own, and everything made durable."""

import ctypes
import os

# linux/magic.h: ext2-4, XFS, Btrfs, tmpfs, ZFS, F2FS, overlay, bcachefs.
_LOCAL = frozenset({0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x2FC12FC1, 0xF2F52010, 0x794C7630, 0xCA451A4E})


def is_local(fd: int) -> bool:
    """Whether an open file lies on a file system of this machine's own: statfs(2), whose first field is its kind."""
    fstatfs = getattr(ctypes.CDLL(None, use_errno=True), "fstatfs", None)
    answer = ctypes.create_string_buffer(1024)
    if fstatfs is None or fstatfs(fd, answer) != 0:
        return False
    return ctypes.c_long.from_buffer(answer).value in _LOCAL


def sync_volume(fd: int) -> bool:
    """Make everything on a volume durable: syncfs(2), which tells of writes that failed since `fd` was opened.

    False where that is not certain, on network file systems and elsewhere than on Linux. Raises OSError.
    """
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None or not is_local(fd):
        return False
    if syncfs(fd) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return True
