"""How well registered landmarks agree with what was heard, peak by peak, once both are laid against each other.

Every registered landmark is looked for where it ought to be. What chance would find is measured on the same landmarks,
looked for a little earlier and later: so tones that stand, beats and noise count for little. The score is the logarithm
of how much likelier the agreement is if the sound is there than if it is not, over the stretch that says so most.

A copy keeps every landmark to a few milliseconds. Another take of the same line by the same voice does not, however
alike it sounds: see `Agreement.kept` and `match.takes`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanner.match.pairs import Peaks, Whole, halves
from scanner.match.sound_part import SoundPart
from scanner.match.takes import is_copy

Reals = NDArray[np.float64]
# Places earlier and later, in hops, at which chance is measured.
_ASIDE = np.array((-43, -31, -26, -19, -14, -9, 8, 13, 18, 25, 34, 41))
# A landmark may have been heard within a hop and a half bin of its place.
_NEAR = sorted(((hop, half) for hop in (-1, 0, 1) for half in (-1, 0, 1)), key=lambda at: -abs(at[0]) * 2 - abs(at[1]))
# The share of landmarks taken to outlast the mix, beyond chance.
_OUTLAST = 0.3
_LEAST_CHANCE = 0.03
# Chance is told from a landmark itself, and from so many round it, which weigh as much as so many looks.
_NEIGHBOURS, _WEIGHT = 33, 6.0
# How landmarks of copies, of other takes, and of anything else lie beside their places: a row for up to so many
# sixteenths of a hop, a column for up to so many sixteenths of a bin, in shares of a thousand. Measured:
# copies under other sounds, dry and in rooms; takes of one line by one synthetic voice.
_TIMES, _BINS = np.array((1, 2, 4, 8, 24)), np.array((1, 2, 4, 8, 16))
_COPY = np.array(
    (
        (158, 64, 74, 62, 14),
        (48, 20, 27, 26, 7),
        (48, 26, 37, 36, 11),
        (41, 23, 42, 46, 20),
        (29, 16, 36, 55, 36),
    )
)
_TAKE = np.array(
    (
        (35, 27, 32, 60, 25),
        (13, 7, 12, 26, 13),
        (18, 12, 15, 24, 14),
        (35, 18, 35, 49, 30),
        (113, 53, 93, 162, 79),
    )
)
_ANY = np.outer((3, 2, 4, 8, 32), (3, 2, 4, 8, 8)) * 1000 / (49 * 25)
_COPY_OR_ANY, _COPY_OR_TAKE = _COPY / _ANY, np.log(_COPY / _TAKE)
# The same where speed was changed and pitch was not: that moves everything by milliseconds.
_BY_BIN = np.log(_COPY.sum(axis=0) / _TAKE.sum(axis=0))[None, :].repeat(len(_TIMES), axis=0)
# An eighth of a second (hops) says no more than this: a click has landmarks everywhere.
_AT_ONCE, _MOST_AT_ONCE = 8, 8.0
_HALVES = 512
# Hops looked at before and after the pairs that gave the hint.
_AROUND = 250
_MOST_STRETCHES = 40
# A hint is looked at closer if so many more landmarks than chance were heard, so far before and after it (hops).
_CLEARLY, _NEARBY = 6.0, 40
# Hops of a long stretch that are looked at together.
_PIECE = 512
# Hops later that a hop is (at 24 for 23.976 frames a second, and the other way round), in a stretch that is so long.
_DRIFTS, _LONG = (0.0, 1 / 1000, -1 / 1000), 300
# Coarse sums below this are not looked at closer.
_WORTH_IT = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A stretch over which a registered sound agrees: places on the line, and how many hops later they are heard.

    `laid_last`: the same at its end. `heard`: landmarks of it that were. `kept`: how much likelier a copy keeps them so
    exactly than another take does, as a logarithm.
    """

    sound: int
    first: int
    last: int
    laid: float
    laid_last: float
    heard: int
    score: float
    kept: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Votes for one way to lie: delivered hop = place on the line + `laid`; the hops between which they are."""

    laid: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """Of every registered landmark: whether it was heard, and how far beside its place, in sixteenths."""

    heard: NDArray[np.bool_]
    times: Whole
    bins: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Of every registered landmark: its place, whether it was heard, the chance of that, and how much likelier a copy
    is heard so (`ratio`).
    """

    hops: Whole
    heard: NDArray[np.bool_]
    chance: Reals
    ratio: Reals

    def gains(self, outlast: float) -> Reals:
        """What each says for a copy, if such a share of its landmarks outlasts the mix."""
        return _levelled(_gains(self.heard, self.ratio, outlast), self.hops, _MOST_AT_ONCE)

    def outlasting(self, chosen: NDArray[np.bool_]) -> float:
        """The share of these that were heard, beyond chance."""
        return float(((self.heard - self.chance) / (1 - self.chance))[chosen].mean())


