"""Writing down what becomes of a delivery. Every step may be repeated after a crash, and none goes back.

A verdict is never overwritten: judging again adds one. Sequence numbers of verdicts start at 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from scanner.errors import UnknownIdError
from scanner.model import MOVING, Delivery, Member, Ruling, Stage
from scanner.store import audit_entries
from scanner.store.delivery_records import DELIVERY_FIELDS, RULING_FIELDS, ruling_of
from scanner.store.tables import deliveries, members, rulings

_NOT_DECIDED = {Stage.RECEIVED, Stage.EXAMINED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a delivery has come, where it is, and how many verdicts it has."""

    stage: Stage
    place: str | None
    verdicts: int


def current(connection: Connection, delivery_id: str) -> Standing:
    """How far the delivery has come. Raises UnknownIdError."""
    this = deliveries.c.delivery_id == delivery_id
    asked = select(deliveries.c.stage, deliveries.c.place, deliveries.c.verdicts).where(this)
    row = connection.execute(asked).one_or_none()
    if row is None:
        msg = f"no delivery has the id {delivery_id!r}; list the deliveries to see which there are"
        raise UnknownIdError(msg)
    return Standing(stage=row.stage, place=row.place, verdicts=row.verdicts)


def change(connection: Connection, delivery_id: str, **values: object) -> None:
    """Set columns of a delivery that is there. The audit log tells when it comes to another stage or place."""
    before = current(connection, delivery_id)
    set_columns(connection, delivery_id, **values)
    after = current(connection, delivery_id)
    if (after.stage, after.place) != (before.stage, before.place):
        audit_entries.went_on(connection, delivery_id, before, after)


def set_columns(connection: Connection, delivery_id: str, **values: object) -> None:
    """As `change`, for what the audit log is told otherwise."""
    connection.execute(update(deliveries).where(deliveries.c.delivery_id == delivery_id).values(**values))


def received(connection: Connection, delivery: Delivery, *, place: str) -> None:
    """Write a delivery down as taken into custody, with its bytes at `place`."""
    same = select(deliveries.c.delivery_id).where(deliveries.c.delivery_id == delivery.delivery_id)
    if connection.execute(same).one_or_none() is not None:
        return
    values = {name: getattr(delivery, name) for name in DELIVERY_FIELDS}
    connection.execute(insert(deliveries).values(**values, stage=Stage.RECEIVED, place=place, verdicts=0))
    _insert_members(connection, delivery.delivery_id, delivery.members)
    audit_entries.received(connection, delivery, place)


def described(connection: Connection, delivery: Delivery) -> None:
    """Write down what the delivery holds and is for, as long as nothing has been decided on it."""
    if current(connection, delivery.delivery_id).stage not in _NOT_DECIDED:
        return
    change(
        connection,
        delivery.delivery_id,
        title=delivery.title,
        vendor=delivery.vendor,
        drop_class=delivery.drop_class,
        season=delivery.season,
        episode=delivery.episode,
        territories=delivery.territories,
        refused=delivery.refused,
    )
    connection.execute(delete(members).where(members.c.delivery_id == delivery.delivery_id))
    _insert_members(connection, delivery.delivery_id, delivery.members)


def _insert_members(connection: Connection, delivery_id: str, held: Sequence[Member]) -> None:
    rows = [
        {
            "delivery_id": delivery_id,
            "position": position,
            "name": member.name,
            "sha256": member.sha256,
            "document": member,
        }
        for position, member in enumerate(held)
    ]
    if rows:
        connection.execute(insert(members), rows)


def begun(connection: Connection, delivery_id: str, *, times: int) -> int:
    """Count a beginning of its examination; gives how often it was begun since it last came to an end."""
    current(connection, delivery_id)
    change(connection, delivery_id, begun=deliveries.c.begun + times)
    this = deliveries.c.delivery_id == delivery_id
    return int(connection.execute(select(deliveries.c.begun).where(this)).scalar_one())


def examined(connection: Connection, delivery_id: str) -> None:
    """Every member has been examined."""
    if current(connection, delivery_id).stage is Stage.RECEIVED:
        change(connection, delivery_id, stage=Stage.EXAMINED, begun=0)


def carried_out(connection: Connection, delivery_id: str, *, place: str) -> None:
    """The bytes are at `place` now, as the latest verdict wants it. A ruling or judging again since stands."""
    row = current(connection, delivery_id)
    if row.stage is Stage.JUDGED_AGAIN:
        return
    before = [each for each in _rulings(connection, delivery_id) if each.action in MOVING]
    if before and before[-1].after_verdicts == row.verdicts:
        return
    stage = Stage.RULED if row.stage is Stage.RULED else Stage.CARRIED_OUT
    change(connection, delivery_id, stage=stage, place=place)


def ruled(connection: Connection, delivery_id: str, ruling: Ruling, *, place: str | None) -> None:
    """Add a person's ruling; the bytes are at `place` now, None when they were handed on."""
    verdicts = current(connection, delivery_id).verdicts
    all_before = _rulings(connection, delivery_id)
    before = [each for each in all_before if each.action in MOVING]
    same = [row.position for row in before if ruling_of(row) == ruling]
    if same and (same[-1] != before[-1].position or before[-1].after_verdicts < verdicts):
        return
    if same:
        change(connection, delivery_id, stage=Stage.RULED, place=place)
    else:
        _insert_ruling(connection, delivery_id, ruling, len(all_before), verdicts)
        set_columns(connection, delivery_id, stage=Stage.RULED, place=place)
        moved = {"stage": Stage.RULED.value, "place": place}
        audit_entries.ruled(connection, delivery_id, ruling, len(all_before), moved)


def noted(connection: Connection, delivery_id: str, ruling: Ruling) -> bool:
    """Add a person's ruling that moves nothing; False when the same is the last already."""
    verdicts = current(connection, delivery_id).verdicts
    before = _rulings(connection, delivery_id)
    if before and ruling_of(before[-1]) == ruling:
        return False
    _insert_ruling(connection, delivery_id, ruling, len(before), verdicts)
    audit_entries.ruled(connection, delivery_id, ruling, len(before), {})
    return True


def _insert_ruling(connection: Connection, delivery_id: str, ruling: Ruling, position: int, verdicts: int) -> None:
    values = {name: getattr(ruling, name) for name in RULING_FIELDS}
    place_in_list = {"delivery_id": delivery_id, "position": position, "after_verdicts": verdicts}
    connection.execute(insert(rulings).values(**place_in_list, **values))


def _rulings(connection: Connection, delivery_id: str) -> Sequence[Row[Any]]:
    return connection.execute(
        select(rulings).where(rulings.c.delivery_id == delivery_id).order_by(rulings.c.position)
    ).all()
