"""Cases to judge: one delivery of one title, whole and harmless, to which a test adds what it is about."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from scanner.model import (
    AiClaim,
    Approval,
    ApprovalStatus,
    AssetRef,
    Case,
    Code,
    Coverage,
    Credentials,
    CredentialState,
    DeclaredLabel,
    Delivery,
    DropClass,
    Evidence,
    Finding,
    GeneratorTag,
    Heard,
    Identical,
    LookAlike,
    Meaning,
    MediaKind,
    Member,
    MemberEvidence,
    Place,
    ProvenanceRecord,
    RegisterState,
    Scope,
    Statement,
    TimecodeRange,
    Use,
    Verdict,
    Watermark,
)
from scanner.policy.judge import judge
from scanner.settings import default_policy

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TITLE = "Ghost Light"
TOOL = "ComfyUI"
REEL = "GHL_101_042_comp_v003.mov"
ASSET = AssetRef(asset_id="asset-1", record_id="record-1", name="harbour.png")
POLICY = default_policy()
_MORE = ("members", "refused", "season", "episode", "territories")
WHOLE = Coverage(frames_examined=40, frames_present=240, sample_step=6, duration=Fraction(10))


def member(name: str = REEL, /, kind: MediaKind = MediaKind.VIDEO) -> Member:
    return Member(name=name, kind=kind, format="mov", files=(name,), size=1, sha256="00", file_hashes=("00",))


def seen(
    *evidence: Evidence, name: str = REEL, coverage: Coverage = WHOLE, kind: MediaKind = MediaKind.VIDEO
) -> MemberEvidence:
    """A member and what is known of it; a video of which every sample was looked at."""
    return MemberEvidence(member=member(name, kind), coverage=coverage, evidence=evidence)


def record(**given: Any) -> ProvenanceRecord:
    values: dict[str, Any] = {
        "record_id": ASSET.record_id,
        "title": TITLE,
        "tool": TOOL,
        "use": Use.TEMPORARY,
        "created_by": "ada",
        "created_at": NOON - 30 * DAY,
    }
    return ProvenanceRecord(**values | given)


def case(*members: MemberEvidence, approvals: tuple[Approval, ...] = (), **given: Any) -> Case:
    """A case of these members. What is given goes to the delivery if that has such a field, else to the case."""
    delivery: dict[str, Any] = {
        "delivery_id": "delivery-1",
        "name": members[0].member.name.partition("/")[0] if members else REEL,
        "origin": "drop",
        "title": TITLE,
        "vendor": "acme",
        "drop_class": DropClass.FINAL,
        "received_at": NOON,
    }
    told = {key: given.pop(key) for key in (*delivery, *_MORE) if key in given}
    values: dict[str, Any] = {
        "records": {ASSET.record_id: record()},
        "register": RegisterState(version=1, records=1, approvals=len(approvals), read_at=NOON),
        "examiner": "1",
        "at": NOON,
    }
    return Case(delivery=Delivery(**delivery | told), members=members, approvals=approvals, **values | given)


def verdict_on(*evidence: Evidence, approvals: tuple[Approval, ...] = (), name: str = REEL, **given: Any) -> Verdict:
    """What the default policy says of one video with this evidence."""
    return judge(case(seen(*evidence, name=name), approvals=approvals, **given), POLICY)


def codes(verdict: Verdict) -> set[Code]:
    return {finding.code for finding in verdict.findings}


def only(verdict: Verdict) -> Finding:
    """The one finding there is."""
    (finding,) = verdict.findings
    return finding


def approval(key: str = "ESC-1", /, status: ApprovalStatus = ApprovalStatus.APPROVED, **given: Any) -> Approval:
    """An approved escalation, decided yesterday and without an end. Scope fields may be given beside its own."""
    scope = {name: given.pop(name) for name in Scope.__slots__ if name in given}
    values: dict[str, Any] = {
        "approval_id": key,
        "title": TITLE,
        "status": status,
        "scope": Scope(**scope),
        "approver": "Grace",
        "decided_at": NOON - DAY,
        "created_at": NOON - DAY,
    }
    return Approval(**values | given)


def denial(key: str = "DEN-1", /, **given: Any) -> Approval:
    return approval(key, ApprovalStatus.DENIED, **given)


def between(first: str, last: str) -> TimecodeRange:
    return TimecodeRange(first=first, last=last)


def place(timecode_in: str = "01:00:10:00", timecode_out: str = "01:00:14:00") -> Place:
    return Place(
        seconds_in=Fraction(10),
        seconds_out=Fraction(14),
        timecode_in=timecode_in,
        timecode_out=timecode_out,
        accuracy_frames=5,
    )


def look_alike(at: Place | None = None, **given: Any) -> LookAlike:
    """A registered asset in frames of the picture, by default from 01:00:10:00 to 01:00:14:00."""
    values: dict[str, Any] = {
        "asset": ASSET,
        "place": at or place(),
        "asset_seconds_in": Fraction(0),
        "asset_seconds_out": Fraction(4),
        "best_seconds": Fraction(11),
        "best_asset_seconds": Fraction(1),
        "frames": 16,
        "distance": 12,
        "quality": 90,
        "region": (0.0, 0.0, 1.0, 1.0),
        "transform": "the whole picture",
    }
    return LookAlike(**values | given)


def heard(asset: AssetRef = ASSET, **given: Any) -> Heard:
    values: dict[str, Any] = {
        "asset": asset,
        "stream": 0,
        "channel": "0",
        "place": place(),
        "asset_seconds_in": Fraction(0),
        "asset_seconds_out": Fraction(4),
        "votes": 60,
        "score": 80.0,
    }
    return Heard(**values | given)


def identical(file: str = REEL, asset: AssetRef = ASSET) -> Identical:
    return Identical(asset=asset, file=file)


def claim(tool: str | None = TOOL, meaning: Meaning = Meaning.AI, manifest: str = "active manifest") -> AiClaim:
    says = "trainedAlgorithmicMedia" if meaning is Meaning.AI else "composite"
    return AiClaim(manifest=manifest, says=says, meaning=meaning, tool=tool)


def credentials(*claims: AiClaim, state: CredentialState = CredentialState.TRUSTED, **given: Any) -> Credentials:
    return Credentials(state=state, claims=claims, **given)


def label(meaning: Meaning = Meaning.AI, tool: str | None = TOOL) -> DeclaredLabel:
    return DeclaredLabel(field="DigitalSourceType", value="stated", meaning=meaning, tool=tool)


def tag(tool: str = TOOL) -> GeneratorTag:
    return GeneratorTag(tool=tool, field="prompt")


AI_EVIDENCE: dict[str, Evidence] = {
    "identical": identical(),
    "look-alike": look_alike(),
    "heard": heard(),
    "credentials": credentials(claim()),
    "label": label(),
    "generator": tag(),
    "watermark": Watermark(scheme="StableDiffusionV1", tool=TOOL, bits_agreeing=136, bits=136, frames=2),
    "statement": Statement(log="ai_log.csv", about="042", says_ai=True, tool=TOOL),
}
AI_CODES = {
    "identical": Code.AI_IDENTICAL,
    "look-alike": Code.AI_LOOK_ALIKE,
    "heard": Code.AI_HEARD,
    "credentials": Code.AI_CREDENTIALS,
    "label": Code.AI_LABEL,
    "generator": Code.AI_GENERATOR,
    "watermark": Code.AI_WATERMARK,
    "statement": Code.AI_DECLARED,
}
REGISTERED = ("identical", "look-alike", "heard")
