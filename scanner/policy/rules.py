"""One rule for each kind of evidence. A kind that nobody judges does not pass the type checker (`assert_never`)."""

from collections.abc import Iterator
from typing import assert_never

from scanner.model import (
    AiClaim,
    AssetRef,
    Case,
    Code,
    Contradiction,
    Credentials,
    CredentialState,
    DeclaredLabel,
    Evidence,
    Finding,
    GeneratorTag,
    Grade,
    Heard,
    Identical,
    LookAlike,
    Meaning,
    MemberEvidence,
    Mention,
    Place,
    Policy,
    Statement,
    SuspectName,
    Use,
    Watermark,
)
from scanner.model.status_codes import explained
from scanner.policy.seen import Seen, ai, is_without_ai, made_with
from scanner.policy.telling import about_absence, about_told


def findings_about(evidence: Evidence, item: MemberEvidence, case: Case, policy: Policy) -> Iterator[Finding]:
    """What policy makes of one piece of evidence; nothing when it is harmless."""
    seen = Seen(evidence=evidence, item=item, case=case, policy=policy)
    match evidence:
        case Credentials():
            yield from _about_credentials(seen, evidence)
        case DeclaredLabel():
            yield from _about_label(seen, evidence)
        case GeneratorTag():
            message = f"{evidence.tool} wrote its settings into the file ({evidence.field})" + _model(evidence)
            yield from ai(seen, Code.AI_GENERATOR, Grade.E2, message, tool=evidence.tool)
        case Identical():
            yield from _about_identical(seen, evidence)
        case LookAlike():
            yield from _about_look_alike(seen, evidence)
        case Heard():
            yield from _about_heard(seen, evidence)
        case Watermark() | SuspectName() | Statement() | Contradiction() | Mention():
            yield from about_told(seen, evidence)
        case _:
            yield about_absence(seen, evidence)


def _about_credentials(seen: Seen, evidence: Credentials) -> Iterator[Finding]:
    """What the credentials say, and how far they can be believed, are findings of their own."""
    yield from _about_claims(seen, evidence)
    if evidence.state is CredentialState.BROKEN:
        reasons = "; ".join(dict.fromkeys(f"{explained(code)} ({code})" for code in evidence.validation))
        told = reasons or "they do not fit the file"
        yield seen.finding(Code.CREDENTIALS_BROKEN, Grade.NONE, f"Content Credentials are broken: {told}")
    if evidence.state is CredentialState.REMOTE:
        message = f"Content Credentials are kept elsewhere ({evidence.location}) and were not fetched"
        yield seen.finding(Code.CREDENTIALS_ELSEWHERE, Grade.E5, message)


def _about_claims(seen: Seen, evidence: Credentials) -> Iterator[Finding]:
    """An AI claim under a broken or unknown signature is still AI evidence; only its grade drops (guidelines 6.1).

    Each tool is judged by itself: leave for one is not leave for the others of the same file.
    """
    by_tool: dict[str | None, list[AiClaim]] = {}
    for claim in evidence.claims:
        if claim.meaning is Meaning.AI:
            by_tool.setdefault(claim.tool or evidence.generator, []).append(claim)
    for tool, claims in by_tool.items():
        told = "; ".join(dict.fromkeys(map(_claim, claims)))
        message = f"Content Credentials ({_state(evidence)}) say AI: {told}"
        yield from ai(seen, Code.AI_CREDENTIALS, _grade(evidence, claims), message, tool=tool)
    plain = {claim.manifest for claims in by_tool.values() for claim in claims}
    for claim in evidence.claims:
        if claim.manifest not in plain:
            message = f"Content Credentials ({_state(evidence)}) may mean AI: {_claim(claim)}"
            yield seen.finding(Code.AI_MAYBE, Grade.E5, message, tool=claim.tool)


def _grade(evidence: Credentials, claims: list[AiClaim]) -> Grade:
    """A vendor's mark by its name alone is E4; for what a signer only passes on, nobody vouches (C2PA 2.2, 10.3)."""
    if all(claim.mark for claim in claims):
        return Grade.E4
    is_vouched_for = any(not claim.gathered and not claim.mark for claim in claims)
    return Grade.E1 if evidence.state is CredentialState.TRUSTED and is_vouched_for else Grade.E2


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
        case CredentialState.APART:
            trust = "trusted" if evidence.trusted else "not in the trust list"
            return f"in a file of their own, signer {trust}{signer}"
        case CredentialState.REMOTE:
            return "kept elsewhere"
        case _:
            assert_never(evidence.state)


