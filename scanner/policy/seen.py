"""A piece of evidence in its case, and the question that all AI material meets: is it allowed or approved?"""

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.model import (
    AssetRef,
    Case,
    Code,
    Evidence,
    Finding,
    Grade,
    Identical,
    MemberEvidence,
    Place,
    Policy,
    ProvenanceRecord,
)
from scanner.policy.approvals import Answer, Standing, answer
from scanner.policy.handbook import HANDBOOK
from scanner.policy.scope import Material

_STANDING_CODES = {
    Standing.DENIES: Code.APPROVAL_DENIED,
    Standing.NOT_YET: Code.APPROVAL_NOT_YET,
    Standing.NOT_VALID: Code.APPROVAL_NOT_VALID,
    Standing.OTHER_SCOPE: Code.APPROVAL_OTHER_SCOPE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A piece of evidence in its case, ready to become findings."""

    evidence: Evidence
    item: MemberEvidence
    case: Case
    policy: Policy

    def finding(
        self,
        code: Code,
        grade: Grade,
        message: str,
        *,
        tool: str | None = None,
        asset: AssetRef | None = None,
        approval: str | None = None,
        clears_when: str | None = None,
    ) -> Finding:
        return Finding(
            code=code,
            outcome=self.policy.outcome(code, self.case.delivery.drop_class),
            rule=HANDBOOK[code].cited,
            grade=grade,
            member=self.item.member.name,
            message=message,
            clears_when=clears_when or HANDBOOK[code].clears_when,
            evidence=self.evidence,
            tool=tool,
            asset=asset,
            approval=approval,
        )


def ai(
    seen: Seen,
    code: Code,
    grade: Grade,
    message: str,
    *,
    tool: str | None,
    asset: AssetRef | None = None,
    place: Place | None = None,
) -> Iterator[Finding]:
    """AI material: allowed in this drop class, approved, or a finding with the approval that fell short."""
    drop_class = seen.case.delivery.drop_class
    allowed = drop_class in seen.policy.temporary_allowed_in
    approvals = seen.case.approvals
    if allowed:
        # Temporary use needs no approval; but a denial that names this very class of delivery means it.
        approvals = tuple(approval for approval in approvals if drop_class in approval.scope.drop_classes)
    said = answer(_material(seen, tool, asset, place), approvals, at=seen.case.at)
    if allowed and (said is None or said.standing is not Standing.DENIES):
        told = f"{message}. Temporary material is allowed in {drop_class}"
        yield seen.finding(Code.AI_TEMPORARY_ALLOWED, grade, told, tool=tool, asset=asset)
    elif said is not None and said.standing is Standing.COVERS:
        told = f"{message}. Covered by {said.approval.approval_id}, {said.why}"
        yield seen.finding(Code.AI_APPROVED, grade, told, tool=tool, asset=asset, approval=said.approval.approval_id)
    else:
        yield seen.finding(code, grade, message, tool=tool, asset=asset, clears_when=_without_title(seen, code))
        if said is not None:
            yield _short(seen, grade, said, tool, asset)


def _material(seen: Seen, tool: str | None, asset: AssetRef | None, place: Place | None) -> Material:
    """A label in a file that is, byte for byte, a registered asset speaks of that asset."""
    member = seen.item.member.name
    if asset is None:
        whole = (e.asset for e in seen.item.evidence if isinstance(e, Identical) and e.file == member)
        asset = next(whole, None)
        tool = tool or (made_with(seen.case.records.get(asset.record_id)) if asset else None)
    return Material(delivery=seen.case.delivery, member=member, asset=asset, tool=tool, place=place)


def made_with(record: ProvenanceRecord | None) -> str | None:
    if record is None:
        return None
    return f"{record.tool} {record.tool_version}" if record.tool_version else record.tool


def _without_title(seen: Seen, code: Code) -> str | None:
    """Says why no approval was found, where none could be."""
    if seen.case.delivery.title or seen.case.register is None:
        return None
    return f"its title is known (approvals are given for a title, and it has none), and {HANDBOOK[code].clears_when}"


def _short(seen: Seen, grade: Grade, said: Answer, tool: str | None, asset: AssetRef | None) -> Finding:
    """The approval that is about this material and does not clear it."""
    message = f"{said.approval.approval_id} does not clear it: {said.why}"
    code = _STANDING_CODES[said.standing]
    return seen.finding(code, grade, message, tool=tool, asset=asset, approval=said.approval.approval_id)
