"""What is left of a picture that was cut and put somewhere at an angle, row by row of its own pixels."""

import cv2
import numpy as np
import pytest

from scanner.fingerprint.agree import Picture
from scanner.fingerprint.seen import Box
from scanner.fingerprint.strips import part_at_angle

from .painting import HEIGHT, WIDTH, Grey, onto, textured, warped

SQUARE = textured(77, width=640, height=640)
SCREEN = onto([(120, 60), (500, 100), (480, 300), (140, 330)])
# Left, top, right and bottom of what is left of it, in its own pixels.
CUTS = {
    "above and below": (0, 140, 640, 500),
    "at the left": (200, 0, 640, 640),
    "all round": (120, 100, 560, 520),
}


def put(cut: tuple[int, int, int, int], under: Grey) -> tuple[Grey, np.ndarray]:
    """A part of the square fitted to a tilted screen, and the place of all of the square."""
    left, top, right, bottom = cut
    fitted = np.array([[WIDTH / (right - left), 0, 0], [0, HEIGHT / (bottom - top), 0], [0, 0, 1]])
    fitted = fitted @ np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    part = cv2.warpPerspective(SQUARE, fitted, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    return warped(np.asarray(part, np.uint8), SCREEN, under), SCREEN @ fitted


def part(delivered: Grey, place: np.ndarray) -> Box | None:
    return part_at_angle(Picture(delivered), Picture(SQUARE), place)


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_what_was_cut_off_is_not_seen(cut: tuple[int, int, int, int]) -> None:
    found = part(*put(cut, textured(500)))

    assert found is not None
    x, y, width, height = found
    assert np.allclose((x, y, x + width, y + height), cut, atol=16)


def test_what_is_whole_is_seen_whole() -> None:
    assert part(*put((0, 0, 640, 640), textured(500))) is None


def test_a_figure_in_the_middle_cuts_nothing_off() -> None:
    delivered, place = put((0, 0, 640, 640), textured(500))
    delivered[120:240, 260:360] = textured(9)[120:240, 260:360]

    assert part(delivered, place) is None


def test_where_there_is_no_texture_nothing_speaks_against_the_rest() -> None:
    flat = SQUARE.copy()
    flat[:140] = flat[500:] = 90
    delivered, place = put((0, 140, 640, 500), textured(500))

    assert part_at_angle(Picture(delivered), Picture(flat), place) is None
