"""Middles of 256-bit codes, round which inverted files make their lists.

They are put right among the bits themselves (k-majority: Grana et al., "A fast approach for integrating ORB descriptors
in the bag of words model", 2013): seconds for thousands of them, not minutes. Where many are wanted a few roots come
first, and then the middles of each root's codes.
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CODE_BYTES

Codes = NDArray[np.uint8]

# From so many on they are drawn in two levels.
MANY = 3_000
_ROUNDS, _TRAINED_ON, _ROOTS_TRAINED_ON = 3, 24, 64
_AT_ONCE = 256


def middles_of(codes: Codes, count: int) -> Codes:
    """So many middles (count, 32) of the codes; the same codes give the same ones."""
    chance = np.random.default_rng(0)
    drawn = np.sort(chance.choice(len(codes), min(len(codes), count * _TRAINED_ON), replace=False))
    sample = np.ascontiguousarray(codes[drawn])
    if count < MANY:
        return _drawn(sample, count, chance)
    roots = _drawn(
        sample[:: max(1, len(sample) // (round(sqrt(count)) * _ROOTS_TRAINED_ON))], round(sqrt(count)), chance
    )
    nearest = nearest_of(sample, roots)
    order = np.argsort(nearest, kind="stable")
    ends = np.searchsorted(nearest[order], np.arange(len(roots) + 1))
    # Every root has as many middles as its share of the codes.
    shares = np.diff(np.round(ends * (count / len(sample))).astype(np.int64))
    return np.concatenate(
        [
            _drawn(sample[order[begin:end]], int(share), chance)
            for begin, end, share in zip(ends, ends[1:], shares, strict=False)
        ]
    )


def nearest_of(codes: Codes, middles: Codes) -> NDArray[np.int64]:
    """The number of the middle nearest to each code (n,), all compared."""
    import faiss

    index = faiss.IndexBinaryFlat(CODE_BYTES * 8)
    index.add(np.ascontiguousarray(middles))
    return np.asarray(index.search(np.ascontiguousarray(codes), 1)[1][:, 0], dtype=np.int64)


def _drawn(sample: Codes, count: int, chance: np.random.Generator) -> Codes:
    """So many middles: drawn among the codes, then each put amid the codes nearest to it."""
    middles = sample[chance.choice(len(sample), count, replace=False)]
    for _ in range(_ROUNDS if count else 0):
        middles = _amid(sample, nearest_of(sample, middles), middles)
    return middles


def _amid(codes: Codes, nearest: NDArray[np.int64], middles: Codes) -> Codes:
    """Of every middle's codes the bits that most of them have; a middle without codes stays."""
    order = np.argsort(nearest, kind="stable")
    ends = np.searchsorted(nearest[order], np.arange(len(middles) + 1))
    moved = middles.copy()
    # Some middles at a time: bits take eight times the room of codes.
    for first in range(0, len(middles), _AT_ONCE):
        share = np.arange(first, min(first + _AT_ONCE, len(middles)))
        share = share[ends[share + 1] > ends[share]]
        if len(share):
            begin, end = ends[share[0]], ends[share[-1] + 1]
            bits = np.unpackbits(codes[order[begin:end]], axis=1)
            ones = np.add.reduceat(bits, ends[share] - begin, axis=0, dtype=np.int32)
            most = 2 * ones > (ends[share + 1] - ends[share])[:, None]
            moved[share] = np.packbits(most, axis=1)
    return moved
