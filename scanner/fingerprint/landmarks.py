"""Landmarks of sound: peaks of the spectrum that stand out in time and in frequency, and outlast a mix.

A landmark is one peak: when, which frequency, how far above its surroundings. Pairs of them are made when they are
looked up (`match.pairs`), so what is stored can be turned to another speed or pitch, and be checked peak by peak.
Everything is heard at 8 kHz: dialogue, music and most effects have their strongest peaks below 3.6 kHz.
"""

from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.model import SoundMarks

ALGORITHM, VERSION = "landmarks", 1
RATE = 8000
WINDOW, STEP = 512, 128
HOP = Fraction(STEP, RATE)
HOPS_A_SECOND = RATE / STEP
# Parts of a bin in which a frequency is told; a bin is RATE / WINDOW = 15.625 Hz.
PARTS = 16
# 125 to 3625 Hz.
_LOWEST, _HIGHEST = 8, 232
# A peak is the highest of so many hops and bins to each side, of levels less their mean over a second and 17 bins.
_HOPS_ROUND, _BINS_ROUND = 2, 3
_MEAN_HOPS, _MEAN_BINS = 33, 17
# Decibels by which a peak rises out of what was just before or after it (seven hops): a tone that stands does not.
_RISE, _RISE_HOPS = 2.0, 7
# Decibels under the loudest of the second round it: below are noises of recording. And what counts as silence.
_BELOW_LOUDEST, _SILENCE = 60.0, -45.0
# The strongest 76 in each half second (32 hops) are kept.
_BLOCK, _KEPT = 32, 76
_CHUNK, _CONTEXT = 1024, 32
_LOUDEST_SAMPLE = 16.0
_STRENGTH_STEPS = 4
LEVEL_STEPS = 2
# Something to hear: landmarks in the second round a hop.
_ENOUGH, _LEAST_HOPS = 12, 16

Samples = NDArray[np.float32]
Numbers = NDArray[np.uint32]
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


