"""From sightings of single frames to segments in time."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.fingerprint.align import Motion, Segment, Sightings, segments
from scanner.fingerprint.places import MOST_PLACES, places_of
from scanner.fingerprint.segment import as_one, goes_on

STEP = 0.25
RATE = 24
FORWARD, REVERSED, FREEZE = Motion.FORWARD, Motion.REVERSED, Motion.FREEZE
STATIC, CHANGING = Motion.STATIC, Motion.CHANGING
Pair = tuple[int, float]


def sightings(pairs: Iterable[Pair], strength: Iterable[float] | None = None) -> Sightings:
    """Of (sampled frame, asset seconds); the key of each is its place in the list."""
    listed = list(pairs)
    frame = np.asarray([pair[0] for pair in listed], dtype=np.int64)
    return Sightings(
        frame=frame,
        seconds=frame * STEP,
        asset_seconds=np.asarray([pair[1] for pair in listed], dtype=np.float64),
        strength=np.asarray([0.9] * len(listed) if strength is None else list(strength), dtype=np.float64),
        key=np.arange(len(listed)),
        step_seconds=STEP,
    )


def found(
    pairs: Iterable[Pair], strength: Iterable[float] | None = None, *, asset: float = 10.0, gap: int = 2
) -> list[Segment]:
    return segments(sightings(pairs, strength), asset_duration=asset, asset_frames=round(asset * RATE), gap_frames=gap)


def on_a_frame(seconds: float) -> float:
    return round(seconds * RATE) / RATE


def shown(first: int, samples: int, begin: float, speed: float = 1.0) -> list[Pair]:
    """The asset from `begin` on at a speed, to the asset's frame."""
    return [(first + n, on_a_frame(begin + speed * n * STEP)) for n in range(samples)]


def extents(told: list[Segment]) -> list[tuple[int, int]]:
    return [(segment.first_frame, segment.last_frame) for segment in told]


# --- one segment


def test_nothing_seen_is_no_segment() -> None:
    assert found([]) == []


def test_a_shot_is_told_from_its_first_sampled_frame_to_its_last_with_its_asset_times() -> None:
    (told,) = found(shown(40, 21, 2.0))

    assert (told.first_frame, told.last_frame, told.first_seconds, told.last_seconds) == (40, 60, 10.0, 15.0)
    assert (told.asset_first_seconds, told.asset_last_seconds) == pytest.approx((2.0, 7.0))
    assert (told.speed, told.motion, told.passes) == (1.0, FORWARD, 1)
    assert (told.support, told.expected, told.keys) == (21, 21, tuple(range(21)))


@pytest.mark.parametrize("speed", [0.5, 0.8, 24 / 25, 1.0, 25 / 24, 1.25, 2.0])
def test_a_retime_is_told(speed: float) -> None:
    (told,) = found(shown(0, 16, 1.0, speed))

    assert told.motion is FORWARD
    assert told.speed == pytest.approx(speed, abs=0.01)


def test_a_retime_that_a_short_clip_cannot_tell_is_not_told() -> None:
    (told,) = found(shown(0, 4, 1.0, 24 / 25))

    assert told.speed == 1.0
    assert told.speed_error > 0.02


def test_a_speed_is_said_no_more_exactly_than_it_is_known() -> None:
    (told,) = found(shown(0, 3, 1.0, 1.37))

    assert told.speed == round(told.speed, 1)


@pytest.mark.parametrize("speed", [-0.5, -1.0, -2.0])
def test_what_runs_backwards_is_told(speed: float) -> None:
    (told,) = found(shown(0, 16, 9.5, speed))

    assert (told.motion, told.speed) == (REVERSED, pytest.approx(speed, abs=0.01))


def test_a_held_frame_of_a_clip_is_told() -> None:
    (told,) = found(shown(0, 16, 3.0, 0.0))

    assert (told.motion, told.speed, told.asset_first_seconds) == (FREEZE, 0.0, pytest.approx(3.0))


@pytest.mark.parametrize("held", [4, 12, 40])
def test_a_clip_that_ends_in_a_held_frame_is_one_segment_that_says_so(held: int) -> None:
    (told,) = found([*shown(0, 17, 1.0), *shown(17, held, 5.0, 0.0)])

    assert (told.motion, told.first_frame, told.last_frame) == (CHANGING, 0, 16 + held)
    assert told.speeds == pytest.approx((1.0, 0.0), abs=0.1)
    assert (told.asset_first_seconds, told.asset_last_seconds) == pytest.approx((1.0, 5.0), abs=0.1)


def test_a_frame_that_is_held_on_the_way_is_told() -> None:
    (told,) = found([*shown(0, 8, 1.0), *shown(8, 6, 2.75, 0.0), *shown(14, 8, 3.0)])

    assert (told.motion, told.first_frame, told.last_frame) == (CHANGING, 0, 21)
    assert told.speeds == pytest.approx((1.0, 0.0, 1.0), abs=0.1)


