"""The nightly report by mail: written down once for all servers, sent until it is received, missed when it is not.

A report and its mails are written in one transaction; a mail is claimed before it is sent, and one that was claimed and
never marked is due again. It is then sent with the same bytes and the same id.
"""

import hashlib
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from urllib.parse import quote

from scanner import night, smtp
from scanner.errors import SettingsError
from scanner.mail_settings import RecipientTable, address
from scanner.model import Mail, Person, Report
from scanner.night_times import Period, due, overdue
from scanner.report.night_layout import Layout
from scanner.report.night_message import Envelope, message
from scanner.report.night_reader import EVERYONE, Gathered, Reader
from scanner.report.plain import shown
from scanner.settings import Settings
from scanner.studio import Studio

_log = logging.getLogger("scanner")
_DIGITS = 32
_LONGEST_WORDS = 300
_MEGABYTE = 1_000_000
_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who gets a report of what; `why_not`: why nothing can be sent to them, though the settings name them."""

    address: str
    name: str = ""
    role: str = ""
    reader: Reader = EVERYONE
    why_not: str | None = None


def write_due(studio: Studio) -> Report | None:
    """Write the night's report and its mails down when it is due: of several servers one does. None if it is not.

    Raises StoreUnavailableError.
    """
    settings, mails = studio.settings, studio.kept.mails
    if not settings.report.on:
        return None
    newest = mails.newest()
    period = due(settings.report, studio.now(), newest.until if newest else None)
    if mails.has(period.report_id):
        return None
    found = night.gathered(studio.kept, period.since, period.until, pictures=settings.report.pictures)
    return _written(studio, period, found, people(studio))


def write_asked(studio: Studio, period: Period) -> Report | None:
    """The same for a time that somebody asks for; None where its mails are written down already."""
    found = night.gathered(studio.kept, period.since, period.until, pictures=studio.settings.report.pictures)
    return _written(studio, period, found, people(studio))


def send_due(studio: Studio, *, report_id: str | None = None, stopped: threading.Event | None = None) -> int:
    """Send the mails that are due, one after the other; how many were received. Raises StoreUnavailableError."""
    settings, mails, sent = studio.settings, studio.kept.mails, 0
    if not settings.mail.host:
        return 0
    lease = timedelta(seconds=(smtp.LONGEST + 2) * settings.mail.timeout_seconds) + _MARGIN
    while (stopped is None or not stopped.is_set()) and (mail := mails.claim(lease=lease, report_id=report_id)):
        sent += _send(studio, mail)
    return sent


def tell_overdue(studio: Studio) -> str | None:
    """Tell, once, that the last report has not gone out in its time; why, None when it has, or has time."""
    late = overdue(studio.settings.report, studio.kept, studio.now())
    if late is None:
        return None
    period, why = late
    studio.kept.mails.tell_overdue(period.report_id, period.until, why)
    return why


def people(studio: Studio) -> list[Recipient]:
    """Those whom the settings name, with the addresses that the roster has of them. Raises StoreUnavailableError."""
    tables = studio.settings.recipients
    named = [each.person for each in tables if each.person is not None]
    roster = studio.kept.mails.people(named) if named else {}
    return [_recipient(each, roster, studio.now()) for each in tables]


def mail_for(
    settings: Settings, found: Gathered, period: Period, to: Recipient, *, mail_id: str, at: datetime
) -> bytes:
    """The mail that this reader gets, no larger than the settings allow."""
    told = night.night_of(found, period, settings, reader=to.reader)
    whole = night.file_of(told, settings, "html")
    base = settings.report.base_url
    link = f"{base.rstrip('/')}/{quote(whole.name)}" if base else str(whole)
    layout = Layout(
        night=told,
        # The whole report tells of every title: only who may see that is told where it lies.
        lies_at=link if to.reader == EVERYONE else None,
        sent_to=_for_whom(to),
        talent=settings.report.talent,
    )
    envelope = Envelope(sender=settings.mail.sender, address=to.address, name=to.name, message_id=f"<{mail_id}>", at=at)
    most = settings.report.max_megabytes * _MEGABYTE
    return message(layout, envelope, most_bytes=most, pictures=settings.report.pictures)


def check_server(settings: Settings) -> None:
    """Raises SettingsError where nothing can be sent."""
    if not settings.mail.host:
        msg = "no mail server is named: see [mail] in scanner.toml"
        raise SettingsError(msg)


def check_recipients(settings: Settings) -> None:
    """Raises SettingsError where nobody is named."""
    check_server(settings)
    if not settings.recipients:
        msg = "nobody is named whom a report could be sent to: see [[recipients]] in scanner.toml, or use --to"
        raise SettingsError(msg)


def send_to(studio: Studio, period: Period, to: str) -> None:
    """Send a report to one address now, beside all others. Raises NotSentError, SettingsError."""
    settings = studio.settings
    check_server(settings)
    mine = next((each for each in people(studio) if each.address == to), Recipient(address=to))
    found = night.gathered(studio.kept, period.since, period.until, pictures=settings.report.pictures)
    mail_id = make_msgid(domain=_domain(settings)).strip("<>")
    content = mail_for(settings, found, period, mine, mail_id=mail_id, at=studio.now())
    smtp.send(settings.mail, settings.home, to, content)


def _written(studio: Studio, period: Period, found: Gathered, recipients: Iterable[Recipient]) -> Report | None:
    settings, now = studio.settings, studio.now()
    try:
        night.write(night.night_of(found, period, settings), settings)
    except SettingsError as error:
        # The mails tell the same.
        _log.error("report not in its folder", extra={"why": str(error)})
    report = Report(
        report_id=period.report_id, since=period.since, until=period.until, due_at=period.due_at, written_at=now
    )
    mails = [_mail(settings, found, period, each, now) for each in recipients]
    if not studio.kept.mails.write(report, mails):
        return None
    _log.info("report written", extra={"report": report.report_id, "mails": len(mails)})
    return report


def _mail(settings: Settings, found: Gathered, period: Period, to: Recipient, now: datetime) -> Mail:
    """The id is the same for the same time and reader, whoever writes it."""
    words = [period.since.isoformat(), period.until.isoformat(), to.address, *to.reader.titles, "", *to.reader.vendors]
    digest = hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()
    mail_id = f"night-{digest[:_DIGITS]}@{_domain(settings)}"
    content = None if to.why_not else mail_for(settings, found, period, to, mail_id=mail_id, at=now)
    return Mail(
        mail_id=mail_id,
        report_id=period.report_id,
        address=to.address,
        content=content,
        size=len(content or b""),
        sha256=hashlib.sha256(content or b"").hexdigest(),
        created_at=now,
        last_error=to.why_not,
    )


def _send(studio: Studio, mail: Mail) -> bool:
    settings, mails = studio.settings, studio.kept.mails
    about = {"report": mail.report_id, "to": mail.address, "mail": mail.mail_id, "tries": mail.tries}
    try:
        smtp.send(settings.mail, settings.home, mail.address, mail.content or b"")
    except (smtp.NotSentError, SettingsError) as error:
        why = shown(str(error))[:_LONGEST_WORDS]
        unsure, for_good = getattr(error, "unsure", False), getattr(error, "for_good", False)
        if mails.failed(mail, why, unsure=unsure, for_good=for_good):
            _log.error("mail given up", extra={**about, "why": why, "told": "see: scanner report --mails"})
        else:
            _log.warning("mail not sent", extra={**about, "why": why, "unsure": unsure})
        return False
    mails.sent(mail)
    _log.info("mail sent", extra=about)
    return True


def _recipient(table: RecipientTable, roster: dict[str, Person], now: datetime) -> Recipient:
    reader = Reader(titles=table.titles, vendors=table.vendors)
    if table.address is not None:
        return Recipient(address=table.address, name=table.name, role=table.role, reader=reader)
    person = roster.get(table.person or "")
    why = _why_not(person, now)
    if person is None or why:
        return Recipient(address=f"person {table.person}", reader=reader, why_not=f"{table.person}: {why}")
    return Recipient(
        address=address(person.mail or ""),
        name=table.name or shown(person.name),
        role=table.role or shown(person.role or ""),
        reader=reader,
    )


def _why_not(person: Person | None, now: datetime) -> str | None:
    """Why nothing is sent to somebody of the roster."""
    if person is None:
        return "nobody of the roster has this id"
    if (person.active_to and person.active_to <= now) or (person.active_from and person.active_from > now):
        return "is not active"
    try:
        address(person.mail or "")
    except ValueError as error:
        return f"the mail address in the roster {error}"
    return None


def _for_whom(to: Recipient) -> str:
    whom = ", ".join(filter(None, (to.name or to.address, to.role)))
    told = [f"titles {', '.join(to.reader.titles)}"] if to.reader.titles else ["all titles"]
    told += [f"vendors {', '.join(to.reader.vendors)}"] if to.reader.vendors else []
    return f"Sent to {whom}, for {', '.join(told)}."


def _domain(settings: Settings) -> str:
    return settings.mail.sender.rpartition("@")[2] or "localhost"
