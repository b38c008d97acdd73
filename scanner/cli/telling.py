"""`scanner telling`: what is still to be told to webhooks and commands."""

from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import print_json
from scanner.errors import UnknownIdError

if TYPE_CHECKING:
    from scanner.outward import TellingTable

_NOT_RECEIVED = 2


@click.group("telling")
def command() -> None:
    """Webhooks and commands ([[telling]] in scanner.toml): what waits, try again, test.

    \b
    scanner telling test
    scanner telling list
    scanner telling retry
    """


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what was sent.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@config_option
@click.pass_context
def list_(ctx: click.Context, form: str, *, everything: bool) -> None:
    """What waits to be told and what was given up after three days, oldest first. Nothing is ever deleted.

    In a pipe: id, target, event, state, tries, delivery, written, next, why not, with tabs between.
    """
    settings = needed_settings(ctx)
    from scanner.report.messages import message_object, message_table
    from scanner.store import Store

    targets = [target.name for target in settings.telling]
    with Store.open(settings.store_url, make=False) as store:
        messages = store.outbox.messages(sent=everything)
    if form == "json":
        print_json([message_object(each, targets) for each in messages])
    else:
        message_table(console(), messages, targets)


@command.command("retry")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--target", help="Only what is for this target.")
@config_option
@click.pass_context
def retry(ctx: click.Context, ids: tuple[str, ...], target: str | None) -> None:
    """Make what waits or was given up due now: the daemon sends it within seconds, or tries for three more days.

    Without ids, everything that was not sent. What was sent is sent again only if it is named.
    """
    from scanner.report.plain import plural
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        count = store.outbox.retry(ids, target=target)
    click.echo(f"{plural(count, 'message')} due now.")


@command.command("test")
@click.argument("names", nargs=-1, metavar="[TARGET]...")
@config_option
@click.pass_context
def test(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Send each target, or those that are named, a message that says nothing (type telling.test).

    Exit code: 0 all have received it, 2 one has not, 3 usage or settings.
    """
    settings = needed_settings(ctx)
    targets = _chosen(settings.telling, names)
    if not targets:
        click.echo("Nobody is told: there is no [[telling]] in scanner.toml.")
        return
    from scanner import telling

    reasons = [telling.test(settings.home, target) for target in targets]
    for target, why in zip(targets, reasons, strict=True):
        click.echo(f"{target.name}: {'received' if why is None else f'NOT received: {why}'}")
    if any(why is not None for why in reasons):
        ctx.exit(_NOT_RECEIVED)


def _chosen(targets: "tuple[TellingTable, ...]", names: tuple[str, ...]) -> "tuple[TellingTable, ...]":
    known = {target.name: target for target in targets}
    for name in names:
        if name not in known:
            msg = f"{name!r} is no target in scanner.toml. There are: {', '.join(known) or 'none'}"
            raise UnknownIdError(msg)
    return tuple(known[name] for name in names) if names else targets
