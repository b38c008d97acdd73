"""Which part of a registered picture is seen where the rest of it clearly is not: one rectangle of its blocks."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.geometry import Homography, Size

Cells = NDArray[np.int8]
Box = tuple[float, float, float, float]
_Span = tuple[int, int]

# Of the blocks in the part that is seen so many agree, of those around it so few; fewer than so many say nothing, nor
# do they around it where they are a smaller share of all.
_AGREE, _AGREE_OUTSIDE, _LEAST, _LEAST_SHARE = 0.8, 0.12, 6, 0.2
# An edge lies between two blocks or in the first that does not agree: what is seen by half agrees no more.
_BEYOND = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The blocks of a registered picture, and the length of their sides in pixels of it when it is 640 wide."""

    cells: Cells
    side: float

    @classmethod
    def of(cls, cells: Cells, size: Size) -> "Grid":
        """The blocks are square; what is left over at the right and below, less than one, is not among them."""
        rows, columns = cells.shape
        least = max(size[0] / (columns + 1), size[1] / (rows + 1))
        most = min(size[0] / max(1, columns), size[1] / max(1, rows))
        return cls(cells=cells, side=(least + most) / 2)

    def within(self, homography: Homography, box: Box) -> "Grid":
        """The same without the blocks that do not lie in a box (x, y, width, height) of the delivered frame."""
        rows, columns = self.cells.shape
        if not rows or not columns:
            return self
        down, across = np.mgrid[0 : rows + 1, 0 : columns + 1]
        corners = np.stack([across, down], axis=-1).reshape(1, -1, 2) * self.side
        at = cv2.perspectiveTransform(corners.astype(np.float64), homography)[0].reshape(rows + 1, columns + 1, 2)
        x, y, width, height = box
        fine = (at[..., 0] >= x - 1) & (at[..., 0] <= x + width + 1)
        fine &= (at[..., 1] >= y - 1) & (at[..., 1] <= y + height + 1)
        inside = fine[1:, 1:] & fine[1:, :-1] & fine[:-1, 1:] & fine[:-1, :-1]
        return Grid(cells=np.where(inside, self.cells, 0).astype(np.int8), side=self.side)


def seen_part(grid: Grid, size: Size) -> Box | None:
    """The part (x, y, width, height) in which the blocks agree while around it they do not; None where it is not so."""
    cells = grid.cells.astype(np.int64)
    if not (cells > 0).any():
        return None
    (top, bottom), (left, right) = _best(cells)
    inside = cells[top:bottom, left:right]
    agree, others = int((inside > 0).sum()), int((inside < 0).sum())
    outside, missing = int((cells > 0).sum()) - agree, int((cells < 0).sum()) - others
    is_seen = agree >= max(_LEAST, _AGREE * (agree + others))
    is_hidden = missing >= _LEAST_SHARE * np.count_nonzero(cells)
    if not is_seen or not is_hidden or outside > _AGREE_OUTSIDE * (outside + missing):
        return None
    x, width = _edges((left, right), cells[top:bottom], grid.side, size[0])
    y, height = _edges((top, bottom), cells[:, left:right].T, grid.side, size[1])
    return x, y, width, height


def _best(cells: NDArray[np.int64]) -> tuple[_Span, _Span]:
    """The rows and the columns in which most blocks agree and fewest do not; the largest of several."""
    sums = np.zeros((cells.shape[0] + 1, cells.shape[1] + 1), np.int64)
    sums[1:, 1:] = cells.cumsum(axis=0).cumsum(axis=1)
    best = max((_in_rows(sums, rows) for rows in _spans(cells)), key=lambda found: found[0])
    return best[1], best[2]


def _spans(cells: NDArray[np.int64]) -> Iterator[_Span]:
    """All pairs of rows between which something was compared."""
    told = np.flatnonzero(cells.any(axis=1))
    first, last = int(told[0]), int(told[-1]) + 1
    return ((top, bottom) for top in range(first, last) for bottom in range(top + 1, last + 1))


def _in_rows(sums: NDArray[np.int64], rows: _Span) -> tuple[tuple[int, int], _Span, _Span]:
    along = sums[rows[1]] - sums[rows[0]]
    agree = np.triu(along[None, :] - along[:, None])
    wide = np.arange(len(along))[None, :] - np.arange(len(along))[:, None]
    left, right = np.unravel_index(int((agree * sums.size + np.maximum(wide, 0)).argmax()), agree.shape)
    worth = (int(agree[left, right]), int(wide[left, right]) * (rows[1] - rows[0]))
    return worth, rows, (int(left), int(right))


def _edges(span: _Span, beside: NDArray[np.int64], side: float, whole: float) -> tuple[float, float]:
    """Where the part begins and how long it is: to the picture's edge where nothing speaks against that."""
    first, last = span
    begin = 0.0 if not (beside[:, :first] < 0).any() else max(0.0, (first - _BEYOND) * side)
    end = whole if not (beside[:, last:] < 0).any() else min(whole, (last + _BEYOND) * side)
    return begin, end - begin
