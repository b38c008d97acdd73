"""Registered pictures are found in parts of frames; look-alikes are families; what is not looked for is not found."""

from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.features import feature_frames
from scanner.fingerprint.names import FEATURES, FEATURES_VERSION, MIRRORED
from scanner.match.local import LocalIndex
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


def test_a_picture_is_found_in_the_mirror() -> None:
    index = index_of(scene(1), scene(2))

    (seen,) = [s for s in index.sightings(delivered(np.ascontiguousarray(scene(2)[:, ::-1]))) if s.score > 5]

    assert (seen.view.asset, seen.view.mirrored) == (1, True)


def test_another_picture_is_not_found() -> None:
    assert not [s for s in index_of(scene(1), scene(2)).sightings(delivered(scene(9))) if s.score > 2]


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
