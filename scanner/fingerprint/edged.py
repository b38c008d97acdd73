"""Tells which rectangle of a frame a picture that was found in it stands in: its edges are where it is cut off.

Geometry says where all of a registered picture would be; where it was cropped before it was put there, only blocks that
do not agree say so, and those are coarse. Edges are exact.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement
from scanner.fingerprint.describe import Region
from scanner.fingerprint.geometry import Size, area, corners, inside
from scanner.fingerprint.seen import Grid

# Pixels of a frame 640 wide by which a place may be off: beyond a rectangle, and of being upright.
_BEYOND, _UPRIGHT = 6.0, 4.0
# At least so many blocks must agree, nearly all of them inside; of those outside nearly none.
_LEAST, _INSIDE, _OUTSIDE = 5, 0.9, 0.2
# What is nearly the rectangle anyway; and how much of it must be picture.
_SAME, _WITHIN = 0.7, 0.9
# Blocks are coarse: a less clear rectangle must tell so much larger a share of them rightly.
_BETTER = 0.05


def edges_of(found: Agreement, own: Size, rectangles: Iterable[Region]) -> Region | None:
    """The rectangle (x, y, width, height) in which all that is seen of a picture stands; None where there is none.

    `own`: the registered picture's size when it is 640 wide; `rectangles`: in pixels of the frame when it is, the
    clearest first.
    """
    quad = corners(found.homography, own)
    if not is_upright(found, own):
        return None
    at, agrees = _blocks(found, own)
    best, most = None, 0.0
    for box in rectangles:
        shared = area(inside(quad, box))
        if shared < _WITHIN * box[2] * box[3]:
            continue
        same = shared / (area(quad) + box[2] * box[3] - shared)
        fit = _fit(at, agrees, box)
        if (same >= _SAME or _is_cut(at, agrees, box)) and (best is None or fit > most + _BETTER):
            best, most = box, fit
    return best


def is_upright(found: Agreement, own: Size) -> bool:
    """Clockwise from one corner to the next only x or y changes, whichever way round it stands."""
    quad = corners(found.homography, own)
    across, down = np.ptp(quad[:, 0]), np.ptp(quad[:, 1])
    ends = np.minimum(np.abs(quad - quad.min(axis=0)), np.abs(quad - quad.max(axis=0)))
    return bool((ends <= np.maximum(_UPRIGHT, 0.02 * np.array([across, down]))).all())


def _blocks(found: Agreement, own: Size) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The middles (n, 2) of the compared blocks in the frame, and which of them agree (n,)."""
    grid = Grid.of(found.cells, own)
    rows, columns = np.nonzero(grid.cells)
    if not len(rows):
        return np.zeros((0, 2)), np.zeros(0, np.bool_)
    homography = found.homography
    middles = np.column_stack([columns + 0.5, rows + 0.5, np.full(len(rows), 1 / grid.side)]) * grid.side
    placed = middles @ homography.T
    return placed[:, :2] / placed[:, 2:], np.asarray(grid.cells[rows, columns] > 0)


def _is_in(at: NDArray[np.float64], box: Region) -> NDArray[np.bool_]:
    x, y, width, height = box
    return np.asarray((at[:, 0] >= x) & (at[:, 0] <= x + width) & (at[:, 1] >= y) & (at[:, 1] <= y + height))


def _is_cut(at: NDArray[np.float64], agrees: NDArray[np.bool_], box: Region) -> bool:
    """Whether what is seen of the picture ends with the rectangle."""
    within, near = _is_in(at, box), _is_in(at, _wider(box))
    beyond = int((~near).sum())
    return bool(
        agrees.sum() >= _LEAST
        and (agrees & near).sum() >= _INSIDE * agrees.sum()
        and (agrees & within).sum() > (~agrees & within).sum()
        and beyond > 0
        and (agrees & ~near).sum() <= _OUTSIDE * beyond
    )


def _wider(box: Region) -> Region:
    return box[0] - _BEYOND, box[1] - _BEYOND, box[2] + 2 * _BEYOND, box[3] + 2 * _BEYOND


def _fit(at: NDArray[np.float64], agrees: NDArray[np.bool_], box: Region) -> float:
    """The share of the blocks that a rectangle tells rightly: those inside agree, those outside do not."""
    return float((_is_in(at, box) == agrees).mean()) if len(at) else 0.0
