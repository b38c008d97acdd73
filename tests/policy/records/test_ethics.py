"""What can be taken for real, and union-represented work: raised, nearly raised, and cleared (rules 14 and 16)."""

from typing import Any

import pytest

from scanner.model import Answer, Approval, Code, DropClass, Outcome, Realism, Trigger, UnionImpact
from tests.policy.records.builders import POLICY, naming, said, told

OF_REALISM = {Code.MISLEADING, Code.MISLEADING_NOT_STATED}
OF_UNIONS = {Code.UNION_NOT_AGREED, Code.UNION_NOT_STATED}
NOTHING = {
    "depicts_real_person": False,
    "depicts_real_event": False,
    "depicts_real_statement": False,
}
DOCUMENTARY = POLICY.with_profile(POLICY.profiles["documentary"])


def of(ours: set[Code], *approvals: Approval, policy: Any = POLICY, **of_record: Any) -> dict[Code, Outcome]:
    more = {"drop_class": of_record.pop("drop_class")} if "drop_class" in of_record else {}
    found = said(told(**of_record), *approvals, policy=policy, **more)
    return {finding.code: finding.outcome for finding in found if finding.code in ours}


def real(answer: Answer | None = Answer.NO, **more: bool | None) -> Realism:
    return Realism(**{**NOTHING, **more}, could_mislead=answer)


STOPPED = {Code.MISLEADING: Outcome.QUARANTINE}
ASKED = {Code.MISLEADING_NOT_STATED: Outcome.FLAG}
HELD = {Code.MISLEADING_NOT_STATED: Outcome.HOLD}
EVENT = {"depicts_real_event": True}
# What a record says, and what is made of it in fiction and in nonfiction.
TABLE: dict[str, tuple[Realism | None, dict[Code, Outcome], dict[Code, Outcome]]] = {
    "nothing": (None, ASKED, HELD),
    "that it could": (real(Answer.YES), STOPPED, STOPPED),
    "that nobody is sure": (real(Answer.UNSURE), STOPPED, STOPPED),
    "that it could not": (real(), {}, {}),
    "no answer": (real(None), ASKED, HELD),
    "a real event, that it could not": (real(**EVENT), {}, STOPPED),
    "a real event, no answer": (real(None, **EVENT), ASKED, STOPPED),
    "a real statement, that it could not": (real(depicts_real_statement=True), {}, STOPPED),
    "a real person, that it could not": (real(depicts_real_person=True), {}, STOPPED),
    "not whether of a real event": (real(depicts_real_event=None), {}, HELD),
}


@pytest.mark.parametrize("row", TABLE)
def test_what_a_record_says_of_being_taken_for_real_decides(row: str) -> None:
    realism, in_fiction, in_nonfiction = TABLE[row]

    assert of(OF_REALISM, realism=realism) == in_fiction
    assert of(OF_REALISM, realism=realism, policy=DOCUMENTARY) == in_nonfiction


@pytest.mark.parametrize("row", TABLE)
def test_an_approval_that_names_it_clears_it(row: str) -> None:
    realism = TABLE[row][0]

    assert of(OF_REALISM, naming(Trigger.MISLEADING), realism=realism) == {}
    assert of(OF_REALISM, naming(Trigger.KEY_ELEMENT), realism=realism) == TABLE[row][1]
    assert of(OF_REALISM, realism=realism, drop_class=DropClass.TEST_REEL) == {}


UNIONS: dict[str, tuple[UnionImpact | None, dict[Code, Outcome]]] = {
    "nothing": (None, {Code.UNION_NOT_STATED: Outcome.FLAG}),
    "not affected": (UnionImpact(affected=False), {}),
    "affected, agreed": (UnionImpact(affected=True, role="matte painter", agreement_ref="IATSE-7"), {}),
    "affected, not agreed": (
        UnionImpact(affected=True, role="matte painter"),
        {Code.UNION_NOT_AGREED: Outcome.QUARANTINE},
    ),
}


@pytest.mark.parametrize("row", UNIONS)
def test_affected_union_work_needs_an_agreement(row: str) -> None:
    impact, found = UNIONS[row]

    assert of(OF_UNIONS, union_impact=impact) == found
    assert of(OF_UNIONS, naming(Trigger.UNION), union_impact=impact) == {}
    assert of(OF_UNIONS, naming(Trigger.REPLICA), union_impact=impact) == found
    assert of(OF_UNIONS, union_impact=impact, drop_class=DropClass.WORK_IN_PROGRESS) == {}
