"""Guards the drop folder: looks, waits until a drop is whole, takes it onto the bench, and hands it to the engine.

Watch events are hints: they only bring the next look forward. The sweep on a timer is the truth, and finds everything
on file systems that send no events. What lies on the bench and is not being handled is handed over again.
"""

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from scanner.engine import Engine
from scanner.errors import CustodyError, ScannerError, SettingsError, UnknownIdError
from scanner.intake.bench import BenchState, clear_leftover, on_bench
from scanner.intake.look import look
from scanner.intake.receive import new_delivery_id, receive, receive_group
from scanner.settings import Door
from scanner.settle import EntryKind, Look, Settled, Settling, Waiting
from scanner.studio import Studio

_log = logging.getLogger("scanner")
# Between two looks that hints ask for; a copy in progress sends thousands of them.
_SHORTEST_PAUSE = 0.3
# How often the bench is gone through for deliveries that nobody handles.
_BENCH_SECONDS = 30.0


@dataclass(slots=True)
class _Watched:
    """One door: its folder, what its deliveries are, and what has been seen of it."""

    folder: Path
    door: Door
    inner: frozenset[str]
    settling: Settling
    told: dict[str, str] = field(default_factory=dict)


class _Hint(FileSystemEventHandler):
    """Turns any event into "look now"."""

    def __init__(self, woken: threading.Event) -> None:
        self._woken = woken

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):
            self._woken.set()


class Daemon:
    """Watches one studio's doors until it is told to stop."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._engine = Engine(studio)
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._doors = tuple(_doors(studio))
        self._lock: IO[str] | None = None

    def stop(self) -> None:
        """Ask the daemon to end: safe from a signal handler and from other threads."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Guard the doors until stopped. Raises SettingsError if another daemon guards this studio."""
        # Held until the process ends: threads of ours may outlive this call.
        self._lock = _only_one(self._studio.settings.home / "scanner.lock")
        with _hints(self._doors, self._woken):
            self._engine.start()
            _log.info("watching", extra={"doors": [str(watched.folder) for watched in self._doors]})
            try:
                self._loop()
            finally:
                self._engine.stop(self._studio.settings.watching.stop_seconds)
                _log.info("stopped")

    def _loop(self) -> None:
        next_bench = 0.0
        while not self._stopped.is_set():
            if time.monotonic() >= next_bench:
                self._resume()
                next_bench = time.monotonic() + _BENCH_SECONDS
            for watched in self._doors:
                self._sweep(watched)
            self._stopped.wait(_SHORTEST_PAUSE)
            self._woken.wait(max(0.0, self._studio.settings.watching.sweep_seconds - _SHORTEST_PAUSE))
            self._woken.clear()

    def _resume(self) -> None:
        """Hand over what lies on the bench and is not being handled; clear away what never was a delivery."""
        work = self._studio.settings.folder("work")
        try:
            entries = on_bench(work)
        except CustodyError as error:
            _log.error("not resumed", extra={"folder": str(work), "error": str(error)})
            return
        for entry in entries:
            try:
                if entry.state is BenchState.FOREIGN:
                    _log.warning(
                        "foreign", extra={"folder": str(entry.folder), "told": "no receipt: look at it by hand"}
                    )
                elif entry.state is BenchState.EMPTY and not self._known(entry.folder.name):
                    clear_leftover(entry.folder)
                elif self._engine.submit(entry.folder.name):
                    _log.info("resumed", extra={"delivery": entry.folder.name})
            except ScannerError as error:
                _log.error("not resumed", extra={"folder": str(entry.folder), "error": str(error)})

    def _known(self, delivery_id: str) -> bool:
        """A delivery that the store knows has only its closing left to do when its payload is gone."""
        try:
            self._studio.kept.delivery(delivery_id)
        except UnknownIdError:
            return False
        return True

    def _sweep(self, watched: _Watched) -> None:
        try:
            looks = [seen for seen in look(watched.folder) if seen.name not in watched.inner]
        except CustodyError as error:
            self._tell(watched, "", f"{error}")
            return
        for judged in watched.settling.seen(looks, time.monotonic()):
            if self._stopped.is_set():
                return
            match judged:
                case Settled():
                    self._take(watched, judged.look)
                case Waiting():
                    if judged.look.kind is EntryKind.REFUSED or judged.look.partial:
                        self._tell(watched, judged.look.name, judged.why)
        watched.told = {name: why for name, why in watched.told.items() if not name or name in {s.name for s in looks}}

    def _take(self, watched: _Watched, settled: Look) -> None:
        now = self._studio.now()
        delivery_id = new_delivery_id(now, os.urandom(3))
        door = watched.door
        title = door.title or self._studio.settings.studio.title or None
        work = self._studio.settings.folder("work")
        try:
            if settled.kind is EntryKind.SEQUENCE:
                receive_group(
                    watched.folder, settled.files, name=settled.name, work=work, delivery_id=delivery_id,
                    title=title, vendor=door.vendor, drop_class=door.drop_class, received_at=now,
                )  # fmt: skip
            else:
                receive(
                    watched.folder / settled.name, work=work, delivery_id=delivery_id,
                    title=title, vendor=door.vendor, drop_class=door.drop_class, received_at=now,
                )  # fmt: skip
            self._engine.submit(delivery_id)
        except ScannerError as error:
            self._tell(watched, settled.name, str(error))
            return
        _log.info("taken", extra={"delivery": delivery_id, "drop": settled.name})

    def _tell(self, watched: _Watched, name: str, why: str) -> None:
        """Say why a drop is not taken, once, until the reason changes."""
        if watched.told.get(name) != why:
            watched.told[name] = why
            _log.warning("not taken", extra={"drop": name or str(watched.folder), "why": why})


