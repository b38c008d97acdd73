"""Convex polygons in a frame: where a picture is seen."""

import cv2
import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float32]


def hull(points: object) -> Polygon:
    """The convex hull (n, 2) of points, in one sense of turning."""
    return np.asarray(cv2.convexHull(np.asarray(points, np.float32)), np.float32).reshape(-1, 2)


def through(homography: NDArray[np.float64], corners: NDArray[np.floating]) -> Polygon:
    """Corners of pixels through a homography between their centres."""
    return hull(cv2.perspectiveTransform((np.asarray(corners, np.float64) - 0.5)[None], homography)[0] + 0.5)


def shared_by(one: Polygon, other: Polygon) -> Polygon:
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


def area(polygon: Polygon) -> float:
    """The area of a polygon; of none, nothing."""
    return float(cv2.contourArea(polygon)) if len(polygon) > 2 else 0.0
