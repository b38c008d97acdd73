"""Watches the doors: the drop folder, and the folders below it that have settings of their own.

Watch events are hints: they only bring the next look forward. The sweep on a timer is the truth, and finds everything
on file systems that send no events.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from scanner.errors import CustodyError, SettingsError
from scanner.intake.look import look
from scanner.settings import Door, Settings
from scanner.settle import EntryKind, Look, Settled, Settling, Waiting

_log = logging.getLogger("scanner")
# Between two looks that hints ask for; a copy in progress sends thousands of them.
_SHORTEST_PAUSE = 0.3


@dataclass(slots=True)
class Doorway:
    """One door: its folder, what its deliveries are, and what has been seen of it."""

    folder: Path
    door: Door
    inner: frozenset[str]
    settling: Settling
    told: dict[str, str] = field(default_factory=dict)


class Watch:
    """The doors of one studio. Raises SettingsError when a folder is not there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._woken = threading.Event()
        self.doors = tuple(_doors(settings))
        self._hints: dict[Path, _Hints] = {}

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Be told of changes, where the system does that."""
        self._listen()
        try:
            yield
        finally:
            for hints in self._hints.values():
                hints.stop()

    def wake(self) -> None:
        """Look again soon: safe from a signal handler and from other threads."""
        self._woken.set()

    def rest(self, stopped: threading.Event) -> None:
        """Wait for the next look: for a hint, or for the timer."""
        stopped.wait(_SHORTEST_PAUSE)
        self._woken.wait(max(0.0, self._settings.watching.sweep_seconds - _SHORTEST_PAUSE))
        self._woken.clear()

    def settled(self) -> Iterator[tuple[Doorway, Look]]:
        """Look at every door once; each drop that is whole, until somebody has taken it."""
        self._listen()
        for doorway in self.doors:
            try:
                looks = [seen for seen in look(doorway.folder) if seen.name not in doorway.inner]
            except CustodyError as error:
                tell(doorway, "", str(error))
                continue
            for judged in doorway.settling.seen(looks, time.monotonic()):
                match judged:
                    case Settled():
                        yield doorway, judged.look
                    case Waiting():
                        if judged.look.kind is EntryKind.REFUSED or judged.look.partial:
                            tell(doorway, judged.look.name, judged.why)
            names = {seen.name for seen in looks}
            doorway.told = {name: why for name, why in doorway.told.items() if not name or name in names}

    def _listen(self) -> None:
        """Listen at every door; anew where its folder was taken away and made again."""
        for doorway in self.doors:
            hints = self._hints.get(doorway.folder)
            folder = _identity(doorway.folder)
            if hints is not None and (folder is None or hints.folder == folder):
                continue
            if hints is not None:
                hints.stop()
            if folder is not None:
                self._hints[doorway.folder] = _Hints.of(doorway.folder, folder, self._woken)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hints:
    """The system's events of one folder; no observer where there are none."""

    folder: tuple[int, int]
    observer: BaseObserver | None

    @classmethod
    def of(cls, path: Path, folder: tuple[int, int], woken: threading.Event) -> "_Hints":
        # No events (a full table of watches, an odd file system) only means that the sweep finds things later.
        try:
            observer = Observer()
            observer.schedule(_Hint(woken), str(path), recursive=True)
            observer.start()
        except OSError as error:
            _log.warning("no events", extra={"folder": str(path), "why": f"{error}: swept only"})
            return cls(folder=folder, observer=None)
        return cls(folder=folder, observer=observer)

    def stop(self) -> None:
        if self.observer is not None:
            self.observer.stop()
            self.observer.join()


class _Hint(FileSystemEventHandler):
    """Turns any event into "look now"."""

    def __init__(self, woken: threading.Event) -> None:
        self._woken = woken

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):
            self._woken.set()


def tell(doorway: Doorway, name: str, why: str) -> None:
    """Say why a drop is not taken, once, until the reason changes."""
    if doorway.told.get(name) != why:
        doorway.told[name] = why
        _log.warning("not taken", extra={"drop": name or str(doorway.folder), "why": why})


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _doors(settings: Settings) -> Iterator[Doorway]:
    """The drop folder itself, and the folders below it that have settings of their own."""
    drop = settings.folder("drop")
    quiet = settings.watching.quiet_seconds
    parts = [Path(door.folder).parts for door in settings.doors]
    if any(not p or p[0] in ("/", "..") or ".." in p for p in parts):
        msg = "doors: every folder must lie below drop/, named relative to it"
        raise SettingsError(msg)
    for door in (Door(folder="."), *settings.doors):
        here = () if door.folder == "." else Path(door.folder).parts
        inner = frozenset(p[len(here)] for p in parts if len(p) > len(here) and p[: len(here)] == here)
        folder = drop.joinpath(*here)
        check_folder(folder)
        yield Doorway(folder=folder, door=door, inner=inner, settling=Settling(quiet_seconds=quiet))


def check_folder(folder: Path) -> None:
    """Raises SettingsError for a folder that is not there."""
    if not folder.is_dir():
        msg = f"{folder} is not there. Make it, or change [[doors]] or [folders] in scanner.toml."
        raise SettingsError(msg)
