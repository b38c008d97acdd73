"""Several servers on one PostgreSQL: one drop folder, one queue, and whoever dies, another goes on.

`SCANNER_TEST_KILLS` is how often a server is killed or put to sleep (8), `SCANNER_TEST_SEED` chooses which and when.
"""

import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import psycopg
import pytest

from scanner.daemon import Silences
from scanner.model import DeliveryRecord, Outcome, Server, ServerState, Stage

from .store.conftest import postgresql_server
from .studio import TITLE, Home, Watch, eventually, fill_register, listed, new_home, start
from .test_daemon import SEQUENCE, drop_frames
from .test_daemon_faults import SAMPLES, Parcel, parcels

pytestmark = pytest.mark.long

__all__ = ["postgresql_server"]

KILLS = int(os.environ.get("SCANNER_TEST_KILLS", "8"))
SEED = int(os.environ.get("SCANNER_TEST_SEED", "20261122"))
SERVERS = ("ada", "bea", "cleo")
LEASE = 1.0


def shared_home(folder: Path, server: str) -> Home:
    """A studio in a PostgreSQL database of its own."""
    name = f"films_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    home = new_home(folder / "studio", url=server.replace("/postgres?", f"/{name}?"))
    home.set(("lease_seconds = 10.0", f"lease_seconds = {LEASE}"))
    return home


def patient(home: Home) -> None:
    """Nobody dies: on a busy machine a server that waits for its turn is not given up."""
    home.set((f"lease_seconds = {LEASE}", "lease_seconds = 3000.0"))


@contextmanager
def servers(home: Home, *names: str) -> Iterator[dict[str, Watch]]:
    """Servers that guard one studio; all are asked to stop in the end."""
    running = {name: start(home, server=name) for name in names}
    try:
        for watch in running.values():
            watch.wait_until_it_watches()
        yield running
        for watch in running.values():
            if watch.process.poll() is None:
                assert watch.stop() == 0, watch.told()
    finally:
        for watch in running.values():
            if watch.process.poll() is None:
                watch.kill()


def told(running: dict[str, Watch]) -> str:
    return "\n".join(f"== {name}\n{watch.told()[-2500:]}" for name, watch in running.items())


# ---- Killed and put to sleep at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What three servers have made of everything, though they were killed and put to sleep again and again."""

    home: Home
    parcels: tuple[Parcel, ...]
    frames: Counter[str]
    records: tuple[DeliveryRecord, ...]


