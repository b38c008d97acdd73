"""Is somebody still writing? Told without waiting, and without a trace."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scanner.actions import in_use

from .places import NAMES, frames, nobody, other_volume

_WRITER = "import os, sys; file = open(sys.argv[1], sys.argv[2]); print('open', flush=True); sys.stdin.read()"


@contextmanager
def open_elsewhere(path: Path, mode: str) -> Iterator[None]:
    """Another process that has a file open."""
    command = [sys.executable, "-c", _WRITER, str(path), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        yield
        process.stdin.close()


@pytest.mark.parametrize(("mode", "told"), [("ab", "film.mov"), ("r+b", "film.mov"), ("rb", None)])
def test_a_file_that_another_program_can_write_to_is_in_use(tmp_path: Path, mode: str, told: str | None) -> None:
    (tmp_path / "film.mov").write_bytes(b"film")

    with open_elsewhere(tmp_path / "film.mov", mode):
        assert in_use(tmp_path / "film.mov") == told

    assert in_use(tmp_path / "film.mov") is None


def test_the_first_file_in_a_folder_that_is_written_is_named(tmp_path: Path) -> None:
    frames(tmp_path / "reel/a", 1, 2, 3)

    with (tmp_path / "reel/a/shot.0002.png").open("ab"), (tmp_path / "reel/a/shot.0003.png").open("ab"):
        assert in_use(tmp_path / "reel") == "a/shot.0002.png"


def test_it_is_told_on_a_volume_in_memory_too(tmp_path: Path) -> None:
    with other_volume(tmp_path) as elsewhere, (elsewhere / "film.mov").open("wb"):
        assert in_use(elsewhere / "film.mov") == "film.mov"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_told_under_any_name(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb"):
        assert in_use(tmp_path / name) == name


def test_a_locked_file_is_in_use_even_if_nobody_can_write_to_it(tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"film")

    with (tmp_path / "film.mov").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert in_use(tmp_path / "film.mov") == "film.mov"


def test_nothing_is_left_behind_or_altered_by_asking(tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"film")
    os.utime(tmp_path / "film.mov", ns=(1, 2))
    before = (tmp_path / "film.mov").stat()

    for _ in range(3):
        assert in_use(tmp_path / "film.mov") is None

    assert (tmp_path / "film.mov").stat() == before
    with (tmp_path / "film.mov").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_lease_of_another_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"film")
    with (tmp_path / "film.mov").open("rb") as file:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        began = time.monotonic()

        assert in_use(tmp_path / "film.mov") == "film.mov"
        assert time.monotonic() - began < 5


def test_links_fifos_and_what_is_not_there_are_not_in_use(tmp_path: Path) -> None:
    (tmp_path / "reel").mkdir()
    os.mkfifo(tmp_path / "reel/fifo")
    (tmp_path / "reel/link").symlink_to("/etc/hostname")

    assert (in_use(tmp_path / "reel"), in_use(tmp_path / "gone"), in_use(tmp_path / "no/where")) == (None, None, None)


def test_files_of_others_are_not_known_of() -> None:
    with nobody() as folder:
        (folder / "film.mov").write_bytes(b"film")
        if os.getuid() == 0:
            os.seteuid(0)
            os.chown(folder / "film.mov", 1234, 1234)
            (folder / "film.mov").chmod(0o644)
            os.seteuid(65534)

        assert in_use(folder / "film.mov") is None
