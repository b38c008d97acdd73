"""`scanner approval`: the escalations on AI material, and what was decided on them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.common import DROP_CLASS, config_option, console, needed_settings
from scanner.cli.entering import (
    END_MOMENT,
    IDENTIFIER,
    MOMENT,
    WORDS,
    Typed,
    by_option,
    needed_name,
    needed_title,
    print_json,
)
from scanner.errors import UnknownIdError
from scanner.model import Approval, ApprovalStatus, DropClass, Scope, TimecodeRange

if TYPE_CHECKING:
    from scanner.store import Store

_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
_DECIDED = (ApprovalStatus.APPROVED, ApprovalStatus.DENIED)


def _stretch(text: str) -> TimecodeRange:
    from scanner.intake.approval_forms import timecode_range

    return timecode_range(text)


@click.group("approval")
def command() -> None:
    """The approvals: what was agreed in writing, for what, until when. Only approved ones clear AI material.

    \b
    scanner approval add --id ESC-12 --title AGM --status approved --approver "J. Okafor" --shot AGM_010_0040
    scanner approval list --title AGM
    """


@command.command("add")
@click.option("--id", "approval_id", type=IDENTIFIER, required=True, help="The escalation's own id.")
@click.option("--title", help="The production it was given for. [default: the studio's own]")
@click.option("--status", type=click.Choice([status.value for status in ApprovalStatus]), required=True)
@click.option("--approver", type=WORDS, help="Who decided.")
@click.option("--approver-role", type=WORDS, help="In what capacity.")
@click.option("--document", type=WORDS, help="Where the written approval is kept.")
@click.option("--decided-at", type=MOMENT, help="Day or time of the decision. [default: now]")
@click.option("--valid-from", type=MOMENT, help="Day (from its beginning, UTC) or time from which it is valid.")
@click.option("--valid-to", type=END_MOMENT, help="Last day of validity (to its end, UTC), or the time it ends.")
@click.option("--drop-class", "drop_classes", type=DROP_CLASS, multiple=True, help="Only in deliveries of this class.")
@click.option("--record", "records", type=WORDS, multiple=True, help="Only this provenance record's material.")
@click.option("--asset", "assets", type=WORDS, multiple=True, help="Only this registered asset.")
@click.option("--shot", "shots", type=WORDS, multiple=True, help="Only in this shot, as delivered names spell it.")
@click.option(
    "--timecode",
    "timecodes",
    type=Typed("IN-OUT", _stretch),
    multiple=True,
    help="Only in HH:MM:SS:FF-HH:MM:SS:FF; the second is that of the first frame after the stretch.",
)
@click.option("--file", "file_patterns", type=WORDS, multiple=True, help='Only in files so named: "EP101_*".')
@click.option("--tool", "tools", type=WORDS, multiple=True, help="Only what this tool made.")
@click.option("--whole-title", is_flag=True, help="For everything of the title: needed when no scope is given.")
@click.option("--note", type=WORDS, help="Anything else worth keeping.")
@config_option
@click.pass_context
def add(
    ctx: click.Context,
    /,
    approval_id: str,
    title: str | None,
    status: str,
    approver: str | None,
    approver_role: str | None,
    document: str | None,
    decided_at: datetime | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    drop_classes: tuple[str, ...],
    note: str | None,
    *,
    whole_title: bool,
    **scope: tuple[str, ...],
) -> None:
    """Write down an escalation and what was decided on it.

    The scope options may be given several times. One dimension that is given must be met by the material, each value
    in it will do; dimensions that are not given do not restrict. What is written down is not changed later: revoke it,
    and add another under a new id.

    \b
    scanner approval add --id ESC-12 --title AGM --status approved --approver "J. Okafor" --approver-role legal \\
        --record PR-0a1b2c3d4e --timecode 01:00:10:00-01:00:14:12 --valid-to 2026-12-31

    Exit code: 0 written down (or there already), 3 refused.
    """
    settings = needed_settings(ctx)
    now = datetime.now(UTC)
    approval = Approval(
        approval_id=approval_id,
        title=needed_title(title, settings),
        status=ApprovalStatus(status),
        scope=_scope(drop_classes, scope),
        approver=approver or "",
        approver_role=approver_role,
        decided_at=decided_at,
        valid_from=valid_from,
        valid_to=valid_to,
        document=document,
        note=note,
        created_at=now,
    )
    from scanner.importing import add_approval
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        if decided_at is None and approval.status in _DECIDED:
            approval = replace(approval, decided_at=_decided_at(store, approval_id) or now)
        kept, new = add_approval(store, approval, whole_title=whole_title)
    _say(kept, new=new)


def _scope(drop_classes: tuple[str, ...], given: dict[str, tuple[str, ...]]) -> Scope:
    once = {dimension: tuple(dict.fromkeys(values)) for dimension, values in given.items()}
    return Scope(drop_classes=tuple(DropClass(each) for each in dict.fromkeys(drop_classes)), **once)  # type: ignore[arg-type]


def _decided_at(store: "Store", approval_id: str) -> datetime | None:
    """When the one with this id was decided: entered again without a time, it is the same approval."""
    try:
        return store.approval(approval_id).decided_at
    except UnknownIdError:
        return None


def _say(approval: Approval, *, new: bool) -> None:
    from scanner.report.plain import moment, shown
    from scanner.report.register import scope_words, standing

    now = datetime.now(UTC)
    name, title = shown(approval.approval_id), shown(approval.title)
    click.echo(
        f"{name} {'is written down' if new else 'was there already'}: {standing(approval, at=now)}, title {title}"
    )
    for words in scope_words(approval.scope):
        click.echo(f"  for {shown(words)}")
    if approval.valid_to is not None:
        click.echo(f"  valid until {moment(approval.valid_to)}")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="For rows that name no title. [default: the studio's own]")
@config_option
@click.pass_context
def import_(ctx: click.Context, file: Path, title: str | None) -> None:
    """Write down the rows of a CSV or JSON file, all or none.

    Columns: id, title, status, approver, approver_role, document, decided_at, valid_from, valid_to, whole_title, note,
    and the scope: drop_class, record, asset, shot, timecode, file, tool, each with | between several values (in JSON: a
    list). docs/import.md has examples.

    Exit code: 0 all is written down, 3 nothing is: every row and column that is wrong is told.
    """
    settings = needed_settings(ctx)
    from scanner.importing import import_approvals
    from scanner.report.plain import plural
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        at = datetime.now(UTC)
        results = import_approvals(store, file, at=at, title=title or settings.studio.title or None)
    new = sum(is_new for _, is_new in results)
    known = len(results) - new
    click.echo(f"{plural(new, 'approval')} written down" + (f", {known} already there." if known else "."))


@command.command("list")
@click.option("--title", help="Only of this production.")
@_FORM
@config_option
@click.pass_context
def list_(ctx: click.Context, title: str | None, form: str) -> None:
    """List the approvals of any status, oldest first, as they stand now.

    In a pipe: id, standing, title, scope, approver, day of decision and end of validity, with tabs between.
    """
    from scanner.report.register import approval_json, approvals_table
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        approvals = store.approvals(title=title)
    now = datetime.now(UTC)
    if form == "json":
        print_json([approval_json(approval, at=now) for approval in approvals])
    else:
        approvals_table(console(), approvals, at=now)


@command.command("show")
@click.argument("approval_id", metavar="ID")
@_FORM
@config_option
@click.pass_context
def show(ctx: click.Context, approval_id: str, form: str) -> None:
    """Show one approval as it stands now."""
    from scanner.report.register import approval_json, approval_shown
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        approval = store.approval(approval_id)
    now = datetime.now(UTC)
    if form == "json":
        print_json(approval_json(approval, at=now))
    else:
        approval_shown(console(), approval, at=now)


@command.command("revoke")
@click.argument("approval_id", metavar="ID")
@by_option
@click.option("--reason", type=WORDS, required=True, help="Why it no longer counts.")
@config_option
@click.pass_context
def revoke(ctx: click.Context, approval_id: str, by: str | None, reason: str) -> None:
    """Take an approval back: from now on it clears nothing. It is kept for history, and cannot be given back."""
    from scanner.report.plain import moment, shown
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        at = datetime.now(UTC)
        approval = store.revoke(approval_id, by=needed_name(by), reason=reason, at=at)
    if approval.revoked_at is not None and approval.revoked_at != at:
        click.echo(f"{shown(approval_id)} was revoked on {moment(approval.revoked_at)} already; nothing was changed.")
    else:
        click.echo(f"{shown(approval_id)} is revoked: it clears nothing any more. It is kept for history.")
