"""`scanner approval`: the escalations on AI material, and what was decided on them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.approval_documents import check
from scanner.cli.approval_options import document as document_of
from scanner.cli.approval_options import scope_and_terms, scope_of, terms_of
from scanner.cli.common import config_option, console, needed_settings
from scanner.cli.entering import (
    END_MOMENT,
    IDENTIFIER,
    MOMENT,
    WORDS,
    by_option,
    needed_name,
    needed_title,
    print_json,
)
from scanner.errors import UnknownIdError
from scanner.model import Approval, ApprovalStatus, PaperKind

if TYPE_CHECKING:
    from scanner.model import PaperVersion
    from scanner.report.json_text import Json
    from scanner.store import Store

_FORM = click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
_DECIDED = (ApprovalStatus.APPROVED, ApprovalStatus.APPROVED_WITH_CONDITIONS, ApprovalStatus.DENIED)


@click.group("approval")
def command() -> None:
    """The approvals: what was agreed in writing, for what, until when. Only approved ones clear AI material.

    \b
    scanner approval add --id ESC-12 --title AGM --status approved --approver "J. Okafor" --shot AGM_010_0040
    scanner approval list --title AGM
    """


command.add_command(check)


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
@scope_and_terms
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
    note: str | None,
    *,
    whole_title: bool,
    **given: Any,
) -> None:
    """Write down an escalation and what was decided on it.

    The scope options may be given several times. One dimension that is given must be met by the material, each value
    in it will do; dimensions that are not given do not restrict. What is not known of the material does not meet it.
    Of a document that is a file here the SHA-256 is kept: scanner approval check tells when it was altered. What was
    asked is decided with scanner approval decide; else what is written down is not changed: revoke it, and add another.

    \b
    scanner approval add --id ESC-12 --title AGM --status approved --approver "J. Okafor" --approver-role legal \\
        --record PR-0a1b2c3d4e --timecode 01:00:10:00-01:00:14:12 --valid-to 2026-12-31

    Exit code: 0 written down (or there already), 3 refused.
    """
    settings = needed_settings(ctx)
    now = datetime.now(UTC)
    kept_at, document_sha256 = document_of(document)
    approval = Approval(
        approval_id=approval_id,
        title=needed_title(title, settings),
        status=ApprovalStatus(status),
        scope=scope_of(given),
        approver=approver or "",
        approver_role=approver_role,
        decided_at=decided_at,
        valid_from=valid_from,
        valid_to=valid_to,
        document=kept_at,
        note=note,
        terms=terms_of(given, document_sha256),
        created_at=now,
    )
    from scanner.importing import add_approval
    from scanner.store import Store

    with Store.open(settings.store_url, make=False) as store:
        if decided_at is None and approval.status in _DECIDED:
            approval = replace(approval, decided_at=_decided_at(store, approval_id) or now)
        kept, new = add_approval(store, approval, whole_title=whole_title)
    _say(kept, new=new)


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

    Columns: id, title, status, approver, approver_role, document, decided_at, valid_from, valid_to, whole_title, note;
    the scope: drop_class, record, asset, shot, timecode, file, tool, tool_version, sha256, season, episode, territory,
    vendor, max_prominence; the terms: action, trigger, permit, condition, consent, requested_by, requested_at,
    legal_review_ref, document_sha256, supersedes. Between several values stands | (in JSON: a list). docs/import.md has
    examples. scanner papers export writes approvals with all that is known of them.

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


@command.command("decide")
@click.argument("approval_id", metavar="ID")
@click.option("--status", type=click.Choice([status.value for status in ApprovalStatus]), required=True)
@click.option("--approver", type=WORDS, help="Who decided.")
@click.option("--approver-role", type=WORDS, help="In what capacity.")
@click.option("--document", type=WORDS, help="Where the written decision is kept.")
@click.option("--decided-at", type=MOMENT, help="Day or time of the decision. [default: now]")
@click.option("--reason", type=WORDS, help="Why it changes; kept with the new version.")
@by_option
@config_option
@click.pass_context
def decide(ctx: click.Context, /, approval_id: str, by: str | None, **given: Any) -> None:
    """Write down what was decided on an escalation that is registered: a new version, under its id.

    What it was before is kept: scanner approval show ID --history.

    Exit code: 0 written down (or there already), 3 refused.
    """
    settings, at = needed_settings(ctx), datetime.now(UTC)
    from scanner.importing import decide_approval
    from scanner.store import Store

    kept_at, document_sha256 = document_of(given.pop("document"))
    with Store.open(settings.store_url, make=False) as store:
        before = store.approval(approval_id)
        status = ApprovalStatus(given["status"])
        terms = before.terms
        if kept_at is not None:
            terms = replace(terms, document_sha256=document_sha256, document_altered_at=None)
        decided_at = given["decided_at"] or (at if status in _DECIDED and status is not before.status else None)
        approval = replace(
            before,
            status=status,
            approver=given["approver"] or before.approver,
            approver_role=given["approver_role"] or before.approver_role,
            decided_at=decided_at or before.decided_at,
            document=kept_at or before.document,
            terms=terms,
        )
        new = decide_approval(store, approval, by=needed_name(by), reason=given["reason"], at=at)
    _say(approval, new=new)


@command.command("show")
@click.argument("approval_id", metavar="ID")
@click.option("--history", is_flag=True, help="Also what it said before, and who changed it.")
@_FORM
@config_option
@click.pass_context
def show(ctx: click.Context, approval_id: str, form: str, *, history: bool) -> None:
    """Show one approval as it stands now."""
    from scanner.report.register import approval_json, approval_shown
    from scanner.store import Store

    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        approval = store.approval(approval_id)
        versions = _versions(store, approval_id) if history else []
    now = datetime.now(UTC)
    if form == "json":
        told = approval_json(approval, at=now)
        if history:
            told["versions"] = [_version_json(each, now) for each in versions]
        print_json(told)
    else:
        approval_shown(console(), approval, at=now)
        for each in versions:
            _say_version(each)


def _versions(store: "Store", approval_id: str) -> list["PaperVersion"]:
    """Every version that was written down; none of one that never changed."""
    try:
        return list(store.paper_history(PaperKind.APPROVAL, approval_id))
    except UnknownIdError:
        return []


def _version_json(version: "PaperVersion", at: datetime) -> "Json":
    from scanner.report.json_text import instant
    from scanner.report.register import approval_json

    content = version.paper.content
    said = approval_json(content, at=at) if isinstance(content, Approval) else None
    told = {"version": version.version, "at": instant(version.at), "by": version.by, "reason": version.reason}
    return {**told, "said": said}


def _say_version(version: "PaperVersion") -> None:
    from scanner.report.plain import moment, shown
    from scanner.report.register import scope_words

    content = version.paper.content
    said = f"{content.status}; {'; '.join(scope_words(content.scope))}" if isinstance(content, Approval) else "-"
    reason = f": {version.reason}" if version.reason else ""
    click.echo(shown(f"version {version.version}, {moment(version.at)} by {version.by}{reason}: {said}"))


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
