"""A real daemon guards a real studio: what is dropped ends where it must, whole, and nothing else is touched."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from PIL import Image

from scanner.model import MediaKind, Outcome, RulingAction, Stage
from scanner.pipeline import handle, rule

from .intake.places import NAMES
from .store.conftest import postgresql_server
from .studio import DELIVERIES, Home, call, eventually, fill_register, listed, new_home, ruling, sha256, start, watching

pytestmark = pytest.mark.long

__all__ = ["postgresql_server"]

CLEARED = ("clean_scene.mov", "clean_plate", "approved_titles.mov", "mislabelled.jpg")
FLAGGED = ("tampered.jpg",)
HELD = ("broken.mov", "empty.mov", "not_media.exr")
QUARANTINED = (
    "temp_in_final.mov",
    "disguised.mxf",
    "disguised_still.jpg",
    "signed_ai.jpg",
    "comfyui.png",
    "final_mix.m4a",
)
ENDS = {
    name: (folder, outcome)
    for names, folder, outcome in (
        (CLEARED, "cleared", Outcome.PASS),
        (FLAGGED, "flagged", Outcome.FLAG),
        (HELD, "held", Outcome.HOLD),
        (QUARANTINED, "quarantine", Outcome.QUARANTINE),
    )
    for name in names
}
AT_THE_START = ("there before.txt", "clean_plate", "comfyui.png")
ODD = tuple(name for name in NAMES if name.endswith(".mov"))
FRAMES = 100
SEQUENCE = "plate.[0001-0100].png"


def frame(path: Path, number: int) -> None:
    """A small picture, one different from the other, that looks like nothing in the register."""
    random = np.random.default_rng(number)
    Image.fromarray(random.integers(0, 255, (18, 32, 3), dtype=np.uint8)).save(path)


def drop_frames(home: Home) -> Counter[str]:
    """Drop a hundred loose frames; their hashes."""
    made = home / "frames"
    made.mkdir()
    for number in range(1, FRAMES + 1):
        frame(made / f"plate.{number:04}.png", number)
    hashes = Counter(listed(made).values())
    for path in sorted(made.iterdir()):
        path.rename(home / "drop" / path.name)
    return hashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a daemon has made of everything that was dropped while it ran, and before."""

    home: Home
    frames: Counter[str]
    log: str
    out: str


