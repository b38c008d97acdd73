"""Triples of landmarks: what large parts of the index of sounds are looked up by.

Pairs are so few that each of them is in thousands of hours of sound a thousand times. A triple says some thousand times
more: a landmark and two later ones, in bins of 15.6 Hz and hops of 16 ms, which are coarser than those of pairs, since
five numbers must be the same and not three.
"""

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint import landmarks
from scanner.match.pairs import FURTHEST, LONGEST, Peaks, Whole

# Registered: each landmark with two of the next 5. Listening: the strongest so many of every half second, each with two
# of the next so many; and of turned sounds.
REGISTERED = 5
STRONGEST_HEARD, HEARD = 48, 7
STRONGEST_TURNED, TURNED = 32, 5
_HALF = landmarks.PARTS // 2
_FURTHEST = FURTHEST * landmarks.PARTS // 2
# A landmark's frequency in 8 bits; how far another is from it in 7, and when in 6.
_FIELD, _UP = 13, 6
# 2**64 divided by the golden section: spreads codes that are near to each other.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def triples(peaks: Peaks, most: int) -> tuple[NDArray[np.uint32], Whole]:
    """Codes of triples, each peak with two of at most so many later ones, and which peak is the first of each."""
    says, later = _seconds(peaks, most)
    firsts: list[Whole] = [np.zeros(0, np.int64)]
    codes: list[NDArray[np.uint32]] = [np.zeros(0, np.uint32)]
    low = (peaks.sixteenths // landmarks.PARTS).astype(np.uint64) << np.uint64(2 * _FIELD)
    for second in range(most - 1):
        begun = low | says[second].astype(np.uint64) << np.uint64(_FIELD)
        for third in range(second + 1, most):
            there = np.flatnonzero(later[third] > later[second])
            code = (begun[there] | says[third][there].astype(np.uint64)) * _SPREAD
            firsts.append(there)
            codes.append((code >> np.uint64(32)).astype(np.uint32))
    return np.concatenate(codes), np.concatenate(firsts)


def _seconds(peaks: Peaks, most: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Of every peak the next ones: a row each what it is beside it, and a row each how many hops later, 0 for none."""
    hops, times = peaks.hops.astype(np.int32), peaks.times
    says, later = np.zeros((most, len(peaks)), np.int32), np.zeros((most, len(peaks)), np.int32)
    had, live, distance = np.zeros(len(peaks), np.int32), np.arange(len(peaks) - 1), 0
    while len(live):
        distance += 1
        apart = hops[live + distance] - hops[live]
        live, apart = live[apart <= LONGEST], apart[apart <= LONGEST]
        up = peaks.sixteenths[live + distance] - peaks.sixteenths[live]
        fit = (apart > 0) & (np.abs(up) <= _FURTHEST)
        first, up = live[fit], up[fit]
        finely = (times[first + distance] - times[first] + _HALF) // landmarks.PARTS
        says[had[first], first] = ((up + _FURTHEST + _HALF) // landmarks.PARTS) << _UP | finely
        later[had[first], first] = apart[fit]
        had[first] += 1
        live = live[(had[live] < most) & (live + distance + 1 < len(peaks))]
    return says, later
