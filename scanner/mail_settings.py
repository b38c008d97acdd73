"""The tables of scanner.toml about the nightly report: when it is made ([report]), how it is sent ([mail]), to whom."""

import ipaddress
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from scanner.toml_files import Table

Count = Annotated[int, Field(strict=True)]
_LOCAL = "localhost"
_LONGEST_LOCAL_PART, _LONGEST_ADDRESS = 64, 254
_SPECIAL = frozenset('()<>[]:;@\\,"')


class Weekday(IntEnum):
    """The days as settings name them, in the order of the calendar."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


DAYS = tuple(day.name.lower() for day in Weekday)


def address(text: str) -> str:
    """A mail address as servers take it: the domain in its ASCII form. Raises ValueError for anything else."""
    local, at, domain = text.rpartition("@")
    if not (local and local.isascii() and local.isprintable() and at) or _SPECIAL & set(local) or " " in local:
        msg = "is no mail address like maria@example.com (before the @ there may be ASCII only)"
        raise ValueError(msg)
    try:
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        msg = f"has a domain that is none ({error})"
        raise ValueError(msg) from error
    if not plain or not all(letter.isalnum() or letter in ".-" for letter in plain):
        msg = "has a domain that is none"
        raise ValueError(msg)
    if len(local) > _LONGEST_LOCAL_PART or len(local) + len(plain) + 1 > _LONGEST_ADDRESS:
        msg = "is longer than a mail address can be"
        raise ValueError(msg)
    return f"{local}@{plain}"


def _one_line(text: str) -> str:
    if not text.isprintable():
        msg = "must be one line without control characters"
        raise ValueError(msg)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        msg = "is not a time zone like Europe/Berlin"
        raise ValueError(msg) from error
    return name


Address = Annotated[str, AfterValidator(address)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]


class ReportTable(Table):
    """The night's report: made at this time of day in this zone, on every day but those off."""

    on: bool = Field(default=False, strict=True)
    at: str = Field(default="06:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    days_off: tuple[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], ...] = ()
    expiring_days: Count = Field(default=14, ge=0, le=366)
    pictures: Count = Field(default=24, ge=0, le=200)
    max_megabytes: Count = Field(default=8, ge=1, le=50)
    base_url: str = ""
    overdue_minutes: Count = Field(default=60, ge=1, le=1440)
    talent: bool = Field(default=False, strict=True)


class MailTable(Table):
    """The mail server by which reports are sent; no host: none are."""

    host: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]{0,253}$")
    port: Count = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Name = ""
    password_file: str = ""
    password_env: str = ""
    ca_file: str = ""
    sender: Address | Literal[""] = ""
    timeout_seconds: Annotated[float, Field(strict=True, gt=0, le=300)] = 30.0


class RecipientTable(Table):
    """Somebody who gets the report: an address, or a person of the roster. Without titles and vendors: of all."""

    address: Address | None = None
    person: str | None = None
    name: Name = ""
    role: Name = ""
    titles: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()


def mail_faults(report: ReportTable, mail: MailTable, recipients: Sequence[RecipientTable]) -> Iterator[str]:
    """What reads well and cannot be meant."""
    if set(report.days_off) == set(DAYS):
        yield "report.days_off: that is every day. Leave one, or switch the report off."
    if report.base_url and not _is_web(report.base_url):
        yield "report.base_url: it is not like https://host/path/."
    for each in recipients:
        if (each.address is None) == (each.person is None):
            yield f"recipients: {each.name or each.address or 'one'} needs an address or a person, one of them."
    named = [each.address or each.person for each in recipients]
    if twice := next((each for each in named if named.count(each) > 1), None):
        yield f"recipients: {twice} is there twice. Name all titles and vendors in one."
    if recipients and not mail.host:
        yield "recipients: no mail can be sent to them: name the server in mail.host."
    if mail.host:
        yield from _of_server(mail)


def _of_server(mail: MailTable) -> Iterator[str]:
    if not mail.sender:
        yield "mail.sender: it is missing: the address that mails are from."
    if mail.security == "none" and not _is_this_machine(mail.host):
        yield 'mail.security: "none" is for a server on this machine only; use "starttls" or "tls".'
    if mail.username and bool(mail.password_file) == bool(mail.password_env):
        yield "mail.username: it needs password_file or password_env, one of them."
    if mail.username and mail.security == "none":
        yield 'mail.username: a password is never sent in clear; use "starttls" or "tls".'
    if not mail.username and (mail.password_file or mail.password_env):
        yield "mail.password_file and mail.password_env are for a username."


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and parts.username is None


def _is_this_machine(host: str) -> bool:
    try:
        return host == _LOCAL or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
