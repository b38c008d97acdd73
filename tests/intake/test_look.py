"""Looking at a drop folder."""

import os
from pathlib import Path

import pytest

from scanner.errors import CustodyError
from scanner.intake.look import look
from scanner.settle import EntryKind, Look, Settled, Settling, Waiting

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


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


@pytest.mark.parametrize("place", ["film.mov", "reel/film.mov"])
def test_a_preallocated_file_that_is_being_filled_is_not_still(tmp_path: Path, place: str) -> None:
    film = tmp_path / place
    film.parent.mkdir(exist_ok=True)
    sparse(film, 1 << 20)
    os.utime(film, ns=(1, 1))
    before = look(tmp_path)

    with film.open("r+b") as file:
        file.write(b"x" * 65536)
    os.utime(film, ns=(1, 1))

    assert film.stat().st_size == 1 << 20
    assert look(tmp_path) != before


def test_a_preallocated_file_whose_time_moves_is_not_still(tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(b"0" * 100)
    os.utime(film, ns=(1, 1))
    before = look(tmp_path)

    with film.open("r+b") as file:
        file.write(b"x")

    assert look(tmp_path) != before


@pytest.mark.parametrize("place", ["film.mov", "reel/film.mov"])
def test_a_sparse_file_that_is_finished_settles(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    sparse(tmp_path / place, 20 << 30)
    settling = Settling(quiet_seconds=10)
    settling.seen(look(tmp_path), 0)

    (answer,) = settling.seen(look(tmp_path), 10)

    assert type(answer) is Settled


@pytest.mark.parametrize("date", [-753_578_704, 443_779_200])
@pytest.mark.parametrize("place", ["film.mov", "reel/film.mov"])
def test_what_finder_is_still_copying_waits(tmp_path: Path, place: str, date: int) -> None:
    film = tmp_path / place
    film.parent.mkdir(exist_ok=True)
    film.write_bytes(b"")
    os.utime(film, (date, date))

    (entry,) = look(tmp_path)

    assert entry.partial == ("film.mov",)


def test_a_frame_that_finder_is_still_copying_holds_its_sequence_up(tmp_path: Path) -> None:
    names = frames(tmp_path, 1, 2, 3, 4)
    os.utime(tmp_path / names[3], (443_779_200, 443_779_200))

    assert one(tmp_path, "shot.[0001-0003].png").partial == (names[3],)


@pytest.mark.parametrize(
    "sibling",
    ["film.mov.partial.aspera-ckpt", ".in.film.mov.", ".syncthing.film.mov.tmp", "film.mov.sb-1a2b3c4d-Ab3xYz"],
)
def test_transfers_in_other_dress_are_known_beside_their_file(tmp_path: Path, sibling: str) -> None:
    (tmp_path / "film.mov").write_bytes(b"")
    (tmp_path / sibling).write_bytes(b"")

    assert one(tmp_path, "film.mov").partial == (sibling,)


def test_a_download_folder_of_safari_waits(tmp_path: Path) -> None:
    (tmp_path / "film.mov.download").mkdir()
    (tmp_path / "film.mov.download/film.mov").write_bytes(b"half")

    assert one(tmp_path, "film.mov.download").partial == ("film.mov.download",)


def test_manifests_in_a_folder_are_named(tmp_path: Path) -> None:
    for name in ("ASSETMAP.xml", "a/ascmhl/0001_a.mhl", "a/MD5SUMS", "a/x.mov.xxh64", "a/x.mov", "._ASSETMAP.xml"):
        (tmp_path / "reel" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "reel" / name).write_bytes(b"")

    assert one(tmp_path, "reel").manifests == ("ASSETMAP.xml", "a/MD5SUMS", "a/ascmhl/0001_a.mhl", "a/x.mov.xxh64")


@pytest.mark.parametrize("failing", ["locked", "deep"])
def test_what_cannot_be_looked_into_is_still_all_the_same(tmp_path: Path, failing: str) -> None:
    inner = tmp_path / "reel"
    for _ in range(70 if failing == "deep" else 1):
        inner = inner / "d"
    inner.mkdir(parents=True)
    if failing == "locked":
        inner.chmod(0)

    first, second = look(tmp_path), look(tmp_path)
    inner.chmod(0o755)

    assert first == second


PAIRS = [
    ({"x.mov", "x.mov.md5"}, {"x.mov": ("x.mov", "x.mov.md5")}),
    ({"x.mov", "x.md5", "x.mov.SHA256"}, {"x.mov": ("x.mov", "x.md5", "x.mov.SHA256")}),
    ({"x.mov", "x.wav", "x.md5"}, {"x.mov": (), "x.wav": (), "x.md5": ()}),
    ({"x.md5"}, {"x.md5": ()}),
    ({"x.mov.md5", "y.mov"}, {"x.mov.md5": (), "y.mov": ()}),
    ({"md5", "x.mov"}, {"md5": (), "x.mov": ()}),
]


@pytest.mark.parametrize(("names", "entries"), PAIRS)
def test_a_file_and_its_checksum_files_are_one_entry(
    tmp_path: Path, names: set[str], entries: dict[str, tuple[str, ...]]
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")

    found = look(tmp_path, pairs=True)

    assert {entry.name: entry.files for entry in found} == entries
    assert {entry.kind for entry in found if entry.files} <= {EntryKind.PAIR}


def test_a_pair_is_as_new_as_the_newer_of_the_two(tmp_path: Path) -> None:
    (tmp_path / "x.mov").write_bytes(b"film")
    (tmp_path / "x.mov.md5").write_bytes(b"d41d")
    before = look(tmp_path, pairs=True)

    (tmp_path / "x.mov.md5").write_bytes(b"d41d8cd9")

    assert look(tmp_path, pairs=True) != before


def test_a_pair_waits_for_its_film(tmp_path: Path) -> None:
    for name in ("x.mov", "x.mov.md5", "x.mov.partial"):
        (tmp_path / name).write_bytes(b"")

    assert {entry.name: entry.partial for entry in look(tmp_path, pairs=True)} == {
        "x.mov": ("x.mov.partial",),
        "x.mov.partial": ("x.mov.partial",),
    }


def test_without_pairs_checksum_files_are_entries_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "x.mov").write_bytes(b"")
    (tmp_path / "x.mov.md5").write_bytes(b"")

    assert kinds(tmp_path) == {"x.mov": EntryKind.FILE, "x.mov.md5": EntryKind.FILE}


def test_the_same_film_dropped_again_while_the_first_is_on_the_bench_settles_as_a_new_one(tmp_path: Path) -> None:
    film, bench, settling = tmp_path / "drop/film.mov", tmp_path / "bench.mov", Settling(quiet_seconds=10)
    film.parent.mkdir()
    film.write_bytes(b"film")
    os.utime(film, ns=(1, 1))
    for now in (0, 10):
        settling.seen(look(film.parent), now)
    film.rename(bench)
    film.write_bytes(b"film")
    os.utime(film, ns=(1, 1))

    answers = [settling.seen(look(film.parent), now)[0] for now in (11, 20, 21)]

    assert [type(answer) for answer in answers] == [Waiting, Waiting, Settled]


@pytest.mark.parametrize("times", [(10**18, 10**9), (10**9, 10**18), (2**62, 5)])
def test_clocks_of_others_may_jump_only_the_time_that_is_told_counts(tmp_path: Path, times: tuple[int, int]) -> None:
    film, settling = tmp_path / "film.mov", Settling(quiet_seconds=10)
    film.write_bytes(b"film")
    answers = []
    for now, mtime in zip((0, 9, 18, 19), (times[0], times[1], times[1], times[1]), strict=True):
        os.utime(film, ns=(mtime, mtime))
        answers += settling.seen(look(tmp_path), now)

    assert [type(answer) for answer in answers] == [Waiting, Waiting, Waiting, Settled]