class Canvas:
    """Where there are delivered landmarks, with what is near enough round them."""

    def __init__(self, peaks: Peaks, first: int, end: int) -> None:
        self.first = first - _AROUND
        self._before = int(np.searchsorted(peaks.hops, self.first))
        self._own = peaks.between(self.first, end + _AROUND)
        self._rows = end - first + 2 * _AROUND
        self._cells = np.zeros(self._rows * _HALVES, np.uint16)
        self._paint()

    def at(self, hops: Whole, at_halves: NDArray[np.int32]) -> NDArray[np.uint16]:
        """The numbers of the landmarks at these places, from 1; 0 where there is none, and outside."""
        rows = np.clip(hops - self.first, 0, self._rows - 1)
        return np.asarray(self._cells.take(rows * _HALVES + at_halves))

    def beside(self, peaks: Peaks, laid: int) -> _Beside:
        """Registered landmarks, laid so many hops later, against what is there."""
        number = self.at(peaks.hops + laid, peaks.halves)
        there = np.maximum(number.astype(np.int64) - 1, 0)
        if not len(self._own):
            nothing = np.zeros(len(peaks), np.int64)
            return _Beside(heard=number > 0, times=nothing, bins=nothing.astype(np.int32))
        return _Beside(
            heard=number > 0,
            times=self._own.times[there] - peaks.times - 16 * laid,
            bins=self._own.sixteenths[there] - peaks.sixteenths,
        )

    def explained(self, peaks: Peaks) -> Whole:
        """Which of the channel's landmarks these are."""
        numbers = self.at(peaks.hops, peaks.halves).astype(np.int64)
        return self._before + numbers[numbers > 0] - 1

    def _paint(self) -> None:
        """Write down the landmarks and what is round them, the nearest last."""
        rows, columns, numbers = (
            self._own.hops - self.first,
            self._own.halves,
            np.arange(1, len(self._own) + 1, dtype=np.uint16),
        )
        for later, up in _NEAR:
            at, column = rows + later, np.clip(columns + up, 0, _HALVES - 1)
            # The first row and the last stay empty: what is outside is looked for there.
            inside = (at > 0) & (at < self._rows - 1)
            self._cells[at[inside] * _HALVES + column[inside]] = numbers[inside]


def promising(canvas: Canvas, part: SoundPart, laid: Whole, first: Whole, last: Whole) -> NDArray[np.bool_]:
    """Of several hints at once: whether clearly more landmarks were heard than a little earlier and later."""
    low = np.searchsorted(part.hops, np.maximum(first - laid - _NEARBY, 0).astype(np.uint32))
    counts = np.searchsorted(part.hops, np.maximum(last - laid + _NEARBY, 0).astype(np.uint32)) - low
    whose = np.repeat(np.arange(len(laid)), counts)
    which = np.arange(len(whose)) + np.repeat(low - (np.cumsum(counts) - counts), counts)
    hops = part.hops[which].astype(np.int64) + laid[whose]
    at_halves = halves((part.details[which] & 0xFFF).astype(np.int32))
    heard, aside = (
        np.bincount(whose, canvas.at(hops + later, at_halves) > 0, minlength=len(laid)) for later in (0, _ASIDE[3])
    )
    aside = aside + sum(
        np.bincount(whose, canvas.at(hops + later, at_halves) > 0, minlength=len(laid)) for later in _ASIDE[[0, 8, 11]]
    )
    return np.asarray((heard - aside / 4 >= _CLEARLY) & (heard - aside / 4 >= 0.12 * counts))


