"""Approvals that cover and are short of something; superseded, socialised, not for finals (guidelines 6.6, rule 22)."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from scanner.model import (
    Action,
    Approval,
    ApprovalStatus,
    Check,
    Code,
    Condition,
    Consent,
    ConsentKind,
    Credit,
    Disclosure,
    DropClass,
    FinalApproval,
    Outcome,
    Papers,
    Particulars,
    Permits,
    Person,
    Policy,
    Prominence,
    Review,
    ReviewVerdict,
    Step,
    SubjectType,
    Talent,
    TalentUse,
    Terms,
    Verdict,
)
from scanner.policy.judge import judge
from tests.policy.builders import (
    ASSET,
    DAY,
    NOON,
    POLICY,
    TITLE,
    approval,
    case,
    denial,
    look_alike,
    place,
    record,
    seen,
)

OURS = {Code.AI_APPROVED, Code.AI_LOOK_ALIKE}
QUALITY = {Code.APPROVAL_AFTER_USE, Code.APPROVAL_CONDITION, Code.APPROVER_NOT_KNOWN, Code.APPROVAL_DOCUMENT}
QUALITY |= {Code.APPROVAL_NOT_VALID, Code.APPROVAL_NOT_YET, Code.APPROVAL_OTHER_SCOPE, Code.APPROVAL_DENIED}
ROSTER = replace(POLICY, standards=replace(POLICY.standards, roster_required=True))
STRICT = replace(POLICY, standards=replace(POLICY.standards, strict=True))
GRACE = Person(person_id="p-1", name="Grace", may=("approve",))
SIGNED = Consent(
    consent_id="C-1",
    subject_id="ann",
    subject_type=SubjectType.PERFORMER,
    consent_kind=ConsentKind.REPLICA,
    title=TITLE,
    signed_at=NOON - 30 * DAY,
)


def judged(
    *approvals: Approval, told: Particulars | None = None, policy: Policy = POLICY, evidence: Any = None, **given: Any
) -> Verdict:
    """The verdict on a picture that shows a registered asset, of whose record `told` is said."""
    records = {ASSET.record_id: record(particulars=told)}
    return judge(case(seen(*(evidence or [look_alike()])), approvals=approvals, records=records, **given), policy)


def about(verdict: Verdict) -> set[Code]:
    """What is said of the material and of its approvals."""
    return {finding.code for finding in verdict.findings} & (OURS | QUALITY)


def said(verdict: Verdict, code: Code) -> str:
    return next(finding.message for finding in verdict.findings if finding.code is code)


def used(ago: timedelta) -> Particulars:
    return Particulars(steps=(Step(number=1, tool_id="comfy", used_from=NOON - ago),))


def on(check: Check | None, limit: str | None = None, **given: Any) -> Approval:
    condition = Condition(condition_id="c1", text="as agreed", check=check, limit=limit, **given)
    return approval(status=ApprovalStatus.APPROVED_WITH_CONDITIONS, terms=Terms(conditions=(condition,)))


# ---- What is cited


def test_the_verdict_cites_who_approved_when_and_where_it_is_written() -> None:
    found = judged(approval(approver_role="legal", document="box://ESC-1.pdf"))

    assert "ESC-1, approved by Grace (legal) on 2026-11-19, box://ESC-1.pdf" in said(found, Code.AI_APPROVED)
    assert found.approvals_used == ("ESC-1",)


# ---- After use


def test_an_approval_from_before_the_first_use_is_enough() -> None:
    assert about(judged(approval(), told=used(timedelta(0)))) == {Code.AI_APPROVED}


def test_an_approval_after_the_first_use_is_a_finding_of_its_own() -> None:
    found = judged(approval(), told=used(10 * DAY))

    assert about(found) == {Code.AI_APPROVED, Code.APPROVAL_AFTER_USE}
    assert "decided on 2026-11-19, and the material was first made on 2026-11-10" in said(
        found, Code.APPROVAL_AFTER_USE
    )


def test_in_strict_mode_an_approval_after_the_fact_covers_nothing() -> None:
    found = judged(approval(), told=used(10 * DAY), policy=STRICT)

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_AFTER_USE}
    assert (found.outcome, found.approvals_used) == (Outcome.QUARANTINE, ())


# ---- Conditions

MET: dict[Check, tuple[str | None, Particulars]] = {
    Check.CREDIT: (None, Particulars(credit=Credit(required=True, text="Made with ComfyUI"))),
    Check.DISCLOSURE: (None, Particulars(disclosure=Disclosure(required=True, text="contains generated pictures"))),
    Check.REVIEWED: (None, Particulars(review=Review(reviewer_id="kim", verdict=ReviewVerdict.APPROVED))),
    Check.FINAL_APPROVAL: (
        None,
        Particulars(final_approval=FinalApproval(approver_id="p", verdict=ReviewVerdict.APPROVED, of_sha256="00")),
    ),
    Check.CONSENTS: (
        None,
        Particulars(talent=(Talent(performer_id="ann", use=TalentUse.VOICE, consent_ids=("C-1",)),)),
    ),
    Check.MAX_SECONDS: ("4", Particulars()),
    Check.MAX_PROMINENCE: ("story_relevant", Particulars(prominence=Prominence.INCIDENTAL)),
}
UNMET: dict[Check, tuple[str | None, Particulars, str]] = {
    Check.CREDIT: (None, Particulars(credit=Credit(required=True)), "no credit is recorded"),
    Check.DISCLOSURE: (None, Particulars(disclosure=Disclosure()), "no disclosure is recorded"),
    Check.REVIEWED: (
        None,
        Particulars(review=Review(reviewer_id="kim", verdict=ReviewVerdict.REJECTED)),
        "the review by kim says rejected",
    ),
    Check.FINAL_APPROVAL: (
        None,
        Particulars(final_approval=FinalApproval(approver_id="p", verdict=ReviewVerdict.APPROVED, of_sha256="01")),
        "of other bytes",
    ),
    Check.CONSENTS: (
        None,
        Particulars(talent=(Talent(performer_id="ann", use=TalentUse.VOICE, consent_ids=("C-9",)),)),
        "C-9 is not on record",
    ),
    Check.MAX_SECONDS: ("3.5", Particulars(), "it is used for 4.0 s"),
    Check.MAX_PROMINENCE: ("incidental", Particulars(), "is not stated"),
}


def with_consent(consent: Consent = SIGNED) -> dict[str, Any]:
    return {"papers": Papers(consents={consent.consent_id: consent})}


def test_these_tests_know_every_check() -> None:
    assert set(MET) == set(UNMET) == set(Check)


@pytest.mark.parametrize("check", Check)
def test_a_condition_that_is_met_is_no_matter(check: Check) -> None:
    limit, told = MET[check]

    assert about(judged(on(check, limit), told=told, **with_consent())) == {Code.AI_APPROVED}


@pytest.mark.parametrize("check", Check)
def test_a_condition_that_is_not_met_blocks_and_says_why(check: Check) -> None:
    limit, told, why = UNMET[check]
    found = judged(on(check, limit), told=told, **with_consent())

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_CONDITION}
    assert found.outcome is Outcome.QUARANTINE
    assert why in said(found, Code.APPROVAL_CONDITION)


@pytest.mark.parametrize("check", Check)
def test_without_a_record_no_condition_on_it_is_met_but_the_length(check: Check) -> None:
    is_met = Code.AI_APPROVED in about(judged(on(check, "10")))

    assert is_met is (check is Check.MAX_SECONDS)


@pytest.mark.parametrize("check", [None, *Check])
def test_a_document_shows_a_condition_to_be_met(check: Check | None) -> None:
    assert about(judged(on(check, "x", satisfied_by="box://letter.pdf"))) == {Code.AI_APPROVED}


def test_a_condition_in_words_alone_is_not_met() -> None:
    assert "nothing shows that it is" in said(judged(on(None)), Code.APPROVAL_CONDITION)


@pytest.mark.parametrize("limit", [None, "", "four", "1/0", "nan"])
def test_a_limit_that_is_no_number_is_not_met(limit: str | None) -> None:
    assert Code.APPROVAL_CONDITION in about(judged(on(Check.MAX_SECONDS, limit)))


def test_the_length_is_that_of_all_its_stretches_together() -> None:
    first, again = place(), replace(place(), seconds_in=Fraction(12), seconds_out=Fraction(20))
    shown = [look_alike(first), look_alike(again)]

    assert Code.APPROVAL_CONDITION in about(judged(on(Check.MAX_SECONDS, "9"), evidence=shown))
    assert Code.APPROVAL_CONDITION not in about(judged(on(Check.MAX_SECONDS, "10"), evidence=shown))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"title": "Night Harbour"}, "is for Night Harbour"),
        ({"signed_at": None}, "is not signed"),
        ({"revoked_at": NOON}, "was revoked"),
        ({"valid_from": NOON + DAY}, "is valid only from"),
        ({"valid_to": NOON}, "expired"),
    ],
)
def test_a_consent_that_does_not_count_does_not_meet_the_condition(changed: dict[str, Any], why: str) -> None:
    leave = on(Check.CONSENTS)
    named = replace(leave, terms=replace(leave.terms, consents=("C-1",)))

    assert why in said(judged(named, **with_consent(replace(SIGNED, **changed))), Code.APPROVAL_CONDITION)


# ---- Approvers


def roster(*people: Person) -> dict[str, Any]:
    return {"papers": Papers(people={person.name: person for person in people})}


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (replace(GRACE, name="Ada"), "Grace is not on the roster"),
        (replace(GRACE, may=("review",)), "may not approve"),
        (replace(GRACE, titles=("Night Harbour",)), "may approve for Night Harbour only"),
        (replace(GRACE, active_from=NOON), "was not on the roster when it was decided"),
        (replace(GRACE, active_to=NOON - DAY), "was not on the roster when it was decided"),
    ],
)
def test_where_the_roster_is_asked_the_approver_must_be_on_it(person: Person, why: str) -> None:
    found = judged(approval(), policy=ROSTER, **roster(person))

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVER_NOT_KNOWN}
    assert why in said(found, Code.APPROVER_NOT_KNOWN)


@pytest.mark.parametrize("person", [GRACE, replace(GRACE, titles=(TITLE,), active_from=NOON - DAY, active_to=NOON)])
def test_an_approver_of_the_roster_is_enough(person: Person) -> None:
    assert about(judged(approval(), policy=ROSTER, **roster(person))) == {Code.AI_APPROVED}


def test_where_the_roster_is_not_asked_anybody_may_have_approved() -> None:
    assert about(judged(approval())) == {Code.AI_APPROVED}


# ---- Documents


@pytest.mark.parametrize(("at", "clears"), [(None, True), (NOON, False), (NOON + DAY, True)])
def test_a_document_that_was_found_altered_clears_nothing(at: Any, *, clears: bool) -> None:
    leave = approval(document="ESC-1.pdf", terms=Terms(document_sha256="ab" * 32, document_altered_at=at))

    assert about(judged(leave)) == ({Code.AI_APPROVED} if clears else {Code.AI_LOOK_ALIKE, Code.APPROVAL_DOCUMENT})


# ---- What they permit


def test_an_approval_that_does_not_permit_final_use_does_not_cover_a_final() -> None:
    leave = approval(terms=Terms(permits=Permits(final_use=False)))

    assert about(judged(leave)) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_OTHER_SCOPE}
    assert about(judged(leave, drop_class=DropClass.TRAILER)) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_OTHER_SCOPE}


def test_what_was_only_socialised_was_not_approved() -> None:
    found = judged(approval(terms=Terms(action=Action.SOCIALISE)))

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_NOT_YET}


# ---- Escalations that records name


def test_an_escalation_that_nobody_knows_of_is_told() -> None:
    found = judged(told=Particulars(escalation_ids=("ESC-404",)))

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_NOT_VALID}
    assert "ESC-404" in said(found, Code.APPROVAL_NOT_VALID)


def test_an_approval_for_another_shot_that_the_record_names_is_told() -> None:
    found = judged(approval(shots=("043",)), told=Particulars(escalation_ids=("ESC-1",)))

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_OTHER_SCOPE}
    assert "for shots 043 only" in said(found, Code.APPROVAL_OTHER_SCOPE)


# ---- Superseded


def replacing(key: str, other: str, **given: Any) -> Approval:
    return approval(key, terms=Terms(supersedes=other), **given)


def test_a_superseded_approval_counts_no_more() -> None:
    found = judged(approval("ESC-1"), replacing("ESC-2", "ESC-1", shots=("043",)))

    assert about(found) == {Code.AI_LOOK_ALIKE, Code.APPROVAL_NOT_VALID}
    assert "it was superseded by ESC-2" in said(found, Code.APPROVAL_NOT_VALID)


@pytest.mark.parametrize("status", [ApprovalStatus.DRAFT, ApprovalStatus.PENDING, ApprovalStatus.WITHDRAWN])
def test_what_is_not_decided_takes_nobodys_place(status: ApprovalStatus) -> None:
    assert judged(approval(), replacing("ESC-2", "ESC-1", status=status)).approvals_used == ("ESC-1",)


def test_an_approval_does_not_come_back_when_what_took_its_place_is_revoked() -> None:
    assert Code.AI_APPROVED not in about(judged(approval(), replacing("ESC-2", "ESC-1", revoked_at=NOON)))


def test_a_denial_comes_back_when_what_took_its_place_is_revoked() -> None:
    denied = denial(shots=("042",))
    heir = replacing("ESC-2", "DEN-1", shots=("042",))

    assert about(judged(approval(), denied, heir)) == {Code.AI_APPROVED}
    assert about(judged(approval(), denied, replace(heir, revoked_at=NOON))) == {
        Code.AI_LOOK_ALIKE,
        Code.APPROVAL_DENIED,
    }


def test_a_denial_stays_superseded_along_the_line() -> None:
    line = (denial(), replacing("ESC-1", "DEN-1"), replacing("ESC-2", "ESC-1"))

    assert judged(*line).approvals_used == ("ESC-2",)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_approvals_that_supersede_one_another_are_harmless(length: int) -> None:
    ring = [replacing(f"ESC-{number}", f"ESC-{(number + 1) % length}") for number in range(length)]

    assert about(judged(*ring)) == (
        {Code.AI_APPROVED} if length == 1 else {Code.AI_LOOK_ALIKE, Code.APPROVAL_NOT_VALID}
    )


def test_a_denial_in_a_ring_stays_one() -> None:
    ring = (denial(terms=Terms(supersedes="ESC-1")), replacing("ESC-1", "DEN-1"))

    assert Code.APPROVAL_DENIED in about(judged(approval("ESC-2"), *ring))


def test_an_approval_of_another_title_takes_nobodys_place() -> None:
    assert judged(approval(), replacing("ESC-2", "ESC-1", title="Night Harbour")).approvals_used == ("ESC-1",)


# ---- Several


def test_of_two_like_approvals_the_later_decision_speaks() -> None:
    found = judged(approval("ESC-9"), approval("ESC-1", decided_at=NOON - timedelta(hours=1)))

    assert found.approvals_used == ("ESC-1",)


def test_a_contradiction_is_told_with_both_of_its_sides() -> None:
    narrower = judged(denial(), approval(shots=("042",)))
    like = judged(denial(shots=("042",)), approval(shots=("042",)))

    assert "it is narrower than DEN-1, which denies it" in said(narrower, Code.AI_APPROVED)
    assert "ESC-1 approves it, and is no narrower" in said(like, Code.APPROVAL_DENIED)
