"""Registered pictures are found in parts of frames; look-alikes are families; what is not looked for is not found."""

from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement
from scanner.fingerprint.features import feature_frames
from scanner.fingerprint.names import FEATURES, FEATURES_VERSION, MIRRORED
from scanner.match import local
from scanner.match.local import LocalIndex, Sighting, looked_up
from scanner.model import FeatureFrame, PictureFeatures

Grey = NDArray[np.uint8]


def scene(seed: int) -> Grey:
    """A picture of many grey shapes, 640x360."""
    chance = np.random.default_rng(seed)
    picture = np.full((360, 640), 128, np.uint8)
    for _ in range(150):
        at = chance.integers(0, 640), chance.integers(0, 360)
        size = chance.integers(4, 60, 2)
        cv2.ellipse(picture, np.array(at), size, float(chance.uniform(0, 180)), 0, 360, int(chance.integers(256)), -1)
    grain = chance.normal(0, 6, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.8) + grain, 0, 255).astype(np.uint8)


def inset(picture: Grey, under: Grey) -> Grey:
    """The picture at half its size on another."""
    frame = under.copy()
    frame[90:270, 160:480] = cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA)
    return frame


def prints(*pictures: Grey) -> tuple[PictureFeatures, PictureFeatures]:
    """The features of pictures, a second apart, as they are and in the mirror."""
    pairs = [feature_frames(picture, pts, count=800, mirror=True) for pts, picture in enumerate(pictures)]
    told = {"version": FEATURES_VERSION, "time_base": Fraction(1)}
    plain, mirrored = (tuple(pair[side] for pair in pairs) for side in (0, 1))
    return (
        PictureFeatures(algorithm=FEATURES, frames=plain, **told),  # type: ignore[arg-type]
        PictureFeatures(algorithm=MIRRORED, frames=mirrored, **told),  # type: ignore[arg-type]
    )


def delivered(picture: Grey) -> FeatureFrame:
    return feature_frames(picture, 0, count=800)[0]


def index_of(*pictures: Grey) -> LocalIndex:
    index = LocalIndex(threads=1)
    for number, picture in enumerate(pictures):
        index.add(number, *prints(picture))
    return index


def test_a_picture_is_found_as_an_inset() -> None:
    index = index_of(scene(1), scene(2), scene(3))

    (seen,) = [s for s in index.sightings(delivered(inset(scene(2), scene(9)))) if s.score > 5]

    assert (seen.view.asset, seen.view.mirrored) == (1, False)


def test_among_very_many_features_some_of_a_frames_are_looked_up_and_find_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index, frame = index_of(scene(1), scene(2), scene(3)), delivered(inset(scene(2), scene(9)))
    (known,) = [s for s in index.sightings(frame) if s.score > 5]
    monkeypatch.setattr(local, "_VERY_MANY", 0)
    monkeypatch.setattr(local, "_LAST", 300)
    monkeypatch.setattr(local, "_OTHERS", 200)

    (seen,) = [s for s in index.sightings(frame) if s.score > 5]

    assert seen.view is known.view
    assert 3 <= seen.inliers < known.inliers


def test_a_picture_is_found_in_the_mirror() -> None:
    index = index_of(scene(1), scene(2))

    (seen,) = [s for s in index.sightings(delivered(np.ascontiguousarray(scene(2)[:, ::-1]))) if s.score > 5]

    assert (seen.view.asset, seen.view.mirrored) == (1, True)


def test_another_picture_is_not_found() -> None:
    assert not [s for s in index_of(scene(1), scene(2)).sightings(delivered(scene(9))) if s.score > 2]


