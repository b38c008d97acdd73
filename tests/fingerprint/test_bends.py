"""A speed that changes on the way, told from lines that meet."""

import numpy as np
import pytest

from scanner.fingerprint.bends import bent, paces

_SPACING = 1 / 24


def _run(*pieces: tuple[int, float], noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Samples a quarter of a second apart: so many, at such a speed, one piece after the other."""
    speeds = np.concatenate([np.full(samples, speed) for samples, speed in pieces])
    asset = np.concatenate([[0.0], np.cumsum(speeds[:-1]) / 4])
    return np.arange(len(asset)) / 4, asset + np.random.default_rng(5).normal(0, noise, len(asset))


@pytest.mark.parametrize("speed", [0.0, 0.5, 1.0, 2.0, -1.0])
@pytest.mark.parametrize("samples", [6, 12, 400])
def test_one_speed_has_no_bends(speed: float, samples: int) -> None:
    assert bent(*_run((samples, speed), noise=0.05), spacing=_SPACING) is None


def test_what_lies_on_no_line_has_no_bends() -> None:
    assert bent(*_run((20, 1.0), noise=0.6), spacing=_SPACING) is None


def test_too_few_samples_have_no_bends() -> None:
    assert bent(*_run((3, 0.0), (2, 2.0)), spacing=_SPACING) is None


@pytest.mark.parametrize(
    "pieces", [((6, 1.0), (6, 0.0)), ((6, 0.5), (6, 2.0)), ((6, 1.0), (5, 0.0), (6, 1.0)), ((200, 1.0), (200, 0.5))]
)
def test_bends_are_found_under_noise(pieces: tuple[tuple[int, float], ...]) -> None:
    found = bent(*_run(*pieces, noise=0.03), spacing=_SPACING)

    assert found is not None
    assert found.speeds == pytest.approx([speed for _, speed in pieces], abs=0.2)


def test_what_turns_back_is_not_a_change_of_speed() -> None:
    assert bent(*_run((8, 1.0), (8, -1.0)), spacing=_SPACING) is None


@pytest.mark.parametrize(
    ("speeds", "said"),
    [
        ((1.02, 0.03), ["first at its own speed, then one frame of it held"]),
        ((0.52, 1.85), ["first at about 50 % of its speed, then at about 200 % of its speed"]),
        ((0.6, 1.2, 1.9), ["speeding up from about 60 % to 200 % of its speed"]),
        ((2.3, 1.4, 0.52), ["slowing down from about 230 % to 50 % of its speed"]),
        ((-1.0, -2.0), ["in reverse", "first at its own speed, then at about 200 % of its speed"]),
        ((1.0, 0.0, 0.98), ["first at its own speed, then one frame of it held, then at its own speed"]),
    ],
)
def test_speeds_are_told_in_words(speeds: tuple[float, ...], said: list[str]) -> None:
    assert paces(speeds) == said
