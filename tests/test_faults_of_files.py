"""What whoever delivers may do, much at once, clocks that jump, under a real daemon: it goes on, nothing is lost."""

import ast
import os
import re
import shutil
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import pytest

import scanner
from scanner.model import Outcome
from scanner.taking import Taking
from scanner.watching import Watch as Doors

from .crashing import AtOnce
from .media.making import ffmpeg
from .studio import DELIVERIES, HURRIED, Home, eventually, listed, sha256, ticks, watching
from .test_faults import ended, lasts

pytestmark = pytest.mark.long

HUGE = int(os.environ.get("SCANNER_TEST_HUGE", "2")) << 30
_never = threading.Event()


# ---- Folders and files that change under the daemon


def test_a_doors_folder_that_was_made_anew_is_watched_on(home: Home) -> None:
    (home / "drop/wip").mkdir()
    home.set(more='\n[[doors]]\nfolder = "wip"\ndrop_class = "work-in-progress"\n')
    with watching(home) as watch:
        shutil.rmtree(home / "drop/wip")
        eventually(lambda: watch.says("not taken", "drop/wip"), told=watch.told)
        home.write("beside.txt", "words")
        eventually(lambda: home.is_done("beside.txt"), told=watch.told)
        (home / "drop/wip").mkdir()
        home.write("wip/notes.txt", "other words")
        ended(home, watch, "beside.txt", "notes.txt")

    assert home.record("notes.txt").delivery.drop_class == "work-in-progress"


def test_a_file_that_is_renamed_while_it_settles_is_one_delivery(home: Home) -> None:
    home.set(("quiet_seconds = 0.3", "quiet_seconds = 1.0"))
    with watching(home) as watch:
        path = home.write("name 0.txt", "words")
        for number in range(1, 6):
            lasts(0.3)
            path = path.rename(home / f"drop/name {number}.txt")
        ended(home, watch, "name 5.txt")

    assert listed(home / "cleared").keys() == {"name 5.txt"}


def test_what_takes_the_name_of_a_file_that_is_being_examined_is_another_delivery(home: Home) -> None:
    with watching(home) as watch:
        home.drop("clean_scene.mov", "scene.mov")
        eventually(lambda: watch.says("received"), told=watch.told)
        with pytest.raises(FileNotFoundError):
            (home / "drop/scene.mov").rename(home / "drop/other.mov")
        home.drop("comfyui.png", "scene.mov")
        ended(home, watch, "scene.mov", "scene.mov")

    assert home.bytes_in("cleared") == Counter([sha256(DELIVERIES / "clean_scene.mov")])
    assert home.bytes_in("quarantine") == Counter([sha256(DELIVERIES / "comfyui.png")])


def test_who_writes_into_what_was_taken_by_another_name_gets_it_held(home: Home) -> None:
    outside = home.folder / "outside.mov"
    os.link(home.drop("clean_scene.mov"), outside)
    with watching(home) as watch:
        eventually(lambda: watch.says("received"), told=watch.told)
        with outside.open("ab", buffering=0) as writer:
            while not watch.says('"decided"'):
                writer.write(b"more")
                lasts(0.02)
        eventually(lambda: home.is_done("clean_scene.mov"), told=watch.told)

    assert home.outcome("clean_scene.mov") is Outcome.HOLD
    assert not home.bytes_in("cleared", "flagged")


def test_a_file_that_another_program_has_open_for_writing_is_left_to_it(home: Home) -> None:
    path = home.drop("mislabelled.jpg")
    with watching(home) as watch:
        with path.open("ab", buffering=0) as writer:
            home.write("beside.txt", "words")
            eventually(lambda: home.is_done("beside.txt"), told=watch.told)
            lasts(1.0)
            eventually(lambda: watch.says("not taken", "mislabelled.jpg", "still writes"), told=watch.told)
            writer.write(b"the end")
        whole = sha256(path)
        ended(home, watch, "beside.txt", "mislabelled.jpg")

    assert whole in {digest for record in home.records() for m in record.delivery.members for digest in m.file_hashes}


def test_bytes_that_change_between_examination_and_move_are_held(home: Home) -> None:
    from scanner.pipeline import carry_out, close, decide, examine, receive

    path = home.drop("signed_camera.jpg")
    os.link(path, home.folder / "outside.jpg")
    delivery_id = home.onto_bench(path)
    with home.open() as studio:
        seal = receive(studio, delivery_id)
        examine(studio, delivery_id, seal)
        decide(studio, delivery_id)
        with (home.folder / "outside.jpg").open("r+b") as writer:
            writer.write(b"x")
        carry_out(studio, delivery_id, seal)
        close(studio, delivery_id)

    assert home.outcome("signed_camera.jpg") is Outcome.HOLD
    assert not home.bytes_in("cleared", "flagged")


