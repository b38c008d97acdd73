"""What this process has done since it started, counted for Prometheus, and what it is doing now.

A delivery's name is never a label: names are hostile and without number. Counting costs nothing where nobody asks.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scanner.model import DropClass, Outcome, Verdict
from scanner.store.status import Status

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram

EXAMINE = "examine"
# Seconds, from a still to the longest film.
_BUCKETS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200)


class _Counters:
    """The metrics that this process counts by itself. The library is imported when the first is counted or read."""

    @cached_property
    def registry(self) -> "CollectorRegistry":
        from prometheus_client import CollectorRegistry, ProcessCollector

        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        return registry

    @cached_property
    def verdicts(self) -> "Counter":
        return self._counter("scanner_verdicts", "Verdicts given", "outcome", "drop_class")

    @cached_property
    def findings(self) -> "Counter":
        return self._counter("scanner_findings", "Findings in the verdicts given", "code")

    @cached_property
    def seconds(self) -> "Histogram":
        from prometheus_client import Histogram

        words = "Seconds that the examination of a delivery took"
        return Histogram("scanner_examination_seconds", words, buckets=_BUCKETS, registry=self.registry)

    @cached_property
    def size(self) -> "Counter":
        return self._counter("scanner_examined_bytes", "Bytes of the deliveries examined")

    @cached_property
    def swept(self) -> "Counter":
        return self._counter("scanner_found_only_by_sweep", "Drops that no event of the file system had told of")

    @cached_property
    def taken(self) -> "Counter":
        return self._counter("scanner_taken", "Drops taken onto the bench", "drop_class")

    @cached_property
    def failures(self) -> "Counter":
        return self._counter("scanner_step_failures", "Steps that ended in an error, by step", "step")

    def _counter(self, name: str, words: str, *labels: str) -> "Counter":
        from prometheus_client import Counter

        return Counter(name, words, labels, registry=self.registry)

    def all(self) -> None:
        """Have every metric there, with its zeros, before anything happened."""
        for outcome in Outcome:
            for drop_class in DropClass:
                self.verdicts.labels(outcome.label, drop_class.value)
        for drop_class in DropClass:
            self.taken.labels(drop_class.value)
        _ = self.findings, self.seconds, self.size, self.swept, self.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A step that is being done for a delivery. `seconds`: since when."""

    step: str
    seconds: float


_counters = _Counters()
_making = threading.Lock()
_changing = threading.Lock()
_doing: dict[str, tuple[str, float]] = {}
_told = threading.Event()


def registry() -> "CollectorRegistry":
    """What to expose: all that is counted here."""
    with _making:
        _counters.all()
        return _counters.registry


def judged(verdict: Verdict, drop_class: DropClass) -> None:
    """Count a verdict and its findings."""
    with _making:
        _counters.verdicts.labels(verdict.outcome.label, drop_class.value).inc()
        for finding in verdict.findings:
            _counters.findings.labels(finding.code.value).inc()


def examined(size: int) -> None:
    """Count the bytes of a delivery that has been examined."""
    with _making:
        _counters.size.inc(size)


def took(drop_class: DropClass) -> None:
    """Count a drop that was taken."""
    with _making:
        _counters.taken.labels(drop_class.value).inc()


def found_only_by_sweep(count: int = 1) -> None:
    """Count drops that no event of the file system had told of."""
    with _making:
        _counters.swept.inc(count)


class OnlySwept:
    """Counts what only the sweep of one folder finds: new in a look, and no event came before it nor until the next.

    What is there at the first look counts as told of; an event of anything in the folder counts for all that is new.
    """

    def __init__(self) -> None:
        self._hinted = threading.Event()
        self._known: frozenset[str] | None = None
        self._new: frozenset[str] = frozenset()

    def event(self) -> None:
        """The file system told of something in the folder. Safe from other threads."""
        self._hinted.set()

    def looked(self, names: Iterable[str]) -> None:
        """The folder has been looked at, and holds these."""
        hinted = self._hinted.is_set()
        self._hinted.clear()
        if self._new and not hinted:
            found_only_by_sweep(len(self._new))
        names = frozenset(names)
        self._new = frozenset() if hinted or self._known is None else names - self._known
        self._known = names


@contextmanager
def step(delivery_id: str, name: str) -> Iterator[None]:
    """A step is done in here: it shows in `doing`; its failure is counted, and how long an examination took."""
    begun = time.monotonic()
    with _changing:
        _doing[delivery_id] = (name, begun)
    try:
        yield
    except BaseException:
        with _making:
            _counters.failures.labels(name).inc()
        raise
    else:
        if name == EXAMINE:
            with _making:
                _counters.seconds.observe(time.monotonic() - begun)
    finally:
        with _changing:
            _doing.pop(delivery_id, None)


def tell(status: Status, instance: str, waits: Mapping[str, str]) -> None:
    """Tell the other servers what this one does, and why drops wait, by their paths. Raises StoreUnavailableError.

    Where there is nothing to tell, and was nothing the last time, nothing is written.
    """
    now = {key: (each.step, each.seconds) for key, each in doing().items()}
    anything = bool(now or waits)
    if anything or _told.is_set():
        status.tell(instance, now, waits)
        (_told.set if anything else _told.clear)()


def doing() -> Mapping[str, Doing]:
    """What is being done at this moment, by delivery."""
    now = time.monotonic()
    with _changing:
        return {key: Doing(step=name, seconds=now - begun) for key, (name, begun) in _doing.items()}
