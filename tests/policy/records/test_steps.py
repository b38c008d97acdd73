"""Rule 23: steps of the making that are not recorded."""

from typing import Any

import pytest

from scanner.model import Code, Finding, InputClass, Outcome, Step
from tests.policy.builders import ASSET
from tests.policy.records.builders import OTHER_SHA, SHA, given, said, step, told


def made(number: int, takes: str = "", gives: str = "") -> Step:
    return step(number, inputs=tuple(given(asset_id=each) for each in takes.split()), outputs=tuple(gives.split()))


def gaps(*steps: Step, **more: Any) -> list[Finding]:
    return [each for each in said(told(steps=steps), **more) if each.code is Code.STEP_GAP]


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (made(1),),
        (made(7),),
        (made(1), made(1), made(2)),
        (made(2, "a", "b"), made(1, "plate", "a")),
        (made(1, gives="a unused"), made(2, "A", "b")),
        (made(1, gives="a"), made(2, "plate", "b"), made(3, "a b", "c")),
        (made(1, gives="a"), made(2)),
        (made(1, gives=ASSET.asset_id), made(2, "plate")),
        (made(1, gives=ASSET.name), made(2, "plate")),
        (made(1, gives=SHA.upper()), made(2, "plate")),
        (made(1, gives=f"{OTHER_SHA} {SHA}"),),
        (made(1, gives="anything"),),
    ],
)
def test_steps_that_follow_from_each_other_have_no_gap(steps: tuple[Step, ...]) -> None:
    assert not gaps(*steps)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((made(3), made(1)), "there is no step between 1 and 3"),
        ((made(1), made(10**12)), f"there is no step between 1 and {10**12}"),
        (
            (made(1, gives="a"), made(2, "b")),
            "what step 1 gives (a) no later step takes in; step 2 takes in b",
        ),
        ((made(1, gives=OTHER_SHA),), f"what step 1 gives is not what is registered: {OTHER_SHA}"),
    ],
)
def test_a_step_that_is_missing_is_told(steps: tuple[Step, ...], words: str) -> None:
    (found,) = gaps(*steps)

    assert (found.message, found.outcome) == (f"record-1: {words}", Outcome.FLAG)


def test_without_registered_media_the_last_step_is_not_compared() -> None:
    assert not gaps(made(1, gives=OTHER_SHA), of={"assets": ()})


def test_an_input_of_any_class_goes_on_with_a_step() -> None:
    taken = step(2, inputs=(given(InputClass.PROPRIETARY, asset_id="a"),))

    assert not gaps(made(1, gives="a"), taken)
