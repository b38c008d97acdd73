"""The durable engine: DBOS runs each delivery as one workflow whose id is the delivery's key. Only this file knows it.

A workflow that was killed goes on from its last finished step at the next start; a step may run twice, and every step
is harmless to repeat. One that ended in an error is begun anew (`~2`, `~3` …), each time after a longer pause: its
delivery lies on the bench until then.
"""

import logging
import socket
import time
from collections.abc import Callable
from typing import TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID, error

from scanner import pipeline
from scanner.errors import ScannerError, StoreUnavailableError
from scanner.store.engine import check
from scanner.studio import Studio

Result = TypeVar("Result")
_log = logging.getLogger("scanner")

_QUEUE = "deliveries"
# Recovery passes over workflows of another application version; ours change in the store's schema, not here.
_APPLICATION_VERSION = "1"
_POLL_SECONDS = 0.5
_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_TRIES_OF_A_STEP = 3
# A new beginning reads every byte again: not too often, and yet soon after somebody has made room on the disk.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 15.0, 600.0

_open: list[Studio] = []


@DBOS.workflow(name="delivery")
def _delivery(delivery_id: str) -> None:
    """Handle a delivery. What stops it is told, and ends this attempt: the delivery lies on the bench for another."""
    try:
        pipeline.handle(_open[0], delivery_id, run=_durably)
    except error.DBOSMaxStepRetriesExceeded as failed:
        _log.error("failed", extra={"delivery": delivery_id, "step": failed.step_name, "why": str(failed.errors[-1])})


def _durably(name: str, step: Callable[..., Result], *arguments: object) -> Result:
    return DBOS.run_step(
        {
            "name": name,
            "retries_allowed": True,
            "max_attempts": _TRIES_OF_A_STEP,
            "interval_seconds": 1.0,
            "backoff_rate": 3.0,
            "should_retry": lambda error: isinstance(error, ScannerError),
        },
        step,
        *arguments,
    )


class Engine:
    """Runs deliveries durably, several at once. One a process."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._attempts: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def start(self) -> None:
        """Launch the engine; workflows that a crash cut off go on from here. Raises StoreUnavailableError."""
        _check_database(self._studio)
        logging.getLogger("dbos").setLevel(logging.ERROR)
        _open[:] = [self._studio]
        config: DBOSConfig = {
            "name": "scanner",
            "system_database_url": _system_database(self._studio),
            "application_version": _APPLICATION_VERSION,
            "executor_id": _executor(self._studio),
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        DBOS(config=config)
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE,
            worker_concurrency=self._studio.settings.watching.deliveries_at_once,
            polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )

    def submit(self, delivery_id: str) -> bool:
        """See to it that a delivery on the bench is being handled. False if it is already; harmless to repeat.

        False, too, while a pause is kept after an attempt that failed.
        """
        attempt = self._attempts.get(delivery_id, 1)
        while status := DBOS.get_workflow_status(_workflow_id(delivery_id, attempt)):
            if status.status not in _ENDED:
                return False
            attempt += 1
        self._attempts[delivery_id] = attempt
        if time.monotonic() < self._not_before.get(delivery_id, 0.0):
            return False
        self._not_before[delivery_id] = time.monotonic() + min(_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        with SetWorkflowID(_workflow_id(delivery_id, attempt)):
            DBOS.enqueue_workflow(_QUEUE, _delivery, delivery_id)
        return True

    def stop(self, seconds: float) -> None:
        """Take no more work and give what is under way so long to reach its end; the rest goes on at the next start."""
        # What is cut off now is no error, and goes on later.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS.destroy(workflow_completion_timeout_sec=max(1, round(seconds)))
        _open.clear()


def _workflow_id(delivery_id: str, attempt: int) -> str:
    return delivery_id if attempt == 1 else f"{delivery_id}~{attempt}"


def _executor(studio: Studio) -> str:
    """Whose cut-off workflows go on at our start. Beside a SQLite store all are ours, whatever our name was."""
    return "studio" if studio.settings.store_url.startswith("sqlite") else socket.gethostname()


def _check_database(studio: Studio) -> None:
    url = _system_database(studio)
    if not url.startswith("sqlite"):
        return  # it is the store's own, which is open
    try:
        check(url)
    except StoreUnavailableError as error:
        msg = f"{error}. If it is damaged, move it away: it is made anew, and what lies on the bench is begun again."
        raise StoreUnavailableError(msg) from error


def _system_database(studio: Studio) -> str:
    """Beside a SQLite store, a SQLite file of the engine's own; in PostgreSQL, a schema of its own."""
    url = studio.settings.store_url
    if url.startswith("sqlite"):
        return f"sqlite:///{studio.settings.home / 'engine.db'}"
    _, _, where = url.partition("://")
    return f"postgresql+psycopg://{where}"
