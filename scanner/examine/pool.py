"""The examining processes: limited, watched and killable. A lost one is evidence about its file, never our end."""

import multiprocessing
import multiprocessing.context
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future, TimeoutError, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from multiprocessing import forkserver
from multiprocessing.synchronize import RLock
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from pebble import ProcessExpired, ProcessPool

from scanner.errors import ExaminerLostError
from scanner.examine import worker
from scanner.examine.confine import Rights, confine
from scanner.examine.job import End, EndQuestion, Examined, Job, unexamined
from scanner.examine.opening import Budget, TakenOut, take_out
from scanner.examine.unpacking import OpeningJob
from scanner.model import SoundSpan, Thumbnail, TimeRange

# A process is replaced after so many files: what a library leaks cannot grow for ever.
_FILES_PER_PROCESS = 200
_MEGABYTE = 1 << 20
# The process's own stall timer fires first; the pool's deadline is the last resort.
_GRACE_SECONDS = 5.0
_START_SECONDS = 60.0
# How often whoever waits for a job looks whether there is still a pool that does it.
_LOOK_SECONDS = 1.0
# A service that stops may send SIGTERM to every process of ours; 255: the server that they are forked from has gone.
_ENDED_FROM_OUTSIDE = frozenset({-signal.SIGTERM, 255})


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
        self._limits = limits
        self._locks = _KeepingLocks()
        self._fresh = partial(
            ProcessPool,
            max_workers=processes or limits.processes,
            max_tasks=_FILES_PER_PROCESS,
            initializer=confine,
            initargs=(limits.memory_megabytes * _MEGABYTE,),
            context=self._locks,
        )
        self._pool = self._fresh()
        self._changing = threading.Lock()
        self._under_way: set[Future[Any]] = set()
        self._is_closed = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop every examining process now. What they were looking at is looked at again another time."""
        with self._changing:
            self._is_closed = True
            self._end()

    def _end(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._locks.kept.clear()
        # What was still waiting for a process would otherwise be waited for without end.
        for future in tuple(self._under_way):
            future.cancel()

    def _schedule(self, call: Callable[..., object], *arguments: object, timeout: float) -> "Future[Any]":
        """Have a process do something. Raises ExaminerLostError."""
        with self._changing:
            if self._is_closed:
                raise _stopped("the scanner is stopping")
            try:
                future = self._pool.schedule(call, args=arguments, timeout=timeout)
            except RuntimeError:
                # An idle process that something killed has broken the pool for good.
                self._end()
                self._pool = self._fresh()
                future = self._pool.schedule(call, args=arguments, timeout=timeout)
            self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def _found(self, future: "Future[Any]") -> Any:
        """What a process has found. A pool that broke just as the job came to it would never tell: it is cancelled."""
        while not future.done():
            if wait((future,), timeout=_LOOK_SECONDS).not_done and not self._pool.active:
                future.cancel()
        return future.result()

    def deadline(self, size: int) -> float:
        """How long a member of this many bytes may take, in seconds."""
        limits = self._limits
        return min(limits.base_seconds + size / limits.bytes_per_second, limits.at_most_seconds)

    def begin(self, job: Job) -> "Begun":
        """Have a member examined while something else is done; `result` waits for it."""
        future = self._schedule(worker.examine, job, timeout=job.deadline + _GRACE_SECONDS)
        return Begun(job=job, future=future, found=partial(self._found, future))

    def ranges(self, job: Job) -> tuple[TimeRange, ...]:
        """The ranges in which a long film is best examined, each by `job.of(range)`; `merged` puts them together.

        None for what has to be read in one go, and where it cannot be told: `job.in_one_go` then. Raises
        ExaminerLostError.
        """
        try:
            found: tuple[TimeRange, ...] = self._found(self._schedule(worker.ranges, job, timeout=job.deadline))
        except (TimeoutError, ProcessExpired, MemoryError, OSError):
            return ()
        except (CancelledError, RuntimeError) as error:
            raise _stopped(error) from error
        return found

    def examine(self, job: Job) -> Examined:
        """The examination of a member, or of a range of it.

        A death, hang or refusal of the process is told in it as `Unreadable`.
        """
        return self.begin(job).result()

    def pictures(self, job: Job, seconds: Sequence[Fraction]) -> tuple[Thumbnail, ...]:
        """Thumbnails of the frames at these times; empty when they cannot be had."""
        try:
            found: tuple[Thumbnail, ...] = self._found(
                self._schedule(worker.pictures, job, tuple(seconds), timeout=job.deadline)
            )
        except (TimeoutError, ProcessExpired):
            return ()
        except (CancelledError, RuntimeError) as error:
            raise _stopped(error) from error
        return found

    def excerpts(self, job: Job, spans: Sequence[SoundSpan]) -> tuple[Thumbnail | None, ...]:
        """Excerpts of the sound, one for each span; None for each that cannot be had."""
        try:
            found: tuple[Thumbnail | None, ...] = self._found(
                self._schedule(worker.excerpts, job, tuple(spans), timeout=job.deadline)
            )
        except (TimeoutError, ProcessExpired):
            return (None,) * len(spans)
        except (CancelledError, RuntimeError) as error:
            raise _stopped(error) from error
        return found

    def ends(self, job: Job, questions: Sequence[EndQuestion]) -> tuple[End | None, ...]:
        """The ends of segments to the frame, one for each question; None for each that cannot be told."""
        try:
            found: tuple[End | None, ...] = self._found(
                self._schedule(worker.ends, job, tuple(questions), timeout=job.deadline)
            )
        except (TimeoutError, ProcessExpired):
            return (None,) * len(questions)
        except (CancelledError, RuntimeError) as error:
            raise _stopped(error) from error
        return found

    def take_out(self, job: OpeningJob, into: Path, budget: Budget, *, inside: str) -> TakenOut:
        """Take everything out of a container, in an opening process of its own. Raises what `opening.take_out` does."""
        return take_out(
            job,
            into,
            budget,
            context=_context(),
            stall_seconds=self._limits.stall_seconds,
            deadline=self.deadline,
            is_stopped=lambda: self._is_closed,
            inside=inside,
        )

    def rights(self) -> Rights:
        """What an examining process may do, tried from inside one. Raises ExaminerLostError."""
        try:
            found: Rights = self._found(self._schedule(worker.rights, timeout=_START_SECONDS))
        except (TimeoutError, ProcessExpired, CancelledError, RuntimeError) as error:
            msg = f"an examining process did not start: {type(error).__name__}"
            raise ExaminerLostError(msg) from error
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A member that is being examined."""

    job: Job
    future: "Future[Examined]"
    found: Callable[[], Examined]

    def result(self) -> Examined:
        """Wait for the examination. Raises ExaminerLostError when it was ended from outside: no word on the file."""
        try:
            return self.found()
        except TimeoutError:
            return unexamined(self.job, "examination", f"it took longer than its deadline of {self.job.deadline:.0f} s")
        except ProcessExpired as lost:
            if lost.exitcode in _ENDED_FROM_OUTSIDE:
                raise _stopped("its process was ended") from lost
            return unexamined(self.job, "examination", _obituary(self.job, lost.exitcode))
        except (CancelledError, BrokenExecutor) as error:
            raise _stopped(error) from error
        except (RuntimeError, MemoryError, OSError) as error:
            return unexamined(self.job, "examination", f"the examining process could not look at it: {error}")


