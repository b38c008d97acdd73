"""Escalate or socialise, against what was done: raised, nearly raised, and cleared (rules 20 and 21)."""

from typing import Any

import pytest

from scanner.model import (
    Action,
    AiUse,
    Answer,
    Approval,
    ApprovalStatus,
    Code,
    DropClass,
    ElementKind,
    Finding,
    InputClass,
    Permits,
    Principles,
    Rights,
    TalentUse,
    TrainingData,
    Trigger,
    Use,
)
from tests.policy.builders import approval, denial, look_alike
from tests.policy.records.builders import codes, consent, given, naming, papers, said, step, talent, told

YES = {f"p{number}": Answer.YES for number in range(1, 6)}
MOCK_UP = {"drop_class": DropClass.WORK_IN_PROGRESS, "of": {"use": Use.TEMPORARY}}


def only(found: list[Finding]) -> Finding:
    (finding,) = [each for each in found if each.code is Code.ONLY_SOCIALISED]
    return finding


# ---- Rule 20


def test_ideation_within_the_principles_need_only_be_socialised() -> None:
    assert not codes(said(told(), **MOCK_UP)) & {Code.NOT_SOCIALISED, Code.ONLY_SOCIALISED}


def test_ideation_that_nobody_was_told_of_is_flagged() -> None:
    assert codes(said(told(socialised=None), **MOCK_UP)) & {Code.NOT_SOCIALISED, Code.ONLY_SOCIALISED} == {
        Code.NOT_SOCIALISED
    }


def test_who_approved_it_was_told_of_it() -> None:
    assert Code.NOT_SOCIALISED not in codes(said(told(socialised=None), approval(), **MOCK_UP))


@pytest.mark.parametrize("record", [None, told(ai_use=AiUse.NONE, socialised=None, principles=None)])
def test_nothing_is_asked_of_a_bare_record_or_of_one_without_ai(record: Any) -> None:
    assert not codes(said(record)) & {Code.NOT_SOCIALISED, Code.ONLY_SOCIALISED}


# ---- Rule 21


@pytest.mark.parametrize("name", YES)
@pytest.mark.parametrize("answer", [Answer.NO, Answer.UNSURE, None])
def test_a_principle_without_a_yes_must_be_escalated_even_when_temporary(name: str, answer: Answer | None) -> None:
    finding = only(said(told(principles=Principles(**YES | {name: answer})), **MOCK_UP))

    assert finding.clears_when == f"an approved escalation names {name.upper()}"


def test_a_final_must_be_escalated() -> None:
    finding = only(said(told(element_kind=ElementKind.PROP)))

    assert "final_deliverable" in finding.message
    assert "only socialised (with studio contact)" in finding.message


def test_it_says_when_nobody_was_even_told() -> None:
    assert "not even socialised" in only(said(told(element_kind=ElementKind.PROP, socialised=None))).message


@pytest.mark.parametrize("leave", [approval(), naming(Trigger.P4), naming(Trigger.FINAL_DELIVERABLE)])
def test_an_approval_for_final_use_clears_a_final(leave: Approval) -> None:
    assert Code.ONLY_SOCIALISED not in codes(said(told(element_kind=ElementKind.PROP), leave))


@pytest.mark.parametrize(
    "leave",
    [
        denial(),
        naming(permits=Permits(final_use=False)),
        naming(Trigger.FINAL_DELIVERABLE, action=Action.SOCIALISE),
        approval(shots=("043",)),
    ],
)
def test_no_other_one_does(leave: Approval) -> None:
    assert Code.ONLY_SOCIALISED in codes(said(told(element_kind=ElementKind.PROP), leave))


REPLICA = told(element_kind=ElementKind.PROP, talent=(talent(),))
PERMITTED = Permits(talent_replica=True)


@pytest.mark.parametrize(
    ("leave", "left"),
    [
        (approval(), "3a, talent_likeness"),
        (naming(Trigger.REPLICA), "3a, talent_likeness"),
        (naming(Trigger.TALENT_LIKENESS, permits=PERMITTED), "3a"),
        (naming(permits=PERMITTED), "3a, talent_likeness"),
        (naming(Trigger.REPLICA, permits=PERMITTED), None),
    ],
)
def test_a_replica_needs_an_approval_that_names_it_and_permits_it(leave: Approval, left: str | None) -> None:
    found = said(REPLICA, leave, papers_=papers(consent()))

    asked = [each.clears_when for each in found if each.code is Code.ONLY_SOCIALISED]
    assert asked == ([f"an approved escalation names {left}"] if left else [])


