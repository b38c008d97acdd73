"""What a copy on another volume keeps, what it refuses, and what faults of the file system leave behind."""

import fcntl
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from scanner.actions import Phase, blocked_destination, place, resume, stamp, unchanged, unfinished, verify
from scanner.errors import AlteredError, CustodyError
from scanner.intake.journal import held
from scanner.intake.stock import take_stock

from .dying import killed_before_call
from .places import frames, in_child, mounted, nobody, other_volume, tree

ID = "20260504-120000-0a1b2c"
ACCESS_LIST = b"".join(
    (
        struct.pack("<I", 2),
        *(struct.pack("<HHI", *entry) for entry in ((1, 6, 2**32 - 1), (2, 6, 1234), (4, 4, 2**32 - 1))),
        *(struct.pack("<HHI", *entry) for entry in ((16, 6, 2**32 - 1), (32, 0, 2**32 - 1))),
    )
)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    with other_volume(tmp_path) as folder:
        yield folder


def film(folder: Path, content: bytes = b"film") -> Path:
    path = folder / "work" / ID / "payload" / "film.mov"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def reel(folder: Path, count: int = 2) -> Path:
    path = folder / "work" / ID / "payload" / "reel"
    frames(path / "a", *range(count))
    frames(path / "b", 1, head=b"b")
    (path / "link").symlink_to("a")
    return path


def nothing_of_it(folder: Path) -> bool:
    """Whether nothing was left there: no copy, no journal, no part of either."""
    return [path for path in folder.rglob("*") if not path.is_dir()] == []


def what_it_bears(root: Path) -> dict[str, object]:
    """Everything beside the bytes, name by name."""
    borne = {}
    for path in (root, *sorted(root.rglob("*"))):
        status = path.lstat()
        attributes = {} if path.is_symlink() else {name: os.getxattr(path, name) for name in os.listxattr(path)}
        owner = (status.st_uid, status.st_gid)
        borne[str(path.relative_to(root))] = (status.st_mode, owner, status.st_mtime_ns, attributes)
    return borne


def adorn(root: Path) -> None:
    for number, path in enumerate(sorted(root.rglob("*"), reverse=True), start=1):
        if not path.is_symlink():
            os.setxattr(path, "user.mark", b"%d" % number)
            if os.geteuid() == 0:
                os.setxattr(path, "system.posix_acl_access", ACCESS_LIST)
            path.chmod(0o640 + number % 8)
        if os.geteuid() == 0:
            os.chown(path, 1000 + number, 2000 + number, follow_symlinks=False)
        os.utime(path, ns=(number, number * 1_000_000_001), follow_symlinks=False)
    os.setxattr(root, "user.mark", b"0")
    os.utime(root, ns=(7, 7_000_000_007))


def test_all_that_a_delivery_bears_goes_to_quarantine_and_comes_back(tmp_path: Path, elsewhere: Path) -> None:
    source, target = reel(tmp_path), blocked_destination(elsewhere, "reel", ID)
    try:
        adorn(source)
        os.setxattr(elsewhere, "user.mark", b"0")
    except OSError:
        pytest.skip("no attributes on this file system")
    borne, made = what_it_bears(source), tree(source)

    assert place(source, target) == ()
    there = (what_it_bears(target), tree(target))
    assert place(target, source) == ()

    assert there == (borne, made)
    assert (what_it_bears(source), tree(source)) == (borne, made)


def test_neither_copying_nor_comparing_counts_as_reading(tmp_path: Path, elsewhere: Path) -> None:
    source = film(tmp_path)
    os.utime(source, ns=(1, 2))

    place(source, elsewhere / "film.mov")

    assert (elsewhere / "film.mov").stat().st_atime_ns == 1


def test_an_access_list_that_a_folder_hands_down_does_not_come_onto_a_delivery(tmp_path: Path, elsewhere: Path) -> None:
    try:
        os.setxattr(elsewhere, "system.posix_acl_default", ACCESS_LIST)
    except OSError:
        pytest.skip("no access lists on this file system")
    source = reel(tmp_path)
    borne = what_it_bears(source)

    place(source, elsewhere / "reel")

    assert what_it_bears(elsewhere / "reel") == borne


