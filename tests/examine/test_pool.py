"""A file that kills, hangs or starves its examining process is told of; the pool goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from scanner.errors import ExaminerLostError
from scanner.examine.job import Job, examiner_version
from scanner.examine.pool import ExaminerPool
from scanner.model import Examination, MediaKind, TrustAnchors, Unreadable
from tests.media.making import encode, job, shot

from .limits import Limits
from .test_confine import LINUX, descendants

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("pool") / "clip.ts", shot(1, 48), *H264)


@pytest.fixture
def blocked(tmp_path: Path, clip: Path) -> Job:
    """A file that nothing ever comes out of: opening it takes for ever."""
    os.mkfifo(tmp_path / "never-written")
    return replace(job(clip), root=tmp_path / "never-written", kind=MediaKind.VIDEO, format="mov")


@pytest.fixture
def single() -> Iterator[ExaminerPool]:
    """A pool of one process, so that the next file meets the successor of the one that died."""
    with ExaminerPool(Limits(processes=1)) as opened:
        yield opened


def why(examination: Examination) -> list[tuple[str, str]]:
    return [(item.source, item.reason) for item in examination.observations if isinstance(item, Unreadable)]


def test_a_good_file_is_examined(pool: ExaminerPool, clip: Path) -> None:
    examination = pool.examine(job(clip)).examination

    assert (why(examination), examination.coverage.frames_examined) == ([], 8)


def test_a_file_that_makes_no_progress_is_told(single: ExaminerPool, blocked: Job) -> None:
    examination = single.examine(replace(blocked, stall_seconds=0.5)).examination

    assert why(examination) == [
        ("examination", "the examining process made no progress for 0 s and was stopped"),
    ]


def test_after_a_file_that_hung_the_next_is_examined(single: ExaminerPool, blocked: Job, clip: Path) -> None:
    single.examine(replace(blocked, stall_seconds=0.5))

    assert why(single.examine(job(clip)).examination) == []


def test_a_file_that_takes_longer_than_its_deadline_is_told(single: ExaminerPool, blocked: Job) -> None:
    (told,) = why(single.examine(replace(blocked, deadline=0.1)).examination)

    assert told == ("examination", "it took longer than its deadline of 0 s")


def test_a_file_that_takes_more_processor_time_than_it_may_is_told(
    single: ExaminerPool, clip: Path, tmp_path: Path
) -> None:
    long = tmp_path / "long.ts"
    long.write_bytes(clip.read_bytes() * 1500)

    (told,) = why(single.examine(replace(job(long, step=1), deadline=0.2)).examination)

    assert told[0] == "examination"


def test_a_file_that_needs_more_memory_than_there_is_is_told_and_the_pool_goes_on(clip: Path) -> None:
    with ExaminerPool(Limits(processes=1, memory_megabytes=64)) as starved:
        told = [trouble(starved, clip) for _ in range(2)]

    assert all(told)


def trouble(pool: ExaminerPool, clip: Path) -> str:
    """What is told of a file; a process that has not even room to start says nothing of the file."""
    try:
        return "".join(reason for _, reason in why(pool.examine(job(clip)).examination))
    except ExaminerLostError as error:
        return str(error)


def test_what_was_not_examined_says_so_in_its_coverage(single: ExaminerPool, blocked: Job) -> None:
    coverage = single.examine(replace(blocked, stall_seconds=0.5)).examination.coverage

    assert coverage.frames_examined == 0
    assert coverage.notes[0].startswith("not examined: ")


def test_no_thumbnails_are_given_of_a_file_that_hangs(single: ExaminerPool, blocked: Job) -> None:
    assert single.pictures(replace(blocked, stall_seconds=0.5), [Fraction(0)]) == ()


def test_thumbnails_are_given_of_the_times_asked_for(pool: ExaminerPool, clip: Path) -> None:
    found = pool.pictures(job(clip), [Fraction(0), Fraction(1)])

    assert [thumbnail.seconds for thumbnail in found] == [0, 1]


def test_many_threads_may_ask_at_once(pool: ExaminerPool, clip: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        examined = list(threads.map(lambda _: pool.examine(job(clip)).examination, range(16)))

    assert all(examination == examined[0] for examination in examined)


def test_what_was_begun_can_be_waited_for_later(pool: ExaminerPool, clip: Path) -> None:
    begun = [pool.begin(job(clip)) for _ in range(4)]

    assert all(why(item.result().examination) == [] for item in begun)


def test_a_pool_that_was_closed_has_lost_its_examiners_and_judges_nothing(clip: Path) -> None:
    pool = ExaminerPool(Limits(processes=1))
    pool.close()

    with pytest.raises(ExaminerLostError):
        pool.examine(job(clip))


def test_closing_a_pool_is_no_evidence_about_the_file_it_was_looking_at(blocked: Job) -> None:
    with ExaminerPool(Limits(processes=1)) as pool:
        pool.rights()
        begun = pool.begin(blocked)
    with pytest.raises(ExaminerLostError):
        begun.result()


def test_rights_cannot_be_told_by_a_closed_pool() -> None:
    pool = ExaminerPool(Limits(processes=1))
    pool.close()

    with pytest.raises(ExaminerLostError):
        pool.rights()


@LINUX
def test_fifty_files_leave_no_descriptor_open(single: ExaminerPool, clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x10ftypisom" + bytes(4000))
    single.examine(job(clip))
    single.examine(job(broken))
    before = open_files()

    for _ in range(25):
        single.examine(job(clip))
        single.examine(job(broken))

    assert open_files() <= before + 2


def open_files() -> int:
    """How many descriptors this process and all below it have open."""
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in [os.getpid(), *descendants(os.getpid())])


@pytest.mark.parametrize(("size", "seconds"), [(0, 60), (1_000_000, 61), (10**12, 600)])
def test_a_deadline_grows_with_the_file_up_to_a_limit(pool: ExaminerPool, size: int, seconds: float) -> None:
    assert pool.deadline(size) == seconds


def test_an_examiner_s_version_tells_all_that_an_examination_depends_on() -> None:
    trusts = (None, TrustAnchors(pem="one", lists=("x of 2026-08-05",)), TrustAnchors(pem="two"))
    versions = {examiner_version(step, anchors) for step in (6, 12) for anchors in trusts}

    assert len(versions) == 6
    assert any("trust x of 2026-08-05 (" in version for version in versions)


BEGUN_AND_CLOSED = """
import time
from scanner.examine.pool import ExaminerPool
from tests.examine.limits import Limits

with ExaminerPool(Limits(processes=4)) as pool:
    pool.rights()
for wait in range(6):
    with ExaminerPool(Limits(processes=4)) as pool:
        pool._schedule(print, timeout=60)
        time.sleep(wait / 200)
"""


def test_a_pool_that_is_closed_while_its_processes_start_ends_without_a_word() -> None:
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    done = subprocess.run(
        [sys.executable, "-c", BEGUN_AND_CLOSED], capture_output=True, check=False, env=here, timeout=120
    )

    assert (done.returncode, done.stderr.decode()) == (0, "")
