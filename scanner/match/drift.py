"""Tells of a still that a camera moved over, pushed in, pulled out, panned, and of one that moves within the frame.

Each frame alone would be another crop of it, or another place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.describe import percent
from scanner.fingerprint.geometry import Size, area, inside
from scanner.fingerprint.names import ACTIVE
from scanner.match.pictures import CodeTable

# Below this, of the frame's width, it is measurement. So many sightings at least must nearly all go one way, and
# no step be most of the whole: that is a cut from one size to another.
_LEAST, _SIGHTINGS, _STEADY, _ONE_STEP = 0.04, 3, 0.8, 0.7
# Where the frames between show that there was no cut, two sightings will do: so many steps, most of them no less than
# this share of the largest. A still that stands before a cut and after it has steps of nothing.
_STEPS, _LIKE_THE_LARGEST = 3, 0.25
# What fills less of the frame, where it is smallest, is a picture in it and not what a camera looks at.
_FILLS = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a track's pictures change: `seconds` (n,) of them, and the bits (n - 1,) of each step. `sampled`: seconds of
    every sampled frame, of other tracks too; in order.
    """

    sampled: NDArray[np.float64]
    seconds: NDArray[np.float64]
    steps: NDArray[np.int64]

    @classmethod
    def of(cls, table: CodeTable) -> "Course":
        """By the codes of whole pictures."""
        own = np.flatnonzero(table.view == ACTIVE)
        own = own[np.argsort(table.frame[own], kind="stable")]
        apart = table.codes[own[1:]] ^ table.codes[own[:-1]]
        steps = np.bitwise_count(apart).sum(axis=1, dtype=np.int64)
        return cls(sampled=np.unique(table.seconds), seconds=table.seconds[own], steps=steps)

    def is_gradual(self, first: float, last: float) -> bool:
        """Whether the picture changes all the time from one sampled frame to another, and nowhere at once."""
        begin, end = np.searchsorted(self.seconds, (first, last))
        steps = self.steps[begin:end]
        return len(steps) >= _STEPS and bool(0 < _LIKE_THE_LARGEST * steps.max() <= np.median(steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The width of a registered picture as a share of the frame's, first and last; or, where that is the same, how far
    its middle went, as shares of the frame's width and height. `within`: it is itself what moves, within the frame.
    """

    begins: float
    ends: float
    across: float
    down: float
    within: bool = False

    @property
    def words(self) -> str:
        """What the camera did: it goes the other way than the picture; or what the picture did."""
        if self.within:
            return self._words_within
        if self.ends != self.begins:
            way = "pushed in" if self.ends > self.begins else "pulled out"
            return f"{way} from {percent(self.begins)} to {percent(self.ends)}"
        ways = ((self.across, "to the left", "to the right"), (self.down, "up", "down"))
        told = " and ".join(more if by > 0 else less for by, more, less in ways if abs(by) >= _LEAST)
        return f"panned {told}"

    @property
    def _words_within(self) -> str:
        if self.ends != self.begins:
            way = "growing" if self.ends > self.begins else "shrinking"
            return f"{way} from {percent(self.begins)} to {percent(self.ends)} of the frame's width"
        ways = ((self.across, "to the right", "to the left"), (self.down, "down", "up"))
        return f"moving {' and '.join(more if by > 0 else less for by, more, less in ways if abs(by) >= _LEAST)}"


def drift_of(quads: Sequence[NDArray[np.float64]], frame: Size, *, gradual: bool = False) -> Drift | None:
    """How a picture moved whose corners (4, 2) are these, in order of time; None where it stood, or leapt about.

    `gradual`: whether it is known that the frames between them change little by little.
    """
    if len(quads) < 2:
        return None
    widths = np.array([np.ptp(quad[:, 0]) for quad in quads]) / frame[0]
    middles = np.array([quad.mean(axis=0) for quad in quads]) / frame
    within = min(area(inside(quad, (0.0, 0.0, *frame))) for quad in quads) < _FILLS * frame[0] * frame[1]
    # What changes all the time round an inset is not the inset.
    gradual = gradual and not within
    if len(quads) < _SIGHTINGS and not gradual:
        return None
    if _is_steady(np.log(widths), gradual=gradual):
        return Drift(begins=float(widths[0]), ends=float(widths[-1]), across=0.0, down=0.0, within=within)
    apart = [float(way[-1] - way[0]) if _is_steady(way, gradual=gradual) else 0.0 for way in middles.T]
    stays = np.abs(np.log(widths / widths[0])).max() < _LEAST
    if not stays or not any(apart):
        return None
    return Drift(begins=1.0, ends=1.0, across=apart[0], down=apart[1], within=within)


def _is_steady(values: NDArray[np.float64], *, gradual: bool) -> bool:
    """Whether they go one way, and far enough; and little by little, where that is not known already."""
    whole, steps = values[-1] - values[0], np.diff(values)
    return bool(
        abs(whole) >= _LEAST
        and (steps * np.sign(whole) > 0).mean() >= _STEADY
        and (gradual or np.abs(steps).max() <= _ONE_STEP * abs(whole))
    )
