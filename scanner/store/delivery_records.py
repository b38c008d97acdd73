"""Reading the records of deliveries, and the evidence under a verdict."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, or_, select

from scanner.errors import UnknownIdError
from scanner.model import (
    Delivery,
    DeliveryRecord,
    Finding,
    Member,
    MemberEvidence,
    Outcome,
    Picture,
    Ruling,
    RulingAction,
    Stage,
    Thumbnail,
    Verdict,
    Waived,
)
from scanner.store.tables import deliveries, evidence, findings, member_coverage, members, pictures, rulings, verdicts

DELIVERY_FIELDS = tuple(field.name for field in fields(Delivery) if field.name != "members")
RULING_FIELDS = tuple(field.name for field in fields(Ruling))

Condition = ColumnElement[bool]


def found_id(connection: Connection, start: str) -> str:
    """The id of the delivery with this id, or the only one whose id starts so. Raises UnknownIdError."""
    ids = deliveries.c.delivery_id
    if connection.execute(select(ids).where(ids == start)).one_or_none() is not None:
        return start
    found = connection.execute(select(ids).where(func.substr(ids, 1, len(start)) == start).limit(2)).scalars().all()
    if start and len(found) == 1:
        return str(found[0])
    msg = f"no delivery has the id {start!r}; list the deliveries to see which there are"
    if start and found:
        msg = f"more than one delivery has an id that starts with {start!r}; give more of it"
    raise UnknownIdError(msg)


def delivery(connection: Connection, delivery_id: str) -> DeliveryRecord:
    """The whole record of a delivery that is there, with its pictures."""
    (record,) = _records(connection, deliveries.c.delivery_id == delivery_id)
    rows = _children(connection, pictures, deliveries.c.delivery_id == delivery_id)[delivery_id]
    return replace(record, pictures=tuple(_picture(row) for row in rows))


def all_deliveries(
    connection: Connection,
    *,
    since: datetime | None,
    until: datetime | None,
    stages: Collection[Stage] | None,
    outcomes: Collection[Outcome] | None,
) -> tuple[DeliveryRecord, ...]:
    """The records, newest first, of deliveries received, judged or ruled on from `since` to before `until`."""
    conditions: list[Condition] = []
    if since is not None or until is not None:
        judged = select(verdicts.c.delivery_id).where(*_between(verdicts.c.judged_at, since, until))
        ruled = select(rulings.c.delivery_id).where(*_between(rulings.c.at, since, until))
        ids = deliveries.c.delivery_id
        at_receipt = and_(*_between(deliveries.c.received_at, since, until))
        conditions.append(or_(at_receipt, ids.in_(judged), ids.in_(ruled)))
    if stages is not None:
        conditions.append(deliveries.c.stage.in_(list(stages)))
    if outcomes is not None:
        conditions.append(deliveries.c.outcome.in_(list(outcomes)))
    return _records(connection, *conditions)


def _between(column: ColumnElement[datetime], since: datetime | None, until: datetime | None) -> list[Condition]:
    first = [] if since is None else [column >= since]
    return first if until is None else [*first, column < until]


def _records(connection: Connection, *conditions: Condition) -> tuple[DeliveryRecord, ...]:
    held = _children(connection, members, *conditions)
    judged = {row.delivery_id: row.document for row in _latest(connection, verdicts, conditions)}
    found = _children(connection, findings, *conditions)
    ruled = _children(connection, rulings, *conditions)
    rows = connection.execute(
        select(deliveries).where(*conditions).order_by(deliveries.c.received_at.desc(), deliveries.c.delivery_id.desc())
    )
    return tuple(
        DeliveryRecord(
            delivery=Delivery(
                **{name: getattr(row, name) for name in DELIVERY_FIELDS},
                members=tuple(child.document for child in held[row.delivery_id]),
            ),
            stage=row.stage,
            place=row.place,
            verdict=_verdict(judged.get(row.delivery_id), found[row.delivery_id]),
            verdicts_before=max(row.verdicts - 1, 0),
            rulings=tuple(ruling_of(child) for child in ruled[row.delivery_id]),
        )
        for row in rows
    )


def latest_verdict(connection: Connection, delivery_id: str) -> Verdict | None:
    """The verdict that is in force, None before the first."""
    this = deliveries.c.delivery_id == delivery_id
    judged = [row.document for row in _latest(connection, verdicts, (this,))]
    return _verdict(judged[0] if judged else None, _children(connection, findings, this)[delivery_id])


def _verdict(judged: Verdict | None, rows: Sequence[Row[Any]]) -> Verdict | None:
    if judged is None:
        return None
    made: tuple[Finding, ...] = tuple(row.document for row in rows)
    return replace(judged, findings=made)


def _latest(connection: Connection, table: Table, conditions: Sequence[Condition]) -> Sequence[Row[Any]]:
    """Rows of a table for the latest verdicts of the deliveries that meet the conditions."""
    same = and_(table.c.delivery_id == deliveries.c.delivery_id, table.c.sequence == deliveries.c.verdicts)
    return connection.execute(select(table).join(deliveries, same).where(*conditions)).all()


def _children(connection: Connection, table: Table, *conditions: Condition) -> dict[str, list[Row[Any]]]:
    """A table's rows by delivery, in order; of the latest verdict where the table has verdicts."""
    same = [table.c.delivery_id == deliveries.c.delivery_id]
    if "sequence" in table.c:
        same.append(table.c.sequence == deliveries.c.verdicts)
    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(
        select(table).join(deliveries, and_(*same)).where(*conditions).order_by(table.c.delivery_id, table.c.position)
    ):
        rows[row.delivery_id].append(row)
    return rows


