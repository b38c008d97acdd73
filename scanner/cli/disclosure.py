"""`scanner disclosure`: what AI material went out, where and on what ground; for credits, disclosure and insurers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, needed_settings
from scanner.errors import SettingsError

if TYPE_CHECKING:
    from scanner.disclosing import Dossier

_FORMS = ("csv", "html", "json", "edl", "otio", "fcpxml", "avid")
_OUT = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file. [default: print]"
)


@click.group("disclosure")
def command() -> None:
    """Where AI material is in a delivery that went on, on what ground, and what is to be said of it.

    \b
    scanner disclosure map 20261122-0415 --format csv --out ep101.csv
    scanner disclosure map 20261122-0415 --format edl --out ep101.edl     markers for an editing system
    scanner disclosure pack 20261122-0415 --out ep101_eo.html             with every record it rests on
    """


@command.command("map")
@click.argument("delivery_id")
@click.option("--format", "form", type=click.Choice(_FORMS), default="csv", show_default=True)
@click.option("--member", help="For markers: the file of the delivery that is meant, where several have places.")
@_OUT
@config_option
@click.pass_context
def map_(ctx: click.Context, delivery_id: str, form: str, member: str | None, out: Path | None) -> None:
    """The shot disclosure map of a delivery: timecodes, asset, tool, approval, consents, credit and disclosure texts.

    As a table (csv), a page (html), for programs (json), or as markers: an EDL with locators, OTIO, FCPXML, or the
    marker text of Avid Media Composer (avid). Consents are named by their ids.

    Exit code: 0 written, 3 not cleared or nothing to mark.
    """
    _write(out, _text(_dossier(ctx, delivery_id), form, member))


@command.command("pack")
@click.argument("delivery_id")
@click.option("--talent", is_flag=True, help="Name the people who consented.")
@_OUT
@config_option
@click.pass_context
def pack(ctx: click.Context, delivery_id: str, out: Path | None, *, talent: bool) -> None:
    """The errors-and-omissions pack: files and hashes, verdict, map, and the chain of records, as one HTML file.

    With a signed receipt in it, where the studio has a key (scanner receipt key). Prompts are never in it.
    """
    from scanner.report.disclosure_page import pack_html

    told = _dossier(ctx, delivery_id, receipt=True)
    text = pack_html(told.mapped, told.records, told.approvals, told.papers, receipt=told.receipt, talent=talent)
    _write(out, text)


def _dossier(ctx: click.Context, delivery_id: str, *, receipt: bool = False) -> "Dossier":
    from scanner.disclosing import dossier
    from scanner.studio import Studio

    with Studio.open(needed_settings(ctx), processes=1) as studio:
        return dossier(studio, delivery_id, receipt=receipt)


def _text(told: "Dossier", form: str, member: str | None) -> str:
    from scanner.report.disclosure import disclosure_csv, disclosure_object
    from scanner.report.json_text import json_text

    match form:
        case "csv":
            return disclosure_csv(told.mapped)
        case "json":
            return json_text(disclosure_object(told.mapped)) + "\n"
        case "html":
            from scanner.report.disclosure_page import disclosure_html

            return disclosure_html(told.mapped)
        case _:
            from scanner.report.markers import markers

            return markers(told.mapped, form, member=member)


def _write(out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        msg = f"{out}: cannot be written: {error.strerror}. Name another file with --out."
        raise SettingsError(msg) from error
    click.echo(str(out))
