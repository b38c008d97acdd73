"""Sightings of an asset in delivered frames, put together into the few places that each frame may show."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Places of one frame that are kept, the strongest.
MOST_PLACES = 8
# Of a place's sightings, those this close to its strongest say where it is.
_NEARLY = 0.1
# Decides between sightings of equal strength: the one nearest to the middle of its place stands for it.
_TIE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """Delivered frames that resemble frames of one asset; arrays of equal length, in any order.

    `frame` counts sampled frames, `step_seconds` lies between two of them; `asset_seconds` is 0 for stills;
    `strength` 1 is certain; `key` is the caller's own number of the sighting.
    """

    frame: Ints
    seconds: Floats
    asset_seconds: Floats
    strength: Floats
    key: Ints
    step_seconds: float

    def at(self, which: "Ints | slice") -> "Sightings":
        """Some of them."""
        return Sightings(
            frame=self.frame[which],
            seconds=self.seconds[which],
            asset_seconds=self.asset_seconds[which],
            strength=self.strength[which],
            key=self.key[which],
            step_seconds=self.step_seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Of each seen frame the strongest places in the asset, as rows: (frames, places), strength -inf where none is.

    `middle` and `width` are in seconds of the asset, `key` is that of the sighting that stands for the place.
    """

    frame: Ints
    seconds: Floats
    middle: Floats
    width: Floats
    strength: Floats
    key: Ints

    @property
    def count(self) -> Ints:
        """How many places each frame has."""
        return np.asarray(np.isfinite(self.strength).sum(axis=1), dtype=np.int64)


def blocks(sightings: Sightings, reach: int) -> Iterator[Sightings]:
    """In order of frame and asset time, cut where a frame is followed by none of the next `reach`."""
    if not len(sightings.frame):
        return
    ordered = sightings.at(np.lexsort((sightings.asset_seconds, sightings.frame)))
    cuts = np.flatnonzero(np.diff(ordered.frame) > reach) + 1
    for start, end in zip([0, *cuts], [*cuts, len(ordered.frame)], strict=True):
        yield ordered.at(slice(start, end))


def places_of(ordered: Sightings, neighbours: float) -> Places:
    """The places of frames whose sightings are in order of frame and asset time.

    One place is made of sightings with no more than `neighbours` seconds of the asset from one to the next: so there
    are never more than a fixed number for each frame, however many sightings there are.
    """
    new = np.ones(len(ordered.frame), dtype=bool)
    new[1:] = (np.diff(ordered.frame) != 0) | (np.diff(ordered.asset_seconds) > neighbours)
    starts, owner = np.flatnonzero(new), np.cumsum(new) - 1
    best = np.maximum.reduceat(ordered.strength, starts)
    weight = np.maximum(ordered.strength - best[owner] + _NEARLY, 0)
    total = np.add.reduceat(weight, starts)
    middle = np.add.reduceat(weight * ordered.asset_seconds, starts) / total
    off = ordered.asset_seconds - middle[owner]
    # As wide as an even spread of the same variance.
    width = np.sqrt(12 * np.add.reduceat(weight * off**2, starts) / total)
    claim = ordered.strength - _TIE * np.abs(off)
    standing = np.flatnonzero(claim == np.maximum.reduceat(claim, starts)[owner])
    standing = standing[np.unique(owner[standing], return_index=True)[1]]
    return _table(ordered.at(standing), middle, width, best)


def _table(standing: Sightings, middle: Floats, width: Floats, best: Floats) -> Places:
    """Rank the places of each frame by strength and put the first ones into rows."""
    order = np.lexsort((-best, standing.frame))
    frames, starts, row = np.unique(standing.frame[order], return_index=True, return_inverse=True)
    rank = np.arange(len(order)) - starts[row]
    kept = rank < MOST_PLACES
    order, row, rank = order[kept], row[kept], rank[kept]
    shape = (len(frames), int(rank.max()) + 1)

    def spread(values: Floats, empty: float) -> Floats:
        table = np.full(shape, empty)
        table[row, rank] = values[order]
        return table

    keys = np.zeros(shape, dtype=np.int64)
    keys[row, rank] = standing.key[order]
    seconds = np.zeros(len(frames))
    seconds[row] = standing.seconds[order]
    return Places(
        frame=frames,
        seconds=seconds,
        middle=spread(middle, 0.0),
        width=spread(width, 0.0),
        strength=spread(best, -inf),
        key=keys,
    )
