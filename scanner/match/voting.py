"""Votes for how a delivered sound and a registered one lie against each other, by the pairs or triples both have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.match.agreeing import Hint
from scanner.match.coded import CHECKED, PLACE, PLACE_BITS
from scanner.match.pairs import SECONDS_HEARD, SECONDS_REGISTERED, Peaks, Whole, pairs
from scanner.match.sound_part import SoundPart
from scanner.match.triples import HEARD, STRONGEST_HEARD, STRONGEST_TURNED, TURNED, triples

# So many votes within so many hops, no more than a hop apart, are worth a closer look. Triples say more.
_VOTES, _VOTES_OF_TRIPLES, _WITHIN = 4, 3, 250
# Triples that begin with the same landmark have most of what they say in common: these are not all (hops).
_LASTING = 2
# Hints of one way to lie that are this near (hops) are looked at as one.
_JOINED = 500
# Pairs that too many registered sounds have say little: the commonest are left out beyond so many meetings a hop; so
# the time of a look-up does not grow with the register.
_MEETINGS, _TURNED_MEETINGS = 300, 80
# By pairs, of turned sounds the strongest so many landmarks of every half second are looked up.
_TURNED_STRONGEST = 32
_AFAR = 1 << 40
# So many places of a bucket are read side by side with those of others.
_FEW = 6
# Hops of a page have so many bits.
_HOP_BITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Codes of a page in their order, and the hops that they begin at."""

    codes: NDArray[np.uint32]
    at: Whole
    votes: int
    lasting: int
    meetings: int


def hinted(page: Peaks, parts: Sequence[SoundPart], *, turned: bool) -> Iterator[tuple[SoundPart, list[Hint]]]:
    """What a page of delivered landmarks hints at, part by part. Turned sounds are looked for by fewer of them."""
    asked: dict[bool, _Asked] = {}
    for part in parts:
        by_triples = part.codes.by_triples
        if by_triples not in asked:
            asked[by_triples] = _asked(page, by_triples=by_triples, turned=turned)
        yield part, list(_hints(part, asked[by_triples]))


def _asked(page: Peaks, *, by_triples: bool, turned: bool) -> _Asked:
    meetings = _TURNED_MEETINGS if turned else _MEETINGS
    if by_triples:
        page = page.strongest(STRONGEST_TURNED if turned else STRONGEST_HEARD)
        codes, firsts = triples(page, TURNED if turned else HEARD)
    else:
        page = page.strongest(_TURNED_STRONGEST) if turned else page
        codes, firsts = pairs(page, SECONDS_REGISTERED if turned else SECONDS_HEARD)
    # In order of codes what is read of a part lies side by side.
    first = int(page.hops[0]) if len(page) else 0
    keys = np.sort(codes.astype(np.int64) << _HOP_BITS | page.hops[firsts] - first)
    return _Asked(
        codes=(keys >> _HOP_BITS).astype(np.uint32),
        at=(keys & ((1 << _HOP_BITS) - 1)) + first,
        votes=_VOTES_OF_TRIPLES if by_triples else _VOTES,
        lasting=_LASTING if by_triples else 0,
        meetings=meetings,
    )


def _hints(part: SoundPart, asked: _Asked) -> Iterator[Hint]:
    """Ways to lie for which several votes come within seconds."""
    if not len(asked.codes):
        return
    begin = int(asked.at.min())
    hops, laid = _meetings(part, asked, asked.meetings * max(1, int(asked.at.max()) - begin))
    often = _recurring(laid, asked.votes)
    at, lies = hops[often].astype(np.int64), laid[often].astype(np.int64)
    if not len(at):
        return
    seen: set[tuple[int, int]] = set()
    for shift in (0, 1):
        for hint in _crowds(part, lies, at - begin, begin, shift, asked):
            if (hint.laid, hint.first) not in seen:
                seen.add((hint.laid, hint.first))
                yield hint


def _meetings(part: SoundPart, asked: _Asked, most: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Delivered hops that have a code in common with a place on the line, and by how much they are later."""
    places = part.codes
    buckets = (asked.codes >> places.shift).astype(np.intp)
    begins = places.offsets.take(buckets)
    counts = places.offsets.take(buckets + 1) - begins
    met = np.flatnonzero((counts > 0) & (counts <= _not_too_common(counts, most)))
    low, counts = begins.take(met).astype(np.intp), counts.take(met)
    checks, at = asked.codes.take(met) & CHECKED, asked.at.take(met).astype(np.int32)
    hops, laid = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    # The first of every bucket, then the second, and so on: most have few. Of large ones the rest all at once.
    for nth in range(_FEW):
        firsts = places.firsts.take(low + nth)
        same = np.flatnonzero(firsts >> np.uint32(PLACE_BITS) == checks)
        hops.append(at.take(same))
        laid.append(hops[-1] - (firsts.take(same) & PLACE).astype(np.int32))
        more = np.flatnonzero(counts > nth + 1)
        low, counts, checks, at = low.take(more), counts.take(more), checks.take(more), at.take(more)
    left = counts.astype(np.int64) - _FEW
    ends = np.cumsum(left)
    rest = np.repeat(low + _FEW - ends + left, left)
    firsts = places.firsts.take(rest + np.arange(len(rest)))
    same = np.flatnonzero(firsts >> np.uint32(PLACE_BITS) == np.repeat(checks, left))
    hops.append(np.repeat(at, left)[same])
    laid.append(hops[-1] - (firsts[same] & PLACE).astype(np.int32))
    return np.concatenate(hops), np.concatenate(laid)


def _not_too_common(counts: NDArray[np.uint32], most: int) -> int:
    """How many meetings a code may have at most for all together to be no more than so many."""
    if int(counts.sum(dtype=np.int64)) <= most:
        return int(counts.max())
    sums = np.cumsum(np.bincount(counts) * np.arange(int(counts.max()) + 1))
    return int(np.searchsorted(sums, most, "right")) - 1


def _recurring(laid: NDArray[np.int32], votes: int) -> NDArray[np.bool_]:
    """Which of them have so many others, at least, that lie alike or a hop beside; by chance a few more."""
    if not len(laid):
        return np.zeros(0, np.bool_)
    cells = 1 << min(21, max(12, (2 * len(laid)).bit_length()))
    cell = (laid & np.int32(cells - 1)) + 1
    counts = np.bincount(cell, minlength=cells + 2)
    counts[0], counts[-1] = counts[cells], counts[1]
    beside = np.maximum(counts.take(cell - 1), counts.take(cell + 1))
    often = counts.take(cell) + beside >= votes
    return np.asarray(often)


def _crowds(part: SoundPart, laid: Whole, hops: Whole, begin: int, shift: int, asked: _Asked) -> Iterator[Hint]:
    """Runs of votes for one sound that lie alike, to two hops, and are close in time."""
    keys = np.sort((((laid + _AFAR + shift) >> 1) << _HOP_BITS) | hops)
    ways, times = keys >> _HOP_BITS, keys & ((1 << _HOP_BITS) - 1)
    step = asked.votes - 1
    lasts = times[step:] - times[:-step]
    crowd = np.flatnonzero((ways[step:] == ways[:-step]) & (lasts <= _WITHIN) & (lasts >= asked.lasting))
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
