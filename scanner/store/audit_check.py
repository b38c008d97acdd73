"""Checking the audit log against itself and against the tables that it vouches for, in one transaction."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, exists, func, select, type_coerce
from sqlalchemy.types import NullType

from scanner.model import Outcome
from scanner.model.audit import Entry, Fault, Head, Tampered, Verified, What, Wrong
from scanner.store.audit import entries, entries_of, plain
from scanner.store.audit_chain import Chain, Found, begun_twice, name_of
from scanner.store.audit_entries import IDS_AT_ONCE, RECEIPT, tally
from scanner.store.audit_rows import DELIVERY, OF_DELIVERIES, PAPER, REGISTERED, VERDICT, Kind, digests, pages
from scanner.store.server_tables import audit
from scanner.store.tables import deliveries

_Named: TypeAlias = tuple[str, str]
"""A thing that is vouched for: its kind and its key."""

_TOLD = [What.RECEIVED.value, What.DECIDED.value, What.RULED.value]
_LABELS = {int(outcome): outcome.label for outcome in Outcome}
_RAW = [type_coerce(deliveries.c[name], NullType()).label(name) for name in ("stage", "outcome", "verdicts")]
_STANDS = (deliveries.c.delivery_id, deliveries.c.place, *_RAW)
_PARTS = 3
_STANDING = ("stage", "place")
_REGISTERED = {
    What.RECORD_ADDED,
    What.RECORD_RETIRED,
    What.RECORD_REINSTATED,
    What.APPROVAL_ADDED,
    What.APPROVAL_REVOKED,
    What.PAPER_ADDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vouched:
    """What an entry says of a row."""

    entry: str
    number: int
    delivery_id: str | None
    digest: str


@dataclass(slots=True, kw_only=True)
class _Story:
    """What the entries say of one delivery: how it stands, and by which entry."""

    stands: dict[str, tuple[object, str, int]] = field(default_factory=dict)
    is_received: bool = False

    def take(self, entry: Entry, facts: dict[str, Any]) -> Iterator[Fault]:
        """Go on with the next entry."""
        if entry.what == What.RECEIVED and self.is_received:
            says = f"{name_of(entry)} says that the delivery was received, as was said already"
            yield Fault(wrong=Wrong.REPEATED, says=says, number=entry.number, delivery_id=entry.delivery_id)
        self.is_received |= entry.what == What.RECEIVED
        told: dict[str, object] = {name: facts[name] for name in _STANDING if name in facts}
        if entry.what == What.DECIDED:
            told |= {"outcome": facts.get("outcome"), "verdicts": facts.get("sequence")}
        self.stands |= {name: (value, name_of(entry), entry.number) for name, value in told.items()}

    def compared(self, delivery_id: str, row: Row[Any]) -> Iterator[Fault]:
        """What of this is otherwise in the delivery's row."""
        there = {
            "stage": row.stage,
            "place": plain(row.place),
            "outcome": _LABELS.get(row.outcome),
            "verdicts": row.verdicts,
        }
        for name, (value, entry, number) in self.stands.items():
            if there[name] != value:
                says = f"delivery {delivery_id}: its {name} is {there[name]!r} in the database, {value!r} in {entry}"
                yield Fault(wrong=Wrong.ROW_CHANGED, says=says, number=number, delivery_id=delivery_id)


@dataclass(slots=True, kw_only=True)
class _Unlogged:
    """Things that no entry tells of: what must have been there before the log was begun."""

    lines: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def take(self, kind: str, key: str, digest: str) -> None:
        self.lines[kind].append(f"{key} {digest}")

    def faults(self, before: dict[str, Any]) -> Iterator[Fault]:
        """What the log's first entry does not know of, or knows otherwise."""
        for kind in sorted(self.lines.keys() | before.keys()):
            lines, told = self.lines.get(kind, []), before.get(kind, [0, tally([])[1]])
            if tally(lines) == told:
                continue
            if told[0]:
                says = (
                    f"{told[0]} of kind {kind} stood in the database when the log was begun, and now {len(lines)} have "
                    "no entry: some were changed, removed or put in"
                )
                yield Fault(wrong=Wrong.NOT_LOGGED, says=says)
            else:
                keys = [line.rpartition(" ")[0] for line in sorted(lines)]
                yield from (_not_logged(kind, key) for key in keys)


