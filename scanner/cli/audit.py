"""`scanner audit`: the log of every decision, ruling and move; whether anybody has changed it."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import MOMENT, print_json
from scanner.errors import ScannerError
from scanner.model import Head, Tampered, Verified

if TYPE_CHECKING:
    from scanner.store import Store

_TAMPERED = 1
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@click.group("audit")
def command() -> None:
    """The log of every decision, ruling and move. Each entry is chained to the one before by its digest.

    \b
    scanner audit verify                        has anybody changed the log, or the records it vouches for?
    scanner audit head                          what to write down elsewhere, to prove later that nothing was cut off
    scanner audit list --delivery 20261122-0415
    scanner audit export audit.jsonl            for others to verify, without a scanner
    """


def _head(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Head | None:
    if value is None:
        return None
    found = _HEAD.fullmatch(value.strip())
    if found is None:
        msg = "a head is NUMBER:DIGEST, as `scanner audit head` prints it"
        raise click.BadParameter(msg, ctx, parameter)
    return Head(number=int(found[1]), digest=found[2])


@command.command("verify")
@click.option(
    "--head", "noted", callback=_head, metavar="NUMBER:DIGEST", help="A head kept elsewhere: it must be there."
)
@click.option("--file", "exported", type=click.Path(path_type=Path, dir_okay=False), help="An exported log, by itself.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@config_option
@click.pass_context
def verify(ctx: click.Context, noted: Head | None, exported: Path | None, form: str) -> None:
    """Check the whole log, and that the records are as it says: verdicts, rulings, approvals, recalls, places.

    Exit code: 0 whole, 1 tampered with (each entry is named), 2 it could not be read.
    """
    from scanner.report.audit import result_lines, result_object
    from scanner.report.listing import say
    from scanner.report.plain import shown

    result = _verified(ctx, noted, exported)
    if form == "json":
        print_json(result_object(result))
    else:
        say(console(), *map(shown, result_lines(result, alone=exported is not None)))
    ctx.exit(_TAMPERED if isinstance(result, Tampered) else 0)


def _verified(ctx: click.Context, noted: Head | None, exported: Path | None) -> Verified | Tampered:
    if exported is None:
        with _store(ctx) as store:
            return store.audit.verify(noted)
    from scanner.store.audit_chain import verify_lines

    try:
        with exported.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            return verify_lines(lines, noted)
    except OSError as error:
        msg = f"{str(exported)!r} cannot be read: {error.strerror}"
        raise ScannerError(msg) from error


@command.command("list")
@click.option("--delivery", "delivery_id", metavar="ID", help="Only of this delivery; its id may be shortened.")
@click.option("--since", type=MOMENT, help="Only what was written from then on (2026-11-22).")
@click.option("--format", "form", type=click.Choice(("table", "json", "jsonl")), default="table", show_default=True)
@config_option
@click.pass_context
def list_(ctx: click.Context, delivery_id: str | None, since: datetime | None, form: str) -> None:
    """The entries, oldest first."""
    from scanner.report.audit import entries_table, entry_object
    from scanner.report.json_text import json_text

    with _store(ctx) as store:
        entries = store.audit.entries(delivery_id=delivery_id, since=since)
        if form == "jsonl":
            for entry in entries:
                click.echo(json_text(entry_object(entry), indent=None))
        elif form == "json":
            print_json([entry_object(entry) for entry in entries])
        else:
            entries_table(console(), entries)


@command.command("head")
@config_option
@click.pass_context
def head(ctx: click.Context) -> None:
    """The number and digest of the last entry. Keep it where nobody who can write to the database can."""
    with _store(ctx) as store:
        click.echo(store.audit.head())


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@config_option
@click.pass_context
def export(ctx: click.Context, file: Path) -> None:
    """Write the log as lines of JSON that can be verified by themselves; `-`: to standard output.

    A file that is there already is not overwritten.
    """
    from scanner.model.audit import line_of

    with _store(ctx) as store, _opened(file) as output:
        for entry in store.audit.entries():
            output.write(line_of(entry).encode("utf-8") + b"\n")


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with file.open("xb") as output:
            yield output
    except OSError as error:
        msg = f"{str(file)!r} cannot be written: {error.strerror}"
        raise ScannerError(msg) from error


def _store(ctx: click.Context) -> "Store":
    from scanner.store import Store

    return Store.open(needed_settings(ctx).store_url, make=False)
