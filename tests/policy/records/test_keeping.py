"""Rules 9 and 10: what records leave out or get wrong, what contradicts them, and credits."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from scanner.model import (
    AiUse,
    Answer,
    Code,
    Credit,
    DropClass,
    Evidence,
    FinalApproval,
    Meaning,
    Outcome,
    Permits,
    Principles,
    ReviewVerdict,
    Statement,
    Use,
    Watermark,
)
from tests.policy.builders import (
    ASSET,
    DAY,
    NOON,
    REEL,
    claim,
    credentials,
    identical,
    label,
    look_alike,
    tag,
)
from tests.policy.records.builders import OTHER_SHA, SHA, USED, codes, naming, said, standing, step, told

TEMPORARY = (DropClass.WORK_IN_PROGRESS, DropClass.TEST_REEL)


def mark(frames: int) -> Watermark:
    return Watermark(scheme="SD", tool="Stable Diffusion", bits_agreeing=136, bits=136, frames=frames)


@pytest.mark.parametrize("strict", [False, True])
def test_of_a_bare_record_only_strict_mode_says_something(*, strict: bool) -> None:
    found = said(None, policy=standing(strict=strict))

    assert [(each.code, each.outcome) for each in found] == [(Code.RECORD_BARE, Outcome.FLAG)] * strict


def test_a_record_that_says_all_is_whole() -> None:
    assert not codes(said(told())) & {Code.RECORD_BARE, Code.RECORD_INCOMPLETE, Code.RECORD_DATES}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ai_use": None}, "how AI was used"),
        ({"element_kind": None}, "what kind of element it is"),
        ({"steps": ()}, "in which steps it was made"),
        ({"originality": None}, "how its originality was checked"),
        ({"steps": (step(tool_version=None),)}, "of step 1: the tool's version"),
        ({"steps": (step(), step(2, operator=None, model=""))}, "of step 2: the model, the operator"),
        ({"steps": (step(used_from=None), step(2, used_from=None))}, "of step 1, 2: when it began"),
        (
            {"final_approval": FinalApproval(approver_id="edith", verdict=ReviewVerdict.APPROVED, at=NOON)},
            "which bytes were approved for release",
        ),
    ],
)
def test_what_is_left_out_is_said(fields: dict[str, Any], words: str) -> None:
    (found,) = [each for each in said(told(**fields)) if each.code is Code.RECORD_INCOMPLETE]

    assert (found.message, found.outcome) == (f"record-1: it does not say {words}", Outcome.FLAG)


def test_of_temporary_material_less_is_asked() -> None:
    left_out = told(originality=None, final_approval=None)

    assert Code.RECORD_INCOMPLETE not in codes(said(left_out, drop_class=DropClass.WORK_IN_PROGRESS))
    assert Code.RECORD_INCOMPLETE in codes(said(told(ai_use=None), drop_class=DropClass.WORK_IN_PROGRESS))


@pytest.mark.parametrize(
    ("first", "last", "raised"),
    [
        (USED, USED, False),
        (USED, NOON, False),
        (USED, None, False),
        (None, None, False),
        (None, NOON + DAY, True),
        (NOON + DAY, None, True),
        (USED, NOON + DAY, True),
        (USED, USED - DAY, True),
    ],
)
def test_dates_go_from_beginning_to_end_to_delivery(first: Any, last: Any, *, raised: bool) -> None:
    assert (Code.RECORD_DATES in codes(said(told(steps=(step(used_from=first, used_to=last),))))) is raised


def named(name: str) -> dict[str, Any]:
    """The found asset bears this name."""
    return {"evidence": (replace(look_alike(), asset=replace(ASSET, name=name)),)}


@pytest.mark.parametrize(
    ("name", "use", "drop_class", "raised"),
    [
        (REEL, Use.FINAL, DropClass.FINAL, True),
        (REEL.upper(), Use.FINAL, DropClass.FINAL, True),
        ("harbour.png", Use.FINAL, DropClass.FINAL, False),
        (REEL, Use.CANDIDATE, DropClass.FINAL, False),
        (REEL, Use.FINAL, DropClass.WORK_IN_PROGRESS, False),
    ],
)
def test_a_final_under_its_registered_name_is_the_registered_file(
    name: str, use: Use, drop_class: DropClass, *, raised: bool
) -> None:
    found = said(told(), of={"use": use}, drop_class=drop_class, **named(name))

    assert (Code.RECORD_OTHER_BYTES in codes(found)) is raised


def test_the_registered_bytes_are_the_registered_bytes() -> None:
    asset = replace(ASSET, name=REEL)

    assert Code.RECORD_OTHER_BYTES not in codes(said(told(), evidence=(identical(asset=asset),)))


SAYS_AI: list[tuple[Evidence, bool]] = [
    (label(), True),
    (label(Meaning.MAYBE), False),
    (tag(), True),
    (credentials(claim()), True),
    (credentials(claim(meaning=Meaning.MAYBE)), False),
    (credentials(), False),
    (mark(2), True),
    (mark(1), False),
    (Statement(log="ai_log.csv", about=REEL, says_ai=True), False),
]


@pytest.mark.parametrize(("shown", "raised"), SAYS_AI)
@pytest.mark.parametrize("ai_use", [None, *AiUse])
def test_a_file_that_says_ai_contradicts_a_record_that_does_not(
    ai_use: AiUse | None, shown: Evidence, *, raised: bool
) -> None:
    found = said(told(ai_use=ai_use), evidence=(identical(), shown))

    told_so = [each.outcome for each in found if each.code is Code.RECORD_CONTRADICTED]
    assert told_so == [Outcome.QUARANTINE] * (raised and ai_use is AiUse.NONE)


def test_what_is_seen_within_another_picture_is_not_contradicted_by_that_one_s_labels() -> None:
    found = said(told(ai_use=AiUse.NONE), evidence=(look_alike(), label()))

    assert Code.RECORD_CONTRADICTED not in codes(found)


def test_of_a_record_that_says_that_no_ai_was_used_nothing_else_is_asked() -> None:
    nothing = replace(told(), ai_use=AiUse.NONE, steps=(step(tool_id="paint"),), principles=None, review=None)

    assert codes(said(nothing)) == set()


@pytest.mark.parametrize(
    ("required", "text", "placement", "exempt"),
    list(product((False, True), (None, "Made with AI"), (None, "end"), (False, True))),
)
def test_a_credit_that_is_required_is_recorded_or_exempt(
    text: str | None, placement: str | None, *, required: bool, exempt: bool
) -> None:
    particulars = told(credit=Credit(required=required, text=text, placement=placement))
    found = [f for f in said(particulars, naming(permits=Permits(credit_exempt=exempt)))]

    is_missing = required and not (text and placement) and not exempt
    assert [f.outcome for f in found if f.code is Code.CREDIT_MISSING] == [Outcome.FLAG] * is_missing


def test_a_credit_is_not_asked_of_temporary_material_nor_where_none_is_stated() -> None:
    needed = told(credit=Credit(required=True))

    assert Code.CREDIT_MISSING not in codes(said(told()))
    assert Code.CREDIT_MISSING not in codes(said(needed, drop_class=DropClass.TEST_REEL))


def test_an_unsure_answer_asks_for_no_originality_check() -> None:
    """That is rule 1's to say."""
    unsure = told(originality=None, principles=Principles(p1=Answer.UNSURE))

    assert Code.RECORD_INCOMPLETE not in codes(said(unsure))


def test_bytes_are_told_by_their_first_digits() -> None:
    (found,) = [each for each in said(told(), **named(REEL)) if each.code is Code.RECORD_OTHER_BYTES]

    assert SHA[:12] in found.message
    assert OTHER_SHA not in found.message