@pytest.fixture(scope="module")
def night(filled_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Night:
    home = Home(folder=tmp_path_factory.mktemp("night") / "studio")
    shutil.copytree(filled_home.folder, home.folder)
    (home / "drop/wip").mkdir()
    home.set(more='\n[[doors]]\nfolder = "wip"\nvendor = "acme"\ndrop_class = "work-in-progress"\n')
    home.write("there before.txt", "words")
    for sample in AT_THE_START[1:]:
        home.drop(sample)
    with watching(home) as watch:
        for sample in sorted(ENDS.keys() - set(AT_THE_START)):
            home.drop(sample)
        home.drop("wip_reel.mov", door="wip")
        for number, name in enumerate(ODD):
            home.write(name, f"{number} words")
        (home / "drop/link.mov").symlink_to(DELIVERIES / "comfyui.png")
        os.mkfifo(home / "drop/pipe.mov")
        home.write("coming.mov.part", "half of it")
        home.write(".DS_Store", "litter")
        frames = drop_frames(home)
        home.drop("signed_ai.jpg", "twice.jpg")
        eventually(lambda: not (home / "drop/twice.jpg").exists(), told=watch.told)
        home.drop("midjourney.png", "twice.jpg")
        expected = (*ENDS, "wip_reel.mov", "there before.txt", SEQUENCE, "twice.jpg", "twice.jpg", *ODD)
        eventually(lambda: home.is_done(*expected), told=lambda: watch.told() + str(home.files("drop", "work")))
    eventually(lambda: not watch.processes(), within=10.0, told=watch.processes)
    return Night(home=home, frames=frames, log=watch.told(), out=watch.log.with_suffix(".out").read_text())


@pytest.mark.parametrize(("name", "folder"), [(name, folder) for name, (folder, _) in ENDS.items()])
def test_a_delivery_ends_where_its_verdict_says(name: str, folder: str, night: Night) -> None:
    place = Path(str(night.home.record(name).place))

    assert place.is_relative_to(night.home / folder)
    assert listed(place) == listed(DELIVERIES / name)


@pytest.mark.parametrize(("name", "outcome"), [(name, outcome) for name, (_, outcome) in ENDS.items()])
def test_a_delivery_has_one_verdict(name: str, outcome: Outcome, night: Night) -> None:
    record = night.home.record(name)

    assert (record.stage, record.verdicts_before, night.home.outcome(name)) == (Stage.CARRIED_OUT, 0, outcome)


@pytest.mark.parametrize("name", AT_THE_START)
def test_what_was_there_before_the_daemon_is_taken_too(name: str, night: Night) -> None:
    assert night.home.record(name).stage is Stage.CARRIED_OUT


def test_loose_frames_are_one_delivery(night: Night) -> None:
    (member,) = night.home.record(SEQUENCE).delivery.members

    assert (member.kind, len(member.files)) == (MediaKind.SEQUENCE, FRAMES)


def test_loose_frames_are_kept_together_byte_for_byte(night: Night) -> None:
    place = Path(str(night.home.record(SEQUENCE).place))

    assert Counter(listed(place).values()) == night.frames


def test_a_door_gives_its_deliveries_their_class_and_vendor(night: Night) -> None:
    delivery = night.home.record("wip_reel.mov").delivery

    assert (delivery.drop_class, delivery.vendor) == ("work-in-progress", "acme")


def test_temporary_material_passes_where_it_is_allowed_and_keeps_to_its_door(night: Night) -> None:
    assert night.home.record("wip_reel.mov").place == str(night.home / "cleared/wip/wip_reel.mov")


def test_two_deliveries_of_one_name_are_both_kept(night: Night) -> None:
    kept = [path for path in (night.home / "quarantine").rglob("twice.jpg") if path.is_file()]

    dropped = {sha256(DELIVERIES / name) for name in ("signed_ai.jpg", "midjourney.png")}

    assert {sha256(path) for path in kept} == dropped


@pytest.mark.parametrize("name", ODD)
def test_a_delivery_may_have_any_name(name: str, night: Night) -> None:
    record = night.home.record(name)

    assert Path(str(record.place)).read_text() == f"{ODD.index(name)} words"


@pytest.mark.parametrize("name", ["link.mov", "pipe.mov", "coming.mov.part", ".DS_Store"])
def test_what_must_not_be_taken_stays(name: str, night: Night) -> None:
    assert os.path.lexists(night.home / "drop" / name)


def test_nothing_else_stays_in_the_drop_folder(night: Night) -> None:
    left = {str(path.relative_to(night.home / "drop")) for path in (night.home / "drop").rglob("*")}

    assert left == {"link.mov", "pipe.mov", "coming.mov.part", ".DS_Store", "wip"}


@pytest.mark.parametrize(
    "words", [("link.mov", "symbolic link"), ("pipe.mov", "FIFO"), ("coming.mov.part", "transferred")]
)
def test_the_log_says_why_something_is_not_taken(words: tuple[str, ...], night: Night) -> None:
    assert any(all(word in line for word in words) for line in night.log.splitlines())


def test_why_something_is_not_taken_is_said_once(night: Night) -> None:
    assert sum("link.mov" in line for line in night.log.splitlines()) == 1


def test_no_name_reaches_the_log_unescaped(night: Night) -> None:
    assert not {"\x1b", "\udcff", "\x00"} & set(night.log)


def test_nothing_is_printed_on_standard_output(night: Night) -> None:
    assert night.out == ""


def test_the_bench_is_clear(night: Night) -> None:
    assert not list((night.home / "work").iterdir())


# ---- Whole before it is taken


def test_a_folder_that_is_still_being_written_is_not_taken(home: Home) -> None:
    home.set(("quiet_seconds = 0.3", "quiet_seconds = 1.5"))
    reel = home / "drop/reel"
    reel.mkdir()
    seen_early: list[bool] = []
    pause = threading.Event()

    def copy() -> None:
        for number in range(40):
            seen_early.append(not reel.is_dir())
            with (reel / f"part {number // 4}.txt").open("a") as file:
                file.write(f"{number}\n")
            pause.wait(0.1)

    with watching(home) as watch:
        writer = threading.Thread(target=copy)
        writer.start()
        writer.join()
        eventually(lambda: home.is_done("reel"), told=watch.told)

    parts = [(home / f"cleared/reel/part {part}.txt").read_text().split() for part in range(10)]
    assert [int(number) for part in parts for number in part] == list(range(40))
    assert not any(seen_early)


def test_a_file_waits_for_the_transfer_beside_it(home: Home) -> None:
    transfers = {"a.mov": "a.mov.part", "b.mov": "b.mov.aspx", "c.mov": ".c.mov.AbC123"}
    for name, beside in transfers.items():
        home.write(beside, "half")
        home.write(name, "words")
    home.write("other.txt", "words")
    with watching(home) as watch:
        eventually(lambda: home.is_done("other.txt"), told=watch.told)
        waited = {name for name in transfers if (home / "drop" / name).exists()}
        for beside in transfers.values():
            (home / "drop" / beside).unlink()
        eventually(lambda: home.is_done("other.txt", *transfers), told=watch.told)

    assert waited == transfers.keys()


# ---- Starting and stopping


def reel_of_stills(home: Home) -> str:
    """Drop a folder of 150 stills, no two of the same bytes: it takes some seconds to look at."""
    still = (DELIVERIES / "mislabelled.jpg").read_bytes()
    for number in range(150):
        path = home / "made" / str(number) / "still.jpg"
        path.parent.mkdir(parents=True)
        path.write_bytes(still + str(number).encode())
    (home / "made").rename(home / "drop/stills")
    return "stills"


def test_a_daemon_that_is_stopped_in_the_middle_ends_well_and_the_next_one_finishes(home: Home) -> None:
    home.set(("stop_seconds = 10.0", "stop_seconds = 1.0"))
    name = reel_of_stills(home)
    with watching(home) as watch:
        eventually(watch.is_examining, told=watch.told)
    eventually(lambda: not watch.processes(), within=10.0, told=watch.processes)
    with watching(home) as watch:
        eventually(lambda: home.is_done(name), told=watch.told)

    # On a quick machine the first daemon may have come to the end of its step, and so to the end.
    assert home.outcome(name) is Outcome.PASS
    assert len(listed(home / "cleared" / name)) == 150


def test_a_stop_that_reaches_every_process_says_nothing_of_what_was_looked_at(home: Home) -> None:
    """As systemd stops a service: the examining processes are asked to end, too."""
    name = reel_of_stills(home)
    with watching(home) as watch:
        eventually(watch.is_examining, told=watch.told)
        os.killpg(watch.process.pid, signal.SIGTERM)
        stopped = watch.process.wait(60)
    with watching(home) as watch:
        eventually(lambda: home.is_done(name), told=watch.told)

    assert (stopped, home.outcome(name)) == (0, Outcome.PASS)


def test_an_idle_daemon_stops_quickly(home: Home) -> None:
    with watching(home) as watch:
        assert watch.stop(within=8.0) == 0


def test_being_asked_to_stop_again_and_again_is_no_matter(home: Home) -> None:
    home.write("notes.txt", "words")
    with watching(home) as watch:
        eventually(lambda: watch.says("taken"), told=watch.told)
        for _ in range(4):
            watch.process.terminate()

        assert watch.stop() == 0


def test_a_second_daemon_is_refused(home: Home) -> None:
    with watching(home) as first:
        second = start(home)

        assert (second.process.wait(60), "another daemon" in second.told(), first.process.poll()) == (3, True, None)


def test_the_lock_of_a_killed_daemon_is_free(home: Home) -> None:
    with watching(home) as watch:
        watch.kill()
    with watching(home) as watch:
        assert watch.process.poll() is None


def test_when_the_daemon_alone_is_killed_its_processes_end_too(home: Home) -> None:
    reel_of_stills(home)
    with watching(home) as watch:
        eventually(watch.is_examining, told=watch.told)
        watch.process.kill()
        watch.process.wait()
        eventually(lambda: not watch.processes(), within=30.0, told=watch.processes)


@pytest.mark.parametrize("lost", ["drop", "work"])
def test_a_studio_without_its_folder_is_refused(lost: str, home: Home) -> None:
    (home / lost).rmdir()
    watch = start(home)
    code = watch.process.wait(60)

    assert (code, "Traceback" in watch.told()) == (3, False)


def test_a_studio_without_its_database_is_refused(home: Home) -> None:
    (home / "scanner.db").unlink()
    watch = start(home)

    assert (watch.process.wait(60), (home / "scanner.db").exists()) == (2, False)


@pytest.mark.parametrize(
    "limit", ["max_inotify_instances", pytest.param("max_inotify_watches", marks=pytest.mark.thorough)]
)
def test_without_watch_events_the_sweep_finds_everything(limit: str, home: Home) -> None:
    prefix = ("unshare", "-Ur", "sh", "-c", f'echo 0 > /proc/sys/user/{limit} && exec "$@"', "sh")
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False, stderr=PIPE).returncode:
        pytest.skip("user name spaces are not permitted here")
    with watching(home, prefix=prefix) as watch:
        home.write("notes.txt", "words")
        eventually(lambda: home.is_done("notes.txt"), told=watch.told)

    assert (watch.says("no events"), listed(home / "cleared").keys()) == (True, {"notes.txt"})


