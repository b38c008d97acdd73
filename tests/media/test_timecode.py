"""Timecode as people read it: drop-frame right, 23.976 without drift, and never a crash."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.media.timecode import shown, standard

PULLED_DOWN = Fraction(1000, 1001)
DROP = {30 * PULLED_DOWN: 30, 60 * PULLED_DOWN: 60}
WHOLE_DAY = 24 * 3600


def whole(frame: int, base: int) -> str:
    """SMPTE ST 12-1 without dropping: plain division."""
    seconds, frames = divmod(frame, base)
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def dropping(frame: int, base: int) -> str:
    """SMPTE ST 12-1, drop-frame: numbers 0 and 1 (of 30) are left out each minute that is no tenth minute."""
    dropped = base // 15
    tens, rest = divmod(frame, base * 600 - 9 * dropped)
    minutes = max(0, (rest - dropped) // (base * 60 - dropped))
    text = whole(frame + dropped * (9 * tens + minutes), base)
    return f"{text[:8]};{text[9:]}"


@given(frame=st.integers(0, 30 * WHOLE_DAY - 9000), rate=st.sampled_from(sorted(DROP)))
def test_drop_frame_is_right_all_day(frame: int, rate: Fraction) -> None:
    assert shown(frame / rate, rate, "00:00:00;00") == dropping(frame, DROP[rate])


@pytest.mark.parametrize("frame", [1799, 1800, 1801, 17981, 17982, 17983, 107891, 107892])
def test_drop_frame_is_right_around_the_minutes_that_matter(frame: int) -> None:
    assert shown(frame / (30 * PULLED_DOWN), 30 * PULLED_DOWN, "00:00:00;00") == dropping(frame, 30)


@given(frame=st.integers(0, 2 * 3600 * 24), base=st.sampled_from([24, 25, 30, 48, 50, 60]), pulled=st.booleans())
def test_whole_and_pulled_down_rates_count_every_frame(frame: int, base: int, *, pulled: bool) -> None:
    rate = base * (PULLED_DOWN if pulled else 1)

    assert shown(frame / rate, rate, "00:00:00:00") == whole(frame, base)


def test_23976_does_not_drift_against_its_own_frames() -> None:
    after_two_hours_of_timecode = 2 * 3600 * 24

    assert shown(after_two_hours_of_timecode * Fraction(1001, 24000), 24 * PULLED_DOWN, "01:00:00:00") == "03:00:00:00"


def test_a_rate_that_was_written_rounded_counts_as_the_exact_one() -> None:
    frame = 3600 * 30 - 108

    assert shown(frame / (30 * PULLED_DOWN), Fraction(2997, 100), "00:00:00;00") == "01:00:00;00"


@given(frame=st.integers(0, 200_000), late=st.integers(-8, 8))
def test_times_that_a_container_rounded_to_milliseconds_still_name_the_frame(frame: int, late: int) -> None:
    rate = 24 * PULLED_DOWN
    rounded = max(Fraction(0), Fraction(round(frame / rate * 1000), 1000) + Fraction(late, 100_000))

    assert shown(rounded, rate, None) == whole(frame, 24)


def test_it_goes_on_from_midnight() -> None:
    assert shown(Fraction(1, 2), Fraction(24), "23:59:59:23") == "00:00:00:11"


def test_a_track_that_starts_with_an_hour_is_counted_from_there() -> None:
    assert shown(Fraction(61), Fraction(25), "10:00:00:00") == "10:01:01:00"


def test_drop_frame_marks_mean_nothing_at_a_rate_that_drops_none() -> None:
    assert shown(Fraction(60), Fraction(25), "00:00:00;00") == "00:01:00:00"


@pytest.mark.parametrize("rate", [Fraction(25, 2), Fraction(384, 25), Fraction(179, 6), Fraction(1, 3)])
def test_at_a_rate_that_nobody_counts_by_the_seconds_are_right(rate: Fraction) -> None:
    assert shown(Fraction(3600), rate, None).startswith("01:00:00:")


@given(
    seconds=st.fractions(0, 1_000_000, max_denominator=90_000),
    rate=st.none() | st.fractions(Fraction(1, 100), 1000, max_denominator=1001),
    start=st.none() | st.text(max_size=12) | st.sampled_from(["99:99:99:99", "01:00:00:00", "-1:0", "00:00:00;02"]),
)
def test_whatever_a_container_says_there_is_an_answer(
    seconds: Fraction, rate: Fraction | None, start: str | None
) -> None:
    assert shown(seconds, rate, start)


@pytest.mark.parametrize(
    ("said", "exact"),
    [
        (Fraction(2997, 125), 24 * PULLED_DOWN),
        (Fraction(2997, 100), 30 * PULLED_DOWN),
        (Fraction(24), Fraction(24)),
        (Fraction(60000, 1001), 60 * PULLED_DOWN),
        (Fraction(25, 2), None),
        (Fraction(1, 1000), None),
    ],
)
def test_a_rate_is_one_that_is_counted_by_or_none(said: Fraction, exact: Fraction | None) -> None:
    assert standard(said) == exact
