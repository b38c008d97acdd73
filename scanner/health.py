"""Is this server fit to take deliveries? Each part is asked in a thread of its own: what hangs is named, and waited for
by nobody.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar

from scanner.errors import ScannerError
from scanner.examine.pool import ExaminerPool
from scanner.model import CanaryRun, CanaryState
from scanner.night_times import overdue
from scanner.settings import Settings
from scanner.store import Store

Answer = TypeVar("Answer")

FOLDERS: tuple[Literal["drop", "work", "cleared", "flagged", "held", "quarantine"], ...] = (
    "drop",
    "work",
    "cleared",
    "flagged",
    "held",
    "quarantine",
)
_EVERY_SECONDS, _WITHIN_SECONDS = 5.0, 2.0
# Starting a process costs something, and on a busy machine some time.
_START_EVERY_SECONDS, _START_WITHIN_SECONDS = 60.0, 30.0
_FEWEST_INODES = 1000
_STALLED_SECONDS = 60.0
# The canary is daily; two hours for a long queue.
_CANARY_SECONDS = 26 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Whether one part is fit, and what there is to say about it."""

    ok: bool
    told: str


class Asking(Generic[Answer]):
    """One question, asked in a thread of its own, at most every so many seconds; who wants the answer never hangs.

    `within`: seconds after which a question that is not answered counts as hung. It is not asked a second time then.
    """

    def __init__(
        self, ask: Callable[[], Answer], *, every: float = _EVERY_SECONDS, within: float = _WITHIN_SECONDS
    ) -> None:
        self._ask = ask
        self._every = every
        self._within = within
        self._changed = threading.Condition()
        self._answer: Answer | None = None
        self._answered_at = -float("inf")
        self._asked_at: float | None = None

    def begin(self) -> None:
        """Ask, unless the answer is young or still awaited."""
        with self._changed:
            now = time.monotonic()
            if self._asked_at is None and now - self._answered_at >= self._every:
                self._asked_at = now
                threading.Thread(target=self._run, name="asking", daemon=True).start()

    def answer(self, *, until: float) -> Answer | None:
        """The newest answer; None when it hangs, failed, or there is none until that moment of the monotonic clock.

        One that is old is given only while a new one, asked for and not hanging, has not come until then.
        """
        self.begin()
        with self._changed:
            if self._answer is None or time.monotonic() - self._answered_at >= self._every:
                self._changed.wait_for(lambda: self._asked_at is None, timeout=max(0.0, until - time.monotonic()))
            hangs = self._asked_at is not None and time.monotonic() - self._asked_at >= self._within
            return None if hangs else self._answer

    def _run(self) -> None:
        answer: Answer | None = None
        try:
            answer = self._ask()
        finally:
            with self._changed:
                self._answer, self._answered_at, self._asked_at = answer, time.monotonic(), None
                self._changed.notify_all()


class Pulse:
    """The main loop's: it beats at every turn."""

    def __init__(self) -> None:
        self._at = self._began = time.monotonic()

    def beat(self) -> None:
        """The loop has come round."""
        self._at = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the last beat."""
        return time.monotonic() - self._at

    @property
    def age(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._began


class Health:
    """What `/live` and `/ready` say of this server.

    `engine_runs` must not wait. `every`: seconds before a part is asked again.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        pulse: Pulse,
        *,
        engine_runs: Callable[[], bool],
        every: float = _EVERY_SECONDS,
    ) -> None:
        self._pulse = pulse
        self._stalled_seconds = max(_STALLED_SECONDS, 3 * settings.watching.sweep_seconds)
        self._parts: dict[str, Asking[Fit]] = {
            "database": Asking(lambda: _database(settings), every=every),
            "register": Asking(lambda: _register(settings), every=every),
            "engine": Asking(lambda: _engine(engine_runs), every=every),
            "examining": Asking(lambda: _examining(settings), every=_START_EVERY_SECONDS, within=_START_WITHIN_SECONDS),
            **{f"{name}/": Asking(_asked_room(settings, folder), every=every) for name, folder in _folders(settings)},
        }
        if settings.canary.on:
            self._parts["canary"] = Asking(lambda: _canary(store, pulse.age), every=every)
        if settings.report.on:
            self._parts["report"] = Asking(lambda: _report(settings, store), every=every)

    def live(self) -> Fit:
        """Whether the main loop turns. It may sweep seldom, by its settings."""
        seconds = self._pulse.seconds
        return Fit(ok=seconds <= self._stalled_seconds, told=f"the main loop last turned {seconds:.1f} s ago")

    def ready(self) -> Mapping[str, Fit]:
        """How each part is. Answered within two seconds, whatever hangs."""
        for part in self._parts.values():
            part.begin()
        until = time.monotonic() + _WITHIN_SECONDS
        return {"loop": self.live(), **{name: _fit(part, until) for name, part in self._parts.items()}}


