"""Stored deliveries for `quarantine list` and `quarantine show`: what is kept back, why, and where it is."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from rich.console import Console

from scanner.model import DeliveryRecord, Outcome, Ruling, Stage, Waiver
from scanner.report.json_text import Json, instant
from scanner.report.listing import Column, Row, described, listed
from scanner.report.plain import moment, reason, size_words
from scanner.report.scan_json import delivery_object
from scanner.report.scanned import Scanned, of_record
from scanner.report.terminal import STYLES, render

UNDECIDED = "undecided"
PASSES = {Outcome.PASS: "passes", Outcome.FLAG: "passes with a flag"}

COLUMNS = (
    Column(heading="outcome", whole=True),
    Column(heading="delivery", whole=True),
    Column(heading="title", narrow=False),
    Column(heading="vendor", narrow=False),
    Column(heading="name"),
    Column(heading="received", narrow=False, whole=True),
    Column(heading="place", narrow=False, wide=False),
    Column(heading="why"),
)


def quarantine_table(console: Console, records: Sequence[DeliveryRecord]) -> None:
    """Deliveries, one a row; in a pipe: outcome, id, title, vendor, name, since, place, why."""
    rows = [
        Row(
            style=STYLES[record.verdict.outcome] if record.verdict else "dim",
            cells=(
                outcome_of(record),
                record.delivery.delivery_id,
                record.delivery.title or "-",
                record.delivery.vendor or "-",
                record.delivery.name,
                moment(record.delivery.received_at),
                record.place or "-",
                _why(record),
            ),
        )
        for record in records
    ]
    listed(console, COLUMNS, rows, nothing="Nothing is held or in quarantine.")


def _why(record: DeliveryRecord) -> str:
    if record.verdict is None:
        return f"not judged yet ({record.stage})"
    kept = record.last_word if record.is_kept else None
    return (kept and f"kept by {kept.by}: {kept.reason}") or waits_for_release(record) or reason(record.verdict)


def waits_for_release(record: DeliveryRecord) -> str | None:
    """That a delivery which is kept back passes by now, and since when; None for any other."""
    verdict = record.verdict
    if record.is_kept or record.stage is not Stage.JUDGED_AGAIN or verdict is None or verdict.outcome >= Outcome.HOLD:
        return None
    return f"{PASSES[verdict.outcome]} since {moment(verdict.judged_at)}: release it"


def quarantine_shown(console: Console, record: DeliveryRecord, *, shortest_shot: int | None = None) -> None:
    """One delivery: where its bytes are, what people ruled, and its verdict in full."""
    delivery = record.delivery
    facts = [
        ("delivery", delivery.delivery_id),
        ("name", delivery.name),
        ("dropped at", delivery.origin),
        ("now at", record.place or "handed on"),
        ("received", moment(delivery.received_at)),
        ("stage", record.stage.value),
        ("size", size_words(sum(member.size for member in delivery.unopened.members))),
        ("waits", waits_for_release(record)),
        ("judged before", f"{record.verdicts_before} times" if record.verdicts_before else None),
    ]
    described(console, [*facts, *(("ruling", ruling_words(ruling)) for ruling in record.rulings)])
    judged = of_record(record)
    if judged is not None:
        console.print()
        render(console, [judged], shortest_shot=shortest_shot)


def record_object(record: DeliveryRecord) -> dict[str, Json]:
    """A stored delivery as JSON values: the object of `scan`, with its stage, place and rulings. Absent is null."""
    judged: Scanned | None = of_record(record)
    return {
        **(delivery_object(judged) if judged else _unjudged(record)),
        "stage": record.stage.value,
        "place": record.place,
        "origin": record.delivery.origin,
        "verdicts_before": record.verdicts_before,
        "waits": waits_for_release(record),
        "rulings": [_ruling_json(ruling) for ruling in record.rulings],
    }


def _unjudged(record: DeliveryRecord) -> dict[str, Json]:
    delivery = record.delivery
    return {
        "path": record.place or delivery.origin,
        "title": delivery.title,
        "outcome": None,
        "members": [member.name for member in delivery.members],
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "vendor": delivery.vendor,
        "drop_class": delivery.drop_class.value,
        "received_at": instant(delivery.received_at),
        "findings": [],
    }


def outcome_of(record: DeliveryRecord) -> str:
    """The outcome in capitals, or `undecided`."""
    return record.verdict.outcome.name if record.verdict else UNDECIDED


def ruling_words(ruling: Ruling, zone: tzinfo = UTC) -> str:
    """A ruling in one line."""
    terms = ruling.terms
    role = f" ({terms.role})" if terms.role else ""
    second_role = f" ({terms.second_role})" if terms.second_role else ""
    second = f" and {terms.second}{second_role}" if terms.second else ""
    approval = f" (approval {ruling.approval})" if ruling.approval else ""
    said = f"{ruling.action} by {ruling.by}{role}{second}, {moment(ruling.at, zone)}: {ruling.reason}{approval}"
    waiver = f"; {_waiver_words(terms.waiver, zone)}" if terms.waiver else ""
    return f"{said}{waiver}{f'; taught: {terms.lesson}' if terms.lesson else ''}"


def _waiver_words(waiver: Waiver, zone: tzinfo) -> str:
    where = f" in {', '.join(waiver.members)}" if waiver.members else ""
    until = f" until {moment(waiver.until, zone)}" if waiver.until else ""
    return f"waived {', '.join(waiver.codes)}{where}{until}"


def _ruling_json(ruling: Ruling) -> dict[str, Json]:
    return {
        "action": ruling.action.value,
        "by": ruling.by,
        "reason": ruling.reason,
        "approval": ruling.approval,
        "at": instant(ruling.at),
        "role": ruling.terms.role,
        "second": ruling.terms.second,
        "second_role": ruling.terms.second_role,
        "second_at": instant(ruling.terms.second_at),
        "waiver": _waiver_json(ruling.terms.waiver) if ruling.terms.waiver else None,
        "teaches": ruling.terms.lesson.value if ruling.terms.lesson else None,
    }


def _waiver_json(waiver: Waiver) -> dict[str, Json]:
    return {
        "codes": list(waiver.codes),
        "members": list(waiver.members),
        "assets": list(waiver.assets),
        "until": instant(waiver.until),
    }
