"""Codes by which a part of the index of sounds is looked up, and the places on its line that have them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint import landmarks
from scanner.match.pairs import CODES, SECONDS_REGISTERED, Peaks, Whole, pairs
from scanner.match.triples import REGISTERED, triples

# A place on the line has so many bits (298 hours); the others are the lowest of its code.
PLACE_BITS = 26
LINE = 1 << PLACE_BITS
PLACE, CHECKED = np.uint32(LINE - 1), np.uint32((1 << 32 - PLACE_BITS) - 1)
# Parts of more landmarks than this (about 16 hours) are looked up by triples.
BY_PAIRS = 3_000_000
_PAIR_BITS, _TRIPLE_BITS = CODES.bit_length() - 1, 32
# The codes of a part fall into so many buckets: two to the power of this, by its size.
_LEAST_BITS, _MOST_BITS = 17, 26
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Places by codes. Codes fall into buckets by their upper bits.

    `firsts`: where on the line each pair or triple begins, in order of buckets, and in the upper bits the lowest bits
    of its code; those of bucket b stand from `offsets[b]` on, before `offsets[b + 1]`.
    """

    offsets: NDArray[np.uint32]
    firsts: NDArray[np.uint32]
    landmarks: int

    @property
    def by_triples(self) -> bool:
        return self.landmarks > BY_PAIRS

    @property
    def shift(self) -> np.uint32:
        """By how many bits a code is moved to be the number of its bucket."""
        bits = _TRIPLE_BITS if self.by_triples else _PAIR_BITS
        return np.uint32(bits - ((len(self.offsets) - 1).bit_length() - 1))


def coded(hops: NDArray[np.uint32], details: NDArray[np.uint16], begins: Whole) -> Coded:
    """Of the landmarks on a line on which sounds begin at these places. Raises ValueError where it is too long."""
    if len(hops) and int(hops[-1]) >= LINE:
        msg = "so much sound is not one part"
        raise ValueError(msg)
    by_triples = len(hops) > BY_PAIRS
    bits, most = (_TRIPLE_BITS, REGISTERED * (REGISTERED - 1) // 2) if by_triples else (_PAIR_BITS, SECONDS_REGISTERED)
    buckets = max(_LEAST_BITS, min(bits, _MOST_BITS, (len(hops) * most).bit_length() - 1))
    # As bucket, check and place in one number, they are sorted in place: this is most of the memory that it takes.
    keys, size = np.empty(len(hops) * most, np.uint64), 0
    for low, high in _sounds_together(hops, begins):
        peaks = unpacked(hops[low:high], details[low:high])
        codes, firsts = triples(peaks, REGISTERED) if by_triples else pairs(peaks, SECONDS_REGISTERED)
        places = (codes & CHECKED) << np.uint32(PLACE_BITS) | hops[low:high][firsts]
        own = keys[size : size + len(codes)]
        own[:] = codes >> np.uint32(bits - buckets)
        np.left_shift(own, np.uint64(32), out=own)
        own |= places
        size += len(codes)
    keys = keys[:size]
    keys.sort()
    return Coded(offsets=_offsets(keys, 1 << buckets), firsts=keys.astype(np.uint32), landmarks=len(hops))


def unpacked(hops: NDArray[np.uint32], details: NDArray[np.uint16]) -> Peaks:
    """Landmarks as they are kept. Their strengths are not."""
    at, told = hops.astype(np.int64), details.astype(np.int32)
    times = at * landmarks.PARTS + (told >> 12) - landmarks.PARTS // 2
    return Peaks(hops=at, times=times, sixteenths=told & 0xFFF, strengths=np.zeros(len(at), np.int32))


def _sounds_together(hops: NDArray[np.uint32], begins: Whole) -> Iterator[tuple[int, int]]:
    """Which landmarks to look at together: of whole sounds, about a million."""
    starts = np.searchsorted(hops, begins.astype(np.uint32))
    low = 0
    while low < len(hops):
        after = int(np.searchsorted(starts, low + _AT_ONCE))
        high = int(starts[after]) if after < len(starts) else len(hops)
        yield low, high
        low = high


def _offsets(keys: NDArray[np.uint64], buckets: int) -> NDArray[np.uint32]:
    """Where every bucket begins, once they are sorted."""
    offsets = np.zeros(buckets + 1, np.uint32)
    for first in range(0, len(keys), _AT_ONCE):
        own = (keys[first : first + _AT_ONCE] >> np.uint64(32)).astype(np.int64)
        begin = int(own[0])
        counts = np.bincount(own - begin)
        offsets[begin + 1 : begin + 1 + len(counts)] += counts.astype(np.uint32)
    return np.cumsum(offsets, dtype=np.uint32, out=offsets)
