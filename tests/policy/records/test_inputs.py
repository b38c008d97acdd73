"""Rules 1 and 17: originality, and what was given to tools."""

from itertools import product
from typing import Any

import pytest

from scanner.model import (
    Answer,
    ApprovalStatus,
    Code,
    DropClass,
    InputClass,
    Originality,
    OriginalityResult,
    Outcome,
    Principles,
    Trigger,
)
from tests.policy.builders import ASSET, NOON, TOOL, denial
from tests.policy.records.builders import codes, given, naming, said, step, told

OTHERS = InputClass.THIRD_PARTY
ANSWERS = (None, *Answer)
RESULTS = (None, *OriginalityResult)


def answered(answer: Answer | None) -> Principles:
    return Principles(p1=answer, p2=Answer.YES, p3=Answer.YES, p4=Answer.YES, p5=Answer.YES)


def checked(result: OriginalityResult | None) -> Originality | None:
    return Originality(result=result, at=NOON) if result else None


@pytest.mark.parametrize(("answer", "result"), list(product(ANSWERS, RESULTS)))
def test_only_a_confident_yes_and_no_check_against_it_is_original(
    answer: Answer | None, result: OriginalityResult | None
) -> None:
    is_original = answer is Answer.YES and result in (None, OriginalityResult.CLEAR)
    found = codes(said(told(principles=answered(answer), originality=checked(result))))

    assert (Code.ORIGINALITY_DOUBTED in found) is not is_original


def test_no_answers_at_all_are_no() -> None:
    assert Code.ORIGINALITY_DOUBTED in codes(said(told(principles=None)))


@pytest.mark.parametrize(
    ("trigger", "clears"), [(each, each is Trigger.P1) for each in (Trigger.P1, Trigger.P2, Trigger.PROTECTED_INPUT)]
)
def test_an_approval_that_names_the_first_principle_clears_doubt(trigger: Trigger, *, clears: bool) -> None:
    found = codes(said(told(principles=answered(Answer.UNSURE)), naming(trigger)))

    assert (Code.ORIGINALITY_DOUBTED not in found) is clears


@pytest.mark.parametrize("drop_class", [DropClass.WORK_IN_PROGRESS, DropClass.TEST_REEL])
def test_of_temporary_material_originality_is_not_asked(drop_class: DropClass) -> None:
    found = codes(said(told(principles=answered(Answer.NO)), drop_class=drop_class))

    assert Code.ORIGINALITY_DOUBTED not in found


def test_a_check_is_told_with_its_day() -> None:
    (finding,) = [
        each
        for each in said(told(originality=checked(OriginalityResult.NEAR)))
        if each.code is Code.ORIGINALITY_DOUBTED
    ]

    assert (finding.message, finding.outcome) == (
        "record-1: the originality check of 2026-11-20 came near the work of others",
        Outcome.QUARANTINE,
    )


@pytest.mark.parametrize(
    ("input_class", "clearance", "raised"),
    [
        (input_class, clearance, input_class is OTHERS and not clearance)
        for input_class, clearance in product(InputClass, (None, "", "C-1"))
    ],
)
def test_material_of_others_needs_a_clearance(input_class: InputClass, clearance: str | None, *, raised: bool) -> None:
    found = said(told(steps=(step(inputs=(given(input_class, clearance_ref=clearance),)),)))

    assert (Code.INPUT_NOT_CLEARED in codes(found)) is raised


@pytest.mark.parametrize("trigger", [Trigger.PROTECTED_INPUT, Trigger.THIRD_PARTY])
def test_an_approval_of_the_input_clears_it(trigger: Trigger) -> None:
    particulars = told(steps=(step(inputs=(given(OTHERS),), prompt_names=("a painter",)),))

    left = codes(said(particulars, naming(trigger)))

    assert not left & {Code.INPUT_NOT_CLEARED, Code.PROMPT_NAMES_OTHERS, Code.RIGHTS_NO_CONSENT}


