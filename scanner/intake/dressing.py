"""What a file has beside its bytes: owner, mode, times, access lists and extended attributes, given to its copy."""

import os
import stat
from contextlib import suppress

_INHERITED = ("system.posix_acl_access", "system.posix_acl_default")


def dress(original: int, copy: int, status: os.stat_result) -> tuple[str, ...]:
    """Make an open copy bear what its original bears. Gives what its file system, or our leave, did not let it keep.

    The owner comes first: changing it clears bits of the mode. The times come last. Raises OSError.
    """
    with suppress(OSError):
        os.fchown(copy, status.st_uid, status.st_gid)
    lost = _attributes(original, copy) if hasattr(os, "listxattr") else ()
    with suppress(OSError):
        os.fchmod(copy, stat.S_IMODE(status.st_mode))
    with suppress(OSError):
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    return (*lost, *_differences(status, os.fstat(copy)))


def dress_link(leaf: str, folder: int, status: os.stat_result) -> tuple[str, ...]:
    """Make the copy of a symbolic link, named in an open folder, bear its owner and times. Raises OSError."""
    with suppress(OSError):
        os.chown(leaf, status.st_uid, status.st_gid, dir_fd=folder, follow_symlinks=False)
    with suppress(OSError):
        os.utime(leaf, ns=(status.st_atime_ns, status.st_mtime_ns), dir_fd=folder, follow_symlinks=False)
    return _differences(status, os.stat(leaf, dir_fd=folder, follow_symlinks=False))


def _attributes(original: int, copy: int) -> tuple[str, ...]:
    """Extended attributes, access lists among them. A list that the copy inherited from its folder is taken off."""
    wanted = _listed(original)
    for name in _listed(copy):
        if name in _INHERITED and name not in wanted:
            with suppress(OSError):
                os.removexattr(copy, name)
    lost = []
    for name in wanted:
        value = os.getxattr(original, name)
        try:
            os.setxattr(copy, name, value)
            kept = os.getxattr(copy, name) == value
        except OSError:
            kept = False
        if not kept:
            lost.append("access list" if name in _INHERITED else f"attribute {name!r}")
    return tuple(lost)


def _listed(fd: int) -> list[str]:
    try:
        return os.listxattr(fd)
    except OSError:
        return []


def _differences(wanted: os.stat_result, now: os.stat_result) -> tuple[str, ...]:
    pairs = (
        ("owner", (wanted.st_uid, wanted.st_gid), (now.st_uid, now.st_gid)),
        ("mode", wanted.st_mode, now.st_mode),
        ("time", wanted.st_mtime_ns, now.st_mtime_ns),
    )
    return tuple(what for what, was, is_now in pairs if was != is_now)
