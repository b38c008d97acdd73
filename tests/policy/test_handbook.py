"""Every finding is explained, judged and shipped with an outcome."""

import re

import pytest

from scanner.model import HOUSE_RULES, Code, Outcome
from scanner.policy.handbook import HANDBOOK
from scanner.settings import default_policy

ABSENT = (
    Code.UNREADABLE,
    Code.PARTLY_READ,
    Code.INCOMPLETE,
    Code.NOT_OPENED,
    Code.NOTHING_DELIVERED,
    Code.REGISTER_OUT_OF_REACH,
)
UNAPPROVED = (
    Code.AI_IDENTICAL,
    Code.AI_LOOK_ALIKE,
    Code.AI_CREDENTIALS,
    Code.AI_LABEL,
    Code.AI_GENERATOR,
    Code.AI_FINAL_UNAPPROVED,
)


def test_the_handbook_explains_the_codes_and_nothing_else() -> None:
    assert set(HANDBOOK) == set(Code)


@pytest.mark.parametrize("code", Code)
def test_an_explanation_is_whole(code: Code) -> None:
    explained = HANDBOOK[code]

    assert all(text.strip() for text in (explained.rule, explained.source, explained.says, explained.clears_when))


@pytest.mark.parametrize("code", Code)
def test_what_a_finding_says_is_a_sentence(code: Code) -> None:
    assert re.fullmatch(r"[A-Z].*\.", HANDBOOK[code].says)


@pytest.mark.parametrize("code", Code)
def test_a_rule_is_cited_with_its_source(code: Code) -> None:
    assert HANDBOOK[code].cited == f"{HANDBOOK[code].rule}: {HANDBOOK[code].source}"


@pytest.mark.parametrize("code", Code)
def test_what_is_only_ours_is_not_laid_to_netflix(code: Code) -> None:
    ours = code in (
        *ABSENT,
        *HOUSE_RULES,
        Code.NOT_INFORMATIVE,
        Code.ALTERED,
        Code.UNLISTED,
        Code.STRAY,
    ) or code.startswith("CREDENTIALS")

    assert ("Netflix" in HANDBOOK[code].source) is not ours


@pytest.mark.parametrize("code", Code)
def test_the_policy_that_is_shipped_has_an_outcome_for(code: Code) -> None:
    assert code in default_policy().outcomes


@pytest.mark.parametrize("code", ABSENT)
def test_what_could_not_be_seen_is_held_by_default(code: Code) -> None:
    assert default_policy().outcomes[code] is Outcome.HOLD


@pytest.mark.parametrize("code", UNAPPROVED)
def test_unapproved_ai_is_quarantined_by_default(code: Code) -> None:
    assert default_policy().outcomes[code] is Outcome.QUARANTINE


@pytest.mark.parametrize("code", [Code.AI_LOOK_ALIKE_EVERYWHERE, Code.NOT_INFORMATIVE, Code.AI_MAYBE])
def test_what_may_say_nothing_is_put_before_a_person_by_default(code: Code) -> None:
    assert default_policy().outcomes[code] is Outcome.FLAG


@pytest.mark.parametrize("code", Code)
def test_rules_of_the_house_are_marked_and_cite_the_house(code: Code) -> None:
    is_house = code in HOUSE_RULES

    assert (HANDBOOK[code].house, "house rule" in HANDBOOK[code].source) == (is_house, is_house)


@pytest.mark.parametrize("code", Code)
def test_what_a_finding_is_judged_by_is_said(code: Code) -> None:
    assert HANDBOOK[code].inputs.strip()


def test_by_default_only_approved_allowed_and_customary_material_passes() -> None:
    passing = {code for code, outcome in default_policy().outcomes.items() if outcome is Outcome.PASS}

    assert passing == {Code.AI_APPROVED, Code.AI_TEMPORARY_ALLOWED, Code.TALENT_CUSTOMARY}
