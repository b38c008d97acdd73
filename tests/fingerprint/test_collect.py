"""Codes gathered frame by frame, and the codes of two picture tracks made one."""

from fractions import Fraction

import numpy as np

from scanner.fingerprint.codes import codes_of, quality_of
from scanner.fingerprint.collect import Collector, joined
from scanner.fingerprint.names import ACTIVE, OTHER_TRACK
from scanner.fingerprint.views import Grey, View, small
from scanner.model import PictureCodes
from tests.media.making import shot


def pictures(seed: int, count: int) -> list[Grey]:
    return [small(np.asarray(picture.mean(axis=2), dtype=np.uint8)) for picture in shot(seed, max(count, 1))[:count]]


def track(seed: int, stamps: list[int], time_base: Fraction = Fraction(1, 24)) -> PictureCodes:
    codes = Collector(time_base=time_base)
    for pts, picture in zip(stamps, pictures(seed, len(stamps)), strict=True):
        codes.add(pts, [View(number=ACTIVE, picture=picture)])
    return codes.finish()


def test_codes_and_quality_are_those_of_each_picture_over_more_than_one_batch() -> None:
    found = track(1, list(range(600)))
    expected = np.stack(pictures(1, 600))

    assert found.codes == codes_of(expected).tobytes()
    assert found.quality == quality_of(expected).tobytes()


def test_a_frame_of_two_views_has_its_time_twice() -> None:
    codes = Collector(time_base=Fraction(1, 24))
    codes.add(7, [View(number=number, picture=pictures(1, 1)[0]) for number in (0, 1)])

    found = codes.finish()

    assert (found.pts, found.views) == ((7, 7), b"\0\1")


def test_a_track_without_frames_has_no_codes() -> None:
    assert Collector(time_base=Fraction(1, 24)).finish().codes == b""


def test_two_tracks_become_one_in_order_of_time() -> None:
    both = joined(track(1, [0, 6, 12]), track(2, [0, 6, 12]))

    assert (both.pts, both.views) == ((0, 0, 6, 6, 12, 12), bytes([ACTIVE, OTHER_TRACK] * 3))


def test_a_frame_of_another_track_counts_with_the_nearest_frame_in_time() -> None:
    other = track(2, [0, 23_000, 70_000, 90_000], Fraction(1, 90_000))

    both = joined(track(1, [0, 6, 12, 18, 24]), other)

    assert [pts for pts, view in zip(both.pts, both.views, strict=True) if view == OTHER_TRACK] == [0, 6, 18, 24]


def test_another_track_that_goes_on_longer_keeps_its_times() -> None:
    both = joined(track(1, [0, 6]), track(2, [0, 6, 12, 18]))

    assert both.pts == (0, 0, 6, 6, 12, 18)


def test_no_code_is_lost_and_each_keeps_its_place() -> None:
    one, other = track(1, [0, 6, 12]), track(2, [1, 7, 13])

    both = joined(one, other)

    assert both.codes[:32] == one.codes[:32]
    assert both.codes[32:64] == other.codes[:32]
    assert len(both.codes) == len(one.codes) + len(other.codes)


def test_a_first_track_without_frames_leaves_the_other() -> None:
    other = track(2, [0, 6])

    assert joined(track(1, []), other).codes == other.codes
