"""Takes out what is in a container, from outside: an opening process reads it, and we write what it sends.

That process can write nothing and reach no network. It is not believed either: names are checked, files and bytes are
counted, and the room on the disk is watched here.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import BinaryIO

from scanner.errors import ExaminerLostError
from scanner.examine.unpacking import LONGEST_TOLD, Letter, OpeningJob, unpack
from scanner.intake.custody import cannot, shown
from scanner.intake.scratch import kept_as

_LONGEST_MESSAGE = 2 << 20
_LOOK_SECONDS, _END_SECONDS = 0.5, 5.0
_MOST_TOLD = 20
# A small container may well unpack to this much; what is said of its ratio counts from here on.
_FREE_OF_RATIO = 64 << 20
_LARGEST_RESERVE, _RESERVE_PARTS = 1 << 30, 100
_ENDED_FROM_OUTSIDE = frozenset({-signal.SIGTERM, 255})


@dataclass(slots=True, kw_only=True)
class Budget:
    """What may still be taken out of all the containers of one delivery."""

    files: int
    size: int
    ratio: int


@dataclass(slots=True, kw_only=True)
class TakenOut:
    """What was taken out of one container: its files by their names in it, and in words what was not."""

    files: dict[str, Path] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    _unread: dict[str, None] = field(default_factory=dict)
    _more: int = 0

    @property
    def unread(self) -> tuple[str, ...]:
        """The first of what was not read, and how much more there is."""
        return (*self._unread, f"and {self._more} more") if self._more else tuple(self._unread)

    def tell(self, what: str) -> None:
        """Say that something was not read."""
        if what in self._unread:
            return
        if len(self._unread) < _MOST_TOLD:
            self._unread[what] = None
        else:
            self._more += 1


class Stop(Exception):
    """Nothing more is taken out; the message says why."""


def take_out(
    job: OpeningJob,
    into: Path,
    budget: Budget,
    *,
    context: ForkServerContext,
    stall_seconds: float,
    deadline: Callable[[int], float],
    is_stopped: Callable[[], bool],
    inside: str,
) -> TakenOut:
    """Take everything out of a container into the folder `into`, as far as the budget goes.

    `inside`: what its files' names begin with; `deadline`: seconds for so many bytes read and written. Raises
    ExaminerLostError when it is stopped from outside, CustodyError when our disk fails; what was written is left.
    """
    taking = Taking(job=job, into=into, budget=budget, inside=inside)
    with _process(context, job) as (process, pipe):
        patience = _Patience(pipe=pipe, stall_seconds=stall_seconds, is_stopped=is_stopped)
        try:
            while taking.receive(patience.message(deadline(job.size + taking.size))):
                pass
        except Stop as stop:
            taking.taken.tell(str(stop))
        except EOFError:
            process.join(_END_SECONDS)
            if process.exitcode in _ENDED_FROM_OUTSIDE:
                msg = "a container was not opened to its end: the process was ended"
                raise ExaminerLostError(msg) from None
            died = f"the process that opened it died (exit {process.exitcode}): out of memory or time, or a crash"
            taking.taken.tell(died)
        except OSError as error:
            raise cannot(f"{shown(into)} cannot be written", error, left="The delivery is on the bench") from error
        finally:
            taking.close()
    return taking.taken


@contextmanager
def _process(context: ForkServerContext, job: OpeningJob) -> Iterator[tuple[BaseProcess, Connection]]:
    ours, theirs = Pipe(duplex=False)
    process = context.Process(target=unpack, args=(job, theirs), daemon=True)
    try:
        try:
            process.start()
        except OSError as error:
            msg = f"a container was not opened: no process for it could be started: {error}"
            raise ExaminerLostError(msg) from error
        theirs.close()
        yield process, ours
    finally:
        ours.close()
        theirs.close()
        if process.pid is not None:
            with suppress(ValueError):
                process.kill()
            process.join()
            process.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patience:
    """Waits for messages, but not for ever."""

    pipe: Connection
    stall_seconds: float
    is_stopped: Callable[[], bool]
    begun: float = field(default_factory=time.monotonic)

    def message(self, deadline: float) -> bytes:
        """The next message. Raises Stop, ExaminerLostError, EOFError when there are no more."""
        asked = time.monotonic()
        while self._goes_on() and not self._is_there():
            if time.monotonic() - asked > self.stall_seconds:
                msg = f"opening it made no progress for {self.stall_seconds:.0f} s and was stopped"
                raise Stop(msg)
        if time.monotonic() - self.begun > deadline:
            msg = f"opening it took longer than its deadline of {deadline:.0f} s"
            raise Stop(msg)
        try:
            return self.pipe.recv_bytes(_LONGEST_MESSAGE)
        except OSError as error:
            raise EOFError from error

    def _goes_on(self) -> bool:
        if self.is_stopped():
            msg = "a container was not opened to its end: the scanner is stopping"
            raise ExaminerLostError(msg)
        return True

    def _is_there(self) -> bool:
        try:
            return self.pipe.poll(_LOOK_SECONDS)
        except OSError as error:
            raise EOFError from error


@dataclass(slots=True, kw_only=True)
class Taking:
    """What is being written."""

    job: OpeningJob
    into: Path
    budget: Budget
    inside: str
    taken: TakenOut = field(default_factory=TakenOut)
    size: int = 0
    _file: BinaryIO | None = None

    def receive(self, message: bytes) -> bool:
        """Do what a message says; False after the last. Raises Stop, OSError."""
        match _letter(message):
            case Letter.FILE:
                self._begin(_text(message))
            case Letter.BLOCK:
                self._write(memoryview(message)[1:])
            case Letter.WHOLE | Letter.BROKEN:
                self.close()
            case Letter.UNREAD:
                self.taken.tell(_text(message))
            case Letter.LEFT:
                note = _text(message)
                self.taken.notes[note] = self.taken.notes.get(note, 0) + 1
            case Letter.END:
                return False
        return True

    def close(self) -> None:
        """The file that is being written is done."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, name: str) -> None:
        if self.budget.files <= 0:
            msg = "there are more files in it than may be taken out: the rest was not"
            raise Stop(msg)
        self.budget.files -= 1
        self._check_room(0)
        apart = self._apart(name)
        path = self.into / kept_as(self.inside + apart)
        self._file = path.open("xb", buffering=0)
        self.taken.files[apart] = path

    def _apart(self, name: str) -> str:
        """The name, or one beside it that is not taken: what may be asked for by this name is not one thing."""
        if not name or "//" in name or "\0" in name or name.startswith("/"):
            msg = "the process that opened it gave a name that cannot be"
            raise Stop(msg)
        apart, number = name, 2
        while apart in self.taken.files:
            apart, number = f"{name} ({number})", number + 1
        if apart != name:
            self.taken.tell(f"{name}: there are several of this name; each was looked at")
        return apart

    def _write(self, block: memoryview) -> None:
        self.size += len(block)
        self.budget.size -= len(block)
        if self.budget.size < 0:
            msg = "what the delivery's containers hold is more than may be taken out: the rest was not"
            raise Stop(msg)
        if self.size > max(_FREE_OF_RATIO, self.job.size * self.budget.ratio):
            msg = f"it unpacks to more than {self.budget.ratio} times its size, as a bomb does: the rest was not read"
            raise Stop(msg)
        self._check_room(len(block))
        if self._file is None:
            msg = "the process that opened it sent bytes of no file"
            raise Stop(msg)
        self._file.write(block)

    def _check_room(self, size: int) -> None:
        there = os.statvfs(self.into)
        reserve = min(there.f_blocks * there.f_frsize // _RESERVE_PARTS, _LARGEST_RESERVE)
        free = there.f_bavail * there.f_frsize
        if there.f_blocks and size + reserve > free:
            msg = f"there is no room on the disk to open it: {free:,} bytes are free. Make room, then restore it"
            raise Stop(msg)


def _letter(message: bytes) -> Letter:
    try:
        return Letter(message[:1])
    except ValueError as error:
        msg = "the process that opened it sent what cannot be"
        raise Stop(msg) from error


def _text(message: bytes) -> str:
    return message[1 : LONGEST_TOLD + 1].decode("utf-8", "surrogateescape")
