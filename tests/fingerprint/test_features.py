"""Local features: spread over the frame, the same in a mirror, and whole again after they were kept."""

import cv2
import numpy as np
import pytest

from scanner.fingerprint.distinct import DELIVERED_COUNT
from scanner.fingerprint.features import Features, feature_frames, features_of, picture_of
from scanner.fingerprint.names import CANON

from .painting import HEIGHT, WIDTH, Grey, textured

COUNT = 400


def titled(picture: Grey) -> Grey:
    """The picture with two lines of subtitles."""
    out = picture.copy()
    for row, text in enumerate(("I never said that he was there.", "You will have to ask her.")):
        cv2.putText(out, text, (60, 310 + 32 * row), cv2.FONT_HERSHEY_DUPLEX, 0.9, 255, 2, cv2.LINE_AA)
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_titles_do_not_take_the_features_of_the_picture(seed: int) -> None:
    picture = titled(textured(seed))
    strongest = cv2.ORB.create(DELIVERED_COUNT, nlevels=11, edgeThreshold=12).detect(picture, None)

    rows = features_of(picture, count=DELIVERED_COUNT).points[:, 1]

    # The subtitles take up a fifth of the height, and nearly all of the strongest corners.
    above = HEIGHT * 0.78
    assert np.mean([corner.pt[1] < above for corner in strongest]) < 0.3
    assert (rows < above).mean() > 0.6


def test_every_part_of_a_textured_picture_has_features() -> None:
    points = features_of(textured(1), count=COUNT).points

    cells = np.histogram2d(points[:, 1], points[:, 0], bins=(3, 4), range=((0, HEIGHT), (0, WIDTH)))[0]
    assert cells.min() >= COUNT / 12 / 3


def soft(seed: int) -> Grey:
    """A picture without an edge."""
    return np.asarray(cv2.GaussianBlur(textured(seed), (0, 0), 10), dtype=np.uint8)


def test_no_more_features_than_asked_for_are_kept_and_a_quarter_of_faint_ones() -> None:
    assert len(features_of(textured(1), count=COUNT).descriptors) <= COUNT + COUNT // 4
    assert len(features_of(soft(1), count=50).descriptors) <= 62


def test_a_soft_picture_has_features_too_of_coarse_scales() -> None:
    plain = cv2.ORB.create(3 * COUNT, nlevels=11, edgeThreshold=12, fastThreshold=7).detect(soft(1), None)

    found = features_of(soft(1), count=COUNT)

    assert len(plain) < 60
    assert len(found.descriptors) > 100
    assert (found.points[:, 2] > 31 * 1.2**3).all()


def test_under_titles_a_soft_picture_keeps_its_features() -> None:
    rows = features_of(titled(soft(1)), count=DELIVERED_COUNT).points[:, 1]

    assert (rows < HEIGHT * 0.78).sum() > 80


def test_a_crop_of_a_soft_picture_has_features_like_its_own() -> None:
    crop = np.ascontiguousarray(soft(1)[90:270, 160:480])
    enlarged = cv2.resize(crop, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    own, shown = features_of(soft(1), count=4000), features_of(enlarged, count=DELIVERED_COUNT)

    bits = np.unpackbits(shown.descriptors[:, None] ^ own.descriptors[None], axis=2).sum(axis=2)
    placed = shown.points[:, None, :2] / 2 + np.array([160, 90], np.float32)
    near = np.hypot(*np.moveaxis(placed - own.points[None, :, :2], 2, 0)) < 8

    assert ((bits <= 48) & near).any(axis=1).sum() >= 15


def test_a_flat_picture_has_none() -> None:
    found = features_of(np.full((HEIGHT, WIDTH), 90, np.uint8), count=COUNT)

    assert (found.points.shape, found.descriptors.shape) == ((0, 4), (0, 32))


def test_features_in_the_mirror_are_those_of_the_flopped_picture() -> None:
    picture = textured(1)
    _, mirrored = (Features.of(frame) for frame in feature_frames(picture, 0, count=COUNT, mirror=True))
    flopped = features_of(np.ascontiguousarray(picture[:, ::-1]), count=3000)

    bits = np.unpackbits(mirrored.descriptors[:, None] ^ flopped.descriptors[None], axis=2).sum(axis=2)
    across, down, size = (mirrored.points[:, None, n] - flopped.points[None, :, n] for n in (0, 1, 2))
    same = (np.hypot(across, down) < 2.5 + mirrored.points[:, None, 2] / 50) & (np.abs(size) < 1)
    alike = np.where(same, bits, 256).min(axis=1)[same.any(axis=1)]

    # Corners on coarse levels are found a pixel of theirs off: not each of them is found in both.
    assert same.any(axis=1).mean() > 0.7
    assert np.percentile(alike, 95) <= 48


def test_points_in_the_mirror_lie_where_the_others_do_seen_from_behind() -> None:
    plain, mirrored = (Features.of(frame) for frame in feature_frames(textured(1), 0, count=COUNT, mirror=True))

    assert np.allclose(plain.points[:, 0] + mirrored.points[:, 0], WIDTH - 1, atol=0.1)
    assert np.allclose(plain.points[:, 1:3], mirrored.points[:, 1:3], atol=0.1)


def test_features_come_back_as_they_were_kept() -> None:
    picture = textured(1)
    found = features_of(picture, count=COUNT)

    (frame,) = feature_frames(picture, 7, count=COUNT)
    kept = Features.of(frame)

    assert (frame.pts, frame.width, frame.height) == (7, WIDTH, HEIGHT)
    assert (kept.descriptors == found.descriptors).all()
    assert np.abs(kept.points[:, :3] - found.points[:, :3]).max() <= 1 / 64 + 1e-6
    assert np.abs(kept.points[:, 3] - found.points[:, 3]).max() <= 1e-4


def test_the_picture_that_is_kept_with_them_is_the_frame_s_own() -> None:
    picture = textured(1)

    kept = picture_of(feature_frames(picture, 0, count=COUNT)[0])

    assert kept.shape == picture.shape
    assert np.abs(kept.astype(int) - picture).mean() < 4


def test_points_are_told_in_pixels_of_a_picture_of_one_width() -> None:
    large = features_of(textured(1, width=1280, height=720), count=COUNT).points

    assert large[:, 0].max() < CANON
    assert large[:, 1].max() < CANON * 9 / 16


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (24, 24), (25, 25), (40, 31), (128, 90)])
def test_a_picture_of_any_size_is_described_as_far_as_it_can_be(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, size, dtype=np.uint8)

    (frame,) = feature_frames(noise, 0, count=500)

    assert (frame.height, frame.width) == size
    assert len(frame.points) == len(frame.descriptors) // 4
