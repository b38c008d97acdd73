"""Invented deliveries, records and approvals that the report tests share, and two drawn frames to show with them."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from PIL import Image, ImageDraw, ImageFilter

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
    DeliveryRecord,
    DropClass,
    Finding,
    Gap,
    GeneratorTag,
    Grade,
    Identical,
    Incomplete,
    LookAlike,
    Meaning,
    MediaKind,
    Member,
    Outcome,
    Picture,
    PictureCodes,
    Place,
    ProvenanceRecord,
    Refused,
    RegisterState,
    Ruling,
    RulingAction,
    Scope,
    Stage,
    Thumbnail,
    TimecodeRange,
    Unreadable,
    Use,
    Verdict,
)
from scanner.report import Scanned

NIGHT = datetime(2026, 11, 3, 2, 14, tzinfo=UTC)
MATTE = AssetRef(asset_id="ast_7f31c2", record_id="PR-0117", name="harbour_matte_v02.png")
CROWD = AssetRef(asset_id="ast_b90e44", record_id="PR-0121", name="quay_crowd_take3.mp4")
REGISTER = RegisterState(version=214, records=37, approvals=12, read_at=NIGHT)
POLICY = "sha256:3f9a2c1d77be40aa915f0c6b2e8d4417"
HOSTILE = "evil\nname\x1b[31m<script>alert(1)</script>/../\u202efdp\udcff\x9b.mov"


def frame(*, grade: int = 0, flopped: bool = False, inset: bool = False) -> bytes:
    """A drawn harbour at night as JPEG; the same picture graded, flopped, or small inside another."""
    picture = Image.new("RGB", (480, 200))
    draw = ImageDraw.Draw(picture)
    for y in range(200):
        draw.line([(0, y), (480, y)], fill=(8 + y // 8 + grade, 14 + y // 5, 44 + y // 3))
    for number, x in enumerate(range(0, 480, 26)):
        top = 150 - (number * 37 % 70)
        draw.rectangle([x, top, x + 22, 165], fill=(12 + grade, 16, 28))
        for window in range(top + 6, 160, 10):
            draw.point([(x + 6, window), (x + 14, window + 3)], fill=(255, 214, 140))
    draw.ellipse([70, 22, 108, 60], fill=(236, 232, 210))
    draw.rectangle([0, 165, 480, 200], fill=(10 + grade, 22, 46))
    draw.polygon([(300, 172), (410, 172), (392, 186), (314, 186)], fill=(90 + grade, 40, 30))
    draw.line([(352, 110), (352, 172)], fill=(180, 170, 150), width=2)
    picture = picture.filter(ImageFilter.GaussianBlur(0.6))
    if flopped:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if inset:
        room = Image.new("RGB", (480, 200), (46, 38, 34))
        ImageDraw.Draw(room).rectangle([0, 150, 480, 200], fill=(28, 22, 20))
        room.paste(picture.resize((192, 80)), (96, 40))
        picture = room
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=82)
    return stream.getvalue()


def member(
    name: str, *, kind: MediaKind = MediaKind.VIDEO, format_name: str = "mov", size: int = 41_200_000_000
) -> Member:
    return Member(
        name=name, kind=kind, format=format_name, files=(name,), size=size, sha256="9c" * 32, file_hashes=("9c" * 32,)
    )


def delivery(name: str = "NH_101_master_v03.mov", *members: Member, **changed: object) -> Delivery:
    base = Delivery(
        delivery_id="dlv_01jc9w2k",
        name=name,
        origin=f"acme/{name}",
        title="Night Harbour",
        vendor="acme",
        drop_class=DropClass.FINAL,
        received_at=NIGHT - timedelta(minutes=31),
        members=members or (member(name),),
    )
    return replace(base, **changed)  # type: ignore[arg-type]


def verdict(outcome: Outcome = Outcome.PASS, *findings: Finding, **changed: object) -> Verdict:
    base = Verdict(
        delivery_id="dlv_01jc9w2k",
        outcome=outcome,
        findings=findings,
        coverage=(("NH_101_master_v03.mov", FEATURE),),
        approvals_used=(),
        examiner="scanner 0.1.0, examiner 3",
        policy=POLICY,
        register=REGISTER,
        judged_at=NIGHT,
    )
    return replace(base, **changed)  # type: ignore[arg-type]


FEATURE = Coverage(
    frames_examined=12_960,
    frames_present=77_760,
    frames_uninformative=412,
    sample_step=6,
    notes=("sound not matched", "timed text not examined"),
    duration=Fraction(77_760 * 1001, 24_000),
)
SHORT = Coverage(frames_examined=80, frames_present=480, sample_step=6, notes=("sound not matched",))


def place(seconds_in: float, seconds_out: float, timecode_in: str, timecode_out: str) -> Place:
    return Place(
        seconds_in=Fraction(seconds_in),
        seconds_out=Fraction(seconds_out),
        timecode_in=timecode_in,
        timecode_out=timecode_out,
        accuracy_frames=5,
    )


def look_alike(at: Place | None, *, asset: AssetRef = MATTE, **changed: object) -> LookAlike:
    base = LookAlike(
        asset=asset,
        place=at,
        asset_seconds_in=Fraction(0),
        asset_seconds_out=Fraction(0),
        best_seconds=at.seconds_in + 1 if at else Fraction(0),
        best_asset_seconds=Fraction(0),
        frames=17,
        distance=22,
        quality=87,
        region=(0.0, 0.0, 1.0, 1.0),
        transform="flopped, darker grade",
    )
    return replace(base, **changed)  # type: ignore[arg-type]


def finding(code: Code, outcome: Outcome, **changed: object) -> Finding:
    base = Finding(
        code=code,
        outcome=outcome,
        rule="4b, Netflix P4 (temporary use)",
        grade=Grade.E3,
        member="NH_101_master_v03.mov",
        message="17 sampled frames look like the temporary asset harbour_matte_v02.png (ComfyUI, record PR-0117).",
        clears_when="an approval for final use of PR-0117 covers this shot, or the shot is replaced.",
    )
    return replace(base, **changed)  # type: ignore[arg-type]


MATTE_FOUND = finding(
    Code.AI_LOOK_ALIKE,
    Outcome.QUARANTINE,
    evidence=look_alike(place(754.5, 758.75, "01:12:34:12", "01:12:38:18")),
    tool="ComfyUI",
    asset=MATTE,
)
CROWD_FOUND = finding(
    Code.APPROVAL_OTHER_SCOPE,
    Outcome.QUARANTINE,
    rule="22, Netflix escalation scope",
    message="6 sampled frames look like quay_crowd_take3.mp4; approval ESC-2041 is for shot NH_101_042 only.",
    clears_when="ESC-2041 is extended to this shot, or another approval covers it.",
    evidence=look_alike(
        place(2210.0, 2211.5, "01:36:50:00", "01:36:51:12"),
        asset=CROWD,
        frames=6,
        distance=41,
        asset_seconds_in=Fraction(3, 2),
        asset_seconds_out=Fraction(3),
        region=(0.2, 0.2, 0.4, 0.4),
        transform="inset, 40 % of the frame's width, in perspective, at 200 % of its speed",
        polygon=((0.2, 0.2), (0.6, 0.21), (0.59, 0.6), (0.21, 0.58)),
        inliers=63,
        blocks_agreeing=31,
        blocks_compared=44,
        covered=0.25,
        speed=2.0,
    ),
    tool="Runway Gen-4",
    asset=CROWD,
    approval="ESC-2041",
)
LABELLED = finding(
    Code.AI_MAYBE,
    Outcome.FLAG,
    rule="4a, Netflix P4; IPTC source type",
    grade=Grade.E5,
    message="The metadata says digital source type 'composite', which may include generated elements.",
    clears_when="a person looks at it and rules, or a provenance record describes it.",
)


def picture_of(asset: AssetRef, name: str, *, inset: bool = False) -> Picture:
    return Picture(
        member=name,
        found=Thumbnail(seconds=Fraction(1511, 2), jpeg=frame(grade=-6, flopped=not inset, inset=inset)),
        registered=Thumbnail(seconds=Fraction(0), jpeg=frame()),
        asset_id=asset.asset_id,
    )


def quarantined() -> Scanned:
    name = "NH_101_master_v03.mov"
    return Scanned(
        path=f"drop/acme/{name}",
        record=delivery(name),
        verdict=verdict(Outcome.QUARANTINE, MATTE_FOUND, CROWD_FOUND, LABELLED),
        pictures=(picture_of(MATTE, name), picture_of(CROWD, name, inset=True)),
    )


def held() -> Scanned:
    package = (
        member("vfx/NH_101_065_010_comp_v007.[1001-1120].exr", kind=MediaKind.SEQUENCE, format_name="exr"),
        member("edl/NH_101_v03.edl", kind=MediaKind.OTHER, format_name="edl", size=18_204),
    )
    gap = replace(package[0], gaps=(Gap(first=1044, last=1047),))
    return Scanned(
        path="drop/polar-vfx/NH_101_065",
        record=delivery(
            "NH_101_065",
            gap,
            package[1],
            vendor="polar-vfx",
            refused=(Refused(name="latest", reason="a symbolic link, never followed"),),
        ),
        verdict=verdict(
            Outcome.HOLD,
            finding(
                Code.INCOMPLETE,
                Outcome.HOLD,
                rule="24, house: integrity of the drop",
                grade=Grade.NONE,
                member=gap.name,
                message="4 frames are missing from the sequence: 1044 to 1047.",
                clears_when="the missing frames are delivered.",
                evidence=Incomplete(missing="frames 1044 to 1047"),
            ),
            finding(
                Code.UNREADABLE,
                Outcome.HOLD,
                rule="6.1, house: what cannot be read is held",
                grade=Grade.NONE,
                member=gap.name,
                message="Frame 1090 could not be decoded: the file ends in the middle of a scan line.",
                clears_when="a whole file is delivered.",
                evidence=Unreadable(source="picture", reason="truncated", partly=True),
            ),
            coverage=(
                (gap.name, Coverage(frames_examined=19, frames_present=120, sample_step=6, duration=Fraction(5))),
                ("edl/NH_101_v03.edl", Coverage(notes=("no examiner for this kind of file",))),
            ),
        ),
    )


def flagged() -> Scanned:
    name = "NH_keyart_A1_v02.png"
    still = member(name, kind=MediaKind.STILL, format_name="png", size=48_300_112)
    return Scanned(
        path=f"drop/northlight/{name}",
        record=delivery(name, still, vendor="northlight", drop_class=DropClass.ARTWORK),
        verdict=verdict(
            Outcome.FLAG,
            finding(
                Code.CREDENTIALS_BROKEN,
                Outcome.FLAG,
                rule="4a, Netflix P4",
                grade=Grade.E2,
                member=name,
                message="Content Credentials do not verify; inside them Adobe Firefly says trainedAlgorithmicMedia.",
                clears_when="the maker signs it anew, or an approval covers it.",
                evidence=Credentials(
                    state=CredentialState.BROKEN,
                    signer="Adobe Inc.",
                    generator="Adobe Photoshop 26.9",
                    claims=(
                        AiClaim(
                            manifest="urn:uuid:6f", says="trainedAlgorithmicMedia", meaning=Meaning.AI, tool="Firefly"
                        ),
                    ),
                    validation=("assertion.dataHash.mismatch",),
                    location="PNG caBX",
                ),
            ),
            coverage=((name, Coverage(frames_examined=1, frames_present=1)),),
        ),
    )


def approved() -> Scanned:
    name = "NH_102_master_v01.mov"
    return Scanned(
        path=f"drop/acme/{name}",
        record=delivery(name),
        verdict=verdict(
            Outcome.PASS,
            finding(
                Code.AI_APPROVED,
                Outcome.PASS,
                message="The registered asset harbour_matte_v02.png is in the picture, as ESC-2044 approves.",
                clears_when="nothing: it is cleared.",
                asset=MATTE,
                approval="ESC-2044",
                evidence=look_alike(place(60, 64, "01:01:00:00", "01:01:04:00")),
            ),
            approvals_used=("ESC-2044",),
            coverage=((name, FEATURE),),
        ),
    )


def passed() -> Scanned:
    name = "NH_101_trailer_60.mov"
    return Scanned(
        path=f"drop/acme/{name}",
        record=delivery(name, drop_class=DropClass.TRAILER),
        verdict=verdict(coverage=((name, SHORT),)),
    )


def hostile() -> Scanned:
    """Every piece of text that a vendor can choose is hostile."""
    bad = AssetRef(asset_id=HOSTILE, record_id=HOSTILE, name=HOSTILE)
    found = finding(
        Code.AI_GENERATOR,
        Outcome.QUARANTINE,
        rule=HOSTILE,
        member=HOSTILE,
        message=HOSTILE,
        clears_when=HOSTILE,
        tool=HOSTILE,
        asset=bad,
        approval=HOSTILE,
        evidence=GeneratorTag(tool=HOSTILE, field=HOSTILE, model=HOSTILE, files=(HOSTILE,)),
    )
    looks = replace(
        found,
        code=Code.AI_LOOK_ALIKE,
        evidence=look_alike(place(1, 2, HOSTILE, HOSTILE), asset=bad, transform=HOSTILE),
    )
    return Scanned(
        path=HOSTILE,
        record=delivery(
            HOSTILE,
            member(HOSTILE, format_name=HOSTILE),
            title=HOSTILE,
            vendor=HOSTILE,
            refused=(Refused(name=HOSTILE, reason=HOSTILE),),
        ),
        verdict=verdict(
            Outcome.QUARANTINE,
            found,
            looks,
            coverage=((HOSTILE, replace(FEATURE, notes=(HOSTILE,))),),
            approvals_used=(HOSTILE,),
            examiner=HOSTILE,
            policy=HOSTILE,
        ),
        pictures=(replace(picture_of(bad, HOSTILE), asset_id=HOSTILE),),
        rulings=(Ruling(action=RulingAction.RESTORE, by=HOSTILE, reason=HOSTILE, approval=HOSTILE, at=NIGHT),),
    )


def every_outcome() -> tuple[Scanned, ...]:
    return (quarantined(), held(), flagged(), approved(), passed())


def with_code(code: Code) -> Scanned:
    """A delivery with one finding of this code."""
    return Scanned(path="a.mov", record=delivery("a.mov"), verdict=verdict(Outcome.HOLD, finding(code, Outcome.HOLD)))


def identical() -> Finding:
    return finding(
        Code.AI_IDENTICAL,
        Outcome.QUARANTINE,
        asset=MATTE,
        evidence=Identical(asset=MATTE, file="NH_101_master_v03.mov"),
    )


def stored(scanned: Scanned, *, number: int = 1, stage: Stage = Stage.CARRIED_OUT, **changed: object) -> DeliveryRecord:
    """The record of a scanned delivery, with an id of its own."""
    outcome = scanned.verdict.outcome
    folder = {Outcome.QUARANTINE: "quarantine", Outcome.HOLD: "held"}.get(outcome)
    known = replace(scanned.record, delivery_id=f"dlv_01jc9w{number:02d}")
    base = DeliveryRecord(
        delivery=known,
        stage=stage,
        place=f"{folder}/{known.delivery_id}/{known.name}" if folder else None,
        verdict=replace(scanned.verdict, delivery_id=known.delivery_id),
        pictures=scanned.pictures,
        rulings=scanned.rulings,
    )
    return replace(base, **changed)  # type: ignore[arg-type]


RELEASED = Ruling(
    action=RulingAction.RELEASE,
    by="Maria Lind",
    reason="Netflix approved the shot by mail on 2 November",
    approval="ESC-2046",
    at=NIGHT + timedelta(minutes=40),
)

CODES = PictureCodes(
    algorithm="phash256",
    version=1,
    time_base=Fraction(1, 24),
    pts=(0, 6),
    codes=bytes(64),
    quality=b"\x50\x50",
    views=bytes(2),
)

RECORD = ProvenanceRecord(
    record_id="PR-0117",
    title="Night Harbour",
    tool="ComfyUI",
    tool_version="0.3.62",
    use=Use.TEMPORARY,
    shot="NH_101_042",
    vendor="acme",
    note="Stand-in for the wide of the harbour until the matte painting is done",
    created_by="jonas@acme.example",
    created_at=NIGHT - timedelta(days=40),
    assets=(
        Asset(
            asset_id=MATTE.asset_id,
            name=MATTE.name,
            kind=MediaKind.STILL,
            sha256="ab" * 32,
            size=12_400_233,
            file_hashes=("ab" * 32,),
            codes=(CODES,),
        ),
    ),
)

APPROVAL = Approval(
    approval_id="ESC-2041",
    title="Night Harbour",
    status=ApprovalStatus.APPROVED,
    scope=Scope(
        drop_classes=(DropClass.FINAL,),
        records=("PR-0121",),
        shots=("NH_101_042",),
        timecodes=(TimecodeRange(first="01:36:50:00", last="01:36:51:12"),),
    ),
    approver="R. Okafor",
    approver_role="Netflix post lead",
    decided_at=NIGHT - timedelta(days=9),
    valid_to=NIGHT + timedelta(days=90),
    document="ESC-2041.pdf",
    created_at=NIGHT - timedelta(days=12),
)
