"""Digests of the rows that entries of the audit log vouch for, by which a change made by hand is found.

A digest is over the columns named here and no others: columns that are added later do not count. Pictures,
fingerprints and stored examinations are not covered.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from scanner.model.audit import canonical
from scanner.store import tables
from scanner.store.papers import shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of another table that belong to a row, with its key in their own `key` columns, in the order of `order`."""

    key: tuple[Column[Any], ...]
    order: tuple[Column[Any], ...]
    columns: tuple[Column[Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that is vouched for. `key` names one; rows are asked for by their values in `within`.

    With `filled`, a row counts as soon as that column has a value, and another one than `empty`.
    """

    name: str
    within: Column[Any]
    key: tuple[Column[Any], ...]
    columns: tuple[Column[Any], ...]
    filled: Column[Any] | None = None
    empty: str | None = None
    parts: tuple[Part, ...] = ()


def _columns(table: Table, names: str) -> tuple[Column[Any], ...]:
    return tuple(table.c[name] for name in names.split())


def _of_verdict(table: Table, order: str, names: str) -> Part:
    return Part(
        key=_columns(table, "delivery_id sequence"), order=_columns(table, order), columns=_columns(table, names)
    )


_VERDICT_KEY = _columns(tables.verdicts, "delivery_id sequence")
VERDICT = Kind(
    name="verdict",
    within=tables.verdicts.c.delivery_id,
    key=_VERDICT_KEY,
    columns=_columns(tables.verdicts, "outcome judged_at document"),
    parts=(
        _of_verdict(tables.findings, "position", "position code outcome member document"),
        _of_verdict(tables.member_coverage, "position", "position member_position member coverage"),
        _of_verdict(tables.evidence, "member_position position", "member_position position member kind document"),
    ),
)
RULING = Kind(
    name="ruling",
    within=tables.rulings.c.delivery_id,
    key=_columns(tables.rulings, "delivery_id position"),
    columns=_columns(tables.rulings, "after_verdicts action by reason approval at"),
)
RULING_TERMS = Kind(
    name="terms of ruling",
    within=tables.rulings.c.delivery_id,
    key=_columns(tables.rulings, "delivery_id position"),
    columns=_columns(tables.rulings, "terms"),
    filled=tables.rulings.c.terms,
    # What schema 0004 gave to the rulings that were there before it.
    empty="{}",
)
DELIVERY = Kind(
    name="delivery",
    within=tables.deliveries.c.delivery_id,
    key=(tables.deliveries.c.delivery_id,),
    columns=_columns(tables.deliveries, "name origin title vendor drop_class received_at refused"),
    parts=(
        Part(
            key=(tables.members.c.delivery_id,),
            order=(tables.members.c.position,),
            columns=_columns(tables.members, "position name sha256 document"),
        ),
    ),
)
RECALL = Kind(
    name="recall",
    within=tables.recalls.c.delivery_id,
    key=(tables.recalls.c.recall_id,),
    columns=_columns(tables.recalls, "delivery_id asset_id at by reason outcome findings"),
)
CLOSING = Kind(
    name="closing of recall",
    within=tables.recalls.c.delivery_id,
    key=(tables.recalls.c.recall_id,),
    columns=_columns(tables.recalls, "closed_at closed_by closed_reason"),
    filled=tables.recalls.c.closed_at,
)
RECORD = Kind(
    name="record",
    within=tables.records.c.record_id,
    key=(tables.records.c.record_id,),
    columns=_columns(tables.records, "title tool tool_version use shot vendor note created_by created_at"),
    parts=(
        Part(
            key=(tables.assets.c.record_id,),
            order=(tables.assets.c.position,),
            columns=_columns(tables.assets, "position asset_id title name kind sha256 size"),
        ),
    ),
)
RETIREMENT = Kind(
    name="retirement of record",
    within=tables.records.c.record_id,
    key=(tables.records.c.record_id,),
    columns=_columns(tables.records, "retired_at retired_by retired_reason"),
    filled=tables.records.c.retired_at,
)
APPROVAL = Kind(
    name="approval",
    within=tables.approvals.c.approval_id,
    key=(tables.approvals.c.approval_id,),
    columns=_columns(
        tables.approvals,
        "title status scope approver approver_role decided_at valid_from valid_to document note created_at",
    ),
)
REVOCATION = Kind(
    name="revocation of approval",
    within=tables.approvals.c.approval_id,
    key=(tables.approvals.c.approval_id,),
    columns=_columns(tables.approvals, "revoked_at revoked_by revoked_reason"),
    filled=tables.approvals.c.revoked_at,
)
TERMS = Kind(
    name="terms of approval",
    within=tables.approvals.c.approval_id,
    key=(tables.approvals.c.approval_id,),
    columns=_columns(tables.approvals, "terms"),
    filled=tables.approvals.c.terms,
    # What schema 0004 gave to the approvals that were there before it.
    empty="{}",
)
PAPER = Kind(
    name="paper",
    within=tables.papers.c.paper_id,
    key=_columns(tables.papers, "kind paper_id version"),
    columns=_columns(tables.papers, "title label content digest at by reason"),
)

OF_DELIVERIES = (DELIVERY, VERDICT, RULING, RULING_TERMS, RECALL, CLOSING)
OF_RECORDS = (RECORD, RETIREMENT)
OF_APPROVALS = (APPROVAL, REVOCATION, TERMS)
REGISTERED = (
    (tables.records.c.record_id, OF_RECORDS),
    (tables.approvals.c.approval_id, OF_APPROVALS),
    (tables.papers.c.paper_id, (PAPER,)),
)


def digests(connection: Connection, kind: Kind, ids: Iterable[str]) -> dict[str, str]:
    """SHA-256 of every row of a kind with these values of `within`, by its key."""
    found: dict[str, str] = {}
    for share in shares(ids):
        found |= _digested(connection, kind, _of_many(kind), {"ids": share})
    return found


def digest(connection: Connection, kind: Kind, *key: str | int) -> str:
    """SHA-256 of the one row of a kind with this key."""
    values = {f"key_{number}": value for number, value in enumerate(key)}
    (found,) = _digested(connection, kind, _of_one(kind), values).values()
    return found


@cache
def _of_many(kind: Kind) -> tuple[Select[Any], ...]:
    """What asks for rows of a kind, and for their parts. Made once: making them takes longer than running them."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    parts = (_of_part(part).where(part.key[0].in_(ids)) for part in kind.parts)
    return _of_kind(kind).where(kind.within.in_(ids)), *parts


@cache
def _of_one(kind: Kind) -> tuple[Select[Any], ...]:
    parts = (_of_part(part).where(*_same(part.key)) for part in kind.parts)
    return _of_kind(kind).where(*_same(kind.key)), *parts


def _of_kind(kind: Kind) -> Select[Any]:
    asked = _asked(kind.key, kind.columns)
    if kind.filled is None:
        return asked
    asked = asked.where(kind.filled.is_not(None))
    return asked if kind.empty is None else asked.where(type_coerce(kind.filled, Text) != kind.empty)


def _of_part(part: Part) -> Select[Any]:
    return _asked(part.key, part.columns).order_by(*part.order)


def _same(key: Iterable[Column[Any]]) -> list[ColumnElement[bool]]:
    return [column == bindparam(f"key_{number}", type_=column.type) for number, column in enumerate(key)]


def _digested(
    connection: Connection, kind: Kind, asked: Sequence[Select[Any]], values: Mapping[str, object]
) -> dict[str, str]:
    rows = connection.execute(asked[0], values)
    hashes = {_key(row, kind.key): hashlib.sha256(_line(kind.name, row, len(kind.key))) for row in rows}
    for part, of_part in zip(kind.parts, asked[1:], strict=True):
        for row in connection.execute(of_part, values):
            if (whole := hashes.get(_key(row, part.key))) is not None:
                whole.update(_line(part.key[0].table.name, row, len(part.key)))
    return {key: whole.hexdigest() for key, whole in hashes.items()}


def _asked(key: Iterable[Column[Any]], columns: Iterable[Column[Any]]) -> Select[Any]:
    """Keys as values; the rest as the database has it, so that the digest is of what is stored."""
    names = [column.label(f"key_{number}") for number, column in enumerate(key)]
    return select(*names, *(type_coerce(column, NullType()).label(f"raw_{column.name}") for column in columns))


def _key(row: Row[Any], key: Iterable[Column[Any]]) -> str:
    return "/".join(str(row[number]) for number, _ in enumerate(key))


def _line(name: str, row: Row[Any], keys: int) -> bytes:
    return canonical([name, [_told(value) for value in row[keys:]]]).encode("utf-8", "surrogatepass") + b"\n"


def _told(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return ["bytes", bytes(value).hex()]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, str | int) else repr(value)


def pages(connection: Connection, ids: Column[Any], size: int) -> Iterator[list[str]]:
    """Every value of a column of ids, once, in lists of this size."""
    with connection.execute(select(ids).distinct().order_by(ids), execution_options={"yield_per": size}) as rows:
        for page in rows.scalars().partitions(size):
            yield list(page)
