"""`scanner escalation`: what must be approved in writing, as a request that is ready to be sent."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, needed_settings
from scanner.cli.entering import WORDS, by_option, needed_name
from scanner.errors import SettingsError

if TYPE_CHECKING:
    from scanner.report.drafts import Draft

_FORMS = ("text", "html", "json")
_SUFFIXES = {"text": "txt", "html": "html", "json": "json"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@click.group("escalation")
def command() -> None:
    """What the guidance asks to be approved in writing, and the request for it.

    \b
    scanner escalation draft rec-0042 --delivery 20261122-0415 --out requests/
    """


@command.command("draft")
@click.argument("record_id", metavar="RECORD_ID")
@click.option("--delivery", "delivery_id", metavar="ID", help="The delivery in which it was found.")
@click.option("--to", "to", multiple=True, type=WORDS, help="Who is asked. [default: who may approve for the title]")
@click.option("--format", "form", type=click.Choice(_FORMS), help="[default: text; with --out, text and html]")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write into this folder.")
@by_option
@config_option
@click.pass_context
def draft(
    ctx: click.Context,
    record_id: str,
    delivery_id: str | None,
    to: tuple[str, ...],
    form: str | None,
    out: Path | None,
    by: str | None,
) -> None:
    """Fill in the request for written approval of the use that a record describes, ready to be sent.

    With what must be escalated and by which clause, where it was found, stills, tools and their terms, the consents
    that there are and those that are missing, and what was done so far. Where the guidance asks only to be told, it is
    a notice. It is sent by you, and registered with scanner approval add. Prompts are never in it.

    Exit code: 0 written, 3 no such record, nothing of it in the delivery, or settings.
    """
    settings = needed_settings(ctx)
    from scanner.drafting import draft as drafted
    from scanner.settings import read_policy
    from scanner.store import Store

    policy = read_policy(settings.home / settings.policy.file)
    with Store.open(settings.store_url, make=False) as store:
        made = drafted(
            store, policy, record_id, delivery_id=delivery_id, by=needed_name(by), to=to, at=datetime.now(UTC)
        )
    if out is None:
        click.echo(_text(made, form or "text"), nl=False)
        return
    for each in (form,) if form else ("text", "html"):
        _write(out, made, each)


def _text(made: "Draft", form: str) -> str:
    from scanner.report.escalations import escalation_html, escalation_object, escalation_text
    from scanner.report.json_text import json_text

    match form:
        case "html":
            return escalation_html(made)
        case "json":
            return json_text(escalation_object(made)) + "\n"
        case _:
            return escalation_text(made)


def _write(out: Path, made: "Draft", form: str) -> None:
    from scanner.report.plain import shown

    name = _NOT_IN_A_NAME.sub("_", made.record.record_id)
    path = out / f"escalation_{name}_{made.at:%Y-%m-%d_%H%M}.{_SUFFIXES[form]}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(made, form), encoding="utf-8", newline="")
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror}. Name another folder with --out."
        raise SettingsError(msg) from error
    click.echo(shown(str(path)))