def test_a_drop_folder_that_was_made_anew_is_watched_on(home: Home) -> None:
    with watching(home) as watch:
        (home / "drop").rmdir()
        eventually(lambda: watch.says("not taken", "cannot be looked into"), told=watch.told)
        (home / "drop").mkdir()
        home.write("notes.txt", "words")
        eventually(lambda: home.is_done("notes.txt"), told=watch.told)

    assert (home / "cleared/notes.txt").is_file()


def test_an_examining_process_that_is_killed_is_replaced(home: Home) -> None:
    with watching(home) as watch:
        home.drop("signed_camera.jpg")
        eventually(lambda: home.is_done("signed_camera.jpg"), told=watch.told)
        for pid in watch.processes():
            if pid != watch.process.pid:
                os.kill(pid, 9)
        home.drop("mislabelled.jpg")
        eventually(lambda: home.is_done("signed_camera.jpg", "mislabelled.jpg"), told=watch.told)

    assert home.outcome("mislabelled.jpg") is Outcome.PASS


# ---- Ruled on while the daemon runs


def test_a_restored_delivery_is_judged_anew_with_the_register_of_today(home: Home) -> None:
    with watching(home) as watch:
        home.drop("not_media.exr")
        home.drop("disguised_still.jpg")
        eventually(lambda: home.is_done("not_media.exr", "disguised_still.jpg"), told=watch.told)
        with home.open() as studio:
            fill_register(studio)
            today = studio.kept.register_state(studio.now()).version
            held = home.record("not_media.exr").delivery.delivery_id
            rule(studio, held, ruling(studio, RulingAction.RESTORE))
        (home / "cleared/disguised_still.jpg").rename(home / "drop/again.jpg")
        eventually(lambda: home.is_done("not_media.exr", "not_media.exr", "again.jpg"), told=watch.told)

    newest = next(record for record in home.records() if record.delivery.name == "not_media.exr")
    assert newest.verdict is not None
    assert newest.verdict.register is not None
    assert (newest.stage, newest.verdict.register.version) == (Stage.CARRIED_OUT, today)
    assert (home.outcome("disguised_still.jpg"), home.outcome("again.jpg")) == (Outcome.PASS, Outcome.QUARANTINE)


