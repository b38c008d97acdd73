"""What monitors are told over HTTP: real requests to a real server of a real studio."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scanner import health, measures, serving
from scanner.errors import SettingsError, StoreUnavailableError
from scanner.health import Asking, Health, Pulse
from scanner.model import CanaryRun, CanaryState, DropClass, Outcome
from scanner.pipeline import handle
from scanner.studio import Studio

from .store.values import delivery, verdict
from .studio import Home, eventually

CHECKS = {
    "loop", "database", "register", "engine", "examining",
    "drop/", "work/", "cleared/", "flagged/", "held/", "quarantine/",
}  # fmt: skip


@dataclass(slots=True)
class Served:
    """A studio whose monitors are answered, as the daemon has them answered."""

    studio: Studio
    port: int
    pulse: Pulse
    engine_runs: threading.Event = field(default_factory=threading.Event)

    def get(self, path: str, method: str = "GET") -> tuple[int, str, str]:
        """Status, kind and text of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type", ""), answer.read().decode()

    def ready(self) -> tuple[int, dict[str, Any]]:
        status, kind, text = self.get("/ready")
        assert kind == "application/json"
        return status, json.loads(text)

    def unfit(self) -> set[str]:
        """The parts that are not fit."""
        status, told = self.ready()
        found = {name for name, check in told["checks"].items() if not check["ok"]}
        assert (status == 200) is told["ready"] is (not found)
        return found

    def metrics(self) -> dict[tuple[str, tuple[str, ...]], float]:
        """Every sample, by its name and the values of its labels in the order of their names."""
        status, kind, text = self.get("/metrics")
        assert (status, kind.split(";")[0]) == (200, "text/plain")
        return {
            (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@contextmanager
def served(home: Home) -> Iterator[Served]:
    with home.open() as studio:
        pulse, runs = Pulse(), threading.Event()
        runs.set()
        fitness = Health(studio.settings, studio.kept, pulse, engine_runs=runs.is_set, every=0.05)
        with serving.serve(studio, fitness, "127.0.0.1:0") as port:
            assert port is not None
            yield Served(studio=studio, port=port, pulse=pulse, engine_runs=runs)


@pytest.fixture(autouse=True)
def quick_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_POLL_SECONDS", 0.02)


@pytest.fixture
def ours(home: Home) -> Iterator[Served]:
    home.set(("reserve_megabytes = 1024", "reserve_megabytes = 1"))
    with served(home) as server:
        yield server


def test_a_studio_in_order_is_live_and_ready(ours: Served) -> None:
    eventually(lambda: not ours.unfit(), within=40, told=ours.ready)

    assert set(ours.ready()[1]["checks"]) == CHECKS
    assert ours.get("/live")[0] == 200


def test_it_is_not_live_when_the_main_loop_stands_still(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_STALLED_SECONDS", 0.5)
    with served(home) as server:
        eventually(lambda: server.get("/live")[0] == 503)
        assert "loop" in server.unfit()

        server.pulse.beat()
        assert server.get("/live")[0] == 200


def test_a_sweep_that_comes_seldom_is_no_standstill(home: Home) -> None:
    seldom = home.settings.watching.model_copy(update={"sweep_seconds": 100.0})
    with home.open() as studio:
        settings = studio.settings.model_copy(update={"watching": seldom})
        fitness = Health(settings, studio.kept, Pulse(), engine_runs=lambda: True)

    assert fitness._stalled_seconds == 300


def test_an_engine_that_does_not_run_is_named(ours: Served) -> None:
    ours.engine_runs.clear()

    eventually(lambda: "engine" in ours.unfit())


def test_a_database_that_became_a_folder_is_named(home: Home, ours: Served) -> None:
    eventually(lambda: not ours.unfit(), within=40, told=ours.ready)
    for name in ("scanner.db-wal", "scanner.db-shm"):
        (home / name).unlink(missing_ok=True)
    (home / "scanner.db").rename(home / "away.db")
    (home / "scanner.db").mkdir()

    eventually(lambda: ours.unfit() == {"database", "register"}, told=ours.ready)

    (home / "scanner.db").rmdir()
    eventually(lambda: {"database", "register"} <= ours.unfit())
    assert not (home / "scanner.db").exists(), "asking has made an empty one"

    (home / "away.db").rename(home / "scanner.db")
    eventually(lambda: not ours.unfit(), told=ours.ready)


def test_a_database_that_cannot_be_read_is_named(home: Home, ours: Served) -> None:
    (home / "scanner.db").write_bytes(b"not a database" * 1000)

    eventually(lambda: {"database", "register"} <= ours.unfit())


@pytest.mark.parametrize("name", ["drop", "quarantine"])
def test_a_folder_that_is_gone_is_named(home: Home, ours: Served, name: str) -> None:
    (home / name).rename(home / "away")

    eventually(lambda: f"{name}/" in ours.unfit())


def test_the_folder_of_a_door_counts(home: Home) -> None:
    home.set(more='\n[[doors]]\nfolder = "acme"\n')
    with served(home) as server:
        assert "drop/acme/" in server.unfit()

        (home / "drop" / "acme").mkdir()
        eventually(lambda: "drop/acme/" not in server.unfit())


@pytest.fixture
def small_disk(home: Home) -> Iterator[Path]:
    """held/ on a disk of eight megabytes."""
    folder = home / "held"
    if not shutil.which("mount") or os.geteuid() != 0:
        pytest.skip("only root may mount")
    command = ["mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=2000", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_named(small_disk: Path, ours: Served) -> None:
    eventually(lambda: "held/" not in ours.unfit())

    (small_disk / "much").write_bytes(bytes(7_500_000))

    eventually(lambda: "held/" in ours.unfit())
    assert "MB free" in ours.ready()[1]["checks"]["held/"]["told"]


def test_a_disk_without_inodes_is_named(small_disk: Path, ours: Served) -> None:
    for number in range(1200):
        (small_disk / str(number)).touch()

    eventually(lambda: "held/" in ours.unfit())
    assert "inodes" in ours.ready()[1]["checks"]["held/"]["told"]


@pytest.fixture
def with_canary(home: Home) -> None:
    home.set(("\non = false", "\non = true"))


@pytest.mark.usefixtures("with_canary")
@pytest.mark.parametrize(
    ("state", "hours", "ok"),
    [(CanaryState.PASSED, 25, True), (CanaryState.PASSED, 27, False), (CanaryState.FAILED, 1, False)],
)
def test_the_canary_must_have_come_through(
    home: Home,
    state: CanaryState,
    hours: int,
    ok: bool,  # noqa: FBT001
) -> None:
    with served(home) as server:
        assert "canary" not in server.unfit(), "the first is still to come"
        at = server.studio.now() - timedelta(hours=hours)
        run = CanaryRun(
            name="c.mov", folder=".", sha256="0" * 64, by="a test", state=state, begun_at=at, ended_at=at, told="lost"
        )
        server.studio.kept.canaries.end(run)

        eventually(lambda: ("canary" not in server.unfit()) is ok, told=server.ready)
        if state is CanaryState.PASSED:
            age = eventually(lambda: server.metrics().get(("scanner_canary_age_seconds", ())))
            assert age == pytest.approx(hours * 3600, abs=60)


def test_what_hangs_is_named_and_holds_nobody_up(home: Home) -> None:
    never = threading.Event()
    with home.open() as studio:
        fitness = Health(studio.settings, studio.kept, Pulse(), engine_runs=never.wait)
        begun = time.monotonic()
        with serving.serve(studio, fitness, "127.0.0.1:0") as port:
            assert port is not None
            server = Served(studio=studio, port=port, pulse=Pulse())
            told = server.ready()[1]["checks"]
            took = time.monotonic() - begun
        never.set()

    assert told["engine"] == {"ok": False, "told": "no answer"}
    assert told["database"]["ok"]
    assert took < 5


def test_a_question_that_hangs_is_not_asked_again_until_it_is_answered() -> None:
    asked, answered = threading.Semaphore(0), threading.Event()

    def ask() -> str:
        asked.release()
        answered.wait()
        return "an answer"

    asking = Asking(ask, every=0.0, within=0.05)
    for _ in range(3):
        assert asking.answer(until=time.monotonic() + 0.1) is None
    assert asked.acquire(blocking=False)
    assert not asked.acquire(blocking=False)

    answered.set()
    assert eventually(lambda: asking.answer(until=time.monotonic() + 1)) == "an answer"


def test_an_old_answer_is_not_given_for_a_new_one() -> None:
    answers = iter(["first", "second"])
    asking = Asking(lambda: next(answers), every=0.0, within=1.0)

    assert [asking.answer(until=time.monotonic() + 1) for _ in range(2)] == ["first", "second"]


def test_only_get_and_only_three_places(ours: Served) -> None:
    assert ours.get("/")[0] == 404
    assert ours.get("/metrics/../etc")[0] == 404
    assert ours.get("/live?probe=1")[0] == 200
    assert ours.get("/live", "POST")[0] == 501


def test_whoever_says_nothing_is_cut_off_and_holds_nobody_up(ours: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_CONNECTION_SECONDS", 0.2)
    silent = [socket.create_connection(("127.0.0.1", ours.port), timeout=10) for _ in range(serving._CONNECTIONS + 4)]
    try:
        for number, each in enumerate(silent):
            each.sendall(b"GET /live HTTP/1.1\r\nX: " if number % 2 else b"G")
        for each in silent:
            with contextlib.suppress(ConnectionError):
                assert each.recv(1000) == b""
        eventually(lambda: _answers(ours))
    finally:
        for each in silent:
            each.close()


def _answers(server: Served) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.get("/live")[0] == 200
    return False


def test_without_an_address_nobody_is_answered(home: Home) -> None:
    with home.open() as studio:
        fitness = Health(studio.settings, studio.kept, Pulse(), engine_runs=lambda: True)
        with serving.serve(studio, fitness, "") as port:
            assert port is None


def test_an_address_that_is_taken_is_a_fault_of_the_settings(ours: Served) -> None:
    fitness = Health(ours.studio.settings, ours.studio.kept, ours.pulse, engine_runs=lambda: True)

    with pytest.raises(SettingsError, match=r"serving\.listen"):
        serving.serve(ours.studio, fitness, f"127.0.0.1:{ours.port}").__enter__()


@pytest.mark.parametrize("listen", ["9464", "127.0.0.1", "127.0.0.1:x", "a b:1", "http://127.0.0.1:9464", ":9464"])
def test_an_address_without_host_or_port_is_refused(home: Home, listen: str) -> None:
    home.set(('\nlisten = ""', f'\nlisten = "{listen}"'))

    with pytest.raises(SettingsError, match=r"serving\.listen"):
        _ = home.settings


@pytest.mark.parametrize("listen", ["127.0.0.1:70000", "no-such-host.invalid:1", "192.0.2.1:9464"])
def test_an_address_that_cannot_be_listened_at_is_refused(ours: Served, listen: str) -> None:
    fitness = Health(ours.studio.settings, ours.studio.kept, ours.pulse, engine_runs=lambda: True)

    with pytest.raises(SettingsError, match=r"serving\.listen"):
        serving.serve(ours.studio, fitness, listen).__enter__()


def test_it_listens_at_an_address_of_the_other_kind(ours: Served) -> None:
    fitness = Health(ours.studio.settings, ours.studio.kept, ours.pulse, engine_runs=lambda: True)
    try:
        with serving.serve(ours.studio, fitness, "[::1]:0") as port, socket.create_connection(("::1", port or 0), 5):
            assert port
    except (SettingsError, OSError):
        pytest.skip("this machine has no IPv6")


def test_a_scrape_counts_what_is_where(home: Home, ours: Served) -> None:
    handle(ours.studio, home.take("comfyui.png"))
    home.take("broken.mov")
    ours.studio.kept.sharing.sign_on(instance="one-1", name="one", host="here", process=1)

    told = eventually(lambda: (now := ours.metrics()).get(("scanner_queue_depth", ())) == 1 and now)

    assert told["scanner_store_up", ()] == 1
    assert told["scanner_deliveries", ("carried-out",)] == 1
    assert told["scanner_deliveries", ("received",)] == 0
    assert 0 <= told["scanner_queue_oldest_seconds", ()] < 60
    assert told["scanner_blocked", ("quarantine",)] == 1
    assert told["scanner_blocked", ("hold",)] == 0
    assert told["scanner_blocked_reasons", ("AI-GENERATOR", "quarantine")] == 1
    assert 0 < told["scanner_oldest_blocked_seconds", ()] < 60
    assert told["scanner_servers", ("running",)] == 1
    assert told["scanner_audit_entries", ()] >= 0
    assert told["process_resident_memory_bytes", ()] > 0


def test_no_name_of_a_delivery_is_ever_told(home: Home, ours: Served) -> None:
    handle(ours.studio, home.take("comfyui.png", "MARKED-NAME.png"))

    assert "MARKED-NAME" not in ours.get("/metrics")[2]


def test_a_scrape_without_a_database_still_tells_what_this_process_did(home: Home, ours: Served) -> None:
    shutil.rmtree(home / "work")

    told = eventually(lambda: (now := ours.metrics())["scanner_store_up", ()] == 0 and now)

    assert ("scanner_queue_depth", ()) not in told
    assert ("scanner_found_only_by_sweep_total", ()) in told


def test_what_this_process_does_is_counted(ours: Served) -> None:
    before = ours.metrics()
    given = verdict()

    measures.judged(given, DropClass.FINAL)
    measures.examined(1234)
    measures.took(DropClass.TRAILER)
    measures.found_only_by_sweep()
    with measures.step("20261122-1", measures.EXAMINE):
        assert measures.doing()["20261122-1"].step == "examine"
    with pytest.raises(StoreUnavailableError), measures.step("20261122-1", "decide"):
        raise StoreUnavailableError
    after = ours.metrics()

    counted = {key: after[key] - before.get(key, 0) for key in after if key[0].startswith("scanner_")}
    assert counted["scanner_verdicts_total", ("final", Outcome.QUARANTINE.label)] == 1
    assert counted["scanner_findings_total", ("AI-LOOK-ALIKE",)] == 1
    assert counted["scanner_examined_bytes_total", ()] == 1234
    assert counted["scanner_taken_total", ("trailer",)] == 1
    assert counted["scanner_found_only_by_sweep_total", ()] == 1
    assert counted["scanner_examination_seconds_count", ()] == 1
    assert counted["scanner_step_failures_total", ("decide",)] == 1
    assert not measures.doing()


@pytest.mark.parametrize(
    ("told_before", "told_after", "counted"), [(False, False, 1), (True, False, 0), (False, True, 0)]
)
def test_what_only_the_sweep_finds_is_counted(
    ours: Served,
    told_before: bool,  # noqa: FBT001
    told_after: bool,  # noqa: FBT001
    counted: int,
) -> None:
    swept = measures.OnlySwept()
    before = ours.metrics()["scanner_found_only_by_sweep_total", ()]

    swept.looked(["there at the start"])
    if told_before:
        swept.event()
    swept.looked(["there at the start", "new"])
    if told_after:
        swept.event()
    swept.looked(["new"])
    swept.looked(["new"])

    assert ours.metrics()["scanner_found_only_by_sweep_total", ()] - before == counted


def test_the_oldest_that_waits_is_told_in_seconds(ours: Served) -> None:
    ours.studio.kept.received(delivery(), place="work/d1")

    told = ours.metrics()

    since = (ours.studio.now() - delivery().received_at).total_seconds()
    assert told["scanner_queue_oldest_seconds", ()] == pytest.approx(since, abs=60)
