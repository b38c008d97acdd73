"""What all rules about the making have in common: total, quick, and those of the house can be switched off."""

import time
from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest

from scanner.model import (
    HOUSE_RULES,
    AiUse,
    Code,
    Consent,
    Credit,
    Evidence,
    Finding,
    InputClass,
    Papers,
    Particulars,
    Person,
    Prominence,
    Review,
    ReviewVerdict,
    Rights,
    Scope,
    Step,
    Tool,
    TrainingData,
    Trigger,
    Use,
)
from scanner.policy.handbook import HANDBOOK
from scanner.policy.judge import judge
from tests.policy.builders import ASSET, NOON, POLICY, case, identical, look_alike, record, seen
from tests.policy.records.builders import (
    ASSETS,
    codes,
    consent,
    given,
    naming,
    papers,
    person,
    said,
    standing,
    step,
    told,
)
from tests.policy.records.faulty import APPROVED, BYTES, RELEASED, faulty

RULED = {
    *(Code.ORIGINALITY_DOUBTED, Code.INPUT_NOT_CLEARED, Code.PROMPT_NAMES_OTHERS, Code.PERSONAL_DATA),
    *(Code.TOOL_KEEPS_DATA, Code.TOOL_NOT_KNOWN, Code.TOOL_INPUT_NOT_ALLOWED),
    *(Code.TOOL_NOT_SECURE, Code.TOOL_CONSUMER_INPUT),
    *(Code.RIGHTS_NO_CONSENT, Code.RIGHTS_CONSENT_LATE, Code.TRAINING_NOT_CLEARED, Code.TRAINING_NOT_STATED),
    *(Code.RECORD_BARE, Code.RECORD_INCOMPLETE, Code.RECORD_DATES, Code.RECORD_OTHER_BYTES),
    *(Code.RECORD_CONTRADICTED, Code.CREDIT_MISSING, Code.NOT_REVIEWED, Code.APPROVED_OTHER_BYTES),
    *(Code.REVIEWER_NOT_TRAINED, Code.STEP_GAP),
}


def _found(**more: Any) -> list[Finding]:
    return [each for particulars, beside in faulty() for each in said(particulars, **beside | more)]


def test_every_rule_about_the_making_can_be_broken() -> None:
    assert codes(_found()) >= RULED


@pytest.mark.parametrize("code", sorted(RULED))
def test_rules_of_the_house_can_be_switched_off_and_the_studio_s_cannot(code: Code) -> None:
    """What cannot be switched off is refused in policy.toml, and no verdict heeds it."""
    assert HANDBOOK[code].house is (code in HOUSE_RULES)
    assert ("house rule" in HANDBOOK[code].source) is (code in HOUSE_RULES)

    particulars, beside = next(each for each in faulty() if code in codes(said(each[0], **each[1])))
    rules = {"strict": code is Code.RECORD_BARE, "house_rules_off": frozenset({code} & HOUSE_RULES)}
    item = seen(*beside.get("evidence", (identical(),)))
    records = {ASSET.record_id: record(use=Use.FINAL, assets=ASSETS, particulars=particulars)}
    judged = judge(case(item, records=records, papers=beside.get("papers_", papers())), standing(**rules))

    assert (code in codes(list(judged.findings))) is (code not in HOUSE_RULES)


def test_messages_hold_no_prompt_and_no_name_from_it() -> None:
    particulars = told(steps=(step(prompt_sha256="f" * 64, prompt_names=("Secret Name",)),))

    told_so = " ".join(each.message for each in said(particulars))

    assert "Secret" not in told_so
    assert "ffff" not in told_so


def test_a_record_that_is_known_to_be_good_is_not_judged() -> None:
    assert not said(told(principles=None, steps=()), of={"use": Use.KNOWN_GOOD})


# Of each part of a record: nothing, the emptiest that there can be, and a full one.
_STEPS: tuple[tuple[Step, ...], ...] = (
    (),
    (Step(number=0, tool_id=""),),
    (Step(number=-1, tool_id="comfy", inputs=tuple(given(each) for each in InputClass), outputs=("",)),),
    (step(), Step(number=1, tool_id="none", model_custom=True, inputs=(given(InputClass.THIRD_PARTY),))),
)
_PAPERS = (
    Papers(),
    Papers(
        tools={"comfy": Tool(tool_id="comfy", vendor="", product="")},
        people={"grace": Person(person_id="", name="")},
        consents={"C": Consent(**{each.name: getattr(consent(), each.name) for each in fields(Consent)})},
    ),
    papers(person("grace")),
)
_PARTS: tuple[dict[str, Any], ...] = (
    {},
    {"review": None, "final_approval": None, "principles": None, "originality": None, "training": ()},
    {"review": Review(reviewer_id="", verdict=APPROVED), "final_approval": RELEASED},
    {"review": Review(reviewer_id="grace", verdict=ReviewVerdict.REJECTED, training_id="x")},
    {"credit": Credit(required=True), "final_approval": replace(RELEASED, of_sha256="", at=NOON)},
    {"training": tuple(TrainingData(dataset_id="", rights=each, clearance_ref="C") for each in Rights)},
)
_EVIDENCE: tuple[Evidence, ...] = (identical(), look_alike(), BYTES)


def test_every_combination_of_what_is_there_and_what_is_not_is_judged() -> None:
    wholes = (Particulars, told)
    for whole, steps, known, part, ai_use in product(wholes, _STEPS, _PAPERS, _PARTS, (None, *AiUse)):
        said(whole(**part | {"steps": steps, "ai_use": ai_use}), papers_=known)
    for evidence, prominence, use, assets in product(_EVIDENCE, Prominence, Use, ((), ASSETS)):
        said(Particulars(prominence=prominence), evidence=(evidence,), of={"use": use, "assets": assets})


def test_an_approval_of_everything_leaves_only_what_no_approval_speaks_of() -> None:
    left = {
        each.code
        for particulars, beside in faulty()
        for each in said(particulars, naming(*Trigger, scope=Scope()), **beside)
        if each.code in RULED
    }

    approved = {Code.RIGHTS_NO_CONSENT, Code.RIGHTS_CONSENT_LATE, Code.TRAINING_NOT_STATED}
    assert left == RULED & HOUSE_RULES - approved | {Code.STEP_GAP}


def test_a_record_that_many_members_show_is_judged_in_time() -> None:
    """A hundred members that show one record of fifty steps, under a hundred approvals: well below 100 ms each ten."""
    steps = tuple(step(number, inputs=(given(InputClass.OWN),)) for number in range(1, 51))
    members = [seen(identical(), name=f"reel{number}.mov") for number in range(100)]
    records = {ASSET.record_id: record(use=Use.FINAL, assets=ASSETS, particulars=told(steps=steps))}
    approvals = tuple(naming(key=f"ESC-{number}", shots=(f"{number:03}",)) for number in range(100))
    judged = case(*members, records=records, papers=papers(), approvals=approvals)

    began = time.process_time()
    judge(judged, POLICY)

    assert time.process_time() - began < 5
