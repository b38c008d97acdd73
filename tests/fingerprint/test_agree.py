"""Supposed places checked pixel by pixel."""

import cv2
import numpy as np
import pytest

from scanner.fingerprint.agree import Agreement, Picture, agreement
from scanner.fingerprint.geometry import corners

from .painting import HEIGHT, WIDTH, Grey, Homography, onto, placed, textured, turned, warped

PICTURE, OTHER = textured(77), textured(500)
SIZE = (float(WIDTH), float(HEIGHT))
PLACES = {
    "as it is": placed(1.0),
    "punched in": placed(1.5, -200, -60),
    "inset": placed(0.4, 150, 120),
    "turned": turned(5, 1.15),
    "in perspective": onto([(120, 60), (500, 100), (480, 300), (140, 330)]),
}


def checked(delivered: Grey, place: Homography) -> Agreement:
    found = agreement(Picture(delivered), Picture(PICTURE), place)
    assert found is not None
    return found


@pytest.mark.parametrize("name", PLACES)
def test_the_true_place_agrees(name: str) -> None:
    found = checked(warped(PICTURE, PLACES[name], OTHER), PLACES[name])

    assert found.share > 0.9
    assert found.score > 20


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("seed", [500, 501, 502])
def test_another_picture_does_not(name: str, seed: int) -> None:
    found = checked(textured(seed), PLACES[name])

    assert found.share < 0.1
    assert found.score < 0.5


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("off", [(4, 0), (-3, 3), (0, -4)])
def test_a_place_that_is_some_pixels_off_is_put_right(name: str, off: tuple[int, int]) -> None:
    true = PLACES[name]
    supposed = placed(1.0, *off) @ true

    found = checked(warped(PICTURE, true, OTHER), supposed)

    assert found.share > 0.9
    assert np.abs(corners(found.homography, SIZE) - corners(true, SIZE)).max() < 3


@pytest.mark.parametrize(
    "grade",
    [lambda p: 255 * (p / 255) ** 1.8, lambda p: p * 0.5 + 60, lambda p: 255 * (p / 255) ** 0.5],
    ids=["darker", "flatter", "lighter"],
)
def test_a_grade_changes_nothing(grade: object) -> None:
    assert callable(grade)

    found = checked(np.clip(grade(PICTURE.astype(float)), 0, 255).astype(np.uint8), placed(1.0))

    assert found.share > 0.9


def test_what_is_covered_is_told_cell_by_cell() -> None:
    covered = PICTURE.copy()
    covered[:, : WIDTH // 2] = OTHER[:, : WIDTH // 2]

    cells = checked(covered, placed(1.0)).cells

    left, right = cells[:, : cells.shape[1] // 2 - 1], cells[:, cells.shape[1] // 2 + 1 :]
    assert (left[left != 0] == -1).mean() > 0.9
    assert (right[right != 0] == 1).mean() > 0.9


def test_a_flat_frame_agrees_with_nothing() -> None:
    assert checked(np.full_like(PICTURE, 120), placed(1.0)).agreeing == 0


def test_without_texture_there_is_nothing_to_compare() -> None:
    soft = np.asarray(cv2.GaussianBlur(PICTURE, (0, 0), 60), np.uint8)

    found = agreement(Picture(soft), Picture(soft), placed(1.0))

    assert found is not None
    assert (found.compared, found.share, found.score) == (0, 0.0, 0.0)


@pytest.mark.parametrize("place", [placed(9.0), placed(1.0, width_scale=-1.0), placed(0.5, 700, 0)])
def test_an_impossible_place_is_none(place: Homography) -> None:
    assert agreement(Picture(PICTURE), Picture(PICTURE), place) is None


def test_of_its_sizes_the_smallest_that_is_wide_enough_is_given() -> None:
    picture = Picture(textured(3, width=800, height=448))

    assert [picture.at_least(width).shape[1] for width in (900, 800, 401, 400, 120, 1)] == [800, 800, 800, 400, 200, 25]
    assert np.abs(picture.at_least(400).astype(int) - picture.grey.reshape(224, 2, 400, 2).mean(axis=(1, 3))).max() <= 1
    # What has an odd side is not halved.
    assert picture.at_least(1).shape == (14, 25)
