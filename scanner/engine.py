"""The durable engine: DBOS runs each delivery as one workflow whose id is the delivery's key. Only this file knows it.

A workflow that was killed goes on from its last finished step at the next start; a step may run twice, and every step
is harmless to repeat. One that ended in an error is begun anew (`~2`, `~3` …), each time after a longer pause: its
delivery lies on the bench until then.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import TypeVar

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    EnqueueOptions,
    SetEnqueueOptions,
    SetWorkflowID,
    _workflow_commands,
    error,
)

from scanner import judging_again, logs, looking_back, measures, pipeline
from scanner.errors import ScannerError, StoreUnavailableError
from scanner.model import Priority
from scanner.settings import Settings
from scanner.store.engine import check, translated
from scanner.studio import Studio

Result = TypeVar("Result")
_log = logging.getLogger("scanner")

_QUEUE, _RANGES, _AGAIN = "deliveries", "ranges", "again"
_DATABASE = "the engine's database"
_NAME = "delivery"
_RANK = {Priority.URGENT: 1, Priority.NORMAL: 100, Priority.LOW: 10_000}
# Recovery passes over workflows of another application version; ours change in the store's schema, not here.
_APPLICATION_VERSION = "1"
_OFTEN_SECONDS, _POLL_SECONDS, _SLOW_SECONDS, _SELDOM_SECONDS = 0.1, 1.0, 5.0, 60.0
_FAILED = frozenset({"ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_ENDED = _FAILED | {"SUCCESS"}
_TRIES_OF_A_STEP, _TRIES_OF_A_RANGE = 3, 10
# A new beginning reads every byte again: not too often, and yet soon after somebody has made room on the disk.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 15.0, 600.0

_open: list[Studio] = []
# Shut while people have paused the queue: what has not been begun waits at it.
_gate, _stopping = threading.Event(), threading.Event()
_gate.set()
# The workflows that this process is at work on.
_running: set[str] = set()


@DBOS.workflow(name=_NAME)
def _delivery(delivery_id: str) -> None:
    """Handle a delivery. What stops it is told, and ends this attempt: the delivery lies on the bench for another."""
    with _at_work(delivery_id):
        _gate.wait()
        if _stopping.is_set():
            return
        try:
            pipeline.handle(_open[0], delivery_id, run=_durably, spread=_spread)
            # What was approved or registered meanwhile counts.
            judging_again.judge_again(_open[0], delivery_id, run=_durably)
        except error.DBOSMaxStepRetriesExceeded as failed:
            told = {"step": failed.step_name, "why": str(failed.errors[-1])}
            _log.error("failed", extra={"delivery": delivery_id, **told})


@contextmanager
def _at_work(delivery_id: str | None = None) -> Iterator[None]:
    """This process is at work on the workflow; what is logged meanwhile is about its delivery."""
    workflow_id = str(DBOS.workflow_id)
    _running.add(workflow_id)
    try:
        with logs.about(delivery_id) if delivery_id is not None else nullcontext():
            yield
    finally:
        _running.discard(workflow_id)


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
        _measured,
        name,
        step,
        *arguments,
    )


def _measured(name: str, step: Callable[..., Result], *arguments: object) -> Result:
    """The step of a delivery, counted, and with its id on every line that it logs."""
    delivery_id = str(arguments[1])
    with logs.about(delivery_id), measures.step(delivery_id, name):
        return step(*arguments)


def _spread(delivery_id: str, pieces: Sequence[tuple[int, int]]) -> None:
    """Put pieces into a queue of their own, and wait for all. One that fails is left to the examination itself."""
    begun = []
    for position, number in pieces:
        with SetWorkflowID(f"{DBOS.workflow_id}/{position}.{number}"):
            begun.append(DBOS.enqueue_workflow(_RANGES, _range, delivery_id, position, number))
    for handle in begun:
        try:
            handle.get_result(polling_interval_sec=_POLL_SECONDS)
        except (ScannerError, error.DBOSException) as failed:
            _log.warning("range not read", extra={"why": str(failed)})


@DBOS.workflow(name="range", max_recovery_attempts=_TRIES_OF_A_RANGE)
def _range(delivery_id: str, position: int, number: int) -> None:
    """Read one range of a film, on whichever server has room."""
    with _at_work(delivery_id):
        DBOS.run_step({"name": "range"}, pipeline.read_range, _open[0], delivery_id, position, number)


@DBOS.workflow(name="again")
def _again(delivery_id: str) -> None:
    """Judge a delivery again that is kept back."""
    with _at_work(delivery_id):
        judging_again.judge_again(_open[0], delivery_id, run=_durably)


@DBOS.workflow(name="look back")
def _look_back() -> None:
    """Search what went on before for what is new."""
    with _at_work():
        DBOS.run_step({"name": "look back"}, lambda: looking_back.recall_now(_open[0]))


class Engine:
    """Runs deliveries durably, several at once. One a process; `instance` names this start of it among the servers."""

    def __init__(self, studio: Studio, *, instance: str) -> None:
        self._studio = studio
        self._instance = instance
        self._attempts: dict[str, int] = {}
        self._ended: dict[str, float] = {}
        self._dropped: frozenset[str] = frozenset()
        self._runs = False

    @property
    def is_paused(self) -> bool:
        """Whether nothing new is begun."""
        return not _gate.is_set()

    def pause(self, *, on: bool) -> None:
        """Begin nothing new; what is under way goes on to its end."""
        if on:
            _gate.clear()
        else:
            _gate.set()

    def start(self) -> None:
        """Launch the engine. Raises StoreUnavailableError."""
        _check_database(self._studio.settings)
        logging.getLogger("dbos").setLevel(logging.ERROR)
        _open[:] = [self._studio]
        _stopping.clear()
        config: DBOSConfig = {
            "name": "scanner",
            "system_database_url": _system_database(self._studio.settings),
            "application_version": _APPLICATION_VERSION,
            "executor_id": self._instance,
            "log_level": "ERROR",
            "enable_otlp": False,
            # How notices are looked for is left as it is: with SQLite a stop waits until that look has ended.
        }
        engine = DBOS(config=config)
        # Looking costs: nothing of ours is in the engine's own queue, and what is delayed may wait some seconds more.
        engine._registry.get_internal_queue()._polling_interval_sec = _SELDOM_SECONDS
        _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = _SLOW_SECONDS
        DBOS.launch()
        settings = self._studio.settings
        DBOS.register_queue(
            _QUEUE,
            worker_concurrency=settings.watching.deliveries_at_once,
            global_concurrency=_in_all(settings),
            polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )
        DBOS.register_queue(
            _RANGES,
            worker_concurrency=settings.examining.processes,
            polling_interval_sec=_SLOW_SECONDS,
            on_conflict="always_update",
        )
        DBOS.register_queue(
            _AGAIN, worker_concurrency=1, polling_interval_sec=_SLOW_SECONDS, on_conflict="always_update"
        )
        self._runs = True

    def look_often(self, *, on: bool) -> None:
        """Look for the next delivery often, while there are some; seldom when there are none: that costs little.

        All servers that share the queue do as the last one said. Raises StoreUnavailableError.
        """
        with translated(_DATABASE):
            for name, often, seldom in (
                (_QUEUE, _OFTEN_SECONDS, _POLL_SECONDS),
                (_RANGES, _POLL_SECONDS, _SLOW_SECONDS),
            ):
                seconds = often if on else seldom
                queue = DBOS.retrieve_queue(name)
                if queue is not None and queue.polling_interval_sec != seconds:
                    queue.set_polling_interval_sec(seconds)

    @property
    def runs(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._runs

    def recover(self, living: Collection[str]) -> None:
        """Go on with workflows of instances that are not among the living. Harmless to repeat, for several too.

        Also with those of this instance that nothing here is at work on, at the second look that shows it so: the
        database was out of reach when their end was to be written down.
        """
        with translated(_DATABASE):
            pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
            ours = {each.workflow_id: each.queue_name for each in pending if each.executor_id == self._instance}
            dropped, before = frozenset(ours.keys() - _running), self._dropped
            self._dropped = dropped - before
            for workflow_id in sorted(dropped & before):
                DBOS.resume_workflow(workflow_id, queue_name=ours[workflow_id] or _QUEUE)
                _log.info("recovered", extra={"workflow": workflow_id})
            gone = sorted({str(status.executor_id) for status in pending} - set(living))
            if gone:
                DBOS._recover_pending_workflows(gone)
                _log.info("recovered", extra={"instances": gone})

    def submit(self, delivery_id: str, priority: Priority | None) -> bool:
        """See to it that a delivery on the bench is being handled. False if it is already; harmless to repeat.

        False, too, while a pause is kept after an attempt that failed.
        """
        with translated(_DATABASE):
            return self._submitted(delivery_id, priority or Priority.NORMAL)

    def _submitted(self, delivery_id: str, priority: Priority) -> bool:
        attempt = self._attempts.get(delivery_id, 1)
        while status := DBOS.get_workflow_status(_workflow_id(delivery_id, attempt)):
            if status.status not in _ENDED:
                return False
            attempt += 1
        first_look = delivery_id not in self._attempts
        if self._attempts.get(delivery_id) != attempt:
            self._attempts[delivery_id] = attempt
            self._ended[delivery_id] = time.monotonic()
        pause = min(_PAUSE_SECONDS * 2 ** min(attempt - 1, 10), _LONGEST_PAUSE_SECONDS)
        if not first_look and time.monotonic() < self._ended[delivery_id] + pause:
            return False
        with SetWorkflowID(_workflow_id(delivery_id, attempt)), SetEnqueueOptions(priority=_RANK[priority]):
            DBOS.enqueue_workflow(_QUEUE, _delivery, delivery_id)
        return True

    def judge_again(self, delivery_id: str, standing: str, *, retry: bool) -> bool:
        """Have a delivery that is kept back judged again, once for each standing; with `retry`, where that failed."""
        return self._once(f"again-{delivery_id}-{standing}", _again, delivery_id, retry=retry)

    def look_back(self, standing: str, *, retry: bool) -> bool:
        """Have what went on before searched for what is new, once for each standing."""
        return self._once(f"look-back-{standing}", _look_back, retry=retry)

    def _once(self, key: str, workflow: Callable[..., None], *arguments: str, retry: bool) -> bool:
        with translated(_DATABASE):
            attempt = 1
            while status := DBOS.get_workflow_status(_workflow_id(key, attempt)):
                if not retry or status.status not in _FAILED:
                    return False
                attempt += 1
            with SetWorkflowID(_workflow_id(key, attempt)):
                DBOS.enqueue_workflow(_AGAIN, workflow, *arguments)
            return True

    def stop(self, seconds: float) -> None:
        """Take no more work and give what is under way so long to reach its end; the rest goes on at the next start."""
        self._runs = False
        # What is cut off now is no error, and goes on later.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        _stopping.set()
        _gate.set()
        DBOS.destroy(workflow_completion_timeout_sec=max(1, round(seconds)))
        _open.clear()


def hurry(settings: Settings, delivery_id: str, priority: Priority) -> bool:
    """Give a delivery that waits in the queue another priority. False if it does not wait.

    Raises StoreUnavailableError. It leaves the queue and enters it anew: begun in that moment, it goes on from its last
    finished step.
    """
    _check_database(settings)
    with translated(_DATABASE), closing(_Client(system_database_url=_system_database(settings))) as client:
        attempt = 1
        while client.list_workflows(workflow_ids=[_workflow_id(delivery_id, attempt + 1)], load_input=False):
            attempt += 1
        waiting = client.list_workflows(workflow_ids=[_workflow_id(delivery_id, attempt)], load_input=False)
        if not waiting or waiting[0].status != "ENQUEUED":
            return False
        client.cancel_workflow(_workflow_id(delivery_id, attempt))
        options: EnqueueOptions = {
            "workflow_name": _NAME,
            "queue_name": _QUEUE,
            "workflow_id": _workflow_id(delivery_id, attempt + 1),
            "app_version": _APPLICATION_VERSION,
            "priority": _RANK[priority],
        }
        client.enqueue(options, delivery_id)
    return True


class _Client(DBOSClient):
    """A client that can be closed as everything else can."""

    def close(self) -> None:
        self.destroy()


def _workflow_id(delivery_id: str, attempt: int) -> str:
    return delivery_id if attempt == 1 else f"{delivery_id}~{attempt}"


def _in_all(settings: Settings) -> int | None:
    """How many on all servers together; never fewer than one server may, which the engine refuses."""
    limit = settings.queue.at_once_in_all
    return max(limit, settings.watching.deliveries_at_once) if limit else None


def _check_database(settings: Settings) -> None:
    url = _system_database(settings)
    if not url.startswith("sqlite"):
        return  # it is the store's own, which is open
    try:
        check(url)
    except StoreUnavailableError as failed:
        msg = f"{failed}. If it is damaged, move it away: it is made anew, and what lies on the bench is begun again."
        raise StoreUnavailableError(msg) from failed


def _system_database(settings: Settings) -> str:
    """Beside a SQLite store, a SQLite file of the engine's own; in PostgreSQL, a schema of its own."""
    url = settings.store_url
    if url.startswith("sqlite"):
        return f"sqlite:///{settings.home / 'engine.db'}"
    _, _, where = url.partition("://")
    return f"postgresql+psycopg://{where}"
