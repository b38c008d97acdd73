"""Recalls for people and programs: what was found later in which delivery, where, and where that lies now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from rich.console import Console

from scanner.model import DeliveryRecord, Finding, Heard, Identical, LookAlike, Outcome, Recall
from scanner.report.json_text import Json, instant
from scanner.report.listing import Column, Row, listed
from scanner.report.plain import moment, plural, where
from scanner.report.scan_json import finding_object
from scanner.report.terminal import STYLES

COLUMNS = (
    Column(heading="recall", whole=True),
    Column(heading="now", whole=True),
    Column(heading="delivery"),
    Column(heading="member"),
    Column(heading="from", whole=True),
    Column(heading="to", whole=True),
    Column(heading="asset"),
    Column(heading="lies at"),
    Column(heading="since", narrow=False, whole=True),
    Column(heading="state"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A recall, the delivery it is about, and where that lies now. `new`: it was not written down before."""

    recall: Recall
    record: DeliveryRecord
    lies_at: str
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSearched:
    """A member of a past delivery that could not be searched, or not in full, and why."""

    record: DeliveryRecord
    member: str
    reason: str


def recalls_table(console: Console, recalled: Sequence[Recalled]) -> None:
    """A row for each place where an asset was found; in a pipe with tabs between, all columns."""
    rows = [
        Row(style=_style(each), cells=_cells(each, finding)) for each in recalled for finding in places_of(each.recall)
    ]
    listed(console, COLUMNS, rows, nothing="There are no recalls.")


def _style(each: Recalled) -> str:
    return "dim" if each.recall.closed_at else STYLES[each.recall.outcome]


def _cells(each: Recalled, finding: Finding) -> tuple[str, ...]:
    recall, delivery = each.recall, each.record.delivery
    place = finding.evidence.place if isinstance(finding.evidence, LookAlike | Heard) else None
    return (
        recall.recall_id,
        recall.outcome.name,
        f"{delivery.name} [{delivery.delivery_id}]",
        finding.member,
        place.timecode_in if place else "-",
        place.timecode_out if place else "-",
        f"{recall.asset.name} [{recall.asset.record_id}]",
        each.lies_at,
        moment(recall.at),
        _state(recall),
    )


def places_of(recall: Recall) -> Iterator[Finding]:
    """A finding for each place where it was found, without those that say what the approvals for it lack."""
    told = []
    for finding in recall.findings:
        if (
            isinstance(finding.evidence, LookAlike | Heard | Identical)
            and (finding.member, finding.evidence) not in told
        ):
            told.append((finding.member, finding.evidence))
            yield finding


def _state(recall: Recall) -> str:
    if recall.closed_at is None:
        return "open"
    return f"closed by {recall.closed_by or '-'}: {recall.closed_reason or '-'}"


def recall_object(each: Recalled) -> dict[str, Json]:
    """A recall as JSON values. Absent is null."""
    recall, delivery = each.recall, each.record.delivery
    return {
        "recall_id": recall.recall_id,
        "outcome": recall.outcome.label,
        "new": each.new,
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "title": delivery.title,
        "vendor": delivery.vendor,
        "lies_at": each.lies_at,
        "asset_id": recall.asset.asset_id,
        "record_id": recall.asset.record_id,
        "asset": recall.asset.name,
        "at": instant(recall.at),
        "by": recall.by,
        "reason": recall.reason.value,
        "findings": [finding_object(finding) for finding in recall.findings],
        "closed_at": instant(recall.closed_at),
        "closed_by": recall.closed_by,
        "closed_reason": recall.closed_reason,
    }


def not_searched_object(each: NotSearched) -> dict[str, Json]:
    """What could not be searched as JSON values."""
    delivery = each.record.delivery
    return {
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "member": each.member,
        "reason": each.reason,
    }


def not_searched_line(each: NotSearched) -> str:
    """What could not be searched, and why, in one line."""
    delivery = each.record.delivery
    member = f", {each.member}" if each.member != delivery.name else ""
    return f"NOT SEARCHED: {delivery.name} [{delivery.delivery_id}]{member}: {each.reason}"


def recall_line(each: Recalled, zone: tzinfo = UTC) -> str:
    """A recall in one line: what was found where, since when that is known, and its id."""
    recall, delivery = each.recall, each.record.delivery
    places = ", ".join(dict.fromkeys(where(finding, dash="-") for finding in places_of(recall)))
    return (
        f"{recall.outcome.name}: {delivery.name} ({each.lies_at}): {recall.asset.name} [{recall.asset.record_id}], "
        f"{places}; known since {moment(recall.at, zone)}; {recall.recall_id}"
    )


def summary(recalled: Sequence[Recalled]) -> str:
    """What came of a search, in one sentence. What a person has closed is not told again."""
    still = [each for each in recalled if each.recall.closed_at is None]
    blocked = [each for each in still if each.recall.outcome >= Outcome.HOLD]
    flagged = [each for each in still if each.recall.outcome < Outcome.HOLD]
    parts = [f"{_found(blocked)}: {_named(blocked)}"] if blocked else []
    parts += [f"to look at {'also ' if parts else ''}in {_deliveries(flagged)}: {_named(flagged)}"] if flagged else []
    return "; ".join(parts) + "." if parts else "Not found in what was cleared before."


def _found(recalled: Sequence[Recalled]) -> str:
    return f"FOUND in {_deliveries(recalled)} that {'was' if _count(recalled) == 1 else 'were'} cleared"


def _deliveries(recalled: Sequence[Recalled]) -> str:
    return plural(_count(recalled), "delivery", "deliveries")


def _count(recalled: Sequence[Recalled]) -> int:
    return len({each.recall.delivery_id for each in recalled})


def _named(recalled: Sequence[Recalled]) -> str:
    names = {each.recall.delivery_id: f"{each.record.delivery.name} ({each.lies_at})" for each in recalled}
    return ", ".join(names.values())
