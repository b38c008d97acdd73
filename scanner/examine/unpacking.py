"""Inside the opening process: reads a container and sends what is in it through a pipe. It can write no file.

A message is a letter and what belongs to it; nothing in it is ever executed or unpickled by whoever receives it.
"""

import zipfile
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path

from scanner.containers.all import read
from scanner.containers.inner import Inner, Left, LeftInError, Unread
from scanner.containers.names import fit_name
from scanner.examine.confine import confine, limit_cpu

LONGEST_TOLD = 2000
_NO_MEMORY = "it needs more memory than opening may have"


class Letter(Enum):
    """What a message begins with. A file begins with its name, goes on in blocks, and ends whole or broken."""

    FILE = b"F"
    BLOCK = b"B"
    WHOLE = b"W"
    BROKEN = b"X"
    UNREAD = b"U"
    LEFT = b"L"
    END = b"E"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningJob:
    """One container to open. `name`: its own, without folders; `largest`: bytes of one file in it, at most."""

    path: Path
    name: str
    format: str
    size: int
    largest: int
    memory_bytes: int
    cpu_seconds: float


def unpack(job: OpeningJob, pipe: Connection) -> None:
    """Read the container of the job; the whole life of an opening process."""
    confine(job.memory_bytes)
    limit_cpu(job.cpu_seconds)
    _Sending(job=job, pipe=pipe).all()


@dataclass(slots=True, kw_only=True)
class _Sending:
    """One container being read. `begun`: whether a file is under way."""

    job: OpeningJob
    pipe: Connection
    begun: bool = False

    def all(self) -> None:
        """Everything in it; then that this was all."""
        try:
            for found in read(self.job.path, self.job.format, self.job.name):
                match found:
                    case Inner():
                        self._file(found)
                    case Unread():
                        self._unread(found.name, found.reason)
                    case Left():
                        self._send(Letter.LEFT, found.note)
        except MemoryError:
            self._unread(None, _NO_MEMORY)
        except Exception as error:  # noqa: BLE001 - a hostile container may raise anything
            self._unread(None, _told(error))
        self._send(Letter.END)

    def _file(self, inner: Inner) -> None:
        name, fault = fit_name(inner.name)
        if fault is not None:
            self._send(Letter.UNREAD, f"{name}: {fault}")
        if inner.size is not None and inner.size > self.job.largest:
            self._unread(name, f"it would be larger than {self.job.largest:,} bytes")
            return
        self.begun = False
        try:
            self._copy(name, inner)
        except LeftInError as left:
            self._send(Letter.LEFT, str(left))
        except MemoryError:
            self._broken(name, _NO_MEMORY)
        except Exception as error:  # noqa: BLE001 - a hostile container may raise anything
            self._broken(name, _told(error))

    def _copy(self, name: str, inner: Inner) -> None:
        """Send a file. It begins when its first block is there: what cannot be read at all never does."""
        blocks, size = inner.read(), 0
        block = next(blocks, b"")
        self._send(Letter.FILE, name)
        self.begun = True
        while block:
            size += len(block)
            if size > self.job.largest:
                self._broken(name, f"it is larger than {self.job.largest:,} bytes")
                return
            self.pipe.send_bytes(Letter.BLOCK.value + block)
            block = next(blocks, b"")
        self._send(Letter.WHOLE)

    def _broken(self, name: str, reason: str) -> None:
        """It could not be read, or not to its end: what came before that is looked at all the same."""
        if self.begun:
            self._send(Letter.BROKEN)
        self._unread(name, reason)

    def _unread(self, name: str | None, reason: str) -> None:
        self._send(Letter.UNREAD, reason if name is None else f"{fit_name(name)[0]}: {reason}")

    def _send(self, letter: Letter, told: str = "") -> None:
        self.pipe.send_bytes(letter.value + told.encode("utf-8", "surrogateescape")[:LONGEST_TOLD])


def _told(error: Exception) -> str:
    damaged = isinstance(error, zipfile.BadZipFile | EOFError)
    return f"{'damaged: ' if damaged else ''}{type(error).__name__}: {error}"[:300]
