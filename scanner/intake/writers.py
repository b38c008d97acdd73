"""Is somebody still writing? Asked of the system, without waiting, without root, and without touching a file.

Linux refuses a read lease on a file that anybody has open for writing (fcntl(2), F_SETLEASE). Locks that other programs
hold are asked for too. What cannot be known, on network file systems or for files of another user, counts as still.
"""

import errno
import fcntl
import os
import signal
import struct
from pathlib import Path

from scanner.intake.volumes import is_local
from scanner.intake.walk import Entry, walk

_FLOCK = "hhqqi4x"


def in_use(root: Path) -> str | None:
    """The first file in a delivery that somebody has open for writing or has locked; None if there is none to be seen.

    Raises OSError only if the folder that `root` lies in cannot be opened.
    """
    local: dict[int, bool] = {}
    for found in walk(root, name=root.name):
        if isinstance(found, Entry) and found.is_file and _is_in_use(found, local):
            return found.name
    return None


def _is_in_use(found: Entry, local: dict[int, bool]) -> bool:
    """`local`: which devices are this machine's own. Network file systems refuse leases for reasons of their own."""
    try:
        file = found.open()
    except OSError as error:
        return error.errno == errno.EWOULDBLOCK  # a lease for writing is held, as Samba does for its clients
    with file:
        fd, device = file.fileno(), found.status.st_dev
        if device not in local:
            local[device] = hasattr(fcntl, "F_SETLEASE") and is_local(fd)
        return (local[device] and _is_written(fd)) or _is_locked(fd)


def _is_written(fd: int) -> bool:
    try:
        # Somebody who opens it in this very moment has us told: by a signal that nobody minds, not one that kills.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def _is_locked(fd: int) -> bool:
    """Whether another holds a lock for writing, of either of the two kinds that know nothing of each other."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(fd, fcntl.LOCK_UN)
    except OSError as error:
        if error.errno == errno.EWOULDBLOCK:
            return True
    if not hasattr(fcntl, "F_OFD_GETLK"):
        return False
    try:
        asked = struct.pack(_FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(fd, fcntl.F_OFD_GETLK, asked)
    except OSError:
        return False
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
