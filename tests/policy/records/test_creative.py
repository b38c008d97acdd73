"""Replaced material, key elements, incidental background and signs: raised, nearly, cleared (rules 4e, 18, 19)."""

from dataclasses import replace
from typing import Any

import pytest

from scanner.model import (
    AiUse,
    Answer,
    Approval,
    ApprovalStatus,
    Code,
    DropClass,
    ElementKind,
    Evidence,
    Outcome,
    Perceived,
    Principles,
    Prominence,
    Statement,
    Trigger,
    Use,
)
from scanner.policy.judge import judge
from tests.policy.builders import (
    ASSET,
    DAY,
    NOON,
    POLICY,
    approval,
    case,
    denial,
    identical,
    label,
    look_alike,
    record,
    seen,
    verdict_on,
)
from tests.policy.builders import codes as codes_of
from tests.policy.records.builders import ASSETS, codes, naming, papers, said, standing, told

KEYS = (ElementKind.CHARACTER, ElementKind.KEY_VISUAL, ElementKind.SETTING)
STATED = Statement(log="ai_log.csv", about="042", says_ai=True, tool="ComfyUI", asset=ASSET)
FINAL_APPROVED = naming(Trigger.KEY_ELEMENT)


# ---- Rule 4(e)


@pytest.mark.parametrize(("evidence", "is_told"), [(identical(), True), (look_alike(), True), (STATED, False)])
def test_material_that_was_replaced_and_is_still_seen_is_told(evidence: Evidence, *, is_told: bool) -> None:
    found = codes(said(told(replaced_by="rec-2"), evidence=(evidence,)))

    assert (Code.AI_REPLACED in found) is is_told


def test_replaced_material_may_be_in_a_test_reel_and_an_approval_does_not_excuse_it() -> None:
    replaced = told(replaced_by="rec-2")

    assert Code.AI_REPLACED not in codes(said(replaced, drop_class=DropClass.TEST_REEL))
    assert Code.AI_REPLACED not in codes(said(told()))
    assert Code.AI_REPLACED in codes(said(replaced, approval()))


# ---- Rule 18


@pytest.mark.parametrize("kind", ElementKind)
@pytest.mark.parametrize("prominence", Prominence)
@pytest.mark.parametrize("ai_use", [*AiUse, None])
def test_a_key_element_is_one_by_its_kind_or_its_prominence(
    kind: ElementKind, prominence: Prominence, ai_use: AiUse | None
) -> None:
    found = codes(said(told(element_kind=kind, prominence=prominence, ai_use=ai_use)))

    is_key = kind in KEYS or prominence is not Prominence.INCIDENTAL
    assert (Code.KEY_ELEMENT in found) is (is_key and ai_use in (AiUse.GENERATED, None))


@pytest.mark.parametrize(
    ("leave", "clears"),
    [
        (FINAL_APPROVED, True),
        (approval(), False),
        (naming(Trigger.REPLICA), False),
        (naming(Trigger.KEY_ELEMENT, shots=("043",)), False),
    ],
)
def test_only_an_approval_that_names_it_clears_a_key_element(leave: Approval, *, clears: bool) -> None:
    found = codes(said(told(element_kind=ElementKind.CHARACTER), leave))

    assert (Code.KEY_ELEMENT in found) is not clears


def test_a_key_element_may_be_tried_in_temporary_material() -> None:
    assert Code.KEY_ELEMENT not in codes(said(told(element_kind=ElementKind.CHARACTER), drop_class=DropClass.TEST_REEL))


def test_incidental_background_is_a_key_element_in_strict_mode() -> None:
    assert Code.KEY_ELEMENT in codes(said(told(), policy=standing(strict=True)))
    in_time = replace(FINAL_APPROVED, decided_at=NOON - 30 * DAY)
    assert Code.KEY_ELEMENT not in codes(said(told(), in_time, policy=standing(strict=True)))


# ---- Rule 19: signs


@pytest.mark.parametrize("kind", ElementKind)
@pytest.mark.parametrize("perceived", [*Perceived, None])
def test_what_can_be_read_on_screen_is_listed_for_clearance(kind: ElementKind, perceived: Perceived | None) -> None:
    found = codes(said(told(element_kind=kind, perceived=perceived, final_approval=None)))

    is_read = kind in (ElementKind.SIGNAGE, ElementKind.TEXT) and perceived in (Perceived.SEEN, None)
    assert (Code.SIGNAGE_TO_CLEAR in found) is is_read


def test_a_legal_review_clears_a_sign() -> None:
    sign = told(element_kind=ElementKind.SIGNAGE, final_approval=None)

    assert Code.SIGNAGE_TO_CLEAR in codes(said(sign, naming()))
    assert Code.SIGNAGE_TO_CLEAR not in codes(said(sign, naming(legal_review_ref="L-9")))
    assert Code.SIGNAGE_TO_CLEAR not in codes(said(told(element_kind=ElementKind.SIGNAGE)))
    assert Code.SIGNAGE_TO_CLEAR not in codes(said(sign, drop_class=DropClass.TEST_REEL))