@pytest.mark.parametrize(("first", "then"), [(0.5, 2.0), (2.0, 1.0), (1.0, 0.5), (-1.0, -2.0)])
def test_a_speed_that_changes_on_the_way_is_told(first: float, then: float) -> None:
    start = 1.0 if first > 0 else 9.0

    (told,) = found([*shown(0, 8, start, first), *shown(8, 8, start + 2 * first, then)])

    assert told.motion is CHANGING
    assert told.speeds == pytest.approx((first, then), abs=0.15)


def test_what_is_held_elsewhere_in_the_asset_is_another_segment() -> None:
    told = found([*shown(0, 17, 1.0), *shown(17, 12, 8.0, 0.0)])

    assert [segment.motion for segment in told] == [FORWARD, FREEZE]
    assert abs(told[1].first_frame - 17) <= 1


def test_a_still_that_is_held_is_one_segment() -> None:
    seen = sightings((n, 0.0) for n in range(5, 30) if n != 11)

    (told,) = segments(seen, asset_duration=0.0, asset_frames=1, gap_frames=2)

    assert (told.motion, told.speed, told.speed_error) == (Motion.STILL, 0.0, 0.0)
    assert (told.first_frame, told.last_frame, told.support, told.expected) == (5, 29, 24, 25)


@pytest.mark.parametrize(("speed", "motion"), [(1.0, FORWARD), (0.5, FORWARD), (-1.0, REVERSED), (0.0, FREEZE)])
def test_two_samples_tell_which_way_the_asset_moves(speed: float, motion: Motion) -> None:
    (told,) = found(shown(3, 2, 5.0, speed))

    assert (told.motion, told.speed, told.support) == (motion, speed, 2)


def test_of_three_samples_none_is_thrown_away_as_odd() -> None:
    # Seen in a cropped clip known eight times a second: the first is some frames off.
    seen = replace(sightings([(0, 0.6), (1, 0.62), (2, 2.37)]), seconds=np.array([0.0, 0.25, 2.0]))

    (told,) = segments(seen, asset_duration=6.0, asset_frames=48, gap_frames=1)

    assert (told.motion, told.speed) == (FORWARD, 1.0)


def test_two_samples_do_not_say_for_a_third_which_way_the_asset_runs() -> None:
    # Seen in a cropped clip of which 37 frames are known: what seems to go back by one of those may as well go on.
    seen = replace(
        sightings([(0, 8 / 24), (1, 2 / 24), (2, 74 / 24)], strength=[1, 1, 1]), seconds=np.array([0.0, 0.25, 2.0])
    )

    told = segments(seen, asset_duration=10.0, asset_frames=37, gap_frames=1)

    assert not any(segment.motion is REVERSED for segment in told)


def test_two_samples_half_a_second_apart_do_not_make_a_held_frame_of_a_clip_known_three_times_a_second() -> None:
    seen = replace(sightings([(3, 2.0), (4, 2.0)]), seconds=np.array([1.5, 2.0]), step_seconds=0.5)

    (told,) = segments(seen, asset_duration=6.0, asset_frames=19, gap_frames=2)

    assert (told.motion, told.speed, told.support) == (Motion.STATIC, 1.0, 2)


def test_one_sample_tells_nothing_of_speed() -> None:
    (told,) = found([(3, 5.0)])

    assert (told.first_frame, told.last_frame, told.keys) == (3, 3, (0,))
    assert (told.speed, told.speed_error) == (1.0, inf)


# --- what is not seen, and what is seen wrongly


def test_a_gap_that_may_be_does_not_cut_and_a_longer_one_does() -> None:
    whole = shown(0, 20, 1.0)

    assert extents(found(whole[:8] + whole[10:])) == [(0, 19)]
    assert extents(found(whole[:8] + whole[11:])) == [(0, 7), (11, 19)]


def test_a_cutaway_leaves_two_segments_though_the_shot_goes_on_behind_it() -> None:
    whole = shown(0, 30, 1.0)

    told = found(whole[:8] + whole[18:])

    assert [segment.asset_first_seconds for segment in told] == pytest.approx([1.0, 5.5])


@pytest.mark.parametrize("wrong", [0, 5, 15])
def test_a_wrong_asset_time_neither_cuts_nor_bends(wrong: int) -> None:
    pairs = shown(0, 16, 1.0)
    pairs[wrong] = (wrong, 8.0)

    (told,) = found(pairs)

    assert (told.first_frame, told.last_frame, told.speed) == (0, 15, 1.0)
    assert (told.asset_first_seconds, told.asset_last_seconds) == pytest.approx((1.0, 4.75), abs=0.05)


