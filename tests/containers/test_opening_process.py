"""The opening process: what it may do, how it is ended, and that whatever it sends is not believed."""

import os
import tarfile
from pathlib import Path

import pytest

from scanner.errors import CustodyError, ExaminerLostError
from scanner.examine.opening import Budget, Stop, Taking
from scanner.examine.pool import ExaminerPool
from scanner.examine.unpacking import OpeningJob
from tests.examine.limits import Limits

from .making import zipped

NOISE = os.urandom(1000)


def job(path: Path, format_name: str = "zip", *, memory: int = 4 << 30, cpu: float = 60) -> OpeningJob:
    return OpeningJob(
        path=path,
        name=path.name,
        format=format_name,
        size=path.stat().st_size if path.is_file() else 0,
        largest=1 << 30,
        memory_bytes=memory,
        cpu_seconds=cpu,
    )


def budget() -> Budget:
    return Budget(files=100, size=1 << 30, ratio=200)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "a.zip").write_bytes(zipped({"a.bin": NOISE}))
    return tmp_path / "a.zip"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    (tmp_path / "opened").mkdir()
    return tmp_path / "opened"


def test_a_container_that_wants_too_much_memory_is_told(pool: ExaminerPool, tmp_path: Path, into: Path) -> None:
    """A pax header of 6 GiB, which is read in one piece: POSIX.1-2008, pax, "pax Header Block"."""
    greedy = tarfile.TarInfo("headers")
    greedy.type, greedy.size = tarfile.XHDTYPE, 6 << 30
    (tmp_path / "a.tar").write_bytes(greedy.tobuf(format=tarfile.USTAR_FORMAT))
    os.truncate(tmp_path / "a.tar", (6 << 30) + 2048)

    taken = pool.take_out(job(tmp_path / "a.tar", "tar"), into, budget(), inside="a.tar!//")

    assert taken.unread == ("it needs more memory than opening may have",)


def test_a_process_without_an_end_is_stopped_and_told(tmp_path: Path, into: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with ExaminerPool(Limits(stall_seconds=0.3), processes=1) as pool:
        taken = pool.take_out(job(tmp_path / "pipe"), into, budget(), inside="a.zip!//")

    assert taken.unread == ("opening it made no progress for 0 s and was stopped",)


def test_what_takes_longer_than_its_deadline_is_stopped_and_told(archive: Path, into: Path) -> None:
    with ExaminerPool(Limits(base_seconds=0.0, at_most_seconds=0.0), processes=1) as pool:
        taken = pool.take_out(job(archive), into, budget(), inside="a.zip!//")

    assert taken.unread == ("opening it took longer than its deadline of 0 s",)


def test_a_pool_that_is_closed_meanwhile_tells_nothing_of_the_file(tmp_path: Path, into: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with ExaminerPool(Limits(), processes=1) as pool:
        pool.close()
        with pytest.raises(ExaminerLostError):
            pool.take_out(job(tmp_path / "pipe"), into, budget(), inside="a.zip!//")


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_file(pool: ExaminerPool, archive: Path, into: Path) -> None:
    into.rmdir()

    with pytest.raises(CustodyError):
        pool.take_out(job(archive), into, budget(), inside="a.zip!//")


def test_it_may_not_write_and_has_no_network(pool: ExaminerPool) -> None:
    """It is confined as the examining processes are, by the same call."""
    assert (pool.rights().can_write, pool.rights().has_network) == (False, False)


@pytest.mark.parametrize("message", [b"F/etc/passwd", b"Fa//b", b"F", b"Fa\0b", b"Bwords", b"?", b""])
def test_what_it_sends_is_not_believed(message: bytes, archive: Path, into: Path) -> None:
    taking = Taking(job=job(archive), into=into, budget=budget(), inside="a.zip!//")

    with pytest.raises(Stop):
        taking.receive(message)
    assert not list(into.iterdir())
