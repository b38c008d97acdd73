"""What the commands that write into the register share: words, ids and times as people type them, and who they are."""

import getpass
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.errors import SettingsError

if TYPE_CHECKING:
    from scanner.report.json_text import Json
    from scanner.settings import Settings

Value = TypeVar("Value")
Command = TypeVar("Command", bound=Callable[..., Any])


class Typed(click.ParamType[Any]):
    """A value that import files have too, read by the same function: it raises ValueError with what is wrong."""

    def __init__(self, name: str, parse: Callable[[str], Value]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value.strip())
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _words(text: str) -> str:
    if not text:
        msg = "it must not be empty"
        raise ValueError(msg)
    return text


def _identifier(text: str) -> str:
    from scanner.intake.forms import identifier

    return identifier(text)


def _moment(text: str) -> datetime:
    from scanner.intake.forms import moment

    return moment(text)


def _end_moment(text: str) -> datetime:
    from scanner.intake.forms import end_moment

    return end_moment(text)


WORDS = Typed("text", _words)
IDENTIFIER = Typed("id", _identifier)
MOMENT = Typed("date", _moment)
END_MOMENT = Typed("date", _end_moment)


def by_option(command: Command) -> Command:
    """`--by NAME`, the login name if it is not given."""
    return click.option("--by", type=WORDS, default=_login, show_default="login name", help="Who says so.")(command)


def _login() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None


def needed_name(by: str | None) -> str:
    """Who says so. Raises SettingsError where nobody is logged in and no name was given."""
    if by is None:
        msg = "nobody is logged in here by name: say who you are with --by NAME."
        raise SettingsError(msg)
    return by


def needed_title(title: str | None, settings: "Settings") -> str:
    """The title that is meant, or else the studio's own. Raises SettingsError when there is none."""
    chosen = (title or settings.studio.title).strip()
    if not chosen:
        msg = f"no title: name one with --title, or set [studio] title in {settings.home / 'scanner.toml'}."
        raise SettingsError(msg)
    return chosen


def print_json(value: "Json") -> None:
    """JSON on standard output, as UTF-8 whatever the terminal's encoding is."""
    from scanner.report.json_text import json_text

    sys.stdout.buffer.write((json_text(value) + "\n").encode("utf-8"))
    sys.stdout.buffer.flush()
