"""Which frames have their local features kept."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import cv2
import numpy as np
import pytest

from scanner.fingerprint.distinct import Distinct, joined_features
from scanner.fingerprint.names import FEATURES, MIRRORED
from scanner.fingerprint.views import Grey, small
from scanner.media.frames import UnreadableMediaError
from scanner.model import PictureFeatures

from .painting import textured

STEP = 6
RATE = 24


def kept(pictures: list[Grey], **given: object) -> list[int]:
    """The numbers of the samples (six frames apart, 24 a second) that were kept."""
    frames = taken(pictures, **given).result.frames
    return [frame.pts // STEP for frame in frames]


def taken(pictures: list[Grey], **given: object) -> Distinct:
    distinct = Distinct(time_base=Fraction(1, RATE), count=50, **given)  # type: ignore[arg-type]
    for number, picture in enumerate(pictures):
        distinct.add(number * STEP, small(picture), lambda picture=picture: picture)
    return distinct


def noisy(picture: Grey, seed: int) -> Grey:
    noise = np.random.default_rng(seed).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def pan(seed: int, samples: int, pixels: int) -> list[Grey]:
    """A camera that moves on by so many pixels from sample to sample."""
    wall = textured(seed, width=320 + samples * pixels, height=180)
    return [np.ascontiguousarray(wall[:, n * pixels : n * pixels + 320]) for n in range(samples)]


def test_a_static_shot_is_kept_once() -> None:
    assert kept([noisy(textured(1), seed) for seed in range(20)]) == [0]


def test_every_cut_is_kept_however_fast() -> None:
    pictures = [textured(seed, width=320, height=180) for seed in range(60)]

    assert kept(pictures) == list(range(60))


@pytest.mark.parametrize("brightness", [0.5, 0.2, 0.1])
def test_every_cut_of_a_night_scene_is_kept(brightness: float) -> None:
    pictures = [(textured(seed, width=320, height=180) * brightness).astype(np.uint8) for seed in range(60)]

    assert kept(pictures) == list(range(60))


def test_what_appears_in_a_dark_quiet_shot_is_kept_at_once() -> None:
    quiet = (textured(1) * 0.1).astype(np.uint8)
    insert = quiet.copy()
    insert[100:280, 200:480] = textured(2)[100:280, 200:480] // 10

    assert kept([quiet] * 10 + [insert] * 10) == [0, 10]


def test_cuts_do_not_use_up_the_credit_of_what_changes_within_a_shot() -> None:
    shots = [textured(seed, width=320, height=180) for seed in range(30)]
    still = shots[-1]
    insert = still.copy()
    insert[40:120, 100:240] = textured(99, width=140, height=80)

    assert 32 in kept([*shots, still, still, insert, insert])


def test_something_that_appears_in_a_quiet_shot_is_kept_at_once() -> None:
    quiet = textured(1)
    insert = quiet.copy()
    insert[100:280, 200:480] = textured(2)[100:280, 200:480]

    assert kept([quiet] * 10 + [insert] * 10) == [0, 10]


def inset(under: Grey, width: int) -> Grey:
    """Another picture in a corner of this one."""
    out, size = under.copy(), (width, width * 9 // 16)
    out[20 : 20 + size[1], 30 : 30 + width] = cv2.resize(textured(7), size, interpolation=cv2.INTER_AREA)
    return out


@pytest.mark.parametrize("share", [0.25, 0.2, 0.15])
def test_an_inset_that_appears_in_a_static_shot_is_kept_and_the_shot_without_it(share: float) -> None:
    shot = textured(1)
    with_inset = inset(shot, round(share * shot.shape[1]))

    pictures = [*[shot] * 5, *[with_inset] * 5, *[shot] * 5]

    assert kept([noisy(picture, seed) for seed, picture in enumerate(pictures)]) == [0, 5, 10]


def test_an_inset_that_fades_in_after_a_cut_is_kept() -> None:
    shot = textured(1)
    over = inset(shot, shot.shape[1] // 5)
    fade = [cv2.addWeighted(shot, 1 - share, over, share, 0) for share in (0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1)]

    assert max(kept([textured(2), *[np.asarray(each, np.uint8) for each in fade]])) >= 5


def test_what_leaps_about_in_a_static_shot_is_kept_as_long_as_there_is_credit() -> None:
    chance, pictures = np.random.default_rng(0), []
    for _ in range(160):
        x, y = chance.integers(0, 560), chance.integers(0, 240)
        picture = textured(1)
        picture[y : y + 110, x : x + 60] = textured(9)[:110, :60]
        pictures.append(picture)

    # In forty seconds eight and one in two of them, and for parts of the frame two and one in four; and the first.
    assert len(kept(pictures)) <= 8 + 20 + 2 + 10 + 1


def test_what_appears_all_of_a_sudden_is_kept_when_a_moving_camera_has_used_up_the_credit() -> None:
    moving, quiet = pan(1, 60, 5), [pan(3, 1, 5)[0]] * 4
    insert = quiet[0].copy()
    insert[40:100, 100:200] = textured(2, width=100, height=60)

    assert 64 in kept([*moving, *quiet, insert, insert])


def test_pictures_that_were_dissolved_into_are_kept_though_the_credit_is_used_up() -> None:
    pictures = pan(1, 60, 5)
    rests = []
    for seed in (3, 4, 5):
        before, other = pictures[-1], textured(seed, width=320, height=180)
        pictures += [((1 - share) * before + share * other).astype(np.uint8) for share in np.linspace(0, 1, 10)]
        rests.append(range(len(pictures) - 1, len(pictures) + 2))
        pictures += [noisy(other, number) for number in range(4)]

    numbers = kept(pictures, credit_per_second=0.0)

    assert [len(set(numbers) & set(rest)) for rest in rests] == [1, 1, 1]


@pytest.mark.parametrize(("credit", "seconds"), [(1.0, 1.0), (2.0, 0.5)])
def test_a_moving_camera_is_kept_so_many_times_a_second_once_its_credit_is_used(credit: float, seconds: float) -> None:
    numbers = kept(pan(1, 100, 5), credit_per_second=credit)

    late = [number for number in numbers if number >= 50]
    assert np.diff(late).mean() == pytest.approx(seconds * RATE / STEP, rel=0.15)


def test_of_a_moving_camera_the_first_samples_are_all_kept() -> None:
    assert kept(pan(1, 100, 5))[:8] == list(range(8))


def test_a_grade_that_lifts_the_whole_frame_is_no_change() -> None:
    picture = textured(1) // 2

    assert kept([picture, picture + 20, picture + 60]) == [0]


def test_the_mirror_is_kept_only_when_asked_for() -> None:
    assert not taken([textured(1)]).mirrored.frames

    both = taken([textured(1), textured(2)], mirror=True)

    assert [frame.pts for frame in both.mirrored.frames] == [frame.pts for frame in both.result.frames] == [0, STEP]
    assert (both.result.algorithm, both.mirrored.algorithm) == (FEATURES, MIRRORED)
    assert all(not frame.grey for frame in both.mirrored.frames)


def test_described_beside_the_decoder_it_is_the_same_in_the_same_order() -> None:
    pictures = [textured(seed, width=320, height=180) for seed in range(12)]
    alone = taken(pictures, mirror=True)
    with ThreadPoolExecutor(1) as describing:
        beside = taken(pictures, mirror=True, describing=describing)

        assert (beside.result, beside.mirrored) == (alone.result, alone.mirrored)
        assert len(beside.result.frames) == len(pictures)


def test_what_goes_wrong_while_describing_is_raised() -> None:
    def broken() -> Grey:
        msg = "it cannot be had"
        raise UnreadableMediaError(msg)

    with ThreadPoolExecutor(1) as describing:
        distinct = Distinct(time_base=Fraction(1, RATE), describing=describing)
        distinct.add(0, small(textured(1)), broken)

        with pytest.raises(UnreadableMediaError, match="cannot be had"):
            _ = distinct.result


def test_a_track_without_frames_has_none() -> None:
    assert taken([]).result.frames == ()


def test_two_tracks_are_joined_on_the_first_one_s_clock() -> None:
    one = taken([textured(1), textured(2)]).result
    other = taken([textured(3), textured(4)]).result
    slow = PictureFeatures(algorithm=FEATURES, version=1, time_base=Fraction(1, 12), frames=other.frames)

    both = joined_features(one, slow)

    assert both.time_base == one.time_base
    assert [frame.pts for frame in both.frames] == [0, 0, STEP, 2 * STEP]
