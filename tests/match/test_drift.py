"""A camera over a still is told from a still that stands, and from cuts between sizes and places of it."""

import numpy as np
import pytest

from scanner.match.drift import drift_of
from tests.fingerprint.painting import HEIGHT, WIDTH

SIZE = (float(WIDTH), float(HEIGHT))
CORNERS = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float64)
MIDDLE = np.array([WIDTH, HEIGHT]) / 2


def at(scale: float, across: float = 0.0, down: float = 0.0) -> np.ndarray:
    """The corners of a picture that many times the frame's width, its middle so far from the frame's, in shares."""
    return (CORNERS - MIDDLE) * scale + MIDDLE + np.array([across, down]) * SIZE


@pytest.mark.parametrize(
    ("quads", "words"),
    [
        ([at(1.0), at(1.1), at(1.2)], "pushed in from 100 % to 120 %"),
        ([at(1.0), at(0.98), at(0.9605)], "pulled out from 100 % to 96 %"),
        ([at(1.5, 0.1), at(1.5), at(1.5, -0.1)], "panned to the right"),
        ([at(1.5, 0.0, -0.1), at(1.5), at(1.5, 0.0, 0.1)], "panned up"),
        ([at(1.5, -0.1, -0.1), at(1.5), at(1.5, 0.1, 0.1)], "panned to the left and up"),
        ([at(0.3, -0.2, -0.1), at(0.3), at(0.3, 0.2, 0.1)], "moving to the right and down"),
        ([at(0.3, 0.2), at(0.3), at(0.3, -0.2)], "moving to the left"),
        ([at(0.2), at(0.5), at(0.8)], "growing from 20 % to 80 % of the frame's width"),
        ([at(0.8), at(0.5), at(0.3)], "shrinking from 80 % to 30 % of the frame's width"),
    ],
)
def test_a_camera_that_moves_is_told(quads: list[np.ndarray], words: str) -> None:
    found = drift_of(quads, SIZE)

    assert found is not None
    assert found.words == words


@pytest.mark.parametrize(
    "quads",
    [
        [],
        [at(1.0)],
        [at(1.0), at(1.5)],  # a cut from one size to another
        [at(1.0), at(1.0), at(1.5), at(1.51)],
        [at(0.3, -0.3), at(0.3, -0.3), at(0.3, 0.3)],
        [at(1.0), at(1.3), at(1.0), at(1.2)],
        [at(1.0), at(1.005), at(1.01)],
    ],
)
def test_what_stands_or_leaps_is_not(quads: list[np.ndarray]) -> None:
    assert drift_of(quads, SIZE) is None
