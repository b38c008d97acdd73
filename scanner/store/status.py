"""What is where at this moment, and who is at it: cheap questions that a monitor may ask every few seconds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from scanner.model import Code, DropClass, Finding, Outcome, Priority, ServerState, Stage
from scanner.store.engine import Database
from scanner.store.server_tables import audit, outbox, servers
from scanner.store.servers import ALIVE, now_of
from scanner.store.tables import deliveries, findings, recalls, verdicts

Fact = TypeVar("Fact")

ON_BENCH = (Stage.RECEIVED, Stage.EXAMINED, Stage.DECIDED)
BLOCKED = (Outcome.HOLD, Outcome.QUARANTINE)
# A server that ended longer ago is history.
_RECENT = timedelta(days=1)
_TOLD_OF_BLOCKED = ("delivery_id", "name", "title", "vendor", "outcome", "place", "stage")
# Of one server; a heartbeat is no place for more.
_MOST_TOLD, _LONGEST_REASON = 64, 300
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many are where. `blocked`: held or in quarantine, by what the latest verdict says; `reasons`: its codes."""

    now: datetime
    stages: Mapping[Stage, int]
    blocked: Mapping[Outcome, int]
    blocked_since: datetime | None
    reasons: Mapping[tuple[Outcome, Code], int]
    servers: Mapping[ServerState, int]
    audit_entries: int
    open_recalls: int
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A delivery that the database knows and that has not been carried out."""

    delivery_id: str
    name: str
    title: str | None
    vendor: str | None
    drop_class: DropClass
    priority: Priority
    stage: Stage
    received_at: datetime
    begun: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedDelivery:
    """A delivery that is held or in quarantine, with the first of its strictest findings."""

    delivery_id: str
    name: str
    title: str | None
    vendor: str | None
    outcome: Outcome
    since: datetime
    place: str | None
    stage: Stage
    worst: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """What a server that lives said it is doing for a delivery, and for how long by now."""

    delivery_id: str
    server: str
    step: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the servers that live said of themselves. `waits`: why drops are not taken, by their paths."""

    at_work: tuple[AtWork, ...]
    waits: Mapping[str, str]


def counts(connection: Connection) -> Counts:
    """How many are where."""
    now = now_of(connection)
    stages = connection.execute(select(deliveries.c.stage, func.count()).group_by(deliveries.c.stage)).all()
    blocked = connection.execute(
        select(deliveries.c.outcome, func.count()).where(_blocked()).group_by(deliveries.c.outcome)
    ).all()
    first = select(func.min(verdicts.c.judged_at)).join(deliveries).where(_blocked(), verdicts.c.sequence == 1)
    latest = and_(findings.c.delivery_id == deliveries.c.delivery_id, findings.c.sequence == deliveries.c.verdicts)
    reasons = connection.execute(
        select(deliveries.c.outcome, findings.c.code, func.count(deliveries.c.delivery_id.distinct()))
        .join(deliveries, latest)
        .where(_blocked())
        .group_by(deliveries.c.outcome, findings.c.code)
    ).all()
    return Counts(
        now=now,
        stages=_counted(stages),
        blocked=_counted(blocked),
        blocked_since=connection.execute(first).scalar_one(),
        reasons={(outcome, code): number for outcome, code, number in reasons},
        servers=_counted(
            connection.execute(
                select(servers.c.state, func.count())
                .where(servers.c.state.in_(ALIVE) | (servers.c.seen_at > now - _RECENT))
                .group_by(servers.c.state)
            ).all()
        ),
        audit_entries=_number(connection, select(func.coalesce(func.max(audit.c.number), 0))),
        open_recalls=_number(connection, select(func.count()).where(recalls.c.closed_at.is_(None))),
        unsent=_number(connection, select(func.count()).where(outbox.c.sent_at.is_(None))),
    )


def _counted(rows: Iterable[Sequence[Any]]) -> dict[Any, int]:
    return {row[0]: row[1] for row in rows}


def _number(connection: Connection, asked: Any) -> int:
    return int(connection.execute(asked).scalar_one())


def _blocked() -> ColumnElement[bool]:
    """Kept back, or about to be: nobody has ruled on it, and what a later verdict says has not been done."""
    strict = deliveries.c.outcome.in_(BLOCKED) & deliveries.c.stage.in_([Stage.DECIDED, Stage.CARRIED_OUT])
    return strict | (deliveries.c.stage == Stage.JUDGED_AGAIN)


