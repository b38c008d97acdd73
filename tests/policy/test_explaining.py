"""What a code means under a policy: its outcomes by class, prominence and profile, and whether it is in force."""

from dataclasses import replace

import pytest

from scanner.model import HOUSE_RULES, Code, DropClass, Outcome, Profile, Prominence
from scanner.policy.explaining import explained, explanation_object
from scanner.policy.findings_page import page
from scanner.policy.handbook import HANDBOOK
from tests.policy.builders import POLICY

OTHER = replace(
    POLICY,
    outcomes_by_class={DropClass.ARTWORK: {Code.RECORD_DATES: Outcome.HOLD}},
    outcomes_by_prominence={Prominence.STORY_RELEVANT: {Code.RECORD_DATES: Outcome.QUARANTINE}},
    profiles={
        "artwork": Profile(outcomes={Code.RECORD_DATES: Outcome.PASS}),
        "feature": Profile(outcomes={Code.RECORD_DATES: Outcome.FLAG}),
    },
    standards=replace(POLICY.standards, house_rules_off=frozenset({Code.RECORD_DATES})),
)


@pytest.mark.parametrize("code", Code)
def test_rules_of_the_house_are_told_as_such(code: Code) -> None:
    told = explanation_object(code, POLICY)

    assert ("House rule:" in explained(code, POLICY)) is (code in HOUSE_RULES)
    assert (told["house_rule"], told["in_force"], told["judged_by"]) == (
        code in HOUSE_RULES,
        True,
        HANDBOOK[code].inputs,
    )


def test_what_is_switched_off_is_told() -> None:
    assert "switched off: it is not applied here" in explained(Code.RECORD_DATES, OTHER)
    assert explanation_object(Code.RECORD_DATES, OTHER)["in_force"] is False


def test_outcomes_are_told_where_they_differ() -> None:
    told = explanation_object(Code.RECORD_DATES, OTHER)

    assert "flag, hold in artwork, quarantine where story relevant, pass in the profile artwork" in explained(
        Code.RECORD_DATES, OTHER
    )
    assert [told[f"outcome_by_{each}"] for each in ("class", "prominence", "profile")] == [
        {"artwork": "hold"},
        {"story_relevant": "quarantine"},
        {"artwork": "pass"},
    ]


def test_the_page_marks_rules_of_the_house() -> None:
    whole = page(POLICY)

    assert whole.count("(a rule of the house)") == len(HOUSE_RULES)
    assert "Default outcome: flag, quarantine where prominent" in whole
