"""Rules 11 and 12: reviews, approvals of these very bytes, and who may give them."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from scanner.model import (
    Code,
    DropClass,
    Evidence,
    FinalApproval,
    Finding,
    Outcome,
    Papers,
    Prominence,
    Review,
    ReviewVerdict,
    Training,
)
from tests.policy.builders import ASSET, DAY, NOON, REEL, TITLE, identical, look_alike
from tests.policy.records.builders import (
    OTHER_SHA,
    SHA,
    codes,
    naming,
    papers,
    person,
    said,
    standing,
    step,
    told,
)

APPROVED, REJECTED = ReviewVerdict.APPROVED, ReviewVerdict.REJECTED
NAMED = replace(ASSET, name=REEL)


def review(who: str = "grace", verdict: ReviewVerdict = APPROVED, **more: Any) -> Review:
    values: dict[str, Any] = {"reviewer_id": who, "verdict": verdict, "at": NOON - 2 * DAY}
    return Review(**values | more)


def release(who: str = "edith", verdict: ReviewVerdict = APPROVED, **more: Any) -> FinalApproval:
    values: dict[str, Any] = {
        "approver_id": who,
        "verdict": verdict,
        "at": NOON - DAY,
        "of_sha256": SHA,
        "legal_review_ref": "L-1",
    }
    return FinalApproval(**values | more)


def about(code: Code, *arguments: Any, **more: Any) -> list[Finding]:
    return [each for each in said(*arguments, **more) if each.code is code]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"review": None}, "no review is recorded"),
        ({"final_approval": None}, "no approval for release is recorded"),
        ({"review": review("ada")}, "ada reviewed it, who made it"),
        ({"review": review("Ada ")}, "Ada  reviewed it, who made it"),
        ({"final_approval": release("ada")}, "ada approved it, who made it"),
        ({"review": review(at=None)}, "when grace reviewed it is not recorded"),
        ({"final_approval": release(at=None)}, "when edith approved it is not recorded"),
        (
            {"final_approval": release(at=NOON + DAY)},
            "it was approved on 2026-11-21, after the delivery of 2026-11-20",
        ),
    ],
)
def test_somebody_else_reviews_and_approves_before_delivery(fields: dict[str, Any], words: str) -> None:
    (found,) = about(Code.NOT_REVIEWED, told(**fields))

    assert (found.message, found.outcome) == (f"record-1: {words}", Outcome.FLAG)


def test_what_is_reviewed_and_approved_is_not_told() -> None:
    assert not codes(said(told())) & {Code.NOT_REVIEWED, Code.APPROVED_OTHER_BYTES, Code.REVIEWER_NOT_TRAINED}


@pytest.mark.parametrize(
    "fields", [{"review": review(verdict=REJECTED)}, {"final_approval": release(verdict=REJECTED)}]
)
def test_what_was_rejected_is_stopped(fields: dict[str, Any]) -> None:
    (found,) = about(Code.NOT_REVIEWED, told(**fields))

    assert found.outcome is Outcome.QUARANTINE


@pytest.mark.parametrize("drop_class", [DropClass.WORK_IN_PROGRESS, DropClass.TEST_REEL])
def test_temporary_material_needs_no_release(drop_class: DropClass) -> None:
    particulars = told(review=None, final_approval=release(of_sha256=OTHER_SHA))

    assert not codes(said(particulars, drop_class=drop_class)) & {Code.NOT_REVIEWED, Code.APPROVED_OTHER_BYTES}


def test_a_person_is_one_under_id_and_name() -> None:
    known = papers(person("p-9", name="Ada Okafor"))
    particulars = told(steps=(step(operator="Ada Okafor"),), final_approval=release("p-9"))

    (found,) = about(Code.NOT_REVIEWED, particulars, papers_=known)

    assert "p-9 approved it, who made it" in found.message


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize(
    ("who", "is_known"),
    [
        ("edith", True),
        ("still", True),
        *((who, False) for who in ("left", "later", "nobody", "ada b", "grace", "elsewhere")),
    ],
)
def test_approvers_are_on_the_roster_where_the_house_asks_for_it(who: str, *, is_known: bool, required: bool) -> None:
    known = papers(
        person("left", may=("approve",), active_to=NOON - DAY),
        person("later", may=("approve",), active_from=NOON),
        person("still", may=("Release",), titles=(TITLE,), active_from=NOON - DAY, active_to=NOON),
        person("ada b"),
        person("elsewhere", may=("approve",), titles=("Another",)),
    )
    found = about(
        Code.NOT_REVIEWED,
        told(final_approval=release(who)),
        papers_=known,
        policy=standing(roster_required=required),
    )

    assert bool(found) is (required and not is_known)


@pytest.mark.parametrize(
    ("prominence", "human", "legal"),
    list(product(Prominence, (None, "repainted"), ("none", "record", "approval"))),
)
def test_what_the_story_rests_on_needs_a_human_part_and_legal_review(
    prominence: Prominence, human: str | None, legal: str
) -> None:
    particulars = told(
        prominence=prominence,
        steps=(step(human_contribution=human),),
        final_approval=release(legal_review_ref="L-1" if legal == "record" else None),
    )
    approvals = (naming(legal_review_ref="L-2"),) if legal == "approval" else ()
    found = about(Code.NOT_REVIEWED, particulars, *approvals)

    rests = prominence is not Prominence.INCIDENTAL
    assert bool(found) is (rests and (not human or legal == "none"))
    outcome = Outcome.QUARANTINE if prominence is Prominence.PROMINENT else Outcome.FLAG
    assert [each.outcome for each in found] == [outcome] * len(found)


@pytest.mark.parametrize(
    ("evidence", "of_sha256", "raised"),
    [
        (identical(), SHA, False),
        (identical(), SHA.upper(), False),
        (identical(), "00", False),
        (identical(), OTHER_SHA, True),
        (identical(), None, False),
        (look_alike(), SHA, False),
        (look_alike(), OTHER_SHA, True),
        (replace(look_alike(), asset=NAMED), SHA, True),
        (replace(look_alike(), asset=NAMED), "00", False),
    ],
)
def test_what_was_approved_is_what_is_delivered_or_seen_in_it(
    evidence: Evidence, of_sha256: str | None, *, raised: bool
) -> None:
    """The delivered file's SHA-256 is "00" here, that of the registered asset `SHA`."""
    found = about(Code.APPROVED_OTHER_BYTES, told(final_approval=release(of_sha256=of_sha256)), evidence=(evidence,))

    assert [each.outcome for each in found] == [Outcome.QUARANTINE] * raised