def _not_logged(kind: str, key: str) -> Fault:
    says = f"no entry tells of {kind} {key}, which is in the database: it was put in, or its entry was removed"
    about = key.rpartition("/")[0] or key if kind in {RECEIPT, "verdict", "ruling", "delivery"} else None
    return Fault(wrong=Wrong.NOT_LOGGED, says=says, delivery_id=about)


def verify(connection: Connection, noted: Head | None) -> Verified | Tampered:
    """Follow the whole log, then compare with it what is in the tables. Memory grows with the register only."""
    chain, found = Chain(noted=noted), Found()
    before: dict[str, Any] = {}
    register: dict[_Named, _Vouched] = {}
    unlogged = _Unlogged()
    for entry in entries(connection):
        found.take((*chain.take(entry), *begun_twice(entry)))
        if isinstance(entry, Entry) and entry.what == What.BEGUN and entry.number == 1:
            before = _before(entry)
        if isinstance(entry, Entry) and entry.what in _REGISTERED:
            facts = _facts(entry)
            found.take((*_ended(register, unlogged, entry, facts), *_vouch(register, entry, facts)))
    found.take(chain.end())
    found.take(_registered(connection, register, unlogged))
    for page in pages(connection, deliveries.c.delivery_id, IDS_AT_ONCE):
        found.take(_delivered(connection, page, unlogged))
    found.take(_strays(connection))
    found.take(unlogged.faults(before))
    return found.result(chain)


def _facts(entry: Entry) -> dict[str, Any]:
    """An entry's facts; none where they cannot be read, which is told of elsewhere."""
    try:
        facts = json.loads(entry.facts)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _before(entry: Entry) -> dict[str, Any]:
    told = _facts(entry).get("before")
    return told if isinstance(told, dict) else {}


def _vouch(vouched: dict[_Named, _Vouched], entry: Entry, facts: dict[str, Any]) -> Iterator[Fault]:
    """Note what an entry vouches for. The latest counts; there may be several of a delivery itself, and of an approval
    that new versions of its paper changed.
    """
    for kind, key, digest in _kept(facts, "kept"):
        known = vouched.get((kind, key))
        may_repeat = kind == DELIVERY.name or (entry.what == What.PAPER_ADDED and kind != PAPER.name)
        if known is not None and not may_repeat:
            says = f"{name_of(entry)} tells of {kind} {key}, as {known.entry} does already"
            yield Fault(wrong=Wrong.REPEATED, says=says, number=entry.number, delivery_id=entry.delivery_id)
        vouched[kind, key] = _Vouched(
            entry=name_of(entry), number=entry.number, delivery_id=entry.delivery_id, digest=digest
        )


def _ended(
    vouched: dict[_Named, _Vouched], unlogged: _Unlogged, entry: Entry, facts: dict[str, Any]
) -> Iterator[Fault]:
    """Take out what an entry says is over: a retirement that was undone. One of before the log stood there then."""
    for kind, key, digest in _kept(facts, "ended"):
        told = vouched.pop((kind, key), None)
        if told is None:
            unlogged.take(kind, key, digest)
        elif told.digest != digest:
            says = f"{kind} {key} was changed in the database before {name_of(entry)} ended it: see {told.entry}"
            yield Fault(wrong=Wrong.ROW_CHANGED, says=says, number=told.number, delivery_id=told.delivery_id)


