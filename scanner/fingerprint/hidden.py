"""How much of a registered picture is hidden where it was found, by what stands before it, and where that stands."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.geometry import Homography
from scanner.fingerprint.seen import Cells, Grid

# One piece is so much of what does not agree.
_IN_ONE_PIECE = 0.6
# A piece that is less than this share of the largest is noise.
_LARGE = 0.3
# What comes nearer to a side than this share of the picture reaches it, but for so many in a hundred of the blocks.
_REACHES, _STRAY = 0.15, 5
# Between these, what is hidden on both sides is not.
_BETWEEN = (0.4, 0.6)
_ALL, _ENDS, _FIRST, _LAST, _MIDDLE = range(5)
_PLACES = {
    (_FIRST, _ALL): "on the left",
    (_FIRST, _MIDDLE): "on the left",
    (_LAST, _ALL): "on the right",
    (_LAST, _MIDDLE): "on the right",
    (_ALL, _FIRST): "at the top",
    (_MIDDLE, _FIRST): "at the top",
    (_ALL, _LAST): "at the bottom",
    (_MIDDLE, _LAST): "at the bottom",
    (_FIRST, _FIRST): "at the top left",
    (_LAST, _FIRST): "at the top right",
    (_FIRST, _LAST): "at the bottom left",
    (_LAST, _LAST): "at the bottom right",
    (_MIDDLE, _MIDDLE): "in the middle",
    (_ENDS, _ALL): "on both sides",
    (_ALL, _ENDS): "at the top and at the bottom",
    (_MIDDLE, _ALL): "across the middle",
    (_ALL, _MIDDLE): "across the middle",
}


def hidden_share(cells: Cells) -> float:
    """The share of the compared blocks that is hidden: not those that disagree here and there, as noise does."""
    _, sizes = _pieces(cells)
    largest, compared = int(sizes.max(initial=0)), int((cells != 0).sum())
    return largest / compared if largest and largest >= _IN_ONE_PIECE * int(sizes.sum()) else 0.0


def hidden_at(grid: Grid, homography: Homography, seen: NDArray[np.float64]) -> str:
    """On which side of the picture, as it stands in the frame, the blocks lie that are hidden; empty for all over it.

    `seen`: the corners (n, 2) of the part of it that is in the frame.
    """
    pieces, sizes = _pieces(grid.cells)
    rows, columns = np.nonzero(np.isin(pieces, 1 + np.flatnonzero(sizes >= _LARGE * sizes.max(initial=1))))
    if not len(rows) or len(seen) < 3:
        return ""
    first = np.stack([columns, rows], axis=-1)
    ends = np.concatenate([first, first + 1])[None] * grid.side
    at = cv2.perspectiveTransform(ends.astype(np.float64), homography)[0]
    shares = (at - seen.min(axis=0)) / np.ptp(seen, axis=0)
    across, down = (_reach(each) for each in shares.T)
    return _PLACES.get((across, down), "")


def _pieces(cells: Cells) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The pieces that the blocks form which do not agree: their numbers, from 1, in place, and their sizes."""
    if not (cells < 0).any():
        return np.zeros(cells.shape, np.int32), np.zeros(0, np.int32)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats((cells < 0).astype(np.uint8), connectivity=8)
    return np.asarray(numbers, np.int32), np.asarray(stats, np.int32)[1:, cv2.CC_STAT_AREA]


def _reach(shares: NDArray[np.float64]) -> int:
    first, last = np.percentile(shares, (_STRAY, 100 - _STRAY))
    between = 100 * ((shares > _BETWEEN[0]) & (shares < _BETWEEN[1])).mean()
    begins, ends = first < _REACHES, last > 1 - _REACHES
    if begins and ends:
        return _ALL if between > _STRAY else _ENDS
    return _FIRST if begins else _LAST if ends else _MIDDLE