class Listener:
    """Listens to one channel, fed in blocks of any size; what comes out does not depend on them."""

    def __init__(self) -> None:
        self._blocks: list[Samples] = []
        self._waiting = 0
        self._held = np.zeros(0, np.float32)
        self._first, self._done = 0, 0
        self._codes: list[Numbers] = []
        self._times: list[Numbers] = []

    def feed(self, samples: Samples) -> None:
        """Take in samples at 8 kHz, full scale 1. Not-a-number is silence; what is far over full scale is cut."""
        block = np.nan_to_num(np.asarray(samples, np.float32).reshape(-1), nan=0.0, posinf=0.0, neginf=0.0)
        self._blocks.append(np.clip(block, -_LOUDEST_SAMPLE, _LOUDEST_SAMPLE))
        self._waiting += len(block)
        if self._waiting >= _CHUNK * STEP:
            self._gather()
            while self._hops() >= self._done + _CHUNK + _CONTEXT:
                self._listen(self._done + _CHUNK)

    def marks(self, *, stream: int, channel: str, start: Fraction) -> SoundMarks:
        """What was heard. Ends the listening; `start` is when, in seconds into the file, the first sample is."""
        self._gather()
        hops = self._hops()
        while self._done < hops:
            self._listen(min(hops, self._done + _CHUNK))
        codes = np.concatenate([np.zeros(0, np.uint32), *self._codes])
        times = np.concatenate([np.zeros(0, np.uint32), *self._times])
        return SoundMarks(
            algorithm=ALGORITHM,
            version=VERSION,
            stream=stream,
            channel=channel,
            start=start,
            hop=HOP,
            hops=hops,
            codes=codes.astype("<u4").tobytes(),
            times=times.astype("<u4").tobytes(),
            informative=_informative(times, hops),
        )

    def _gather(self) -> None:
        self._held = np.concatenate([self._held, *self._blocks])
        self._blocks, self._waiting = [], 0

    def _hops(self) -> int:
        """Windows that are full so far."""
        return self._first + max(0, (len(self._held) - WINDOW) // STEP + 1)

    def _listen(self, end: int) -> None:
        """Find the landmarks up to this hop, and let go of samples that are not needed any more."""
        last = min(self._hops(), end + _CONTEXT)
        levels = _levels(self._held[: (last - self._first - 1) * STEP + WINDOW])
        hops, codes = _peaks(levels, self._done - self._first, end - self._first)
        self._codes.append(codes)
        self._times.append((hops + self._first).astype(np.uint32))
        self._done = end
        keep = max(self._first, end - _CONTEXT)
        self._held = self._held[(keep - self._first) * STEP :].copy()
        self._first = keep


def frequencies(marks: SoundMarks) -> NDArray[np.float32]:
    """Of every landmark, in bins of 15.625 Hz."""
    return np.asarray((np.frombuffer(marks.codes, "<u4") & 0xFFF) / PARTS, np.float32)


def strengths(marks: SoundMarks) -> NDArray[np.float32]:
    """Of every landmark: decibels above its surroundings."""
    return np.asarray(((np.frombuffer(marks.codes, "<u4") >> 12) & 0xFF) / _STRENGTH_STEPS, np.float32)


def hops(marks: SoundMarks) -> NDArray[np.int64]:
    """Of every landmark: hops since `start`."""
    return np.frombuffer(marks.times, "<u4").astype(np.int64)


def heard_seconds(marks: SoundMarks) -> Fraction:
    """How long there is something to hear."""
    return sum((last - first for first, last in marks.informative), 0) * marks.hop


def is_informative(marks: SoundMarks) -> bool:
    """Whether there is anything by which it could be found again: not silence, line-up tone or hum."""
    return bool(marks.informative)


def _levels(samples: Samples) -> NDArray[np.float32]:
    """Levels in decibels, a row a hop. A sine of full scale is 42."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::STEP]
    size = np.abs(np.fft.rfft(windows * _HANN, axis=1))
    return np.asarray(20 * np.log10(size.astype(np.float32) + 1e-6), np.float32)


def _peaks(levels: NDArray[np.float32], first: int, end: int) -> tuple[NDArray[np.int64], Numbers]:
    """The landmarks of rows first to end: their rows, and their codes, in order of time."""
    risen = levels - cv2.blur(levels, (_MEAN_BINS, _MEAN_HOPS), borderType=cv2.BORDER_REFLECT)
    highest = cv2.dilate(risen, np.ones((2 * _HOPS_ROUND + 1, 2 * _BINS_ROUND + 1), np.uint8))
    lowest = cv2.erode(levels, np.ones((2 * _RISE_HOPS + 1, 1), np.uint8))
    loudest = cv2.dilate(levels[:, _LOWEST:_HIGHEST].max(axis=1)[:, None], np.ones((_BLOCK * 2 + 1, 1), np.uint8))
    found = (risen >= highest) & (risen > 0) & (levels - lowest > _RISE)
    found &= levels > np.maximum(loudest - _BELOW_LOUDEST, _SILENCE)
    found[:, :_LOWEST] = found[:, _HIGHEST:] = False
    found[:first] = found[end:] = False
    rows, bins = np.nonzero(found)
    strength = risen[rows, bins]
    kept = _strongest(rows - first, strength)
    rows, bins, strength = rows[kept], bins[kept], strength[kept]
    at = levels[rows, bins]
    frequency = np.rint((bins + _summit(levels[rows, bins - 1], at, levels[rows, bins + 1])) * PARTS)
    last = len(levels) - 1
    later = _summit(levels[np.maximum(rows - 1, 0), bins], at, levels[np.minimum(rows + 1, last), bins])
    above = np.clip(np.rint(strength * _STRENGTH_STEPS), 0, 255)
    level = np.clip(np.rint((at - _SILENCE) * LEVEL_STEPS), 0, 255)
    part = np.clip(np.floor((later + 0.5) * PARTS), 0, PARTS - 1)
    fields = ((frequency, 0), (above, 12), (level, 20), (part, 28))
    codes = np.bitwise_or.reduce([field.astype(np.uint32) << np.uint32(shift) for field, shift in fields])
    return rows.astype(np.int64), codes


def _summit(before: NDArray[np.float32], at: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where a parabola through three levels is highest, -0.5 to 0.5 from the middle one."""
    bend = np.minimum(before - 2 * at + after, -1e-3)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5), np.float32)


def _strongest(rows: NDArray[np.int64], strength: NDArray[np.float32]) -> NDArray[np.int64]:
    """The places of the strongest of every block, in order."""
    block = rows // _BLOCK
    order = np.lexsort((-strength, block))
    rank = np.arange(len(order)) - np.searchsorted(block[order], block[order])
    return np.sort(order[rank < _KEPT])


def _informative(times: Numbers, hops: int) -> tuple[tuple[int, int], ...]:
    """Stretches with enough landmarks in the second round every hop."""
    if not len(times):
        return ()
    counts = np.bincount(times, minlength=hops)[:hops]
    sums = np.concatenate([[0], np.cumsum(counts)])
    half = round(HOPS_A_SECOND / 2)
    at = np.arange(hops)
    near = sums[np.minimum(hops, at + half)] - sums[np.maximum(0, at - half)]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (near >= _ENOUGH).astype(np.int8), [0]])))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return tuple((first, last) for first, last in pairs if last - first >= _LEAST_HOPS)
