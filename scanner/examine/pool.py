"""The examining processes: limited, watched and killable. A lost one is evidence about its file, never our end."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, TimeoutError
from contextlib import AbstractContextManager
from fractions import Fraction
from types import TracebackType
from typing import Protocol, TypeVar

from pebble import ProcessExpired, ProcessPool

from scanner.errors import ExaminerLostError
from scanner.examine import worker
from scanner.examine.confine import Rights, confine
from scanner.examine.job import Examined, Job, unexamined
from scanner.model import Thumbnail

Result = TypeVar("Result")

# A process is replaced after so many files: what a library leaks cannot grow for ever.
_FILES_PER_PROCESS = 200
_MEGABYTE = 1 << 20
# The process's own stall timer fires first; the pool's deadline is the last resort.
_GRACE_SECONDS = 5.0
_START_SECONDS = 60.0


class ExaminingLimits(Protocol):
    """The part of the settings that examining needs."""

    memory_megabytes: int
    base_seconds: float
    bytes_per_second: int
    at_most_seconds: float
    stall_seconds: float
    processes: int


class ExaminerPool(AbstractContextManager["ExaminerPool"]):
    """Runs jobs in examining processes. Safe to use from many threads."""

    def __init__(self, limits: ExaminingLimits, *, processes: int | None = None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["scanner.examine.examiner"])
        self._limits = limits
        self._pool = ProcessPool(
            max_workers=processes or limits.processes,
            max_tasks=_FILES_PER_PROCESS,
            initializer=confine,
            initargs=(limits.memory_megabytes * _MEGABYTE,),
            context=context,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop every examining process now. What they were looking at is looked at again another time."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def deadline(self, size: int) -> float:
        """How long a member of this many bytes may take, in seconds."""
        limits = self._limits
        return min(limits.base_seconds + size / limits.bytes_per_second, limits.at_most_seconds)

    def examine(self, job: Job) -> Examined:
        """The member's examination; a death, hang or refusal of the process is told in it as `Unreadable`."""
        try:
            return self._run(worker.examine, job, job)
        except TimeoutError:
            return unexamined(job, "examination", f"it took longer than its deadline of {job.deadline:.0f} s")
        except ProcessExpired as lost:
            return unexamined(job, "examination", _obituary(job, lost.exitcode))

    def pictures(self, job: Job, seconds: Sequence[Fraction]) -> tuple[Thumbnail, ...]:
        """Thumbnails of the frames at these times; empty when they cannot be had."""
        try:
            return self._run(worker.pictures, job, job, tuple(seconds))
        except (TimeoutError, ProcessExpired):
            return ()

    def rights(self) -> Rights:
        """What an examining process may do, tried from inside one. Raises ExaminerLostError."""
        try:
            found: Rights = self._pool.schedule(worker.rights, timeout=_START_SECONDS).result()
        except (TimeoutError, ProcessExpired, CancelledError, RuntimeError) as error:
            msg = f"an examining process did not start: {type(error).__name__}"
            raise ExaminerLostError(msg) from error
        return found

    def _run(self, call: Callable[..., Result], job: Job, *arguments: object) -> Result:
        try:
            result: Result = self._pool.schedule(call, args=arguments, timeout=job.deadline + _GRACE_SECONDS).result()
        except (CancelledError, RuntimeError) as error:
            msg = f"examination was stopped before its end: {error}"
            raise ExaminerLostError(msg) from error
        return result


def _obituary(job: Job, exit_code: int | None) -> str:
    if exit_code == 1:
        return f"the examining process made no progress for {job.stall_seconds:.0f} s and was stopped"
    return f"the examining process died on it (exit {exit_code}): out of memory, or a crash in a decoder"
