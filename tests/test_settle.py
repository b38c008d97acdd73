"""When a drop counts as whole. Time is told, never waited for."""

from dataclasses import replace

import pytest

from scanner.inward import ManifestRule
from scanner.settle import (
    PARTIAL,
    EntryKind,
    Look,
    Names,
    Settled,
    Settling,
    Stalled,
    Waiting,
    is_litter,
    is_partial,
    is_partial_of,
    pause,
)

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


UPLOAD = replace(FILM, partial=("film.mov.partial", "film.mov.aspx", "film.mov.aspera-ckpt"))
FOLDER = replace(FILM, name="reel", kind=EntryKind.FOLDER, manifests=("ASSETMAP.xml",))


def test_the_reason_for_waiting_counts_further_transfers(settling: Settling) -> None:
    (answer,) = settling.seen([UPLOAD], 0)

    assert answer == Waiting(look=UPLOAD, why="still being transferred: 'film.mov.partial' and 2 more")


def test_an_upload_that_stands_still_for_long_is_told_as_stalled_and_only_first_once() -> None:
    settling = Settling(quiet_seconds=30, stalled_seconds=600)

    told = [settling.seen([UPLOAD], now)[0] for now in (0, 599, 600, 700)]

    assert [type(answer) for answer in told] == [Waiting, Waiting, Stalled, Stalled]
    assert [(a.still_seconds, a.first) for a in told if isinstance(a, Stalled)] == [(600, True), (700, False)]
    assert len({answer.why for answer in told[2:] if isinstance(answer, Stalled)}) == 1


def test_an_upload_that_goes_on_is_no_longer_stalled_and_may_stall_again() -> None:
    settling = Settling(quiet_seconds=30, stalled_seconds=600)
    grown = replace(UPLOAD, size=11)
    for now in (0, 600):
        settling.seen([UPLOAD], now)

    told = [settling.seen([grown], now)[0] for now in (700, 1200, 1300)]

    assert [type(answer) for answer in told] == [Waiting, Waiting, Stalled]
    assert isinstance(told[2], Stalled)
    assert told[2].first


def test_an_upload_that_comes_to_its_end_after_a_stall_settles_in_its_quiet_time() -> None:
    settling = Settling(quiet_seconds=30, stalled_seconds=600)
    for now in (0, 600):
        settling.seen([UPLOAD], now)
    settling.seen([FILM], 700)

    assert settled(settling, FILM, 730)


@pytest.mark.parametrize(
    ("rule", "manifests", "lack", "why"),
    [
        ("when-there", (), None, None),
        ("when-there", ("m",), None, None),
        ("when-there", ("m",), "waits for 'x'", "waits for 'x'"),
        ("required", (), None, "waits for its manifest"),
        ("required", ("m",), None, None),
        ("required", ("m",), "waits for 'x'", "waits for 'x'"),
        ("ignore", (), None, None),
        ("ignore", ("m",), "waits for 'x'", None),
    ],
)
def test_a_quiet_folder_waits_for_what_its_manifest_lists(
    rule: ManifestRule, manifests: tuple[str, ...], lack: str | None, why: str | None
) -> None:
    folder = replace(FOLDER, manifests=manifests)
    settling = Settling(quiet_seconds=30, manifest=rule, lacking=lambda _: lack)
    settling.seen([folder], 0)

    (answer,) = settling.seen([folder], 30)

    assert answer == (Settled(look=folder) if why is None else Waiting(look=folder, why=why))


@pytest.mark.parametrize("kind", [EntryKind.FILE, EntryKind.SEQUENCE, EntryKind.PAIR])
def test_only_a_folder_needs_a_manifest(kind: EntryKind) -> None:
    film = replace(FILM, kind=kind)
    settling = Settling(quiet_seconds=30, manifest="required")
    settling.seen([film], 0)

    assert settled(settling, film, 30)


def test_manifests_are_asked_for_when_a_folder_is_quiet_and_again_only_now_and_then() -> None:
    now, asked = 0.0, []

    def lacking(_: Look) -> str:
        asked.append(now)
        return "waits"

    settling = Settling(quiet_seconds=30, lacking=lacking)
    for now in range(0, 101, 2):
        settling.seen([FOLDER], now)

    assert asked == [30, 60, 90]


def test_a_folder_whose_manifest_is_satisfied_is_not_asked_for_it_again() -> None:
    asked = []
    settling = Settling(quiet_seconds=30, lacking=asked.append)
    for now in range(0, 200, 10):
        settling.seen([FOLDER], now)

    assert asked == [FOLDER]


def test_a_folder_that_lacks_something_for_long_is_stalled_and_never_taken() -> None:
    settling = Settling(quiet_seconds=30, stalled_seconds=600, lacking=lambda _: "waits for 'x.mxf'")

    answers = [settling.seen([FOLDER], now)[0] for now in (0, 30, 599, 600, 9000)]

    assert [type(answer) for answer in answers] == [Waiting, Waiting, Waiting, Stalled, Stalled]
    assert isinstance(answers[-1], Stalled)
    assert answers[-1].why == "stalled, unchanged for more than 600 seconds: waits for 'x.mxf'"


