"""`scanner quarantine`: what was blocked, and what a person decides about it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.actions import blocked_destination
from scanner.cli.common import config_option, console, needed_settings, write_report
from scanner.errors import UnknownIdError
from scanner.model import DeliveryRecord, Outcome, Ruling, RulingAction, Stage

if TYPE_CHECKING:
    from scanner.settings import Settings
    from scanner.store import Store

_BLOCKED = (Outcome.HOLD, Outcome.QUARANTINE)


@click.group("quarantine")
@config_option
def command() -> None:
    """Held and quarantined deliveries: list, look, release, restore."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what has been ruled on, flagged and cleared.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@config_option
@click.pass_context
def list_(ctx: click.Context, form: str, *, everything: bool) -> None:
    """What is held or quarantined, since when, and what it waits for."""
    settings = needed_settings(ctx)
    with _store(settings) as store:
        records = store.deliveries() if everything else _blocked(store, settings)
    from scanner.report.quarantine import quarantine_table, record_object

    if form == "json":
        from scanner.report.json_text import json_text

        click.echo(json_text([record_object(record) for record in records]))
    else:
        quarantine_table(console(), records)


@command.command("show")
@click.argument("delivery_id")
@click.option("--format", "form", type=click.Choice(["table", "json", "html"]), default="table", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write there, not to the screen.")
@config_option
@click.pass_context
def show(ctx: click.Context, delivery_id: str, form: str, output: Path | None) -> None:
    """Everything about one delivery: findings, where its bytes are, what was decided.

    An id may be shortened; the name of a blocked delivery does too, if only one has it.
    """
    settings = needed_settings(ctx)
    with _store(settings) as store:
        record = store.delivery(_meant(store, settings, delivery_id))
    if form == "table":
        from scanner.report.quarantine import quarantine_shown

        quarantine_shown(console(), record, shortest_shot=settings.examining.shortest_shot)
        return
    text = _as_text(record, form, settings.examining.shortest_shot)
    if output is None:
        click.echo(text)
    else:
        write_report(output, text)


def _ruling_options(function: "click.decorators.FC") -> "click.decorators.FC":
    function = click.option("--approval", help="The approval that it rests on.")(function)
    function = click.option("--reason", required=True, help="Why; kept for good.")(function)
    return click.option("--by", required=True, help="Your name; kept for good.")(function)


@command.command("release")
@click.argument("delivery_id")
@_ruling_options
@config_option
@click.pass_context
def release(ctx: click.Context, delivery_id: str, by: str, reason: str, approval: str | None) -> None:
    """Let a held or quarantined delivery go on to cleared/. Its bytes are verified first.

    \b
    scanner quarantine release 20261122-0415 --by "Ada Lovelace" --reason "cleared by legal" --approval ESC-7
    """
    _rule(ctx, delivery_id, RulingAction.RELEASE, by, reason, approval)


@command.command("restore")
@click.argument("delivery_id")
@_ruling_options
@config_option
@click.pass_context
def restore(ctx: click.Context, delivery_id: str, by: str, reason: str, approval: str | None) -> None:
    """Put a delivery back to where it was dropped, byte for byte; it is then examined and judged anew.

    For when the register or an approval has changed since. Never overwrites: an occupied place is refused.
    """
    _rule(ctx, delivery_id, RulingAction.RESTORE, by, reason, approval)


def _rule(
    ctx: click.Context, delivery_id: str, action: RulingAction, by: str, reason: str, approval: str | None
) -> None:
    settings = needed_settings(ctx)
    if not by.strip() or not reason.strip():
        param = "--by and --reason must not be empty: they are kept as the grounds of the ruling"
        raise click.UsageError(param, ctx)
    from scanner.pipeline import rule
    from scanner.report.plain import shown
    from scanner.studio import Studio

    with Studio.open(settings, processes=1) as studio:
        if approval is not None:
            studio.kept.approval(approval)
        ruling = Ruling(action=action, by=by.strip(), reason=reason.strip(), approval=approval, at=studio.now())
        place = rule(studio, _meant(studio.kept, settings, delivery_id), ruling)
    done = "Released to" if action is RulingAction.RELEASE else "Restored to"
    click.echo(f"{done} {shown(str(place))}")


def _blocked(store: "Store", settings: "Settings") -> tuple[DeliveryRecord, ...]:
    """What is held or quarantined; also what has been ruled on, as long as it could not be moved."""
    judged_again = store.deliveries(stages=(Stage.JUDGED_AGAIN,))
    waiting = {record.delivery.delivery_id for record in judged_again}
    others = (record for record in store.deliveries(outcomes=_BLOCKED) if _is_blocked(record, settings))
    found = (*judged_again, *(record for record in others if record.delivery.delivery_id not in waiting))
    return tuple(sorted(found, key=lambda each: (each.delivery.received_at, each.delivery.delivery_id), reverse=True))


def _is_blocked(record: DeliveryRecord, settings: "Settings") -> bool:
    if record.stage is not Stage.RULED or record.verdict is None:
        return record.stage in (Stage.DECIDED, Stage.CARRIED_OUT)
    folder = settings.folder("quarantine" if record.verdict.outcome is Outcome.QUARANTINE else "held")
    return os.path.lexists(blocked_destination(folder, record.delivery.name, record.delivery.delivery_id))


def _meant(store: "Store", settings: "Settings", text: str) -> str:
    """The id of the delivery that a person means: its id, the beginning of it, or a name that only one blocked one has.

    Names are the vendor's choice: one that is the beginning of a blocked delivery's id never stands for another.
    Raises UnknownIdError.
    """
    blocked = _blocked(store, settings)
    named = [record.delivery.delivery_id for record in blocked if record.delivery.name == text]
    if not named or any(record.delivery.delivery_id.startswith(text) for record in blocked):
        return store.delivery(text).delivery.delivery_id
    if len(named) > 1:
        msg = f"{text!r} is the name of {len(named)} blocked deliveries: say which by its id: {', '.join(named)}."
        raise UnknownIdError(msg)
    return named[0]


def _store(settings: "Settings") -> "Store":
    from scanner.store import Store

    return Store.open(settings.store_url, make=False)


def _as_text(record: DeliveryRecord, form: str, shortest_shot: int) -> str:
    from scanner.report.html import html
    from scanner.report.json_text import json_text
    from scanner.report.quarantine import record_object
    from scanner.report.scanned import of_record

    scanned = of_record(record)
    if form == "html" and scanned is not None:
        return html((scanned,), shortest_shot=shortest_shot, heading=f"Delivery {record.delivery.delivery_id}")
    return json_text(record_object(record))