def soft(seed: int) -> Grey:
    """A picture without an edge, of little contrast."""
    return np.asarray(cv2.GaussianBlur(scene(seed), (0, 0), 10) // 2 + 60, dtype=np.uint8)


def test_a_soft_picture_is_found_in_a_crop() -> None:
    index = index_of(soft(1), soft(2), scene(3))
    crop = cv2.resize(soft(2)[60:300, 107:533], (640, 360), interpolation=cv2.INTER_CUBIC)

    (seen,) = [s for s in index.sightings(delivered(np.asarray(crop, np.uint8))) if s.score >= 5]

    assert (seen.view.asset, seen.view.mirrored) == (1, False)
    assert np.linalg.norm(seen.found.homography @ [320, 180, 1] - [320, 180, 1]) < 8


def test_other_soft_pictures_are_not_found() -> None:
    index = index_of(soft(1), soft(2), scene(3))

    scores = [s.score for seed in range(10, 30) for s in index.sightings(delivered(soft(seed)))]

    assert max(scores, default=0.0) < 3


def disc(at: tuple[int, int], radius: int, inside: Callable[[Grey], object], under: Grey) -> Grey:
    """A white disc with something in it, on another picture."""
    picture = cv2.circle(under.copy(), at, radius, 255, -1, cv2.LINE_AA)
    inside(picture)
    return np.asarray(picture, np.uint8)


def test_a_disc_is_not_any_other_disc() -> None:
    black = np.zeros((360, 640), np.uint8)
    logo = disc((320, 180), 120, lambda picture: cv2.rectangle(picture, (260, 140), (380, 220), 0, -1), black)
    moon = disc((250, 200), 100, lambda picture: cv2.circle(picture, (230, 180), 18, 170, -1, cv2.LINE_AA), black)
    face = disc((330, 170), 150, lambda picture: cv2.ellipse(picture, (330, 240), (50, 15), 0, 0, 360, 60, -1), black)
    index = index_of(logo, scene(2))

    for other in (moon, face, disc((300, 180), 130, lambda picture: None, scene(4))):
        assert all(sighting.score < 3 for sighting in index.sightings(delivered(other)))


def test_what_is_mostly_covered_is_told_by_pairs_all_over_it() -> None:
    frame = scene(1)
    for top in range(0, 360, 60):
        frame[top : top + 28] = scene(9)[top : top + 28]
    index = index_of(scene(1), scene(2))

    (sighting,) = [seen for seen in index.sightings(delivered(frame)) if seen.score >= 5]

    assert sighting.view.asset == 0
    assert sighting.cells >= 9
    assert sighting.found.share < 0.5


@pytest.mark.parametrize(
    ("inliers", "cells", "agreeing", "compared", "score", "counts"),
    [
        (198, 35, 7, 70, 0.2, True),  # between the bars of a blind
        (82, 14, 6, 72, 0.1, True),  # past the inside of a car
        (9, 7, 34, 71, 3.0, True),  # in a window, through what is behind it
        (50, 16, 3, 7, 0.4, False),  # a disc in another disc
        (42, 2, 1, 30, 0.0, False),  # by chance: the most pairs of 14,714 places
        (24, 1, 4, 4, 3.6, False),  # a sprite of a game in a wallpaper, all of it in one square
        (7, 3, 18, 29, 2.9, False),  # by chance: the most blocks but for stripes
        (4, 2, 45, 75, 4.0, False),  # stripes, and other stripes
    ],
)
def test_what_counts_is_beyond_all_that_chance_brought(
    inliers: int,
    cells: int,
    agreeing: int,
    compared: int,
    score: float,
    counts: bool,  # noqa: FBT001
) -> None:
    view = index_of(scene(1)).views[0]
    cells_of = np.zeros((1, 1), np.int8)
    found = Agreement(homography=np.eye(3), agreeing=agreeing, compared=compared, cells=cells_of, score=score)

    assert (Sighting(view=view, inliers=inliers, cells=cells, found=found).score >= 5) is counts


@pytest.mark.parametrize(
    ("agreeing", "compared", "counts"),
    [
        (3, 34, True),  # of 494 true ones that with the fewest blocks
        (0, 10, False),  # plain sky between two others
        (0, 3, True),  # too few blocks to tell: soft
    ],
)
def test_a_code_tells_nothing_where_no_block_agrees_that_could(agreeing: int, compared: int, *, counts: bool) -> None:
    view = index_of(scene(1)).views[0]
    cells = np.zeros((1, 1), np.int8)
    found = Agreement(homography=np.eye(3), agreeing=agreeing, compared=compared, cells=cells, score=0.0)

    assert (Sighting(view=view, inliers=0, cells=0, found=found, bits=20).score >= 5) is counts


@pytest.mark.parametrize(("cells", "bent", "counts"), [(2, 0.0012, False), (12, 0.0012, True), (2, 0.0001, True)])
def test_stripes_that_are_bent_to_fit_others_do_not_count(cells: int, bent: float, counts: bool) -> None:  # noqa: FBT001
    view = index_of(scene(1)).views[0]
    homography = np.array([[1, 0, 0], [0, 1, 0], [bent, 0, 1]])
    found = Agreement(homography=homography, agreeing=32, compared=57, cells=np.ones((6, 10), np.int8), score=5.9)

    assert (Sighting(view=view, inliers=4, cells=cells, found=found).score >= 5) is counts


@pytest.mark.parametrize(
    ("count", "registered", "asked"),
    [(2400, 2_000_000, 2400), (2400, 10_000_000, 1100), (900, 10_000_000, 900)],
)
def test_among_very_many_features_the_weak_ones_and_some_of_the_others_are_looked_up(
    count: int, registered: int, asked: int
) -> None:
    numbers = looked_up(count, registered)

    assert len(np.unique(numbers)) == asked
    assert numbers[0] == 0
    assert numbers[-600:].tolist() == list(range(count - 600, count))
    assert np.diff(numbers).max() <= 4


@pytest.mark.parametrize(("under", "width"), [(12, 96), (20, 92)])
def test_a_long_clip_in_the_register_does_not_hide_a_still(under: int, width: int) -> None:
    index = LocalIndex(threads=1)
    index.add(0, *prints(scene(2)))
    index.add(1, *prints(*[np.clip(scene(5) + np.int16(n % 3), 0, 255).astype(np.uint8) for n in range(30)]))
    frame, height = scene(under), width * 9 // 16
    frame[40 : 40 + height, 40 : 40 + width] = cv2.resize(scene(2), (width, height), interpolation=cv2.INTER_AREA)

    (seen,) = [s for s in index.sightings(delivered(frame)) if s.score > 5]

    assert seen.view.asset == 0


def test_an_empty_register_shows_nothing() -> None:
    assert LocalIndex().sightings(delivered(scene(1))) == []


def test_what_is_not_live_is_neither_found_nor_in_the_way() -> None:
    index = index_of(scene(1), scene(2), scene(2))

    seen = index.sightings(delivered(scene(2)), np.array([True, False, True]))

    assert [s.view.asset for s in seen if s.score > 5] == [2]


def test_look_alikes_are_one_family_with_their_mirrored_views() -> None:
    brighter = np.clip(scene(2) * 0.8 + 30, 0, 255).astype(np.uint8)
    index = index_of(scene(1), scene(2), brighter, scene(3))

    families = index.families.reshape(4, 2)

    assert (families[:, 0] == families[:, 1]).all()
    assert families[1, 0] == families[2, 0]
    assert len(set(families[:, 0].tolist())) == 3


def test_a_picture_that_shows_two_others_joins_their_families() -> None:
    both = np.concatenate([scene(1)[:, :320], scene(2)[:, 320:]], axis=1)
    index = index_of(scene(1), scene(3), scene(2), both)

    families = index.families[::2].tolist()

    assert families[0] == families[2] == families[3] != families[1]


def test_frames_of_a_clip_are_found_at_their_time() -> None:
    index = LocalIndex(threads=1)
    index.add(0, *prints(scene(1), scene(2), scene(3)))

    (seen,) = index.sightings(delivered(scene(3)))

    assert seen.view.seconds == 2.0
