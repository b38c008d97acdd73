"""Recalls: each is written down once, and closed by a person once."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, or_, select, update

from scanner.errors import UnknownIdError
from scanner.model import AssetRef, Outcome, Recall, Stage
from scanner.store import audit_entries
from scanner.store.tables import assets, deliveries, recalls, rulings, verdicts

_FIELDS = tuple(field.name for field in fields(Recall) if field.name != "asset")


def went_on(connection: Connection, since: datetime | None) -> tuple[str, ...]:
    """The ids, newest first, of deliveries that were or are about to be cleared or flagged, and of all ruled on.

    `since`: only those that were received, judged or ruled on from then on.
    """
    onward = deliveries.c.outcome.in_([Outcome.PASS, Outcome.FLAG])
    decided = deliveries.c.stage.in_([Stage.DECIDED, Stage.CARRIED_OUT])
    wanted = [or_(deliveries.c.stage == Stage.RULED, and_(decided, onward))]
    if since is not None:
        judged = select(verdicts.c.delivery_id).where(verdicts.c.judged_at >= since)
        ruled = select(rulings.c.delivery_id).where(rulings.c.at >= since)
        ids = deliveries.c.delivery_id
        wanted.append(or_(deliveries.c.received_at >= since, ids.in_(judged), ids.in_(ruled)))
    order = (deliveries.c.received_at.desc(), deliveries.c.delivery_id.desc())
    return tuple(connection.execute(select(deliveries.c.delivery_id).where(*wanted).order_by(*order)).scalars())


def add_recalls(connection: Connection, found: Sequence[Recall]) -> list[tuple[Recall, bool]]:
    """Write each recall down unless one is there that says the same or worse; True where it was new."""
    results: list[tuple[Recall, bool]] = []
    for item in found:
        same = (recalls.c.delivery_id == item.delivery_id, recalls.c.asset_id == item.asset.asset_id)
        known = [each for each in all_recalls(connection, *same) if each.outcome >= item.outcome]
        if not known:
            values = {name: getattr(item, name) for name in _FIELDS}
            connection.execute(insert(recalls).values(**values, asset_id=item.asset.asset_id))
            audit_entries.recalled(connection, item)
        results.append((known[0], False) if known else (item, True))
    return results


def all_recalls(connection: Connection, *conditions: ColumnElement[bool]) -> tuple[Recall, ...]:
    """The recalls that meet the conditions (on table `recalls`), oldest first."""
    asked: Select[Any] = (
        select(*(recalls.c[name] for name in _FIELDS), assets.c.asset_id, assets.c.record_id, assets.c.name)
        .select_from(recalls.join(assets))
        .where(*conditions)
        .order_by(recalls.c.at, recalls.c.recall_id)
    )
    return tuple(map(_recall, connection.execute(asked)))


def close_recall(connection: Connection, recall_id: str, *, by: str, reason: str, at: datetime) -> Recall:
    """Say that a recall has been dealt with; a second time changes nothing. Raises UnknownIdError."""
    closed = connection.execute(
        update(recalls)
        .where(recalls.c.recall_id == recall_id, recalls.c.closed_at.is_(None))
        .values(closed_at=at, closed_by=by, closed_reason=reason)
    )
    found = all_recalls(connection, recalls.c.recall_id == recall_id)
    if not found:
        msg = f"no recall has the id {recall_id!r}; list them with: scanner recall list"
        raise UnknownIdError(msg)
    if closed.rowcount:
        audit_entries.recall_closed(connection, found[0])
    return found[0]


def _recall(row: Row[Any]) -> Recall:
    asset = AssetRef(asset_id=row.asset_id, record_id=row.record_id, name=row.name)
    return Recall(**{name: getattr(row, name) for name in _FIELDS}, asset=asset)
