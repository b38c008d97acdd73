"""Approvals: a batch goes in whole or not at all, and the same one twice is harmless."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from scanner.errors import RegisterInputError, UnknownIdError
from scanner.model import Approval
from scanner.store import audit_entries
from scanner.store.register import add_titles, note_changes
from scanner.store.registered import shares
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
    known = {
        found.approval_id: found
        for share in shares(item.approval_id for item in batch)
        for found in all_approvals(connection, approvals.c.approval_id.in_(share))
    }
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
    return approval(connection, approval_id)
