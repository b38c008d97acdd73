"""A speed that changes on the way: whether several lines that meet explain how an asset runs, where one does not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from scanner.fingerprint.places import Floats

# Asset seconds by which one line misses what bends. Measured on footage at constant speeds: up to 0.08, but for what
# no lines explain; where a speed changed or a frame was held: 0.12 to 0.36, and less than half of it with the bends.
_MISSES, _HALF = 0.1, 0.5
# A second bend is told where it leaves no more than this share of what one bend leaves.
_WORTH_IT = 0.7
# Samples that a line needs, its ends counted; samples looked at; speeds that are two.
ENOUGH, _MOST, _DIFFERS = 3, 64, 0.25
_BENDS = 2
# Asset seconds a second that are none.
_STANDS = 0.15
# Speeds that editors choose, and how near to one a measured speed is it.
_USUAL, _NEARLY = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0), 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Bent:
    """Asset seconds a second, line after line, and the asset's seconds at the first sample and at the last."""

    speeds: tuple[float, ...]
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """Lines that meet, and asset seconds by which a sample misses them: the root of the mean square."""

    bent: Bent
    misses: float


def bent(seconds: Floats, asset: Floats, *, spacing: float) -> Bent | None:
    """The lines through samples in order of time; None where one explains them as well, or none do.

    `spacing`: seconds between the asset's frames, which no sample can tell apart.
    """
    chosen = np.unique(np.linspace(0, len(seconds) - 1, _MOST).astype(np.int64))
    seconds, asset = seconds[chosen], asset[chosen]
    if len(seconds) < 2 * ENOUGH:
        return None
    straight = _fitted(seconds, asset, ())
    if straight.misses < max(_MISSES, 2 * spacing):
        return None
    best: _Fit | None = None
    for fit in _best_of_each(seconds, asset):
        limit = _HALF * straight.misses if best is None else _WORTH_IT * max(best.misses, spacing)
        if fit.misses <= limit and _is_plain(fit.bent.speeds):
            best = fit
    return best.bent if best is not None else None


def _is_plain(speeds: Sequence[float]) -> bool:
    """Whether these are speeds one after the other, all in one direction."""
    one_way = max(speeds) <= _STANDS or min(speeds) >= -_STANDS
    return one_way and all(abs(one - other) >= _DIFFERS for one, other in pairwise(speeds))


def _best_of_each(seconds: Floats, asset: Floats) -> Iterator[_Fit]:
    """The best lines with one bend, with two, as far as there are samples for them."""
    inner = seconds[ENOUGH - 1 : 1 - ENOUGH]
    for bends in range(1, _BENDS + 1):
        knots = (
            each
            for each in combinations(range(len(inner)), bends)
            if all(other - one >= ENOUGH for one, other in pairwise(each))
        )
        fits = (_fitted(seconds, asset, [float(inner[place]) for place in each]) for each in knots)
        best = min(fits, key=lambda fit: fit.misses, default=None)
        if best is not None:
            yield best


def _fitted(seconds: Floats, asset: Floats, knots: Sequence[float]) -> _Fit:
    """Least squares over lines that meet at `knots`."""
    since = seconds - seconds[0]
    hinges = [np.maximum(seconds - knot, 0) for knot in knots]
    design = np.stack([np.ones_like(since), since, *hinges], axis=1)
    found, *_ = np.linalg.lstsq(design, asset, rcond=None)
    line = design @ found
    free = max(1, len(seconds) - 2 - 2 * len(knots))
    return _Fit(
        bent=Bent(speeds=tuple(np.cumsum(found[1:]).tolist()), first=float(line[0]), last=float(line[-1])),
        misses=float(np.sqrt(((asset - line) ** 2).sum() / free)),
    )


def paces(speeds: Sequence[float]) -> list[str]:
    """Speeds one after the other in words. How long each lasts is known by samples only: so are they."""
    backward = ["in reverse"] if sum(speeds) < 0 else []
    quick = [abs(speed) for speed in speeds]
    steps = [other - one for one, other in pairwise(quick)]
    if len(quick) > _BENDS and min(quick) > _STANDS and (min(steps) > 0 or max(steps) < 0):
        how = "speeding up" if steps[0] > 0 else "slowing down"
        return [*backward, f"{how} from about {_usual(quick[0])} to {_usual(quick[-1])} of its speed"]
    return [*backward, "first " + ", then ".join(map(_pace, quick))]


def _pace(speed: float) -> str:
    if speed <= _STANDS:
        return "one frame of it held"
    usual = _usual(speed)
    return "at its own speed" if usual == _usual(1.0) else f"at about {usual} of its speed"


def _usual(speed: float) -> str:
    """The usual speed that it nearly is, or itself, in percent."""
    near = min(_USUAL, key=lambda usual: abs(speed - usual))
    told = near if abs(speed - near) <= _NEARLY * near else round(20 * speed) / 20
    return f"{told * 100:.0f} %"
