"""`scanner report`: the night's report, as text and HTML."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from scanner.cli.common import config_option, needed_settings
from scanner.errors import SettingsError
from scanner.model import Outcome
from scanner.report.plain import shown

if TYPE_CHECKING:
    from scanner.report.nightly import Night
    from scanner.settings import Settings

_FORMATS = ("files", "text", "html")


@click.command("report")
@click.option("--date", "day", help="The day that the report is for (2026-11-22). [default: the last 24 hours]")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of the day and of the times shown.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="files", show_default=True)
@config_option
@click.pass_context
def command(ctx: click.Context, day: str | None, zone: str, form: str) -> None:
    """What was stopped, what waits on whom, and what was not looked at, for the post supervisor.

    Written to reports/ as text and as HTML; with --format text or html, printed instead.
    """
    settings = needed_settings(ctx)
    night = _night(settings, _zone(zone), day)
    from scanner.report.night_mail import night_html, night_text

    if form == "text":
        click.echo(night_text(night))
        return
    if form == "html":
        click.echo(night_html(night))
        return
    name = night.until.strftime("%Y-%m-%d_%H%M")
    for suffix, report in (("txt", night_text), ("html", night_html)):
        path = settings.folder("reports") / f"night_{name}.{suffix}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(report(night), encoding="utf-8")
        except OSError as error:
            msg = f"{path}: the report cannot be written: {error.strerror}. Mend it, or have it printed: --format text"
            raise SettingsError(msg) from error
        click.echo(shown(str(path)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{name!r} is not a time zone like Europe/Berlin"
        raise click.UsageError(msg) from error


def _night(settings: "Settings", zone: ZoneInfo, day: str | None) -> "Night":
    from scanner.recalling import located
    from scanner.report.nightly import nightly
    from scanner.store import Store

    until = datetime.now(UTC)
    since = until - timedelta(hours=24)
    if day is not None:
        since, end = _day(day, zone)
        if since > until:
            msg = f"{day} is still to come"
            raise click.UsageError(msg)
        until = min(until, end)
    with Store.open(settings.store_url, make=False) as store:
        of_the_night = store.deliveries(since=since, until=until)
        waiting = store.deliveries(until=since, outcomes=(Outcome.HOLD, Outcome.QUARANTINE))
        recalls = [located(store, each) for each in store.recalls(closed=False)]
        canaries = store.canaries.runs()
        head = store.audit.head()
    records = {record.delivery.delivery_id: record for record in (*of_the_night, *waiting)}
    return nightly(
        tuple(records.values()),
        since=since,
        until=until,
        tz=zone,
        recalls=recalls,
        canaries=canaries,
        audit_head=head,
    )


def _day(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day begins and ends; it may have 23 or 25 hours."""
    try:
        day = date.fromisoformat(text)
        ends = [datetime.combine(each, time(), tzinfo=zone).astimezone(UTC) for each in (day, day + timedelta(days=1))]
    except (ValueError, OverflowError) as error:
        msg = f"{text!r} is not a day like 2026-11-22"
        raise click.UsageError(msg) from error
    return ends[0], ends[1]