def test_a_look_told_again_neither_settles_nor_resets_a_drop(settling: Settling) -> None:
    settling.seen([FILM], 0)

    assert not settled(settling, replace(FILM, stale=True), 100)
    assert settled(settling, FILM, 101)


def test_the_next_drop_to_settle_is_due_at_the_end_of_its_quiet_time(settling: Settling) -> None:
    waiting = replace(FILM, name="late.mov", partial=("late.mov.part",))
    settling.seen([FILM, waiting], 100)
    settling.seen([FILM, waiting, replace(FILM, name="b.mov")], 110)

    assert [settling.due(now) for now in (110, 130, 131)] == [20, 0, 0]


@pytest.mark.parametrize("look", [UPLOAD, replace(FILM, kind=EntryKind.LITTER), replace(FILM, stale=True)])
def test_nothing_is_due_for_what_is_not_about_to_settle(settling: Settling, look: Look) -> None:
    settling.seen([replace(look, stale=False)], 0)
    settling.seen([look], 1)

    assert settling.due(2) is None


def test_what_has_settled_is_not_due_any_more(settling: Settling) -> None:
    for now in (0, 30):
        settling.seen([FILM], now)

    assert settling.due(31) is None


@pytest.mark.parametrize(
    ("cost", "quiet", "rest"),
    [
        (0, 10, 0),
        (0.01, 0, 0.19),
        (0.5, 0, 9.5),
        (0.5, 10, 10),
        (0.2, 10, 5),
        (1, 10, 19),
        (10, 10, 60),
        (10, 3600, 60),
    ],
)
def test_looking_takes_a_twentieth_of_the_time_at_most(cost: float, quiet: float, rest: float) -> None:
    assert pause(cost, quiet) == pytest.approx(rest)


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
        "EP101.mov.fasp",
        "EP101.mov.partial.aspera-ckpt",
        ".in.EP101.mov.",
        ".pureftpd-upload.4eefcd05.15.543d.f8a021e",
        ".sftpgo-upload.c8qk5v2p4c1s73f0a1b0.EP101.mov",
        "EP101.mov.cyberducksegment/EP101.mov-1",
        ".org.chromium.Chromium.x1Y2z3",
        "EP101.mov.sb-1a2b3c4d-Ab3xYz",
        ".tmp.driveupload/12345",
        ".syncthing.EP101.mov.tmp",
        "~syncthing~EP101.mov.tmp",
        ".EP101.mov.~4f2a",
        ".nfs000000000a1b2c3d00000001",
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
    [
        *("a.mov.partial", "a.mov.aspera-ckpt", "a.mov.aria2", "a.mov.0123abcd.partial", ".a.mov.Zz19aB", ".a.mov.swp"),
        *("a.mov.partial.aspera-ckpt", ".in.a.mov.", ".syncthing.a.mov.tmp", "~syncthing~a.mov.tmp"),
        *(".sftpgo-upload.c8qk5v2p4c1s73f0a1b0.a.mov", "a.mov.sb-1a2b3c4d-Ab3xYz", ".a.mov.~4f2a"),
    ],
)
def test_a_partial_name_stands_for_the_file_beside_it(partial: str) -> None:
    assert is_partial_of(partial, "a.mov")


@pytest.mark.parametrize("partial", ["b.mov.partial", "a.mov2.partial", "aa.mov.partial", "a.mov"])
def test_a_partial_name_does_not_stand_for_other_files(partial: str) -> None:
    assert not is_partial_of(partial, "a.mov")


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("*.upload", ["a.upload", "A.UPLOAD", ".upload"], ["upload", "a.upload.mov"]),
        ("*.u?load", ["a.upload"], ["a.uload", "a.up.load"]),
        ("*_tmp", ["a_tmp", "a.mov_tmp"], ["a_tmp.mov"]),
        ("busy-*", ["BUSY-a.mov"], ["a.busy-"]),
        ("[ab].x", ["a.x", "b.x"], ["c.x"]),
        ("*.a.b", ["x.a.b"], ["x.b", "a.b"]),
        ("line*", ["line\nbreak"], ["\nline"]),
    ],
)
def test_patterns_are_those_of_a_shell_without_case(pattern: str, names: list[str], others: list[str]) -> None:
    compiled = Names([pattern])

    assert [name in compiled for name in (*names, *others)] == [True] * len(names) + [False] * len(others)


def test_endless_new_endings_are_not_all_remembered() -> None:
    names = Names(PARTIAL)

    assert not [number for number in range(3000) if f"take.{number}x" in names]
    assert "a.part" in names
