"""`scanner known-good`: pictures and sounds that must not alarm: slates, logos, bars, library shots, stings."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import WORDS, by_option, needed_name, print_json
from scanner.cli.registered import REFUSED, check_paths, progress, say_registered
from scanner.errors import UnknownIdError
from scanner.model import EVERY_TITLE, Use

if TYPE_CHECKING:
    from scanner.store import Store

_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)


@click.group("known-good")
def command() -> None:
    """Pictures and sounds that are no AI material and must not alarm: slates, logos, library shots, stings.

    \b
    scanner known-good add logo.png bars.mov --why "studio logo and bars" --by "Ada Okafor"
    scanner known-good list
    """


@command.command("add")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--why", type=WORDS, required=True, help="What it is; kept for good.")
@click.option("--by", type=WORDS, required=True, help="Your name; kept for good.")
@click.option("--title", type=WORDS, default=EVERY_TITLE, help="Only in deliveries of this production. [default: all]")
@click.option("--although-alike", is_flag=True, help="Also what shows or plays registered AI material; noted.")
@_FORM
@config_option
@click.pass_context
def add(
    ctx: click.Context, paths: tuple[Path, ...], why: str, by: str, title: str, form: str, *, although_alike: bool
) -> None:
    """Enter pictures and sounds as known to be good. What shows or plays them is no evidence of AI material.

    Refused: the very bytes of registered AI material, and whatever it is found in as in a delivery: by whole frames,
    in a part of the picture (inset, crop, flop), in the sound. See --although-alike.

    Exit code: 0 all is entered, 2 something could not be (the rest is), 3 usage or settings.
    """
    settings = needed_settings(ctx)
    check_paths(paths)
    from scanner.known_good import register_good
    from scanner.registering import Registered
    from scanner.studio import Studio

    with Studio.open(settings) as studio, progress() as on_member:
        found = register_good(
            studio, *paths, why=why, by=by, title=title, although_alike=although_alike, on_member=on_member
        )
        results = list(found)
    others = [result for result in results if not isinstance(result, Registered)]
    say_registered([result for result in results if isinstance(result, Registered)], others, form)
    if any(not other.skipped for other in others):
        ctx.exit(REFUSED)


@command.command("list")
@click.option("--all", "retired", is_flag=True, help="With what is retired.")
@_FORM
@config_option
@click.pass_context
def list_(ctx: click.Context, form: str, *, retired: bool) -> None:
    """List what is known to be good, oldest first.

    In a pipe: record, title ("*": all), state, name, why, by and day, with tabs between.
    """
    from scanner.report.register import good_json, good_table
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        records = [record for record in store.records(retired=retired) if record.use is Use.KNOWN_GOOD]
    if form == "json":
        print_json([good_json(record) for record in records])
    else:
        good_table(console(), records)


@command.command("retire")
@click.argument("record_id", metavar="ID")
@by_option
@click.option("--reason", type=WORDS, required=True, help="Why it is no longer held to be good.")
@config_option
@click.pass_context
def retire(ctx: click.Context, record_id: str, by: str | None, reason: str) -> None:
    """Take a picture out of the bank: what shows it may alarm again. It is kept for history."""
    from scanner.report.plain import moment, shown
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        _check_good(store, record_id)
        at = datetime.now(UTC)
        record = store.retire(record_id, by=needed_name(by), reason=reason, at=at)
    if record.retired_at is not None and record.retired_at != at:
        click.echo(f"{shown(record_id)} was retired on {moment(record.retired_at)} already; nothing was changed.")
    else:
        click.echo(f"{shown(record_id)} is retired: what shows it may alarm again. It is kept for history.")


def _check_good(store: "Store", record_id: str) -> None:
    if store.record(record_id).use is not Use.KNOWN_GOOD:
        msg = f"{record_id!r} is AI material, not known to be good. To retire it: scanner provenance retire"
        raise UnknownIdError(msg)
