"""How often chance reaches a score: the tail of the scores of unrelated material, and what it says of a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The tail is what the best so many per cent of the shots reach, and no fewer shots than this.
_SHARE, _LEAST = 0.05, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Shots whose score exceeds s: exp(`level` - `slope` * s) of them, fitted above `start` over `count` shots."""

    level: float
    slope: float
    start: float
    count: int

    def expected(self, score: float) -> float:
        """How many of the shots reach a score by chance."""
        return float(np.exp(self.level - self.slope * score))

    def score_for(self, count: float) -> float:
        """The score that so many shots reach."""
        return float((self.level - np.log(count)) / self.slope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceedance:
    """A threshold: shots that reached it, shots that the fit expects to, and what that is in a programme hour."""

    score: float
    seen: int
    fitted: float
    an_hour: float


def tail_of(scores: Sequence[float]) -> Tail:
    """A straight line through the logarithm of the exceedances (least squares), in the upper tail."""
    ordered = np.sort(np.asarray(scores, np.float64))[::-1]
    count = min(len(ordered), max(_LEAST, round(_SHARE * len(ordered))))
    reached = np.arange(1, count + 1) - 0.5
    slope, level = np.polyfit(ordered[:count], np.log(reached), 1)
    return Tail(level=float(level), slope=float(-slope), start=float(ordered[count - 1]), count=count)


def exceedances(scores: Sequence[float], thresholds: Sequence[float], hours: float) -> list[Exceedance]:
    """A row a threshold."""
    tail, values = tail_of(scores), np.asarray(scores)
    return [
        Exceedance(
            score=score,
            seen=int((values >= score).sum()),
            fitted=tail.expected(score),
            an_hour=tail.expected(score) / hours,
        )
        for score in thresholds
    ]
