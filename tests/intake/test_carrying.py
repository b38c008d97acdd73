"""Moves that are killed anywhere, and moves between volumes: nothing is lost, nothing is left behind."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from scanner.actions import place, resume, unfinished
from scanner.errors import CustodyError
from scanner.intake.custody import own_name
from scanner.settle import is_partial

from .dying import killed_at_line, killed_before_call
from .places import frames, other_volume

ID = "20260504-120000-0a1b2c"
Made = dict[str, tuple[str, bytes]]


def a_file(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "film.mov").write_bytes(b"film" * 5000)
    return folder / "film.mov"


def a_package(folder: Path) -> Path:
    reel = folder / "reel"
    frames(reel / "a/b", 1)
    (reel / "a/map.xml").write_bytes(b"<map/>")
    os.link(reel / "a/map.xml", reel / "map again.xml")
    (reel / "link").symlink_to("a/b")
    (reel / "empty").mkdir()
    (reel / "a").chmod(0o500)
    return reel


MAKERS = [a_file, a_package]
STRIDE = {a_file: 2, a_package: 6}  # every call takes two minutes


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A volume in memory where we may make one: hundreds of moves, each made durable, take their time on a disk."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield tmp_path
        return
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@contextmanager
def volumes(here: Path, kind: str) -> Iterator[Path]:
    if kind == "same":
        (here / "elsewhere").mkdir(exist_ok=True)
        yield here / "elsewhere"
    else:
        with other_volume(here) as elsewhere:
            yield elsewhere


def all_of(root: Path) -> Made:
    """Everything at and below a place: what it is, with bytes or where it leads."""
    if not os.path.lexists(root):
        return {}
    found = {}
    for path in (root, *sorted(root.rglob("*"))):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = ("link", os.fsencode(path.readlink()))
        else:
            found[name] = ("folder", b"") if path.is_dir() else ("file", path.read_bytes())
    return found


def leftovers(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob(".*")]


def each_kill(killed: Callable[[int, Callable[[], object]], bool], every: int = 1) -> Iterator[Callable[..., bool]]:
    """One attempt after the other, killed a little later each time, until one is not killed any more."""
    for number in count(step=every):
        ended = []

        def attempt(act: Callable[[], object], number: int = number, ended: list[bool] = ended) -> bool:
            ended.append(not killed(number, act))
            return not ended[-1]

        yield attempt
        if ended[-1]:
            assert number > 0
            return


def in_one_place(made: Made, source: Path, target: Path) -> bool:
    return (all_of(source), all_of(target)) in ((made, {}), ({}, made))


@pytest.mark.parametrize("volume", ["same", "other"])
@pytest.mark.parametrize("make", MAKERS)
def test_a_move_killed_at_any_call_is_completed_by_repeating_it(
    here: Path, make: Callable[[Path], Path], volume: str
) -> None:
    with volumes(here, volume) as elsewhere:
        every = 1 if volume == "same" else STRIDE[make]
        for number, attempt in enumerate(each_kill(killed_before_call, every)):
            bench, target = here / f"work/{number}", elsewhere / f"{number}/payload/it"
            source = make(bench / "payload")
            made = all_of(source)

            attempt(lambda source=source, target=target: place(source, target))
            assert made in (all_of(source), all_of(target))
            assert all_of(target) in ({}, made)
            place(source, target)

            assert (all_of(source), all_of(target)) == ({}, made)
            assert leftovers(bench, target.parent) == []


@pytest.mark.parametrize("make", MAKERS)
def test_a_move_killed_at_any_line_is_completed_by_repeating_it(here: Path, make: Callable[[Path], Path]) -> None:
    files = ("intake/carrying.py", "intake/copying.py", "intake/custody.py", "intake/journal.py", "actions/moving.py")
    every = 11 if make is a_file else 61
    with volumes(here, "other") as elsewhere:
        kills = each_kill(lambda number, act: killed_at_line(number, files, act), every)
        for number, attempt in enumerate(kills):
            bench, target = here / f"work/{number}", elsewhere / f"{number}/payload/it"
            source = make(bench / "payload")
            made = all_of(source)

            attempt(lambda source=source, target=target: place(source, target))
            place(source, target)

            assert (all_of(source), all_of(target)) == ({}, made)
            assert leftovers(bench, target.parent) == []


@pytest.mark.parametrize("make", MAKERS)
def test_a_move_killed_at_any_call_leaves_nothing_behind_when_it_goes_elsewhere_after_all(
    here: Path, make: Callable[[Path], Path]
) -> None:
    with volumes(here, "other") as elsewhere:
        for number, attempt in enumerate(each_kill(killed_before_call, STRIDE[make])):
            bench, first = here / f"work/{number}", elsewhere / f"{number}/payload/it"
            source, second = make(bench / "payload"), here / f"held/{number}/payload/it"
            made = all_of(source)

            attempt(lambda source=source, first=first: place(source, first))
            with suppress(CustodyError):  # it is at the first place already, and stays there
                place(source, second)

            assert (all_of(source), in_one_place(made, first, second)) == ({}, True)
            assert leftovers(bench, first.parent, second.parent) == []


@pytest.mark.parametrize("make", MAKERS)
def test_a_move_killed_at_any_call_is_finished_or_taken_back(here: Path, make: Callable[[Path], Path]) -> None:
    with volumes(here, "other") as elsewhere:
        for number, attempt in enumerate(each_kill(killed_before_call, STRIDE[make])):
            bench, target = here / f"work/{number}", elsewhere / f"{number}/payload/it"
            source = make(bench / "payload")
            made = all_of(source)

            attempt(lambda source=source, target=target: place(source, target))
            resumed = bool(unfinished(bench))
            arrived = resume(source)

            assert in_one_place(made, source, target)
            assert arrived == (target if all_of(target) and resumed else None)
            assert leftovers(bench, target.parent) == []


def test_what_stands_in_a_drop_folder_meanwhile_is_no_delivery(here: Path) -> None:
    """A delivery that is restored from another volume grows there, slower than the quiet time may be."""
    assert is_partial(own_name("arriving", here / "film.mov"))
    assert is_partial(own_name("writing", here / "film.mov"))
