"""When the night's report is due, of which time it tells, and whether it is late."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from scanner.mail_settings import DAYS, ReportTable
from scanner.store import Store

# What nobody was told of for so long is told at once, and nothing older.
_LONGEST = timedelta(days=31)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time that a report tells of. `due_at`: when it is to be sent; `report_id`: the day of that, where it is."""

    report_id: str
    since: datetime
    until: datetime
    due_at: datetime | None = None


def due(table: ReportTable, now: datetime, told_until: datetime | None) -> Period:
    """The newest report whose time has come: of all since the last one, or, without any, since the time before."""
    at = _latest(table, now)
    before = _latest(table, at - timedelta(microseconds=1))
    since = told_until if told_until is not None and told_until < at else before
    day = at.astimezone(ZoneInfo(table.zone)).date()
    return Period(report_id=day.isoformat(), since=max(since, at - _LONGEST), until=at, due_at=at)


def _latest(table: ReportTable, now: datetime) -> datetime:
    """When it last was that time of day there, on a day that is not off."""
    zone, at = ZoneInfo(table.zone), clock_time.fromisoformat(table.at)
    # Tomorrow, too: where clocks go back, a moment may lie on the day after that of `now`.
    day = now.astimezone(zone).date() + _DAY
    while True:
        moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if moment <= now and DAYS[day.weekday()] not in table.days_off:
            return moment
        day -= _DAY


def overdue(table: ReportTable, store: Store, now: datetime) -> tuple[Period, str] | None:
    """The report that should have gone out by now and has not, and why. Raises StoreUnavailableError."""
    if not table.on:
        return None
    period = due(table, now, None)
    why = store.mails.overdue(period.until, table.overdue_minutes, period.report_id)
    return (period, why) if why is not None else None
