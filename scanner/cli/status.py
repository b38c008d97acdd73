"""`scanner status`: what is where, since when, waiting on whom."""

import time
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, console, needed_settings

if TYPE_CHECKING:
    from rich.console import Console

    from scanner.overview import Overview

_EVERY_SECONDS = 2.0
_NEEDS_A_PERSON = 4


@click.command("status")
@click.option("--watch", "watching", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@config_option
@click.pass_context
def command(ctx: click.Context, form: str, *, watching: bool) -> None:
    """What is where, since when, and whom it waits for. Needs no daemon, and changes nothing.

    Servers, what waits in the drop folder and why, what is on the bench and who is at it, what is held or in
    quarantine, open recalls, room on the disks.

    Exit code: 0 nothing waits for a person, 4 something does, 2 the studio cannot be read.
    """
    settings = needed_settings(ctx)
    from scanner.overview import Overview
    from scanner.store import Store

    with Store.open(settings.store_url, patience=5.0, make=False) as store:
        overview = Overview(settings, store)
        if watching and form == "table" and console().is_terminal:
            _watch(console(), overview)
            return
        needs_a_person = _show(overview, form, watching=watching)
        while watching:
            time.sleep(_EVERY_SECONDS)
            _show(overview, form, watching=watching)
    ctx.exit(_NEEDS_A_PERSON if needs_a_person else 0)


def _show(overview: "Overview", form: str, *, watching: bool) -> bool:
    """Write everything once; whether anything waits for a person. Of JSON that is written again, each is one line."""
    from scanner.report.json_text import json_text
    from scanner.report.status import status_lines, status_screen
    from scanner.report.status_json import status_object

    status = overview.status()
    out = console()
    if form == "json":
        click.echo(json_text(status_object(status), indent=None if watching else 2))
    elif out.is_terminal:
        out.print(status_screen(status, width=out.width))
    else:
        status_lines(out, status)
        if watching:
            click.echo()
    return status.needs_a_person


def _watch(out: "Console", overview: "Overview") -> None:
    """On the whole screen, until somebody stops it; a database that is away for a while is told and asked again."""
    from rich.live import Live
    from rich.text import Text

    from scanner.errors import StoreUnavailableError
    from scanner.report.plain import shown
    from scanner.report.status import status_screen

    with Live(console=out, screen=True, auto_refresh=False) as live:
        while True:
            try:
                live.update(status_screen(overview.status(), width=out.width), refresh=True)
            except StoreUnavailableError as error:
                live.update(Text(shown(str(error))), refresh=True)
            time.sleep(_EVERY_SECONDS)