def _claim(claim: AiClaim) -> str:
    tool = f" by {claim.tool}" if claim.tool else ""
    passed_on = ", passed on by its signer" if claim.gathered else ""
    return f"{claim.says}{tool} ({claim.manifest}{passed_on})"


def _about_label(seen: Seen, evidence: DeclaredLabel) -> Iterator[Finding]:
    tool = f" by {evidence.tool}" if evidence.tool else ""
    message = f"the file declares {evidence.field} = {evidence.value}{tool}"
    if evidence.meaning is Meaning.MAYBE:
        yield seen.finding(Code.AI_MAYBE, Grade.E5, message, tool=evidence.tool)
    else:
        yield from ai(seen, Code.AI_LABEL, Grade.E2, message, tool=evidence.tool)


def _model(evidence: GeneratorTag) -> str:
    return f", model {evidence.model}" if evidence.model else ""


def _about_identical(seen: Seen, evidence: Identical) -> Iterator[Finding]:
    where = "" if evidence.file == seen.item.member.name else f" ({evidence.file})"
    message = f"byte for byte the registered {_called(seen, evidence.asset)}{where}"
    yield from _registered(seen, Code.AI_IDENTICAL, evidence.asset, message, None)


def _about_look_alike(seen: Seen, evidence: LookAlike) -> Iterator[Finding]:
    place = evidence.place
    how = ", ".join([evidence.transform, *_part_of_asset(evidence)])
    message = f"looks like the registered {_called(seen, evidence.asset)} ({how}; {_measured(evidence)})"
    if evidence.floods:
        message += ". It looks so in so many places that this may say nothing"
        yield from ai(seen, Code.AI_LOOK_ALIKE_EVERYWHERE, Grade.E5, message, tool=None, asset=evidence.asset)
        return
    yield from _registered(seen, Code.AI_LOOK_ALIKE, evidence.asset, message, place)


def _about_heard(seen: Seen, evidence: Heard) -> Iterator[Finding]:
    told = ", ".join([f"in {evidence.where}", f"{evidence.votes} landmarks in step", *evidence.changed])
    message = f"the registered {_called(seen, evidence.asset)} is heard ({told})"
    if evidence.floods:
        message += ". It is heard in so many places that this may say nothing"
        yield from ai(seen, Code.AI_HEARD_EVERYWHERE, Grade.E5, message, tool=None, asset=evidence.asset)
        return
    yield from _registered(seen, Code.AI_HEARD, evidence.asset, message, evidence.place)


def _part_of_asset(evidence: LookAlike) -> Iterator[str]:
    """Which part of a moving asset is shown."""
    first, last = float(evidence.asset_seconds_in), float(evidence.asset_seconds_out)
    if last > first:
        yield f"{first:.2f} s to {last:.2f} s of it"
    elif first > 0:
        yield f"{first:.2f} s into it"


def _measured(evidence: LookAlike) -> str:
    """What the likeness rests on."""
    told = ["1 frame" if evidence.frames == 1 else f"{evidence.frames} sampled frames"]
    if evidence.distance is not None:
        told.append(f"{evidence.distance} of 256 bits differ at the closest")
    if evidence.enclosed_distance is not None:
        told.append(f"{evidence.enclosed_distance} of 256 bits differ as a picture of its own")
    if evidence.blocks_compared:
        told.append(f"{evidence.blocks_agreeing} of {evidence.blocks_compared} parts of it agree pixel by pixel")
    if evidence.inliers:
        told.append(f"{evidence.inliers} features in place")
    return ", ".join(told)


def _called(seen: Seen, asset: AssetRef) -> str:
    record = seen.case.records.get(asset.record_id)
    use = f"{record.use} material" if record else "material"
    return f"{use} {asset.name} [{asset.record_id}]"


def _registered(seen: Seen, code: Code, asset: AssetRef, message: str, place: Place | None) -> Iterator[Finding]:
    record = seen.case.records.get(asset.record_id)
    if record is not None and is_without_ai(record):
        return
    if record is not None and record.use is Use.FINAL:
        code = Code.AI_FINAL_UNAPPROVED
    yield from ai(seen, code, Grade.E3, message, tool=made_with(record), asset=asset, place=place)
