"""How many deliveries are where, for Prometheus: computed from the database and the bench when somebody asks.

Every server of a studio tells the same numbers, but for the counters of `measures`.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from scanner.errors import ScannerError
from scanner.health import Asking, passed_at
from scanner.intake.bench import on_bench
from scanner.model import Outcome, ServerState, Stage
from scanner.store import Store
from scanner.store.status import Counts

_EVERY_SECONDS, _WITHIN_SECONDS = 2.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """`queue`: when each delivery that is not carried out was received, by its id."""

    counts: Counts
    queue: dict[str, datetime]
    canary_at: datetime | None
    report_at: datetime | None
    unsent_mails: int


class Gauges(Collector):
    """The gauges of one studio. Without an answer from its database or its bench there is only `scanner_store_up 0`."""

    def __init__(self, store: Store, work: Path) -> None:
        self._standing = Asking(lambda: _standing(store, work), every=_EVERY_SECONDS, within=_WITHIN_SECONDS)

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked for only to learn names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The gauges as they stand, in two seconds or less."""
        standing = self._standing.answer(until=time.monotonic() + _WITHIN_SECONDS)
        up = isinstance(standing, _Standing)
        yield _gauge("scanner_store_up", "Whether the database and the bench could be asked", 1.0 if up else 0.0)
        if isinstance(standing, _Standing):
            yield from _of_deliveries(standing)
            yield from _of_studio(standing.counts)
            if standing.canary_at is not None:
                age = _seconds(standing.counts.now, standing.canary_at)
                yield _gauge("scanner_canary_age_seconds", "Since the canary last came through", age)
            if standing.report_at is not None:
                age = _seconds(standing.counts.now, standing.report_at)
                yield _gauge("scanner_report_age_seconds", "Since everybody last had the night's report", age)
            yield _gauge("scanner_unsent_mails", "Mails that have not been received", standing.unsent_mails)


def _standing(store: Store, work: Path) -> _Standing | str:
    """The database does not know yet what has only just been taken; the bench does."""
    try:
        queue = {e.folder.name: e.receipt.received_at for e in on_bench(work) if e.receipt and e.payload}
        queue |= {each.delivery_id: each.received_at for each in store.status.under_way()}
        report = store.mails.newest(finished=True)
        return _Standing(
            counts=store.status.counts(),
            queue=queue,
            canary_at=passed_at(store),
            report_at=report.finished_at if report else None,
            unsent_mails=store.mails.unsent(),
        )
    except ScannerError as error:
        return str(error)


def _of_deliveries(standing: _Standing) -> Iterator[Metric]:
    counts, queue = standing.counts, standing.queue
    stages = {stage.value: counts.stages.get(stage, 0) for stage in Stage}
    yield _labelled("scanner_deliveries", "Deliveries by stage", "stage", stages)
    yield _gauge("scanner_queue_depth", "Deliveries taken and not carried out", len(queue))
    oldest = _seconds(counts.now, min(queue.values(), default=None))
    yield _gauge("scanner_queue_oldest_seconds", "Since the oldest of them was taken; 0 for none", oldest)
    blocked = {outcome.label: counts.blocked.get(outcome, 0) for outcome in Outcome}
    yield _labelled(
        "scanner_blocked", "Deliveries held or in quarantine, not ruled on, by their latest verdict", "outcome", blocked
    )
    since = _seconds(counts.now, counts.blocked_since)
    yield _gauge("scanner_oldest_blocked_seconds", "Since the oldest of them was judged; 0 for none", since)
    words = "Deliveries held or in quarantine by the codes of their findings; one may have several"
    reasons = GaugeMetricFamily("scanner_blocked_reasons", words, labels=("outcome", "code"))
    for (outcome, code), number in sorted(counts.reasons.items()):
        reasons.add_metric((Outcome(outcome).label, code.value), number)
    yield reasons


def _of_studio(counts: Counts) -> Iterator[Metric]:
    servers = {state.value: counts.servers.get(state, 0) for state in ServerState}
    yield _labelled("scanner_servers", "Servers that live, and those that ended within a day", "state", servers)
    yield _gauge("scanner_audit_entries", "Entries of the audit log", counts.audit_entries)
    yield _gauge("scanner_open_recalls", "Recalls that nobody has closed", counts.open_recalls)
    yield _gauge("scanner_unsent_messages", "Messages in the outbox that have not been sent", counts.unsent)


def _seconds(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _labelled(name: str, words: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=(label,))
    for value, number in values.items():
        family.add_metric((value,), number)
    return family
