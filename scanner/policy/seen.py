"""A piece of evidence in its case, and the question that all AI material meets: is it allowed or approved?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scanner.model import (
    AiUse,
    AssetRef,
    Case,
    Code,
    Evidence,
    Finding,
    Grade,
    Identical,
    MemberEvidence,
    Outcome,
    Place,
    Policy,
    Prominence,
    ProvenanceRecord,
    Use,
)
from scanner.policy.approvals import Answer, Standing, answer
from scanner.policy.handbook import HANDBOOK
from scanner.policy.material import Material
from scanner.policy.meant import Meant
from scanner.policy.quality import Relied, Shortfall, shortfalls
from scanner.policy.requiring import is_incidental
from scanner.policy.showing import material_of

_STANDING_CODES = {
    Standing.DENIES: Code.APPROVAL_DENIED,
    Standing.NOT_YET: Code.APPROVAL_NOT_YET,
    Standing.NOT_VALID: Code.APPROVAL_NOT_VALID,
    Standing.OTHER_SCOPE: Code.APPROVAL_OTHER_SCOPE,
}
# An escalation that nobody has to wait for, where the guidance asks for none.
_NO_OBJECTION = (Standing.NOT_YET, Standing.OTHER_SCOPE)


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
            outcome=self.policy.outcome(code, self.case.delivery.drop_class, prominence_of(self.case, asset)),
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
    material = _material(seen, tool, asset, place)
    said = answer(material, approvals, at=seen.case.at, is_final=not allowed)
    if allowed and (said is None or said.standing is not Standing.DENIES):
        told = f"{message}. Temporary material is allowed in {drop_class}"
        yield seen.finding(Code.AI_TEMPORARY_ALLOWED, grade, told, tool=tool, asset=asset)
        return
    short = tuple(_short(seen, grade, said, material, asset))
    if said is not None and said.standing is Standing.COVERS and all(each.outcome < Outcome.HOLD for each in short):
        told = f"{message}. Covered by {said.approval.approval_id}, {said.why}"
        yield seen.finding(Code.AI_APPROVED, grade, told, tool=tool, asset=asset, approval=said.approval.approval_id)
        yield from short
    elif (said is None or said.standing in _NO_OBJECTION) and _needs_no_approval(seen, material):
        told = f"{message}. Incidental background within the five principles, and socialised"
        yield seen.finding(Code.INCIDENTAL, grade, told, tool=tool, asset=material.asset)
    else:
        yield seen.finding(code, grade, message, tool=tool, asset=asset, clears_when=_without_title(seen, code))
        yield from short


def _material(seen: Seen, tool: str | None, asset: AssetRef | None, place: Place | None) -> Material:
    """A label in a file that is, byte for byte, a registered asset speaks of that asset."""
    if asset is None:
        whole = (e.asset for e in seen.item.evidence if isinstance(e, Identical) and e.file == seen.item.member.name)
        asset = next(whole, None)
        tool = tool or (made_with(seen.case.records.get(asset.record_id)) if asset else None)
    return material_of(seen.case, seen.policy, seen.item, seen.evidence, tool=tool, asset=asset, place=place)


def _needs_no_approval(seen: Seen, material: Material) -> bool:
    """Whether its record makes it an incidental background element that need only be socialised (rule 19)."""
    record = seen.case.records.get(material.asset.record_id) if material.asset else None
    return record is not None and is_incidental(
        Meant(
            record=record,
            papers=seen.case.papers,
            standards=seen.policy.standards,
            at=seen.case.at,
            is_final=True,
            delivery=seen.case.delivery,
            member=material.member,
        )
    )


def is_without_ai(record: ProvenanceRecord) -> bool:
    """A record of what is for use and that no AI was used for it: it is there to show that (rule 9a)."""
    told = record.particulars
    return told is not None and told.ai_use is AiUse.NONE and record.use in (Use.FINAL, Use.CANDIDATE)


def prominence_of(case: Case, asset: AssetRef | None) -> Prominence | None:
    """How much the story rests on a registered element; None without a record. Unknown is story-relevant (rule 19)."""
    record = case.records.get(asset.record_id) if asset else None
    if record is None:
        return None
    prominence = record.particulars.prominence if record.particulars else Prominence.UNKNOWN
    return Prominence.STORY_RELEVANT if prominence is Prominence.UNKNOWN else prominence


def made_with(record: ProvenanceRecord | None) -> str | None:
    if record is None:
        return None
    return f"{record.tool} {record.tool_version}" if record.tool_version else record.tool


def _without_title(seen: Seen, code: Code) -> str | None:
    """Says why no approval was found, where none could be."""
    if seen.case.delivery.title or seen.case.register is None:
        return None
    return f"its title is known (approvals are given for a title, and it has none), and {HANDBOOK[code].clears_when}"


def _short(
    seen: Seen, grade: Grade, said: Answer | None, material: Material, asset: AssetRef | None
) -> Iterator[Finding]:
    """Why the approval that is about this material does not clear it, or what it is short of though it does."""
    for name, shortfall in _shortfalls(seen, said, material):
        message = f"{name} {shortfall.words}"
        found = seen.finding(shortfall.code, grade, message, tool=material.tool, asset=asset, approval=name)
        yield replace(found, outcome=max(found.outcome, shortfall.at_least))


def _shortfalls(seen: Seen, said: Answer | None, material: Material) -> Iterator[tuple[str, Shortfall]]:
    """By the id of the approval; also that one which the record names is unknown."""
    if said is None:
        known = {approval.approval_id for approval in seen.case.approvals}
        words = "does not clear it: the record names it, and the title has no such approval"
        unknown = Shortfall(code=Code.APPROVAL_NOT_VALID, words=words)
        yield from ((name, unknown) for name in material.escalations if name not in known)
        return
    if said.standing is not Standing.COVERS:
        words = f"does not clear it: {said.why}"
        yield said.approval.approval_id, Shortfall(code=_STANDING_CODES[said.standing], words=words)
        return
    relied = Relied(
        approval=said.approval,
        evidence=seen.evidence,
        item=seen.item,
        asset=material.asset,
        case=seen.case,
        policy=seen.policy,
    )
    for shortfall in shortfalls(relied):
        yield said.approval.approval_id, replace(shortfall, words=f"covers it, but {shortfall.words}")
