"""Power cuts, full disks, locked databases: nothing is lost, nothing is released unexamined, nothing is judged twice.

`SCANNER_TEST_KILLS` is how often the daemon is killed (6), `SCANNER_TEST_SEED` chooses when.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.model import DeliveryRecord, Outcome, Stage

from .intake.places import NAMES
from .studio import DELIVERIES, Home, Watch, eventually, listed, sha256, start, watching

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("SCANNER_TEST_KILLS", "6"))
SEED = int(os.environ.get("SCANNER_TEST_SEED", "20261122"))
SAMPLES = ("signed_camera.jpg", "comfyui.png", "tampered.jpg", "clean_plate", "approved_titles.mov", "broken.mov")
SEQUENCE = "loose.[0001-0004].exr"
EVENTS = ("taken", "received", "examined", "decided", "moved")


# ---- Killed again and again


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Something ready to be dropped, by renaming: the name of its delivery, and its files outside the drop folder."""

    name: str
    files: tuple[Path, ...]
    hashes: Counter[str]

    def is_free(self, home: Home) -> bool:
        return not any(os.path.lexists(home / "drop" / file.name) for file in self.files)

    def drop(self, home: Home) -> None:
        for file in self.files:
            file.rename(home / "drop" / file.name)


def parcel(*files: Path, name: str | None = None) -> Parcel:
    hashes = Counter(digest for file in files for digest in listed(file).values())
    return Parcel(name=name or files[0].name, files=files, hashes=hashes)