def test_an_approval_for_one_tool_does_not_clear_the_step_of_another() -> None:
    steps = (step(inputs=(given(OTHERS),)), step(2, tool_id="Midjourney", inputs=(given(OTHERS),)))

    found = said(told(steps=steps), naming(Trigger.PROTECTED_INPUT, tools=(TOOL,)))

    (left,) = [each for each in found if each.code is Code.INPUT_NOT_CLEARED]
    assert (left.tool, "step 2 (Midjourney 0.3, 2026-10-31)" in left.message) == ("Midjourney 0.3", True)


def test_steps_of_which_the_same_is_said_are_one_finding() -> None:
    steps = tuple(step(number, inputs=(given(OTHERS),)) for number in (1, 2, 3))

    (found,) = [each for each in said(told(steps=steps)) if each.code is Code.INPUT_NOT_CLEARED]

    assert "steps 1, 2, 3 (ComfyUI 0.3, 2026-10-31)" in found.message


@pytest.mark.parametrize(("names", "raised"), [((), False), (("A. Painter",), True)])
def test_a_prompt_that_names_what_is_guarded_is_put_before_a_person(names: tuple[str, ...], *, raised: bool) -> None:
    found = [f for f in said(told(steps=(step(prompt_names=names),))) if f.code is Code.PROMPT_NAMES_OTHERS]

    assert [each.outcome for each in found] == [Outcome.FLAG] * raised
    assert not any("Painter" in each.message for each in found)


@pytest.mark.parametrize("input_class", InputClass)
@pytest.mark.parametrize("trigger", [None, Trigger.DATA, Trigger.PERSONAL_DATA, Trigger.P2])
def test_personal_data_needs_an_explicit_approval(input_class: InputClass, trigger: Trigger | None) -> None:
    approvals = (naming(trigger),) if trigger else ()
    found = codes(said(told(steps=(step(inputs=(given(input_class),)),)), *approvals))

    is_approved = trigger in (Trigger.DATA, Trigger.PERSONAL_DATA)
    assert (Code.PERSONAL_DATA in found) is (input_class is InputClass.PERSONAL_DATA and not is_approved)


def test_personal_data_in_temporary_material_is_personal_data() -> None:
    particulars = told(steps=(step(inputs=(given(InputClass.PERSONAL_DATA),)),))

    assert Code.PERSONAL_DATA in codes(said(particulars, drop_class=DropClass.WORK_IN_PROGRESS))


@pytest.mark.parametrize(
    ("scope", "clears"),
    [
        ({"tools": (TOOL,)}, True),
        ({"tools": (TOOL,), "tool_versions": ("0.3",)}, True),
        ({"tools": (TOOL,), "tool_versions": ("0.4",)}, False),
        ({"tools": ("Midjourney",)}, False),
        ({"records": (ASSET.record_id,)}, True),
        ({"records": ("record-2",)}, False),
        ({"shots": ("043",)}, False),
    ],
)
def test_an_approval_clears_within_its_scope(scope: dict[str, Any], *, clears: bool) -> None:
    particulars = told(steps=(step(inputs=(given(InputClass.PERSONAL_DATA),)),))

    assert (Code.PERSONAL_DATA not in codes(said(particulars, naming(Trigger.DATA, **scope)))) is clears


@pytest.mark.parametrize("status", ApprovalStatus)
def test_only_what_was_approved_clears(status: ApprovalStatus) -> None:
    particulars = told(steps=(step(inputs=(given(InputClass.PERSONAL_DATA),)),))
    found = codes(said(particulars, naming(Trigger.DATA, status=status)))

    is_approved = status in (ApprovalStatus.APPROVED, ApprovalStatus.APPROVED_WITH_CONDITIONS)
    assert (Code.PERSONAL_DATA not in found) is is_approved


def test_what_a_denial_speaks_of_is_not_cleared_by_what_is_no_narrower() -> None:
    particulars = told(steps=(step(inputs=(given(InputClass.PERSONAL_DATA),)),))

    assert Code.PERSONAL_DATA in codes(said(particulars, naming(Trigger.DATA), denial()))