def _doors(studio: Studio) -> Iterator[_Watched]:
    """The drop folder itself, and the folders below it that have settings of their own."""
    settings = studio.settings
    drop = settings.folder("drop")
    _check_folder(settings.folder("work"))
    quiet = settings.watching.quiet_seconds
    parts = [Path(door.folder).parts for door in settings.doors]
    if any(not p or p[0] in ("/", "..") or ".." in p for p in parts):
        msg = "doors: every folder must lie below drop/, named relative to it"
        raise SettingsError(msg)
    for door in (Door(folder="."), *settings.doors):
        here = () if door.folder == "." else Path(door.folder).parts
        inner = frozenset(p[len(here)] for p in parts if len(p) > len(here) and p[: len(here)] == here)
        folder = drop.joinpath(*here)
        _check_folder(folder)
        yield _Watched(folder=folder, door=door, inner=inner, settling=Settling(quiet_seconds=quiet))


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        msg = f"{folder} is not there. Make it, or change [[doors]] or [folders] in scanner.toml."
        raise SettingsError(msg)


@contextlib.contextmanager
def _hints(doors: tuple[_Watched, ...], woken: threading.Event) -> Iterator[None]:
    with contextlib.ExitStack() as watching:
        for watched in doors:
            # No events (a full table of watches, an odd file system) only means that the sweep finds things later.
            try:
                observer = Observer()
                observer.schedule(_Hint(woken), str(watched.folder), recursive=True)
                observer.start()
            except OSError as error:
                _log.warning("no events", extra={"folder": str(watched.folder), "why": f"{error}: swept only"})
            else:
                watching.callback(observer.join)
                watching.callback(observer.stop)
        yield


def _only_one(path: Path) -> IO[str]:
    """Take the studio's lock; the system drops it when the process ends, however it ends. Raises SettingsError."""
    file = _opened(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        with file:
            msg = f"another daemon guards this studio (process {file.read().strip() or 'unknown'}). Stop it first."
        raise SettingsError(msg) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        msg = f"{path}: the lock cannot be taken: {error.strerror}. Let the scanner write in the studio's folder."
        raise SettingsError(msg) from error
