"""Looking at a drop folder."""

import os
from pathlib import Path

import pytest

from scanner.errors import CustodyError
from scanner.intake.look import look
from scanner.settle import EntryKind, Look, Settled, Settling

from .places import NAMES, PNG, frames


def one(folder: Path, name: str) -> Look:
    return next(entry for entry in look(folder) if entry.name == name)


def kinds(folder: Path) -> dict[str, EntryKind]:
    return {entry.name: entry.kind for entry in look(folder)}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_an_entry_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PNG)

    assert kinds(tmp_path) == {name: EntryKind.FILE}


def test_a_folder_is_one_entry_with_all_that_is_in_it(tmp_path: Path) -> None:
    frames(tmp_path / "reel/a/b", 1, 2)

    reel = one(tmp_path, "reel")

    assert (reel.kind, reel.file_count, reel.size) == (EntryKind.FOLDER, 2, 42)


def test_a_loose_sequence_is_one_entry_with_its_files(tmp_path: Path) -> None:
    names = frames(tmp_path, 1, 2, 3)

    (entry,) = look(tmp_path)

    assert (entry.name, entry.kind, entry.files) == ("shot.[0001-0003].png", EntryKind.SEQUENCE, names)


def test_a_link_and_a_fifo_are_entries_that_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link.mov").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "fifo.mov")

    assert kinds(tmp_path) == {"fifo.mov": EntryKind.REFUSED, "link.mov": EntryKind.REFUSED}


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel/round").symlink_to(tmp_path)

    assert one(tmp_path, "reel").file_count == 0


def test_litter_is_listed_as_such(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"")

    assert kinds(tmp_path) == {".DS_Store": EntryKind.LITTER}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda film: film.write_bytes(b"longer"), "size"),
        (lambda film: os.utime(film, ns=(1, 1)), "newest_mtime_ns"),
        (lambda film: (film.parent / "more").write_bytes(b""), "file_count"),
        (lambda film: film.rename(film.with_name("other")), "listing"),
    ],
)
def test_every_change_in_a_folder_shows(tmp_path: Path, change: object, field: str) -> None:
    (tmp_path / "reel/a").mkdir(parents=True)
    (tmp_path / "reel/a/film").write_bytes(b"film")
    os.utime(tmp_path / "reel/a", ns=(0, 0))
    os.utime(tmp_path / "reel", ns=(0, 0))
    before = one(tmp_path, "reel")

    change(tmp_path / "reel/a/film")  # type: ignore[operator]

    assert getattr(one(tmp_path, "reel"), field) != getattr(before, field)


def test_two_looks_at_something_still_are_the_same(tmp_path: Path) -> None:
    frames(tmp_path / "reel", 1, 2)

    assert look(tmp_path) == look(tmp_path)


def test_an_unfinished_transfer_in_a_folder_shows(tmp_path: Path) -> None:
    (tmp_path / "reel/a").mkdir(parents=True)
    (tmp_path / "reel/a/film.mov.part").write_bytes(b"")

    assert one(tmp_path, "reel").partial == ("a/film.mov.part",)


@pytest.mark.parametrize("sibling", ["film.mov.partial", "film.mov.aspera-ckpt", ".film.mov.aB3xY9", "film.mov.aria2"])
def test_a_file_with_its_unfinished_transfer_beside_it_waits(tmp_path: Path, sibling: str) -> None:
    (tmp_path / "film.mov").write_bytes(b"")
    (tmp_path / sibling).write_bytes(b"")

    assert one(tmp_path, "film.mov").partial == (sibling,)


def test_an_unfinished_transfer_waits_for_itself(tmp_path: Path) -> None:
    (tmp_path / "film.mov.partial").write_bytes(b"")

    assert one(tmp_path, "film.mov.partial").partial == ("film.mov.partial",)


def test_a_sequence_waits_for_a_frame_on_its_way(tmp_path: Path) -> None:
    frames(tmp_path, 1, 2, 3)
    (tmp_path / "shot.0004.png.filepart").write_bytes(b"")

    assert one(tmp_path, "shot.[0001-0003].png").partial == ("shot.0004.png.filepart",)


def test_a_file_is_not_held_up_by_its_neighbours_transfer(tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"")
    (tmp_path / "other.mov.partial").write_bytes(b"")

    assert one(tmp_path, "film.mov").partial == ()


def test_the_desktop_litter_of_a_project_file_holds_nothing_up(tmp_path: Path) -> None:
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel/._cut.prproj").write_bytes(b"")

    assert one(tmp_path, "reel").partial == ()


def test_patterns_are_the_callers(tmp_path: Path) -> None:
    (tmp_path / "film.upload").write_bytes(b"")
    (tmp_path / "notes.me").write_bytes(b"")

    found = {entry.name: entry for entry in look(tmp_path, partial=["*.upload"], litter=["*.me"])}

    assert (found["film.upload"].partial, found["notes.me"].kind) == (("film.upload",), EntryKind.LITTER)


def test_a_drop_folder_that_is_not_there_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(CustodyError, match="gone"):
        look(tmp_path / "gone")


def test_a_folder_settles_only_when_its_last_file_is_still(tmp_path: Path) -> None:
    frames(tmp_path / "reel", 1)
    settling = Settling(quiet_seconds=10)
    settling.seen(look(tmp_path), 0)
    frames(tmp_path / "reel", 2)

    (growing,) = settling.seen(look(tmp_path), 11)
    (still,) = settling.seen(look(tmp_path), 21)

    assert [type(answer) is Settled for answer in (growing, still)] == [False, True]
