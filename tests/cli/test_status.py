"""`scanner status`: what is where, since when, waiting on whom."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.model import PAUSE, CanaryRun, CanaryState, Order
from scanner.pipeline import handle
from scanner.report.standing import MAY_BE_RELEASED
from scanner.studio import Studio
from tests.cli.conftest import Scanner
from tests.store.values import NOON, delivery, recall, record
from tests.studio import Home, eventually, new_home


@pytest.fixture
def scanner(home: Home) -> Scanner:
    return Scanner(config=home.config)


@pytest.fixture
def opened(home: Home) -> Iterator[Studio]:
    with home.open() as studio:
        yield studio


def serve(studio: Studio, name: str = "ingest-1") -> str:
    """A server signs on, as a daemon does at its start."""
    instance = f"{name}-0001"
    studio.kept.sharing.sign_on(instance=instance, name=name, host="here", process=123)
    return instance


def status(scanner: Scanner) -> Any:
    return scanner.json("status")


def code(scanner: Scanner) -> int:
    """The exit code of a run in this process."""
    return int(scanner("status").return_value or 0)


def test_an_empty_studio_is_healthy_and_says_that_no_daemon_runs(scanner: Scanner) -> None:
    told = scanner("status")

    assert code(scanner) == 0
    assert "NO DAEMON RUNS" in told.stdout
    assert "0 drops waiting, 0 on the bench, 0 blocked, 0 open recalls" in told.stdout


def test_a_studio_without_its_database_cannot_be_read(home: Home, scanner: Scanner) -> None:
    (home / "scanner.db").unlink()

    assert scanner.exit_code("status") == 2
    assert not (home / "scanner.db").exists()


def test_it_needs_no_database_of_the_engine_and_makes_none(home: Home, scanner: Scanner) -> None:
    before = {path.name for path in home.folder.iterdir()}

    assert code(scanner) == 0

    made = {path.name for path in home.folder.iterdir()} - before
    assert made <= {"scanner.db-wal", "scanner.db-shm"}


def test_a_server_that_lives_is_told(scanner: Scanner, opened: Studio) -> None:
    serve(opened)

    told = status(scanner)

    assert told["daemon_runs"] is True
    (server,) = told["servers"]
    assert (server["name"], server["state"], server["host"], server["process"]) == ("ingest-1", "running", "here", 123)
    assert server["silent_seconds"] < 60
    assert "NO DAEMON RUNS" not in scanner("status").stdout


def test_a_server_that_is_silent_for_two_leases_does_not_run(scanner: Scanner, opened: Studio) -> None:
    serve(opened)
    with opened.kept._database.writing() as connection:
        connection.exec_driver_sql("update servers set seen_at = datetime('now', '-21 seconds')")

    told = status(scanner)

    assert told["daemon_runs"] is False
    assert told["servers"][0]["silent_seconds"] > 20


def test_what_waits_in_the_drop_folder_is_told_with_the_reason(home: Home, scanner: Scanner, opened: Studio) -> None:
    serve(opened)
    home.write("coming.mov.part", b"half")
    home.write("fresh.mov", b"whole")
    old = home.write("old.mov", b"whole")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    (home / "drop" / "link.mov").symlink_to(old)
    home.write(".DS_Store", b"litter")

    waiting = {each["name"]: each for each in status(scanner)["drop"]}

    assert set(waiting) == {"coming.mov.part", "fresh.mov", "old.mov", "link.mov"}
    assert waiting["coming.mov.part"]["why"].startswith("still being transferred")
    assert waiting["link.mov"]["why"].startswith("a symbolic link")
    assert [name for name, each in waiting.items() if each["stuck"]] == ["link.mov"]
    assert waiting["old.mov"]["why"] == "quiet for 2 h 0 min: to be taken"
    assert waiting["fresh.mov"]["size"] == 5
    assert code(scanner) == 4

    (home / "drop" / "link.mov").unlink()
    assert code(scanner) == 0


def test_what_has_just_changed_is_waited_for(home: Home, scanner: Scanner, opened: Studio) -> None:
    serve(opened)
    home.set(("quiet_seconds = 0.3", "quiet_seconds = 600.0"))
    home.write("fresh.mov", b"whole")

    (fresh,) = status(scanner)["drop"]

    assert fresh["why"].endswith("taken when nothing has changed for 600 s")


def test_what_a_server_knows_of_a_drop_is_told(home: Home, scanner: Scanner, opened: Studio) -> None:
    path = home.write("package.mov", b"whole")
    opened.kept.status.tell(serve(opened), {}, {str(path): "missing from its manifest: a.mxf"})

    (waiting,) = status(scanner)["drop"]

    assert waiting["why"] == "missing from its manifest: a.mxf"


def test_an_upload_that_has_stalled_waits_for_a_person(home: Home, scanner: Scanner, opened: Studio) -> None:
    serve(opened)
    part = home.write("coming.mov.part", b"half")
    assert code(scanner) == 0

    os.utime(part, (time.time() - 7200, time.time() - 7200))

    assert code(scanner) == 4


def test_each_door_is_looked_at_and_not_told_as_a_drop(home: Home, scanner: Scanner) -> None:
    home.set(more='\n[[doors]]\nfolder = "acme/final"\n')
    (home / "drop" / "acme" / "final").mkdir(parents=True)
    (home / "drop" / "acme" / "final" / "a.mov").write_bytes(b"a")

    assert [(each["door"], each["name"]) for each in status(scanner)["drop"]] == [("drop/acme/final", "a.mov")]


def test_a_drop_that_waits_while_no_daemon_runs_waits_for_a_person(home: Home, scanner: Scanner) -> None:
    home.write("a.mov", b"a")

    (waiting,) = status(scanner)["drop"]

    assert waiting["why"] == "no daemon runs"
    assert code(scanner) == 4


def test_what_is_on_the_bench_is_told_with_who_is_at_it(home: Home, scanner: Scanner, opened: Studio) -> None:
    first, second = home.take("broken.mov"), home.take("comfyui.png")
    opened.kept.status.tell(serve(opened), {second: ("examine", 90.0)})

    bench = {each["delivery_id"]: each for each in status(scanner)["bench"]}

    assert (bench[first]["name"], bench[first]["stage"], bench[first]["step"]) == ("broken.mov", "taken", None)
    assert (bench[second]["step"], bench[second]["server"]) == ("examine", "ingest-1")
    assert "examine on ingest-1 for 1 min" in scanner("status").stdout
    assert code(scanner) == 0


def test_a_folder_on_the_bench_that_is_none_of_ours_waits_for_a_person(
    home: Home, scanner: Scanner, opened: Studio
) -> None:
    serve(opened)
    (home / "work" / "somebody's").mkdir()
    (home / "work" / "somebody's" / "film.mov").write_bytes(b"a")

    (foreign,) = status(scanner)["bench"]

    assert (foreign["known"], foreign["stage"]) == (False, "no receipt: look at it by hand")
    assert code(scanner) == 4


def test_what_is_blocked_says_since_when_and_on_whom_it_waits(home: Home, scanner: Scanner, opened: Studio) -> None:
    for sample in ("comfyui.png", "broken.mov"):
        handle(opened, home.take(sample))

    blocked = {each["name"]: each for each in status(scanner)["blocked"]}

    assert blocked["comfyui.png"]["outcome"] == "quarantine"
    assert blocked["comfyui.png"]["code"] == "AI-GENERATOR"
    assert blocked["comfyui.png"]["waits_on"].startswith("the post supervisor")
    assert "approv" in blocked["comfyui.png"]["clears_when"]
    assert blocked["broken.mov"]["waits_on"] == "the vendor: deliver again"
    assert "/held/" in blocked["broken.mov"]["place"]
    assert status(scanner)["bench"] == []
    assert code(scanner) == 4


def test_what_was_judged_again_and_passes_waits_for_whoever_may_release_it(
    home: Home, scanner: Scanner, opened: Studio
) -> None:
    handle(opened, home.take("comfyui.png"))
    with opened.kept._database.writing() as connection:
        connection.exec_driver_sql("update deliveries set stage = 'judged-again', outcome = 0")

    (blocked,) = status(scanner)["blocked"]

    assert (blocked["outcome"], blocked["waits_on"]) == ("pass", MAY_BE_RELEASED)


def test_a_canary_under_way_waits_for_nobody(home: Home, scanner: Scanner, opened: Studio) -> None:
    delivery_id = home.take("comfyui.png")
    handle(opened, delivery_id)
    (member,) = opened.kept.delivery(delivery_id).delivery.members
    run = CanaryRun(
        name="c", folder=".", sha256=member.sha256, by="a test", state=CanaryState.BEGUN, begun_at=opened.now()
    )
    opened.kept.canaries.begin(run)

    assert status(scanner)["blocked"] == []


def test_a_canary_that_failed_is_a_problem(home: Home, scanner: Scanner, opened: Studio) -> None:
    home.set(("\non = false", "\non = true"))
    now = opened.now()
    opened.kept.canaries.end(
        CanaryRun(
            name="c", folder=".", sha256="0", by="a test", state=CanaryState.FAILED, begun_at=now, ended_at=now,
            told="it was cleared",
        )
    )  # fmt: skip

    assert "PROBLEM the canary failed: it was cleared" in scanner("status").stdout
    assert code(scanner) == 4


def test_the_one_that_has_waited_longest_comes_first(home: Home, scanner: Scanner, opened: Studio) -> None:
    for sample in ("comfyui.png", "broken.mov"):
        handle(opened, home.take(sample))

    since = [each["since"] for each in status(scanner)["blocked"]]

    assert since == sorted(since)


def test_a_pause_is_told_with_who_ordered_it(scanner: Scanner, opened: Studio) -> None:
    def order(value: str, reason: str) -> None:
        given = Order(name=PAUSE, value=value, by="Ada", reason=reason, at=opened.now())
        opened.kept.sharing.give_order(given)

    order("on", "the disk is changed")
    assert "ORDER pause on, by Ada" in scanner("status").stdout
    assert status(scanner)["orders"][0]["reason"] == "the disk is changed"

    order("off", "done")
    assert status(scanner)["orders"] == []


def test_an_open_recall_waits_for_a_person(scanner: Scanner, opened: Studio) -> None:
    store = opened.kept
    store.add_record(record())
    store.received(delivery(), place="work/d1")
    store.add_recalls([recall()])
    serve(opened)

    (told,) = status(scanner)["recalls"]
    assert (told["recall_id"], told["asset"], told["delivery_id"]) == ("r1", "a.mov", "d1")
    assert code(scanner) == 4

    store.close_recall("r1", by="ada", reason="replaced", at=NOON + timedelta(days=1))
    assert code(scanner) == 0


def test_a_folder_that_is_gone_is_a_problem(home: Home, scanner: Scanner) -> None:
    (home / "cleared").rmdir()
    (home / "drop").rmdir()

    told = status(scanner)

    assert {each["folder"]: each["ok"] for each in told["rooms"]}["cleared"] is False
    assert len([each for each in told["problems"] if "drop" in each]) == 2
    assert code(scanner) == 4


def test_a_disk_without_room_is_a_problem(home: Home, scanner: Scanner) -> None:
    home.set(("reserve_megabytes = 1024", "reserve_megabytes = 900000000"))

    assert "PROBLEM held: " in scanner("status").stdout


def test_a_hostile_name_steers_neither_terminal_nor_lines(home: Home, scanner: Scanner) -> None:
    home.write("\x1b[2J\nblocked\tx.mov", b"a")

    told = scanner("status").stdout

    assert "\x1b" not in told
    assert len([line for line in told.splitlines() if "x.mov" in line]) == 1
    assert status(scanner)["drop"][0]["name"] == "\x1b[2J\nblocked\tx.mov"


def test_in_a_pipe_each_thing_is_a_line_that_begins_with_its_kind(home: Home, scanner: Scanner) -> None:
    home.write("a.mov", b"a")
    home.take("broken.mov")

    lines = [line.split("\t") for line in scanner("status").stdout.splitlines() if "\t" in line]

    assert [line[0] for line in lines] == ["bench", "drop"]


def command(home: Home) -> list[str]:
    return [sys.executable, "-m", "scanner", "--config", str(home.config), "status", "--watch"]


def test_on_a_terminal_it_is_shown_live(home: Home) -> None:
    ours, theirs = pty.openpty()
    # Where the tests run in the background of a shell, they and what they start would be deaf to it.
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command(home), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
    signal.signal(signal.SIGINT, was)
    os.close(theirs)
    seen = b""

    def shows(words: bytes) -> bool:
        nonlocal seen
        if select.select([ours], [], [], 0.1)[0]:
            seen += os.read(ours, 100_000)
        return words in seen

    def has_ended() -> bool:
        # A terminal that nobody reads is full at some time, and whoever writes to it then waits.
        with suppress(OSError):
            shows(b"")
        return process.poll() is not None

    try:
        eventually(lambda: shows(b"NO DAEMON RUNS"), within=30, told=lambda: seen)
        home.write("later.mov", b"a")
        eventually(lambda: shows(b"later.mov"), within=30, told=lambda: seen)
        process.send_signal(signal.SIGINT)
        eventually(has_ended, within=30, told=lambda: seen)
        assert process.returncode == 130
    finally:
        process.kill()
        process.communicate()
        os.close(ours)


def test_in_a_pipe_each_look_is_a_line_of_json(home: Home) -> None:
    with subprocess.Popen([*command(home), "--format", "json"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        home.write("later.mov", b"a")
        looks = iter(process.stdout.readline, "")
        found = next(each for each in map(json.loads, looks) if each["drop"])
        process.send_signal(signal.SIGINT)

    assert first["drop"] == []
    assert found["drop"][0]["name"] == "later.mov"


def test_it_is_read_while_a_daemon_writes(tmp_path: Path) -> None:
    home = new_home(tmp_path / "studio")
    with home.open() as studio, studio.kept._database.writing():
        assert code(Scanner(config=home.config)) == 0
