"""`scanner approval check`: whether the documents of approvals are those that were registered."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.common import config_option, needed_settings
from scanner.cli.entering import by_option, needed_name

if TYPE_CHECKING:
    from scanner.model import Approval
    from scanner.store import Store

_ALTERED, _AS_IT_WAS = "its document is not the one that was registered", "its document is the one that was registered"


@click.command("check")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@by_option
@config_option
@click.pass_context
def check(ctx: click.Context, ids: tuple[str, ...], by: str | None) -> None:
    """Compare the documents of approvals with the SHA-256 that was kept of them.

    An approval whose document is another clears nothing (APPROVAL-DOCUMENT) from then on, until it is found as it was.
    That is written down as a version of the approval. A document that is not here is told, and changes nothing.

    Exit code: 0 none is altered, 1 at least one is.
    """
    from scanner.report.plain import plural, shown
    from scanner.store import Store

    name, found = needed_name(by), {"altered": 0, "as it was": 0, "not here": 0}
    with Store.open(needed_settings(ctx).store_url, make=False) as store:
        chosen = [store.approval(each) for each in ids] if ids else store.approvals()
        for approval in chosen:
            if approval.terms.document_sha256 is None:
                continue
            state = _checked(store, approval, name)
            found[state] += 1
            if state != "as it was":
                click.echo(f"{shown(approval.approval_id)}: {shown(approval.document or '-')} is {state}")
    told = ", ".join(f"{count} {state}" for state, count in found.items() if count)
    click.echo(f"{plural(sum(found.values()), 'document')} registered{': ' if told else ''}{told}.")
    ctx.exit(1 if found["altered"] else 0)


def _checked(store: "Store", approval: "Approval", by: str) -> str:
    """What became of a document; the approval says from now on whether it was altered."""
    from scanner.importing import decide_approval
    from scanner.intake.hashing import sha256_of

    path = Path(approval.document or "")
    if not path.is_file():
        return "not here"
    try:
        with path.open("rb") as file:
            is_altered = sha256_of(file) != approval.terms.document_sha256
    except OSError:
        return "not here"
    if is_altered is not (approval.terms.document_altered_at is not None):
        at = datetime.now(UTC)
        terms = replace(approval.terms, document_altered_at=at if is_altered else None)
        reason = _ALTERED if is_altered else _AS_IT_WAS
        decide_approval(store, replace(approval, terms=terms), by=by, reason=reason, at=at)
    return "altered" if is_altered else "as it was"
