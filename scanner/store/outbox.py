"""What is still to be told to the outside. A message is written in the transaction of what it tells of.

So nothing is told that did not happen, and nothing that happened stays untold. A message is sent at least once: who
receives it knows it by its id. Nothing is deleted. Times are the database's.
"""

import hashlib
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from scanner.errors import UnknownIdError
from scanner.model import Backlog, DeliveryRecord, Event, Message, Outcome, Recall, Stage, Subscription
from scanner.report.telling_json import Data, body, delivery_data, recall_data
from scanner.store.canaries import is_canary
from scanner.store.delivery_records import delivery
from scanner.store.engine import Database
from scanner.store.server_tables import audit, outbox
from scanner.store.servers import now_of
from scanner.store.tables import verdicts

MOST_TRIES = 84
"""One second, two, four … an hour, an hour …: three days. Then it is given up, and a person must ask for it again."""

_LONGEST_PAUSE = 3600.0
_DIGITS = 32
_TOLD: Mapping[Outcome, Event] = {
    Outcome.PASS: Event.CLEARED,
    Outcome.FLAG: Event.FLAGGED,
    Outcome.HOLD: Event.HELD,
    Outcome.QUARANTINE: Event.QUARANTINED,
}
_OFF_THE_BENCH = (Stage.CARRIED_OUT, Stage.JUDGED_AGAIN, Stage.RULED)


def message_id(event: str, occasion: str, target: str) -> str:
    """The same event, occasion and target always give the same id."""
    words = "\0".join((event, occasion, target)).encode("utf-8", "surrogatepass")
    return f"msg_{hashlib.sha256(words).hexdigest()[:_DIGITS]}"


