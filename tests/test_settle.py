"""When a drop counts as whole. Time is told, never waited for."""

from dataclasses import replace

import pytest

from scanner.settle import EntryKind, Look, Settled, Settling, Waiting, is_litter, is_partial, is_partial_of

FILM = Look(name="film.mov", kind=EntryKind.FILE, size=10, newest_mtime_ns=1, file_count=1, listing="a")
CHANGES = {
    "size": replace(FILM, size=11),
    "time": replace(FILM, newest_mtime_ns=2),
    "listing": replace(FILM, listing="b"),
    "transfer ended": replace(FILM, partial=("film.mov.aria2",)),
}


@pytest.fixture
def settling() -> Settling:
    return Settling(quiet_seconds=30)


def settled(settling: Settling, look: Look, now: float) -> bool:
    (answer,) = settling.seen([look], now)
    return isinstance(answer, Settled)


def test_a_drop_that_stays_still_settles(settling: Settling) -> None:
    settling.seen([FILM], 100)

    assert settled(settling, FILM, 130)


def test_what_is_there_at_start_up_waits_like_anything_else(settling: Settling) -> None:
    assert not settled(settling, FILM, 1_000_000)


def test_a_drop_waits_until_the_quiet_time_is_over(settling: Settling) -> None:
    settling.seen([FILM], 100)

    assert not settled(settling, FILM, 129.9)


def test_one_look_is_never_enough() -> None:
    assert not settled(Settling(quiet_seconds=0), FILM, 100)


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_starts_the_quiet_time_anew(settling: Settling, what: str) -> None:
    settling.seen([CHANGES[what]], 100)
    settling.seen([FILM], 120)

    assert not settled(settling, FILM, 140)


@pytest.mark.parametrize("what", CHANGES)
def test_after_a_change_a_drop_settles_all_the_same(settling: Settling, what: str) -> None:
    settling.seen([CHANGES[what]], 100)
    settling.seen([FILM], 120)

    assert settled(settling, FILM, 150)


def test_a_drop_with_an_unfinished_transfer_never_settles(settling: Settling) -> None:
    growing = replace(FILM, partial=("film.mov.partial",))
    settling.seen([growing], 0)

    assert not settled(settling, growing, 10_000)


def test_the_reason_for_waiting_names_the_unfinished_transfer(settling: Settling) -> None:
    (answer,) = settling.seen([replace(FILM, partial=("evil\x1b[2J.part",))], 0)

    assert isinstance(answer, Waiting)
    assert answer.why == r"still being transferred: 'evil\x1b[2J.part'"


def test_a_drop_that_vanishes_and_returns_starts_anew(settling: Settling) -> None:
    settling.seen([FILM], 0)
    settling.seen([], 20)
    settling.seen([FILM], 40)

    assert not settled(settling, FILM, 60)


def test_a_settled_drop_is_told_again_until_it_is_taken(settling: Settling) -> None:
    settling.seen([FILM], 0)
    settling.seen([FILM], 30)

    assert settled(settling, FILM, 31)


def test_a_file_from_the_future_settles(settling: Settling) -> None:
    future = replace(FILM, newest_mtime_ns=2**62)
    settling.seen([future], 0)

    assert settled(settling, future, 30)


def test_a_clock_that_goes_back_only_starts_the_quiet_time_anew(settling: Settling) -> None:
    settling.seen([FILM], 1000)
    settling.seen([FILM], 5)

    assert settled(settling, FILM, 35)


@pytest.mark.parametrize("kind", [EntryKind.REFUSED, EntryKind.LITTER])
def test_what_is_never_opened_never_settles(settling: Settling, kind: EntryKind) -> None:
    link = Look(name="link", kind=kind, reason="a symbolic link: never followed")
    settling.seen([link], 0)

    assert settling.seen([link], 100) == (Waiting(look=link, why="a symbolic link: never followed"),)


def test_two_drops_settle_each_in_its_own_time(settling: Settling) -> None:
    late = replace(FILM, name="late.mov")
    settling.seen([FILM], 0)
    settling.seen([FILM, late], 20)

    answers = settling.seen([FILM, late], 35)

    assert [type(answer) for answer in answers] == [Settled, Waiting]


@pytest.mark.parametrize(
    "name",
    [
        "EP101.mov.partial",
        "EP101.mov.PARTIAL",
        "EP101.mov.aspera-ckpt",
        "EP101.mov.aspera_ckpt",
        "EP101.mov.aspx",
        "EP101.mov.1a2b3c4d.partial",
        "EP101.mov.crdownload",
        ".com.google.Chrome.aB3dE9",
        "EP101.mov.part",
        "EP101.mov.download",
        "EP101.mov.opdownload",
        "EP101.mov.filepart",
        "EP101.mov.aria2",
        ".EP101.mov.x9Yz0A",
        ".rsync-partial/EP101.mov",
        "reels/.~tmp~/EP101.mov",
        "EP101.tmp",
        "EP101.temp",
        "~$cut list.docx",
        "project.lock",
        "EP101.mov.!ut",
        ".notes.swp",
        "new\nline.mov.part",
    ],
)
def test_names_of_unfinished_transfers_are_known(name: str) -> None:
    assert is_partial(name)


@pytest.mark.parametrize("name", ["EP101.mov", "partial.mov", "EP101.partial.mov", "download/EP101.mov", ".hidden.mov"])
def test_names_of_finished_files_are_not_taken_for_transfers(name: str) -> None:
    assert not is_partial(name)


@pytest.mark.parametrize(
    "name", [".DS_Store", "reel/.ds_store", "Thumbs.db", "._EP101.mov", ".Trashes/a", "Desktop.ini"]
)
def test_litter_is_known_by_name(name: str) -> None:
    assert is_litter(name)


@pytest.mark.parametrize("name", ["DS_Store", "EP101._mov", "thumbs.db.mov"])
def test_other_names_are_not_litter(name: str) -> None:
    assert not is_litter(name)


@pytest.mark.parametrize(
    "partial",
    ["a.mov.partial", "a.mov.aspera-ckpt", "a.mov.aria2", "a.mov.0123abcd.partial", ".a.mov.Zz19aB", ".a.mov.swp"],
)
def test_a_partial_name_stands_for_the_file_beside_it(partial: str) -> None:
    assert is_partial_of(partial, "a.mov")


@pytest.mark.parametrize("partial", ["b.mov.partial", "a.mov2.partial", "aa.mov.partial", "a.mov"])
def test_a_partial_name_does_not_stand_for_other_files(partial: str) -> None:
    assert not is_partial_of(partial, "a.mov")
