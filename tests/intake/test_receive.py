"""Custody: what is on the bench after a drop was taken, was refused, or the taking was cut short."""

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import CustodyError
from scanner.intake.bench import BenchEntry, BenchState, Receipt, as_bytes, clear_leftover, from_bytes, on_bench
from scanner.intake.receive import finish_receiving, new_delivery_id, receive, receive_group
from scanner.model import DropClass

from .places import NAMES, PNG, dies_before_change, frames, in_child, other_volume, tree

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ID = "20260504-120000-0a1b2c"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def take(source: Path, work: Path, delivery_id: str = ID) -> BenchEntry:
    return receive(
        source,
        work=work,
        delivery_id=delivery_id,
        title="Title",
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=NOON,
    )


def take_frames(drop: Path, files: tuple[str, ...], work: Path) -> BenchEntry:
    return receive_group(
        drop,
        files,
        name="shot.[0001-0003].png",
        work=work,
        delivery_id=ID,
        title=None,
        vendor="acme",
        drop_class=DropClass.FINAL,
        received_at=NOON,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_on_the_bench_and_no_longer_in_the_drop_folder(drop: Path, work: Path, name: str) -> None:
    (drop / name).write_bytes(PNG)

    entry = take(drop / name, work)

    assert (entry.state, entry.payload, list(drop.iterdir())) == (BenchState.WHOLE, work / ID / "payload" / name, [])


def test_a_folder_is_taken_whole(drop: Path, work: Path) -> None:
    frames(drop / "reel/a", 1, 2)
    before = tree(drop / "reel")

    take(drop / "reel", work)

    assert tree(work / ID / "payload/reel") == before


@pytest.mark.parametrize("name", NAMES)
def test_the_receipt_gives_back_what_was_taken(drop: Path, work: Path, name: str) -> None:
    (drop / name).write_bytes(PNG)
    take(drop / name, work)

    (entry,) = on_bench(work)

    assert entry.receipt == Receipt(
        delivery_id=ID,
        name=name,
        origin=str(drop / name),
        title="Title",
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=NOON,
    )


def test_the_receipt_is_plain_json(drop: Path, work: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mov")
    (drop / name).write_bytes(PNG)
    take(drop / name, work)

    assert json.loads((work / ID / "receipt.json").read_bytes().decode("ascii"))["name"] == name


@given(st.binary(min_size=1, max_size=40), st.sampled_from(DropClass), st.integers(-720, 720))
def test_any_name_comes_back_from_a_receipt(name: bytes, drop_class: DropClass, minutes: int) -> None:
    receipt = Receipt(
        delivery_id=ID,
        name=os.fsdecode(name),
        origin="/drop/" + os.fsdecode(name),
        title=None,
        vendor="v",
        drop_class=drop_class,
        received_at=datetime(2026, 5, 4, tzinfo=timezone(timedelta(minutes=minutes))),
        files=(os.fsdecode(name),),
    )

    assert from_bytes(as_bytes(receipt)) == receipt


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b"1", b"{}", b'{"version": 1}', b'{"version": 1, "files": 3}']))
def test_what_is_no_receipt_is_not_taken_for_one(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_bytes(content)


def test_a_drop_that_went_away_is_an_error_that_says_so(drop: Path, work: Path) -> None:
    with pytest.raises(CustodyError, match=r"film\.mov.*went away"):
        take(drop / "film.mov", work)

    assert list(work.iterdir()) == []


def test_a_link_is_not_taken(drop: Path, work: Path) -> None:
    (drop / "link").symlink_to(work)

    with pytest.raises(CustodyError, match="a symbolic link: never followed"):
        take(drop / "link", work)

    assert ((drop / "link").is_symlink(), list(work.iterdir())) == (True, [])


def test_a_fifo_is_not_taken(drop: Path, work: Path) -> None:
    os.mkfifo(drop / "film.mov")

    with pytest.raises(CustodyError, match="a FIFO: never opened"):
        take(drop / "film.mov", work)


def test_a_drop_on_another_file_system_is_left_there(drop: Path, work: Path) -> None:
    with other_volume(work) as elsewhere:
        (elsewhere / "film.mov").write_bytes(PNG)

        with pytest.raises(CustodyError, match="must be on one file system"):
            take(elsewhere / "film.mov", work)

        assert ((elsewhere / "film.mov").read_bytes(), list(work.iterdir())) == (PNG, [])


def test_an_id_that_is_taken_is_not_taken_twice(drop: Path, work: Path) -> None:
    (drop / "one.mov").write_bytes(b"one")
    (drop / "two.mov").write_bytes(b"two")
    take(drop / "one.mov", work)

    with pytest.raises(CustodyError, match="belongs to another delivery"):
        take(drop / "two.mov", work)

    assert tree(work / ID / "payload") | tree(drop) == {"one.mov": b"one", "two.mov": b"two"}


@pytest.mark.parametrize("delivery_id", ["", "..", "a/b", "../x", "\n", "a" * 65])
def test_an_id_that_is_no_plain_name_is_refused(drop: Path, work: Path, delivery_id: str) -> None:
    (drop / "film.mov").write_bytes(PNG)

    with pytest.raises(CustodyError, match="cannot be a delivery's id"):
        take(drop / "film.mov", work, delivery_id)


@pytest.mark.parametrize("file", ["../secret.png", "", "..", "a/b.png"])
def test_a_frame_outside_the_drop_folder_is_refused(drop: Path, work: Path, file: str) -> None:
    with pytest.raises(CustodyError, match="not the name of a file in a drop folder"):
        take_frames(drop, (file,), work)


def test_taking_it_again_is_harmless(drop: Path, work: Path) -> None:
    (drop / "film.mov").write_bytes(b"first")
    take(drop / "film.mov", work)
    (drop / "film.mov").write_bytes(b"second, dropped meanwhile")

    take(drop / "film.mov", work)

    assert (work / ID / "payload/film.mov").read_bytes() == b"first"
    assert (drop / "film.mov").read_bytes() == b"second, dropped meanwhile"


@pytest.mark.parametrize("step", range(12))
def test_a_taking_cut_short_anywhere_is_completed_by_taking_again(drop: Path, work: Path, step: int) -> None:
    frames(drop / "reel", 1, 2)
    before = tree(drop)
    dies_before_change(step, lambda: take(drop / "reel", work))

    entry = take(drop / "reel", work)

    assert (entry.state, tree(work / ID / "payload"), tree(drop)) == (BenchState.WHOLE, before, {})


@pytest.mark.parametrize("step", range(12))
def test_a_group_cut_short_anywhere_is_completed_by_taking_again(drop: Path, work: Path, step: int) -> None:
    files = frames(drop, 1, 2, 3)
    before = tree(drop)
    dies_before_change(step, lambda: take_frames(drop, files, work))

    take_frames(drop, files, work)

    assert (tree(work / ID / "payload/shot.[0001-0003].png"), tree(drop)) == (before, {})


@pytest.mark.parametrize("step", range(12))
def test_a_restart_finds_whole_half_and_empty_folders_and_loses_nothing(drop: Path, work: Path, step: int) -> None:
    files = frames(drop, 1, 2, 3)
    before = tree(drop)
    dies_before_change(step, lambda: take_frames(drop, files, work))

    for entry in on_bench(work):
        if entry.state is BenchState.HALF:
            finish_receiving(entry)
        elif entry.state is BenchState.EMPTY:
            clear_leftover(entry.folder)

    inner = work / ID / "payload/shot.[0001-0003].png"
    assert tree(drop) | (tree(inner) if inner.exists() else {}) == before
    assert tree(drop) in ({}, before)


def test_the_cutting_short_does_cut_short(drop: Path, work: Path) -> None:
    files = frames(drop, 1, 2, 3)

    assert dies_before_change(7, lambda: take_frames(drop, files, work))


def test_a_half_taken_sequence_is_told_as_such(drop: Path, work: Path) -> None:
    files = frames(drop, 1, 2, 3)
    take_frames(drop, files, work)
    (work / ID / "payload/shot.[0001-0003].png" / files[1]).rename(drop / files[1])

    (entry,) = on_bench(work)

    assert entry.state is BenchState.HALF


def test_frames_that_are_in_neither_place_are_told(drop: Path, work: Path) -> None:
    files = frames(drop, 1, 2, 3)
    entry = take_frames(drop, files, work)
    (work / ID / "payload/shot.[0001-0003].png" / files[2]).unlink()

    assert finish_receiving(entry).missing == (files[2],)


def test_a_frame_swapped_for_a_link_is_left_in_the_drop_folder(drop: Path, work: Path) -> None:
    files = frames(drop, 1, 2, 3)
    entry = take_frames(drop, files, work)
    (work / ID / "payload/shot.[0001-0003].png" / files[2]).unlink()
    (drop / files[2]).symlink_to("/etc/hostname")

    finish_receiving(entry)

    assert (drop / files[2]).is_symlink()


def test_a_sequence_of_which_a_frame_is_gone_is_not_begun(drop: Path, work: Path) -> None:
    files = frames(drop, 1, 2, 3)
    (drop / files[1]).unlink()

    with pytest.raises(CustodyError, match="went away"):
        take_frames(drop, files, work)

    assert (len(list(drop.iterdir())), list(work.iterdir())) == (2, [])


def test_a_bench_folder_without_a_receipt_is_foreign_and_stays(work: Path) -> None:
    (work / "someone's").mkdir()
    (work / "someone's/film.mov").write_bytes(PNG)

    (entry,) = on_bench(work)

    assert entry.state is BenchState.FOREIGN
    with pytest.raises(CustodyError, match="holds more than a receipt"):
        clear_leftover(entry.folder)


def test_an_id_under_which_something_foreign_lies_is_not_used(drop: Path, work: Path) -> None:
    (drop / "film.mov").write_bytes(PNG)
    (work / ID).mkdir()
    (work / ID / "notes.txt").write_bytes(b"")

    with pytest.raises(CustodyError, match="belongs to another delivery"):
        take(drop / "film.mov", work)

    assert tree(work / ID) == {"notes.txt": b""}


def test_a_leftover_never_takes_a_payload_with_it(drop: Path, work: Path) -> None:
    (drop / "an empty reel").mkdir()
    take(drop / "an empty reel", work)

    with pytest.raises(CustodyError, match="holds more than a receipt"):
        clear_leftover(work / ID)

    assert (work / ID / "payload/an empty reel").is_dir()


def test_a_leftover_is_cleared_once_its_payload_is_gone(drop: Path, work: Path) -> None:
    (drop / "film.mov").write_bytes(PNG)
    entry = take(drop / "film.mov", work)
    assert entry.payload is not None
    entry.payload.rename(drop / "film.mov")

    clear_leftover(work / ID)

    assert list(work.iterdir()) == []


def test_a_link_on_the_bench_is_not_taken_for_a_delivery(work: Path, drop: Path) -> None:
    (work / "link").symlink_to(drop)

    assert on_bench(work) == ()


def test_an_id_tells_the_moment_in_utc_and_some_chance() -> None:
    moment = datetime(2026, 5, 4, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))

    assert new_delivery_id(moment, b"\x0a\x1b\x2c\xff") == "20260503-230203-0a1b2c"


def test_an_id_from_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        new_delivery_id(datetime(2026, 5, 4), b"abc")  # noqa: DTZ001


def test_a_delivery_keeps_its_times(drop: Path, work: Path) -> None:
    frames(drop / "reel", 1)
    os.utime(drop / "reel", ns=(5, 5))
    os.utime(drop / "reel/shot.0001.png", ns=(7, 7))

    entry = take(drop / "reel", work)

    assert entry.payload is not None
    assert [path.stat().st_mtime_ns for path in (entry.payload, entry.payload / "shot.0001.png")] == [5, 7]


def test_a_link_swapped_in_at_the_last_moment_is_put_back(drop: Path, work: Path) -> None:
    film = drop / "film.mov"
    film.write_bytes(PNG)

    def swap(event: str, args: tuple[object, ...]) -> None:
        if event == "os.rename" and args[0] == str(film) and not film.is_symlink():
            film.unlink()
            film.symlink_to("/etc/hostname")

    in_child(swap, lambda: take(film, work))

    assert (film.is_symlink(), list(work.iterdir())) == (True, [])