def under_way(connection: Connection) -> tuple[UnderWay, ...]:
    """What has not been carried out, the first that came first."""
    names = tuple(UnderWay.__dataclass_fields__)
    asked = (
        select(*(deliveries.c[name] for name in names))
        .where(deliveries.c.stage.in_(ON_BENCH))
        .order_by(deliveries.c.received_at, deliveries.c.delivery_id)
    )
    return tuple(UnderWay(**row._mapping) for row in connection.execute(asked))


def blocked(connection: Connection) -> tuple[BlockedDelivery, ...]:
    """What is held or in quarantine, the one that has waited longest first."""
    latest = and_(
        findings.c.delivery_id == deliveries.c.delivery_id,
        findings.c.sequence == deliveries.c.verdicts,
        findings.c.outcome == deliveries.c.outcome,
    )
    strictest = (
        select(findings.c.delivery_id, func.min(findings.c.position).label("position"))
        .join(deliveries, latest)
        .where(_blocked())
        .group_by(findings.c.delivery_id)
        .subquery()
    )
    found = and_(
        findings.c.delivery_id == deliveries.c.delivery_id,
        findings.c.sequence == deliveries.c.verdicts,
        findings.c.position == strictest.c.position,
    )
    asked = (
        select(*(deliveries.c[name] for name in _TOLD_OF_BLOCKED), verdicts.c.judged_at, findings.c.document)
        .join(verdicts, and_(verdicts.c.delivery_id == deliveries.c.delivery_id, verdicts.c.sequence == 1))
        .outerjoin(strictest, strictest.c.delivery_id == deliveries.c.delivery_id)
        .outerjoin(findings, found)
        .where(_blocked())
        .order_by(verdicts.c.judged_at, deliveries.c.delivery_id)
    )
    return tuple(
        BlockedDelivery(
            delivery_id=row.delivery_id,
            name=row.name,
            title=row.title,
            vendor=row.vendor,
            outcome=row.outcome,
            since=row.judged_at,
            place=row.place,
            stage=row.stage,
            worst=row.document,
        )
        for row in connection.execute(asked)
    )


def tell(
    connection: Connection, instance: str, doing: Mapping[str, tuple[str, float]], waits: Mapping[str, str]
) -> None:
    """Write down what a server is doing, for each delivery the step and for how many seconds, and what waits, why."""
    facts = {
        "doing": {key: {"step": step, "seconds": round(seconds, 1)} for key, (step, seconds) in _some(doing)},
        "waits": {path: why[:_LONGEST_REASON] for path, why in _some(waits)},
    }
    this = servers.c.instance == instance
    connection.execute(update(servers).where(this).values(facts=json.dumps(facts)))


def _some(facts: Mapping[str, Fact]) -> Iterable[tuple[str, Fact]]:
    return islice(facts.items(), _MOST_TOLD)


def told(connection: Connection) -> Told:
    """What the servers that live said of themselves."""
    now = now_of(connection)
    asked = select(servers.c.name, servers.c.seen_at, servers.c.facts).where(servers.c.state.in_(ALIVE))
    at_work: list[AtWork] = []
    waits: dict[str, str] = {}
    for row in connection.execute(asked):
        facts, silent = json.loads(row.facts), max(0.0, (now - row.seen_at).total_seconds())
        waits |= facts.get("waits", {})
        at_work += [
            AtWork(delivery_id=key, server=row.name, step=each["step"], seconds=each["seconds"] + silent)
            for key, each in facts.get("doing", {}).items()
        ]
    return Told(at_work=tuple(at_work), waits=waits)


class Status:
    """Each question in a transaction of its own. Raises StoreUnavailableError."""

    def __init__(self, opened: Database) -> None:
        self._database = opened

    def clock(self) -> datetime:
        """The database's time."""
        with self._database.reading() as connection:
            return now_of(connection)

    def counts(self) -> Counts:
        """As the function of this name."""
        with self._database.reading() as connection:
            return counts(connection)

    def under_way(self) -> tuple[UnderWay, ...]:
        """As the function of this name."""
        with self._database.reading() as connection:
            return under_way(connection)

    def blocked(self) -> tuple[BlockedDelivery, ...]:
        """As the function of this name."""
        with self._database.reading() as connection:
            return blocked(connection)

    def told(self) -> Told:
        """As the function of this name."""
        with self._database.reading() as connection:
            return told(connection)

    def tell(self, instance: str, doing: Mapping[str, tuple[str, float]], waits: Mapping[str, str] = _NOTHING) -> None:
        """As the function of this name."""
        with self._database.writing() as connection:
            tell(connection, instance, doing, waits)
