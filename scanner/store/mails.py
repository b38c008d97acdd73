"""Reports and their mails, as the studio's servers remember them together. A mail is sent at least once.

Who receives one twice knows it by its id. Times are the database's.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from scanner.model import Event, Mail, PaperKind, Person, Report
from scanner.report.telling_json import report_data
from scanner.store import papers
from scanner.store.engine import Database
from scanner.store.mail_tables import mails, reports
from scanner.store.outbox import Outbox
from scanner.store.servers import now_of

MOST_TRIES = 78
"""A quarter of a minute, half, one … an hour, an hour …: three days. Then it is given up until a person says so."""

_FIRST_PAUSE, _LONGEST_PAUSE = 15.0, 3600.0


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, and never all at the same moment."""
    seconds = min(_FIRST_PAUSE * 2.0 ** min(tries - 1, 20), _LONGEST_PAUSE)
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))


class Mails:
    """The reports of one studio and their mails. Raises StoreUnavailableError."""

    def __init__(self, opened: Database, outbox: Outbox) -> None:
        self._database = opened
        self._outbox = outbox

    def write(self, report: Report, written: Sequence[Mail]) -> bool:
        """Write a report down with its mails, due at once; False, and nothing, if it is there already.

        Of servers that write it at once, one is told True. A report without mails is finished.
        """
        with self._database.writing() as connection:
            if _report(connection, report.report_id) is not None:
                return False
            now = now_of(connection)
            connection.execute(insert(reports).values(**_values(replace(report, written_at=now))))
            for mail in written:
                connection.execute(
                    insert(mails).values(
                        **_values(replace(mail, created_at=now, next_at=now if mail.content else None))
                    )
                )
            self._finish(connection, report.report_id, now)
            return True

    def has(self, report_id: str) -> bool:
        """Whether a report has been written."""
        with self._database.reading() as connection:
            return _report(connection, report_id) is not None

    def newest(self, *, finished: bool = False) -> Report | None:
        """The last of the nightly reports: that was written, or that everybody has."""
        asked = select(reports).where(reports.c.due_at.is_not(None))
        if finished:
            asked = asked.where(reports.c.finished_at.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(asked.order_by(reports.c.due_at.desc()).limit(1)).one_or_none()
        return None if row is None else Report(**row._mapping)

    def claim(self, *, lease: timedelta, report_id: str | None = None) -> Mail | None:
        """The oldest mail that is due, for whoever asks first: to others it is due again only after the lease."""
        with self._database.reading() as connection:
            if _due(connection, report_id) is None:
                return None
        with self._database.writing() as connection:
            row = _due(connection, report_id)
            if row is None:
                return None
            changed = {"tries": row.tries + 1, "next_at": now_of(connection) + lease}
            _change(connection, row.mail_id, **changed)
            return replace(_mail(row), **changed)

    def sent(self, mail: Mail) -> None:
        """It was received. Its content is not kept any longer; where it was the last of its report, that is told."""
        with self._database.writing() as connection:
            now = now_of(connection)
            _change(connection, mail.mail_id, sent_at=now, next_at=None, last_error=None, content=None)
            self._finish(connection, mail.report_id, now)

    def failed(self, mail: Mail, why: str, *, unsure: bool = False, for_good: bool = False) -> bool:
        """It was not received, or may not have been; it is due again after a pause. True when this was the last try."""
        last = for_good or mail.tries >= MOST_TRIES
        with self._database.writing() as connection:
            now = now_of(connection)
            changed: dict[str, object] = {"next_at": None if last else now + pause(mail.tries), "last_error": why}
            _change(connection, mail.mail_id, **changed, **({"unsure_at": now} if unsure else {}))
        return last

    def retry(self, report_id: str | None = None) -> int:
        """What waits or was given up, of this report or of all, is due now; how many. What was never made is not."""
        chosen: list[ColumnElement[bool]] = [mails.c.sent_at.is_(None), mails.c.content.is_not(None)]
        chosen += [mails.c.report_id == report_id] if report_id else []
        with self._database.writing() as connection:
            values = {"next_at": now_of(connection), "tries": 0}
            return connection.execute(update(mails).where(*chosen).values(**values)).rowcount

    def mails(self, *, report_id: str | None = None, sent: bool = True) -> tuple[Mail, ...]:
        """The mails, oldest first, without their contents."""
        conditions: list[ColumnElement[bool]] = [] if sent else [mails.c.sent_at.is_(None)]
        conditions += [mails.c.report_id == report_id] if report_id else []
        columns = [column for column in mails.c if column is not mails.c.content]
        asked = select(*columns).where(*conditions).order_by(mails.c.created_at, mails.c.mail_id)
        with self._database.reading() as connection:
            return tuple(Mail(**row._mapping, content=None) for row in connection.execute(asked))

    def unsent(self) -> int:
        """How many have not been received, those given up included."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).where(mails.c.sent_at.is_(None))).scalar_one())

    def overdue(self, due_at: datetime, minutes: int, report_id: str) -> str | None:
        """Why a report that was due then has not gone out by so many minutes later; None when it has, or has time."""
        with self._database.reading() as connection:
            report = _report(connection, report_id)
            if now_of(connection) < due_at + timedelta(minutes=minutes) or (report and report.finished_at):
                return None
            left = select(func.count(), func.max(mails.c.last_error)).where(
                mails.c.report_id == report_id, mails.c.sent_at.is_(None)
            )
            number, why = connection.execute(left).one()
        if report is None:
            return "it has not been written"
        return f"{number} not received{f': {why}' if why else ''}"

    def tell_overdue(self, report_id: str, due_at: datetime, why: str) -> None:
        """Tell those who subscribed; once for each report."""
        self._outbox.tell(Event.REPORT_OVERDUE, report_id, report_data(report_id, due_at=due_at, why=why))

    def people(self, ids: Collection[str]) -> dict[str, Person]:
        """Those of the roster with these ids."""
        with self._database.reading() as connection:
            return papers.latest(connection, PaperKind.PERSON, ids)

    def _finish(self, connection: Connection, report_id: str, now: datetime) -> None:
        """Where nobody waits for it any more, a nightly report has gone out."""
        left = select(mails.c.mail_id).where(mails.c.report_id == report_id, mails.c.sent_at.is_(None)).limit(1)
        report = _report(connection, report_id)
        if report is None or report.finished_at or connection.execute(left).one_or_none() is not None:
            return
        connection.execute(update(reports).where(reports.c.report_id == report_id).values(finished_at=now))
        if report.due_at is not None:
            self._outbox.reported(connection, report_id, report_data(report_id, due_at=report.due_at))


def _report(connection: Connection, report_id: str) -> Report | None:
    row = connection.execute(select(reports).where(reports.c.report_id == report_id)).one_or_none()
    return None if row is None else Report(**row._mapping)


def _due(connection: Connection, report_id: str | None) -> Row[Any] | None:
    due: list[ColumnElement[bool]] = [mails.c.sent_at.is_(None), mails.c.next_at <= now_of(connection)]
    due += [mails.c.report_id == report_id] if report_id else []
    oldest = select(mails).where(*due).order_by(mails.c.next_at, mails.c.mail_id).limit(1)
    return connection.execute(oldest).one_or_none()


def _change(connection: Connection, mail_id: str, **values: object) -> None:
    connection.execute(update(mails).where(mails.c.mail_id == mail_id).values(**values))


def _mail(row: Row[Any]) -> Mail:
    return Mail(**row._mapping)


def _values(value: Report | Mail) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}
