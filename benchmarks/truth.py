"""What is true of a transformed picture: where it is, and what was done to it; and whether that is what is told."""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.transforms import HEIGHT, WIDTH, Homography, Picture, fitted
from scanner.model import LookAlike

# What must be said of each part of a transform's name; one of the alternatives is enough.
SAID = {
    "flop": ("flopped",),
    "crop": ("punched in", "cropped"),
    "inset": ("inset",),
    "matte": ("matted", "inside mattes"),
    "rotation": ("turned",),
    "covered": ("covered",),
    "perspective": ("in perspective",),
}
# What may be said as well: turning punches in, and what hangs on a wall is an inset.
ALSO = {"rotation": ("punched in",), "perspective": ("inset", "turned")}
# A picture of another shape loses its edges when it is fitted to the frame: that it is cut, and to what, is true.
_FITTED = "matted to 1.78"
_WITHOUT_EDGES = {
    "inset": ("covered", "cropped"),
    "perspective": ("covered", "cropped"),
    "matte": ("punched in",),
}
_SAME_SHAPE = 0.05
_FRAME = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
_BAND = np.array([[0, 0.5], [1, 0.5], [1, 0.5], [0, 0.5]]) * [WIDTH, HEIGHT] + np.array(
    [[0, -1], [0, -1], [0, 1], [0, 1]]
) * (WIDTH / 2.39 / 2)


def said(transform: str, words: str, source: Picture) -> bool:
    """Whether what was done is named, and nothing that was not done."""
    parts = [part.split()[0] for part in transform.replace("+", ",").replace(", ", ",").split(",")]
    must = [SAID[part] for part in parts if part in SAID]
    allowed = {word for part in parts for word in (*SAID.get(part, ()), *ALSO.get(part, ()))}
    height, width = source.shape[:2]
    if abs(width / height / (WIDTH / HEIGHT) - 1) > _SAME_SHAPE:
        words = words if "matte" in parts else words.replace(_FITTED, "")
        allowed |= {word for part in parts for word in _WITHOUT_EDGES.get(part, ())}
    extra = {word for some in SAID.values() for word in some} - allowed
    named = all(any(word in words for word in some) for some in must)
    return named and not any(word in words for word in extra)


def truth(transform: str, placed: Homography, source: Picture) -> NDArray[np.float32]:
    """Where the source picture is seen in the frame, as shares of it: a convex polygon (n, 2), cut by edge and matte.

    A picture of another shape lost its edges when it was fitted to the frame, before anything else. A matte is first
    or last.
    """
    height, width = source.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    fit = fitted(source).placed
    assert fit is not None
    after = placed @ np.linalg.inv(fit)
    inside = _shared(_through(placed, corners), _FRAME)
    inside = _shared(_through(after, _FRAME.astype(np.float64)), inside)
    if transform.startswith("matte"):
        inside = _shared(_through(after, _BAND), inside)
    elif "matte" in transform:
        inside = _shared(hull(_BAND), inside)
    return hull(inside / [WIDTH, HEIGHT])


def overlap(seen: LookAlike, placed: NDArray[np.float32]) -> float:
    """Intersection over union of what is told and what is true."""
    x, y, width, height = seen.region
    told = hull(seen.polygon or [[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    shared = _area(_shared(told, placed))
    return round(shared / (_area(told) + _area(placed) - shared), 3)


def hull(points: object) -> NDArray[np.float32]:
    """The convex hull (n, 2) of points, in one sense of turning."""
    return np.asarray(cv2.convexHull(np.asarray(points, np.float32)), np.float32).reshape(-1, 2)


def _through(homography: Homography, corners: NDArray[np.float64]) -> NDArray[np.float32]:
    """Corners of pixels through a homography between their centres."""
    return hull(cv2.perspectiveTransform((corners - 0.5)[None], homography)[0] + 0.5)


def _shared(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """What two convex polygons share (Sutherland and Hodgman, 1974): OpenCV loses it where edges nearly coincide."""
    kept = np.asarray(one, np.float64)
    for begin, end in zip(other, np.roll(other, -1, axis=0), strict=True):
        along = np.asarray(end - begin, np.float64)
        # Hulls turn clockwise on the screen, whose y points down: inside is to the right of every edge.
        inside = along[0] * (kept[:, 1] - begin[1]) - along[1] * (kept[:, 0] - begin[0])
        points: list[NDArray[np.float64]] = []
        for here, there, own, next_own in zip(
            kept, np.roll(kept, -1, axis=0), inside, np.roll(inside, -1), strict=True
        ):
            if own >= 0:
                points.append(here)
            if own * next_own < 0:
                points.append(here + (there - here) * own / (own - next_own))
        kept = np.asarray(points, np.float64).reshape(-1, 2)
    return hull(kept) if len(kept) > 2 else np.zeros((0, 2), np.float32)


def _area(polygon: NDArray[np.float32]) -> float:
    """The area of a polygon; of none, nothing."""
    return float(cv2.contourArea(polygon)) if len(polygon) > 2 else 0.0
