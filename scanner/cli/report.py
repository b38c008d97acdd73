"""`scanner report`: the night's report, written, printed, opened or sent."""

import webbrowser
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.report.plain import shown

if TYPE_CHECKING:
    from scanner.model import Mail
    from scanner.night_times import Period
    from scanner.report.nightly import Night
    from scanner.settings import Settings

_FORMATS = ("files", "text", "html", "json", "eml")
_SUFFIXES = {"text": "txt", "html": "html", "json": "json"}
_NOT_SENT = 2


@click.command("report")
@click.option("--date", "day", help="The day that the report is for (2026-11-22). [default: the last 24 hours]")
@click.option("--zone", help="Time zone of the day and of the times shown. [default: report.zone of scanner.toml]")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="files", show_default=True)
@click.option("--send", is_flag=True, help="Send it to everybody named in [[recipients]]; to each of them once.")
@click.option("--to", metavar="ADDRESS", help="With --send: to this address only, now.")
@click.option("--open", "open_it", is_flag=True, help="Write it to reports/ and open it in the browser.")
@click.option("--mails", "list_them", is_flag=True, help="List the mails: to whom, received or not, and why.")
@click.option("--retry", is_flag=True, help="Try again to send what waits or was given up.")
@config_option
@click.pass_context
def command(
    ctx: click.Context,
    day: str | None,
    zone: str | None,
    form: str,
    to: str | None,
    *,
    send: bool,
    open_it: bool,
    list_them: bool,
    retry: bool,
) -> None:
    """What was stopped, what waits on whom, and what was not looked at, for the post supervisor.

    Written to reports/ as text, HTML and JSON; with --format text, html, json or eml (the mail), printed instead. The
    daemon sends it by itself where [report] is switched on.

    Exit code: 0 done, 2 a mail was not received (it is tried again by the daemon), 3 usage or settings.
    """
    settings = needed_settings(ctx)
    if to is not None and not (send or form == "eml"):
        msg = "--to is for --send and --format eml"
        raise click.UsageError(msg)
    to = _address(to) if to is not None else None
    if list_them or retry:
        ctx.exit(_mails(settings, retry=retry))
    period = _period(_zone(settings.report.zone if zone is None else zone), day)
    if send:
        ctx.exit(_sent(settings, period, to))
    if form == "eml":
        click.echo(_mail(settings, period, to), nl=False)
        return
    _told(settings, period, zone, form, open_it=open_it)


def _told(settings: "Settings", period: "Period", zone: str | None, form: str, *, open_it: bool) -> None:
    from scanner.night import FORMATS, layout_of, write

    night = _night(settings, period, zone)
    if form in _SUFFIXES and not open_it:
        click.echo(FORMATS[_SUFFIXES[form]](layout_of(night, settings)), nl=False)
        return
    for path in write(night, settings):
        click.echo(shown(str(path)))
        if open_it and path.suffix == ".html":
            webbrowser.open(path.as_uri())


def _night(settings: "Settings", period: "Period", zone: str | None) -> "Night":
    from scanner.night import gathered, night_of
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        found = gathered(store, period.since, period.until, pictures=settings.report.pictures)
    return night_of(found, period, settings, zone=zone or "")


def _mail(settings: "Settings", period: "Period", to: str | None) -> bytes:
    """The mail as it would be sent, to this address or to the sender."""
    from scanner.mailing import Recipient, mail_for
    from scanner.night import gathered
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        found = gathered(store, period.since, period.until, pictures=settings.report.pictures)
    someone = Recipient(address=to or settings.mail.sender or "nobody@localhost")
    return mail_for(settings, found, period, someone, mail_id="night-shown@localhost", at=datetime.now(UTC))


def _sent(settings: "Settings", period: "Period", to: str | None) -> int:
    from scanner import mailing
    from scanner.smtp import NotSentError
    from scanner.studio import Studio

    with Studio.open(settings, processes=1) as studio:
        if to is not None:
            try:
                mailing.send_to(studio, period, to)
            except NotSentError as error:
                click.echo(f"NOT SENT to {to}: {shown(str(error))}", err=True)
                return _NOT_SENT
            click.echo(f"Sent to {to}")
            return 0
        mailing.check_recipients(settings)
        if mailing.write_asked(studio, period) is None:
            studio.kept.mails.retry(period.report_id)
        mailing.send_due(studio, report_id=period.report_id)
        mails = studio.kept.mails.mails(report_id=period.report_id)
    _show(mails)
    return 0 if all(mail.sent_at for mail in mails) else _NOT_SENT


def _mails(settings: "Settings", *, retry: bool) -> int:
    from scanner import mailing
    from scanner.studio import Studio

    with Studio.open(settings, processes=1) as studio:
        if retry:
            studio.kept.mails.retry()
            mailing.send_due(studio)
        mails = studio.kept.mails.mails()
    _show(mails)
    return _NOT_SENT if retry and not all(mail.sent_at for mail in mails) else 0


def _show(mails: "tuple[Mail, ...]") -> None:
    from scanner.report.mails import mails_table

    mails_table(console(), mails)


def _address(text: str) -> str:
    from scanner.mail_settings import address

    try:
        return address(text)
    except ValueError as error:
        msg = f"{text!r} {error}"
        raise click.UsageError(msg) from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{name!r} is not a time zone like Europe/Berlin"
        raise click.UsageError(msg) from error


def _period(zone: ZoneInfo, day: str | None) -> "Period":
    """The time that is asked for, with an id of its own: the same time asked for twice is one report."""
    from scanner.night_times import Period

    until = datetime.now(UTC)
    since = until - timedelta(hours=24)
    if day is not None:
        since, end = _day(day, zone)
        if since > until:
            msg = f"{day} is still to come"
            raise click.UsageError(msg)
        until = min(until, end)
    return Period(report_id=f"{since:%Y-%m-%dT%H:%M:%S}/{until:%Y-%m-%dT%H:%M:%S}", since=since, until=until)


def _day(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day begins and ends; it may have 23 or 25 hours."""
    try:
        day = date.fromisoformat(text)
        ends = [datetime.combine(each, time(), tzinfo=zone).astimezone(UTC) for each in (day, day + timedelta(days=1))]
    except (ValueError, OverflowError) as error:
        msg = f"{text!r} is not a day like 2026-11-22"
        raise click.UsageError(msg) from error
    return ends[0], ends[1]
