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

from scanner import measures
from scanner.errors import CustodyError, SettingsError
from scanner.intake.lacking import Manifests
from scanner.intake.lookout import Lookout
from scanner.settings import Door, Settings
from scanner.settle import LITTER, PARTIAL, EntryKind, Look, Settled, Settling, Stalled, Waiting

_log = logging.getLogger("scanner")
# Between two looks that hints ask for; a copy in progress sends thousands of them.
_SHORTEST_PAUSE = 0.3
# While something is about to settle.
_SETTLING_PAUSE = 1.0


@dataclass(slots=True)
class Doorway:
    """One door: its folder, what its deliveries are, and what has been seen of it."""

    folder: Path
    door: Door
    lookout: Lookout
    settling: Settling
    told: dict[str, str] = field(default_factory=dict)
    only_swept: measures.OnlySwept = field(default_factory=measures.OnlySwept)

    def check(self) -> None:
        """Raises CustodyError where a symbolic link was put on the way from the drop folder to this one."""
        folder = self.folder
        for _ in Path(self.door.folder).parts:
            if os.path.islink(folder):  # noqa: PTH114 - which says no, whatever keeps it from looking
                msg = f"{str(folder)!r} is a symbolic link. Nothing is taken through it; make a folder in its place."
                raise CustodyError(msg)
            folder = folder.parent


class Watch:
    """The doors of one studio. Raises SettingsError when a folder is not there."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._woken = threading.Event()
        self.doors = tuple(_doors(settings))
        self._hints: dict[Path, _Hints] = {}
        # Uploads that have stalled since somebody last emptied this list.
        self.stalled: list[tuple[Doorway, Stalled]] = []

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
        """Look again soon: safe from other threads."""
        self._woken.set()

    def rest(self, stopped: threading.Event) -> None:
        """Wait for the next look: for a hint, or for the timer."""
        now = time.monotonic()
        # What is large to look at rests, whatever the system tells of it.
        rest = max(_SHORTEST_PAUSE, *(doorway.lookout.rest_seconds for doorway in self.doors))
        stopped.wait(rest)
        due = min((due for door in self.doors if (due := door.settling.due(now)) is not None), default=None)
        sweep = self._settings.watching.sweep_seconds
        pause = sweep if due is None else min(sweep, due, _SETTLING_PAUSE)
        self._woken.wait(max(0.0, pause - rest))
        self._woken.clear()

    def settled(self) -> Iterator[tuple[Doorway, Look]]:
        """Look at every door once; each drop that is whole, until somebody has taken it."""
        self._listen()
        for doorway in self.doors:
            now = time.monotonic()
            try:
                doorway.check()
                looks = doorway.lookout.look(now)
            except CustodyError as error:
                tell(doorway, "", str(error))
                continue
            names = {seen.name for seen in looks}
            doorway.only_swept.looked(names)
            for judged in doorway.settling.seen(looks, now):
                if isinstance(judged, Settled):
                    yield doorway, judged.look
                else:
                    self._tell_of(doorway, judged)
            doorway.told = {name: why for name, why in doorway.told.items() if not name or name in names}

    def _tell_of(self, doorway: Doorway, judged: Waiting | Stalled) -> None:
        """Say why a drop is not taken, where that is not just a matter of moments."""
        if isinstance(judged, Stalled):
            tell(doorway, judged.look.name, judged.why)
            if judged.first:
                self.stalled.append((doorway, judged))
        elif judged.look.kind is EntryKind.REFUSED or judged.look.partial or _lacks(judged):
            tell(doorway, judged.look.name, judged.why)

    def waits(self) -> dict[str, str]:
        """Why drops are not taken, by their paths, as it was told last."""
        told = ((doorway.folder, dict(doorway.told)) for doorway in self.doors)
        return {str(folder / name): why for folder, names in told for name, why in names.items() if name}

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
                self._hints[doorway.folder] = _Hints.of(doorway, folder, self._woken)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hints:
    """The system's events of one folder; no observer where there are none."""

    folder: tuple[int, int]
    observer: BaseObserver | None

    @classmethod
    def of(cls, doorway: Doorway, folder: tuple[int, int], woken: threading.Event) -> "_Hints":
        # No events (a full table of watches, an odd file system) only means that the sweep finds things later.
        try:
            path, observer = doorway.folder, Observer()
            # What happens inside of folders is left to the sweep: 100,000 frames would be as many events.
            observer.schedule(_Hint(woken, doorway.only_swept), str(path), recursive=False)
            observer.start()
        except OSError as error:
            _log.warning("no events", extra={"folder": str(doorway.folder), "why": f"{error}: swept only"})
            return cls(folder=folder, observer=None)
        _log.info("listens", extra={"folder": str(doorway.folder), "to": type(observer).__name__})
        return cls(folder=folder, observer=observer)

    def stop(self) -> None:
        if self.observer is not None:
            self.observer.stop()
            self.observer.join()


class _Hint(FileSystemEventHandler):
    """Turns any event into "look now"."""

    def __init__(self, woken: threading.Event, only_swept: measures.OnlySwept) -> None:
        self._woken = woken
        self._only_swept = only_swept

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):
            self._only_swept.event()
            self._woken.set()


def tell(doorway: Doorway, name: str, why: str) -> None:
    """Say why a drop is not taken, once, until the reason changes."""
    if doorway.told.get(name) != why:
        doorway.told[name] = why
        _log.warning("not taken", extra={"drop": name or str(doorway.folder), "why": why})


def _lacks(waiting: Waiting) -> bool:
    """Whether it is a manifest that holds it up."""
    return bool(waiting.look.manifests) and waiting.why.startswith(("waits for", "its manifest"))


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _doors(settings: Settings) -> Iterator[Doorway]:
    """The drop folder itself, and the folders below it that have settings of their own."""
    drop = settings.folder("drop")
    parts = [Path(door.folder).parts for door in settings.doors]
    if any(not p or p[0] in ("/", "..") or ".." in p for p in parts):
        msg = "doors: every folder must lie below drop/, named relative to it"
        raise SettingsError(msg)
    for door in (Door(folder="."), *settings.doors):
        here = () if door.folder == "." else Path(door.folder).parts
        inner = frozenset(p[len(here)] for p in parts if len(p) > len(here) and p[: len(here)] == here)
        folder = drop.joinpath(*here)
        check_folder(folder)
        here_watched = door.watched(settings.watching)
        yield Doorway(
            folder=folder,
            door=door,
            lookout=Lookout(
                folder,
                partial=(*PARTIAL, *here_watched.partial),
                litter=(*LITTER, *here_watched.litter),
                other_doors=inner,
                quiet_seconds=here_watched.quiet_seconds,
            ),
            settling=Settling(
                quiet_seconds=here_watched.quiet_seconds,
                stalled_seconds=here_watched.stalled_seconds,
                manifest=here_watched.manifest,
                lacking=Manifests(folder).lacking,
            ),
        )


def check_folder(folder: Path) -> None:
    """Raises SettingsError for a folder that is not there."""
    if not folder.is_dir():
        msg = f"{folder} is not there. Make it, or change [[doors]] or [folders] in scanner.toml."
        raise SettingsError(msg)
