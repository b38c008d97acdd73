"""`scanner queue`: pause and go on, drain a server, say what is handled first."""

from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, needed_settings
from scanner.errors import ScannerError, UnknownIdError
from scanner.model import DRAIN, PAUSE, Order, Priority, ServerState

if TYPE_CHECKING:
    from scanner.settings import Settings


@click.group("queue")
@config_option
def command() -> None:
    """The queue of deliveries, on all servers: pause, resume, drain, hurry. What is in it: scanner status."""


def _grounds(function: "click.decorators.FC") -> "click.decorators.FC":
    function = click.option("--reason", required=True, help="Why; kept for good.")(function)
    return click.option("--by", required=True, help="Your name; kept for good.")(function)


@command.command("pause")
@_grounds
@config_option
@click.pass_context
def pause(ctx: click.Context, by: str, reason: str) -> None:
    """Begin nothing new, on any server. What is under way goes on to its end; drops stay in the drop folder."""
    _order(ctx, PAUSE, "on", by, reason)
    click.echo("Paused: nothing new is begun. Go on with: scanner queue resume")


@command.command("resume")
@_grounds
@config_option
@click.pass_context
def resume(ctx: click.Context, by: str, reason: str) -> None:
    """Go on after a pause."""
    _order(ctx, PAUSE, "off", by, reason)
    click.echo("Resumed.")


@command.command("drain")
@click.argument("server")
@_grounds
@config_option
@click.pass_context
def drain(ctx: click.Context, server: str, by: str, reason: str) -> None:
    """Let a server end what it has under way and then itself, however long that takes. The others go on.

    It takes part again as soon as it is started anew.
    """
    settings = needed_settings(ctx)
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        living = store.sharing.servers()
        instances = [each.instance for each in living if server in (each.name, each.instance)]
    if not instances:
        names = ", ".join(sorted({each.name for each in living if each.state is ServerState.RUNNING})) or "none"
        msg = f"no server {server!r} is running. Running: {names}."
        raise UnknownIdError(msg)
    for instance in instances:
        _order(ctx, f"{DRAIN}{instance}", "on", by, reason)
    click.echo(f"{server} takes nothing more and ends when its deliveries are done.")


@command.command("hurry")
@click.argument("delivery_id")
@click.option(
    "--priority",
    type=click.Choice([priority.value for priority in Priority]),
    default=Priority.URGENT.value,
    show_default=True,
)
@_grounds
@config_option
@click.pass_context
def hurry(ctx: click.Context, delivery_id: str, priority: str, by: str, reason: str) -> None:
    """Handle a delivery that waits before the others, or after them.

    An id may be shortened. One that is being handled already goes on as it is.
    """
    settings = needed_settings(ctx)
    from scanner import engine

    whole_id = _on_bench(settings, delivery_id)
    _order(ctx, f"priority:{whole_id}", priority, by, reason)
    if engine.hurry(settings, whole_id, Priority(priority)):
        click.echo(f"{whole_id} waits with priority {priority} now.")
    else:
        click.echo(f"{whole_id} does not wait in the queue: it is being handled, or has been.")


def _order(ctx: click.Context, name: str, value: str, by: str, reason: str) -> None:
    settings = needed_settings(ctx)
    if not by.strip() or not reason.strip():
        msg = "--by and --reason must not be empty: they are kept as the grounds of the order"
        raise click.UsageError(msg, ctx)
    from datetime import UTC, datetime

    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        order = Order(name=name, value=value, by=by.strip(), reason=reason.strip(), at=datetime.now(UTC))
        store.sharing.give_order(order)


def _on_bench(settings: "Settings", start: str) -> str:
    """The id of the delivery on the bench that starts so: one that waits is not in the store yet."""
    from scanner.intake.bench import on_bench

    try:
        ids = [entry.folder.name for entry in on_bench(settings.folder("work"))]
    except ScannerError as error:
        msg = f"the bench cannot be looked at: {error}"
        raise UnknownIdError(msg) from error
    found = [each for each in ids if start and each.startswith(start)]
    if len(found) != 1:
        what = "none" if not found else f"{len(found)}: {', '.join(found)}"
        msg = f"of the deliveries that are on the bench, {what} has an id that starts with {start!r}."
        raise UnknownIdError(msg)
    return found[0]
