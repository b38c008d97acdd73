"""Where a registered picture that is seen at an angle was cut off: row by row and column by column of its own pixels.

A picture of another shape is cut before it is put on a screen. Upright, the edges of what it stands in say where
(`edged`); at an angle no edge is upright, and blocks are coarse. Seen from its own plane the cut is straight again: on
one side of it the rows are like those of the registered picture, on the other they are not.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Picture, warped
from scanner.fingerprint.geometry import Homography
from scanner.fingerprint.seen import Box

Plane = NDArray[np.float32]
Reals = NDArray[np.float64]

# Compared at this width, without low frequencies over so many pixels, some lines at a time.
_WIDTH, _REACH, _LINES = 320, 9, 5
# Correlation from which on lines are rather the same, and texture (grey levels) beyond which they say no more.
_SAME, _MOST_TEXTURE = 0.2, 6.0
# Lines of so little texture say nothing; of the others beyond a cut so many must be there, as a share of all.
_TEXTURE, _CUT = 1.5, 0.04


def part_at_angle(delivered: Picture, registered: Picture, homography: Homography) -> Box | None:
    """The part (x, y, width, height) of the registered picture, 640 wide, that is seen; None where all of it is."""
    width, height = registered.canon
    size = (_WIDTH, max(8, round(_WIDTH * height / width)))
    scale = width / size[0]
    seen, inside = warped(delivered, homography @ np.diag([scale, height / size[1], 1.0]), size)
    own = cv2.resize(registered.at_least(size[0]), size, interpolation=cv2.INTER_LINEAR)
    ours, theirs = _detail(np.asarray(own, np.float32), inside), _detail(seen.astype(np.float32), inside)
    whole = (0, size[1]), (0, size[0])
    rows, columns = whole
    for _ in range(2):
        rows = _span(ours[:, slice(*columns)], theirs[:, slice(*columns)])
        columns = _span(ours[slice(*rows)].T, theirs[slice(*rows)].T)
    if (rows, columns) == whole:
        return None
    x, y = columns[0] * scale, rows[0] * scale
    return x, y, (columns[1] - columns[0]) * scale, (rows[1] - rows[0]) * scale


def _detail(plane: Plane, inside: NDArray[np.uint8]) -> Plane:
    return np.asarray((plane - cv2.blur(plane, (_REACH, _REACH))) * (inside > 0), np.float32)


def _span(ours: Plane, theirs: Plane) -> tuple[int, int]:
    """The first row that is the same and the one after the last; to the end where nothing speaks against that."""
    together, own, other = (_summed(each) for each in (ours * theirs, ours * ours, theirs * theirs))
    texture = np.sqrt(own / (_LINES * max(1, ours.shape[1])))
    likeness = together / np.sqrt(np.maximum(own * other, 1e-6))
    gain = np.where(texture > _TEXTURE, np.minimum(texture, _MOST_TEXTURE) * (likeness - _SAME), 0.0)
    sums = np.concatenate([[0.0], np.cumsum(gain)])
    last = int((sums - np.minimum.accumulate(sums)).argmax())
    first = int(sums[: last + 1].argmin())
    least = _CUT * len(gain)
    begin = first if (gain[:first] < 0).sum() >= least else 0
    end = last if (gain[last:] < 0).sum() >= least else len(gain)
    return begin, end


def _summed(plane: Plane) -> Reals:
    return np.convolve(plane.sum(axis=1, dtype=np.float64), np.ones(_LINES), "same")