def _kept(facts: dict[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    kept = facts.get(name)
    for told in kept if isinstance(kept, list) else ():
        if isinstance(told, list) and len(told) == _PARTS and all(isinstance(part, str) for part in told):
            yield told[0], told[1], told[2]


def _registered(connection: Connection, vouched: dict[_Named, _Vouched], unlogged: _Unlogged) -> Iterator[Fault]:
    """Records, approvals and papers against their entries."""
    for ids, kinds in REGISTERED:
        for page in pages(connection, ids, IDS_AT_ONCE):
            for kind in kinds:
                for key, digest in _rows(connection, kind, page).items():
                    yield from _compared(kind, key, digest, vouched.pop((kind.name, key), None), unlogged)
    yield from (_gone(kind, key, told) for (kind, key), told in vouched.items())


def _rows(connection: Connection, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
    return {plain(key): digest for key, digest in digests(connection, kind, ids).items()}


def _compared(kind: Kind, key: str, digest: str, told: _Vouched | None, unlogged: _Unlogged) -> Iterator[Fault]:
    if told is None:
        unlogged.take(kind.name, key, digest)
    elif told.digest != digest:
        says = f"{kind.name} {key} was changed in the database: it is not what {told.entry} tells of"
        yield Fault(wrong=Wrong.ROW_CHANGED, says=says, number=told.number, delivery_id=told.delivery_id)


def _gone(kind: str, key: str, told: _Vouched) -> Fault:
    says = f"{kind} {key} is not in the database any more: {told.entry} tells of it"
    return Fault(wrong=Wrong.ROW_GONE, says=says, number=told.number, delivery_id=told.delivery_id)


def _delivered(connection: Connection, page: Sequence[str], unlogged: _Unlogged) -> Iterator[Fault]:
    """Deliveries against what their entries tell of them."""
    vouched: dict[_Named, _Vouched] = {}
    stories: dict[str, _Story] = defaultdict(_Story)
    for entry in entries_of(connection, page):
        if isinstance(entry, Entry) and entry.delivery_id is not None:
            facts = _facts(entry)
            yield from _vouch(vouched, entry, facts)
            yield from stories[entry.delivery_id].take(entry, facts)
    yield from _rows_of_deliveries(connection, page, vouched, unlogged)
    for row in connection.execute(select(*_STANDS).where(deliveries.c.delivery_id.in_(page))):
        key = plain(row.delivery_id)
        if not stories[key].is_received:
            unlogged.take(RECEIPT, key, "-")
        yield from stories[key].compared(key, row)


def _rows_of_deliveries(
    connection: Connection, page: Sequence[str], vouched: dict[_Named, _Vouched], unlogged: _Unlogged
) -> Iterator[Fault]:
    rows = {kind: _rows(connection, kind, page) for kind in OF_DELIVERIES}
    # What was judged before there was a log: no entry tells of the first verdict.
    judged_before = {key for key in rows[VERDICT] if key.endswith("/1") and (VERDICT.name, key) not in vouched}
    for kind, found in rows.items():
        for key, digest in found.items():
            told = vouched.pop((kind.name, key), None)
            if kind is DELIVERY and f"{key}/1" in judged_before:
                unlogged.take(kind.name, key, digest)
            if kind is not DELIVERY or told is not None:
                yield from _compared(kind, key, digest, told, unlogged)
    yield from (_gone(kind, key, told) for (kind, key), told in vouched.items())


def _strays(connection: Connection) -> Iterator[Fault]:
    """Deliveries that entries tell of and that are in the database no more."""
    there = exists().where(deliveries.c.delivery_id == audit.c.delivery_id)
    first = func.min(audit.c.number).label("number")
    asked = select(audit.c.delivery_id, first).where(audit.c.what.in_(_TOLD), ~there).group_by(audit.c.delivery_id)
    for row in connection.execute(asked):
        says = f"delivery {row.delivery_id} is not in the database any more: entry {row.number} tells of it"
        yield Fault(wrong=Wrong.ROW_GONE, says=says, number=row.number, delivery_id=row.delivery_id)
