"""The tables of scanner.toml that concern the outside: who is told what ([[telling]]), and the canary ([canary])."""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from scanner.model import Event, Subscription

_Seconds = Annotated[float, Field(strict=True, gt=0)]
_LOCAL = "localhost"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


class TellingTable(_Table):
    """Somebody who is told of events: by a POST to `url`, signed, or by running `command`. No events: all of them."""

    name: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    url: str | None = None
    command: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    secret_file: Path | None = None
    secret_env: str | None = None
    ca_file: Path | None = None
    timeout_seconds: Annotated[_Seconds, Field(le=300)] = 10.0

    @property
    def subscription(self) -> Subscription:
        return Subscription(target=self.name, events=frozenset(self.events or Event))


class CanaryTable(_Table):
    """A harmless clip that is dropped daily, at this local time: it must be stopped, and is taken back."""

    on: bool = Field(default=False, strict=True)
    at: str = Field(default="04:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    door: str = "."
    within_seconds: Annotated[_Seconds, Field(le=86_400)] = 3600.0


def faults(tables: Sequence[TellingTable], canary: CanaryTable, doors: Collection[str]) -> Iterator[str]:
    """What reads well and cannot be meant. `doors`: the folders of [[doors]]."""
    if canary.door not in (".", *doors):
        yield f'canary.door: {canary.door} is no folder of [[doors]]. Name one of them, or "." for drop/ itself.'
    names = [table.name for table in tables]
    for table in tables:
        if names.count(table.name) > 1:
            yield f"telling.name: two have the name {table.name}. Give each a name of its own."
        why = _of_command(table) if table.url is None else _of_url(table, table.url)
        if why is not None:
            yield f"telling {table.name}: {why}"


def _of_command(table: TellingTable) -> str | None:
    if not table.command or not table.command[0]:
        return "it needs a url or a command."
    if table.secret_file or table.secret_env or table.ca_file:
        return "secret_file, secret_env and ca_file are for a url: nothing is signed for a command of this machine."
    return None


def _of_url(table: TellingTable, url: str) -> str | None:
    if table.command:
        return "it has a url and a command. Make two of it."
    if (table.secret_file is None) == (table.secret_env is None):
        return "a url needs secret_file or secret_env, one of them: what is sent is signed."
    return _of_address(url)


def _of_address(url: str) -> str | None:
    """The url itself is left out of what is said: it may hold a token."""
    try:
        parts = urlsplit(url)
        is_known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_known = False
    if not is_known:
        return "its url is not like https://host/path."
    if parts.username is not None or parts.fragment:
        return "its url has a user, a password or a fragment in it: leave that out."
    if parts.scheme == "http" and not _is_this_machine(parts):
        return "its url must be https: only this machine itself is told without."
    return None


def _is_this_machine(parts: SplitResult) -> bool:
    try:
        return parts.hostname == _LOCAL or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
