"""`scanner recall`: look for registered material in what was cleared before; list what was found; close it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import MOMENT, WORDS, by_option, needed_name, print_json
from scanner.model import Outcome

if TYPE_CHECKING:
    from scanner.report.recalls import NotSearched, Recalled
    from scanner.studio import Studio

_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
_FIND = "find"


class _FindByDefault(click.Group):
    """`scanner recall PR-…` is `scanner recall find PR-…`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else [_FIND, *args])


@click.group("recall", cls=_FindByDefault)
def command() -> None:
    """Look for registered AI material in what was cleared before; list what was found, and close it.

    \b
    scanner recall                       everything that is registered (the same as: scanner recall find)
    scanner recall find PR-40c91159db    one record
    scanner recall list --open
    scanner recall close RC-1f0c2a9b3d --by "Ada Okafor" --reason "replaced by v4"
    """


@command.command(_FIND)
@click.argument("ids", nargs=-1, metavar="[RECORD_OR_ASSET_ID]...")
@click.option("--title", type=WORDS, help="Only what is registered for this production.")
@click.option("--since", type=MOMENT, help="Only deliveries received, judged or ruled on since then (2026-11-22).")
@by_option
@_FORM
@config_option
@click.pass_context
def find(
    ctx: click.Context, ids: tuple[str, ...], title: str | None, since: datetime | None, by: str | None, form: str
) -> None:
    """Look for registered material in every delivery that was cleared, flagged or released.

    Stored fingerprints are compared: no media file is opened and nothing is moved. What is found is judged as it would
    be today, approvals included, and written down once. What a person released knowing of it is not told again.

    Exit code: 1 something that is not approved was found; else 2 some deliveries could not be searched, or not in full
    (each is told on standard error); else 4 something to look at was found; else 0.
    """
    settings = needed_settings(ctx)
    from scanner.studio import Studio

    with Studio.open(settings, processes=1) as studio:
        recalled, others = searched(studio, ids, by=needed_name(by), title=title, since=since)
    from scanner.report.recalls import not_searched_object, recall_object, recalls_table

    if form == "json":
        print_json(
            {
                "found": [recall_object(each) for each in recalled],
                "not_searched": [not_searched_object(each) for each in others],
            }
        )
    else:
        recalls_table(console(), recalled)
    say_recalled(recalled, others)
    worst = max((each.recall.outcome for each in recalled if each.recall.closed_at is None), default=Outcome.PASS)
    if worst >= Outcome.HOLD:
        ctx.exit(Outcome.QUARANTINE.exit_code)
    ctx.exit(Outcome.HOLD.exit_code if others else worst.exit_code)


@command.command("list")
@click.option("--open", "open_", is_flag=True, help="Only those that nobody has closed.")
@_FORM
@config_option
@click.pass_context
def list_(ctx: click.Context, form: str, *, open_: bool) -> None:
    """Everything that was found in what was cleared before, oldest first."""
    from scanner.recalling import located
    from scanner.report.recalls import recall_object, recalls_table
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        recalled = [located(store, each) for each in store.recalls(closed=not open_)]
    if form == "json":
        print_json([recall_object(each) for each in recalled])
    else:
        recalls_table(console(), recalled)


@command.command("close")
@click.argument("recall_id", metavar="ID")
@click.option("--by", type=WORDS, required=True, help="Your name; kept for good.")
@click.option("--reason", type=WORDS, required=True, help="What was done about it; kept for good.")
@config_option
@click.pass_context
def close(ctx: click.Context, recall_id: str, by: str, reason: str) -> None:
    """Say that a recall has been dealt with. It stays in the list, and cannot be opened again."""
    from scanner.report.plain import moment, shown
    from scanner.store import Store

    at = datetime.now(UTC)
    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        closed = store.close_recall(recall_id, by=by, reason=reason, at=at)
    if closed.closed_at is not None and closed.closed_at != at:
        click.echo(f"{shown(recall_id)} was closed on {moment(closed.closed_at)} already; nothing was changed.")
    else:
        click.echo(f"{shown(recall_id)} is closed.")


def searched(
    studio: "Studio",
    ids: Sequence[str],
    *,
    by: str,
    title: str | None = None,
    since: datetime | None = None,
    registered: bool = False,
) -> "tuple[list[Recalled], list[NotSearched]]":
    """What was found, and what could not be searched. `registered`: because the material is new in the register."""
    from scanner.model import RecallReason
    from scanner.recalling import recall
    from scanner.report.recalls import Recalled

    reason = RecallReason.REGISTERED if registered else RecallReason.ASKED
    results = list(recall(studio, ids, by=by, reason=reason, title=title, since=since))
    recalled = [result for result in results if isinstance(result, Recalled)]
    return recalled, [result for result in results if not isinstance(result, Recalled)]


def say_recalled(recalled: "Sequence[Recalled]", others: "Sequence[NotSearched]") -> None:
    """What could not be searched, and what came of the rest, on standard error."""
    from scanner.report.listing import say
    from scanner.report.plain import shown
    from scanner.report.recalls import not_searched_line, summary

    errors = console(stderr=True)
    for each in others:
        say(errors, shown(not_searched_line(each)))
    say(errors, shown(summary(recalled)))