def _fit(part: Asking[Fit], until: float) -> Fit:
    return part.answer(until=until) or Fit(ok=False, told="no answer")


def _told(ask: Callable[[], str]) -> Fit:
    try:
        return Fit(ok=True, told=ask())
    except (ScannerError, OSError) as error:
        return Fit(ok=False, told=str(error))


def _database(settings: Settings) -> Fit:
    """On a connection of its own: one that is open goes on working on a file that has been taken away."""

    def ask() -> str:
        with Store.open(settings.store_url, patience=_WITHIN_SECONDS, make=False) as store:
            store.status.clock()
        return "answers"

    return _told(ask)


def _register(settings: Settings) -> Fit:
    def ask() -> str:
        with Store.open(settings.store_url, patience=_WITHIN_SECONDS, make=False) as store:
            state = store.register_state(store.status.clock())
        return f"version {state.version}, {state.records} records, {state.approvals} approvals"

    return _told(ask)


def _engine(runs: Callable[[], bool]) -> Fit:
    return Fit(ok=True, told="runs") if runs() else Fit(ok=False, told="does not run")


def _examining(settings: Settings) -> Fit:
    """In a pool of its own: those of the daemon may all be busy for hours."""

    def ask() -> str:
        with ExaminerPool(settings.examining, processes=1) as pool:
            pool.rights()
        return "an examining process starts"

    return _told(ask)


def _canary(store: Store, since_start: float) -> Fit:
    """A server that has just started waits for the next one."""
    try:
        last = last_canary(store)
        at = passed_at(store)
        age = since_start if at is None else (store.status.clock() - at).total_seconds()
    except ScannerError as error:
        return Fit(ok=False, told=str(error))
    if last is not None and last.state is CanaryState.FAILED:
        return Fit(ok=False, told=f"failed: {last.told}")
    told = "has not come through yet" if at is None else f"came through {age / 3600:.1f} h ago"
    return Fit(ok=age <= _CANARY_SECONDS, told=told)


def _report(settings: Settings, store: Store) -> Fit:
    """Told, and never a reason to take no deliveries."""
    try:
        late = overdue(settings.report, store, store.status.clock())
        last = store.mails.newest(finished=True)
    except ScannerError as error:
        return Fit(ok=True, told=str(error))
    went_out = f"the last went out for {last.report_id}" if last else "none has gone out yet"
    return Fit(ok=True, told=f"OVERDUE: {late[0].report_id}: {late[1]}; {went_out}" if late else went_out)


def last_canary(store: Store) -> CanaryRun | None:
    """The run of the canary that came to an end last."""
    ended = [run for run in store.canaries.runs() if run.ended_at is not None]
    return max(ended, key=lambda run: run.ended_at or run.begun_at, default=None)


def passed_at(store: Store) -> datetime | None:
    """When the canary last came through: blocked, and restored."""
    runs = store.canaries.runs()
    return max((run.ended_at for run in runs if run.state is CanaryState.PASSED and run.ended_at), default=None)


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    """The folders that deliveries go through, and those of the doors."""
    for name in FOLDERS:
        yield name, settings.folder(name)
    for door in settings.doors:
        yield f"drop/{door.folder}", settings.folder("drop") / door.folder


def _asked_room(settings: Settings, folder: Path) -> Callable[[], Fit]:
    reserve = settings.serving.reserve_megabytes * 1_000_000
    return lambda: room(folder, reserve)


def room(folder: Path, reserve: int) -> Fit:
    """Whether a folder is there, can be written to, and has more than so many bytes, and some inodes, to spare."""
    if not folder.is_dir():
        return Fit(ok=False, told=f"{folder} is not there")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Fit(ok=False, told=f"{folder} cannot be written to")
    try:
        space = os.statvfs(folder)
    except OSError as error:
        return Fit(ok=False, told=f"{folder}: {error.strerror}")
    free = space.f_bavail * space.f_frsize
    told = f"{free // 1_000_000} MB free"
    # File systems that make inodes as they need them tell of none at all.
    if space.f_files and space.f_favail < _FEWEST_INODES:
        return Fit(ok=False, told=f"{told}, but only {space.f_favail} inodes")
    return Fit(ok=free > reserve, told=told)