def _stopped(why: BaseException | str) -> ExaminerLostError:
    return ExaminerLostError(f"examination was stopped before its end: {why or 'it was cancelled'}")


class _KeepingLocks(multiprocessing.context.ForkServerContext):
    """Keeps the locks of a pool until its processes have ended.

    pebble drops them first. A process that is only just starting would look for them in vain, and say so with a trace.
    """

    def __init__(self) -> None:
        _context()
        super().__init__()
        self.kept: list[object] = []

    def RLock(self) -> RLock:
        lock = super().RLock()
        self.kept.append(lock)
        return lock


def warm_up() -> None:
    """Start the server that examining processes are forked from: it loads the decoders while we load the rest."""
    _context()
    forkserver.ensure_running()


def _context() -> multiprocessing.context.ForkServerContext:
    # The server would import from the current folder first, which may be a delivery: its files are never run as code.
    os.environ["PYTHONSAFEPATH"] = "1"
    context = multiprocessing.get_context("forkserver")
    # Whatever a process of ours imports on starting, its parent has loaded already.
    context.set_forkserver_preload(["scanner.examine.examiner", "scanner.examine.unpacking", "scanner.cli"])
    return context


def _obituary(job: Job, exit_code: int | None) -> str:
    if exit_code == 1:
        return f"the examining process made no progress for {job.stall_seconds:.0f} s and was stopped"
    return f"the examining process died on it (exit {exit_code}): out of memory, or a crash in a decoder"
