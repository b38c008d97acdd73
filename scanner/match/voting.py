"""Votes for how a delivered sound and a registered one lie against each other, by the pairs that both have."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scanner.match.agreeing import Hint
from scanner.match.pairs import Whole
from scanner.match.sound_part import SoundPart

# So many votes within so many hops, no more than a hop apart, are worth a closer look.
_VOTES, _WITHIN = 4, 250
# Hints of one way to lie that are this near (hops) are looked at as one.
_JOINED = 500
# Pairs that too many registered sounds have say little: the commonest are left out beyond so many meetings a hop; so
# the time of a look-up does not grow with the register.
MEETINGS, TURNED_MEETINGS = 300, 80
_AFAR = 1 << 40


def hints(part: SoundPart, codes: NDArray[np.uint32], at: Whole, meetings: int) -> Iterator[Hint]:
    """Ways to lie for which several pairs vote within seconds."""
    if not len(codes):
        return
    low = part.offsets[codes].astype(np.int64)
    counts = part.offsets[codes + 1] - low
    low, counts, at = _not_too_common(low, counts, at, meetings)
    total = int(counts.sum())
    if not total:
        return
    before = np.cumsum(counts) - counts
    meeting = np.repeat(low - before, counts) + np.arange(total)
    hops = np.repeat(at, counts)
    laid = hops - part.hops[part.firsts[meeting]].astype(np.int64)
    begin = int(at.min())
    seen: set[tuple[int, int]] = set()
    for shift in (0, 1):
        for hint in _crowds(part, laid, hops - begin, begin, shift):
            if (hint.laid, hint.first) not in seen:
                seen.add((hint.laid, hint.first))
                yield hint


def _not_too_common(low: Whole, counts: Whole, at: Whole, meetings: int) -> tuple[Whole, Whole, Whole]:
    """Pairs that meet something; the commonest left out where there would be too many meetings."""
    most = meetings * max(1, int(at.max() - at.min()))
    met = np.flatnonzero(counts)
    if int(counts.sum()) > most:
        met = met[np.argsort(counts[met], kind="stable")]
        met = met[: int(np.searchsorted(np.cumsum(counts[met]), most))]
    return low[met], counts[met], at[met]


def _crowds(part: SoundPart, laid: Whole, hops: Whole, begin: int, shift: int) -> Iterator[Hint]:
    """Runs of votes for one sound that lie alike, to two hops, and are close in time."""
    keys = np.sort((((laid + _AFAR + shift) >> 1) << 20) | hops)
    ways, times = keys >> 20, keys & ((1 << 20) - 1)
    step = _VOTES - 1
    crowd = np.flatnonzero((ways[step:] == ways[:-step]) & (times[step:] - times[:-step] <= _WITHIN))
    lies = (ways[crowd] << 1) - shift - _AFAR
    sounds, until = (np.searchsorted(part.begins, times[crowd + more] + begin - lies, "right") for more in (0, step))
    crowd, lies, sounds = crowd[sounds == until], lies[sounds == until], sounds[sounds == until]
    if not len(crowd):
        return
    new = (lies[1:] != lies[:-1]) | (sounds[1:] != sounds[:-1])
    new |= times[crowd[1:]] - times[crowd[:-1] + step] > _JOINED
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])
    ends = np.concatenate([starts[1:], [len(crowd)]]) - 1
    first, last = times[crowd[starts]] + begin, times[crowd[ends] + step] + begin
    for row in zip(lies[starts].tolist(), first.tolist(), last.tolist(), strict=True):
        yield Hint(laid=row[0], first=row[1], last=row[2])
