"""Opens containers as the pipeline does: in an opening process, into a folder of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.examine.opening import Budget, TakenOut
from scanner.examine.pool import ExaminerPool
from scanner.examine.unpacking import OpeningJob
from scanner.media.formats import sniff
from tests.examine.limits import Limits

Opened = Callable[..., TakenOut]


@pytest.fixture(scope="session")
def pool() -> Iterator[ExaminerPool]:
    with ExaminerPool(Limits(), processes=1) as opened:
        yield opened


@pytest.fixture
def opened(pool: ExaminerPool, tmp_path: Path) -> Opened:
    """Opens a container, given as a file or as bytes."""
    into = tmp_path / "opened"
    into.mkdir()

    def open_it(
        container: Path | bytes,
        *,
        name: str = "a.container",
        files: int = 100,
        size: int = 1 << 30,
        largest: int = 1 << 30,
        ratio: int = 200,
    ) -> TakenOut:
        path = container if isinstance(container, Path) else tmp_path / name
        if isinstance(container, bytes):
            path.write_bytes(container)
        job = OpeningJob(
            path=path,
            name=path.name,
            format=sniff(path).name,
            size=path.stat().st_size,
            largest=largest,
            memory_bytes=4 << 30,
            cpu_seconds=60,
        )
        return pool.take_out(job, into, Budget(files=files, size=size, ratio=ratio), inside=f"{path.name}!//")

    return open_it
