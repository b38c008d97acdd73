"""What AI material went on in a delivery, and the records it rests on: for disclosure, and for those who insure."""

from dataclasses import dataclass
from fractions import Fraction

from scanner.errors import NotClearedError
from scanner.model import Approval, DeliveryRecord, Outcome, Papers, PictureTrack, ProvenanceRecord, RulingAction
from scanner.recalling import stored_examination
from scanner.receipts import issued
from scanner.report.disclosure import DisclosureMap, disclosed
from scanner.studio import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A disclosure map with every record, approval and paper that it rests on."""

    mapped: DisclosureMap
    records: tuple[ProvenanceRecord, ...]
    approvals: tuple[Approval, ...]
    papers: Papers
    receipt: str | None = None


def dossier(studio: Studio, delivery_id: str, *, receipt: bool = False) -> Dossier:
    """The map of a delivery that was cleared, flagged or released, from what is stored.

    `receipt`: with a signed receipt, where the studio has a key.

    Raises UnknownIdError; NotClearedError for one that was not: there is nothing to disclose of it.
    """
    record = studio.kept.delivery(delivery_id)
    if record.verdict is None or not _went_on(record):
        msg = (
            f"{record.delivery.delivery_id} was not cleared: nothing of it goes out, so nothing is disclosed. "
            f"See it with: scanner quarantine show {record.delivery.delivery_id}"
        )
        raise NotClearedError(msg)
    findings = record.verdict.findings
    records = studio.kept.records_by_id({each.asset.record_id for each in findings if each.asset})
    known = {each.approval_id: each for each in studio.kept.approvals(title=record.delivery.title)}
    cited = [known[name] for name in dict.fromkeys(each.approval for each in findings) if name in known]
    papers = studio.kept.papers_named_by(records.values(), cited)
    approvals = {each.approval_id: each for each in cited}
    rows = disclosed(record, findings, records=records, approvals=approvals)
    tracks: dict[str, PictureTrack] = {}
    durations: dict[str, Fraction] = {}
    for member in record.delivery.members:
        if any(row.member == member.name and row.seconds_in is not None for row in rows):
            seen, _ = stored_examination(studio, member, record.delivery.delivery_id, wanted=False)
            if seen.picture is not None:
                tracks[member.name] = seen.picture
                durations[member.name] = seen.coverage.duration or Fraction(0)
    mapped = DisclosureMap(record=record, rows=rows, tracks=tracks, durations=durations)
    signed = issued(studio, delivery_id) if receipt and studio.settings.receipt_key.exists() else None
    return Dossier(
        mapped=mapped, records=tuple(records.values()), approvals=tuple(cited), papers=papers, receipt=signed
    )


def _went_on(record: DeliveryRecord) -> bool:
    moved = [each for each in record.rulings if each.action in (RulingAction.RELEASE, RulingAction.RESTORE)]
    if moved:
        return moved[-1].action is RulingAction.RELEASE
    return record.verdict is not None and record.verdict.outcome < Outcome.HOLD