def test_two_names_of_one_file_stay_so(tmp_path: Path, elsewhere: Path) -> None:
    source = reel(tmp_path)
    os.link(source / "a/shot.0000.png", source / "b/again.png")

    place(source, elsewhere / "reel")

    assert (elsewhere / "reel/a/shot.0000.png").samefile(elsewhere / "reel/b/again.png")


def test_twenty_gigabytes_of_holes_stay_holes(tmp_path: Path, elsewhere: Path) -> None:
    source = film(tmp_path, b"")
    with source.open("r+b") as file:
        file.truncate(20 << 30)
        file.seek(10 << 30)
        file.write(b"frame")

    place(source, elsewhere / "film.mov")

    status = (elsewhere / "film.mov").stat()
    assert (status.st_size, status.st_blocks < 2048) == (20 << 30, True)
    with (elsewhere / "film.mov").open("rb") as file:
        file.seek(10 << 30)
        assert file.read(6) == b"frame\0"


@contextmanager
def bare_volume(at: Path) -> Iterator[Path]:
    """A volume that knows no extended attributes, nor how much room it has."""
    at.mkdir()
    if subprocess.run(["mount", "-t", "ramfs", "none", str(at)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def test_what_a_volume_cannot_keep_is_told(tmp_path: Path) -> None:
    source = reel(tmp_path)
    for path in (source / "a", source / "b/shot.0001.png"):
        os.setxattr(path, "user.mark", b"yes")

    with bare_volume(tmp_path / "bare") as bare:
        told = place(source, bare / "reel")

        assert told == ("attribute 'user.mark' of 'a' and 1 more",)
        assert (bare / "reel/b/shot.0001.png").read_bytes() == b"bshot.0001.png"


def test_what_does_not_fit_is_told_before_a_byte_is_written(tmp_path: Path) -> None:
    source = film(tmp_path, bytes(3 << 20))
    with mounted(tmp_path / "small", "size=2m") as small:
        with pytest.raises(CustodyError, match=r"3,145,728 bytes are needed .* 2,0.* are free.*Free some space"):
            place(source, small / "film.mov")

        assert (nothing_of_it(small), source.stat().st_size) == (True, 3 << 20)
    assert [path.name for path in source.parents[1].iterdir()] == ["payload"]


def test_some_room_is_left_to_others(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=4m") as small:
        free = os.statvfs(small).f_bavail * os.statvfs(small).f_frsize
        source = film(tmp_path, bytes(free - 8192))

        with pytest.raises(CustodyError, match=r"a reserve of 41,943 bytes"):
            place(source, small / "film.mov")


def test_too_few_inodes_are_told_before_a_byte_is_written(tmp_path: Path) -> None:
    source = reel(tmp_path, 30)
    with mounted(tmp_path / "small", "size=2m,nr_inodes=20") as small:
        with pytest.raises(CustodyError, match=r"35 files and folders are to be made, and 19 inodes are free"):
            place(source, small / "reel")

        assert (nothing_of_it(small), len(tree(source))) == (True, 31)


@pytest.mark.parametrize("filled", ["space", "inodes"])
def test_a_disk_that_others_fill_meanwhile_leaves_the_delivery_where_it_was(tmp_path: Path, filled: str) -> None:
    source = reel(tmp_path, 12)
    (source / "b/long.mov").write_bytes(bytes(1 << 20))
    with mounted(tmp_path / "small", "size=2m,nr_inodes=60") as small:

        def fill(event: str, args: tuple[object, ...]) -> None:
            if event == "os.mkdir" and args[0] == "b":
                with suppress(OSError):
                    if filled == "space":
                        (small / "filler").write_bytes(bytes(2 << 20))
                    for number in range(60):
                        (small / f"filler-{number}").touch()

        in_child(fill, lambda: place(source, small / "held/reel"))

        assert (len(tree(source)), nothing_of_it(small / "held"), unfinished(tmp_path / "work")) == (14, True, ())
        for filler in small.glob("filler*"):
            filler.unlink()
        place(source, small / "held/reel")
        assert (len(tree(small / "held")), os.path.lexists(source)) == (14, False)


def remount(at: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(at)], check=True)


def test_a_bench_that_is_full_is_moved_from_all_the_same(tmp_path: Path, elsewhere: Path) -> None:
    with mounted(tmp_path / "small", "size=1m,nr_inodes=12") as small:
        source = reel(small, 1)
        with suppress(OSError):
            (small / "filler").write_bytes(bytes(2 << 20))
        with suppress(OSError):
            for number in range(12):
                (small / f"filler-{number}").touch()

        place(source, elsewhere / "reel")

        assert (len(tree(elsewhere / "reel")), list(source.parents[1].iterdir())) == (2, [source.parent])


def test_a_volume_that_became_read_only_takes_nothing_and_then_goes_on(tmp_path: Path) -> None:
    source = reel(tmp_path)
    with mounted(tmp_path / "small") as small:
        remount(small, "ro")
        with pytest.raises(CustodyError, match=r"Read-only.*still where it was.*Mount it writable"):
            place(source, small / "reel")
        remount(small, "rw")
        place(source, small / "reel")

        assert (len(tree(small / "reel")), os.path.lexists(source)) == (3, False)


def test_a_bench_that_became_read_only_is_told_before_a_byte_is_written(tmp_path: Path, elsewhere: Path) -> None:
    with mounted(tmp_path / "small") as small:
        source = reel(small)
        remount(small, "ro")
        with pytest.raises(CustodyError, match=r"Read-only.*still where it was"):
            place(source, elsewhere / "reel")

        assert (nothing_of_it(elsewhere), len(tree(source))) == (True, 3)


def test_a_read_error_leaves_the_delivery_where_it_was(tmp_path: Path, elsewhere: Path) -> None:
    source = reel(tmp_path)
    bad = source / "b/bad.mov"  # a regular file whose bytes the kernel refuses to read: EIO
    bad.touch()
    mount = ["mount", "--bind", f"/proc/{os.getpid()}/mem", str(bad)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        with pytest.raises(CustodyError, match=r"Input/output error.*still where it was"):
            place(source, elsewhere / "reel")

        assert (nothing_of_it(elsewhere), unfinished(tmp_path / "work")) == (True, ())
        refused = take_stock(source, name="reel")[1]
        assert ("b/bad.mov", "could not be read: Input/output error") in [(one.name, one.reason) for one in refused]
    finally:
        subprocess.run(["umount", str(bad)], check=True)
    assert len(tree(source)) == 4


@contextmanager
def failing_disk(at: Path) -> Iterator[Path]:
    """A disk that believes itself larger than what it lies on: what is written to it fails when it is made durable."""
    with mounted(at, "size=3m") as beneath:
        image, disk = beneath / "image", beneath / "disk"
        image.touch()
        os.truncate(image, 32 << 20)
        disk.mkdir()
        make = ["mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-E", "lazy_itable_init=1", str(image)]
        try:
            subprocess.run(make, check=True, capture_output=True)
            subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("no disk can be made here")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_write_error_leaves_the_delivery_where_it_was(tmp_path: Path) -> None:
    source = film(tmp_path, os.urandom(6 << 20))
    content = source.read_bytes()
    with failing_disk(tmp_path / "failing") as disk:
        with pytest.raises(CustodyError, match=r"(No space left on device|Input/output error)\..*still where"):
            place(source, disk / "film.mov")

        assert (source.read_bytes() == content, os.path.lexists(disk / "film.mov")) == (True, False)


def test_folders_that_deny_writing_are_moved_if_they_are_ours(tmp_path: Path) -> None:
    with other_volume(tmp_path) as elsewhere:
        elsewhere.chmod(0o777)
        with nobody() as folder:
            source = reel(folder)
            (source / "a").chmod(0o500)

            place(source, elsewhere / "reel")

            assert (len(tree(elsewhere / "reel")), os.path.lexists(source)) == (3, False)
            assert (elsewhere / "reel/a").stat().st_mode & 0o777 == 0o500


def test_folders_of_others_that_we_could_not_empty_are_told_before_a_byte_is_written(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("owners cannot be changed")
    with other_volume(tmp_path) as elsewhere:
        elsewhere.chmod(0o777)
        with nobody() as folder:
            source = reel(folder)
            os.seteuid(0)
            os.chown(source / "a", 1234, 1234)
            os.seteuid(65534)

            with pytest.raises(CustodyError, match=r"'a' could not be removed: Permission denied.*still where it was"):
                place(source, elsewhere / "reel")

            assert (nothing_of_it(elsewhere), len(tree(source))) == (True, 3)


def test_what_is_still_written_is_not_moved_to_another_volume(tmp_path: Path, elsewhere: Path) -> None:
    source = reel(tmp_path)
    with (source / "b/shot.0001.png").open("ab"), pytest.raises(CustodyError, match=r"'b/shot\.0001\.png' is still"):
        place(source, elsewhere / "reel")

    assert (nothing_of_it(elsewhere), len(tree(source))) == (True, 3)


def test_what_two_programs_move_at_once_is_moved_by_one(tmp_path: Path, elsewhere: Path) -> None:
    source = film(tmp_path)
    with held(source, elsewhere / "film.mov"), pytest.raises(CustodyError, match="another program is moving it"):
        place(source, elsewhere / "film.mov")

    place(source, elsewhere / "film.mov")
    assert (elsewhere / "film.mov").read_bytes() == b"film"


def test_bytes_are_proved_before_the_copy_takes_its_place(tmp_path: Path, elsewhere: Path) -> None:
    source = reel(tmp_path)
    members, refused = take_stock(source, name="reel")
    (source / "b/shot.0001.png").write_bytes(b"other")

    with pytest.raises(AlteredError, match="holds other bytes"):
        place(source, elsewhere / "reel", proof=lambda copy: verify(copy, members, refused))

    assert (nothing_of_it(elsewhere), len(tree(source)), unfinished(tmp_path / "work")) == (True, 3, ())


def test_what_is_written_meanwhile_is_not_lost(tmp_path: Path, elsewhere: Path) -> None:
    source = reel(tmp_path)

    def write(copy: Path) -> None:
        (source / "b/late.png").write_bytes(b"late")

    with pytest.raises(AlteredError, match=r"'b/late\.png' .* was changed while it was being moved"):
        place(source, elsewhere / "reel", proof=write)

    assert (source / "b/late.png").read_bytes() == b"late"


def test_a_move_cut_short_is_listed_until_it_is_taken_back(tmp_path: Path, elsewhere: Path) -> None:
    source, target = reel(tmp_path), elsewhere / "held/reel"
    kills = iter(range(20, 400))
    while not unfinished(tmp_path / "work"):
        killed_before_call(next(kills), lambda: place(source, target))

    (begun,) = unfinished(tmp_path / "work")
    assert (begun.source, begun.target, begun.phase in (Phase.BEGUN, Phase.COPYING)) == (source, target, True)
    assert (resume(source), unfinished(tmp_path / "work"), nothing_of_it(elsewhere)) == (None, (), True)


def outside(folder: Path) -> tuple[Path, os.stat_result]:
    """Something that nobody delivered, which tells whether it was read."""
    path = folder / "outside"
    path.mkdir()
    (path / "shot.0001.png").write_bytes(b"secret")
    os.utime(path / "shot.0001.png", ns=(1, 2))
    return path, (path / "shot.0001.png").stat()


@pytest.mark.parametrize("act", ["move", "verify"])
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_link_swapped_in_at_any_call_leads_nowhere(tmp_path: Path, elsewhere: Path, kind: str, act: str) -> None:
    secret, before = outside(tmp_path)
    number, swapped = 0, True
    while swapped:
        source, target, away = reel(tmp_path / str(number)), elsewhere / f"{number}/reel", tmp_path / f"away-{number}"
        stamps, (members, refused) = stamp(source), take_stock(source, name="reel")
        victim = source / ("b" if kind == "folder" else "b/shot.0001.png")
        leads_to = secret if kind == "folder" else secret / "shot.0001.png"
        acts = {"move": partial(place, source, target), "verify": partial(verify, source, members, refused)}

        in_child(swapping(number, victim, away, leads_to), acts[act])
        swapped = os.path.lexists(away)

        assert (secret / "shot.0001.png").stat() == before
        assert b"secret" not in [path.read_bytes() for path in elsewhere.rglob("*.png") if not path.is_symlink()]
        assert os.path.lexists(target) or os.path.lexists(source)
        if swapped and os.path.lexists(source):
            with pytest.raises(AlteredError, match=r"'b"):
                unchanged(source, (), stamps)
        number += 4
    assert number > 8


def swapping(number: int, victim: Path, away: Path, leads_to: Path) -> Callable[[str, tuple[object, ...]], None]:
    """What puts a link in the place of something, just before the `number`th call to the system."""
    left = number

    def swap(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        if event in ("open", "os.scandir", "os.mkdir", "os.rename", "os.listxattr", "os.remove"):
            left -= 1
            if left == -1 and victim.exists():
                victim.rename(away)
                victim.symlink_to(leads_to)

    return swap


@pytest.mark.parametrize("volume", ["same", "other"])
def test_nothing_is_restored_through_a_link(tmp_path: Path, elsewhere: Path, volume: str) -> None:
    drop, secret = tmp_path / "drop", outside(tmp_path)[0]
    drop.mkdir()
    source = film(tmp_path if volume == "same" else elsewhere)
    (drop / "acme").symlink_to(secret)

    with pytest.raises(CustodyError, match=r"'acme': Not a directory.*still where it was"):
        place(source, drop / "acme/film.mov", within=drop)

    assert (source.read_bytes(), [path.name for path in secret.iterdir()]) == (b"film", ["shot.0001.png"])


@pytest.mark.parametrize("volume", ["same", "other"])
def test_a_delivery_is_restored_into_a_folder_that_was_deleted(tmp_path: Path, elsewhere: Path, volume: str) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    source = film(tmp_path if volume == "same" else elsewhere)

    place(source, drop / "acme/wip/film.mov", within=drop)

    assert ((drop / "acme/wip/film.mov").read_bytes(), os.path.lexists(source)) == (b"film", False)
    assert [path for path in drop.rglob(".*")] == []


@pytest.mark.parametrize("volume", ["same", "other"])
def test_a_place_that_is_taken_is_never_restored_over(tmp_path: Path, elsewhere: Path, volume: str) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "film.mov").write_bytes(b"dropped meanwhile")
    source = film(tmp_path if volume == "same" else elsewhere)

    with pytest.raises(CustodyError, match=r"drop/film\.mov' is taken by something else"):
        place(source, drop / "film.mov", within=drop)

    assert (source.read_bytes(), (drop / "film.mov").read_bytes()) == (b"film", b"dropped meanwhile")


def test_nothing_is_restored_outside_the_drop_folder(tmp_path: Path) -> None:
    source = film(tmp_path)
    (tmp_path / "drop").mkdir()

    with pytest.raises(CustodyError, match="does not lie below"):
        place(source, tmp_path / "drop/../film.mov", within=tmp_path / "drop")

    assert source.exists()


def test_a_journal_cannot_be_delivered(tmp_path: Path, elsewhere: Path) -> None:
    forged = tmp_path / "work" / ID / "payload" / ".journal-0123456789abcdef.partial"
    forged.parent.mkdir(parents=True)
    forged.write_text('{"version": 1, "source": "/etc/hostname", "target": "/etc/hostname"}')

    assert unfinished(tmp_path / "work") == ()


@pytest.mark.parametrize("lock", [fcntl.flock, fcntl.lockf])
def test_what_is_locked_is_not_moved_to_another_volume(
    tmp_path: Path, elsewhere: Path, lock: Callable[[int, int], None]
) -> None:
    source = film(tmp_path)
    with source.open("r+b") as file:
        lock(file.fileno(), fcntl.LOCK_EX)
        with pytest.raises(CustodyError, match="still open for writing, or locked"):
            place(source, elsewhere / "film.mov")
