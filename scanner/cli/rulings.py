"""`scanner quarantine release`, `restore`, `keep`, `waive`, `escalate`: what a person decides about what is blocked."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.blocked import meant
from scanner.cli.common import config_option, needed_settings
from scanner.cli.entering import END_MOMENT, WORDS
from scanner.model import DeliveryRecord, Lesson, Ruling, RulingAction, RulingTerms, Waiver

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.studio import Studio

_LESSON = click.Choice([lesson.value for lesson in Lesson])


def _grounds(function: "click.decorators.FC") -> "click.decorators.FC":
    """What every ruling is given: who, in what role, why, what it rests on, and the second person."""
    options = (
        click.option("--by", required=True, help="Your name; kept for good."),
        click.option("--role", type=WORDS, help="In what role you rule; kept for good."),
        click.option("--reason", required=True, help="Why; kept for good."),
        click.option("--approval", help="The approval that it rests on, or the escalation that it waits for."),
        click.option("--second", type=WORDS, help="The second person, where the policy asks for one."),
        click.option("--second-role", type=WORDS, help="In what role the second person agrees."),
        click.option("--teach", type=_LESSON, help="Also register what was found: as good, or as AI material."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("release")
@click.argument("delivery_id")
@_grounds
@config_option
@click.pass_context
def release(ctx: click.Context, /, delivery_id: str, **given: Any) -> None:
    """Let a held or quarantined delivery go on to cleared/. Its bytes are verified first.

    With --teach known-good, the delivered frames that looked like registered material alarm no more.

    \b
    scanner quarantine release 20261122-0415 --by "Ada Lovelace" --role "post supervisor" --reason "cleared by legal" \\
        --approval ESC-7
    """
    _rule(ctx, delivery_id, RulingAction.RELEASE, given)


@click.command("restore")
@click.argument("delivery_id")
@_grounds
@config_option
@click.pass_context
def restore(ctx: click.Context, /, delivery_id: str, **given: Any) -> None:
    """Put a delivery back to where it was dropped, byte for byte; it is then examined and judged anew.

    For when the register or an approval has changed since. Never overwrites: an occupied place is refused.
    """
    _rule(ctx, delivery_id, RulingAction.RESTORE, given)


@click.command("keep")
@click.argument("delivery_id")
@_grounds
@config_option
@click.pass_context
def keep(ctx: click.Context, /, delivery_id: str, **given: Any) -> None:
    """Rule that a delivery stays where it is kept back. It waits for nobody, and is not judged again.

    Another ruling may still release or restore it. With --teach stricter, its files that say themselves that they are
    AI material are registered as such, and are found from then on without their marks, too.
    """
    _rule(ctx, delivery_id, RulingAction.KEEP, given)


@click.command("waive")
@click.argument("delivery_id")
@click.option("--code", "codes", required=True, multiple=True, help="Findings of this code. May be repeated.")
@click.option("--member", "members", multiple=True, help="Only in this file of the delivery. May be repeated.")
@click.option("--asset", "assets", multiple=True, help="Only about this registered asset. May be repeated.")
@click.option("--until", type=END_MOMENT, required=True, help="Last day for which it holds (to its end, UTC), or time.")
@_grounds
@config_option
@click.pass_context
def waive(
    ctx: click.Context,
    /,
    delivery_id: str,
    codes: tuple[str, ...],
    members: tuple[str, ...],
    assets: tuple[str, ...],
    until: datetime,
    **given: Any,
) -> None:
    """Set some findings of a delivery aside for a time, and judge it again: what is left decides.

    A waiver reaches what is found now, and nothing that is found later. The findings stay in the verdict and say who
    waived them. What could not be looked at is flagged at the least. When the time is over, what is still kept back is
    judged as before; what went on has gone on.

    \b
    scanner quarantine waive 20261122-0415 --code NOT-REVIEWED --until 2026-12-31 \\
        --by "Ada Lovelace" --role "post supervisor" --reason "the review is on paper"
    """
    waiver = Waiver(codes=codes, members=members, assets=assets, until=until)
    _rule(ctx, delivery_id, RulingAction.WAIVE, given, waiver)


@click.command("escalate")
@click.argument("delivery_id")
@_grounds
@config_option
@click.pass_context
def escalate(ctx: click.Context, /, delivery_id: str, **given: Any) -> None:
    """Write down that written approval was asked for: from now on the delivery waits for the approver.

    --approval names the escalation, which must be registered: scanner approval add --status pending. Once it is
    approved, the delivery is judged again by itself.
    """
    if not given["approval"]:
        param = "--approval is needed: the id of the escalation that it waits for"
        raise click.UsageError(param, ctx)
    _rule(ctx, delivery_id, RulingAction.ESCALATE, given)


RULINGS = (release, restore, keep, waive, escalate)


def _rule(
    ctx: click.Context, delivery_id: str, action: RulingAction, given: dict[str, Any], waiver: Waiver | None = None
) -> None:
    settings = needed_settings(ctx)
    if not given["by"].strip() or not given["reason"].strip():
        param = "--by and --reason must not be empty: they are kept as the grounds of the ruling"
        raise click.UsageError(param, ctx)
    from scanner.pipeline import rule
    from scanner.rulings import checked
    from scanner.studio import Studio
    from scanner.teaching import teach

    with Studio.open(settings, processes=1) as studio:
        if given["approval"] is not None:
            studio.kept.approval(given["approval"])
        record = studio.kept.delivery(meant(studio.kept, settings, delivery_id))
        ruling = _ruling(studio, record, action, given, waiver)
        checked(studio, record, ruling)
        taught = teach(studio, record, ruling)
        place = rule(studio, record.delivery.delivery_id, ruling)
        _say(studio, record, ruling, place)
    for record_id in taught:
        click.echo(f"Registered {record_id}.")


def _ruling(
    studio: "Studio", record: DeliveryRecord, action: RulingAction, given: dict[str, Any], waiver: Waiver | None
) -> Ruling:
    from scanner.rulings import needs_second

    second, second_role = given["second"], given["second_role"]
    if second is None and needs_second(studio, record, action) and sys.stdin.isatty():
        second = click.prompt("Second person", type=str, err=True).strip() or None
        second_role = second_role or click.prompt("In what role", type=str, default="", err=True).strip() or None
    now = studio.now()
    terms = RulingTerms(
        role=given["role"],
        second=second,
        second_role=second_role if second else None,
        second_at=now if second else None,
        waiver=waiver,
        lesson=Lesson(given["teach"]) if given["teach"] else None,
    )
    by, reason = given["by"].strip(), given["reason"].strip()
    return Ruling(action=action, by=by, reason=reason, approval=given["approval"], terms=terms, at=now)


def _say(studio: "Studio", record: DeliveryRecord, ruling: Ruling, place: "Path") -> None:
    from scanner.report.plain import shown

    match ruling.action:
        case RulingAction.RELEASE:
            click.echo(f"Released to {shown(str(place))}")
        case RulingAction.RESTORE:
            click.echo(f"Restored to {shown(str(place))}")
        case RulingAction.KEEP:
            click.echo(f"Kept at {shown(str(place))}")
        case RulingAction.ESCALATE:
            click.echo(f"Escalated: it waits for {shown(str(ruling.approval))} at {shown(str(place))}")
        case RulingAction.WAIVE:
            _judge_again(studio, record)


def _judge_again(studio: "Studio", record: DeliveryRecord) -> None:
    """What was set aside counts at once, whether a daemon runs or not."""
    from scanner.judging_again import judge_again
    from scanner.report.plain import outcome_words, shown

    judge_again(studio, record.delivery.delivery_id)
    now = studio.kept.delivery(record.delivery.delivery_id)
    outcome = outcome_words(now.verdict.outcome) if now.verdict else "not judged"
    click.echo(f"Waived. It is {outcome} now, at {shown(now.place or 'handed on')}")
