"""Rules 2, 3 and 23: what tools do with what they are given, and where they run; each step by itself."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from scanner.model import Code, Deployment, Finding, InputClass, Known, Outcome, Papers, Step, Tool, Trigger
from tests.policy.builders import DAY, NOON
from tests.policy.records.builders import USED, codes, given, naming, papers, said, standing, step, told, tool

TERMS = ("stores_data", "reuses_data", "trains_on_inputs", "trains_on_outputs")
SENSITIVE = (InputClass.PROPRIETARY, InputClass.PERSONAL_DATA, InputClass.TALENT_LIKENESS)


def about(code: Code, known: Tool, *approvals: Any, inputs: tuple[InputClass, ...] = (), **more: Any) -> list[Finding]:
    """What is said under a code of one step with this tool."""
    steps = (step(inputs=tuple(given(each) for each in inputs), **more),)
    return [each for each in said(told(steps=steps), *approvals, papers_=papers(known)) if each.code is code]


@pytest.mark.parametrize(("term", "known"), list(product(TERMS, Known)))
def test_each_of_the_terms_counts(term: str, known: Known) -> None:
    found = codes(said(told(), papers_=papers(tool(**{term: known}))))

    assert (Code.TOOL_KEEPS_DATA in found) is (known is Known.YES)
    assert (Code.TOOL_NOT_KNOWN in found) is (known is Known.UNKNOWN)


@pytest.mark.parametrize(("trigger", "clears"), [(Trigger.DATA, True), (Trigger.P2, True), (Trigger.P3, False)])
def test_an_approval_of_the_terms_clears_them(trigger: Trigger, *, clears: bool) -> None:
    keeping = about(Code.TOOL_KEEPS_DATA, tool(stores_data=Known.YES), naming(trigger))
    unknown = about(Code.TOOL_NOT_KNOWN, tool(stores_data=Known.UNKNOWN), naming(trigger))

    assert (not keeping, not unknown) == (clears, clears)


def test_what_the_terms_allow_is_said() -> None:
    (found,) = about(Code.TOOL_KEEPS_DATA, tool(reuses_data=Known.YES, trains_on_outputs=Known.YES))

    assert found.message == "record-1: step 1 (ComfyUI 0.3, 2026-10-31): its terms let it reuse data, train on outputs"
    assert found.outcome is Outcome.QUARANTINE


def test_a_tool_without_a_record_is_not_known() -> None:
    (found,) = [each for each in said(told(), papers_=Papers()) if each.code is Code.TOOL_NOT_KNOWN]

    assert (found.outcome, "there is no record of the tool comfy" in found.message) == (Outcome.FLAG, True)


@pytest.mark.parametrize(
    ("reviewed", "raised"),
    [
        (None, True),
        (USED + DAY, True),
        (USED, False),
        (USED.replace(year=USED.year - 1) + DAY, False),
        (USED.replace(year=USED.year - 1) + DAY - timedelta(seconds=1), True),
        (USED - 800 * DAY, True),
    ],
)
def test_terms_are_reviewed_in_the_year_before(reviewed: Any, *, raised: bool) -> None:
    assert bool(about(Code.TOOL_NOT_KNOWN, tool(terms_reviewed_at=reviewed))) is raised


def test_how_long_a_review_holds_is_the_house_s() -> None:
    known = papers(tool(terms_reviewed_at=USED - 100 * DAY))

    assert Code.TOOL_NOT_KNOWN not in codes(said(told(), papers_=known))
    assert Code.TOOL_NOT_KNOWN in codes(said(told(), papers_=known, policy=standing(terms_months=2)))


@pytest.mark.parametrize(
    ("fields", "raised"),
    [
        ({"versions": ("0.3",)}, False),
        ({"versions": ("0",)}, False),
        ({"versions": ("0.4", "1")}, True),
        ({"valid_from": USED}, False),
        ({"valid_from": USED + timedelta(hours=1)}, True),
        ({"valid_to": USED + 2 * DAY}, False),
        ({"valid_to": USED + DAY}, True),
        ({"deployment": Deployment.VENDOR_ENTERPRISE}, True),
        ({"deployment": Deployment.VENDOR_ENTERPRISE, "agreement_ref": "MSA-7"}, False),
    ],
)
def test_a_record_speaks_of_its_versions_and_times(fields: dict[str, Any], *, raised: bool) -> None:
    assert bool(about(Code.TOOL_NOT_KNOWN, tool(**fields))) is raised


def test_without_a_date_of_use_the_record_s_counts() -> None:
    reviewed_later = tool(terms_reviewed_at=NOON - 5 * DAY)

    assert about(Code.TOOL_NOT_KNOWN, reviewed_later, used_from=None, used_to=None)


@pytest.mark.parametrize(
    ("input_class", "allowed"), [(each, allowed) for each in InputClass for allowed in (None, (), (each,), ("other",))]
)
def test_a_tool_is_given_only_what_it_may_have(input_class: InputClass, allowed: tuple[Any, ...] | None) -> None:
    """`allowed`: None for a tool without a record. What is not stated to be allowed is not, if it is sensitive."""
    listed = tuple(
        each for each in InputClass if each in (allowed or ()) or ("other" in (allowed or ()) and each != input_class)
    )
    known = Papers() if allowed is None else papers(tool(allowed_inputs=listed))
    found = codes(said(told(steps=(step(inputs=(given(input_class, clearance_ref="C-1"),)),)), papers_=known))

    free = input_class in (InputClass.OWN, InputClass.PUBLIC_DOMAIN)
    is_unsaid = not allowed and input_class not in SENSITIVE
    assert (Code.TOOL_INPUT_NOT_ALLOWED in found) is not (free or is_unsaid or input_class in listed)


@pytest.mark.parametrize("input_class", SENSITIVE)
@pytest.mark.parametrize(
    "trigger", [Trigger.DATA, Trigger.PERSONAL_DATA, Trigger.TALENT_LIKENESS, Trigger.P1, Trigger.FINAL_DELIVERABLE]
)
def test_an_approval_of_that_kind_of_input_clears_it(input_class: InputClass, trigger: Trigger) -> None:
    own = {InputClass.PERSONAL_DATA: Trigger.PERSONAL_DATA, InputClass.TALENT_LIKENESS: Trigger.TALENT_LIKENESS}
    left = about(Code.TOOL_INPUT_NOT_ALLOWED, tool(), naming(trigger), inputs=(input_class,))

    assert (not left) is (trigger in (Trigger.DATA, own.get(input_class)))


@pytest.mark.parametrize(("deployment", "input_class"), list(product((None, *Deployment), (None, *InputClass))))
def test_where_a_tool_runs_matters_by_what_it_is_given(
    deployment: Deployment | None, input_class: InputClass | None
) -> None:
    inputs = (given(input_class, clearance_ref="C-1"),) if input_class else ()
    found = codes(said(told(steps=(step(inputs=inputs),)), papers_=papers(tool(deployment=deployment))))

    is_outside = deployment in (None, Deployment.CONSUMER)
    assert (Code.TOOL_CONSUMER_INPUT in found) is (is_outside and input_class in SENSITIVE)
    assert (Code.TOOL_NOT_SECURE in found) is (is_outside and input_class not in SENSITIVE)


@pytest.mark.parametrize("trigger", [Trigger.P3, Trigger.DATA, Trigger.P2])
def test_an_approval_clears_a_consumer_tool(trigger: Trigger) -> None:
    consumer = tool(deployment=Deployment.CONSUMER)
    sensitive = about(Code.TOOL_CONSUMER_INPUT, consumer, naming(trigger), inputs=(InputClass.PROPRIETARY,))
    plain = about(Code.TOOL_NOT_SECURE, consumer, naming(trigger))

    assert (not sensitive, not plain) == (trigger in (Trigger.P3, Trigger.DATA), trigger is Trigger.P3)


def test_the_weakest_step_decides() -> None:
    def made(number: int, tool_id: str) -> Step:
        return step(number, tool_id=tool_id, inputs=(given(InputClass.PROPRIETARY),))

    safe = tool(allowed_inputs=tuple(InputClass))
    consumer = tool("mj", product="Midjourney", deployment=Deployment.CONSUMER, allowed_inputs=tuple(InputClass))
    found = said(told(steps=(made(1, "comfy"), made(2, "mj"))), papers_=papers(safe, consumer))

    (left,) = [each for each in found if each.code is Code.TOOL_CONSUMER_INPUT]
    assert (left.tool, left.outcome) == ("Midjourney 0.3", Outcome.QUARANTINE)
    assert "step 2 (Midjourney 0.3, 2026-10-31): it is a tool for consumers" in left.message
