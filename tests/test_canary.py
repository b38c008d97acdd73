"""The canary: stopped and given back by a real daemon, and what is said when it is not."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner import canary
from scanner.canary_clip import clip_of
from scanner.model import CanaryRun, CanaryState, Code, DeliveryRecord, Outcome, Stage
from scanner.pipeline import handle
from scanner.studio import Studio
from tests.receiver import Receiver, receiving
from tests.studio import Home, call, eventually, new_home, watching

WITHIN = 60.0
SECRET = "whsec_" + "QUJD" * 12


@pytest.fixture(scope="module")
def with_clip(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio in whose register the clip is. To copy only."""
    home = new_home(tmp_path_factory.mktemp("canary") / "studio")
    with home.open() as studio:
        clip_of(studio)
    return home


@pytest.fixture
def home(with_clip: Home, tmp_path: Path) -> Home:
    shutil.copytree(with_clip.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


@contextmanager
def told_of(home: Home) -> Iterator[Receiver]:
    """Somebody who is told of everything."""
    secret = home / "hook.secret"
    secret.write_text(SECRET, encoding="ascii")
    secret.chmod(0o600)
    with receiving() as receiver:
        more = f'name = "hook"\nurl = "{receiver.url}"\nsecret_file = "hook.secret"\n'
        home.set(more=f"\n[[telling]]\n{more}")
        yield receiver


def messages(home: Home) -> list[str]:
    with home.store() as store:
        return [message.event for message in store.outbox.messages(sent=True)]


def payloads(home: Home) -> dict[str, str]:
    """Every file in the studio's folders but the verdicts beside what is blocked."""
    return {name: digest for name, digest in home.files().items() if "/verdict." not in name}


def only_record(home: Home) -> DeliveryRecord:
    (record,) = home.records()
    return record


def taken_by_hand(home: Home, studio: Studio) -> CanaryRun:
    """A run in which this test is the daemon."""
    results: list[CanaryRun] = []
    running = threading.Thread(target=lambda: results.append(canary.run(studio, within=WITHIN)))
    running.start()
    dropped = eventually(lambda: next((home / "drop").glob("scanner-canary-*.mov"), None))
    handle(studio, home.onto_bench(dropped))
    running.join()
    return results[0]


def test_it_is_blocked_as_a_look_alike_and_restored_and_nothing_is_left(home: Home) -> None:
    with told_of(home), watching(home), home.open() as studio:
        ended = canary.run(studio, within=WITHIN)

        assert (ended.state, ended.delivery_id) == (CanaryState.PASSED, only_record(home).delivery.delivery_id), ended
        assert canary.last_success(studio) == ended.ended_at
        assert (canary.age(studio) or 0.0) < WITHIN
    record = only_record(home)
    assert record.verdict is not None
    assert {finding.code for finding in record.verdict.findings} == {Code.AI_LOOK_ALIKE}
    assert (record.stage, record.rulings[0].by) == (Stage.RULED, "scanner canary")
    assert payloads(home) == {}
    assert messages(home) == [], "it is no delivery of the production"
    report = call("report", "--format", "text", cwd=home.folder).stdout
    assert "Canary: blocked and restored at " in report
    assert "Nothing was delivered" in report
    assert "scanner-canary" not in report
    assert "Canary: blocked and restored at " in call("report", "--format", "html", cwd=home.folder).stdout


def test_a_register_that_has_lost_it_is_told_and_it_does_not_stay_in_cleared(home: Home) -> None:
    with told_of(home), home.open() as studio:
        clip = clip_of(studio)
        studio.kept.retire(clip.record_id, by="kim", reason="what is this?", at=studio.now())
        ended = taken_by_hand(home, studio)

        assert ended.state is CanaryState.FAILED
        assert ended.told.startswith("it was passed, not quarantined")
        assert f"Its record {clip.record_id} is retired" in ended.told
        assert canary.age(studio) == float("inf")
        assert canary.last_success(studio) is None
        assert messages(home) == ["canary.failed"]
        assert payloads(home) == {}
        assert "CANARY FAILED at " in call("report", "--format", "text", cwd=home.folder).stdout

        clip_of(studio, anew=True)

        assert taken_by_hand(home, studio).state is CanaryState.PASSED


def test_a_policy_that_lets_it_through_is_told(home: Home) -> None:
    policy = home / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    assert 'AI-LOOK-ALIKE = "quarantine"' in text
    policy.write_text(text.replace('AI-LOOK-ALIKE = "quarantine"', 'AI-LOOK-ALIKE = "pass"'), encoding="utf-8")
    with home.open() as studio:
        ended = taken_by_hand(home, studio)

    assert ended.state is CanaryState.FAILED
    assert "it was passed, not quarantined (AI-LOOK-ALIKE)" in ended.told
    assert payloads(home) == {}


def test_the_command_line_says_how_it_ended(home: Home) -> None:
    done = call("canary", "--within", "1", cwd=home.folder)
    told = call("canary", "--within", "1", "--format", "json", cwd=home.folder)

    assert (done.returncode, told.returncode) == (2, 2)
    assert done.stdout.startswith("CANARY FAILED at ")
    assert json.loads(told.stdout)["state"] == "failed"


def test_without_a_daemon_it_fails_and_is_taken_back(home: Home) -> None:
    with told_of(home), home.open() as studio:
        ended = canary.run(studio, within=0.3)

    assert (ended.state, ended.delivery_id) == (CanaryState.FAILED, None)
    assert "nobody took it from the drop folder" in ended.told
    assert messages(home) == ["canary.failed"]
    assert payloads(home) == {}


def test_every_run_has_bytes_of_its_own_that_are_not_the_registered_ones(home: Home) -> None:
    with home.open() as studio:
        first = canary.run(studio, within=0.01)
        eventually(lambda: studio.now().replace(microsecond=0) > first.begun_at)
        second = canary.run(studio, within=0.01)
        registered = [asset.sha256 for record in studio.kept.records() for asset in record.assets]

    assert len({first.sha256, second.sha256, *registered}) == 2 + len(registered)


def test_a_file_of_its_name_with_other_bytes_is_never_removed(home: Home) -> None:
    with home.open() as studio:
        results: list[CanaryRun] = []
        running = threading.Thread(target=lambda: results.append(canary.run(studio, within=3)))
        running.start()
        dropped = eventually(lambda: next((home / "drop").glob("scanner-canary-*.mov"), None))
        dropped.unlink()
        dropped.write_bytes(b"somebody's reel")
        running.join()

    assert results[0].state is CanaryState.FAILED
    assert "nobody took it" in results[0].told
    assert dropped.read_bytes() == b"somebody's reel"


def test_a_link_in_its_place_is_not_followed(home: Home, tmp_path: Path) -> None:
    outside = tmp_path / "outside.mov"
    with home.open() as studio:
        results: list[CanaryRun] = []
        running = threading.Thread(target=lambda: results.append(canary.run(studio, within=3)))
        running.start()
        dropped = eventually(lambda: next((home / "drop").glob("scanner-canary-*.mov"), None))
        shutil.copyfile(dropped, outside)
        dropped.unlink()
        dropped.symlink_to(outside)
        running.join()

    assert dropped.is_symlink()
    assert outside.exists()


def test_told_to_stop_it_comes_back_and_the_next_run_clears_what_is_left(home: Home) -> None:
    stopped = threading.Event()
    stopped.set()
    with home.open() as studio:
        cut_off = canary.run(studio, within=WITHIN, stopped=stopped)
        assert cut_off.state is CanaryState.BEGUN
        assert list(payloads(home)) == [f"drop/{cut_off.name}"]
        long_ago = replace(cut_off, begun_at=cut_off.begun_at - timedelta(days=1))
        studio.kept.canaries.end(long_ago)

        canary.run(studio, within=0.01)

    assert payloads(home) == {}


NOON = datetime(2026, 3, 2, 12, 0).astimezone(UTC)


def a_run(at: datetime, state: CanaryState = CanaryState.PASSED) -> CanaryRun:
    ended = None if state is CanaryState.BEGUN else at
    return CanaryRun(name="x.mov", folder="/drop", sha256=f"{at:%s}", by="a", state=state, begun_at=at, ended_at=ended)


@pytest.mark.parametrize(
    ("hours_ago", "state", "due"),
    [
        (25, CanaryState.PASSED, True),
        (2, CanaryState.PASSED, True),
        (0.5, CanaryState.PASSED, False),
        (0.5, CanaryState.FAILED, False),
        (0.05, CanaryState.BEGUN, False),
        (0.5, CanaryState.BEGUN, True),
        (None, CanaryState.PASSED, True),
    ],
)
def test_it_is_due_once_a_day_at_its_time_or_when_it_was_cut_off(
    home: Home, hours_ago: float | None, state: CanaryState, *, due: bool
) -> None:
    home.set(
        ("on = false", "on = true"),
        ('at = "04:30"', 'at = "11:00"'),
        ("within_seconds = 3600.0", "within_seconds = 120.0"),
    )
    with home.open() as studio:
        if hours_ago is not None:
            studio.kept.canaries.begin(a_run(NOON - timedelta(hours=hours_ago), state))

        assert canary.due(studio, NOON) is due


def test_switched_off_it_is_never_due(home: Home) -> None:
    with home.open() as studio:
        assert not canary.due(studio, NOON)
        assert canary.run_due(studio) is None


def test_of_servers_that_ask_at_once_one_runs_it(home: Home) -> None:
    home.set(("on = false", "on = true"), ("within_seconds = 3600.0", "within_seconds = 0.2"))
    results: list[CanaryRun | None] = []
    with home.open() as one, home.open() as two:
        threads = [threading.Thread(target=lambda s=s: results.append(canary.run_due(s))) for s in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len([each for each in results if each is not None]) == 1


def test_a_vendor_s_file_of_that_name_is_a_delivery_like_any_other(home: Home) -> None:
    with told_of(home), home.open() as studio:
        ended = canary.run(studio, within=0.01)
        handle(studio, home.take("comfyui.png", ended.name))

    assert home.outcome(ended.name) is Outcome.QUARANTINE
    assert ended.name in call("report", "--format", "text", cwd=home.folder).stdout
    assert messages(home) == ["canary.failed", "delivery.quarantined"]
