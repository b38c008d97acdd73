"""Tells copies of a registered sound from other takes of the same line by the same voice.

What lies over a copy moves its landmarks, each by itself. Those of another take are all early or all late, all high or
all low, for a while: they wander.
"""

import numpy as np
from numpy.typing import NDArray

from scanner.match.pairs import Whole

# What is kept (see `agreeing.Agreement.kept`) of a copy at least; where speed was changed and pitch was not, more than
# nothing.
_KEPT = 4.5
# Mean products of how far landmarks up to so many hops apart lie beside their places, in time and in frequency
# (sixteenths, squared). Measured, in time: copies under other sounds 0.5, in rooms 1.5, other takes 70 to 90. Turning
# back what was turned leaves some.
_NEAR, _MOST, _MOST_TURNED = 16, (24.0, 12.0), (40.0, 14.0)
_MOST_TIME, _MOST_BIN = 24, 16


def is_copy(hops: Whole, times: Whole, bins: NDArray[np.int32], kept: float, *, turned: bool, loosely: bool) -> bool:
    """Whether landmarks that were heard are a copy's: their hops, and how far beside their places each is (sixteenths).

    `loosely`: speed was changed, and pitch was not.
    """
    by_time, by_bin = _MOST_TURNED if turned else _MOST
    along = _together(hops, np.clip(times, -_MOST_TIME, _MOST_TIME)) / by_time
    up = _together(hops, np.clip(bins, -_MOST_BIN, _MOST_BIN)) / by_bin
    return along + up < 1 and (kept > 0 if loosely else kept >= _KEPT)


def _together(hops: Whole, beside: NDArray[np.signedinteger]) -> float:
    """The mean product for landmarks near each other: nothing where each goes its own way."""
    total, count = 0.0, 0
    for step in (1, 2, 3):
        near = hops[step:] - hops[:-step] <= _NEAR
        total += float((beside[step:] * beside[:-step])[near].sum())
        count += int(near.sum())
    return max(0.0, total) / max(1, count)