def stored_members(connection: Connection, delivery_id: str) -> list[Member]:
    """The members of a delivery, in order."""
    return [
        row.document for row in _children(connection, members, deliveries.c.delivery_id == delivery_id)[delivery_id]
    ]


def member_evidence(connection: Connection, delivery_id: str) -> tuple[MemberEvidence, ...]:
    """What the latest verdict rests on, member by member."""
    this = deliveries.c.delivery_id == delivery_id
    held = stored_members(connection, delivery_id)
    seen: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in _children(connection, evidence, this)[delivery_id]:
        seen[row.member_position].append(row)
    return tuple(
        MemberEvidence(
            member=held[row.member_position] if row.member is None else row.member,
            coverage=row.coverage,
            evidence=tuple(item.document for item in seen[row.position]),
        )
        for row in _children(connection, member_coverage, this)[delivery_id]
    )


def waived(connection: Connection, delivery_id: str) -> tuple[Waived, ...]:
    """What people have set aside of a delivery, in the order in which they did."""
    asked = select(rulings).where(rulings.c.delivery_id == delivery_id, rulings.c.action == RulingAction.WAIVE)
    rows = connection.execute(asked.order_by(rulings.c.position))
    return tuple(
        Waived(waiver=row.terms.waiver, by=row.by, role=row.terms.role, reason=row.reason, at=row.at)
        for row in rows
        if row.terms.waiver is not None
    )


def ruling_of(row: Row[Any]) -> Ruling:
    """The ruling in a row of table `rulings`."""
    return Ruling(**{name: getattr(row, name) for name in RULING_FIELDS})


def _picture(row: Row[Any]) -> Picture:
    return Picture(
        member=row.member,
        found=_thumbnail(row, "found"),
        registered=_thumbnail(row, "registered"),
        asset_id=row.asset_id,
    )


def _thumbnail(row: Row[Any], side: str) -> Thumbnail | None:
    seconds, jpeg = getattr(row, f"{side}_seconds"), getattr(row, f"{side}_jpeg")
    if seconds is None or jpeg is None:
        return None
    sound, length = getattr(row, f"{side}_sound"), getattr(row, f"{side}_length")
    return Thumbnail(seconds=seconds, jpeg=jpeg, sound=sound or b"", length=length or Fraction(0))
