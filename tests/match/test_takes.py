"""Copies are told from other takes by whether landmarks go their own ways beside their places."""

import numpy as np
import pytest

from scanner.match.takes import is_copy

HOPS = np.arange(0, 300, 3)
OWN = np.random.default_rng(5)


def beside(spread: float, wander: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Offsets in sixteenths: each landmark's own, and what all of them have in common for a while."""
    together = wander * np.sin(2 * np.pi * HOPS / 90)
    return np.rint(OWN.normal(0, spread, len(HOPS)) + together).astype(np.int64)


@pytest.mark.parametrize("spread", [1.0, 4.0, 9.0])
def test_landmarks_that_are_moved_each_by_itself_are_a_copy_s(spread: float) -> None:
    assert is_copy(HOPS, beside(spread, 0), beside(2, 0).astype(np.int32), 10.0, turned=False, loosely=False)


@pytest.mark.parametrize("wander", [9.0, 15.0])
def test_landmarks_that_are_early_or_late_together_are_another_take_s(wander: float) -> None:
    assert not is_copy(HOPS, beside(3, wander), beside(2, 0).astype(np.int32), 10.0, turned=False, loosely=False)


def test_landmarks_that_are_high_or_low_together_are_another_take_s() -> None:
    assert not is_copy(HOPS, beside(3, 0), beside(2, 7).astype(np.int32), 10.0, turned=False, loosely=False)


def test_what_is_hardly_kept_is_no_copy() -> None:
    bins = beside(2, 0).astype(np.int32)

    assert not is_copy(HOPS, beside(3, 0), bins, 4.0, turned=False, loosely=False)
    assert is_copy(HOPS, beside(3, 0), bins, 4.0, turned=True, loosely=True)


def test_no_landmarks_are_no_copy() -> None:
    none = np.zeros(0, np.int64)

    assert not is_copy(none, none, none.astype(np.int32), 0.0, turned=False, loosely=False)