def settled_drop(home: Home, taken: Callable[[Path], None], name: str = "still.jpg") -> list[str]:
    """Let a drop settle, do something to it, and only then take it; what lies on the bench or went on after that."""
    home.set(("quiet_seconds = 0.3", "quiet_seconds = 0.0"))
    path = home.drop("mislabelled.jpg", name)
    with home.open() as studio:
        taking = Taking(studio, AtOnce(studio), instance="alone", shared=False)  # type: ignore[arg-type]
        doors = Doors(studio.settings)
        with doors.listening():
            seen = eventually(lambda: list(doors.settled()))
            taken(path)
            for doorway, settled in seen:
                taking.take(doorway, settled)
    return sorted(home.files("work", "cleared", "flagged", "held", "quarantine"))


def test_a_link_that_is_put_in_place_of_a_settled_file_is_not_taken(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("nobody's business")

    def swap(path: Path) -> None:
        path.unlink()
        path.symlink_to(secret)

    assert settled_drop(home, swap) == []
    assert (home / "drop/still.jpg").is_symlink()
    assert (secret.read_text(), home.records()) == ("nobody's business", ())


def test_a_door_that_becomes_a_link_takes_nothing_from_outside(home: Home, tmp_path: Path) -> None:
    (home / "drop/wip").mkdir()
    home.set(more='\n[[doors]]\nfolder = "wip"\ndrop_class = "work-in-progress"\n')
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.txt").write_text("nobody's business")
    with watching(home) as watch:
        (home / "drop/wip").rmdir()
        (home / "drop/wip").symlink_to(tmp_path / "outside")
        home.write("beside.txt", "words")
        eventually(lambda: home.is_done("beside.txt"), told=watch.told)
        lasts(1.0)

    assert listed(tmp_path / "outside").keys() == {"secret.txt"}
    assert [record.delivery.name for record in home.records()] == ["beside.txt"]


def test_links_that_come_and_go_let_no_byte_from_outside_in(home: Home, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("nobody's business")
    outside = sha256(secret)
    path, stop = home / "drop/reel/notes.txt", threading.Event()
    path.parent.mkdir()

    def juggle() -> None:
        while not stop.wait(0.002):
            for make in (path.symlink_to, lambda target: path.write_text("words")):
                try:
                    path.unlink(missing_ok=True)
                    make(secret)
                except OSError:
                    continue

    with watching(home) as watch:
        juggler = threading.Thread(target=juggle)
        juggler.start()
        lasts(4.0)
        stop.set()
        juggler.join()
        eventually(lambda: not home.bytes_in("drop", "work") and not any((home / "work").iterdir()), told=watch.told)

    assert secret.read_text() == "nobody's business"
    assert outside not in home.bytes_in()


def test_what_never_stops_growing_is_not_taken_until_it_does(home: Home) -> None:
    path, stop = home.write("endless.txt", "words\n"), threading.Event()

    def append() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.wait(0.05):
                file.write(b"more words\n")

    with watching(home) as watch:
        writer = threading.Thread(target=append)
        writer.start()
        try:
            home.write("beside.txt", "words")
            eventually(lambda: home.is_done("beside.txt"), told=watch.told)
            lasts()
            still_there = path.exists()
        finally:
            stop.set()
            writer.join()
        whole = sha256(path)
        ended(home, watch, "beside.txt", "endless.txt")

    assert still_there
    assert sha256(home / "cleared/endless.txt") == whole


# ---- Much, and long


def test_a_huge_file_of_nothing_stops_nobody_else(home: Home) -> None:
    home.set(("base_seconds = 120.0", "base_seconds = 2.0"), ("at_most_seconds = 43200.0", "at_most_seconds = 4.0"))
    huge = home.folder / "huge.mov"
    huge.touch()
    os.truncate(huge, HUGE)
    huge.rename(home / "drop/huge.mov")
    with watching(home) as watch:
        eventually(lambda: not (home / "drop/huge.mov").exists(), told=watch.told)
        names = [f"note {number}.txt" for number in range(5)]
        for name in names:
            home.write(name, name)
        eventually(lambda: (home / "cleared" / names[-1]).exists(), within=30.0, told=watch.told)
        ended(home, watch, "huge.mov", *names)

    assert home.outcome("huge.mov") is Outcome.HOLD
    (kept,) = (home / "held").glob("*/payload/huge.mov")
    assert (kept.stat().st_size, kept.stat().st_blocks) == (HUGE, 0)


def test_many_small_files_at_once_end_one_by_one(home: Home) -> None:
    home.set(("deliveries_at_once = 2", "deliveries_at_once = 16"))
    names = [f"note {number}.txt" for number in range(40)]
    made = {name: home.folder / "made" / name for name in names}
    (home.folder / "made").mkdir()
    for name, path in made.items():
        path.write_text(f"words of {name}")
    dropped = Counter(map(sha256, made.values()))
    with watching(home) as watch:
        for name, path in made.items():
            path.rename(home / "drop" / name)
        eventually(lambda: len(list((home / "cleared").iterdir())) == len(names), told=watch.told)
        ended(home, watch, *names)

    assert home.bytes_in() == dropped


def test_a_read_that_stalls_ends_as_held(home: Home) -> None:
    home.set(("base_seconds = 120.0", "base_seconds = 2.0"), ("at_most_seconds = 43200.0", "at_most_seconds = 2.0"))
    # Longer than a glance: it is under way when it is stopped.
    film = home / "clean_scene.mov"
    ffmpeg("-stream_loop", "5", "-i", DELIVERIES / film.name, "-c", "copy", film)
    with watching(home) as watch:
        film.rename(home / "drop" / film.name)
        busy = eventually(lambda: [pid for pid in watch.examiners() if ticks(pid) >= 10], told=watch.told)
        for pid in busy:
            os.kill(pid, signal.SIGSTOP)
        ended(home, watch, "clean_scene.mov")

        assert home.outcome("clean_scene.mov") is Outcome.HOLD
        # Whatever waits for a process gets a new one.
        home.drop("mislabelled.jpg")
        ended(home, watch, "clean_scene.mov", "mislabelled.jpg")
    assert home.outcome("mislabelled.jpg") is Outcome.PASS


# ---- Clocks


_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* A day more or less, as long as the file is there. */
static long jump(void) {
    static const char *path;
    if (!path) path = getenv("SCANNER_TEST_CLOCK");
    if (!path || access(path, R_OK)) return 0;
    return 86400 * atol(getenv("SCANNER_TEST_DAYS"));
}

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, now);
    if (!failed && id == CLOCK_REALTIME) now->tv_sec += jump();
    return failed;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *told, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    told->tv_sec = now.tv_sec;
    told->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.fixture(scope="module")
def odd_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes a process's clock jump by a day; its time since the start stays true."""
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(_CLOCK)
    compiler = shutil.which("cc")
    made = [str(compiler), "-shared", "-fPIC", "-O1", "-o", str(folder / "clock.so"), str(folder / "clock.c"), "-ldl"]
    if compiler is None or subprocess.run(made, check=False, stderr=PIPE).returncode:
        pytest.skip("there is no compiler here")
    return folder / "clock.so"


@pytest.mark.parametrize("days", ["1", pytest.param("-1", marks=pytest.mark.thorough)])
def test_a_clock_that_jumps_by_a_day_stops_nothing(days: str, odd_clock: Path, home: Home) -> None:
    home.set(("lease_seconds = 10.0", "lease_seconds = 2.0"))
    jump = home.folder / "jump"
    told = ("env", f"LD_PRELOAD={odd_clock}", f"SCANNER_TEST_CLOCK={jump}", f"SCANNER_TEST_DAYS={days}")
    with watching(home, prefix=(*told, *HURRIED)) as watch:
        home.drop("clean_scene.mov")
        eventually(lambda: watch.says("received"), told=watch.told)
        jump.touch()
        home.drop("mislabelled.jpg")
        ended(home, watch, "clean_scene.mov", "mislabelled.jpg")
        jump.unlink()
        home.drop("comfyui.png")
        ended(home, watch, "clean_scene.mov", "mislabelled.jpg", "comfyui.png")

    dates = {record.delivery.delivery_id[:8] for record in home.records()}
    outcomes = [home.outcome(name) for name in ("clean_scene.mov", "mislabelled.jpg", "comfyui.png")]
    assert (len(dates), outcomes) == (2, [Outcome.PASS, Outcome.PASS, Outcome.QUARANTINE])


@pytest.mark.parametrize("module", ["daemon", "watching", "taking", "engine", "settle", "examine/pool"])
def test_nothing_waits_by_a_clock_that_may_jump(module: str) -> None:
    text = (Path(scanner.__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    calls = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}

    assert not re.search(r"\btime\.time\b", text)
    assert not calls & {"time_ns", "utcnow", "today", "fromtimestamp"}
