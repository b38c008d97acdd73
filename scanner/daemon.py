"""One server's life: it watches the doors, hands what it takes to the engine, and tells the others that it lives.

Servers that share a studio's database watch each other's heartbeats. Every server counts by its own steady clock how
long another has been silent: wall clocks may differ and jump. A server that was given up while it only slept begins
anew.
"""

import fcntl
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from scanner import actions, measures, notifying
from scanner.chores import Chores
from scanner.engine import Engine
from scanner.errors import ScannerError, SettingsError, StoreUnavailableError
from scanner.health import Health, Pulse
from scanner.model import DRAIN, PAUSE, Server, ServerState
from scanner.store.servers import Sharing
from scanner.studio import Studio
from scanner.taking import Taking
from scanner.watching import Watch, check_folder

_log = logging.getLogger("scanner")
# How often the bench is gone through for deliveries that nobody handles.
_BENCH_SECONDS = 30.0
# A server that has the studio for itself need not tell others that it lives; people's orders are heard as often.
_BEATS_PER_LEASE, _BEATS_ALONE = 5, 2
_WITHOUT_END = 7 * 86_400.0


class GivenUp(Exception):
    """Others have taken this server for dead and go on with its deliveries: it must begin anew."""


class Daemon:
    """Watches one studio's doors until it is told to stop."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        server = studio.settings.server
        self.name = server.name or socket.gethostname()
        self.instance = f"{self.name}-{secrets.token_hex(4)}"
        self._shared = not studio.settings.store_url.startswith("sqlite")
        self._engine = Engine(studio, instance=self.instance)
        self._watch = Watch(studio.settings)
        self._taking = Taking(studio, self._engine, instance=self.instance, shared=self._shared)
        self._silences = Silences(lease_seconds=server.lease_seconds)
        self._stopped = threading.Event()
        self._given_up = threading.Event()
        self._draining = threading.Event()
        self._bench_now = threading.Event()
        self._lock: IO[str] | None = None
        self._pulse = Pulse()
        self.health = Health(studio.settings, studio.kept, self._pulse, engine_runs=lambda: self._engine.runs)
        self._chores = Chores(studio, self._engine, self._watch, self._stopped)
        check_folder(studio.settings.folder("work"))

    def stop(self) -> None:
        """Ask the daemon to end: safe from other threads, not from a signal handler."""
        self._stopped.set()
        self._watch.wake()

    def run(self) -> None:
        """Guard the doors until stopped.

        Raises SettingsError if another daemon guards this studio, GivenUp when this server was taken for dead.
        """
        # Held until the process ends: threads of ours may outlive this call.
        self._lock = _only_one(self._lock_path())
        sharing = self._studio.kept.sharing
        sharing.sign_on(instance=self.instance, name=self.name, host=socket.gethostname(), process=os.getpid())
        self._studio.kept.audit.policy_in_force(self._studio.policy)
        self._follow(sharing)
        beating = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        with self._watch.listening():
            self._finish_moves()
            self._engine.start()
            beating.start()
            folders = [str(doorway.folder) for doorway in self._watch.doors]
            audit = str(self._studio.kept.audit.head())
            _log.info("watching", extra={"doors": folders, "instance": self.instance, "audit": audit})
            self._chores.begin()
            notifying.ready()
            # Who ends what is under way, however long that takes, has not hung.
            with notifying.watchdog(lambda: self._stopped.is_set() or self.health.live().ok):
                try:
                    self._loop()
                finally:
                    self._stopped.set()
                    notifying.stopping()
                    self._engine.stop(self._patience())
        if self._given_up.is_set():
            raise GivenUp
        try:
            sharing.sign_off(self.instance)
        except StoreUnavailableError as error:
            _log.error("no heartbeat", extra={"why": str(error)})
        _log.info("stopped")

    def _finish_moves(self) -> None:
        """Finish or take back moves to other volumes that were cut short when nobody handles what they move."""
        for name in ("held", "quarantine"):
            try:
                for move in actions.unfinished(self._studio.settings.folder(name)):
                    actions.resume(move.source)
            except ScannerError as error:
                _log.error("not finished", extra={"folder": name, "why": str(error)})

    def _lock_path(self) -> Path:
        """One daemon a studio; where several servers share it, one of each name."""
        home = self._studio.settings.home
        return home / (f"scanner.{self.name}.lock" if self._shared else "scanner.lock")

    def _patience(self) -> float:
        """Seconds that what is under way gets to end: none if others go on with it, all it takes when draining."""
        if self._given_up.is_set():
            return 0.0
        return _WITHOUT_END if self._draining.is_set() else self._studio.settings.watching.stop_seconds

    def _loop(self) -> None:
        next_bench = 0.0
        while not self._stopped.is_set():
            self._pulse.beat()
            if time.monotonic() >= next_bench or self._bench_now.is_set():
                self._bench_now.clear()
                self._go_on()
                next_bench = time.monotonic() + _BENCH_SECONDS
            for doorway, settled in self._watch.settled():
                if self._stopped.is_set():
                    return
                self._pulse.beat()
                if not self._engine.is_paused:
                    self._taking.take(doorway, settled)
            self._watch.rest(self._stopped)

    def _go_on(self) -> None:
        """Go on with what lies on the bench, and with what servers that are gone had under way."""
        try:
            servers = self._studio.kept.sharing.servers() if self._shared else ()
            self._engine.recover({self.instance, *(server.instance for server in servers)})
        except ScannerError as error:
            _log.error("not recovered", extra={"why": str(error)})
        # In a pause, too: what waits is in the queue then, and can be put in order.
        self._taking.resume()

    def _beat(self) -> None:
        """Tell the others that this server lives, hear what people ordered, and see who has fallen silent."""
        beats = _BEATS_PER_LEASE if self._shared else _BEATS_ALONE
        pause = self._studio.settings.server.lease_seconds / beats
        while not self._stopped.wait(pause):
            try:
                self._beat_once(self._studio.kept.sharing)
            except StoreUnavailableError as error:
                # Nobody can tell anything now: silence says nothing about the others either.
                self._silences.forget()
                _log.error("no heartbeat", extra={"why": str(error)})

    def _beat_once(self, sharing: Sharing) -> None:
        state = ServerState.DRAINING if self._draining.is_set() else ServerState.RUNNING
        if not sharing.beat(self.instance, state):
            _log.error("given up", extra={"told": "it was silent for too long, and begins anew"})
            self._given_up.set()
            self.stop()
            return
        self._follow(sharing)
        measures.tell(self._studio.kept.status, self.instance, self._watch.waits())
        notifying.status(f"{len(measures.doing())} deliveries under way")
        others = [server for server in sharing.servers() if server.instance != self.instance] if self._shared else []
        for silent in self._silences.seen(others, time.monotonic()):
            if sharing.give_up(silent.instance, silent.seen_at):
                _log.warning("lost", extra={"silent": silent.name, "instance": silent.instance})
            self._bench_now.set()
            self._watch.wake()

    def _follow(self, sharing: Sharing) -> None:
        """Do what people ordered since: pause, go on, drain."""
        drain = f"{DRAIN}{self.instance}"
        orders = sharing.orders(PAUSE, drain)
        paused = PAUSE in orders and orders[PAUSE].value == "on"
        if paused != self._engine.is_paused:
            _log.warning("paused" if paused else "goes on", extra={"by": orders[PAUSE].by, "why": orders[PAUSE].reason})
            self._engine.pause(on=paused)
            self._bench_now.set()
        if drain in orders and not self._draining.is_set():
            _log.warning("draining", extra={"by": orders[drain].by, "why": orders[drain].reason})
            self._draining.set()
            self.stop()


@dataclass(slots=True)
class Silences:
    """How long others have been silent, by this server's steady clock: a heartbeat is any change of what they told."""

    lease_seconds: float
    _since: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    _last_look: float = 0.0

    def seen(self, servers: Iterable[Server], now: float) -> tuple[Server, ...]:
        """Those that told nothing for a whole lease of looks without a gap: who slept cannot tell who was silent."""
        servers = tuple(servers)
        if now - self._last_look > self.lease_seconds / 2:
            self.forget()
        self._last_look = now
        before = self._since
        self._since = {server.instance: (server.seen_at, now) for server in servers}
        for server in servers:
            seen_at, since = before.get(server.instance, (None, now))
            if seen_at == server.seen_at:
                self._since[server.instance] = (server.seen_at, since)
        return tuple(server for server in servers if now - self._since[server.instance][1] >= self.lease_seconds)

    def forget(self) -> None:
        """Begin to count anew."""
        self._since = {}


def _only_one(path: Path) -> IO[str]:
    """Take the server's lock; the system drops it when the process ends, however it ends. Raises SettingsError."""
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
