"""`scanner quarantine`: what was blocked, and what a person decides about it."""

from pathlib import Path

import click

from scanner.cli.blocked import blocked, meant, opened
from scanner.cli.common import config_option, console, needed_settings, write_report
from scanner.cli.rulings import RULINGS
from scanner.model import DeliveryRecord


@click.group("quarantine")
@config_option
def command() -> None:
    """Held and quarantined deliveries: list, look, and rule: release, restore, keep, waive, escalate."""


for _ruling in RULINGS:
    command.add_command(_ruling)


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what has been ruled on, flagged and cleared.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@config_option
@click.pass_context
def list_(ctx: click.Context, form: str, *, everything: bool) -> None:
    """What is held or quarantined, since when, and what it waits for."""
    settings = needed_settings(ctx)
    with opened(settings) as store:
        records = store.deliveries() if everything else blocked(store, settings)
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
    with opened(settings) as store:
        record = store.delivery(meant(store, settings, delivery_id))
    if form == "table":
        from scanner.report.quarantine import quarantine_shown

        quarantine_shown(console(), record, shortest_shot=settings.examining.shortest_shot)
        return
    text = _as_text(record, form, settings.examining.shortest_shot)
    if output is None:
        click.echo(text)
    else:
        write_report(output, text)


def _as_text(record: DeliveryRecord, form: str, shortest_shot: int) -> str:
    from scanner.report.html import html
    from scanner.report.json_text import json_text
    from scanner.report.quarantine import record_object
    from scanner.report.scanned import of_record

    scanned = of_record(record)
    if form == "html" and scanned is not None:
        return html((scanned,), shortest_shot=shortest_shot, heading=f"Delivery {record.delivery.delivery_id}")
    return json_text(record_object(record))