def add(connection: Connection, message: Message) -> bool:
    """Write a message down, due at once; False, and nothing, if it is there already."""
    known = select(outbox.c.message_id).where(outbox.c.message_id == message.message_id)
    if connection.execute(known).one_or_none() is not None:
        return False
    values = {name: getattr(message, name) for name in ("message_id", "event", "delivery_id", "target", "body")}
    at = message.created_at
    connection.execute(insert(outbox).values(**values, created_at=at, next_at=at, tries=0))
    return True


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, and never all at the same moment."""
    seconds = min(2.0 ** (tries - 1), _LONGEST_PAUSE)
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))


class Outbox:
    """The messages of one studio, for those who want to be told. The first five are part of others' transactions."""

    def __init__(self, opened: Database, subscriptions: Sequence[Subscription] = ()) -> None:
        self._database = opened
        self._subscriptions = subscriptions

    def carried_out(self, connection: Connection, delivery_id: str) -> None:
        """A delivery is where its latest verdict takes it."""
        if not self._wanted(*_TOLD.values()):
            return
        record = delivery(connection, delivery_id)
        if record.verdict is not None:
            self._tell(connection, _TOLD[record.verdict.outcome], record, f"{delivery_id}/{_sequence(record)}")

    def rejudged(self, connection: Connection, delivery_id: str) -> None:
        """A verdict was added. Told only of a delivery that had left the bench."""
        if not self._wanted(Event.REJUDGED):
            return
        record = delivery(connection, delivery_id)
        if record.stage in _OFF_THE_BENCH and record.verdicts_before:
            before = (verdicts.c.delivery_id == delivery_id) & (verdicts.c.sequence == record.verdicts_before)
            outcome = connection.execute(select(verdicts.c.outcome).where(before)).scalar_one()
            occasion = f"{delivery_id}/{_sequence(record)}"
            self._tell(connection, Event.REJUDGED, record, occasion, before=outcome)

    def ruled(self, connection: Connection, delivery_id: str) -> None:
        """A person has ruled."""
        if self._wanted(Event.RULED):
            record = delivery(connection, delivery_id)
            occasion = f"{delivery_id}/{_sequence(record)}/{len(record.rulings)}"
            self._tell(connection, Event.RULED, record, occasion)

    def recalled(self, connection: Connection, found: Iterable[Recall]) -> None:
        """Recalls were opened."""
        for each in found if self._wanted(Event.RECALL_OPENED) else ():
            record = delivery(connection, each.delivery_id)
            if not is_canary(connection, record.delivery):
                data = recall_data(each, record, audit=_audit_head(connection))
                self._add(connection, Event.RECALL_OPENED, each.recall_id, data, each.delivery_id)

    def reported(self, connection: Connection, report_id: str, data: Data) -> None:
        """A nightly report has gone out to everybody it was for."""
        if self._wanted(Event.REPORT_SENT):
            self._add(connection, Event.REPORT_SENT, report_id, data)

    def tell(self, event: Event, occasion: str, data: Data, *, delivery_id: str | None = None) -> None:
        """Tell of something else; once, however often it is said for the same `occasion`."""
        if self._wanted(event):
            with self._database.writing() as connection:
                self._add(connection, event, occasion, data, delivery_id)

    def claim(self, target: str, *, lease: timedelta) -> Message | None:
        """The oldest message that is due, for whoever asks first: to others it is due again only after the lease."""
        with self._database.reading() as connection:
            if _due(connection, target) is None:
                return None
        with self._database.writing() as connection:
            row = _due(connection, target)
            if row is None:
                return None
            changed = {"tries": row.tries + 1, "next_at": now_of(connection) + lease}
            _change(connection, row.message_id, **changed)
            return replace(_message(row), **changed)

    def sent(self, message_id: str) -> None:
        """It was received."""
        with self._database.writing() as connection:
            _change(connection, message_id, sent_at=now_of(connection), next_at=None, last_error=None)

    def failed(self, message: Message, why: str) -> bool:
        """It was not received: it is due again after a pause. True when this was the last try."""
        last = message.tries >= MOST_TRIES
        with self._database.writing() as connection:
            again = None if last else now_of(connection) + pause(message.tries)
            _change(connection, message.message_id, next_at=again, last_error=why)
        return last

    def retry(self, ids: Collection[str] = (), *, target: str | None = None) -> int:
        """What waits or was given up is due now, and is tried for another three days; how many. Raises UnknownIdError.

        Without ids, all of them; those that were sent are not sent again unless they are named.
        """
        chosen: list[ColumnElement[bool]] = [outbox.c.message_id.in_(ids) if ids else outbox.c.sent_at.is_(None)]
        if target is not None:
            chosen.append(outbox.c.target == target)
        with self._database.writing() as connection:
            found = set(connection.execute(select(outbox.c.message_id).where(*chosen)).scalars())
            if missing := sorted(set(ids) - found):
                msg = f"no message has the id {missing[0]!r}; list them with: scanner telling list --all"
                raise UnknownIdError(msg)
            values = {"next_at": now_of(connection), "sent_at": None, "tries": 0}
            connection.execute(update(outbox).where(*chosen).values(**values))
        return len(found)

    def messages(self, *, sent: bool = False) -> tuple[Message, ...]:
        """What waits and what was given up, oldest first; with all that was sent, if asked for."""
        conditions = [] if sent else [outbox.c.sent_at.is_(None)]
        asked = select(outbox).where(*conditions).order_by(outbox.c.created_at, outbox.c.message_id)
        with self._database.reading() as connection:
            return tuple(map(_message, connection.execute(asked)))

    def backlog(self) -> tuple[Backlog, ...]:
        """What waits and what was given up, by target."""
        asked = (
            select(
                outbox.c.target,
                func.count(outbox.c.next_at).label("waiting"),
                func.count().label("unsent"),
                func.min(outbox.c.created_at).label("oldest"),
            )
            .where(outbox.c.sent_at.is_(None))
            .group_by(outbox.c.target)
            .order_by(outbox.c.target)
        )
        with self._database.reading() as connection:
            return tuple(
                Backlog(target=row.target, waiting=row.waiting, given_up=row.unsent - row.waiting, oldest=row.oldest)
                for row in connection.execute(asked)
            )

    def _wanted(self, *events: Event) -> bool:
        return any(not each.events.isdisjoint(events) for each in self._subscriptions)

    def _tell(
        self,
        connection: Connection,
        event: Event,
        record: DeliveryRecord,
        occasion: str,
        *,
        before: Outcome | None = None,
    ) -> None:
        """The canary is no delivery: of it only its failing is told."""
        if not is_canary(connection, record.delivery):
            data = delivery_data(record, before=before, audit=_audit_head(connection))
            self._add(connection, event, occasion, data, record.delivery.delivery_id)

    def _add(
        self, connection: Connection, event: Event, occasion: str, data: Data, delivery_id: str | None = None
    ) -> None:
        now = now_of(connection)
        for each in self._subscriptions:
            if event in each.events:
                message = Message(
                    message_id=message_id(event, occasion, each.target),
                    event=event,
                    delivery_id=delivery_id,
                    target=each.target,
                    body=body(event, now, data),
                    created_at=now,
                )
                add(connection, message)


def _sequence(record: DeliveryRecord) -> int:
    return record.verdicts_before + 1


def _audit_head(connection: Connection) -> Data | None:
    """The newest entry of the audit log: whoever is told can later show that the log was not cut."""
    newest = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else {"number": row.number, "digest": row.digest}


def _due(connection: Connection, target: str) -> Row[Any] | None:
    due = (outbox.c.target == target, outbox.c.sent_at.is_(None), outbox.c.next_at <= now_of(connection))
    oldest = select(outbox).where(*due).order_by(outbox.c.created_at, outbox.c.message_id).limit(1)
    return connection.execute(oldest).one_or_none()


def _change(connection: Connection, message_id: str, **values: object) -> None:
    connection.execute(update(outbox).where(outbox.c.message_id == message_id).values(**values))


def _message(row: Row[Any]) -> Message:
    return Message(**row._mapping)
