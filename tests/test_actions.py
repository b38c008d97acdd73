"""Moves that never overwrite and may be repeated, and the proofs that bytes are unchanged."""

import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.actions import blocked_destination, destination, place, stamp, unchanged, verify, write_tombstone
from scanner.errors import AlteredError, CustodyError
from scanner.intake.custody import move_by_link, move_onto_empty
from scanner.intake.stock import take_stock

from .intake.places import NAMES, PNG, dies_before_change, frames, mounted, nobody, other_volume, tree

STEPS = range(14)
ID = "20260504-120000-0a1b2c"


def film(folder: Path, content: bytes = b"film") -> Path:
    path = folder / "bench" / "film.mov"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def reel(folder: Path) -> Path:
    frames(folder / "bench/reel/a", 1, 2)
    (folder / "bench/reel/link").symlink_to("a")
    return folder / "bench/reel"


MAKERS = [film, reel]


def in_all(root: Path) -> list[bytes]:
    return sorted(tree(root).values())


@pytest.mark.parametrize("name", NAMES)
def test_a_file_arrives_and_is_gone_from_where_it_was(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / name, tmp_path / "cleared" / name
    source.write_bytes(b"film")

    place(source, target)

    assert (target.read_bytes(), os.path.lexists(source)) == (b"film", False)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_arrives_whole(tmp_path: Path, name: str) -> None:
    source, target = tmp_path / name, tmp_path / "cleared" / name
    frames(source / "a", 1, 2)
    before = tree(source)

    place(source, target)

    assert (tree(target), os.path.lexists(source)) == (before, False)


PARTS = st.binary(min_size=1, max_size=60).map(
    lambda name: os.fsdecode(name.replace(b"/", b"_").replace(b"\0", b"_").strip(b".") or b"x")
)


@given(st.lists(PARTS, min_size=1, max_size=6), st.sampled_from(["file", "folder"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_deliveries_of_one_name_never_replace_each_other(tmp_path: Path, names: list[str], kind: str) -> None:
    shutil.rmtree(tmp_path / "cleared", ignore_errors=True)
    for number, name in enumerate(names):
        source = tmp_path / "payload"
        if kind == "folder":
            source.mkdir()
        (source / "inner" if kind == "folder" else source).write_bytes(b"%d" % number)

        place(source, destination(tmp_path / "cleared", name, f"id-{number}"))

    assert in_all(tmp_path / "cleared") == sorted(b"%d" % number for number in range(len(names)))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("step", STEPS)
def test_a_move_cut_short_anywhere_is_completed_by_repeating_it(
    tmp_path: Path, make: Callable[[Path], Path], step: int
) -> None:
    source, target = make(tmp_path), tmp_path / "cleared" / ID / "it"
    before = in_all(tmp_path)
    dies_before_change(step, lambda: place(source, target))

    place(source, target)

    assert (in_all(target.parent), list((tmp_path / "bench").iterdir())) == (before, [])


def is_whole(place: Path, contents: list[bytes]) -> bool:
    return os.path.lexists(place) and (in_all(place) if place.is_dir() else [place.read_bytes()]) == contents


def test_repeating_a_finished_move_is_harmless(tmp_path: Path) -> None:
    source, target = film(tmp_path), tmp_path / "cleared/film.mov"
    place(source, target)

    place(source, target)

    assert target.read_bytes() == b"film"


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("occupied_by", ["file", "folder", "link", "dead link", "fifo"])
def test_a_target_that_is_taken_is_never_replaced(
    tmp_path: Path, make: Callable[[Path], Path], occupied_by: str
) -> None:
    source, target = make(tmp_path), tmp_path / "taken"
    occupy(target, occupied_by)
    before = target.lstat()

    with pytest.raises(CustodyError, match=r"taken' is taken by something else"):
        place(source, target)

    assert (target.lstat(), os.path.lexists(source)) == (before, True)


def occupy(target: Path, by: str) -> None:
    match by:
        case "file":
            target.write_bytes(b"other")
        case "folder":
            frames(target, 1)
        case "link":
            target.symlink_to("/etc")
        case "dead link":
            target.symlink_to("nowhere")
        case _:
            os.mkfifo(target)


def test_a_target_that_is_taken_on_another_volume_is_never_replaced(tmp_path: Path) -> None:
    with other_volume(tmp_path) as elsewhere:
        (elsewhere / "film.mov").write_bytes(b"other")

        with pytest.raises(CustodyError, match="is taken by something else"):
            place(film(tmp_path), elsewhere / "film.mov")

        assert in_all(elsewhere) + in_all(tmp_path) == [b"other", b"film"]


def test_a_source_that_is_in_neither_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CustodyError, match=r"film\.mov' is gone"):
        place(tmp_path / "film.mov", tmp_path / "cleared/film.mov")


def test_moving_a_file_onto_itself_leaves_it(tmp_path: Path) -> None:
    source = film(tmp_path)

    place(source, source)

    assert source.read_bytes() == b"film"


def test_moving_a_folder_into_itself_is_an_error_and_leaves_it(tmp_path: Path) -> None:
    source = reel(tmp_path)
    before = tree(source)

    with pytest.raises(CustodyError, match="could not be moved"):
        place(source, source / "a/deeper")

    assert tree(source) == before


def test_a_link_is_moved_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")

    place(tmp_path / "link", tmp_path / "held/link")

    assert (tmp_path / "held/link").is_symlink()


def test_a_fifo_in_a_folder_does_not_stop_a_move(tmp_path: Path) -> None:
    source = reel(tmp_path)
    os.mkfifo(source / "fifo.mov")

    place(source, tmp_path / "held/reel")

    assert (tmp_path / "held/reel/fifo.mov").is_fifo()


def test_a_fifo_is_not_copied_to_another_volume(tmp_path: Path) -> None:
    with other_volume(tmp_path) as elsewhere:
        source = reel(tmp_path)
        os.mkfifo(source / "fifo.mov")

        with pytest.raises(CustodyError, match="never copied"):
            place(source, elsewhere / "reel")

        assert ((source / "fifo.mov").is_fifo(), list(elsewhere.iterdir())) == (True, [])


@contextmanager
def some_volume(tmp_path: Path, kind: str) -> Iterator[Path]:
    if kind == "same":
        yield tmp_path / "cleared"
    else:
        with other_volume(tmp_path) as elsewhere:
            yield elsewhere


@pytest.mark.parametrize("volume", ["same", "other"])
def test_times_and_modes_arrive_with_a_folder(tmp_path: Path, volume: str) -> None:
    source = reel(tmp_path)
    for number, path in enumerate((source / "a/shot.0001.png", source / "a", source), start=1):
        path.chmod(0o740)
        os.utime(path, ns=(number, number * 1_000_000_001))

    with some_volume(tmp_path, volume) as cleared:
        place(source, cleared / "reel")

        arrived = [(cleared / "reel" / name).stat() for name in ("a/shot.0001.png", "a", ".")]
        assert [(status.st_mtime_ns, status.st_mode & 0o777) for status in arrived] == [
            (number * 1_000_000_001, 0o740) for number in (1, 2, 3)
        ]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
@pytest.mark.parametrize("volume", ["same", "other"])
def test_extended_attributes_arrive_with_a_file(tmp_path: Path, volume: str) -> None:
    source = film(tmp_path)
    with some_volume(tmp_path, volume) as cleared:
        cleared.mkdir(exist_ok=True)
        try:
            os.setxattr(cleared, "user.probe", b"1")
            os.setxattr(source, "user.mark", b"yes")
        except OSError:
            pytest.skip("no extended attributes on this file system")

        place(source, cleared / "film.mov")

        assert os.getxattr(cleared / "film.mov", "user.mark") == b"yes"


def test_links_stay_links_on_another_volume(tmp_path: Path) -> None:
    with other_volume(tmp_path) as elsewhere:
        place(reel(tmp_path), elsewhere / "reel")

        assert (elsewhere / "reel/link").readlink() == Path("a")


def test_a_full_disk_leaves_the_delivery_where_it_was(tmp_path: Path) -> None:
    source = film(tmp_path, bytes(2 << 20))
    with mounted(tmp_path / "small") as small:
        with pytest.raises(CustodyError, match=r"No space left.*still where it was.*Free some space"):
            place(source, small / "film.mov")

        assert (source.stat().st_size, list(small.iterdir())) == (2 << 20, [])


def test_a_limit_on_file_sizes_leaves_the_delivery_where_it_was(tmp_path: Path) -> None:
    source = film(tmp_path, bytes(2 << 20))
    with other_volume(tmp_path) as elsewhere, largest_file(1 << 20):
        with pytest.raises(CustodyError, match="still where it was"):
            place(source, elsewhere / "film.mov")

        assert (source.stat().st_size, list(elsewhere.iterdir())) == (2 << 20, [])


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    was = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, was)


@pytest.mark.parametrize("make", MAKERS)
def test_a_target_without_leave_to_write_leaves_the_delivery_where_it_was(make: Callable[[Path], Path]) -> None:
    with nobody() as folder:
        source = make(folder)
        (folder / "closed").mkdir(mode=0o500)

        with pytest.raises(CustodyError, match=r"Permission denied.*still where it was.*leave to write"):
            place(source, folder / "closed/it")

        assert (os.path.lexists(source), list((folder / "closed").iterdir())) == (True, [])


@contextmanager
def file_that_may_not_be_linked() -> Iterator[Path]:
    """A file of another's in a folder of ours: the kernel forbids a hard link to it and permits a rename."""
    protected = Path("/proc/sys/fs/protected_hardlinks")
    if os.geteuid() != 0 or not protected.exists() or protected.read_text().strip() != "1":
        pytest.skip("hard links cannot be forbidden here")
    with nobody() as folder:
        os.seteuid(0)
        source = film(folder)
        os.chown(source.parent, 65534, 65534)
        os.seteuid(65534)
        yield source


def test_a_file_that_may_not_be_linked_is_moved_all_the_same() -> None:
    with file_that_may_not_be_linked() as source:
        target = source.parent.parent / "cleared/film.mov"

        place(source, target)

        assert (target.read_bytes(), source.exists()) == (b"film", False)


def test_a_file_that_may_not_be_linked_replaces_nothing() -> None:
    with file_that_may_not_be_linked() as source:
        target = source.parent / "taken"
        target.write_bytes(b"other")

        with pytest.raises(CustodyError, match="is taken by something else"):
            place(source, target)

        assert (target.read_bytes(), source.read_bytes()) == (b"other", b"film")


BY_STEPS = [(film, move_by_link), (reel, move_onto_empty)]


@pytest.mark.parametrize(("make", "move"), BY_STEPS)
@pytest.mark.parametrize("step", range(4))
def test_without_an_exclusive_rename_a_move_is_completed_by_repeating_it(
    tmp_path: Path, make: Callable[[Path], Path], move: Callable[[Path, Path], None], step: int
) -> None:
    source, target = make(tmp_path), tmp_path / "it"
    before = in_all(tmp_path)
    if dies_before_change(step, lambda: move(source, target)):
        place(source, target)

    assert is_whole(target, before)
    assert not os.path.lexists(source)


@pytest.mark.parametrize(("make", "move"), BY_STEPS)
@pytest.mark.parametrize("occupied_by", ["file", "folder", "link", "dead link", "fifo"])
def test_without_an_exclusive_rename_nothing_is_replaced(
    tmp_path: Path, make: Callable[[Path], Path], move: Callable[[Path, Path], None], occupied_by: str
) -> None:
    source, target = make(tmp_path), tmp_path / "taken"
    occupy(target, occupied_by)
    before = target.lstat()

    with pytest.raises(FileExistsError):
        move(source, target)

    assert (target.lstat(), os.path.lexists(source)) == (before, True)


@pytest.mark.parametrize(("make", "move"), BY_STEPS)
def test_without_an_exclusive_rename_moving_something_onto_itself_leaves_it(
    tmp_path: Path, make: Callable[[Path], Path], move: Callable[[Path, Path], None]
) -> None:
    source = make(tmp_path)
    before = in_all(tmp_path)

    move(source, source)

    assert in_all(tmp_path) == before


def test_a_delivery_goes_on_under_its_own_name(tmp_path: Path) -> None:
    assert destination(tmp_path, "film.mov", ID) == tmp_path / "film.mov"


def test_a_second_delivery_of_a_name_goes_below_its_id(tmp_path: Path) -> None:
    (tmp_path / "film.mov").symlink_to("nowhere")

    assert destination(tmp_path, "film.mov", ID) == tmp_path / ID / "film.mov"


def test_a_blocked_delivery_always_goes_below_its_id(tmp_path: Path) -> None:
    assert blocked_destination(tmp_path, "film.mov", ID) == tmp_path / ID / "payload/film.mov"


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    frames(tmp_path / "reel/a", 1, 2, 3)
    (tmp_path / "reel/cut.edl").write_bytes(b"TITLE: cut")
    (tmp_path / "reel/.DS_Store").write_bytes(b"")
    (tmp_path / "reel/link").symlink_to("cut.edl")
    return tmp_path / "reel"


def test_what_nobody_touched_is_verified(delivered: Path) -> None:
    verify(delivered, *take_stock(delivered, name="reel"))


@pytest.mark.parametrize("name", NAMES)
def test_a_single_file_is_verified_under_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PNG)

    verify(tmp_path / name, *take_stock(tmp_path / name, name="as delivered.png"))


def changed_bytes(root: Path) -> str:
    status = (root / "a/shot.0002.png").stat()
    (root / "a/shot.0002.png").write_bytes(PNG + b"shot.0009.png")
    os.utime(root / "a/shot.0002.png", ns=(status.st_atime_ns, status.st_mtime_ns))
    return r"'a/shot\.0002\.png'.*holds other bytes"


def removed(root: Path) -> str:
    (root / "cut.edl").unlink()
    return r"'cut\.edl'.*is missing"


def added(root: Path) -> str:
    (root / "a/extra\n.png").write_bytes(PNG)
    return r"'a/extra\\n\.png'.*was added"


def became_link(root: Path) -> str:
    (root / "cut.edl").unlink()
    (root / "cut.edl").symlink_to("a/shot.0001.png")
    return r"'cut\.edl'.*is now a symbolic link"


def link_became_file(root: Path) -> str:
    (root / "link").unlink()
    (root / "link").write_bytes(PNG)
    return "'link'.*is a file now"


def fifo_appeared(root: Path) -> str:
    os.mkfifo(root / "fifo")
    return "'fifo'.*is now a FIFO"


def all_gone(root: Path) -> str:
    root.rename(root.with_name("elsewhere"))
    return "went away"


@pytest.mark.parametrize(
    "alter", [changed_bytes, removed, added, became_link, link_became_file, fifo_appeared, all_gone]
)
def test_any_alteration_is_noticed_and_named(delivered: Path, alter: Callable[[Path], str]) -> None:
    members, refused = take_stock(delivered, name="reel")
    words = alter(delivered)

    with pytest.raises(AlteredError, match=words):
        verify(delivered, members, refused)


@pytest.mark.parametrize("alter", [removed, added, became_link, link_became_file, fifo_appeared, all_gone])
def test_most_alterations_show_without_reading_a_byte(delivered: Path, alter: Callable[[Path], str]) -> None:
    stamps = stamp(delivered)
    members, _ = take_stock(delivered, name="reel")
    alter(delivered)

    with pytest.raises(AlteredError, match="is not what was examined"):
        unchanged(delivered, members, stamps)


def test_a_file_that_grew_after_its_stamp_is_noticed(delivered: Path) -> None:
    stamps = stamp(delivered)
    members, _ = take_stock(delivered, name="reel")
    with (delivered / "cut.edl").open("ab") as file:
        file.write(b"more")

    with pytest.raises(AlteredError, match=r"'cut\.edl'.*was changed"):
        unchanged(delivered, members, stamps)


def test_what_nobody_touched_is_unchanged(delivered: Path) -> None:
    stamps = stamp(delivered)
    members, _ = take_stock(delivered, name="reel")

    unchanged(delivered, members, stamps)


def test_a_member_that_was_never_stamped_is_noticed(delivered: Path) -> None:
    members, _ = take_stock(delivered, name="reel")
    stranger = replace(members[0], files=("never/there.png",))

    with pytest.raises(AlteredError, match=r"never/there\.png"):
        unchanged(delivered, [stranger], stamp(delivered))


def test_a_tombstone_stands_beside_its_payload(tmp_path: Path) -> None:
    path = write_tombstone(tmp_path / ID, "QUARANTINE\n")

    assert (path, path.read_text()) == (tmp_path / ID / "verdict.txt", "QUARANTINE\n")


def test_the_same_tombstone_is_written_once(tmp_path: Path) -> None:
    write_tombstone(tmp_path / ID, "QUARANTINE\n")
    write_tombstone(tmp_path / ID, "QUARANTINE\n")

    assert [path.name for path in (tmp_path / ID).iterdir()] == ["verdict.txt"]


def test_another_tombstone_does_not_replace_the_first(tmp_path: Path) -> None:
    write_tombstone(tmp_path / ID, "HOLD\n", name="verdict.json")
    path = write_tombstone(tmp_path / ID, "QUARANTINE\n", name="verdict.json")

    assert (path.name, (tmp_path / ID / "verdict.json").read_text()) == ("verdict-2.json", "HOLD\n")


@pytest.mark.parametrize("step", range(6))
def test_a_tombstone_is_whole_or_not_there(tmp_path: Path, step: int) -> None:
    dies_before_change(step, lambda: write_tombstone(tmp_path / ID, "QUARANTINE\n"))

    with suppress(FileNotFoundError):
        assert (tmp_path / ID / "verdict.txt").read_text() == "QUARANTINE\n"


def test_a_restored_delivery_does_not_replace_what_was_dropped_meanwhile(tmp_path: Path) -> None:
    origin = film(tmp_path)
    place(origin, blocked_destination(tmp_path / "quarantine", "film.mov", ID))
    origin.write_bytes(b"dropped meanwhile")

    with pytest.raises(CustodyError, match="is taken by something else"):
        place(blocked_destination(tmp_path / "quarantine", "film.mov", ID), origin)

    assert origin.read_bytes() == b"dropped meanwhile"
