"""A night as the store tells it: what its report is made from, and the files that hold it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scanner.errors import SettingsError
from scanner.model import Outcome, Picture, Stage, Use
from scanner.night_times import Period
from scanner.recalling import located
from scanner.report.html import data_uri
from scanner.report.night_json import night_json
from scanner.report.night_layout import WHOLE_REPORT, Layout
from scanner.report.night_mail import night_html
from scanner.report.night_reader import EVERYONE, Gathered, Reader
from scanner.report.night_text import night_text
from scanner.report.nightly import Night
from scanner.report.standing import Standing
from scanner.settings import Settings

if TYPE_CHECKING:
    from scanner.store import Store

_KEPT_BACK = (Outcome.HOLD, Outcome.QUARANTINE)
_UNDER_WAY = (Stage.RECEIVED, Stage.EXAMINED, Stage.DECIDED, Stage.JUDGED_AGAIN)


def gathered(store: "Store", since: datetime, until: datetime, *, pictures: int = 0) -> Gathered:
    """What is to be told of this time: what happened in it, and all that waits. Raises StoreUnavailableError.

    `pictures`: of how many deliveries they are read, the gravest first.
    """
    records = (
        *store.deliveries(since=since, until=until),
        *store.deliveries(stages=_UNDER_WAY),
        *store.deliveries(stages=(Stage.CARRIED_OUT,), outcomes=_KEPT_BACK),
    )
    # Of a register of a hundred thousand, only what is known to be good is read.
    good = (record_id for record_id, use in store.records_in_force().items() if use is Use.KNOWN_GOOD)
    found = Gathered(
        records=tuple({record.delivery.delivery_id: record for record in records}.values()),
        recalls=[located(store, each) for each in store.recalls(closed=False)],
        canaries=store.canaries.runs(),
        approvals=store.approvals(),
        lessons=list(store.records_by_id(good).values()),
        audit_head=store.audit.head(),
    )
    return replace(found, pictures=_pictures(store, found, since, until, pictures)) if pictures else found


def _pictures(
    store: "Store", found: Gathered, since: datetime, until: datetime, most: int
) -> Mapping[str, tuple[Picture, ...]]:
    night = found.night(since=since, until=until, tz=UTC, expiring=timedelta(0))
    shown = sorted(
        (e for e in night.entries if e.standing <= Standing.FLAGGED and e.findings), key=lambda e: e.standing
    )
    ids = [entry.record.delivery.delivery_id for entry in shown[:most]]
    return {delivery_id: store.delivery(delivery_id).pictures for delivery_id in ids}


def night_of(
    found: Gathered, period: Period, settings: Settings, *, zone: str = "", reader: Reader = EVERYONE
) -> Night:
    """The night as a reader is told it, in this zone or in that of the settings."""
    return found.night(
        since=period.since,
        until=period.until,
        tz=ZoneInfo(zone or settings.report.zone),
        expiring=timedelta(days=settings.report.expiring_days),
        reader=reader,
    )


def layout_of(night: Night, settings: Settings) -> Layout:
    """All of a night, with pictures, for people who may see all of it."""
    shown = replace(WHOLE_REPORT, pictures=settings.report.pictures)
    return Layout(night=night, length=shown, talent=settings.report.talent)


FORMATS: Mapping[str, Callable[[Layout], str]] = {
    "txt": night_text,
    "html": lambda layout: night_html(layout, data_uri),
    "json": lambda layout: night_json(layout) + "\n",
}


def file_of(night: Night, settings: Settings, suffix: str) -> Path:
    """Where the report of a night is kept."""
    return settings.folder("reports") / f"night_{night.until.astimezone(UTC):%Y-%m-%d_%H%M}.{suffix}"


def write(night: Night, settings: Settings) -> list[Path]:
    """Write a night into reports/, in every format; one that is there is replaced. Raises SettingsError."""
    layout, paths = layout_of(night, settings), []
    for suffix, told in FORMATS.items():
        path = file_of(night, settings, suffix)
        coming = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            coming.write_text(told(layout), encoding="utf-8")
            coming.replace(path)
        except OSError as error:
            msg = f"{path}: the report cannot be written: {error.strerror}. Mend it, or have it printed: --format text"
            raise SettingsError(msg) from error
        paths.append(path)
    return paths
