"""Approvals: a batch goes in whole or not at all, and the same one twice is harmless."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, insert, select, update

from scanner.errors import RegisterInputError, UnknownIdError
from scanner.model import Approval, Paper, PaperKind
from scanner.store import audit_entries, papers, versions
from scanner.store.papers import shares
from scanner.store.register import add_titles, note_changes
from scanner.store.tables import approvals

_FIELDS = tuple(field.name for field in fields(Approval))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def all_approvals(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Approval, ...]:
    """The approvals that meet the conditions (on table `approvals`), oldest first."""
    rows = connection.execute(
        select(*(approvals.c[name] for name in _FIELDS))
        .where(*conditions)
        .order_by(approvals.c.created_at, approvals.c.approval_id)
    )
    return tuple(Approval(**row._mapping) for row in rows)


def approval(connection: Connection, approval_id: str) -> Approval:
    """One approval. Raises UnknownIdError."""
    found = all_approvals(connection, approvals.c.approval_id == approval_id)
    if not found:
        msg = f"no approval has the id {approval_id!r}; list the approvals to see which there are"
        raise UnknownIdError(msg)
    return found[0]


def add_approvals(connection: Connection, batch: Iterable[Approval]) -> list[tuple[Approval, bool]]:
    """Register each approval unless it is there already; True where it was new.

    Raises RegisterInputError with a line for each whose id stands for other content.
    """
    batch = list(batch)
    known = _known(connection, (item.approval_id for item in batch))
    results: list[tuple[Approval, bool]] = []
    refused: list[str] = []
    for item in batch:
        new = item.approval_id not in known
        present = known.setdefault(item.approval_id, item)
        if _agreed(present) != _agreed(item):
            refused.append(f"approval {item.approval_id!r}: this id is registered already, with other content")
        results.append((present, new))
    if refused:
        raise RegisterInputError("\n".join([*refused, "Nothing was registered; give changed approvals a new id"]))
    _insert(connection, [item for item, new in results if new])
    return results


def _known(connection: Connection, ids: Iterable[str]) -> dict[str, Approval]:
    return {
        found.approval_id: found
        for share in shares(ids)
        for found in all_approvals(connection, approvals.c.approval_id.in_(share))
    }


def _agreed(item: Approval) -> Approval:
    """An approval without when it was entered and whether it was revoked since."""
    return replace(item, created_at=_EPOCH, revoked_at=None, revoked_by=None, revoked_reason=None)


def _insert(connection: Connection, new: list[Approval]) -> None:
    if not new:
        return
    add_titles(connection, (item.title for item in new))
    connection.execute(insert(approvals), [{name: getattr(item, name) for name in _FIELDS} for item in new])
    note_changes(connection, "approval added", ((item.created_at, item.approval_id) for item in new))
    audit_entries.approvals_added(connection, new)


def revoke(connection: Connection, approval_id: str, *, by: str, reason: str, at: datetime) -> Approval:
    """Take an approval back; a second time changes nothing. Raises UnknownIdError."""
    revoked = connection.execute(
        update(approvals)
        .where(approvals.c.approval_id == approval_id, approvals.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by, revoked_reason=reason)
    )
    if revoked.rowcount:
        note_changes(connection, "approval revoked", [(at, approval_id)])
        audit_entries.approval_revoked(connection, approval_id, by=by, reason=reason)
        now = approval(connection, approval_id)
        if papers.history(connection, PaperKind.APPROVAL, approval_id):
            versions.keep(connection, [(paper_of(now), now.title)], by=by, reason=reason, at=at)
    return approval(connection, approval_id)


def put_approvals(connection: Connection, batch: Iterable[Approval]) -> list[tuple[Approval | None, Approval]]:
    """Make each approval what this says, or add it; what it was before, and is now, of those that changed.

    `may_not_change` must have found nothing. No two may have the same id. Their versions are not written here.
    """
    batch = list(batch)
    known = _known(connection, (item.approval_id for item in batch))
    changed: list[tuple[Approval | None, Approval]] = []
    for item in batch:
        before = known.get(item.approval_id)
        now = item if before is None else replace(item, created_at=before.created_at)
        if now != before:
            changed.append((before, now))
    _insert(connection, [now for before, now in changed if before is None])
    _update(connection, [now for before, now in changed if before is not None])
    return changed


def may_not_change(connection: Connection, batch: Iterable[Approval]) -> dict[str, str]:
    """By id, why an approval cannot become what this says."""
    batch = list(batch)
    known = _known(connection, (item.approval_id for item in batch))
    fixed = ((item.approval_id, _fixed(known[item.approval_id], item)) for item in batch if item.approval_id in known)
    return {approval_id: why for approval_id, why in fixed if why is not None}


def paper_of(item: Approval) -> Paper:
    """The paper that an approval is."""
    return Paper(kind=PaperKind.APPROVAL, paper_id=item.approval_id, content=item)


def _fixed(known: Approval, new: Approval) -> str | None:
    if new.title != known.title:
        return f"it is of title {known.title!r}; one for another title needs an id of its own"
    if known.revoked_at is not None and new.revoked_at is None:
        return "it was revoked, and cannot be given back; add another under a new id"
    return None


def _update(connection: Connection, changed: list[Approval]) -> None:
    if not changed:
        return
    rows = [{f"new_{name}": getattr(item, name) for name in _FIELDS} for item in changed]
    values: dict[str, BindParameter[Any]] = {
        name: bindparam(f"new_{name}") for name in _FIELDS if name != "approval_id"
    }
    asked = update(approvals).where(approvals.c.approval_id == bindparam("new_approval_id")).values(values)
    connection.execute(asked, rows)
