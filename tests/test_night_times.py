"""When the report is due: by the clock of its zone, over days off and nights that are longer or shorter."""

from datetime import UTC, datetime, timedelta

import pytest

from scanner.mail_settings import ReportTable
from scanner.night_times import due


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def table(**given: object) -> ReportTable:
    return ReportTable.model_validate({"on": True, "zone": "Europe/Berlin", "at": "06:30", **given})


@pytest.mark.parametrize(
    ("now", "day", "since", "until"),
    [
        ("2026-11-22T05:29", "2026-11-21", "2026-11-20T05:30", "2026-11-21T05:30"),
        ("2026-11-22T05:30", "2026-11-22", "2026-11-21T05:30", "2026-11-22T05:30"),
        ("2026-11-22T23:59", "2026-11-22", "2026-11-21T05:30", "2026-11-22T05:30"),
        # The night in which clocks go back has 25 hours, the one in which they go forward 23.
        ("2026-10-25T12:00", "2026-10-25", "2026-10-24T04:30", "2026-10-25T05:30"),
        ("2026-03-29T12:00", "2026-03-29", "2026-03-28T05:30", "2026-03-29T04:30"),
    ],
)
def test_a_report_is_due_by_local_time_and_tells_of_the_time_since_the_last(
    now: str, day: str, since: str, until: str
) -> None:
    period = due(table(), at(now), None)

    assert (period.report_id, period.since, period.until) == (day, at(since), at(until))
    assert period.due_at == period.until


def test_a_time_that_the_clocks_leap_over_is_due_once() -> None:
    """Berlin, 29 March 2026: from 02:00 straight to 03:00."""
    leapt = table(at="02:30")

    assert due(leapt, at("2026-03-29T00:29"), None).report_id == "2026-03-28"
    assert due(leapt, at("2026-03-29T01:31"), None).report_id == "2026-03-29"


def test_a_report_after_days_off_tells_of_them() -> None:
    """22 November 2026 is a Sunday."""
    weekdays = table(days_off=("saturday", "sunday"))

    assert due(weekdays, at("2026-11-22T20:00"), None).report_id == "2026-11-20"
    monday = due(weekdays, at("2026-11-23T06:00"), at("2026-11-20T05:30"))
    assert (monday.report_id, monday.since) == ("2026-11-23", at("2026-11-20T05:30"))


def test_a_report_after_nights_without_any_tells_of_all_since_the_last() -> None:
    assert due(table(), at("2026-11-22T06:00"), at("2026-11-18T05:30")).since == at("2026-11-18T05:30")


def test_what_is_older_than_a_month_is_not_told_again() -> None:
    period = due(table(), at("2026-11-22T06:00"), at("2025-01-01T05:30"))

    assert period.until - period.since == timedelta(days=31)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_wherever_it_is_one_is_due_a_day(zone: str, hour: int) -> None:
    found = [due(table(zone=zone), at("2026-11-22T00:00") + timedelta(days=n, hours=hour), None) for n in range(4)]

    assert len({each.report_id for each in found}) == 4
    assert all(each.until - each.since == timedelta(days=1) for each in found)