def parcels(made: Path) -> Iterator[Parcel]:
    """A dozen small things, among them two of one name, loose frames and a link in a folder."""
    for sample in SAMPLES:
        copy = shutil.copytree if (DELIVERIES / sample).is_dir() else shutil.copyfile
        yield parcel(Path(copy(DELIVERIES / sample, made / sample)))
    for number, name in enumerate((*NAMES[1:5], "twice.txt", "twice.txt")):
        path = made / str(number) / name
        path.parent.mkdir()
        path.write_text(f"{number} words")
        yield parcel(path)
    frames = made / "frames"
    shutil.copytree(DELIVERIES / "clean_plate", frames)
    kept = sorted(frames.iterdir())[:4]
    yield parcel(*(file.rename(frames / f"loose.{n:04}.exr") for n, file in enumerate(kept, start=1)), name=SEQUENCE)
    (made / "reel").mkdir()
    (made / "reel/notes.txt").write_text("words in a folder")
    (made / "reel/link").symlink_to("notes.txt")
    yield parcel(made / "reel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wreck:
    """What is left when a daemon was killed many times, and one was let come to its end."""

    home: Home
    parcels: tuple[Parcel, ...]
    orphans: int
    records: tuple[DeliveryRecord, ...]


def killed_at_random(home: Home, chance: random.Random) -> Watch:
    """A daemon that is killed, with all its processes, at some moment of its life."""
    watch = start(home)
    if chance.random() < 0.5:
        with suppress(subprocess.TimeoutExpired):
            watch.process.wait(chance.uniform(0.0, 3.0))
    else:
        event, seconds = chance.choice(EVENTS), chance.uniform(0.0, 0.2)
        until = time.monotonic() + 4.0
        eventually(lambda: watch.says(event) or time.monotonic() > until)
        with suppress(subprocess.TimeoutExpired):
            watch.process.wait(seconds)
    assert watch.process.poll() is None, watch.told()
    watch.kill()
    return watch


@pytest.fixture(scope="module")
def wreck(filled_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    chance = random.Random(SEED)
    home = Home(folder=tmp_path_factory.mktemp("wreck") / "studio")
    shutil.copytree(filled_home.folder, home.folder)
    (home / "made").mkdir()
    everything = tuple(parcels(home / "made"))
    waiting = chance.sample(everything, len(everything))
    killed = []
    for life in range(KILLS):
        for each in waiting[: 3 if life == 0 else chance.choice((0, 1, 2))]:
            if each.is_free(home):
                each.drop(home)
                waiting.remove(each)
        killed.append(killed_at_random(home, chance))
    with watching(home) as watch:
        for each in waiting:
            eventually(lambda each=each: each.is_free(home), told=watch.told)  # type: ignore[misc]
            each.drop(home)
        eventually(lambda: home.is_done(*(each.name for each in everything)), told=watch.told)
    eventually(lambda: not watch.processes(), within=10.0, told=watch.processes)
    orphans = sum(len(each.processes()) for each in killed)
    return Wreck(home=home, parcels=everything, orphans=orphans, records=home.records())


def test_after_kills_every_file_is_in_one_place_byte_for_byte(wreck: Wreck) -> None:
    assert wreck.home.bytes_in() == sum((each.hashes for each in wreck.parcels), Counter())


def test_after_kills_nothing_is_left_in_the_drop_folder(wreck: Wreck) -> None:
    assert not list((wreck.home / "drop").iterdir())


def test_after_kills_the_bench_is_clear(wreck: Wreck) -> None:
    assert not list((wreck.home / "work").iterdir())


def test_after_kills_every_delivery_has_one_record(wreck: Wreck) -> None:
    assert Counter(r.delivery.name for r in wreck.records) == Counter(each.name for each in wreck.parcels)


def test_after_kills_every_delivery_was_judged_once(wreck: Wreck) -> None:
    assert {(r.stage, r.verdicts_before) for r in wreck.records} == {(Stage.CARRIED_OUT, 0)}


def test_after_kills_every_delivery_is_where_its_record_says(wreck: Wreck) -> None:
    hashes = sum((Counter(listed(Path(str(r.place))).values()) for r in wreck.records), Counter[str]())

    assert hashes == sum((each.hashes for each in wreck.parcels), Counter())


def test_after_kills_nothing_in_cleared_is_unexamined(wreck: Wreck) -> None:
    passed = [r for r in wreck.records if r.verdict is not None and r.verdict.outcome is Outcome.PASS]
    with wreck.home.store() as store, wreck.home.open() as studio:
        examined = {
            file_hash
            for record in passed
            for member in record.delivery.members
            if store.examination(member.sha256, studio.examiner) is not None
            for file_hash in member.file_hashes
        }

    assert set(wreck.home.bytes_in("cleared")) <= examined


def test_after_kills_verdicts_are_those_of_a_quiet_night(wreck: Wreck) -> None:
    outcomes = {r.delivery.name: r.verdict.outcome for r in wreck.records if r.verdict is not None}

    assert [outcomes[name] for name in (*SAMPLES, "reel", SEQUENCE)] == [
        Outcome.PASS,
        Outcome.QUARANTINE,
        Outcome.FLAG,
        Outcome.PASS,
        Outcome.PASS,
        Outcome.HOLD,
        Outcome.HOLD,
        Outcome.PASS,
    ]


def test_after_kills_no_process_is_left(wreck: Wreck) -> None:
    assert wreck.orphans == 0


def test_a_lost_engine_database_loses_no_delivery(home: Home) -> None:
    home.drop("comfyui.png")
    with watching(home) as watch:
        eventually(lambda: watch.says("received"), told=watch.told)
        watch.kill()
    (home / "engine.db").unlink()
    with watching(home) as watch:
        eventually(lambda: home.is_done("comfyui.png"), told=watch.told)

    assert home.record("comfyui.png").verdicts_before == 0


def test_a_damaged_engine_database_is_told_and_can_be_moved_away(home: Home) -> None:
    (home / "engine.db").write_bytes(b"no database " * 500)
    home.write("notes.txt", "words")
    refused = start(home)
    code = refused.process.wait(60)
    (home / "engine.db").unlink()
    with watching(home) as watch:
        eventually(lambda: home.is_done("notes.txt"), told=watch.told)

    assert (code, "move it away" in refused.told()) == (2, True)


def test_a_delivery_goes_on_when_the_machine_has_another_name(home: Home) -> None:
    prefix = ("unshare", "-Uru", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh")
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False, stderr=-1).returncode:
        pytest.skip("user name spaces are not permitted here")
    home.drop("comfyui.png")
    with watching(home) as watch:
        eventually(lambda: watch.says("received"), told=watch.told)
        watch.kill()
    with watching(home, prefix=prefix) as watch:
        eventually(lambda: home.is_done("comfyui.png"), told=watch.told)

    assert home.outcome("comfyui.png") is Outcome.QUARANTINE


# ---- A disk that is full, or may not be written to


@contextmanager
def volume(folder: Path, size: str) -> Iterator[None]:
    """A small volume of its own at a folder."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=False, stderr=-1)
    if mounted.returncode:
        pytest.skip("volumes may not be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def remount(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", folder], check=True)


@pytest.mark.parametrize(
    ("at_first", "then", "why"), [("size=64k", "size=64m", "No space left"), ("ro", "rw", "Read-only")]
)
def test_what_cannot_be_quarantined_stays_on_the_bench_until_it_can(
    at_first: str, then: str, why: str, home: Home
) -> None:
    quarantine = home / "quarantine"
    with volume(quarantine, "64m"):
        remount(quarantine, at_first)
        home.drop("comfyui.png")
        with watching(home) as watch:
            eventually(lambda: watch.says("failed", why), told=watch.told)
        on_the_bench = home.bytes_in("work"), home.bytes_in("quarantine", "cleared")
        remount(quarantine, then)
        with watching(home) as watch:
            eventually(lambda: home.is_done("comfyui.png"), told=watch.told)
        quarantined = home.bytes_in("quarantine")

    whole = Counter([sha256(DELIVERIES / "comfyui.png")])
    assert (on_the_bench, quarantined) == ((whole, Counter()), whole)


# ---- A database that is busy


@pytest.mark.parametrize("database", ["scanner.db", "engine.db"])
def test_a_locked_database_delays_and_loses_nothing(database: str, home: Home) -> None:
    with watching(home) as watch:
        with closing(sqlite3.connect(home / database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            home.drop("signed_camera.jpg")
            until = time.monotonic() + 3.0
            eventually(lambda: time.monotonic() > until)
            while_locked = home.bytes_in("cleared")
            other.execute("ROLLBACK")
        eventually(lambda: home.is_done("signed_camera.jpg"), told=watch.told)

    assert (while_locked, home.outcome("signed_camera.jpg")) == (Counter(), Outcome.PASS)


def test_a_database_that_vanishes_under_the_daemon_clears_nothing(home: Home) -> None:
    with watching(home) as watch:
        for file in home.folder.glob("scanner.db*"):
            file.write_bytes(b"no database any more " * 500)
        home.drop("signed_camera.jpg")
        eventually(lambda: watch.says("failed"), told=watch.told)

    assert (home.bytes_in("cleared"), home.bytes_in("work")) == (
        Counter(),
        Counter([sha256(DELIVERIES / "signed_camera.jpg")]),
    )
