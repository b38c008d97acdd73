"""Names that break careless code, pictures in a few bytes, and a process that dies between two steps."""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NAMES = (
    "EP101_v3.mov",
    "new\nline.mov",
    "\x1b[31mred\x1b[0m.mov",
    "x" * 251 + ".mov",
    os.fsdecode(b"caf\xe9\xff.mov"),
    "-rf",
    " leading and trailing ",
    "..mov",
    "naïve 東京 🎬.mov",
    "a'b\"c;$(touch x)`.mov",
)
NOBODY = 65534
PNG = b"\x89PNG\r\n\x1a\n"
_CHANGES = frozenset(
    {"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.chown", "os.utime"}
)


def frames(folder: Path, *numbers: int, head: bytes = PNG) -> tuple[str, ...]:
    """Small pictures, one different from the other."""
    folder.mkdir(parents=True, exist_ok=True)
    names = tuple(f"shot.{number:04d}.png" for number in numbers)
    for name in names:
        (folder / name).write_bytes(head + name.encode())
    return names


def dies_before_change(number: int, act: Callable[[], object]) -> bool:
    """Run `act` in a child that is killed before its `number`th change to the file system; False if it ended first."""
    left = number

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        made = event == "open" and isinstance(args[2], int) and args[2] & os.O_CREAT
        if event in _CHANGES or made:
            if left == 0:
                os._exit(7)
            left -= 1

    return in_child(count, act) == 7


def in_child(hook: Callable[[str, tuple[object, ...]], None], act: Callable[[], object]) -> int:
    """Run `act` in a child process whose every call to the system is told to `hook` first; its exit code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests of this run may have left threads
        child = os.fork()
    if child == 0:
        try:
            sys.addaudithook(hook)
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def tree(root: Path) -> dict[str, bytes]:
    """Everything below a folder that is a file, with its bytes."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@contextmanager
def nobody() -> Iterator[Path]:
    """Be a user without privileges, with a folder of one's own: root may read and write everything."""
    folder = Path(tempfile.mkdtemp())
    was = os.geteuid()
    if was == 0:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(was)
        remove(folder)


@contextmanager
def mounted(at: Path, *options: str) -> Iterator[Path]:
    """A volume of our own in memory, of one MiB or as the options say; the test is skipped where none may be made."""
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", ",".join(options or ("size=1m",)), "none", str(at)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


@contextmanager
def other_volume(apart_from: Path) -> Iterator[Path]:
    """A folder on another file system; the test is skipped where there is none."""
    shared_memory = Path("/dev/shm")
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == apart_from.stat().st_dev:
        pytest.skip("there is only one file system here")
    folder = Path(tempfile.mkdtemp(dir=shared_memory))
    try:
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder with everything in it, folders that deny writing too."""
    for inner in folder.rglob("*"):
        if inner.is_dir() and not inner.is_symlink():
            inner.chmod(0o700)
    shutil.rmtree(folder)
