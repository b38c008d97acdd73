"""One rule for each kind of evidence. A kind that nobody judges does not pass the type checker (`assert_never`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from scanner.model import (
    AiClaim,
    AssetRef,
    Case,
    Code,
    Credentials,
    CredentialState,
    DeclaredLabel,
    Evidence,
    Finding,
    GeneratorTag,
    Grade,
    Identical,
    Incomplete,
    LookAlike,
    Meaning,
    MemberEvidence,
    Place,
    Policy,
    ProvenanceRecord,
    RegisterOutOfReach,
    Unreadable,
    Use,
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
class _Seen:
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


def findings_about(evidence: Evidence, item: MemberEvidence, case: Case, policy: Policy) -> Iterator[Finding]:
    """What policy makes of one piece of evidence; nothing when it is harmless."""
    seen = _Seen(evidence=evidence, item=item, case=case, policy=policy)
    match evidence:
        case Credentials():
            yield from _about_credentials(seen, evidence)
        case DeclaredLabel():
            yield from _about_label(seen, evidence)
        case GeneratorTag():
            message = f"{evidence.tool} wrote its settings into the file ({evidence.field})" + _model(evidence)
            yield from _ai(seen, Code.AI_GENERATOR, Grade.E2, message, tool=evidence.tool)
        case Identical():
            yield from _about_identical(seen, evidence)
        case LookAlike():
            yield from _about_look_alike(seen, evidence)
        case _:
            yield _about_absence(seen, evidence)


def _about_absence(seen: _Seen, evidence: Unreadable | Incomplete | RegisterOutOfReach) -> Finding:
    """What could not be seen is never a pass."""
    match evidence:
        case Unreadable():
            code = Code.PARTLY_READ if evidence.partly else Code.UNREADABLE
            return seen.finding(code, Grade.NONE, f"{evidence.source}: {evidence.reason}")
        case Incomplete():
            return seen.finding(Code.INCOMPLETE, Grade.NONE, f"missing: {evidence.missing}")
        case RegisterOutOfReach():
            return seen.finding(
                Code.REGISTER_OUT_OF_REACH, Grade.NONE, f"the register did not answer: {evidence.reason}"
            )
        case _:
            assert_never(evidence)


def _about_credentials(seen: _Seen, evidence: Credentials) -> Iterator[Finding]:
    """What the credentials say, and how far they can be believed, are findings of their own."""
    yield from _about_claims(seen, evidence)
    if evidence.state is CredentialState.BROKEN:
        reasons = ", ".join(evidence.validation) or "they do not fit the file"
        yield seen.finding(Code.CREDENTIALS_BROKEN, Grade.NONE, f"Content Credentials are broken: {reasons}")
    if evidence.state is CredentialState.REMOTE:
        message = f"Content Credentials are kept elsewhere ({evidence.location}) and were not fetched"
        yield seen.finding(Code.CREDENTIALS_ELSEWHERE, Grade.E5, message)


def _about_claims(seen: _Seen, evidence: Credentials) -> Iterator[Finding]:
    """An AI claim under a broken or unknown signature is still AI evidence; only its grade drops (guidelines 6.1).

    Each tool is judged by itself: leave for one is not leave for the others of the same file.
    """
    grade = Grade.E1 if evidence.state is CredentialState.TRUSTED else Grade.E2
    by_tool: dict[str | None, list[AiClaim]] = {}
    for claim in evidence.claims:
        if claim.meaning is Meaning.AI:
            by_tool.setdefault(claim.tool or evidence.generator, []).append(claim)
    for tool, claims in by_tool.items():
        told = "; ".join(dict.fromkeys(map(_claim, claims)))
        message = f"Content Credentials ({_state(evidence)}) say AI: {told}"
        yield from _ai(seen, Code.AI_CREDENTIALS, grade, message, tool=tool)
    plain = {claim.manifest for claims in by_tool.values() for claim in claims}
    for claim in evidence.claims:
        if claim.manifest not in plain:
            message = f"Content Credentials ({_state(evidence)}) may mean AI: {_claim(claim)}"
            yield seen.finding(Code.AI_MAYBE, Grade.E5, message, tool=claim.tool)


def _state(evidence: Credentials) -> str:
    signer = f", signed by {evidence.signer}" if evidence.signer else ""
    match evidence.state:
        case CredentialState.TRUSTED:
            return f"valid and trusted{signer}"
        case CredentialState.UNTRUSTED:
            return f"valid, signer not in the trust list{signer}"
        case CredentialState.EXPIRED:
            return f"signer's certificate expired{signer}"
        case CredentialState.BROKEN:
            return f"signature broken{signer}"
        case CredentialState.REMOTE:
            return "kept elsewhere"
        case _:
            assert_never(evidence.state)


def _claim(claim: AiClaim) -> str:
    tool = f" by {claim.tool}" if claim.tool else ""
    return f"{claim.says}{tool} ({claim.manifest})"


def _about_label(seen: _Seen, evidence: DeclaredLabel) -> Iterator[Finding]:
    tool = f" by {evidence.tool}" if evidence.tool else ""
    message = f"the file declares {evidence.field} = {evidence.value}{tool}"
    if evidence.meaning is Meaning.MAYBE:
        yield seen.finding(Code.AI_MAYBE, Grade.E5, message, tool=evidence.tool)
    else:
        yield from _ai(seen, Code.AI_LABEL, Grade.E2, message, tool=evidence.tool)


def _model(evidence: GeneratorTag) -> str:
    return f", model {evidence.model}" if evidence.model else ""


def _about_identical(seen: _Seen, evidence: Identical) -> Iterator[Finding]:
    where = "" if evidence.file == seen.item.member.name else f" ({evidence.file})"
    message = f"byte for byte the registered {_called(seen, evidence.asset)}{where}"
    yield from _registered(seen, Code.AI_IDENTICAL, evidence.asset, message, None)


def _about_look_alike(seen: _Seen, evidence: LookAlike) -> Iterator[Finding]:
    place = evidence.place
    message = f"looks like the registered {_called(seen, evidence.asset)} ({evidence.transform}; {_measured(evidence)})"
    if evidence.floods:
        message += ". It looks so in so many places that this may say nothing"
        yield from _ai(seen, Code.AI_LOOK_ALIKE_EVERYWHERE, Grade.E5, message, tool=None, asset=evidence.asset)
        return
    yield from _registered(seen, Code.AI_LOOK_ALIKE, evidence.asset, message, place)


def _measured(evidence: LookAlike) -> str:
    """What the likeness rests on."""
    told = ["1 frame" if evidence.frames == 1 else f"{evidence.frames} sampled frames"]
    if evidence.distance is not None:
        told.append(f"{evidence.distance} of 256 bits differ at the closest")
    if evidence.blocks_compared:
        told.append(f"{evidence.blocks_agreeing} of {evidence.blocks_compared} parts of it agree pixel by pixel")
    if evidence.inliers:
        told.append(f"{evidence.inliers} features in place")
    return ", ".join(told)


def _called(seen: _Seen, asset: AssetRef) -> str:
    record = seen.case.records.get(asset.record_id)
    use = f"{record.use} material" if record else "material"
    return f"{use} {asset.name} [{asset.record_id}]"


def _registered(seen: _Seen, code: Code, asset: AssetRef, message: str, place: Place | None) -> Iterator[Finding]:
    record = seen.case.records.get(asset.record_id)
    if record is not None and record.use is Use.FINAL:
        code = Code.AI_FINAL_UNAPPROVED
    yield from _ai(seen, code, Grade.E3, message, tool=_made_with(record), asset=asset, place=place)


def _made_with(record: ProvenanceRecord | None) -> str | None:
    if record is None:
        return None
    return f"{record.tool} {record.tool_version}" if record.tool_version else record.tool


def _ai(
    seen: _Seen,
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


def _material(seen: _Seen, tool: str | None, asset: AssetRef | None, place: Place | None) -> Material:
    """A label in a file that is, byte for byte, a registered asset speaks of that asset."""
    member = seen.item.member.name
    if asset is None:
        whole = (e.asset for e in seen.item.evidence if isinstance(e, Identical) and e.file == member)
        asset = next(whole, None)
        tool = tool or (_made_with(seen.case.records.get(asset.record_id)) if asset else None)
    return Material(delivery=seen.case.delivery, member=member, asset=asset, tool=tool, place=place)


def _without_title(seen: _Seen, code: Code) -> str | None:
    """Says why no approval was found, where none could be."""
    if seen.case.delivery.title or seen.case.register is None:
        return None
    return f"its title is known (approvals are given for a title, and it has none), and {HANDBOOK[code].clears_when}"


def _short(seen: _Seen, grade: Grade, said: Answer, tool: str | None, asset: AssetRef | None) -> Finding:
    """The approval that is about this material and does not clear it."""
    message = f"{said.approval.approval_id} does not clear it: {said.why}"
    code = _STANDING_CODES[said.standing]
    return seen.finding(code, grade, message, tool=tool, asset=asset, approval=said.approval.approval_id)
