"""Policies for people and programs: what a code means and brings about, and what another policy would change."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from scanner.model import Code, DeliveryRecord, Finding, Policy, Verdict
from scanner.report.json_text import Json, instant
from scanner.report.listing import Column, Row, listed
from scanner.report.plain import CODE_WORDS, moment, plural
from scanner.report.terminal import STYLES

_CODES = (
    Column(heading="code", whole=True),
    Column(heading="outcome", whole=True),
    Column(heading="means"),
)


_TRIED = (
    Column(heading="delivery"),
    Column(heading="received", whole=True),
    Column(heading="class", whole=True),
    Column(heading="now", whole=True),
    Column(heading="then", whole=True),
    Column(heading="no longer", narrow=False),
    Column(heading="new", narrow=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A past delivery judged by the policy in force and by the one that is tried; all else as it is known now."""

    record: DeliveryRecord
    before: Verdict
    after: Verdict

    @property
    def differs(self) -> bool:
        """Whether the outcome or any finding would be another."""
        return self.before.outcome != self.after.outcome or bool(self.gone or self.new)

    @property
    def gone(self) -> tuple[str, ...]:
        """Findings that would not be made any more, or with another outcome: `AI-MAYBE flag`."""
        return _only_in(self.before, self.after)

    @property
    def new(self) -> tuple[str, ...]:
        """Findings that would be new, or have another outcome."""
        return _only_in(self.after, self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTried:
    """A past delivery of which it cannot be said, and why."""

    record: DeliveryRecord
    why: str


def codes_table(to: Console, codes: Sequence[Code], policy: Policy) -> None:
    """Every code in a line."""
    rows = [Row(cells=(code.value, policy.outcomes[code].label, CODE_WORDS[code])) for code in codes]
    listed(to, _CODES, rows, nothing="There are no codes.")


def tried_table(to: Console, tried: Sequence[Tried]) -> None:
    """A line for each delivery that would be judged otherwise."""
    rows = [
        Row(
            style=STYLES[each.after.outcome],
            cells=(
                f"{each.record.delivery.name} [{each.record.delivery.delivery_id}]",
                moment(each.record.delivery.received_at),
                each.record.delivery.drop_class.value,
                each.before.outcome.name,
                each.after.outcome.name,
                ", ".join(each.gone) or "-",
                ", ".join(each.new) or "-",
            ),
        )
        for each in tried
        if each.differs
    ]
    listed(to, _TRIED, rows, nothing="No past verdict would be another.")


def tried_object(each: Tried) -> dict[str, Json]:
    """One delivery that was judged by both, as JSON values."""
    delivery = each.record.delivery
    return {
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "title": delivery.title,
        "drop_class": delivery.drop_class.value,
        "received_at": instant(delivery.received_at),
        "outcome_now": each.before.outcome.label,
        "outcome_then": each.after.outcome.label,
        "differs": each.differs,
        "no_longer": list(each.gone),
        "new": list(each.new),
    }


def tried_summary(tried: Sequence[Tried], others: Sequence[NotTried]) -> str:
    """How many would be judged otherwise, and from which outcome to which."""
    differing = [each for each in tried if each.differs]
    moves = Counter(f"{each.before.outcome.name} to {each.after.outcome.name}" for each in differing)
    told = "; ".join(f"{count} from {move}" for move, count in sorted(moves.items()))
    lacking = f" {plural(len(others), 'delivery', 'deliveries')} could not be tried." if others else ""
    how = f": {told}" if told else ""
    return f"{len(differing)} of {plural(len(tried), 'past verdict')} would be others{how}.{lacking}"


def _only_in(one: Verdict, other: Verdict) -> tuple[str, ...]:
    more = Counter(map(_called, one.findings)) - Counter(map(_called, other.findings))
    return tuple(sorted(more))


def _called(finding: Finding) -> str:
    return f"{finding.code} {finding.outcome.label}"