@pytest.fixture(scope="module")
def night(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Night:
    chance = random.Random(SEED)
    home = shared_home(tmp_path_factory.mktemp("servers"), postgresql_server)
    with home.open() as studio:
        fill_register(studio)
        studio.register(TITLE)
    (home / "made").mkdir()
    everything = tuple(parcels(home / "made"))
    waiting = chance.sample(everything, len(everything))
    frames = drop_frames(home)
    with ExitStack() as asleep:
        running = {name: start(home, server=name) for name in SERVERS}
        try:
            for _ in range(KILLS):
                for each in [each for each in waiting if each.is_free(home)][: chance.choice((0, 1, 2))]:
                    each.drop(home)
                    waiting.remove(each)
                _hurt(running, home, chance, asleep)
            for name, watch in running.items():
                if watch.process.poll() is not None:
                    running[name] = start(home, server=name)
            asleep.close()
            for each in waiting:
                eventually(lambda each=each: each.is_free(home), told=lambda: told(running))  # type: ignore[misc]
                each.drop(home)
            names = (*(each.name for each in everything), SEQUENCE)
            eventually(lambda: home.is_done(*names), told=lambda: told(running))
            assert [watch.stop() for watch in running.values()] == [0, 0, 0], told(running)
        finally:
            asleep.close()
            for watch in running.values():
                if watch.process.poll() is None:
                    watch.kill()
    return Night(home=home, parcels=everything, frames=frames, records=home.records())


def _hurt(running: dict[str, Watch], home: Home, chance: random.Random, asleep: ExitStack) -> None:
    """Kill a server, or let it sleep for longer than its lease; then go on, with it or without it."""
    name = chance.choice(SERVERS)
    watch = running[name]
    _pass(watch, chance.uniform(0.0, 2.0))
    if watch.process.poll() is not None:
        running[name] = start(home, server=name)
    elif chance.random() < 0.3:
        os.killpg(watch.process.pid, signal.SIGSTOP)
        asleep.callback(_wake, watch)
        _pass(watch, chance.uniform(0.5, 2.5 * LEASE))
        _wake(watch)
    else:
        watch.kill()
        if chance.random() < 0.5:
            running[name] = start(home, server=name)


def _pass(watch: Watch, seconds: float) -> None:
    """Let time pass while a process runs; it may end."""
    try:
        watch.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _wake(watch: Watch) -> None:
    if watch.process.poll() is None:
        os.killpg(watch.process.pid, signal.SIGCONT)


def test_every_file_is_in_one_place_byte_for_byte(night: Night) -> None:
    assert night.home.bytes_in() == sum((each.hashes for each in night.parcels), night.frames)


def test_nothing_is_left_in_the_drop_folder_or_on_the_bench(night: Night) -> None:
    assert [*(night.home / "drop").iterdir(), *(night.home / "work").iterdir()] == []


def test_every_delivery_has_one_record(night: Night) -> None:
    names = Counter(each.name for each in night.parcels) + Counter([SEQUENCE])

    assert Counter(record.delivery.name for record in night.records) == names


def test_every_delivery_was_judged_once(night: Night) -> None:
    assert {(record.stage, record.verdicts_before) for record in night.records} == {(Stage.CARRIED_OUT, 0)}


def test_every_delivery_is_where_its_record_says(night: Night) -> None:
    found = sum((Counter(listed(Path(str(record.place))).values()) for record in night.records), Counter[str]())

    assert found == sum((each.hashes for each in night.parcels), night.frames)


def test_verdicts_are_those_of_a_quiet_night(night: Night) -> None:
    outcomes = {r.delivery.name: r.verdict.outcome for r in night.records if r.verdict is not None}

    assert [outcomes[name] for name in SAMPLES] == [
        Outcome.PASS,
        Outcome.QUARANTINE,
        Outcome.FLAG,
        Outcome.PASS,
        Outcome.PASS,
        Outcome.HOLD,
    ]


# ---- Taking over


@pytest.fixture
def home(postgresql_server: str, tmp_path: Path) -> Home:
    return shared_home(tmp_path, postgresql_server)


def test_another_goes_on_with_what_a_dead_server_had_begun(home: Home) -> None:
    with servers(home, "ada") as first:
        home.drop("clean_scene.mov")
        eventually(lambda: first["ada"].says("received"), told=lambda: told(first))
        first["ada"].kill()
    with servers(home, "bea") as second:
        eventually(lambda: home.is_done("clean_scene.mov"), told=lambda: told(second))

        assert second["bea"].says("lost", "ada")
    assert home.record("clean_scene.mov").verdicts_before == 0


def test_a_server_that_only_slept_begins_anew_and_nothing_is_judged_twice(home: Home) -> None:
    with servers(home, "ada", "bea") as running:
        asleep = running["ada"]
        home.drop("clean_scene.mov")
        eventually(lambda: any(watch.says("taken") for watch in running.values()), told=lambda: told(running))
        os.killpg(asleep.process.pid, signal.SIGSTOP)
        try:
            eventually(lambda: running["bea"].says("lost", "ada"), told=lambda: told(running))
            eventually(lambda: home.is_done("clean_scene.mov"), told=lambda: told(running))
        finally:
            os.killpg(asleep.process.pid, signal.SIGCONT)
        eventually(lambda: asleep.told().count('"event": "watching"') == 2, told=lambda: told(running))
        home.drop("broken.mov")
        eventually(lambda: home.is_done("clean_scene.mov", "broken.mov"), told=lambda: told(running))

    assert {record.verdicts_before for record in home.records()} == {0}


def test_one_drop_is_taken_by_one_server(home: Home) -> None:
    patient(home)
    (home / "made").mkdir()
    names = [f"note {number}.txt" for number in range(12)]
    with servers(home, *SERVERS) as running:
        for number, name in enumerate(names):
            home.write(name, f"{number} words")
        drop_frames(home)
        eventually(lambda: home.is_done(*names, SEQUENCE), told=lambda: told(running))

    assert Counter(record.delivery.name for record in home.records()) == Counter([*names, SEQUENCE])


def test_all_servers_together_handle_no_more_than_they_may(home: Home) -> None:
    patient(home)
    home.set(("at_once_in_all = 0", "at_once_in_all = 2"))
    names = [f"still {letter}.png" for letter in "abcdefgh"]
    with servers(home, "ada", "bea") as running:
        for name in names:
            home.drop("comfyui.png", name)
        eventually(lambda: home.is_done(*names), told=lambda: told(running))
        lines = [json.loads(line) for watch in running.values() for line in watch.told().splitlines()]

    steps = {"received": 1, "closed": -1}
    under_way = accumulate(steps[each["event"]] for each in sorted(lines, key=_at) if each["event"] in steps)
    assert max(under_way) == 2


def _at(line: dict[str, str]) -> tuple[str, bool]:
    return line["timestamp"], line["event"] == "received"


def test_what_a_dead_server_had_half_taken_is_one_delivery(home: Home) -> None:
    frames = drop_frames(home)
    with home.open() as studio:
        sharing = studio.kept.sharing
        sharing.sign_on(instance="ada-1", name="ada", host="elsewhere", process=1)
        sharing.claim(str(home / "drop"), instance="ada-1", delivery_id="20261122-000000-abcdef")
        half_taken(home, "20261122-000000-abcdef")
    with servers(home, "bea") as running:
        eventually(lambda: home.is_done(SEQUENCE), told=lambda: told(running))

    assert home.bytes_in("held", "cleared") == frames
    assert [record.delivery.delivery_id for record in home.records()] == ["20261122-000000-abcdef"]


def half_taken(home: Home, delivery_id: str) -> None:
    """A sequence of which a server that died has moved thirty of a hundred frames."""
    from scanner.intake.bench import Receipt, as_bytes
    from scanner.model import DropClass

    names = sorted(path.name for path in (home / "drop").iterdir())
    bench = home / "work" / delivery_id / "payload" / SEQUENCE
    bench.mkdir(parents=True)
    receipt = Receipt(
        delivery_id=delivery_id,
        name=SEQUENCE,
        origin=str(home / "drop" / SEQUENCE),
        title="DEMO",
        vendor=None,
        drop_class=DropClass.FINAL,
        received_at=datetime.now(UTC),
        files=tuple(names),
    )
    (home / "work" / delivery_id / "receipt.json").write_bytes(as_bytes(receipt))
    for name in names[:30]:
        (home / "drop" / name).rename(bench / name)


def test_a_restart_under_the_same_name_goes_on_at_once(home: Home) -> None:
    patient(home)
    with servers(home, "ada") as first:
        home.drop("clean_scene.mov")
        eventually(lambda: first["ada"].says("received"), told=lambda: told(first))
        first["ada"].kill()
    with servers(home, "ada") as second:
        eventually(lambda: home.is_done("clean_scene.mov"), told=lambda: told(second))


def test_two_servers_of_one_name_are_refused(home: Home) -> None:
    patient(home)
    with servers(home, "ada"):
        again = start(home, server="ada")

        assert again.process.wait(30) == 3
        assert "another daemon guards this studio" in again.told()


def test_a_server_may_leave_and_the_others_know(home: Home) -> None:
    patient(home)
    with servers(home, "ada", "bea"):
        pass

    with home.open() as studio:
        assert studio.kept.sharing.servers() == ()


# ---- Silence


def server(name: str, seen: int) -> Server:
    """A server as the others see it, that told of itself at second `seen` of whatever its clock shows."""
    told_at = datetime(2026, 11, 22, 4, 0, seen % 60, tzinfo=UTC)
    return Server(
        instance=f"{name}-1", name=name, host=name, process=1, state=ServerState.RUNNING,
        started_at=told_at, seen_at=told_at, silent_seconds=0.0,
    )  # fmt: skip


def silent(looks: list[tuple[float, list[Server]]]) -> list[list[str]]:
    silences = Silences(lease_seconds=10.0)
    return [[each.name for each in silences.seen(servers, now)] for now, servers in looks]


def test_a_server_that_tells_of_itself_is_not_silent() -> None:
    assert silent([(now, [server("bea", int(now))]) for now in range(0, 40, 2)]) == [[]] * 20


def test_a_server_that_tells_nothing_for_a_lease_is_silent() -> None:
    assert silent([(now, [server("bea", 1)]) for now in range(0, 14, 2)]) == [[], [], [], [], [], ["bea"], ["bea"]]


def test_a_clock_that_goes_backwards_is_no_silence() -> None:
    assert silent([(now, [server("bea", 50 - int(now))]) for now in range(0, 40, 2)]) == [[]] * 20


def test_who_did_not_look_for_a_while_begins_to_count_anew() -> None:
    looks = [
        (0.0, [server("bea", 1)]),
        (2.0, [server("bea", 1)]),
        (60.0, [server("bea", 1)]),
        (62.0, [server("bea", 1)]),
    ]

    assert silent(looks) == [[], [], [], []]
