"""Pairs of landmarks: what sounds are looked up by.

A pair's code holds the frequency of the first, how far the second is above or below, both in half bins of 7.8 Hz, and
the hops between them. It is the same wherever it is heard, at any level and under any mix that leaves both peaks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint import landmarks
from scanner.model import SoundMarks

Whole = NDArray[np.int64]
# The second peak comes up to so many hops later (0.64 s), and is up to so many half bins away (750 Hz).
LONGEST, FURTHEST = 40, 96
# Registered: the strongest 25 of every half second, each with the next 8. Listening: all of them, with the next 12.
STRONGEST, SECONDS_REGISTERED, SECONDS_HEARD = 26, 8, 12
_BLOCK = 32
_HALF = landmarks.PARTS // 2
_TOP = 256 * landmarks.PARTS
# Codes are below this.
CODES = 1 << 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """Landmarks as columns, in order of hops. `times` are finer: sixteenths of a hop; `sixteenths` of a bin."""

    hops: Whole
    times: Whole
    sixteenths: NDArray[np.int32]
    strengths: NDArray[np.int32]

    @classmethod
    def of(cls, marks: SoundMarks) -> "Peaks":
        """The landmarks of one channel. Raises ValueError where they are damaged."""
        codes, hops = np.frombuffer(marks.codes, "<u4"), landmarks.hops(marks)
        if len(codes) != len(hops) or (len(hops) and ((np.diff(hops) < 0).any() or hops[-1] >= marks.hops)):
            msg = "landmarks are damaged"
            raise ValueError(msg)
        return cls(
            hops=hops,
            times=hops * landmarks.PARTS + (codes >> 28) - _HALF,
            sixteenths=(codes & 0xFFF).astype(np.int32),
            strengths=((codes >> 12) & 0xFF).astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.hops)

    @property
    def halves(self) -> NDArray[np.int32]:
        """Frequencies in half bins."""
        return halves(self.sixteenths)

    def only(self, chosen: NDArray[np.bool_] | Whole | slice) -> "Peaks":
        """Some of them."""
        return Peaks(
            hops=self.hops[chosen],
            times=self.times[chosen],
            sixteenths=self.sixteenths[chosen],
            strengths=self.strengths[chosen],
        )

    def strongest(self, most: int) -> "Peaks":
        """At most so many of every half second."""
        block = self.hops // _BLOCK
        order = np.lexsort((-self.strengths, block))
        rank = np.arange(len(order)) - np.searchsorted(block[order], block[order])
        return self.only(np.sort(order[rank < most]))

    def between(self, first: int, end: int) -> "Peaks":
        """Those from hop `first` on, and before hop `end`."""
        low, high = np.searchsorted(self.hops, (first, end))
        return self.only(slice(int(low), int(high)))

    def turned(self, speed: float, pitch: float) -> "Peaks":
        """As they would be had the sound run `speed` times as fast, `pitch` semitones higher."""
        if speed == 1.0 and not pitch:
            return self
        sixteenths = np.rint(self.sixteenths * 2 ** (pitch / 12)).astype(np.int32)
        times = np.rint(self.times / speed).astype(np.int64)
        hops = (times + _HALF) // landmarks.PARTS
        order = np.argsort(hops, kind="stable")
        order = order[(sixteenths[order] >= 0) & (sixteenths[order] < _TOP)]
        return Peaks(
            hops=hops[order], times=times[order], sixteenths=sixteenths[order], strengths=self.strengths[order]
        )


def halves(sixteenths: NDArray[np.int32]) -> NDArray[np.int32]:
    """Frequencies in half bins, of those in sixteenths of a bin."""
    return (sixteenths + _HALF // 2) // _HALF


def pairs(peaks: Peaks, most: int) -> tuple[NDArray[np.uint32], Whole]:
    """Codes of pairs, each peak with at most so many later ones, and which peak is the first of each."""
    firsts: list[Whole] = []
    codes: list[NDArray[np.uint32]] = []
    hops, low, had = peaks.hops.astype(np.int32), peaks.halves, np.zeros(len(peaks), np.int32)
    live = np.arange(len(peaks) - 1)
    distance = 0
    while len(live):
        distance += 1
        apart = hops[live + distance] - hops[live]
        live, apart = live[apart <= LONGEST], apart[apart <= LONGEST]
        up = peaks.sixteenths[live + distance] - peaks.sixteenths[live]
        up = (up + _HALF // 2) // _HALF
        fit = (apart > 0) & (np.abs(up) <= FURTHEST)
        first = live[fit]
        had[first] += 1
        firsts.append(first)
        codes.append(((low[first] << 14) | ((up[fit] + FURTHEST) << 6) | apart[fit]).astype(np.uint32))
        live = live[(had[live] < most) & (live + distance + 1 < len(peaks))]
    if not firsts:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    return np.concatenate(codes), np.concatenate(firsts)
