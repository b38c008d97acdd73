"""Places found among wrong pairs, and places that no camera could have seen."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.fingerprint.geometry import Hypothesis, Pairs, area, corners, groups, perspective, possible, visible, zoom

from .painting import HEIGHT, WIDTH, Homography, onto, placed, turned

SIZE = (float(WIDTH), float(HEIGHT))


def planted(homography: Homography, *, right: int, wrong: int, seed: int = 1) -> Pairs:
    """Pairs of features: so many that the homography (a similarity) explains, and so many by chance."""
    random = np.random.default_rng(seed)
    turn = float(np.arctan2(homography[1, 0], homography[0, 0]))
    scale = float(np.hypot(homography[0, 0], homography[1, 0]))
    registered = features(random, right + wrong)
    delivered = features(random, right + wrong)
    delivered[:right, :2] = registered[:right, :2] @ homography[:2, :2].T + homography[:2, 2]
    delivered[:right, :2] += random.normal(0, 0.5, (right, 2))
    delivered[:right, 2] = registered[:right, 2] * scale * random.uniform(0.9, 1.1, right)
    delivered[:right, 3] = (registered[:right, 3] + turn + random.normal(0, 0.08, right)) % (2 * np.pi)
    order = random.permutation(right + wrong)
    return Pairs(
        delivered=delivered[order].astype(np.float32),
        registered=registered[order].astype(np.float32),
        distance=random.integers(10, 60, right + wrong).astype(np.int32),
    )


def features(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    return np.column_stack(
        [
            random.uniform(0, WIDTH, count),
            random.uniform(0, HEIGHT, count),
            31 * 1.2 ** random.integers(0, 8, count),
            random.uniform(0, 2 * np.pi, count),
        ]
    )


def found(pairs: Pairs, least: int = 5) -> list[Hypothesis]:
    placed = [group.placed() for group in groups(pairs, least=least, most=3)]
    return [place for place in placed if place is not None and place.inliers >= least]


@pytest.mark.parametrize("place", [placed(1.0, 12, -7), placed(0.3, 200, 90), placed(2.0, -300, -90), turned(8, 1.15)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_place_is_found_among_four_wrong_pairs_for_each_right_one(place: Homography, seed: int) -> None:
    best = found(planted(place, right=40, wrong=160, seed=seed))[0]

    off = corners(best.homography, SIZE) - corners(place, SIZE)
    assert best.inliers >= 30
    assert np.abs(off).max() < 0.015 * WIDTH * max(1.0, zoom(place, SIZE))


def test_a_picture_shown_twice_in_a_frame_is_found_twice() -> None:
    one, other = (planted(placed(0.4, x, 20), right=40, wrong=20, seed=seed) for seed, x in ((1, 10), (2, 360)))
    both = Pairs(
        delivered=np.concatenate([one.delivered, other.delivered]),
        registered=np.concatenate([one.registered, other.registered]),
        distance=np.concatenate([one.distance, other.distance]),
    )

    lefts = sorted(float(corners(each.homography, SIZE)[0, 0]) for each in found(both, least=20))

    assert np.allclose(lefts, [10, 360], atol=5)


@pytest.mark.parametrize("seed", range(5))
def test_pairs_by_chance_agree_on_nothing(seed: int) -> None:
    assert found(planted(placed(1.0), right=0, wrong=200, seed=seed), least=9) == []


def test_fewer_pairs_than_asked_for_are_no_place() -> None:
    assert found(planted(placed(1.0), right=4, wrong=0)) == []


@pytest.mark.parametrize(
    "place",
    [
        placed(1.0),
        placed(0.12, 10, 10),
        placed(4.0, -900, -500),
        placed(1.0, width_scale=1.33),
        turned(180, 1.0),
        onto([(150, 80), (450, 120), (440, 280), (160, 310)]),
    ],
    ids=["as it is", "small", "large", "stretched", "upside down", "on a wall"],
)
def test_what_a_camera_could_see_is_possible(place: Homography) -> None:
    assert possible(place, SIZE)


@pytest.mark.parametrize(
    "place",
    [
        placed(0.05),
        placed(9.0),
        placed(1.0, width_scale=5.0),
        placed(1.0, width_scale=-1.0),
        onto([(100, 100), (500, 100), (100, 300), (500, 300)]),
        onto([(100, 100), (500, 100), (140, 130), (100, 300)]),
        np.array([[1.0, 0, 0], [0, 1.0, 0], [0.01, 0, 1.0]]),
        np.array([[1.0, 0, 0], [0, 1.0, 0], [-1 / 320, 0, 1.0]]),
        np.full((3, 3), np.nan),
    ],
    ids=["tiny", "huge", "drawn out", "mirrored", "folded", "dented", "too deep", "through infinity", "no numbers"],
)
def test_what_no_camera_could_see_is_not(place: Homography) -> None:
    assert not possible(place, SIZE)


def test_the_part_of_a_picture_that_is_in_the_frame() -> None:
    assert area(visible(placed(0.5, -160, 20), SIZE, SIZE)) == pytest.approx(160 * 180)
    assert area(visible(placed(0.5, 700, 0), SIZE, SIZE)) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_roughly_the_same_homography_is_found_and_chance_finds_none(seed: int) -> None:
    random = np.random.default_rng(seed)
    place = np.array([[1.1, 0.1, 20], [-0.08, 0.9, 10], [1e-4, 2e-4, 1.0]])
    registered = random.uniform((0, 0), SIZE, (40, 2)).astype(np.float32)
    delivered = cv2.perspectiveTransform(registered[None], place)[0] + random.normal(0, 0.3, (40, 2))
    wrong = random.uniform((0, 0), SIZE, (40, 2))

    for roughly, pixels in ((True, 4.0), (False, 1.5)):
        both = np.vstack([delivered, wrong]).astype(np.float32)
        found = perspective(np.vstack([registered, registered[::-1]]), both, 3.0, roughly=roughly)
        assert found is not None
        assert found[1][:40].mean() > 0.9
        assert np.abs(corners(found[0], SIZE) - corners(place, SIZE)).max() < pixels
    by_chance = perspective(registered, wrong.astype(np.float32), 1.5, roughly=True)
    assert by_chance is None or by_chance[1].sum() <= 6


def test_zoom_is_how_many_pixels_one_becomes() -> None:
    assert [round(zoom(each, SIZE), 3) for each in (placed(0.3, 5, 5), turned(20, 1.7))] == [0.3, 1.7]
