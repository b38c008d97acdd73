"""Taking stock: real folders with real hostility in them."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from scanner.intake.stock import LITTER_REASON, path_of, take_stock
from scanner.intake.walk import walk
from scanner.model import Gap, MediaKind, Refused

from .places import NAMES, PNG, frames, nobody


def stock(root: Path) -> tuple[dict[str, str], dict[str, str]]:
    members, refused = take_stock(root, name=root.name)
    return {member.name: member.format for member in members}, {entry.name: entry.reason for entry in refused}


def test_a_single_file_is_one_member_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "poster.tmp").write_bytes(PNG)

    (member,), refused = take_stock(tmp_path / "poster.tmp", name="poster.png")

    assert (member.name, member.files, member.kind, refused) == ("poster.png", ("poster.png",), MediaKind.STILL, ())


def test_a_member_has_its_files_size_and_hash(tmp_path: Path) -> None:
    (tmp_path / "poster.png").write_bytes(PNG)

    (member,), _ = take_stock(tmp_path / "poster.png", name="poster.png")

    expected = hashlib.sha256(PNG).hexdigest()
    assert (member.size, member.sha256, member.file_hashes) == (8, expected, (expected,))


def test_members_of_a_folder_are_named_below_it(tmp_path: Path) -> None:
    (tmp_path / "reel/a/b").mkdir(parents=True)
    (tmp_path / "reel/a/b/cut.edl").write_bytes(b"TITLE: cut\n")

    assert stock(tmp_path / "reel") == ({"a/b/cut.edl": "text"}, {})


@pytest.mark.parametrize("name", NAMES)
def test_no_name_keeps_a_file_from_being_a_member(tmp_path: Path, name: str) -> None:
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel" / name).write_bytes(PNG)

    assert stock(tmp_path / "reel") == ({name: "png"}, {})


def test_a_sequence_is_one_member_with_its_gaps(tmp_path: Path) -> None:
    names = frames(tmp_path / "reel/shot", 1, 2, 5, 6)

    (member,), _ = take_stock(tmp_path / "reel", name="reel")

    assert (member.name, member.kind, member.files, member.gaps) == (
        "shot/shot.[0001-0006].png",
        MediaKind.SEQUENCE,
        tuple(f"shot/{name}" for name in names),
        (Gap(first=3, last=4),),
    )


def test_the_hash_of_a_sequence_is_that_of_its_files_hashes_in_order(tmp_path: Path) -> None:
    names = frames(tmp_path / "reel", 1, 2, 3)

    (member,), _ = take_stock(tmp_path / "reel", name="reel")

    hashes = [hashlib.sha256((tmp_path / "reel" / name).read_bytes()).digest() for name in names]
    assert member.sha256 == hashlib.sha256(b"".join(hashes)).hexdigest()


def test_a_frame_of_another_format_is_a_member_of_its_own(tmp_path: Path) -> None:
    frames(tmp_path / "reel", *range(1, 8))
    (tmp_path / "reel/shot.0001.png").write_bytes(b"")
    (tmp_path / "reel/shot.0004.png").write_bytes(b"\xff\xd8\xff\xe0")

    members, _ = stock(tmp_path / "reel")

    assert members == {"shot.0001.png": "empty", "shot.0004.png": "jpeg", "shot.[0002-0007].png": "png"}


def test_pictures_are_a_sequence_by_content_and_not_by_extension(tmp_path: Path) -> None:
    frames(tmp_path / "reel", 1, 2, 3, head=b"\x1a\x45\xdf\xa3")

    assert len(stock(tmp_path / "reel")[0]) == 3


def test_a_link_is_refused_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel/link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "reel/up").symlink_to(tmp_path)

    reason = "a symbolic link: never followed"
    assert stock(tmp_path / "reel") == ({}, {"link.png": reason, "up": reason})


def test_a_delivery_that_is_itself_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel/a.png").write_bytes(PNG)
    (tmp_path / "link").symlink_to("reel")

    assert stock(tmp_path / "link") == ({}, {"link": "a symbolic link: never followed"})


def test_a_fifo_and_a_socket_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.mov")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.mov"))

        _, refused = stock(tmp_path)

    assert refused == {"fifo.mov": "a FIFO: never opened", "socket.mov": "a socket: never opened"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make devices")
def test_a_device_is_refused(tmp_path: Path) -> None:
    os.mknod(tmp_path / "film.mov", 0o600 | 0o020000, os.makedev(1, 5))

    assert stock(tmp_path) == ({}, {"film.mov": "a character device: never opened"})


def test_a_file_that_went_away_is_refused(tmp_path: Path) -> None:
    assert stock(tmp_path / "gone.mov") == ({}, {"gone.mov": "went away while it was looked at"})


def test_a_folder_swapped_for_a_link_on_the_way_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.png").write_bytes(PNG)
    (tmp_path / "reel/inner").mkdir(parents=True)

    walking = walk(tmp_path / "reel", name="reel")
    seen = [next(walking), next(walking)]
    (tmp_path / "reel/inner").rmdir()
    (tmp_path / "reel/inner").symlink_to(tmp_path / "elsewhere")

    assert list(walking) == [Refused(name="inner", reason="is no longer a folder")]
    assert [entry.name for entry in seen] == ["", "inner"]


def test_a_file_swapped_for_a_link_on_the_way_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel/a.png").write_bytes(b"")

    walking = walk(tmp_path / "reel", name="reel")
    next(walking)
    entry = next(walking)
    (tmp_path / "reel/a.png").unlink()
    (tmp_path / "reel/a.png").symlink_to(tmp_path / "secret.png")

    assert not isinstance(entry, Refused)
    with pytest.raises(OSError, match="symbolic links"):
        entry.open()


def test_a_file_that_may_not_be_read_is_refused() -> None:
    with nobody() as folder:
        (folder / "reel").mkdir()
        (folder / "reel/a.png").write_bytes(PNG)
        (folder / "reel/a.png").chmod(0)

        assert stock(folder / "reel") == ({}, {"a.png": "permission denied"})


def test_a_folder_that_may_not_be_read_is_refused() -> None:
    with nobody() as folder:
        (folder / "reel/closed").mkdir(parents=True)
        (folder / "reel/closed").chmod(0)

        assert stock(folder / "reel") == ({}, {"closed": "permission denied"})


@pytest.mark.parametrize("name", [".DS_Store", "._EP101.mov", "Thumbs.db", ".Trashes/info"])
def test_litter_is_passed_over_and_listed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"\0\x05\x16\x07")

    assert stock(tmp_path) == ({}, {name: LITTER_REASON})


def test_what_is_litter_is_the_callers_to_say(tmp_path: Path) -> None:
    (tmp_path / "notes.me").write_bytes(b"text")

    assert take_stock(tmp_path, name="reel", litter=["*.me"]) == ((), (Refused(name="notes.me", reason=LITTER_REASON),))


def test_media_under_a_litter_name_is_a_member(tmp_path: Path) -> None:
    (tmp_path / "._EP101.mov").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")

    assert stock(tmp_path) == ({"._EP101.mov": "mov"}, {})


def test_a_large_unknown_file_under_a_litter_name_is_a_member(tmp_path: Path) -> None:
    with (tmp_path / ".DS_Store").open("wb") as file:
        file.truncate(5 << 20)

    assert stock(tmp_path) == ({".DS_Store": "unknown"}, {})


def test_folders_beyond_all_measure_are_refused(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 70)
    (tmp_path / "reel" / deep).mkdir(parents=True)
    (tmp_path / "reel" / deep / "a.png").write_bytes(PNG)

    _, refused = stock(tmp_path / "reel")

    assert refused == {"/".join(["d"] * 64): "more than 64 folders deep: not looked into"}


def test_a_path_longer_than_the_system_takes_is_read_all_the_same(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("n" * 250, dir_fd=fd)
        inner = os.open("n" * 250, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(os.open("a.png", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)

    assert list(stock(tmp_path)[0].values()) == ["empty"]


def test_more_files_than_the_limit_are_refused_and_said_so(tmp_path: Path) -> None:
    frames(tmp_path, *range(1, 9))

    found = list(walk(tmp_path, name="reel", most=5))

    assert len(found) == 1 + 5 + 1
    assert found[-1] == Refused(name=".", reason="too many files: the rest was not looked at")


def test_progress_counts_up_to_all_bytes(tmp_path: Path) -> None:
    frames(tmp_path, 1, 2, 3)
    told: list[int] = []

    take_stock(tmp_path, name="reel", on_progress=told.append)

    assert told == [21, 42, 63]


def test_without_hashes_nothing_is_hashed(tmp_path: Path) -> None:
    frames(tmp_path, 1, 2, 3)

    (member,), _ = take_stock(tmp_path, name="reel", hashes=False)

    assert (member.sha256, member.file_hashes) == ("", ("", "", ""))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(bytes(5 << 20))

    _, refused = take_stock(film, name="film.mov", on_progress=lambda _: os.utime(film, (1, 1)))

    assert refused == (Refused(name="film.mov", reason="changed while it was being read"),)


def test_taking_stock_changes_nothing(tmp_path: Path) -> None:
    frames(tmp_path / "reel", 1, 2, 3)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "reel").iterdir()}

    take_stock(tmp_path / "reel", name="reel")

    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "reel").iterdir()} == before


def test_a_members_file_is_found_again(tmp_path: Path) -> None:
    frames(tmp_path / "reel", 1)

    assert path_of(tmp_path / "reel", "shot.0001.png").is_file()
    assert path_of(tmp_path / "reel/shot.0001.png", "called.png").is_file()
