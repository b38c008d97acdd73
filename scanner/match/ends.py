"""Where a sound begins and ends: told by a second look, once it is certain that it is heard.

How many of its landmarks outlast the mix is told from the certain stretch. Where most do, a stretch in which none is
heard ends it; under what is louder it goes on, if enough of it is heard later. It ends not with the last landmark that
is heard, but as much later as it would have taken for another to be heard.
"""

import numpy as np
from numpy.typing import NDArray

from scanner.match.agreeing import Agreement, Canvas, Looked, looked
from scanner.match.pairs import Peaks, Whole
from scanner.match.sound_part import SoundPart

# Hops before and after a stretch at which it may still be heard (10 s); hops inside it from where that is followed.
_FAR, _INSIDE = 625, 190
# Shares of landmarks that outlast the mix, of what outlasts it inside: where it is well heard, and where it is hardly;
# their bounds; and what going from one to the other costs. All measured on voices over music.
_WELL, _HARDLY, _CHANGE = 0.7, 0.4, 2.5
_BOUNDS_WELL, _LEAST_HARDLY = (0.1, 0.5), 0.03
# Hops before an end in which landmarks are counted that are heard, so many at least; an end is at most so much later.
_COUNTED, _LEAST_COUNTED, _LEAST, _LATER = 100, 8, 2, 16


def ends(peaks: Peaks, part: SoundPart, found: Agreement) -> tuple[int, int]:
    """The first and the last place on the line that is heard, of what agrees in a channel."""
    begin = int(part.begins[found.sound])
    end = begin + int(part.lengths[found.sound])
    inside = min(found.last, found.first + _INSIDE), max(found.first, found.last - _INSIDE)
    before = _looked(peaks, part.between(max(begin, found.first - _FAR), inside[0] + 1), found.laid)
    after = _looked(peaks, part.between(inside[1], min(end, found.last + _FAR + 1)), found.laid_last)
    first = int(before.hops[-1]) - _reach(before, before.hops >= found.first, backwards=True)
    last = int(after.hops[0]) + _reach(after, after.hops <= found.last)
    return max(begin, first), min(end - 1, last)


def _looked(peaks: Peaks, own: Peaks, laid: float) -> Looked:
    canvas = Canvas(peaks, int(own.hops[0]) + round(laid), int(own.hops[-1]) + round(laid) + 1)
    return looked(canvas, own, laid)


def _reach(seen: Looked, inside: NDArray[np.bool_], *, backwards: bool = False) -> int:
    """How far the likeliest way through the landmarks goes that begins with the first (with the last, `backwards`)."""
    share = min(max(_WELL * seen.outlasting(inside), _BOUNDS_WELL[0]), _BOUNDS_WELL[1])
    gains = [seen.gains(each) for each in (share, max(_HARDLY * share, _LEAST_HARDLY))]
    hops = seen.hops - seen.hops[0]
    if backwards:
        gains, hops = [each[::-1] for each in gains], seen.hops[-1] - seen.hops[::-1]
    well, hardly, best, at = 0.0, -_CHANGE, -np.inf, 0
    for number, (if_well, if_hardly) in enumerate(zip(*(each.tolist() for each in gains), strict=True)):
        well, hardly = max(well, hardly - _CHANGE) + if_well, max(hardly, well - _CHANGE) + if_hardly
        if max(well, hardly) > best:
            best, at = max(well, hardly), number
    return int(hops[at]) + _until_the_next(hops[: at + 1], gains[0][: at + 1] > 0)


def _until_the_next(hops: Whole, heard: NDArray[np.bool_]) -> int:
    """Hops after the last, on average, at which one more would have been heard."""
    counted = min(_COUNTED, max(int(hops[-1]), _LEAST_COUNTED))
    near = max(_LEAST, int(heard[hops >= hops[-1] - counted].sum()))
    return min(_LATER, counted // near)
