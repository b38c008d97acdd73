"""A camera over a still is told from a still that stands, and from cuts between sizes and places of it."""

import numpy as np
import pytest

from scanner.fingerprint.names import ACTIVE, WHOLE
from scanner.match.drift import Course, drift_of
from scanner.match.pictures import CodeTable
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


@pytest.mark.parametrize(
    ("quads", "words"),
    [
        ([at(1.0), at(1.2)], "pushed in from 100 % to 120 %"),
        ([at(1.5, 0.1), at(1.5, -0.1)], "panned to the right"),
        ([at(1.0), at(1.01), at(1.3)], "pushed in from 100 % to 130 %"),
    ],
)
def test_where_no_frame_between_is_a_cut_two_sightings_tell_it(quads: list[np.ndarray], words: str) -> None:
    found = drift_of(quads, SIZE, gradual=True)

    assert found is not None
    assert found.words == words


@pytest.mark.parametrize("quads", [[at(0.3, -0.3), at(0.3, 0.3)], [at(1.0), at(1.01)], [at(1.0)]])
def test_what_is_round_an_inset_or_changes_beside_what_stands_does_not_tell_it(quads: list[np.ndarray]) -> None:
    assert drift_of(quads, SIZE, gradual=True) is None


def course(*steps: int) -> Course:
    """Samples a quarter of a second apart, each so many bits from the last; their other view tells nothing."""
    bits = np.zeros((len(steps) + 1, 256), np.uint8)
    for number, step in enumerate(steps, start=1):
        bits[number] = bits[number - 1]
        bits[number, 20 * number : 20 * number + step] ^= 1
    codes = np.repeat(np.packbits(bits, axis=1), 2, axis=0)
    codes[1::2] = np.random.default_rng(1).integers(0, 256, (len(bits), 32))
    frame = np.repeat(np.arange(len(bits)), 2)
    return Course.of(
        CodeTable(
            codes=codes,
            quality=np.full(len(codes), 100, np.uint8),
            view=np.tile(np.array([ACTIVE, WHOLE], np.uint8), len(bits)),
            frame=frame,
            seconds=frame / 4,
        )
    )


@pytest.mark.parametrize("steps", [(8, 10, 9, 12), (8, 2, 9, 12)])
def test_what_changes_all_the_time_and_nowhere_at_once_is_gradual(steps: tuple[int, ...]) -> None:
    assert course(*steps).is_gradual(0, len(steps) / 4)


@pytest.mark.parametrize(
    "steps",
    [
        (1, 0, 20, 1),  # a cut
        (0, 0, 0, 0),
        (8, 10),  # too few to tell
    ],
)
def test_cuts_and_what_stands_are_not(steps: tuple[int, ...]) -> None:
    assert not course(*steps).is_gradual(0, len(steps) / 4)


def test_what_is_before_and_after_does_not_count() -> None:
    assert course(20, 5, 5, 5, 20).is_gradual(0.25, 1.0)
