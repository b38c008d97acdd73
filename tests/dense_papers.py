"""Papers of which every field is filled, with texts that files and spreadsheets like to change."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from scanner.intake.papers.shape import Entry, Shape, Sort, id_name, shape_of
from scanner.model import Approval, ApprovalStatus, Check, Paper, PaperKind, TimecodeRange

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONDITIONAL = ApprovalStatus.APPROVED_WITH_CONDITIONS
LIMITS: dict[Check | None, str] = {Check.MAX_SECONDS: "4.5", Check.MAX_PROMINENCE: "incidental"}
HOSTILE = (
    "=1+1",
    "+44 20 7946 0000",
    "-1",
    "@SUM(A1)",
    "'quoted'",
    "'=2",
    "a|b\\c",
    "back\\",
    "007",
    "1e5",
    "true",
    "2026-03-01",
    'first line\nsecond, "line";\tthird',
    "Zoë 東京 \N{CLAPPER BOARD}",
    "<b>&amp;</b> _x000D_",
    "{{7*7}} ${x}",
    "NULL",
    "None",
)


class Dense:
    """Makes papers; the same ones each time."""

    def __init__(self) -> None:
        self._number = count(1)
        self._at = NOON

    def paper(self, kind: PaperKind, paper_id: str, **given: Any) -> Paper:
        shape = shape_of(kind)
        content = self._made(shape)
        if kind is not PaperKind.RECORD:
            content = replace(content, **{id_name(kind): paper_id})
        if isinstance(content, Approval):
            content = _possible(content)
        return Paper(kind=kind, paper_id=paper_id, content=replace(content, **given))

    def _made(self, shape: Shape) -> Any:
        return shape.type(**{entry.name: self._value(entry) for entry in shape if not entry.extra})

    def _value(self, entry: Entry) -> Any:
        return (self._one(entry), self._one(entry)) if entry.many else self._one(entry)

    def _one(self, entry: Entry) -> Any:
        number = next(self._number)
        if entry.part is not None:
            return self._made(entry.part)
        if entry.words is not None:
            return list(entry.words)[number % len(entry.words)]
        return self._leaf(entry.sort, number)

    def _leaf(self, sort: Sort, number: int) -> Any:
        match sort:
            case Sort.MOMENT | Sort.END:
                self._at += timedelta(hours=7, microseconds=number % 2)
                return self._at
            case Sort.YES_NO:
                return number % 2 == 0
            case Sort.NUMBER:
                return number
            case Sort.HASH:
                return hashlib.sha256(str(number).encode()).hexdigest()
            case Sort.STRETCH:
                return TimecodeRange(first="01:00:00:00", last=f"01:00:{number % 60:02}:12")
            case _:
                text = HOSTILE[number % len(HOSTILE)]
                return f"{text} {number}" if number % 3 else text


def _possible(content: Approval) -> Approval:
    """The same without what approvals may not be."""
    conditions = tuple(replace(each, limit=LIMITS.get(each.check)) for each in content.terms.conditions)
    return replace(
        content,
        status=CONDITIONAL if content.status is ApprovalStatus.APPROVED else content.status,
        scope=replace(content.scope, records=(), assets=()),
        terms=replace(content.terms, requested_at=NOON, conditions=conditions),
    )


def every_kind(record_ids: tuple[str, ...] = ("PR-1", "PR-2")) -> list[Paper]:
    """Some papers of every kind, filled, and one of every kind with little in it."""
    made = Dense()
    filled = [made.paper(PaperKind.RECORD, name) for name in record_ids]
    for kind in PaperKind:
        if kind is not PaperKind.RECORD:
            filled += [made.paper(kind, f"{kind}-{number}") for number in range(3)]
            filled.append(made.paper(kind, "../=A1 %2e" if kind is PaperKind.TOOL else f"{kind} \N{CLAPPER BOARD}"))
    return filled