def test_of_several_sightings_of_a_frame_the_one_that_is_in_line_counts() -> None:
    twice = [pair for n, at in shown(0, 16, 1.0) for pair in ((n, (n * 3.7) % 10), (n, at))]

    (told,) = found(twice, [0.95, 0.9] * 16)

    assert (told.speed, told.motion) == (1.0, FORWARD)
    assert sum(key % 2 for key in told.keys) >= 14


def test_neighbours_of_the_right_asset_frame_do_not_blur_the_speed() -> None:
    pairs = [(n, at + near / RATE) for n, at in shown(0, 16, 1.0) for near in range(-6, 7)]

    (told,) = found(pairs, [0.95 - 0.03 * abs(near) for _ in range(16) for near in range(-6, 7)])

    assert (told.speed, told.motion) == (1.0, FORWARD)
    assert [key % 13 for key in told.keys] == [6] * 16


# --- several segments


def test_one_asset_shown_at_several_places_is_several_segments() -> None:
    told = found([*shown(0, 8, 1.0), *shown(50, 8, 1.0), *shown(90, 8, 4.0)])

    assert extents(told) == [(0, 7), (50, 57), (90, 97)]
    assert [segment.passes for segment in told] == [1, 1, 1]


@pytest.mark.parametrize("samples", [2, 8])
def test_a_clear_jump_inside_the_asset_is_two_segments(samples: int) -> None:
    told = found([*shown(0, 8, 1.0), *shown(8, samples, 6.0)])

    assert extents(told) == [(0, 7), (8, 7 + samples)]
    assert [segment.speed for segment in told] == [1.0, 1.0]


def test_a_small_slip_in_asset_time_is_no_jump() -> None:
    assert extents(found([*shown(0, 8, 1.0), *shown(8, 8, 3.15)])) == [(0, 15)]


def test_short_shots_in_a_row_are_told_one_by_one() -> None:
    cuts = [pair for n in range(12) for pair in shown(2 * n, 2, (n * 1.7) % 9)]

    assert extents(found(cuts)) == [(2 * n, 2 * n + 1) for n in range(12)]


@pytest.mark.parametrize("length", [0.5, 1.0, 3.0])
def test_a_clip_shown_again_and_again_is_one_segment(length: float) -> None:
    pairs = [(n, on_a_frame(n * STEP % length)) for n in range(48)]

    (told,) = found(pairs, asset=length)

    assert (told.first_frame, told.last_frame, told.speed, told.motion) == (0, 47, 1.0, FORWARD)
    assert told.passes == pytest.approx(48 * STEP / length, abs=1)


def test_a_piece_of_a_clip_shown_again_and_again_is_one_segment() -> None:
    (told,) = found([(n, on_a_frame(2 + n * STEP % 2)) for n in range(40)])

    assert (told.passes, told.speed) == (5, 1.0)
    assert (told.asset_first_seconds, told.asset_last_seconds) == pytest.approx((2.0, 3.75), abs=0.05)


def test_passes_that_are_shorter_than_the_sampling_say_nothing_of_motion() -> None:
    (told,) = found([(n, n * STEP % 0.3) for n in range(40)], asset=0.3)

    assert (told.motion, told.support) == (STATIC, 40)


# --- assets that hardly move, and very many sightings


def test_of_a_clip_that_does_not_move_nothing_is_said_but_that_it_is_there() -> None:
    (told,) = found((n, frame / RATE) for n in range(60) for frame in range(240))

    assert (told.motion, told.speed_error, told.support) == (STATIC, inf, 60)


@pytest.mark.parametrize("seed", range(4))
def test_of_a_clip_that_does_not_move_few_frames_may_be_seen(seed: int) -> None:
    random = np.random.default_rng(seed)
    pairs = [(n, frame / RATE) for n in range(60) for frame in range(240) if random.random() < 0.3]

    (told,) = found(pairs, random.uniform(0.5, 1.0, len(pairs)))

    assert (told.motion, told.first_frame, told.last_frame) == (STATIC, 0, 59)


def test_however_many_sightings_there_are_few_places_of_each_frame_are_kept() -> None:
    seen = sightings((n, at * 0.5) for n in range(100) for at in range(2000))

    places = places_of(seen, 0.25)

    assert places.strength.shape == (100, MOST_PLACES)


def test_an_asset_that_resembles_itself_does_not_fall_to_pieces() -> None:
    pairs = [(n, 10.0 * k + n * STEP % 10) for n in range(400) for k in range(30)]

    assert len(found(pairs, asset=300.0)) <= 4


def test_a_long_clip_in_a_long_film_is_one_segment() -> None:
    (told,) = found(shown(1000, 2400, 0.0), asset=600.0)

    assert (told.support, told.speed) == (2400, 1.0)


# --- made by chance


