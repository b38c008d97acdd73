"""Finds upright rectangles in a frame that may be a picture in the picture: four straight edges that meet.

What is inside one can be looked up as a whole picture. That finds what has too little texture for local features: a
soft sky as a third of the frame has no corner left.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.views import Box, Grey

Flags = NDArray[np.uint8]
Ints = NDArray[np.int32]
Numbers = NDArray[np.intp]

# An edge pixel differs by so many grey levels across, and by so much more than those around it do: texture is no edge.
_STEP, _MORE, _AROUND = 2, 1.5, 11
# The least side, as a share of the frame's; and of a side's pixels, how many are edge: at worst, and in all four.
_LEAST_SIDE, _WORST, _MEAN = 0.13, 0.35, 0.5
# So many lines each way are put together, and so many rectangles are told; those whose sides all lie closer together
# than so many pixels are one.
_MOST_LINES, _MOST, _SAME = 24, 8, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """The likeliest lines down a picture: `at` (n,) in order, and for every line the edge pixels above each row."""

    at: Numbers
    above: Ints
    least: int

    @classmethod
    def of(cls, grey: Grey) -> "_Lines":
        edges = _edges(grey)
        above = np.zeros((edges.shape[0] + 1, edges.shape[1]), np.int32)
        np.cumsum(edges, axis=0, dtype=np.int32, out=above[1:])
        least = max(8, round(_LEAST_SIDE * len(edges)))
        longest = (above[least:] - above[:-least]).max(axis=0)
        # The frame's own ends are no edge in it.
        longest[:2] = longest[-2:] = 0
        before, after = np.r_[0, longest[:-1]], np.r_[longest[1:], 0]
        peaks = np.flatnonzero((longest >= _MEAN * least) & (longest >= before) & (longest > after))
        strongest = peaks[np.argsort(-longest[peaks], kind="stable")][:_MOST_LINES]
        at = np.sort(strongest)
        return cls(at=at, above=above[:, at], least=least)

    def sides(self, other: "_Lines") -> tuple[Numbers, Numbers, NDArray[np.float32]]:
        """Pairs of lines of the other way that are far enough apart, and how much (pairs, lines) is edge between."""
        first, last = np.nonzero(other.at[None, :] - other.at[:, None] >= self.least)
        between = self.above[other.at[last]] - self.above[other.at[first]]
        length = (other.at[last] - other.at[first])[:, None]
        return first, last, (between / np.maximum(length, 1)).astype(np.float32)


def insets(grey: Grey) -> list[Box]:
    """Up to eight rectangles (x, y, width, height) in a grey picture, the clearest first."""
    if min(grey.shape) < 4 * _AROUND:
        return []
    down, across = _Lines.of(grey), _Lines.of(np.ascontiguousarray(grey.T))
    top, bottom, upright = down.sides(across)
    left, right, level = across.sides(down)
    if not len(top) or not len(left):
        return []
    # Of every rectangle (rows, columns): its left and right side, its upper and lower one.
    sides = np.stack([upright[:, left], upright[:, right], level[:, top].T, level[:, bottom].T])
    clear = np.where(sides.min(axis=0) > _WORST, sides.mean(axis=0), 0)
    found: list[tuple[int, int, int, int]] = []
    for place in np.argsort(-clear, axis=None, kind="stable"):
        row, column = divmod(int(place), clear.shape[1])
        if clear[row, column] < _MEAN or len(found) == _MOST:
            break
        ends = (
            int(down.at[left[column]]),
            int(across.at[top[row]]),
            int(down.at[right[column]]),
            int(across.at[bottom[row]]),
        )
        if not any(all(abs(a - b) <= _SAME for a, b in zip(ends, other, strict=True)) for other in found):
            found.append(ends)
    return [(x, y, right - x, bottom - y) for x, y, right, bottom in found]


def _edges(grey: Grey) -> Flags:
    """Of every pixel whether it is on an edge that runs down the picture: 1 or 0."""
    step = np.zeros_like(grey)
    step[:, 1:-1] = cv2.absdiff(grey[:, 2:], grey[:, :-2])
    around = cv2.blur(step, (_AROUND, 1)).astype(np.float32)
    crest = step >= cv2.dilate(step, np.ones((1, 3), np.uint8))
    edge = (crest & (step > _STEP) & (step > _MORE * around)).astype(np.uint8)
    # A line may lie between two columns of pixels.
    return np.asarray(cv2.dilate(edge, np.ones((1, 2), np.uint8)), dtype=np.uint8)
