"""`scanner provenance`: what AI material the production made: register it, list it, retire it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import WORDS, by_option, needed_name, needed_title, print_json
from scanner.errors import SettingsError
from scanner.model import Use

if TYPE_CHECKING:
    from scanner.intake.materials import NotRegistered
    from scanner.model import ProvenanceRecord
    from scanner.registering import OnMember, Registered
    from scanner.report.json_text import Json

_REFUSED = 2
_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)


@click.group("provenance")
def command() -> None:
    """The register of AI material that the production made. Deliveries are searched for it.

    \b
    scanner provenance add plates/ --title AGM --tool "Runway Gen-4" --use temporary --shot AGM_010_0040
    scanner provenance list --title AGM
    """


@command.command("add")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--title", help="The production it was made for. [default: the studio's own]")
@click.option("--tool", type=WORDS, required=True, help="What made it: tool or model, as the vendor calls it.")
@click.option("--use", type=click.Choice([use.value for use in Use]), required=True, help="What it was made for.")
@click.option("--tool-version", type=WORDS, help="The tool's or model's version.")
@click.option("--shot", type=WORDS, help="The shot or element that it belongs to.")
@click.option("--vendor", type=WORDS, help="Who made it.")
@click.option("--note", type=WORDS, help="Anything else worth keeping.")
@by_option
@_FORM
@config_option
@click.pass_context
def add(
    ctx: click.Context, /, paths: tuple[Path, ...], title: str | None, use: str, by: str | None, form: str, **said: str
) -> None:
    """Register AI material: stills, clips, sound, image sequences, or folders of them.

    Every file and every image sequence becomes a record of its own, with its hash and its fingerprints; the files stay
    where they are and are not needed again. Frames of a sequence may be named one by one, or by a quoted pattern.
    Registering the same bytes again is harmless. Sound is found by its bytes only.

    \b
    scanner provenance add sky.png --tool Midjourney --tool-version 7 --use temporary --shot AGM_010_0040
    scanner provenance add "plates/fog.*.exr" --tool "Runway Gen-4" --use final --vendor acme

    In a pipe: record, "new" or "known", file and remarks, with tabs between; the rest is on standard error.

    Exit code: 0 all is registered, 2 something could not be (the rest is), 3 usage or settings.
    """
    settings = needed_settings(ctx)
    title, by = needed_title(title, settings), needed_name(by)
    _check(paths)
    from scanner.registering import Registered, register
    from scanner.studio import Studio

    with Studio.open(settings) as studio, _progress() as on_member:
        results = list(register(studio, *paths, title=title, use=Use(use), by=by, on_member=on_member, **said))
    registered = [result for result in results if isinstance(result, Registered)]
    others = [result for result in results if not isinstance(result, Registered)]
    _say(registered, others, form)
    if any(not other.skipped for other in others):
        ctx.exit(_REFUSED)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="For rows that name no title. [default: the studio's own]")
@by_option
@_FORM
@config_option
@click.pass_context
def import_(ctx: click.Context, file: Path, title: str | None, by: str | None, form: str) -> None:
    """Register the rows of a CSV or JSON file, all or none.

    Columns: title, tool, tool_version, use, path (of media, below the file's own folder) or in its place sha256 and
    phash, shot, vendor, note, record_id, created_at. docs/import.md has examples.

    Exit code: 0 all is registered, 3 nothing is: every row and column that is wrong is told.
    """
    settings = needed_settings(ctx)
    from scanner.importing import import_records
    from scanner.studio import Studio

    with Studio.open(settings) as studio, _progress() as on_member:
        registered = import_records(
            studio, file, by=needed_name(by), title=title or settings.studio.title or None, on_member=on_member
        )
    _say(registered, (), form)


@command.command("list")
@click.option("--title", help="Only of this production.")
@click.option("--all", "retired", is_flag=True, help="With retired records.")
@_FORM
@config_option
@click.pass_context
def list_(ctx: click.Context, title: str | None, form: str, *, retired: bool) -> None:
    """List the records, oldest first.

    In a pipe: record, title, use, tool, shot, vendor, number of assets and day, with tabs between.
    """
    from scanner.report.register import records_table
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        records = store.records(title=title, retired=retired)
    if form == "json":
        print_json([_listed(record) for record in records])
    else:
        records_table(console(), records)


@command.command("show")
@click.argument("record_id", metavar="ID")
@_FORM
@config_option
@click.pass_context
def show(ctx: click.Context, record_id: str, form: str) -> None:
    """Show one record with its assets. Fingerprints are counted, not printed."""
    from scanner.report.register import record_json, record_shown
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        record = store.record(record_id)
    if form == "json":
        print_json(record_json(record))
    else:
        record_shown(console(), record)


@command.command("retire")
@click.argument("record_id", metavar="ID")
@by_option
@click.option("--reason", type=WORDS, required=True, help="Why it is no longer looked for.")
@config_option
@click.pass_context
def retire(ctx: click.Context, record_id: str, by: str | None, reason: str) -> None:
    """Retire a record: it is no longer looked for in deliveries.

    It is not deleted: it stays in the register's history, and in the verdicts that rest on it. It cannot be undone.
    """
    from scanner.report.plain import moment, shown
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        at = datetime.now(UTC)
        record = store.retire(record_id, by=needed_name(by), reason=reason, at=at)
    if record.retired_at is not None and record.retired_at != at:
        click.echo(f"{shown(record_id)} was retired on {moment(record.retired_at)} already; nothing was changed.")
    else:
        click.echo(f"{shown(record_id)} is retired: it is no longer looked for. It is kept for history.")


def _check(paths: Iterable[Path]) -> None:
    import glob

    for path in paths:
        if not path.is_symlink() and not path.exists() and not glob.has_magic(path.name):
            msg = f"{str(path)!r}: no such file or folder. Nothing was registered."
            raise SettingsError(msg)


@contextmanager
def _progress() -> "Iterator[OnMember]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from scanner.report.plain import shown

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    errors = console(stderr=True)
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("reading", total=None)

        def on_member(name: str, number: int, total: int) -> None:
            progress.update(task, description=shown(Path(name).name), completed=number - 1, total=total)

        yield on_member


def _say(registered: "Iterable[Registered]", others: "Iterable[NotRegistered]", form: str) -> None:
    """Results on standard output; what was refused or skipped, and the summary, on standard error."""
    registered, others = list(registered), list(others)
    if form == "json":
        print_json(
            {
                "registered": [_result_json(result) for result in registered],
                "refused": [_other_json(other) for other in others if not other.skipped],
                "skipped": [_other_json(other) for other in others if other.skipped],
            }
        )
    else:
        _table(registered)
    from scanner.report.listing import say
    from scanner.report.plain import shown

    errors = console(stderr=True)
    for other in sorted(others, key=lambda other: not other.skipped):
        say(errors, f"{'skipped' if other.skipped else 'NOT REGISTERED'}: {shown(other.name)}: {shown(other.reason)}")
    say(errors, _summary(registered, others))


def _table(registered: "list[Registered]") -> None:
    from scanner.report.listing import Column, Row, listed

    columns = (
        Column(heading="record", whole=True),
        Column(heading="", whole=True),
        Column(heading="file"),
        Column(heading="remarks"),
    )
    rows = [
        Row(cells=(r.record.record_id, "new" if r.new else "known", r.name, "; ".join(r.remarks))) for r in registered
    ]
    listed(console(), columns, rows, nothing="Nothing was registered.")


def _summary(registered: "list[Registered]", others: "list[NotRegistered]") -> str:
    """`2 records registered, 1 already there, 1 refused, 3 files skipped.`"""
    from scanner.report.plain import plural

    new = sum(result.new for result in registered)
    refused = sum(not other.skipped for other in others)
    parts = [f"{plural(new, 'record')} registered"]
    parts += [f"{len(registered) - new} already there"] if len(registered) > new else []
    parts += [f"{refused} NOT registered"] if refused else []
    parts += [f"{len(others) - refused} skipped"] if len(others) > refused else []
    return ", ".join(parts) + "."


def _result_json(result: "Registered") -> "dict[str, Json]":
    return {
        "record_id": result.record.record_id,
        "asset_ids": [asset.asset_id for asset in result.record.assets],
        "name": result.name,
        "new": result.new,
        "remarks": list(result.remarks),
    }


def _other_json(other: "NotRegistered") -> "dict[str, Json]":
    return {"name": other.name, "reason": other.reason}


def _listed(record: "ProvenanceRecord") -> "dict[str, Any]":
    """A record as a list tells it: its fingerprints are not read for that, so nothing is said of them."""
    from scanner.report.register import record_json

    told: dict[str, Any] = record_json(record)
    for asset in told["assets"]:
        del asset["fingerprints"]
    return told
