"""Takes rights away from the examining process before it reads a delivered byte.

No file can be written (a size limit of zero: not even a master opened for writing by mistake), memory is limited, there
is no network, and the process dies with its parent. What the kernel does not offer is left out: `scanner doctor` tells.
"""

import contextlib
import ctypes
import multiprocessing
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def confine(memory_bytes: int) -> None:
    """Called once in each examining process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        leave_network()
    _end_with_parent()
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def _end_with_parent() -> None:
    """The kernel tells only of the fork server's end, and that lives as long as one of us does: watch for our own."""

    def watch(parent: BaseProcess) -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=watch, args=(parent,), daemon=True).start()


def leave_network() -> bool:
    """Move this process into an empty network namespace. False where the kernel does not allow it."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET
    return bool(libc.unshare(flags) == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What an examining process finds that it may still do."""

    memory_bytes: int | None
    can_write: bool
    has_network: bool


def rights() -> Rights:
    """Try it, from inside the examining process."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    interfaces = [name for _, name in socket.if_nameindex() if name != "lo"]
    return Rights(
        memory_bytes=None if soft == resource.RLIM_INFINITY else soft,
        can_write=_can_write(),
        has_network=bool(interfaces),
    )


def _can_write() -> bool:
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            return bool(file.write(b"x"))
    except OSError:
        return False


def limit_cpu(seconds: float) -> None:
    """Let this process use so much more processor time, over all its threads; then the kernel stops it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1)) + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
