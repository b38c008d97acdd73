"""Values to put into the store, whole but small; anything can be given otherwise."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from scanner.model import (
    AiClaim,
    Approval,
    ApprovalStatus,
    Asset,
    AssetRef,
    Code,
    Coverage,
    Credentials,
    CredentialState,
    Delivery,
    DropClass,
    Evidence,
    Examination,
    FeatureFrame,
    Finding,
    Grade,
    LookAlike,
    Meaning,
    MediaKind,
    Member,
    MemberEvidence,
    Observation,
    Outcome,
    Picture,
    PictureCodes,
    PictureFeatures,
    PictureTrack,
    Place,
    ProvenanceRecord,
    Recall,
    RecallReason,
    Refused,
    RegisterState,
    Ruling,
    RulingAction,
    Scope,
    Thumbnail,
    TimecodeRange,
    Unreadable,
    Use,
    Verdict,
)

NOON = datetime(2025, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def codes(seed: int = 1, count: int = 3, **given: Any) -> PictureCodes:
    values: dict[str, Any] = {
        "algorithm": "pdq",
        "version": 1,
        "time_base": Fraction(1001, 24000),
        "pts": tuple(range(seed, seed + count)),
        "codes": bytes([seed % 256]) * 32 * count,
        "quality": bytes([90]) * count,
        "views": bytes(count),
    }
    return PictureCodes(**values | given)


def features(seed: int = 1, count: int = 3, **given: Any) -> PictureFeatures:
    frames = tuple(_feature_frame(random.Random(seed * 1000 + number), number) for number in range(count))
    values: dict[str, Any] = {"algorithm": "orb", "version": 1, "time_base": Fraction(1001, 24000), "frames": frames}
    return PictureFeatures(**values | given)


def _feature_frame(source: random.Random, number: int) -> FeatureFrame:
    return FeatureFrame(
        pts=number * 2**40 - 7,
        width=1998,
        height=1080,
        descriptors=source.randbytes(32 * 5),
        points=source.randbytes(8 * 5),
        grey=source.randbytes(50),
    )


def asset(key: str = "a", /, **given: Any) -> Asset:
    values: dict[str, Any] = {
        "asset_id": f"asset-{key}",
        "name": f"{key}.mov",
        "kind": MediaKind.VIDEO,
        "sha256": sha256(key),
        "size": 5_000_000_000,
        "file_hashes": (sha256(key),),
        "codes": (codes(),),
    }
    return Asset(**values | given)


def record(key: str = "a", /, **given: Any) -> ProvenanceRecord:
    values: dict[str, Any] = {
        "record_id": f"record-{key}",
        "title": "Ghost Light",
        "tool": "ComfyUI",
        "use": Use.TEMPORARY,
        "created_by": "ada",
        "created_at": NOON,
        "assets": (asset(key),),
    }
    return ProvenanceRecord(**values | given)


def thumbnail(seconds: Fraction | int = 1, jpeg: bytes = b"\xff\xd8\x00jpeg") -> Thumbnail:
    return Thumbnail(seconds=Fraction(seconds), jpeg=jpeg)


def approval(key: str = "a", /, **given: Any) -> Approval:
    values: dict[str, Any] = {
        "approval_id": f"approval-{key}",
        "title": "Ghost Light",
        "status": ApprovalStatus.APPROVED,
        "scope": Scope(
            drop_classes=(DropClass.FINAL,),
            records=("record-a",),
            timecodes=(TimecodeRange(first="01:00:00:00", last="01:00:10:00"),),
        ),
        "approver": "grace",
        "decided_at": NOON,
        "valid_to": NOON + 24 * HOUR,
        "created_at": NOON,
    }
    return Approval(**values | given)


def member(name: str = "reel.mov", /, **given: Any) -> Member:
    values: dict[str, Any] = {
        "name": name,
        "kind": MediaKind.VIDEO,
        "format": "mov",
        "files": (name,),
        "size": 1000,
        "sha256": sha256("reel"),
        "file_hashes": (sha256("reel"),),
    }
    return Member(**values | given)


def delivery(key: str = "d1", /, **given: Any) -> Delivery:
    values: dict[str, Any] = {
        "delivery_id": key,
        "name": "EP101_v3",
        "origin": "/drop/acme/EP101_v3",
        "title": "Ghost Light",
        "vendor": "acme",
        "drop_class": DropClass.FINAL,
        "received_at": NOON,
        "members": (member(),),
        "refused": (Refused(name="link", reason="symbolic link"),),
    }
    return Delivery(**values | given)


def look_alike() -> LookAlike:
    return LookAlike(
        asset=AssetRef(asset_id="asset-a", record_id="record-a", name="a.mov"),
        place=Place(
            seconds_in=Fraction(1001, 24000),
            seconds_out=Fraction(5, 3),
            timecode_in="01:00:00:01",
            timecode_out="01:00:01:16",
            accuracy_frames=2,
        ),
        asset_seconds_in=Fraction(0),
        asset_seconds_out=Fraction(5, 3),
        best_seconds=Fraction(1),
        best_asset_seconds=Fraction(1, 2),
        frames=40,
        distance=12,
        quality=88,
        region=(0.0, 0.1, 1.0, 1 / 3),
        transform="mirrored",
    )


def credentials() -> Credentials:
    claim = AiClaim(manifest="m1", says="trainedAlgorithmicMedia", meaning=Meaning.AI, tool="Firefly")
    return Credentials(state=CredentialState.UNTRUSTED, signer="x", claims=(claim,), validation=("signature.ok",))


def coverage() -> Coverage:
    return Coverage(frames_examined=10, frames_present=20, sample_step=2, notes=("no sound",), duration=Fraction(5, 3))


def examination(*observations: Observation, **given: Any) -> Examination:
    values: dict[str, Any] = {
        "examiner": "1",
        "kind": MediaKind.VIDEO,
        "format": "mov",
        "picture": PictureTrack(
            codec="h264", width=1920, height=1080, frame_rate=Fraction(24000, 1001), start_timecode="01:00:00:00"
        ),
        "codes": codes(),
        "observations": observations or (credentials(), Unreadable(source="sound", reason="damaged\x00")),
        "coverage": coverage(),
    }
    return Examination(**values | given)


def finding(of: Evidence | None = None, **given: Any) -> Finding:
    values: dict[str, Any] = {
        "code": Code.AI_LOOK_ALIKE,
        "outcome": Outcome.QUARANTINE,
        "rule": "6.1",
        "grade": Grade.E2,
        "member": "reel.mov",
        "message": "looks like a.mov",
        "clears_when": "it is approved",
        "evidence": of or look_alike(),
    }
    return Finding(**values | given)


def verdict(key: str = "d1", /, **given: Any) -> Verdict:
    values: dict[str, Any] = {
        "delivery_id": key,
        "outcome": Outcome.QUARANTINE,
        "findings": (finding(), finding(credentials(), code=Code.AI_CREDENTIALS, outcome=Outcome.HOLD)),
        "coverage": (("reel.mov", coverage()),),
        "approvals_used": ("approval-a",),
        "examiner": "1",
        "policy": "abc",
        "register": RegisterState(version=7, records=2, approvals=1, read_at=NOON),
        "judged_at": NOON + HOUR,
    }
    return Verdict(**values | given)


def member_evidence(of: Member | None = None, *evidence: Evidence) -> MemberEvidence:
    return MemberEvidence(
        member=of or member(), coverage=coverage(), evidence=evidence or (look_alike(), credentials())
    )


def picture(**given: Any) -> Picture:
    values: dict[str, Any] = {
        "member": "reel.mov",
        "found": thumbnail(1),
        "registered": thumbnail(Fraction(1, 3)),
        "asset_id": "a",
    }
    return Picture(**values | given)


def ruling(**given: Any) -> Ruling:
    values: dict[str, Any] = {
        "action": RulingAction.RELEASE,
        "by": "grace",
        "reason": "agreed by telephone",
        "at": NOON + 2 * HOUR,
    }
    return Ruling(**values | given)


def recall(key: str = "r1", /, **given: Any) -> Recall:
    values: dict[str, Any] = {
        "recall_id": key,
        "delivery_id": "d1",
        "asset": AssetRef(asset_id="asset-a", record_id="record-a", name="a.mov"),
        "at": NOON,
        "by": "ada",
        "reason": RecallReason.REGISTERED,
        "outcome": Outcome.QUARANTINE,
        "findings": (finding(),),
    }
    return Recall(**values | given)