@settings(deadline=None)
@given(
    speed=st.floats(0.5, 2.0),
    is_reversed=st.booleans(),
    samples=st.integers(8, 60),
    first=st.integers(0, 5000),
    seed=st.integers(0, 10_000),
)
def test_a_planted_shot_is_found_through_noise_and_with_three_in_ten_samples_lost(
    *, speed: float, is_reversed: bool, samples: int, first: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    speed, begin = (-speed, 119.0) if is_reversed else (speed, 1.0)
    noisy = [(n, at + random.normal(0, 1 / RATE)) for n, at in shown(first, samples, begin, speed)]
    lost = set(random.choice(samples, size=int(0.3 * samples), replace=False).tolist())
    kept = [pair for n, pair in enumerate(noisy) if n not in lost]

    (told,) = found(kept, asset=120.0, gap=20)

    assert (told.first_frame, told.last_frame) == (kept[0][0], kept[-1][0])
    assert told.support >= 0.8 * len(kept)
    assert told.motion is (REVERSED if is_reversed else FORWARD)
    assert told.speed == pytest.approx(speed, abs=5 * told.speed_error + 0.05)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(0, 9.9), st.floats(0.1, 1.0)), max_size=80),
    st.integers(0, 4),
    st.randoms(use_true_random=False),
)
def test_whatever_is_seen_every_frame_is_told_once_and_in_order(
    seen: list[tuple[int, float, float]], gap: int, random: object
) -> None:
    told = found([item[:2] for item in seen], [item[2] for item in seen], gap=gap)

    frames = {item[0] for item in seen}
    assert all(sum(a <= frame <= b for a, b in extents(told)) == 1 for frame in frames)
    assert all(a[1] < b[0] for a, b in zip(extents(told), extents(told)[1:], strict=False))
    assert {end for pair in extents(told) for end in pair} <= frames
    for segment in told:
        at = [seen[key][0] for key in segment.keys]
        assert at == sorted(set(at))
        assert (at[0], at[-1]) == (segment.first_frame, segment.last_frame)
        assert 0 <= segment.asset_first_seconds <= 10
        assert 0 <= segment.asset_last_seconds <= 10


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 99).map(lambda n: n / 10)), max_size=60, unique=True),
    st.integers(0, 1000),
)
def test_the_order_in_which_they_are_seen_does_not_matter(seen: list[Pair], seed: int) -> None:
    mixed = [seen[n] for n in np.random.default_rng(seed).permutation(len(seen))]

    def told(pairs: list[Pair]) -> list[tuple[object, ...]]:
        return [(s.first_frame, s.last_frame, s.speed, s.motion, s.passes) for s in found(pairs)]

    assert told(seen) == told(mixed)


# --- the plainest explanation


def crowd(times: Iterable[float], alike: Callable[[float, float], float], known: Iterable[float]) -> list[Segment]:
    """Every sample at an asset time, seen as like each known time of the asset as `alike` says."""
    listed = [(n, time, known_time) for n, time in enumerate(times) for known_time in known]
    strength = [alike(time, known_time) for _, time, known_time in listed]
    return found([(n, known_time) for n, _, known_time in listed], strength, asset=4.0)


def test_an_action_that_repeats_is_told_at_the_speed_that_fits_all_samples() -> None:
    times = [0.2 + 2.0 * n * STEP for n in range(8)]
    known = [n / 6 for n in range(24)]

    def alike(time: float, other: float) -> float:
        swings = 0.5 + 0.2 * np.cos((time - other) * 2 * np.pi)
        return float(max(swings, 1 - 2 * abs(time - other)))

    (told,) = crowd(times, alike, known)

    assert (told.motion, told.speed, told.passes) == (FORWARD, 2.0, 1)


def test_a_shot_that_is_played_and_then_held_is_not_told_as_slow() -> None:
    times = [0.25 + min(n, 5) * STEP for n in range(9)]

    (*_, told) = crowd(times, lambda time, other: max(0.1, 1 - 3 * abs(time - other)), [n / 24 for n in range(96)])

    assert told.motion is not FORWARD or told.speed == 1.0


def test_two_samples_do_not_make_a_loop() -> None:
    told = found([(0, 0.25), (1, 4.62)], asset=6.0)

    assert all(segment.passes == 1 for segment in told)


def test_what_goes_on_at_the_same_speed_is_one() -> None:
    (one,) = found(shown(0, 4, 8.0, -2.0))
    (other,) = found(shown(4, 4, 6.0, -2.0))
    (elsewhere,) = found(shown(4, 4, 4.0, -2.0))

    assert goes_on(one, other, 2)
    assert not goes_on(one, elsewhere, 2)
    assert not goes_on(one, replace(other, motion=FORWARD), 2)
    joined = as_one(one, other)
    assert (joined.first_frame, joined.last_frame, joined.support, joined.speed) == (0, 7, 8, -2.0)
