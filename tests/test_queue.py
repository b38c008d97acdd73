"""Orders to the queue: pause, go on, drain, hurry; and what stops the scanner again and again is held."""

import time
from pathlib import Path

import pytest

from scanner.errors import ExaminerLostError
from scanner.model import Code, Outcome, Priority, Stage
from scanner.pipeline import carry_out, close, decide, examine, receive

from .studio import DELIVERIES, Home, call, eventually, new_home, watching

GROUNDS = ("--by", "Ada", "--reason", "the mixing stage is being moved")


def test_a_paused_queue_takes_nothing_and_goes_on_when_told(home: Home) -> None:
    assert call("queue", "pause", *GROUNDS, cwd=home.folder).returncode == 0
    home.set(("lease_seconds = 10.0", "lease_seconds = 1.0"))
    dropped = home.drop("not_media.exr")
    with watching(home) as watch:
        eventually(lambda: watch.says("paused", "Ada", "mixing stage"), told=watch.told)
        home.drop("broken.mov")
        looked = time.monotonic() + 2.0
        eventually(lambda: time.monotonic() > looked)
        assert dropped.exists()
        assert not home.records()
        assert call("queue", "resume", *GROUNDS, cwd=home.folder).returncode == 0
        eventually(lambda: home.is_done("not_media.exr", "broken.mov"), told=watch.told)


def test_what_was_taken_before_a_pause_waits_on_the_bench(home: Home) -> None:
    delivery_id = home.take("not_media.exr")
    call("queue", "pause", *GROUNDS, cwd=home.folder)
    with watching(home) as watch:
        eventually(lambda: watch.says("watching"), told=watch.told)

    assert (home / "work" / delivery_id / "payload" / "not_media.exr").exists()
    assert not home.records()


def test_a_drained_server_ends_its_work_and_then_itself(home: Home) -> None:
    home.set(("lease_seconds = 10.0", "lease_seconds = 1.0"), ("quiet_seconds = 0.3", "quiet_seconds = 0.1"))
    with watching(home) as watch:
        home.drop("clean_scene.mov")
        eventually(lambda: watch.says("received"), told=watch.told)
        with home.store() as store:
            (server,) = store.sharing.servers()
        assert call("queue", "drain", server.name, *GROUNDS, cwd=home.folder).returncode == 0
        assert watch.process.wait(60) == 0
        assert home.is_done("clean_scene.mov")


def test_a_server_that_does_not_run_cannot_be_drained(home: Home) -> None:
    done = call("queue", "drain", "nobody", *GROUNDS, cwd=home.folder)

    assert (done.returncode, "no server 'nobody' is running" in done.stderr) == (3, True)


@pytest.mark.parametrize("missing", ["--by", "--reason"])
def test_an_order_needs_a_name_and_a_reason(missing: str, home: Home) -> None:
    given = {"--by": "Ada", "--reason": "ok", missing: " "}
    done = call("queue", "pause", *(word for pair in given.items() for word in pair), cwd=home.folder)

    assert (done.returncode, "must not be empty" in done.stderr) == (3, True)


def test_the_urgent_are_handled_before_the_others(home: Home) -> None:
    home.set(("deliveries_at_once = 2", "deliveries_at_once = 1"), ("lease_seconds = 10.0", "lease_seconds = 1.0"))
    call("queue", "pause", *GROUNDS, cwd=home.folder)
    names = [f"note {number}.txt" for number in range(4)]
    others = [home.onto_bench(home.write(name, name)) for name in names]
    # Ids begin with the second of their time: this one comes last.
    second = int(time.time()) + 1
    eventually(lambda: time.time() > second)
    last = home.onto_bench(home.write("urgent.txt", "words"))
    with watching(home) as watch:
        hurry = ("queue", "hurry", last, *GROUNDS)
        eventually(lambda: "priority urgent" in call(*hurry, cwd=home.folder).stdout, told=watch.told)
        call("queue", "resume", *GROUNDS, cwd=home.folder)
        eventually(lambda: home.is_done("urgent.txt", *names), told=watch.told)

    closed = {each: _line_of(watch.told(), each) for each in (last, *others)}
    # One of the others may have stood at the gate already.
    assert sum(closed[each] < closed[last] for each in others) <= 1


def _line_of(log: str, delivery_id: str) -> int:
    return next(n for n, line in enumerate(log.splitlines()) if delivery_id in line and '"closed"' in line)


def test_a_door_says_how_urgent_its_drops_are(tmp_path: Path) -> None:
    home = new_home(tmp_path / "studio")
    (home / "drop/promo").mkdir()
    home.set(("by_class = {}", 'by_class = { artwork = "low" }'))
    home.set(more='\n[[doors]]\nfolder = "promo"\ndrop_class = "artwork"\n')
    home.set(more='\n[[doors]]\nfolder = "air"\npriority = "urgent"\n')
    (home / "drop/air").mkdir()
    with watching(home) as watch:
        for door in ("promo", "air", "."):
            home.drop("not_media.exr", f"from {door.strip('.') or 'drop'}.exr", door=door)
        eventually(lambda: home.is_done("from promo.exr", "from air.exr", "from drop.exr"), told=watch.told)

    assert {record.delivery.name: record.delivery.priority for record in home.records()} == {
        "from promo.exr": Priority.LOW,
        "from air.exr": Priority.URGENT,
        "from drop.exr": Priority.NORMAL,
    }


# ---- What stops the scanner


def test_what_stops_the_scanner_again_and_again_is_held(home: Home) -> None:
    home.set(("tries = 10", "tries = 3"))
    delivery_id = home.take("clean_scene.mov")
    with home.open() as studio:
        seal = receive(studio, delivery_id)
        for _ in range(3):
            studio.kept.begun(delivery_id)
        examine(studio, delivery_id, seal)
        decide(studio, delivery_id)
        carry_out(studio, delivery_id, seal)
        close(studio, delivery_id)
        record = studio.kept.delivery(delivery_id)

    assert record.verdict is not None
    assert (record.stage, record.verdict.outcome) == (Stage.CARRIED_OUT, Outcome.HOLD)
    assert [finding.code for finding in record.verdict.findings] == [Code.UNREADABLE]
    assert "again and again" in record.verdict.findings[0].message
    assert (home / "held" / delivery_id / "payload/clean_scene.mov").read_bytes() == (
        DELIVERIES / "clean_scene.mov"
    ).read_bytes()


def test_an_examination_that_was_stopped_from_outside_does_not_count(home: Home) -> None:
    delivery_id = home.take("clean_scene.mov")
    with home.open() as studio:
        seal = receive(studio, delivery_id)
        studio.pool.close()
        with pytest.raises(ExaminerLostError):
            examine(studio, delivery_id, seal)

        assert studio.kept.begun(delivery_id) == 1
