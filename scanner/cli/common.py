"""What the commands share: finding the studio, consoles, names and times as people type them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.errors import SettingsError
from scanner.model import DropClass

if TYPE_CHECKING:
    from rich.console import Console

    from scanner.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])
_CONFIG_KEY = "scanner.config"


def _remember(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.meta[_CONFIG_KEY] = value


def config_option(command: Command) -> Command:
    """`--config FILE`, before or after the command's name."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        callback=_remember,
        expose_value=False,
        help="The studio's scanner.toml. [default: $SCANNER_CONFIG, else in this folder or one above it]",
    )(command)


def studio_settings(ctx: click.Context) -> "Settings | None":
    """The settings of the studio that is meant, or None where there is none."""
    from scanner.settings import find_config, read_settings

    path = find_config(ctx.meta.get(_CONFIG_KEY), start=Path.cwd())
    return read_settings(path) if path else None


def needed_settings(ctx: click.Context) -> "Settings":
    """The settings of the studio that is meant. Raises SettingsError with what to do where there is none."""
    settings = studio_settings(ctx)
    if settings is None:
        msg = "no studio here. Make one with `scanner init DIR`, or name one with --config FILE."
        raise SettingsError(msg)
    return settings


def console(*, stderr: bool = False) -> "Console":
    """Where results (or, on stderr, progress) are shown. Colour and tables on a terminal only."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


class Moment(click.ParamType[datetime]):
    """A date (`2026-11-22`, UTC) or a time with its zone (`2026-11-22T18:00+01:00`)."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date like 2026-11-22 or a time like 2026-11-22T18:00+01:00", param, ctx)
        if moment.tzinfo is None and "T" in value:
            self.fail(f"{value!r} has no time zone: add Z or an offset like +01:00", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


DROP_CLASS = click.Choice([drop_class.value for drop_class in DropClass])
