"""What a picture stands in: of the rectangles in a frame the one at whose edges it ends."""

import numpy as np
import pytest

from scanner.fingerprint.agree import Agreement, Picture, agreement
from scanner.fingerprint.edged import Region, edges_of
from scanner.fingerprint.insets import insets
from tests.fingerprint.painting import HEIGHT, WIDTH, Grey, Homography, placed, textured, turned, warped

PICTURE, UNDER = textured(31), textured(32)
SIZE = (float(WIDTH), float(HEIGHT))


def found(frame: Grey, place: Homography) -> Agreement:
    agreed = agreement(Picture(frame), Picture(PICTURE), place)
    assert agreed is not None
    return agreed


def cropped(share: float, scale: float, x: int, y: int) -> tuple[Grey, Homography, Region]:
    """The middle of the picture, scaled, at a place in another one; where all of it would be; where it is."""
    place = placed(scale, x, y)
    wide, high = share * scale * WIDTH, share * scale * HEIGHT
    left, top = x + (scale * WIDTH - wide) / 2, y + (scale * HEIGHT - high) / 2
    frame = UNDER.copy()
    rows, columns = slice(round(top), round(top + high)), slice(round(left), round(left + wide))
    frame[rows, columns] = warped(PICTURE, place, UNDER)[rows, columns]
    return frame, place, (left, top, wide, high)


@pytest.mark.parametrize(("share", "scale", "x", "y"), [(0.7, 0.5, 60, 40), (0.5, 0.8, 100, 20), (0.75, 0.4, 300, 150)])
def test_what_was_cropped_first_ends_at_the_edges(share: float, scale: float, x: int, y: int) -> None:
    frame, place, true = cropped(share, scale, x, y)

    told = edges_of(found(frame, place), SIZE, insets(frame))

    assert told is not None
    assert np.allclose(told, true, atol=2)


def test_an_inset_stands_in_its_own_edges() -> None:
    frame = warped(PICTURE, placed(0.4, 200, 100), UNDER)

    told = edges_of(found(frame, placed(0.4, 201, 99)), SIZE, insets(frame))

    assert told is not None
    assert np.allclose(told, (200, 100, 256, 144), atol=2)


def test_rectangles_in_the_picture_are_not_its_edges() -> None:
    frame = PICTURE.copy()
    frame[100:200, 200:360] = 180

    assert (
        edges_of(found(frame, placed(1.0)), SIZE, [(200.0, 100.0, 160.0, 100.0), (300.0, 20.0, 200.0, 120.0)]) is None
    )


def test_what_is_turned_stands_in_no_upright_rectangle() -> None:
    place = turned(7, 0.5)

    assert edges_of(found(warped(PICTURE, place, UNDER), place), SIZE, [(150.0, 80.0, 340.0, 200.0)]) is None


def test_rectangles_elsewhere_are_not_its_edges() -> None:
    frame = warped(PICTURE, placed(0.4, 20, 20), UNDER)

    assert edges_of(found(frame, placed(0.4, 20, 20)), SIZE, [(400.0, 200.0, 150.0, 90.0)]) is None
