"""The shot disclosure map: where AI material is in what went on, on what ground, and what is to be said of it.

Values, JSON and CSV; `markers` writes the same for editing systems, `disclosure_page` for people.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

from scanner.model import (
    Approval,
    Code,
    DeliveryRecord,
    Finding,
    Heard,
    LookAlike,
    PictureTrack,
    Place,
    ProvenanceRecord,
    RulingAction,
    Statement,
    SuspectName,
)
from scanner.report.json_text import Json, instant
from scanner.report.plain import moment, shown

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CLEARED = frozenset({Code.AI_APPROVED, Code.AI_TEMPORARY_ALLOWED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """One place of one element. Times: first frame and first frame after it; None for a whole file.

    `ground`: why it may be there, in words; `is_settled`: whether an approval, the drop class or a person says so.
    """

    member: str
    track: str
    timecode_in: str | None
    timecode_out: str | None
    seconds_in: Fraction | None
    seconds_out: Fraction | None
    shot: str | None
    asset_id: str | None
    asset: str | None
    record_id: str | None
    tool: str | None
    element: str | None
    ai_use: str | None
    prominence: str | None
    approval: str | None
    approved_by: str | None
    approved_at: str | None
    document: str | None
    consents: tuple[str, ...]
    credit: str | None
    credit_placement: str | None
    disclosure: str | None
    disclosure_placement: str | None
    jurisdictions: tuple[str, ...]
    ground: str
    is_settled: bool


COLUMNS = tuple(field.name for field in fields(Disclosed))


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureMap:
    """The map of one delivery. `tracks`: picture tracks by member, for those who count in frames."""

    record: DeliveryRecord
    rows: tuple[Disclosed, ...]
    tracks: Mapping[str, PictureTrack]
    durations: Mapping[str, Fraction]


def disclosed(
    record: DeliveryRecord,
    findings: Sequence[Finding],
    *,
    records: Mapping[str, ProvenanceRecord],
    approvals: Mapping[str, Approval],
) -> tuple[Disclosed, ...]:
    """A row for each piece of AI material in these findings, in the order of the programme; the same place once.

    Consents are named by their ids only: whose they are stands in the papers themselves.
    """
    released = next((r for r in reversed(record.rulings) if r.action is RulingAction.RELEASE), None)
    ground = f"released by {released.by}: {released.reason}" if released else None
    rows = [
        _row(finding, records, approvals.get(finding.approval or ""), ground) for finding in findings if _is_ai(finding)
    ]
    once = dict.fromkeys(rows)
    return tuple(sorted(once, key=lambda row: (row.member, row.seconds_in or 0, row.asset_id or "", row.tool or "")))


def _is_ai(finding: Finding) -> bool:
    """What was found, not what is said about its record or its approval."""
    return finding.code.startswith("AI-") or finding.code is Code.INCIDENTAL


def _row(
    finding: Finding,
    records: Mapping[str, ProvenanceRecord],
    approval: Approval | None,
    released: str | None,
) -> Disclosed:
    record = records.get(finding.asset.record_id) if finding.asset else None
    told = record.particulars if record else None
    place = _place(finding)
    used = finding.evidence.mention if isinstance(finding.evidence, SuspectName) else None
    credit, disclosure = (told.credit, told.disclosure) if told else (None, None)
    consents = [name for talent in told.talent for name in talent.consent_ids] if told else []
    consents += approval.terms.consents if approval else ()
    return Disclosed(
        member=finding.member,
        track=_track(finding),
        timecode_in=place.timecode_in if place else used.record_in if used else None,
        timecode_out=place.timecode_out if place else used.record_out if used else None,
        seconds_in=place.seconds_in if place else None,
        seconds_out=place.seconds_out if place else None,
        shot=record.shot if record else None,
        asset_id=finding.asset.asset_id if finding.asset else None,
        asset=finding.asset.name if finding.asset else None,
        record_id=finding.asset.record_id if finding.asset else None,
        tool=finding.tool,
        element=told.element_kind.value if told and told.element_kind else None,
        ai_use=told.ai_use.value if told and told.ai_use else None,
        prominence=told.prominence.value if told else None,
        approval=finding.approval,
        approved_by=approval.approver if approval else None,
        approved_at=moment(approval.decided_at) if approval and approval.decided_at else None,
        document=approval.document if approval else None,
        consents=tuple(dict.fromkeys(consents)),
        credit=credit.text if credit else None,
        credit_placement=credit.placement if credit else None,
        disclosure=disclosure.text if disclosure else None,
        disclosure_placement=disclosure.placement if disclosure else None,
        jurisdictions=disclosure.jurisdictions if disclosure else (),
        ground=_ground(finding, approval, released),
        is_settled=finding.code in _CLEARED or released is not None,
    )


def _place(finding: Finding) -> Place | None:
    return finding.evidence.place if isinstance(finding.evidence, LookAlike | Heard) else None


def _track(finding: Finding) -> str:
    match finding.evidence:
        case LookAlike():
            return "picture"
        case Heard(stream=stream, channel=channel):
            return f"sound {stream + 1}, {channel}"
        case SuspectName(mention=mention) if mention is not None and mention.track:
            return mention.track
        case Statement():
            return "stated in a log"
        case _:
            return "the whole file"


def _ground(finding: Finding, approval: Approval | None, released: str | None) -> str:
    if finding.code is Code.AI_APPROVED and finding.approval:
        by = f", {approval.approver}" if approval and approval.approver else ""
        return f"approved: {finding.approval}{by}"
    if finding.code is Code.AI_TEMPORARY_ALLOWED:
        return "temporary material is allowed in this delivery"
    return released or f"flagged, not decided: {finding.code}"


def disclosure_object(mapped: DisclosureMap) -> dict[str, Json]:
    """The map as JSON values."""
    delivery, verdict = mapped.record.delivery, mapped.record.verdict
    return {
        "disclosure": 1,
        "delivery_id": delivery.delivery_id,
        "name": delivery.name,
        "title": delivery.title,
        "vendor": delivery.vendor,
        "judged_at": instant(verdict.judged_at) if verdict else None,
        "policy": verdict.policy if verdict else None,
        "entries": [_object(row) for row in mapped.rows],
    }


def _object(row: Disclosed) -> dict[str, Json]:
    return {name: _plain(getattr(row, name)) for name in COLUMNS}


def _plain(value: object) -> Json:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if value is None or isinstance(value, str | bool) else str(value)


def disclosure_csv(mapped: DisclosureMap) -> str:
    """The map as CSV with a heading, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["delivery", *COLUMNS])
    for row in mapped.rows:
        cells = [_cell(_plain(getattr(row, name))) for name in COLUMNS]
        writer.writerow([mapped.record.delivery.delivery_id, *cells])
    return out.getvalue()


def _cell(value: Json) -> str:
    text = shown("; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
