"""What the policy makes of a case: the table of evidence, drop class and approval, and what never passes."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import (
    Altered,
    Approval,
    ApprovalStatus,
    AssetRef,
    Case,
    Code,
    Contradiction,
    Coverage,
    CredentialState,
    DropClass,
    Evidence,
    Grade,
    Incomplete,
    Meaning,
    MediaKind,
    MemberEvidence,
    Mention,
    Named,
    Outcome,
    Refused,
    RegisterOutOfReach,
    Statement,
    Stray,
    SuspectName,
    Unlisted,
    Unreadable,
    Use,
    Watermark,
)
from scanner.policy.handbook_records import RECORDS_HANDBOOK
from scanner.policy.judge import judge
from tests.policy.builders import (
    AI_CODES,
    AI_EVIDENCE,
    ASSET,
    DAY,
    NOON,
    POLICY,
    REEL,
    REGISTERED,
    TITLE,
    TOOL,
    approval,
    between,
    case,
    claim,
    codes,
    credentials,
    denial,
    heard,
    identical,
    label,
    look_alike,
    member,
    only,
    place,
    record,
    seen,
    tag,
    verdict_on,
)

OTHER = "another"
TEMPORARY = (DropClass.WORK_IN_PROGRESS, DropClass.TEST_REEL)
FINALS = tuple(drop_class for drop_class in DropClass if drop_class not in TEMPORARY)
ABSENCES: dict[Code, Evidence] = {
    Code.UNREADABLE: Unreadable(source="picture", reason="it broke off"),
    Code.PARTLY_READ: Unreadable(source="picture", reason="3 frames are damaged", partly=True),
    Code.INCOMPLETE: Incomplete(missing="frame 1004"),
    Code.ALTERED: Altered(file="r1.mxf", manifest="PKL.xml", algorithm="SHA-1", expected="aa", found="bb"),
    Code.UNLISTED: Unlisted(file="extra.mxf", manifest="PKL.xml"),
    Code.REGISTER_OUT_OF_REACH: RegisterOutOfReach(reason="it is down"),
}


# ---- The table

_LAPSED: dict[str, Approval] = {
    "revoked": approval(revoked_at=NOON - DAY),
    "expired": approval(valid_to=NOON - DAY),
    "not yet valid": approval(valid_from=NOON + DAY),
    "withdrawn": approval(status=ApprovalStatus.WITHDRAWN),
    "superseded": approval(status=ApprovalStatus.SUPERSEDED),
}
_WAITING: dict[str, Approval] = {
    "pending": approval(status=ApprovalStatus.PENDING),
    "draft": approval(status=ApprovalStatus.DRAFT),
}
_ELSEWHERE: dict[str, Approval] = {
    "other title": approval(title="Night Harbour"),
    "other class": approval(drop_classes=(DropClass.CAMERA,)),
    "other shot": approval(shots=("043",)),
    "other timecode": approval(timecodes=(between("02:00:00:00", "02:10:00:00"),)),
    "other file": approval(file_patterns=("GHL_102_*",)),
    "other tool": approval(tools=("Midjourney",)),
    "other record": approval(records=("record-2",)),
    "other asset": approval(assets=("asset-2",)),
}
_NOT_CAMERA = tuple(drop_class for drop_class in FINALS if drop_class is not DropClass.CAMERA)
_CASES = [
    *((name, leave, {Code.APPROVAL_NOT_VALID}) for name, leave in _LAPSED.items()),
    *((name, leave, {Code.APPROVAL_NOT_YET}) for name, leave in _WAITING.items()),
    *((name, leave, set()) for name, leave in _ELSEWHERE.items()),
    ("none", None, set()),
    ("denied", denial(), {Code.APPROVAL_DENIED}),
]


@pytest.mark.parametrize("drop_class", _NOT_CAMERA)
@pytest.mark.parametrize("kind", AI_EVIDENCE)
@pytest.mark.parametrize(("leave", "told"), [row[1:] for row in _CASES], ids=[row[0] for row in _CASES])
def test_ai_material_in_a_final_is_quarantined_without_a_covering_approval(
    kind: str, drop_class: DropClass, leave: Approval | None, told: set[Code]
) -> None:
    approvals = (leave,) if leave else ()

    verdict = verdict_on(AI_EVIDENCE[kind], approvals=approvals, drop_class=drop_class)

    assert (verdict.outcome, codes(verdict)) == (Outcome.QUARANTINE, {AI_CODES[kind], *told})


@pytest.mark.parametrize("drop_class", FINALS)
@pytest.mark.parametrize("kind", AI_EVIDENCE)
def test_a_declared_approved_delivery_is_cleared(kind: str, drop_class: DropClass) -> None:
    leave = approval(drop_classes=(drop_class,), shots=("042",), tools=(TOOL,), file_patterns=("GHL_101_*.mov",))

    verdict = verdict_on(AI_EVIDENCE[kind], approvals=(leave,), drop_class=drop_class)

    assert (verdict.outcome, only(verdict).code, verdict.approvals_used) == (
        Outcome.PASS,
        Code.AI_APPROVED,
        ("ESC-1",),
    )


@pytest.mark.parametrize("use", Use)
def test_a_registered_asset_is_cleared_by_an_approval_of_its_record_in_its_place(use: Use) -> None:
    leave = approval(
        drop_classes=(DropClass.FINAL,),
        records=(ASSET.record_id,),
        assets=(ASSET.asset_id,),
        shots=("042",),
        timecodes=(between("01:00:10:00", "01:00:14:00"),),
        file_patterns=(REEL,),
        tools=(TOOL,),
    )

    verdict = verdict_on(look_alike(), approvals=(leave,), records={ASSET.record_id: record(use=use)})

    assert (verdict.outcome, only(verdict).approval) == (Outcome.PASS, "ESC-1")


@pytest.mark.parametrize(("status", "drop_class"), list(product(ApprovalStatus, TEMPORARY)))
@pytest.mark.parametrize("kind", AI_EVIDENCE)
def test_temporary_material_passes_where_it_is_allowed_whatever_was_asked_for_the_final(
    kind: str, status: ApprovalStatus, drop_class: DropClass
) -> None:
    verdict = verdict_on(AI_EVIDENCE[kind], approvals=(approval(status=status),), drop_class=drop_class)

    assert (verdict.outcome, only(verdict).code) == (Outcome.PASS, Code.AI_TEMPORARY_ALLOWED)


@pytest.mark.parametrize("drop_class", TEMPORARY)
@pytest.mark.parametrize("kind", AI_EVIDENCE)
def test_a_denial_that_names_the_class_stops_even_temporary_material(kind: str, drop_class: DropClass) -> None:
    verdict = verdict_on(AI_EVIDENCE[kind], approvals=(denial(drop_classes=(drop_class,)),), drop_class=drop_class)

    assert (verdict.outcome, codes(verdict)) == (Outcome.QUARANTINE, {AI_CODES[kind], Code.APPROVAL_DENIED})


@pytest.mark.parametrize("kind", REGISTERED)
@pytest.mark.parametrize("name", ["other shot", "other file", "other tool", "other class"])
def test_an_approval_of_the_record_for_another_use_is_told(kind: str, name: str) -> None:
    leave = replace(_ELSEWHERE[name], scope=replace(_ELSEWHERE[name].scope, records=(ASSET.record_id,)))

    verdict = verdict_on(AI_EVIDENCE[kind], approvals=(leave,))

    assert codes(verdict) == {AI_CODES[kind], Code.APPROVAL_OTHER_SCOPE}


@pytest.mark.parametrize("kind", REGISTERED)
def test_material_recorded_for_the_final_needs_an_approval_like_any_other(kind: str) -> None:
    verdict = verdict_on(AI_EVIDENCE[kind], records={ASSET.record_id: record(use=Use.FINAL)})

    assert (verdict.outcome, codes(verdict)) == (Outcome.QUARANTINE, {Code.AI_FINAL_UNAPPROVED})


@pytest.mark.parametrize("drop_class", DropClass)
@pytest.mark.parametrize("approvals", [(), (approval(),)], ids=["unapproved", "approved"])
@pytest.mark.parametrize("code", ABSENCES)
def test_what_could_not_be_seen_is_held_in_every_class_with_any_approval(
    code: Code, drop_class: DropClass, approvals: tuple[Approval, ...]
) -> None:
    verdict = verdict_on(ABSENCES[code], approvals=approvals, drop_class=drop_class)

    assert (verdict.outcome, codes(verdict)) == (Outcome.HOLD, {code})


@pytest.mark.parametrize("drop_class", TEMPORARY)
@pytest.mark.parametrize("code", ABSENCES)
def test_allowed_temporary_material_does_not_excuse_what_could_not_be_seen(code: Code, drop_class: DropClass) -> None:
    verdict = verdict_on(tag(), ABSENCES[code], drop_class=drop_class)

    assert (verdict.outcome, codes(verdict)) == (Outcome.HOLD, {Code.AI_TEMPORARY_ALLOWED, code})


@pytest.mark.parametrize("drop_class", DropClass)
@pytest.mark.parametrize("evidence", [label(Meaning.MAYBE), credentials(claim(meaning=Meaning.MAYBE))])
def test_what_may_mean_ai_is_put_before_a_person_and_never_decides_alone(
    evidence: Evidence, drop_class: DropClass
) -> None:
    verdict = verdict_on(evidence, approvals=(denial(),), drop_class=drop_class)

    assert (verdict.outcome, codes(verdict)) == (Outcome.FLAG, {Code.AI_MAYBE})


# ---- Content Credentials


@pytest.mark.parametrize("state", CredentialState)
def test_a_claim_of_ai_counts_whatever_the_signature_is_worth(state: CredentialState) -> None:
    verdict = verdict_on(credentials(claim(), state=state))

    assert verdict.outcome is Outcome.QUARANTINE
    assert Code.AI_CREDENTIALS in codes(verdict)


@pytest.mark.parametrize("state", CredentialState)
def test_only_a_trusted_signature_makes_a_claim_evidence_of_the_first_grade(state: CredentialState) -> None:
    finding = verdict_on(credentials(claim(), state=state)).findings[0]

    assert finding.grade is (Grade.E1 if state is CredentialState.TRUSTED else Grade.E2)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (CredentialState.TRUSTED, set()),
        (CredentialState.UNTRUSTED, set()),
        (CredentialState.EXPIRED, set()),
        (CredentialState.BROKEN, {Code.CREDENTIALS_BROKEN}),
        (CredentialState.REMOTE, {Code.CREDENTIALS_ELSEWHERE}),
    ],
)
def test_credentials_that_say_nothing_of_ai_are_told_only_when_they_cannot_be_read_or_believed(
    state: CredentialState, expected: set[Code]
) -> None:
    assert codes(verdict_on(credentials(state=state))) == expected


@pytest.mark.parametrize("state", [CredentialState.BROKEN, CredentialState.REMOTE])
def test_an_approval_of_the_ai_does_not_hide_that_the_credentials_cannot_be_relied_on(state: CredentialState) -> None:
    verdict = verdict_on(credentials(claim(), state=state), approvals=(approval(),))

    assert verdict.outcome is Outcome.FLAG


def test_leave_for_one_tool_is_not_leave_for_another_in_the_same_credentials() -> None:
    both = credentials(claim("Adobe Firefly"), claim("Midjourney", manifest="ingredient: sky.png"))

    verdict = verdict_on(both, approvals=(approval(tools=("Adobe Firefly",)),))

    assert [(finding.code, finding.tool) for finding in verdict.findings] == [
        (Code.AI_CREDENTIALS, "Midjourney"),
        (Code.AI_APPROVED, "Adobe Firefly"),
    ]


def test_a_claim_without_a_tool_is_laid_to_the_product_that_signed() -> None:
    verdict = verdict_on(credentials(claim(None), generator="Adobe Firefly 1.0"))

    assert only(verdict).tool == "Adobe Firefly 1.0"


def test_a_maybe_beside_a_plain_statement_of_the_same_manifest_is_not_told_again() -> None:
    verdict = verdict_on(credentials(claim(), claim(meaning=Meaning.MAYBE)), approvals=(approval(),))

    assert codes(verdict) == {Code.AI_APPROVED}


def test_a_maybe_of_another_manifest_is_told_beside_an_approved_claim() -> None:
    other = claim(meaning=Meaning.MAYBE, manifest="ingredient: plate.tif")

    verdict = verdict_on(credentials(claim(), other), approvals=(approval(),))

    assert codes(verdict) == {Code.AI_APPROVED, Code.AI_MAYBE}


# ---- Labels in registered files


@pytest.mark.parametrize("kind", ["credentials", "label", "generator"])
def test_the_label_in_a_file_that_is_the_approved_asset_is_cleared_with_it(kind: str) -> None:
    leave = approval(records=(ASSET.record_id,), tools=(TOOL,))

    verdict = verdict_on(AI_EVIDENCE[kind], identical(), approvals=(leave,))

    assert (verdict.outcome, codes(verdict)) == (Outcome.PASS, {Code.AI_APPROVED})


def test_a_label_without_a_tool_in_the_approved_asset_is_laid_to_the_tool_of_its_record() -> None:
    leave = approval(records=(ASSET.record_id,), tools=(TOOL,))

    assert verdict_on(label(tool=None), identical(), approvals=(leave,)).outcome is Outcome.PASS


@pytest.mark.parametrize(("version", "outcome"), [("0.3", Outcome.PASS), ("0.4", Outcome.QUARANTINE)])
def test_an_approval_of_one_version_goes_by_the_version_of_the_record(version: str, outcome: Outcome) -> None:
    records = {ASSET.record_id: record(tool_version=version)}

    verdict = verdict_on(look_alike(), approvals=(approval(tools=(f"{TOOL} 0.3",)),), records=records)

    assert verdict.outcome is outcome


def test_a_label_that_contradicts_the_record_of_the_approved_asset_is_not_cleared() -> None:
    leave = approval(records=(ASSET.record_id,), tools=(TOOL,))

    verdict = verdict_on(tag("Midjourney"), identical(), approvals=(leave,))

    assert verdict.findings[0].code is Code.AI_GENERATOR


@pytest.mark.parametrize("registered", [look_alike(), identical(file="GHL.0001.exr")], ids=["looks alike", "one frame"])
def test_a_label_is_not_explained_by_an_approved_asset_in_a_part_of_the_file(registered: Evidence) -> None:
    verdict = verdict_on(label(), registered, approvals=(approval(records=(ASSET.record_id,)),))

    assert codes(verdict) == {Code.AI_LABEL, Code.AI_APPROVED}


# ---- Never a pass


def test_an_empty_delivery_is_held() -> None:
    verdict = judge(case(), POLICY)

    assert (verdict.outcome, codes(verdict)) == (Outcome.HOLD, {Code.NOTHING_DELIVERED})


def test_a_delivery_of_litter_alone_is_held() -> None:
    verdict = judge(case(refused=(Refused(name=".DS_Store", reason="litter: passed over"),)), POLICY)

    assert codes(verdict) == {Code.NOTHING_DELIVERED}


def test_litter_beside_the_work_is_ignored() -> None:
    verdict = judge(case(seen(), refused=(Refused(name=".DS_Store", reason="litter: passed over"),)), POLICY)

    assert (verdict.outcome, verdict.findings) == (Outcome.PASS, ())


def test_what_was_not_opened_holds_the_delivery_whatever_its_name() -> None:
    verdict = judge(case(seen(), refused=(Refused(name="litter:\n", reason="a symbolic link"),)), POLICY)

    assert (verdict.outcome, only(verdict).code) == (Outcome.HOLD, Code.NOT_OPENED)


def test_a_member_that_the_examination_forgot_holds_the_delivery() -> None:
    verdict = judge(case(seen(), members=(member(), member("GHL_101_043.mov"))), POLICY)

    assert (verdict.outcome, only(verdict).member) == (Outcome.HOLD, "GHL_101_043.mov")


_UNSEEN = {
    "still": seen(coverage=Coverage(), kind=MediaKind.STILL),
    "sequence": seen(coverage=Coverage(), kind=MediaKind.SEQUENCE),
    "video": seen(coverage=replace(seen().coverage, frames_examined=0)),
    "video of unknown length": seen(coverage=Coverage(frames_present=1)),
    "video without frames": seen(coverage=Coverage(duration=seen().coverage.duration)),
}


@pytest.mark.parametrize("item", _UNSEEN.values(), ids=_UNSEEN)
def test_a_picture_of_which_no_frame_was_examined_is_held(item: MemberEvidence) -> None:
    verdict = judge(case(item), POLICY)

    assert (verdict.outcome, codes(verdict)) == (Outcome.HOLD, {Code.UNREADABLE})


@pytest.mark.parametrize("item", _UNSEEN.values(), ids=_UNSEEN)
@pytest.mark.parametrize("kind", AI_EVIDENCE)
def test_an_approval_does_not_stand_in_for_looking(kind: str, item: MemberEvidence) -> None:
    verdict = judge(case(replace(item, evidence=(AI_EVIDENCE[kind],)), approvals=(approval(),)), POLICY)

    assert verdict.outcome is Outcome.HOLD


def test_a_lenient_policy_on_damage_does_not_let_a_wholly_unseen_picture_through() -> None:
    lenient = replace(POLICY, outcomes={**POLICY.outcomes, Code.PARTLY_READ: Outcome.FLAG})
    item = replace(_UNSEEN["video"], evidence=(ABSENCES[Code.PARTLY_READ],))

    assert judge(case(item), lenient).outcome is Outcome.HOLD


@pytest.mark.parametrize("kind", [MediaKind.VIDEO, MediaKind.SOUND])
def test_sound_without_a_picture_is_not_held_for_want_of_one(kind: MediaKind) -> None:
    assert judge(case(seen(coverage=Coverage(), kind=kind)), POLICY).outcome is Outcome.PASS


# ---- The verdict


def test_a_clean_delivery_passes_without_a_finding() -> None:
    assert (verdict_on().outcome, verdict_on().findings) == (Outcome.PASS, ())


def test_the_strictest_member_decides_on_the_whole_delivery() -> None:
    members = (seen(name="a.mov"), seen(tag(), name="b.mov"), seen(ABSENCES[Code.UNREADABLE], name="c.mov"))

    verdict = judge(case(*members, name="reels"), POLICY)

    assert (verdict.outcome, verdict.findings[0].member) == (Outcome.QUARANTINE, "b.mov")


def test_a_verdict_names_what_it_rests_on() -> None:
    given = case(seen())

    verdict = judge(given, POLICY)

    assert (verdict.policy, verdict.register, verdict.examiner, verdict.judged_at) == (
        POLICY.digest,
        given.register,
        given.examiner,
        NOON,
    )


def test_a_verdict_tells_the_coverage_of_every_member() -> None:
    members = (seen(name="a.mov"), seen(name="b.mov", coverage=Coverage(frames_examined=1, frames_present=1)))

    verdict = judge(case(*members, name="reels"), POLICY)

    assert verdict.coverage == tuple((item.member.name, item.coverage) for item in members)


@pytest.mark.parametrize("kind", AI_EVIDENCE)
def test_a_finding_keeps_the_evidence_that_it_rests_on(kind: str) -> None:
    assert only(verdict_on(AI_EVIDENCE[kind])).evidence is AI_EVIDENCE[kind]


def test_the_outcome_of_a_class_goes_before_the_general_one() -> None:
    stricter = replace(POLICY, outcomes_by_class={DropClass.ARTWORK: {Code.AI_MAYBE: Outcome.HOLD}})
    maybe = seen(label(Meaning.MAYBE))

    outcomes = [judge(case(maybe, drop_class=each), stricter).outcome for each in (DropClass.ARTWORK, DropClass.FINAL)]

    assert outcomes == [Outcome.HOLD, Outcome.FLAG]


def test_without_a_title_the_finding_says_that_no_approval_can_speak_for_it() -> None:
    finding = only(verdict_on(tag(), approvals=(approval(),), title=None))

    assert "title" in finding.clears_when


def test_material_of_a_record_that_is_not_at_hand_is_still_found() -> None:
    verdict = verdict_on(look_alike(), records={})

    assert (verdict.outcome, codes(verdict)) == (Outcome.QUARANTINE, {Code.AI_LOOK_ALIKE})


# ---- Likenesses that may say nothing, and pictures that do


@pytest.mark.parametrize("use", [Use.TEMPORARY, Use.FINAL])
def test_an_asset_that_is_seen_everywhere_is_put_before_a_person(use: Use) -> None:
    verdict = verdict_on(look_alike(floods=True), records={ASSET.record_id: record(use=use)})

    finding = only(verdict)
    assert (verdict.outcome, finding.code, finding.grade) == (
        Outcome.FLAG,
        Code.AI_LOOK_ALIKE_EVERYWHERE,
        Grade.E5,
    )
    assert "in so many places" in finding.message
    assert finding.asset == ASSET


def test_a_flood_does_not_hide_a_look_alike_of_another_asset() -> None:
    other = AssetRef(asset_id="asset-2", record_id="record-1", name="crowd.mp4")

    verdict = verdict_on(look_alike(floods=True), look_alike(asset=other))

    assert verdict.outcome is Outcome.QUARANTINE
    assert codes(verdict) == {Code.AI_LOOK_ALIKE_EVERYWHERE, Code.AI_LOOK_ALIKE}


def test_a_flood_with_an_approval_is_cleared_as_any_other_material() -> None:
    verdict = verdict_on(look_alike(floods=True), approvals=(approval(),))

    assert (verdict.outcome, only(verdict).code) == (Outcome.PASS, Code.AI_APPROVED)


@pytest.mark.parametrize(("uninformative", "told"), [(40, True), (39, False), (0, False)])
def test_a_picture_of_which_no_frame_says_enough_is_not_clean(uninformative: int, told: bool) -> None:  # noqa: FBT001
    verdict = judge(case(seen(coverage=replace(_PLAIN, frames_uninformative=uninformative))), POLICY)

    assert verdict.outcome is (Outcome.FLAG if told else Outcome.PASS)
    assert codes(verdict) == ({Code.NOT_INFORMATIVE} if told else set())


def test_a_sound_is_not_said_to_show_nothing() -> None:
    sound = seen(coverage=Coverage(), kind=MediaKind.SOUND)

    assert judge(case(sound), POLICY).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"frames": 1}, "(the whole picture, 0.00 s to 4.00 s of it; 1 frame, 12 of 256 bits differ at the closest)"),
        ({"asset_seconds_out": Fraction(0)}, "(the whole picture; 16 sampled frames"),
        (
            {"transform": "one frame of it held", "asset_seconds_in": Fraction(3), "asset_seconds_out": Fraction(3)},
            "(one frame of it held, 3.00 s into it; 16 sampled frames",
        ),
        (
            {"distance": None, "blocks_agreeing": 31, "blocks_compared": 40, "transform": "flopped"},
            "(flopped, 0.00 s to 4.00 s of it; 16 sampled frames, 31 of 40 parts of it agree pixel by pixel)",
        ),
        (
            {"blocks_agreeing": 31, "blocks_compared": 40, "inliers": 87},
            "12 of 256 bits differ at the closest, 31 of 40 parts of it agree pixel by pixel, 87 features in place)",
        ),
    ],
)
def test_a_look_alike_says_what_it_rests_on(given: dict[str, Any], said: str) -> None:
    assert said in only(verdict_on(look_alike(**given))).message


# ---- Laws


_MENTION = Mention(
    named=Named.CLIP, name="harbour", timeline="reel_1", record_in="01:00:00:00", record_out="01:00:04:00"
)
_LEAD = SuspectName(
    named=Named.CLIP, name="harbour", why="the name of a registered asset", asset=ASSET, mention=_MENTION
)
LEADS: list[Evidence] = [
    Watermark(scheme="StableDiffusionV1", tool="Stable Diffusion", bits_agreeing=136, bits=136),
    SuspectName(named=Named.FILE, name="ComfyUI_00001_.png", why="as ComfyUI names its output", tool="ComfyUI"),
    _LEAD,
    _MENTION,
    Contradiction(log="ai_log.csv", stated="no AI was used on it", shown="its Content Credentials say AI"),
    Statement(log="ai_log.csv", about="042", says_ai=False),
    Stray(file="shot/slate.png", sequence="shot/shot.[0001-0480].exr"),
]
_PLAIN = Coverage(frames_examined=40, frames_present=240, frames_uninformative=40, sample_step=6)


def _every_case() -> list[Case]:
    """Cases that together ought to bring about every code."""
    alone = [*AI_EVIDENCE.values(), *ABSENCES.values(), label(Meaning.MAYBE)]
    alone += [credentials(state=state) for state in CredentialState]
    alone += LEADS
    about = [approval(), denial(), *_WAITING.values(), *_LAPSED.values()]
    about.append(approval(records=(ASSET.record_id,), shots=("043",)))
    made: list[Case] = [case(), case(seen(), refused=(Refused(name="link", reason="a symbolic link"),))]
    made += [case(seen(evidence), drop_class=drop_class) for evidence in alone for drop_class in DropClass]
    made += [case(seen(evidence), approvals=(each,)) for evidence in alone for each in about]
    made.append(case(seen(look_alike()), records={ASSET.record_id: record(use=Use.FINAL)}))
    made += [case(seen(heard(floods=True))), case(seen(look_alike(floods=True))), case(seen(coverage=_PLAIN))]
    return made


@pytest.mark.parametrize("code", [code for code in Code if code not in RECORDS_HANDBOOK])
def test_every_code_can_be_the_finding_of_some_case(code: Code) -> None:
    assert any(code in codes(judge(each, POLICY)) for each in _every_case())


def test_the_table_above_has_every_kind_of_evidence() -> None:
    judged = {type(evidence) for evidence in (*AI_EVIDENCE.values(), *ABSENCES.values(), *LEADS)}

    assert judged == set(get_args(Evidence))


def test_a_pass_has_no_finding_that_is_stricter() -> None:
    passed = [verdict for verdict in (judge(each, POLICY) for each in _every_case()) if verdict.outcome is Outcome.PASS]

    assert passed
    assert {finding.outcome for verdict in passed for finding in verdict.findings} <= {Outcome.PASS}


_TOOLS = st.sampled_from([TOOL, f"{TOOL} 0.3", "Midjourney"])
_CLAIMS = st.builds(
    claim, st.none() | _TOOLS, st.sampled_from(Meaning), st.sampled_from(["active manifest", "ingredient: a"])
)
_ASSETS = st.sampled_from([ASSET, AssetRef(asset_id="asset-2", record_id="record-2", name="crowd.mp4")])
_IDENTICAL = st.builds(identical, st.sampled_from([REEL, "other.exr"]), _ASSETS)
_SPOKEN = st.one_of(
    st.builds(
        lambda claims, state: credentials(*claims, state=state),
        st.lists(_CLAIMS, max_size=3),
        st.sampled_from(CredentialState),
    ),
    st.builds(label, st.sampled_from(Meaning), st.none() | _TOOLS),
    st.builds(tag, _TOOLS),
    st.builds(lambda asset: look_alike(asset=asset), _ASSETS),
    st.sampled_from(list(ABSENCES.values())),
)
_SCOPES: dict[str, st.SearchStrategy[Any]] = {
    "drop_classes": st.sampled_from([(), (DropClass.FINAL,), TEMPORARY]),
    "records": st.sampled_from([(), ("record-1",), ("record-2",)]),
    "assets": st.sampled_from([(), ("asset-1",)]),
    "shots": st.sampled_from([(), ("042",), ("043",)]),
    "timecodes": st.sampled_from([(), (between("01:00:00:00", "02:00:00:00"),)]),
    "file_patterns": st.sampled_from([(), ("*.mov",), ("*.exr",)]),
    "tools": st.sampled_from([(), (TOOL,)]),
}
_DENIALS = st.builds(denial, **_SCOPES)
_GRANTS = st.builds(approval, **_SCOPES)
_APPROVALS = st.lists(st.builds(approval, status=st.sampled_from(ApprovalStatus), **_SCOPES), max_size=4)
_CLASSES = st.sampled_from([DropClass.FINAL, DropClass.ARTWORK, DropClass.WORK_IN_PROGRESS])
_RECORDS = {"record-1": record(), "record-2": record(record_id="record-2", use=Use.FINAL)}


def _outcome(evidence: list[Evidence], approvals: list[Approval], drop_class: DropClass) -> Outcome:
    given = case(seen(*evidence), approvals=tuple(approvals), drop_class=drop_class, records=_RECORDS)
    return judge(given, POLICY).outcome


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=4), _APPROVALS, _CLASSES)
def test_the_outcome_is_that_of_the_strictest_finding(
    evidence: list[Evidence], approvals: list[Approval], drop_class: DropClass
) -> None:
    given = case(seen(*evidence), approvals=tuple(approvals), drop_class=drop_class, records=_RECORDS)

    verdict = judge(given, POLICY)

    assert verdict.outcome == max([finding.outcome for finding in verdict.findings], default=Outcome.PASS)
    assert list(verdict.findings) == sorted(verdict.findings, key=lambda finding: -finding.outcome)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=3), _SPOKEN, _APPROVALS, _CLASSES)
def test_more_evidence_never_makes_the_outcome_less_strict(
    evidence: list[Evidence], more: Evidence, approvals: list[Approval], drop_class: DropClass
) -> None:
    """But one: that the file *is* a registered asset explains what its labels say."""
    assert _outcome([*evidence, more], approvals, drop_class) >= _outcome(evidence, approvals, drop_class)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=3), _IDENTICAL, _CLASSES)
def test_being_a_registered_asset_never_makes_the_outcome_less_strict_without_an_approval(
    evidence: list[Evidence], more: Evidence, drop_class: DropClass
) -> None:
    assert _outcome([*evidence, more], [], drop_class) >= _outcome(evidence, [], drop_class)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=3), _APPROVALS, _DENIALS, _CLASSES)
def test_another_denial_never_makes_the_outcome_less_strict(
    evidence: list[Evidence], approvals: list[Approval], denied: Approval, drop_class: DropClass
) -> None:
    assert _outcome(evidence, [*approvals, denied], drop_class) >= _outcome(evidence, approvals, drop_class)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=3), _APPROVALS, _GRANTS, _CLASSES)
def test_another_approval_never_makes_the_outcome_stricter(
    evidence: list[Evidence], approvals: list[Approval], granted: Approval, drop_class: DropClass
) -> None:
    assert _outcome(evidence, [*approvals, granted], drop_class) <= _outcome(evidence, approvals, drop_class)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=3), _APPROVALS, _CLASSES, st.randoms(use_true_random=False))
def test_the_order_of_evidence_and_approvals_does_not_matter(
    evidence: list[Evidence], approvals: list[Approval], drop_class: DropClass, random: Random
) -> None:
    other, shuffled = evidence.copy(), approvals.copy()
    random.shuffle(other)
    random.shuffle(shuffled)

    assert _outcome(other, shuffled, drop_class) == _outcome(evidence, approvals, drop_class)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, min_size=1, max_size=3), _APPROVALS)
def test_approvals_of_another_title_clear_nothing(evidence: list[Evidence], approvals: list[Approval]) -> None:
    foreign = [replace(each, title="Night Harbour") for each in approvals]

    assert _outcome(evidence, foreign, DropClass.FINAL) == _outcome(evidence, [], DropClass.FINAL)


@settings(deadline=None)
@given(st.lists(_SPOKEN | _IDENTICAL, max_size=3), _APPROVALS)
@pytest.mark.parametrize("title", [None, ""])
def test_a_delivery_without_a_title_is_cleared_by_no_approval(
    title: str | None, evidence: list[Evidence], approvals: list[Approval]
) -> None:
    untitled = tuple(replace(each, title=title or "") for each in approvals)
    given = case(seen(*evidence), approvals=untitled, title=title, records=_RECORDS)

    assert judge(given, POLICY).outcome == _outcome(evidence, [], DropClass.FINAL)


def test_the_title_of_an_approval_is_matched_to_the_letter() -> None:
    assert verdict_on(tag(), approvals=(approval(title=TITLE.lower()),)).outcome is Outcome.QUARANTINE


def test_the_strictest_come_first_and_then_what_is_about_all_of_a_file_and_the_rest_in_order_of_time() -> None:
    early, late = (replace(place(), seconds_in=Fraction(at), seconds_out=Fraction(at + 1)) for at in (2, 60))
    records = {ASSET.record_id: record(use=Use.TEMPORARY)}

    verdict = verdict_on(look_alike(late), look_alike(early), identical(), records=records)

    told = [finding.evidence for finding in verdict.findings if finding.outcome is verdict.outcome]
    assert [getattr(each, "place", None) for each in told] == [None, early, late]
