"""The benchmarks' transforms: full frames, the same for the same seed, and the truth of where the picture went."""

import cv2
import numpy as np
import pytest

from benchmarks.transforms import HARD, HEIGHT, ORDINARY, WIDTH, Picture, Transform, fitted, pairs

EVERY = {**ORDINARY, **HARD}


def texture(seed: int, height: int = 720, width: int = 1000) -> Picture:
    """Soft blobs with detail at every size, in colour."""
    rng = np.random.default_rng(seed)
    light = np.zeros((height, width, 3))
    for sigma in (2, 6, 20):
        noise = cv2.GaussianBlur(rng.standard_normal((height, width, 3)), (0, 0), sigma)
        light += noise / noise.std()
    return np.asarray(np.clip(128 + 30 * light, 0, 255), np.uint8)


def grey(picture: Picture) -> np.ndarray:
    soft = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 3)
    return np.asarray(soft, np.float64)


def agreement(source: Picture, frame: Picture, placed: np.ndarray) -> float:
    """The correlation of the frame with the source put where the truth says, where the source covers the frame."""
    there = cv2.warpPerspective(source, placed, (WIDTH, HEIGHT))
    inside = cv2.warpPerspective(np.ones(source.shape[:2], np.uint8), placed, (WIDTH, HEIGHT)) > 0
    return float(np.corrcoef(grey(there)[inside], grey(frame)[inside])[0, 1])


# Each way of placing a picture, and each use of chance, once: frames of this size take their time.
PLACED = ["matte 2.39", "crop 35 %", "flop+crop 50 %", "rotation 10", "inset 20 %", "covered 30 %", "perspective 45"]
CHANCE = ["grade", "inset 50 %", "covered 30 %", "grain", "titles"]


@pytest.mark.parametrize("transform", [EVERY[name] for name in PLACED], ids=PLACED)
def test_the_truth_is_true(transform: Transform) -> None:
    source, others = texture(1), [texture(2), texture(3)]
    applied = transform.apply(source, np.random.default_rng(7), others)
    assert applied.picture.shape == (HEIGHT, WIDTH, 3)
    assert applied.picture.dtype == np.uint8
    assert applied.placed is not None
    assert applied.flopped == ("flop" in transform.name)
    assert applied.flopped == (np.linalg.det(applied.placed) < 0)
    here = agreement(source, applied.picture, applied.placed)
    off = agreement(source, applied.picture, np.array([[1, 0, 4], [0, 1, 3], [0, 0, 1.0]]) @ applied.placed)
    assert here > 0.4
    assert here > off


@pytest.mark.parametrize("transform", [EVERY[name] for name in CHANCE], ids=CHANCE)
def test_one_seed_makes_one_picture(transform: Transform) -> None:
    first, again = (
        transform.apply(texture(1, 300, 400), np.random.default_rng(7), [texture(2, 300, 400)]) for _ in range(2)
    )
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.placed, again.placed)


@pytest.mark.parametrize(("height", "width"), [(200, 900), (900, 200), (1080, 1920), (211, 377)])
def test_any_shape_fills_the_frame(height: int, width: int) -> None:
    source = texture(1, height, width)
    applied = fitted(source)
    assert applied.placed is not None
    assert applied.picture.shape == (HEIGHT, WIDTH, 3)
    assert agreement(source, applied.picture, applied.placed) > 0.95


def test_there_are_sixteen_and_their_sensible_pairs() -> None:
    names = [pair.name for pair in pairs()]
    assert len(ORDINARY) == 16
    assert len(names) == len(set(names))
    assert "crop 75 %, inset 30 %" in names
    assert "inset 30 %, crop 50 %" not in names
    assert not [name for name in names if name.startswith("PQ")]


def test_a_pair_multiplies_its_homographies() -> None:
    source = texture(1)
    pair = next(pair for pair in pairs() if pair.name == "flop, rotation 3")
    applied = pair.apply(source, np.random.default_rng(3), [])
    assert applied.placed is not None
    assert applied.flopped
    assert agreement(source, applied.picture, applied.placed) > 0.95