def test_two_approvals_may_answer_it_together() -> None:
    both = (naming(Trigger.P1, key="ESC-1"), naming(Trigger.P3, key="ESC-2"))
    doubtful = told(principles=Principles(**YES | {"p1": Answer.NO, "p3": Answer.UNSURE}))

    assert Code.ONLY_SOCIALISED in codes(said(doubtful, both[0], **MOCK_UP))
    assert Code.ONLY_SOCIALISED not in codes(said(doubtful, *both, **MOCK_UP))


def test_an_escalation_that_waits_is_named() -> None:
    waiting = naming(Trigger.FINAL_DELIVERABLE, status=ApprovalStatus.PENDING)

    finding = only(said(told(element_kind=ElementKind.PROP, escalation_ids=("ESC-1",)), waiting))

    assert "what it names (ESC-1) approves none of it here" in finding.message


def test_the_approval_that_leaves_something_open_is_named() -> None:
    finding = only(said(REPLICA, approval("ESC-7"), papers_=papers(consent())))

    assert "ESC-7 does not speak of it" in finding.message


@pytest.mark.parametrize(
    "record",
    [
        told(steps=(step(prompt_names=("Squid Game",)),)),
        told(training=(TrainingData(dataset_id="base"),)),
    ],
)
def test_a_lead_alone_stops_nothing(record: Any) -> None:
    assert Code.ONLY_SOCIALISED not in codes(said(record, **MOCK_UP))


IN_TEMPORARY: dict[str, tuple[Any, str]] = {
    "personal data": (told(steps=(step(inputs=(given(InputClass.PERSONAL_DATA),)),)), "1a, personal_data"),
    "the studio's own": (told(steps=(step(inputs=(given(InputClass.PROPRIETARY),)),)), "1a"),
    "a likeness": (told(steps=(step(inputs=(given(InputClass.TALENT_LIKENESS),)),)), "talent_likeness"),
    "of others": (told(steps=(step(inputs=(given(InputClass.THIRD_PARTY),)),)), "2b, third_party_ip"),
    "trained on others": (told(training=(TrainingData(dataset_id="x", rights=Rights.NOT_CLEARED),)), "1b"),
    "a replica": (told(talent=(talent(TalentUse.VOICE),)), "3a, talent_likeness"),
    "an alteration": (told(talent=(talent(TalentUse.ALTERATION),)), "3b, talent_likeness"),
}


@pytest.mark.parametrize("made", IN_TEMPORARY)
def test_how_it_was_made_must_be_escalated_even_when_temporary(made: str) -> None:
    record, names = IN_TEMPORARY[made]

    assert only(said(record, **MOCK_UP)).clears_when == f"an approved escalation names {names}"


@pytest.mark.parametrize("made", IN_TEMPORARY)
def test_an_approval_that_names_every_trigger_clears_it(made: str) -> None:
    record, names = IN_TEMPORARY[made]
    leave = naming(*map(Trigger, names.split(", ")), permits=PERMITTED)

    assert Code.ONLY_SOCIALISED not in codes(said(record, leave, **MOCK_UP))


@pytest.mark.parametrize(
    ("made", "leave"),
    [
        ("personal data", naming(Trigger.DATA)),
        ("personal data", naming(Trigger.PERSONAL_DATA)),
        ("of others", naming(Trigger.THIRD_PARTY)),
        ("a replica", naming(Trigger.REPLICA, permits=PERMITTED)),
        ("an alteration", naming(Trigger.ALTERATION)),
        ("trained on others", naming(permits=Permits(fine_tuning=True))),
    ],
)
def test_the_more_exact_trigger_answers_the_other(made: str, leave: Approval) -> None:
    assert Code.ONLY_SOCIALISED not in codes(said(IN_TEMPORARY[made][0], leave, **MOCK_UP))


def test_of_a_likeness_that_may_say_nothing_nothing_is_asked() -> None:
    assert said(told(element_kind=ElementKind.PROP), evidence=(look_alike(floods=True),)) == []
