"""`scanner scan`: examine and judge files and folders where they lie. Changes nothing."""

import stat
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.common import DROP_CLASS, config_option, console, studio_settings, write_report
from scanner.errors import SettingsError
from scanner.model import DropClass

if TYPE_CHECKING:
    from scanner.report.scanned import Scanned
    from scanner.settings import Settings
    from scanner.studio import Studio

_FORMATS = ("table", "json", "jsonl", "html")


@click.command("scan")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", help="The production it belongs to. [default: the studio's own]")
@click.option("--class", "--drop-class", "drop_class", type=DROP_CLASS, default="final", show_default=True)
@click.option("--season", help="The season it is of. [default: as names like s01e04 say]")
@click.option("--episode", help="The episode it is of. [default: as names like s01e04 say]")
@click.option("--territory", "territories", multiple=True, help="Where it is shown: US, US-NY, EU. May be repeated.")
@click.option("--exhaustive", is_flag=True, help="Look at every frame, not only at two of the shortest shot.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write there, not to the screen.")
@config_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    title: str | None,
    drop_class: str,
    form: str,
    output: Path | None,
    *,
    exhaustive: bool,
    **place: Any,
) -> None:
    """Examine and judge files or folders where they lie. Nothing is changed, moved or written down.

    In a studio, what is found is compared with its register of AI material and its approvals. Without one, only what a
    file says about itself is looked at, and the report says that no register was consulted.

    \b
    scanner scan EP101_v3.mov
    scanner scan --title AGM --class work-in-progress wip_folder/
    scanner scan *.mov --format html -o report.html

    Exit code: the strictest outcome: 0 pass, 4 flag, 2 hold, 1 quarantine; 3 for usage or settings.
    """
    settings = studio_settings(ctx)
    for path in paths:
        _check(path)
    if output is not None:
        _check_output(output, paths)
    from scanner.studio import Studio

    with Studio.open_for_scan(settings) as studio:
        if exhaustive:
            studio.settings = studio.settings.exhaustive()
        chosen = title or (settings.studio.title if settings else "") or None
        told = {"title": chosen, "drop_class": DropClass(drop_class), "pictures": form == "html", **place}
        scanned = tuple(_scan(studio, paths, told))
        _say(scanned, form, output, studio.settings)
    strictest = max(item.verdict.outcome for item in scanned)
    ctx.exit(strictest.exit_code)


def _check(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        msg = f"{str(path)!r} cannot be scanned: {error.strerror}."
        raise SettingsError(msg) from error
    if stat.S_ISLNK(mode):
        msg = f"{str(path)!r} is a symbolic link, which is never followed. Name the file itself."
        raise SettingsError(msg)
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        msg = f"{str(path)!r} is a device, socket or pipe, which is never opened."
        raise SettingsError(msg)


def _check_output(output: Path, paths: tuple[Path, ...]) -> None:
    inside = next((path for path in paths if output.resolve().is_relative_to(path.resolve())), None)
    if inside is not None:
        msg = f"{str(output)!r} lies in {str(inside)!r}, which is to be scanned and not changed. Write it elsewhere."
        raise SettingsError(msg)


def _scan(studio: "Studio", paths: tuple[Path, ...], told: dict[str, Any]) -> "Iterator[Scanned]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from scanner.pipeline import scan
    from scanner.report.plain import shown

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    errors = console(stderr=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("scanning", total=len(paths))
        for path in paths:
            progress.update(task, description=shown(path.name))
            yield scan(studio, path, **told)
            progress.advance(task)


def _say(scanned: "tuple[Scanned, ...]", form: str, output: Path | None, settings: "Settings") -> None:
    shortest = settings.examining.shortest_shot
    if form == "table" and output is None:
        from scanner.report.terminal import render

        render(console(), scanned, shortest_shot=shortest)
        return
    text = _text(scanned, form, shortest)
    if output is not None:
        write_report(output, text)
    else:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()


def _text(scanned: "tuple[Scanned, ...]", form: str, shortest_shot: int) -> str:
    from scanner.report.html import html
    from scanner.report.scan_json import jsonl, scan_json

    match form:
        case "table":
            return _table(scanned, shortest_shot)
        case "json":
            return scan_json(scanned)
        case "jsonl":
            return jsonl(scanned)
        case _:
            return html(scanned, shortest_shot=shortest_shot)


def _table(scanned: "tuple[Scanned, ...]", shortest_shot: int) -> str:
    from rich.console import Console

    from scanner.report.terminal import render

    text = StringIO()
    render(Console(file=text, width=120), scanned, shortest_shot=shortest_shot)
    return text.getvalue()
