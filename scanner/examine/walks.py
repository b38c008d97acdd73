"""Which of the frames around an end still show the asset: by the cut, or in a dissolve about to its middle."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from scanner.examine.job import EndQuestion
from scanner.media.frames import Grey

Floats = NDArray[np.float64]

# Grey levels: flatter pictures than this are not stretched, or noise would be all there is.
_LEAST_SPREAD = 6.0
# A cut changes at least so much (mean absolute difference of pictures of variance 1), so many times the usual and so
# much of the greatest change nearby. So many of the changes nearby may be cuts, of this and of short neighbours.
_LEAST_CUT, _TIMES_USUAL, _OF_THE_GREATEST = 0.15, 2.0, 0.5
_MOST_CUTS = 4
# Frames that may fail within the asset (a flash), and how near to the last one alike the cut is looked for.
_FLASH = 2
_CLOSE = 2
# Of the usual change; below, the pictures on both sides are too much alike for a dissolve to be seen.
_TIMES_APART = 2.0
_DIP = 0.9
# Shares of a mixture between which it is measured how fast it goes; and frames by which its middle may be off.
_MIXED = (0.2, 0.8)
_BY_MIXTURE = 2
# Mean differences of pictures of variance 1 (unlike ones: about 1.1): of the same picture still, and the share of the
# greatest beyond which it is another.
_SAME, _GONE = 0.3, 0.5
# What another picture differs from a still at least, for so many frames.
_OTHER, _STAYS = 0.6, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One frame as a question sees it: the region, small, and how many bits its code is off the asset's."""

    seconds: Fraction
    small: Grey
    distance: int | None

    @property
    def picture(self) -> Floats:
        return self.small.astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The frames from the one that shows the asset outwards to the one that does not.

    `cuts`: how many of them stand before each clear cut; `usual`: the greatest change that is none. `around`: they
    and frames on both sides, as far as there is no cut.
    """

    question: EndQuestion
    looks: list[Look]
    cuts: list[int]
    usual: float
    around: list[Floats]
    before: int

    @property
    def is_to_the_end(self) -> bool:
        return self.question.shows_not is None

    @property
    def last(self) -> int:
        """The most frames that may show the asset."""
        return len(self.looks) - (not self.is_to_the_end)


def walk_of(question: EndQuestion, looks: list[Look]) -> Walk | None:
    """Put the frames in order from the inside out; None where the frames in question were not had."""
    looks = sorted(looks, key=lambda look: look.seconds, reverse=question.is_in)
    inside = _nearest(looks, question.shows)
    outside = len(looks) - 1 if question.shows_not is None else _nearest(looks, question.shows_not)
    if not looks or outside < inside or (outside == inside and question.shows_not is not None):
        return None
    pictures = [_stretched(look.picture) for look in looks]
    changes = _changes(pictures)
    usual = float(np.sort(changes[1:])[: max(1, len(changes) - 1 - _MOST_CUTS)].max(initial=0.0))
    least = max(
        _LEAST_CUT, _TIMES_USUAL * usual, _OF_THE_GREATEST * float(changes[inside + 1 : outside + 1].max(initial=0))
    )
    cuts = np.flatnonzero(changes >= least)
    outside = _outermost(pictures, cuts, inside, outside)
    before, after = cuts[cuts <= inside].max(initial=0), cuts[cuts > outside].min(initial=len(looks)) - 1
    return Walk(
        question=question,
        looks=looks[inside : outside + 1],
        cuts=[int(cut) - inside for cut in cuts if inside < cut <= outside],
        usual=usual,
        before=inside - int(before),
        around=[look.picture for look in looks[int(before) : int(after) + 1]],
    )


def _outermost(pictures: list[Floats], cuts: NDArray[np.int64], inside: int, outside: int) -> int:
    """The frame that shows the asset no more: that in which it was not recognised, but where the same still stands."""
    beyond = cuts[cuts > inside]
    if not len(beyond) or beyond[0] <= outside:
        return outside
    same = all(_apart(pictures[inside], picture) <= _SAME for picture in pictures[inside : int(beyond[0])])
    return int(beyond[0]) if same else outside


def _nearest(looks: list[Look], seconds: Fraction) -> int:
    return min(range(len(looks)), key=lambda n: abs(looks[n].seconds - seconds), default=0)


def _stretched(picture: Floats) -> Floats:
    return np.asarray((picture - picture.mean()) / max(float(picture.std()), _LEAST_SPREAD), dtype=np.float64)


def _apart(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).mean())


def _changes(pictures: list[Floats]) -> Floats:
    """How much each picture differs from the one before, if it goes on to differ: a flash of one frame does not."""
    changes = np.zeros(len(pictures))
    for n in range(1, len(pictures)):
        pairs = [(n - 1, n)] + [(n - 2, n)] * (n > 1) + [(n - 1, n + 1)] * (n + 1 < len(pictures))
        changes[n] = min(_apart(pictures[one], pictures[other]) for one, other in pairs)
    return changes


def frames_shown(walk: Walk) -> tuple[int, int] | None:
    """How many frames of the walk show the asset, and by how many that may be off."""
    alike = _alike(walk)
    cuts = [cut for cut in walk.cuts if cut <= walk.last]
    if alike is None:
        found = _gone(walk) or (_cut_off(walk, cuts) if cuts else _dissolved(walk))
        return found or _shown_to_the_end(walk)
    close = [cut for cut in cuts if abs(cut - alike) <= _CLOSE]
    if close:
        return min(close, key=lambda cut: abs(cut - alike)), 0
    return (alike, 0) if cuts or alike == walk.last else _dissolved(walk) or (alike, 0)


def _gone(walk: Walk) -> tuple[int, int] | None:
    """Of a still the frames that are the same as the first, if another picture follows at once and stays."""
    if not walk.question.is_still:
        return None
    apart = np.asarray([_apart(_stretched(walk.looks[0].picture), _stretched(look.picture)) for look in walk.looks])
    ends = [n for n in range(1, len(apart)) if apart[n - 1] <= _SAME and (apart[n : n + _STAYS] > _OTHER).all()]
    return (ends[0], 0) if ends and ends[0] <= walk.last else None


def _cut_off(walk: Walk, cuts: list[int]) -> tuple[int, int]:
    """By the first cut after which the picture is another: a title that comes in changes less.

    Whether a still went before the cut is seen; whether a clip has cuts of its own is not, so that each may be its end.
    """
    apart = [_apart(_stretched(walk.looks[0].picture), _stretched(look.picture)) for look in walk.looks]
    after = {cut: apart[cut] for cut in cuts if cut < len(apart)}
    cut = next((each for each in after if after[each] >= _GONE * max(after.values())), cuts[0])
    if not walk.question.is_still:
        return cut, cuts[-1] - cut
    unlike = [n for n in range(1, cut) if apart[n] > max(_SAME, _GONE * after.get(cut, 0.0))]
    return cut, cut - unlike[0] if cut - 1 in unlike else 0


def _shown_to_the_end(walk: Walk) -> tuple[int, int] | None:
    """To the end of the track where nothing speaks against it."""
    apart = _apart(_stretched(walk.looks[0].picture), _stretched(walk.looks[-1].picture))
    if not walk.is_to_the_end or (walk.question.is_still and apart > _GONE):
        return None
    return walk.last, 0


def _alike(walk: Walk) -> int | None:
    """How many frames have a code of the asset, but for flashes; None without codes, or where they do not fit."""
    question = walk.question
    alike = [look.distance is not None and look.distance <= question.limit for look in walk.looks[: walk.last]]
    if not alike or not alike[0]:
        return None
    count = 1
    for n, is_alike in enumerate(alike):
        if is_alike and n - count <= _FLASH:
            count = n + 1
    return count


def _dissolved(walk: Walk) -> tuple[int, int] | None:
    """Up to the middle of a dissolve or fade: each frame as a mixture of those around; None where there is none.

    It may be off by as much as the dissolve reaches to either side.
    """
    first, last = walk.around[0], walk.around[-1]
    contrast = np.asarray([picture.std() for picture in walk.around])
    # Two unlike pictures mixed half and half have less contrast than either; a moving shot keeps its own.
    is_mixed = contrast.min() <= _DIP * contrast[[0, -1]].mean()
    if (
        walk.is_to_the_end
        or not is_mixed
        or _apart(_stretched(first), _stretched(last)) < max(_LEAST_CUT, _TIMES_APART * walk.usual)
    ):
        return None
    across = first - last
    share = np.asarray([(across * (picture - last)).sum() for picture in walk.around]) / (across * across).sum()
    of_walk = share[walk.before : walk.before + len(walk.looks)]
    by_mixture = next((n for n in range(1, walk.last) if of_walk[n] < 0.5), walk.last) - 0.5
    # Each alone is misled by pictures that move; together they are nearer.
    middle = (by_mixture + _dip(contrast) - walk.before) / 2
    shown = min(max(1, int(middle) + 1), walk.last)
    return shown, _reach(share, shown + walk.before)


def _reach(share: Floats, middle: int) -> int:
    """How many frames a dissolve reaches beyond `middle`, by how fast the mixture goes; at most all that was seen."""
    seen = max(middle, len(share) - middle)
    mixed = np.flatnonzero((share > _MIXED[0]) & (share < _MIXED[1]))
    if len(mixed) < 2:
        return min(seen, len(mixed) + _BY_MIXTURE)
    slope, height = np.polyfit(mixed, share[mixed], 1)
    if slope >= 0:
        return seen
    full, none = (1 - height) / slope, -height / slope
    return min(seen, ceil(float(max(middle - full, none - middle))) + _BY_MIXTURE)


def _dip(contrast: Floats) -> float:
    """About which of the frames contrast is lower than on the way from the first to the last."""
    dip = np.maximum(np.linspace(contrast[0], contrast[-1], len(contrast)) - contrast, 0) ** 2
    return float((dip * np.arange(len(dip))).sum() / dip.sum()) if dip.any() else len(dip) / 2
