"""From pairs of like features to the place of a registered picture in a frame: hypotheses, then one homography.

All positions are in pixels of pictures brought to a width of 640 (`names.CANON`). A homography takes positions of the
registered picture to positions of the delivered frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CANON

Homography = NDArray[np.float64]
Points = NDArray[np.float32]
Agreeing = NDArray[np.bool_]
Size = tuple[float, float]

# More pairs than this say nothing new; the closest are kept.
_MOST_PAIRS = 250
# One pair of ORB features tells scale to one level (1.2) and angle to some degrees, so what it foretells of another
# pair is the less certain the farther away that is.
_SLACK_SHARE, _SLACK = 0.25, 4.0
_SLACK_SCALE, _SLACK_ANGLE = 0.5, 0.5
_RANSAC_PIXELS = 4.0
_RANSAC_ROUNDS = 200
_FOR_PERSPECTIVE, _CLEARLY_MORE = 8, 1.2
_SQUARES = 16
# A registered picture is found from a tenth of the frame's width to eight times it, and not folded or bent double.
_LEAST_AREA, _MOST_AREA = 0.01, 60.0
_MOST_STRETCH = 4.0
_DEPTH = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of like features: rows (m, 4) of the delivered frame's points and of the registered picture's, and the
    bits in which the two descriptors differ."""

    delivered: Points
    registered: Points
    distance: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """Where the registered picture may be. `inliers`: pairs that agree on it; `cells`: of how many of its squares, each
    a sixteenth of its width, they are.
    """

    homography: Homography
    inliers: int
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Pairs of which one foretells all others: what may be one place. `delivered`, `registered`: positions (m, 2)."""

    delivered: Points
    registered: Points

    def __len__(self) -> int:
        return len(self.delivered)

    def placed(self) -> Hypothesis | None:
        """The place on which most of the pairs agree.

        By a similarity, or by a homography where clearly more of them agree on one: seen at an angle.
        """
        flat = similarity(self.registered, self.delivered, _RANSAC_PIXELS)
        if flat is None:
            return None
        clearly_more = _CLEARLY_MORE * flat[1].sum() + 2
        if len(self) >= max(_FOR_PERSPECTIVE, clearly_more):
            tilted = perspective(self.registered, self.delivered, _RANSAC_PIXELS, roughly=True)
            if tilted is not None and tilted[1].sum() >= clearly_more:
                flat = tilted
        squares = self.registered[flat[1]] // (CANON / _SQUARES)
        return Hypothesis(homography=flat[0], inliers=len(squares), cells=len(np.unique(squares, axis=0)))


def groups(pairs: Pairs, *, least: int, most: int) -> Iterator[Group]:
    """Up to `most` groups of at least `least` pairs, the largest first."""
    pairs = _closest(pairs)
    if len(pairs.distance) < least:
        return
    agreement = _agreement(pairs)
    support = agreement.sum(axis=1)
    taken = np.zeros(len(support), dtype=bool)
    for _ in range(most):
        free = np.where(taken, 0, support)
        best = int(free.argmax())
        if free[best] < least:
            return
        group = agreement[best]
        taken |= group
        yield Group(delivered=pairs.delivered[group, :2], registered=pairs.registered[group, :2])


def _closest(pairs: Pairs) -> Pairs:
    if len(pairs.distance) <= _MOST_PAIRS:
        return pairs
    kept = np.argsort(pairs.distance, kind="stable")[:_MOST_PAIRS]
    return Pairs(delivered=pairs.delivered[kept], registered=pairs.registered[kept], distance=pairs.distance[kept])


def _agreement(pairs: Pairs) -> NDArray[np.bool_]:
    """Row i: the pairs (m,) that lie where pair i alone, by its scale and angle, foretells them."""
    a, b = pairs.delivered.astype(np.float32), pairs.registered.astype(np.float32)
    scale = a[:, 2] / np.maximum(b[:, 2], np.float32(1e-3))
    turn = a[:, 3] - b[:, 3]
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    logs = np.log(np.maximum(scale, np.float32(1e-6)))
    # Angles as points on the circle: they are as near as their chord is short.
    chord = 2 * sin(_SLACK_ANGLE / 2)
    ways = np.column_stack([np.cos(turn), np.sin(turn)])
    alike = np.abs(logs[:, None] - logs[None, :]) < _SLACK_SCALE
    alike &= ways @ ways.T > 1 - chord**2 / 2
    row, column = np.nonzero(alike)
    dx, dy = b[column, 0] - b[row, 0], b[column, 1] - b[row, 1]
    ax, ay = a[column, 0] - a[row, 0], a[column, 1] - a[row, 1]
    off = np.hypot(cosine[row] * dx - sine[row] * dy - ax, sine[row] * dx + cosine[row] * dy - ay)
    alike[row, column] = off < _SLACK_SHARE * np.hypot(ax, ay) + _SLACK
    return np.asarray(alike)


def similarity(registered: Points, delivered: Points, pixels: float) -> tuple[Homography, Agreeing] | None:
    """The shift, turn and scale on which most points (m, 2) agree within so many pixels, and which do (m,)."""
    # OpenCV's stubs leave out that there may be none.
    found: tuple[Any, Any] = cv2.estimateAffinePartial2D(
        registered,
        delivered,
        method=cv2.RANSAC,
        ransacReprojThreshold=pixels,
        maxIters=_RANSAC_ROUNDS,
        confidence=0.99,
    )
    if found[0] is None:
        return None
    return np.vstack([found[0], [0.0, 0.0, 1.0]]), found[1][:, 0] > 0


def perspective(
    registered: Points, delivered: Points, pixels: float, *, roughly: bool = False
) -> tuple[Homography, Agreeing] | None:
    """The homography on which most points (m, 2) agree within so many pixels, and which do (m,).

    `roughly` is twenty times as quick where few agree, and a quarter of a percent off.
    """
    method = cv2.USAC_FAST if roughly else cv2.RANSAC
    found: tuple[Any, Any] = cv2.findHomography(registered, delivered, method, pixels, maxIters=_RANSAC_ROUNDS)
    if found[0] is None:
        return None
    return np.asarray(found[0], dtype=np.float64), found[1][:, 0] > 0


def corners(homography: Homography, size: Size) -> NDArray[np.float64]:
    """Where the four corners (4, 2) of a registered picture of this size lie in the frame, clockwise from top left."""
    width, height = size
    square = np.array([[[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]])
    return np.asarray(cv2.perspectiveTransform(square, homography)[0], dtype=np.float64)


def visible(homography: Homography, registered: Size, delivered: Size) -> NDArray[np.float64]:
    """The polygon (n, 2) in the delivered frame inside which the registered picture is seen."""
    return inside(corners(homography, registered), (0.0, 0.0, *delivered))


def inside(polygon: NDArray[np.float64], box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    """The part of a convex polygon (n, 2) inside a box (x, y, width, height).

    It is cut along each side in turn (Sutherland and Hodgman, 1974).
    """
    x, y, width, height = box
    for axis, limit, sign in ((0, x, 1), (1, y, 1), (0, x + width, -1), (1, y + height, -1)):
        within = sign * (polygon[:, axis] - limit)
        kept = []
        for n, here in enumerate(polygon):
            before = polygon[n - 1]
            if within[n] * within[n - 1] < 0:
                kept.append(before + (here - before) * within[n - 1] / (within[n - 1] - within[n]))
            if within[n] >= 0:
                kept.append(here)
        polygon = np.array(kept, dtype=np.float64).reshape(-1, 2)
    return polygon


def area(polygon: NDArray[np.float64]) -> float:
    """The area of a polygon (n, 2) in square pixels."""
    x, y = polygon.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) if len(polygon) else 0.0


def possible(homography: Homography, size: Size) -> bool:
    """Whether a camera could have seen a flat picture so: not folded, not stretched out of all shape, of a size."""
    if not np.isfinite(homography).all():
        return False
    width, height = size
    depth = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1.0]]) @ homography[2]
    if depth.min() <= 1 / _DEPTH or depth.max() >= _DEPTH:
        return False
    quad = corners(homography, size)
    sides = np.roll(quad, -1, axis=0) - quad
    after = np.roll(sides, -1, axis=0)
    if (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]).min() <= 0:
        return False
    lengths = np.hypot(sides[:, 0], sides[:, 1]) / np.array([width, height, width, height])
    share = area(quad) / (width * height)
    return bool(_LEAST_AREA < share < _MOST_AREA and lengths.max() / lengths.min() < _MOST_STRETCH)


def foreshortening(homography: Homography, size: Size) -> float:
    """How many times as large the nearest corner of a picture of this size is shown as the furthest; 1 without any."""
    width, height = size
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], dtype=np.float64)
    away = np.abs(corners @ homography[2])
    return float(away.max() / max(away.min(), 1e-9))


def zoom(homography: Homography, size: Size) -> float:
    """How many delivered pixels one registered pixel takes, across, in the middle of the picture."""
    width, height = size
    depth = float(homography[2] @ [width / 2, height / 2, 1.0])
    return float(np.sqrt(max(1e-9, abs(float(np.linalg.det(homography))) / abs(depth) ** 3)))
