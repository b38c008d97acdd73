"""`scanner provenance`: what AI material the production made: register it, list it, retire it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import WORDS, by_option, needed_name, needed_title, print_json
from scanner.cli.recall import say_recalled, searched
from scanner.cli.registered import REFUSED, check_paths, progress, say_registered
from scanner.model import Use

if TYPE_CHECKING:
    from scanner.model import ProvenanceRecord
    from scanner.registering import Registered
    from scanner.studio import Studio

_USES = [use.value for use in Use if use is not Use.KNOWN_GOOD]
_RECALL = click.option(
    "--recall/--no-recall", "recalling", default=True, help="Look for it in what was cleared before. [default: yes]"
)
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
@click.option("--use", type=click.Choice(_USES), required=True, help="What it was made for.")
@click.option("--tool-version", type=WORDS, help="The tool's or model's version.")
@click.option("--shot", type=WORDS, help="The shot or element that it belongs to.")
@click.option("--vendor", type=WORDS, help="Who made it.")
@click.option("--note", type=WORDS, help="Anything else worth keeping.")
@_RECALL
@by_option
@_FORM
@config_option
@click.pass_context
def add(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    title: str | None,
    use: str,
    by: str | None,
    form: str,
    *,
    recalling: bool,
    **said: str,
) -> None:
    """Register AI material: stills, clips, sound, image sequences, or folders of them.

    Every file and every image sequence becomes a record of its own, with its hash and its fingerprints; the files stay
    where they are and are not needed again. Frames of a sequence may be named one by one, or by a quoted pattern.
    Registering the same bytes again is harmless, and makes fingerprints anew that another version wrote. Sound is found
    under a mix, that of clips too. What is new is then looked for in all that was cleared before: see scanner recall.

    \b
    scanner provenance add sky.png --tool Midjourney --tool-version 7 --use temporary --shot AGM_010_0040
    scanner provenance add "plates/fog.*.exr" --tool "Runway Gen-4" --use final --vendor acme

    In a pipe: record, "new", "known" or "made again", file, remarks, with tabs between; the rest is on standard error.

    Exit code: 0 all is registered, 2 something could not be (the rest is), 3 usage or settings.
    """
    settings = needed_settings(ctx)
    title, by = needed_title(title, settings), needed_name(by)
    check_paths(paths)
    from scanner.registering import Registered, register
    from scanner.studio import Studio

    with Studio.open(settings) as studio:
        with progress() as on_member:
            found = register(studio, *paths, title=title, use=Use(use), by=by, on_member=on_member, check=None, **said)
            results = list(found)
        registered = [result for result in results if isinstance(result, Registered)]
        others = [result for result in results if not isinstance(result, Registered)]
        say_registered(registered, others, form)
        _recall(studio, _new_assets(registered) if recalling else (), by=by)
    if any(not other.skipped for other in others):
        ctx.exit(REFUSED)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="For rows that name no title. [default: the studio's own]")
@_RECALL
@by_option
@_FORM
@config_option
@click.pass_context
def import_(ctx: click.Context, file: Path, title: str | None, by: str | None, form: str, *, recalling: bool) -> None:
    """Register the rows of a CSV or JSON file, all or none. What is new is looked for in what was cleared before.

    Columns: title, tool, tool_version, use, path (of media, below the file's own folder) or in its place sha256 and
    phash, shot, vendor, note, record_id, created_at. docs/import.md has examples.

    Exit code: 0 all is registered, 3 nothing is: every row and column that is wrong is told.
    """
    settings = needed_settings(ctx)
    from scanner.importing import import_records
    from scanner.studio import Studio

    by = needed_name(by)
    with Studio.open(settings) as studio:
        with progress() as on_member:
            registered = import_records(
                studio, file, by=by, title=title or settings.studio.title or None, on_member=on_member
            )
        say_registered(registered, (), form)
        _recall(studio, _new_assets(registered) if recalling else (), by=by)


def _new_assets(registered: "Sequence[Registered]") -> list[str]:
    return [asset.asset_id for each in registered if each.new or each.made_again for asset in each.record.assets]


def _recall(studio: "Studio", new: Sequence[str], *, by: str) -> None:
    """Look for what is new in what was cleared before; says what it found, and nothing where nothing ever was."""
    if new and studio.kept.went_on():
        say_recalled(*searched(studio, new, by=by, registered=True))


@command.command("list")
@click.option("--title", help="Only of this production.")
@click.option("--all", "retired", is_flag=True, help="With retired records.")
@_FORM
@config_option
@click.pass_context
def list_(ctx: click.Context, title: str | None, form: str, *, retired: bool) -> None:
    """List the records, oldest first.

    In a pipe: record, title, use, tool, shot, vendor, number of assets, day and files, with tabs between.
    """
    from scanner.report.register import records_table
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        records = [r for r in store.records(title=title, retired=retired) if r.use is not Use.KNOWN_GOOD]
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

    It is not deleted: it stays in the register's history, and in the verdicts that rest on it. To bring it back:
    scanner provenance reinstate.
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


@command.command("reinstate")
@click.argument("record_id", metavar="ID")
@by_option
@click.option("--reason", type=WORDS, required=True, help="Why it is looked for again; kept for good.")
@_RECALL
@config_option
@click.pass_context
def reinstate(ctx: click.Context, record_id: str, by: str | None, reason: str, *, recalling: bool) -> None:
    """Bring a retired record back: it is looked for in deliveries again, and in what was cleared meanwhile.

    That it was retired, by whom and why, stays in the audit log. Refused: what is known to be good.
    """
    settings, by = needed_settings(ctx), needed_name(by)
    from scanner.report.plain import shown
    from scanner.studio import Studio

    with Studio.open(settings, processes=1) as studio:
        record, is_back = studio.kept.reinstate(record_id, by=by, reason=reason, at=studio.now())
        if not is_back:
            click.echo(f"{shown(record_id)} is not retired; nothing was changed.")
            return
        click.echo(f"{shown(record_id)} is in force again: it is looked for.")
        _recall(studio, [asset.asset_id for asset in record.assets] if recalling else (), by=by)


def _listed(record: "ProvenanceRecord") -> "dict[str, Any]":
    """A record as a list tells it: its fingerprints are not read for that, so nothing is said of them."""
    from scanner.report.register import record_json

    told: dict[str, Any] = record_json(record)
    for asset in told["assets"]:
        del asset["fingerprints"], asset["features"], asset["sounds"]
    return told
