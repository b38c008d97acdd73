"""What the commands share: finding the studio, consoles, names and times as people type them."""

from collections.abc import Callable
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

    class Ours(Console):
        def on_broken_pipe(self) -> None:
            """Rich would exit with 1, which says "blocked"; `main` knows what a closed pipe means."""
            raise BrokenPipeError

    return Ours(stderr=stderr, highlight=False, soft_wrap=False)


def write_report(path: Path, text: str) -> None:
    """Write a report that somebody asked for, and say so on stderr. Raises SettingsError if it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"{str(path)!r} cannot be written: {error.strerror}. Name another file with --output."
        raise SettingsError(msg) from error
    click.echo(f"Report written to {path}", err=True)


DROP_CLASS = click.Choice([drop_class.value for drop_class in DropClass])