def agreements(
    canvas: Canvas, part: SoundPart, hint: Hint, least: float, *, turned: bool, loosely: bool
) -> list[Agreement]:
    """Stretches of copies that reach `least`, near a hint. `turned`: the delivered landmarks were; `loosely`: speed
    alone was changed.
    """
    laid, first, last = hint.laid, hint.first, hint.last
    sound = part.sound_at(first - laid)
    begin, end = int(part.begins[sound]), int(part.begins[sound] + part.lengths[sound])
    own = part.between(max(begin, first - laid - _AROUND), min(end, last - laid + _AROUND))
    if not len(own):
        return []
    chance = _chance(canvas, own, laid)
    beside, missed = canvas.beside(own, laid), np.log1p(-_OUTLAST)
    rough = np.where(beside.heard, np.log1p(_OUTLAST * (1 - chance) / chance), missed)
    rough = _levelled(rough, own.hops, 9.0)
    tops = best_stretches(rough, _WORTH_IT)
    if not tops:
        return []
    low, high, _ = max(tops, key=lambda top: top[2])
    later = _laid_finely(beside, own.hops, low, high)
    lie = _lie(beside, later)
    gains = _gains(beside.heard, _COPY_OR_ANY[lie] / chance, _OUTLAST)
    kept = np.where(beside.heard, (_BY_BIN if loosely else _COPY_OR_TAKE)[lie], 0.0)
    found = []
    for low, high, score in best_stretches(_levelled(gains, own.hops, _MOST_AT_ONCE), least):
        heard = low + np.flatnonzero(beside.heard[low : high + 1])
        agreed = Agreement(
            sound=sound,
            first=int(own.hops[low]),
            last=int(own.hops[high]),
            laid=laid + float(later[low]) / 16,
            laid_last=laid + float(later[high]) / 16,
            heard=len(heard),
            score=score,
            kept=float(kept[heard].sum()),
        )
        times, bins = (beside.times - later)[heard], beside.bins[heard]
        if is_copy(own.hops[heard], times, bins, agreed.kept, turned=turned, loosely=loosely):
            found.append(agreed)
    return found


def laid(peaks: Peaks, first: float, last: float) -> Peaks:
    """Landmarks, so many hops later at their first and at their last."""
    later = np.interp(peaks.hops, peaks.hops[[0, -1]], (first, last))
    return replace(
        peaks,
        hops=peaks.hops + np.rint(later).astype(np.int64),
        times=peaks.times + np.rint(16 * later).astype(np.int64),
    )


def looked(canvas: Canvas, own: Peaks, laid: float) -> Looked:
    """Registered landmarks of a copy that lies so, one by one."""
    whole = round(laid)
    beside, chance = canvas.beside(own, whole), _chance(canvas, own, whole)
    ratio = _COPY_OR_ANY[_lie(beside, round(16 * (laid - whole)))] / chance
    return Looked(hops=own.hops, heard=beside.heard, chance=chance, ratio=ratio)


def share_left(peaks: Peaks, left: Peaks, own: Peaks, found: Agreement) -> float:
    """How much of what speaks for a copy in a channel is still there in what is left of it: 0 to 1."""
    said, still = 0.0, 0.0
    for first in range(found.first, found.last + 1, _PIECE):
        some = own.between(first, first + _PIECE)
        laid = float(np.interp(first + _PIECE / 2, (found.first, found.last), (found.laid, found.laid_last)))
        ends = first + round(laid), first + round(laid) + _PIECE
        if len(some):
            says = np.maximum(looked(Canvas(peaks, *ends), some, laid).gains(_OUTLAST), 0)
            said += float(says.sum())
            still += float(says[Canvas(left, *ends).at(some.hops + round(laid), some.halves) > 0].sum())
    return still / max(said, 1e-9)