@pytest.mark.parametrize(
    ("reviewer", "training_id", "words"),
    [
        ("grace", None, None),
        ("grace", "ai-1", None),
        ("grace", "AI-1", None),
        ("grace", "ai-2", "of whom no training ai-2 is recorded"),
        ("lapsed", None, "whose training was not valid then"),
        ("lapsed", "ai-1", "whose training ai-1 was not valid then"),
        ("green", None, "of whom no training is recorded"),
        ("left", "ai-1", "who was not active on 2026-11-18"),
        ("nobody", "ai-1", "who is not on the roster"),
    ],
)
def test_reviewers_were_trained_when_they_reviewed(reviewer: str, training_id: str | None, words: str | None) -> None:
    lasting = (Training(training_id="ai-1"),)
    known = papers(
        person("lapsed", trainings=(Training(training_id="ai-1", valid_to=NOON - 2 * DAY),)),
        person("green"),
        person("left", trainings=lasting, active_to=NOON - 3 * DAY),
    )
    found = about(Code.REVIEWER_NOT_TRAINED, told(review=review(reviewer, training_id=training_id)), papers_=known)

    assert [each.message for each in found] == (
        [f"record-1: it was reviewed on 2026-11-18 by {reviewer}, {words}"] if words else []
    )
    assert all(each.outcome is Outcome.FLAG for each in found)


def test_without_a_review_nobody_is_untrained() -> None:
    assert not about(Code.REVIEWER_NOT_TRAINED, told(review=None), papers_=Papers())