# ---- PostgreSQL


@pytest.fixture(scope="module")
def on_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = new_home(tmp_path_factory.mktemp("postgresql") / "studio", url=postgresql_server)
    with home.open() as studio:
        fill_register(studio)
    return home


def test_on_postgresql_deliveries_end_where_they_must(on_postgresql: Home) -> None:
    home, names = on_postgresql, ("clean_plate", "approved_titles.mov", "disguised_still.jpg", "broken.mov")
    with watching(home) as watch:
        for name in names:
            home.drop(name)
        eventually(lambda: watch.says("received"), told=watch.told)
        watch.kill()
    with watching(home) as watch:
        eventually(lambda: home.is_done(*names), told=watch.told)

    assert {name: home.outcome(name) for name in names} == {
        "clean_plate": Outcome.PASS,
        "approved_titles.mov": Outcome.PASS,
        "disguised_still.jpg": Outcome.QUARANTINE,
        "broken.mov": Outcome.HOLD,
    }
    assert not (home / "scanner.db").exists()


def test_on_postgresql_a_held_delivery_can_be_released(on_postgresql: Home) -> None:
    home = on_postgresql
    delivery_id = home.take("not_media.exr")
    with home.open() as studio:
        handle(studio, delivery_id)
    done = call("quarantine", "release", delivery_id, "--by", "Ada", "--reason", "ok", cwd=home.folder)

    assert (done.returncode, sha256(home / "cleared/not_media.exr")) == (0, sha256(DELIVERIES / "not_media.exr"))


def test_the_time_of_a_verdict_is_now(night: Night) -> None:
    verdict = night.home.record("broken.mov").verdict

    assert verdict is not None
    assert abs(verdict.judged_at.timestamp() - time.time()) < 3600