def _gains(heard: NDArray[np.bool_], ratio: Reals, outlast: float) -> Reals:
    """`ratio`: how much likelier a landmark of a copy is heard so than by chance."""
    return np.where(heard, np.log1p(outlast * (ratio - 1)), np.log1p(-outlast))


def _chance(canvas: Canvas, own: Peaks, laid: int) -> Reals:
    """The chance that a landmark is found where it is not."""
    aside = canvas.at((own.hops[:, None] + (_ASIDE + laid)).reshape(-1), np.repeat(own.halves, len(_ASIDE)))
    by_chance = (aside > 0).reshape(-1, len(_ASIDE)).sum(axis=1)
    if len(own) < _NEIGHBOURS:
        around = np.full(len(own), by_chance.mean() / len(_ASIDE))
    else:
        looks = np.convolve(np.full(len(own), float(len(_ASIDE))), np.ones(_NEIGHBOURS), "same")
        around = np.convolve(by_chance, np.ones(_NEIGHBOURS), "same") / looks
    return np.asarray(np.clip((by_chance + _WEIGHT * around) / (len(_ASIDE) + _WEIGHT), _LEAST_CHANCE, 0.97))


def _laid_finely(beside: _Beside, hops: Whole, low: int, high: int) -> Whole:
    """How many sixteenths of a hop later each is than it was laid: where most landmarks lie close together.

    Over a long stretch that may grow or shrink, as it does where film speed was pulled up or down.
    """
    chosen = slice(low, high + 1)
    since = hops - hops[low]
    best, laid = -1, np.zeros(len(hops), np.int64)
    for drift in _DRIFTS if since[high] >= _LONG else _DRIFTS[:1]:
        more = np.rint(16 * drift * since).astype(np.int64)
        times = (beside.times - more)[chosen][beside.heard[chosen]]
        counts = np.bincount(np.clip(times, -48, 48) + 48, minlength=97)[1:-1]
        close = np.convolve(counts, (1, 2, 3, 2, 1), "same")
        if close.max() > best:
            best, laid = int(close.max()), more + int(close.argmax()) - 47
    return laid


def _lie(beside: _Beside, later: Whole | int) -> tuple[Whole, Whole]:
    """Row and column in the tables of every landmark."""
    by_time = np.searchsorted(_TIMES, np.abs(beside.times - later))
    by_bin = np.searchsorted(_BINS, np.abs(beside.bins))
    return np.minimum(by_time, len(_TIMES) - 1), np.minimum(by_bin, len(_BINS) - 1)


def _levelled(gain: Reals, hops: Whole, most: float) -> Reals:
    """The same, but that no eighth of a second says more than so much: the landmarks of a click come together."""
    at_once = (hops - hops[0]) // _AT_ONCE
    sums = np.bincount(at_once, gain)
    factor = np.where(sums > most, most / np.maximum(sums, most), 1.0)
    return np.asarray(gain * factor[at_once])


def best_stretches(gains: Reals, least: float) -> list[tuple[int, int, float]]:
    """Runs whose sum cannot be made larger by growing or shrinking and reaches `least`: first, last, sum."""
    found: list[tuple[int, int, float]] = []
    todo = [(0, len(gains))]
    while todo and len(found) < _MOST_STRETCHES:
        low, high = todo.pop()
        if high <= low:
            continue
        sums = np.concatenate([[0.0], np.cumsum(gains[low:high])])
        rise = sums - np.minimum.accumulate(sums)
        end = int(rise.argmax())
        if rise[end] < least:
            continue
        begin = int(sums[: end + 1].argmin())
        found.append((low + begin, low + end - 1, float(rise[end])))
        todo += [(low, low + begin), (low + end, high)]
    return sorted(found)