# ---- Rule 19: incidental background, in the judgement of all AI material

FOUND: dict[str, Evidence] = {"identical": identical(), "look-alike": look_alike(), "statement": STATED}
STOPS = {
    "identical": Code.AI_FINAL_UNAPPROVED,
    "look-alike": Code.AI_FINAL_UNAPPROVED,
    "statement": Code.AI_DECLARED,
}


def judged(*evidence: Evidence, approvals: tuple[Approval, ...] = (), policy: Any = POLICY, **more: Any) -> Any:
    """The verdict on a delivery that shows a record; `of` and what `told` takes are the record's."""
    of = {"use": Use.FINAL, "assets": ASSETS} | more.pop("of", {})
    to_case = {key: more.pop(key) for key in ("drop_class",) if key in more}
    records = {ASSET.record_id: record(particulars=told(**more), **of)}
    item = seen(*(evidence or (identical(),)))
    return judge(case(item, approvals=approvals, records=records, papers=papers(), **to_case), policy)


@pytest.mark.parametrize("kind", [ElementKind.BACKGROUND, ElementKind.SIGNAGE])
@pytest.mark.parametrize("use", [Use.FINAL, Use.CANDIDATE])
@pytest.mark.parametrize("found", FOUND)
def test_incidental_background_that_was_socialised_is_flagged(found: str, use: Use, kind: ElementKind) -> None:
    verdict = judged(FOUND[found], of={"use": use}, element_kind=kind)

    assert (verdict.outcome, Code.INCIDENTAL in codes_of(verdict)) == (Outcome.FLAG, True)
    assert not codes_of(verdict) & {STOPS[found], Code.ONLY_SOCIALISED}


def test_a_label_in_the_registered_file_speaks_of_the_same_element() -> None:
    verdict = judged(identical(), label())

    assert (verdict.outcome, Code.AI_LABEL in codes_of(verdict)) == (Outcome.FLAG, False)


def test_a_label_in_another_file_does_not() -> None:
    assert Code.AI_LABEL in codes_of(judged(look_alike(), label()))


YES = {f"p{number}": Answer.YES for number in range(1, 6)}
NEARLY: dict[str, dict[str, Any]] = {
    "prominent": {"prominence": Prominence.PROMINENT},
    "not stated how prominent": {"prominence": Prominence.UNKNOWN},
    "no background": {"element_kind": ElementKind.PROP},
    "not socialised": {"socialised": None},
    "temporary": {"of": {"use": Use.TEMPORARY}},
    "superseded": {"of": {"use": Use.SUPERSEDED}},
    **{f"{name} unsure": {"principles": Principles(**YES | {name: Answer.UNSURE})} for name in YES},
    "principles not answered": {"principles": None},
    "strict": {"policy": standing(strict=True)},
    "denied": {"approvals": (denial(),)},
    "approval revoked": {"approvals": (approval(revoked_at=NOON - DAY),)},
}


@pytest.mark.parametrize("nearly", NEARLY)
def test_all_else_in_a_final_is_stopped(nearly: str) -> None:
    verdict = judged(**NEARLY[nearly])

    assert (verdict.outcome, Code.INCIDENTAL in codes_of(verdict)) == (Outcome.QUARANTINE, False)


@pytest.mark.parametrize(
    "leave", [approval(status=ApprovalStatus.PENDING), approval(shots=("043",), records=(ASSET.record_id,))]
)
def test_an_escalation_that_was_not_needed_holds_nothing_up(leave: Approval) -> None:
    assert judged(approvals=(leave,)).outcome is Outcome.FLAG


def test_an_approved_background_is_approved_not_only_incidental() -> None:
    verdict = judged(approvals=(approval(),))

    assert codes_of(verdict) >= {Code.AI_APPROVED}
    assert Code.INCIDENTAL not in codes_of(verdict)


def test_a_bare_record_is_not_incidental() -> None:
    verdict = verdict_on(identical(), records={ASSET.record_id: record(use=Use.FINAL)})

    assert Code.AI_FINAL_UNAPPROVED in codes_of(verdict)


# ---- Records that say that no AI was used


@pytest.mark.parametrize(
    ("use", "outcome"),
    [
        (Use.FINAL, Outcome.PASS),
        (Use.CANDIDATE, Outcome.PASS),
        (Use.TEMPORARY, Outcome.QUARANTINE),
        (Use.SUPERSEDED, Outcome.QUARANTINE),
    ],
)
@pytest.mark.parametrize("found", ["identical", "look-alike"])
def test_what_was_registered_as_made_without_ai_is_no_ai_material(found: str, use: Use, outcome: Outcome) -> None:
    assert judged(FOUND[found], of={"use": use}, ai_use=AiUse.NONE).outcome is outcome


def test_a_file_that_says_otherwise_is_still_stopped() -> None:
    verdict = judged(identical(), label(), ai_use=AiUse.NONE)

    assert codes_of(verdict) >= {Code.AI_LABEL, Code.RECORD_CONTRADICTED}
