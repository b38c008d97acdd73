from dataclasses import replace
from fractions import Fraction

import pytest

from scanner.model import Coverage, Outcome
from scanner.report import Scanned
from scanner.report.timeline import LANES, Bar, clock, timeline

from . import samples


def bar(*seconds: float, duration: Fraction | None = Fraction(1000)) -> Bar:
    """The bar of one member with a finding of two seconds at each of the times."""
    places = [samples.place(at, at + 2, "01:00:00:00", "01:00:02:00") for at in seconds]
    found = [replace(samples.MATTE_FOUND, evidence=samples.look_alike(place)) for place in places]
    coverage = (("NH_101_master_v03.mov", replace(samples.FEATURE, duration=duration)),)
    verdict = samples.verdict(Outcome.QUARANTINE, *found, coverage=coverage)
    (only,) = timeline(Scanned(path="x", record=samples.delivery(), verdict=verdict))
    return only


def test_a_segment_lies_where_it_was_found() -> None:
    (segment,) = bar(250).segments

    assert (segment.left, segment.width) == (25.0, 0.2)


def test_a_length_that_is_not_known_is_drawn_to_the_last_finding() -> None:
    drawn = bar(98, duration=None)

    assert not drawn.known
    assert drawn.length == Fraction(100)


def test_a_finding_after_the_known_end_stays_on_the_bar() -> None:
    (segment,) = bar(1098).segments

    assert segment.left + segment.width <= 100


def test_labels_of_neighbours_do_not_share_a_lane() -> None:
    assert [segment.lane for segment in bar(100, 110, 120).segments] == [0, 1, 2]


def test_labels_far_apart_share_a_lane() -> None:
    assert [segment.lane for segment in bar(0, 500).segments] == [0, 0]


def test_there_are_never_more_lanes_than_fit() -> None:
    drawn = bar(*range(100, 300, 10))

    assert drawn.lanes == LANES
    assert len(drawn.segments) == 20


def test_a_still_has_no_bar() -> None:
    assert timeline(samples.flagged()) == ()


def test_a_member_that_runs_in_time_has_a_bar_without_findings() -> None:
    (drawn,) = timeline(replace(samples.passed(), verdict=samples.verdict()))

    assert (drawn.segments, drawn.length_words) == ((), "54:03")


def test_ticks_are_few_and_inside() -> None:
    ticks = bar(1).ticks

    assert [tick.label for tick in ticks] == ["5:00", "10:00"]


def test_an_absurd_length_draws_few_ticks() -> None:
    coverage = (("a", Coverage(duration=Fraction(10**9))),)
    (drawn,) = timeline(replace(samples.passed(), verdict=samples.verdict(coverage=coverage)))

    assert len(drawn.ticks) <= 24


@pytest.mark.parametrize(
    ("seconds", "words"), [("4.96", "4.96 s"), ("60", "1:00"), ("3599", "59:59"), ("7384.5", "2:03:04")]
)
def test_running_time_is_told_as_on_a_clock(seconds: str, words: str) -> None:
    assert clock(Fraction(seconds)) == words
