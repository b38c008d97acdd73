"""Writing verdicts down, with all that they rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Table, insert

from scanner.model import MemberEvidence, Picture, Stage, Thumbnail, Verdict, utc
from scanner.store import audit_entries
from scanner.store.deliveries import change, current, set_columns
from scanner.store.delivery_records import latest_verdict, stored_members
from scanner.store.tables import evidence, findings, member_coverage, pictures, verdicts

_Row = dict[str, object]
_ON_THE_BENCH = {Stage.RECEIVED, Stage.EXAMINED, Stage.DECIDED}


def decided(
    connection: Connection,
    verdict: Verdict,
    seen: Sequence[MemberEvidence],
    shown: Sequence[Picture],
    *,
    place: str,
    first: bool = False,
) -> None:
    """Add a verdict, unless this very one is the latest already, or, with `first`, unless there is one.

    Two servers may handle one delivery for a moment, when the one was thought dead: the first verdict stands.
    `place` is where the delivery will go: it is written down while the delivery is on the bench. One that has left it
    keeps its stage and its place until the new verdict is carried out.
    """
    row = current(connection, verdict.delivery_id)
    if first and row.verdicts:
        return
    on_bench = row.stage in _ON_THE_BENCH
    if latest_verdict(connection, verdict.delivery_id) != verdict:
        sequence = row.verdicts + 1
        _insert_verdict(connection, verdict, sequence)
        _insert_evidence(connection, verdict.delivery_id, sequence, seen)
        _insert_pictures(connection, verdict.delivery_id, sequence, shown)
        reached = {"stage": Stage.DECIDED, "place": place} if on_bench else {}
        set_columns(connection, verdict.delivery_id, verdicts=sequence, outcome=verdict.outcome, **reached)
        audit_entries.decided(connection, verdict, sequence, place, on_bench=on_bench)
    elif on_bench:
        change(connection, verdict.delivery_id, stage=Stage.DECIDED, place=place)


def _insert_verdict(connection: Connection, verdict: Verdict, sequence: int) -> None:
    if verdict.register is not None:
        utc(verdict.register.read_at)
    connection.execute(
        insert(verdicts).values(
            delivery_id=verdict.delivery_id,
            sequence=sequence,
            outcome=verdict.outcome,
            judged_at=verdict.judged_at,
            document=replace(verdict, findings=()),
        )
    )
    rows: list[_Row] = [
        {"code": item.code, "outcome": item.outcome, "member": item.member, "document": item}
        for item in verdict.findings
    ]
    _insert_list(connection, findings, verdict.delivery_id, sequence, rows)


def _insert_evidence(connection: Connection, delivery_id: str, sequence: int, seen: Sequence[MemberEvidence]) -> None:
    held = {member: position for position, member in enumerate(stored_members(connection, delivery_id))}
    covered: list[_Row] = [
        {
            "member_position": held.get(item.member),
            "member": None if item.member in held else item.member,
            "coverage": item.coverage,
        }
        for item in seen
    ]
    _insert_list(connection, member_coverage, delivery_id, sequence, covered)
    for member_position, item in enumerate(seen):
        rows: list[_Row] = [
            {"member_position": member_position, "member": item.member.name, "kind": each.kind, "document": each}
            for each in item.evidence
        ]
        _insert_list(connection, evidence, delivery_id, sequence, rows)


def _insert_pictures(connection: Connection, delivery_id: str, sequence: int, shown: Sequence[Picture]) -> None:
    rows: list[_Row] = [
        {
            "member": item.member,
            "asset_id": item.asset_id,
            **_columns("found", item.found),
            **_columns("registered", item.registered),
        }
        for item in shown
    ]
    _insert_list(connection, pictures, delivery_id, sequence, rows)


def _columns(side: str, frame: Thumbnail | None) -> dict[str, object]:
    if frame is None:
        return dict.fromkeys((f"{side}_seconds", f"{side}_jpeg", f"{side}_sound", f"{side}_length"))
    heard = (frame.sound, frame.length) if frame.sound else (None, None)
    seen = {f"{side}_seconds": frame.seconds, f"{side}_jpeg": frame.jpeg}
    return seen | {f"{side}_sound": heard[0], f"{side}_length": heard[1]}


def _insert_list(connection: Connection, table: Table, delivery_id: str, sequence: int, rows: Iterable[_Row]) -> None:
    """Insert rows of a verdict in the order in which they are given."""
    numbered = [
        {"delivery_id": delivery_id, "sequence": sequence, "position": position, **row}
        for position, row in enumerate(rows)
    ]
    if numbered:
        connection.execute(insert(table), numbered)
