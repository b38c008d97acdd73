"""What is true of a transformed picture: where it is, and what was done to it; and whether that is what is told."""

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.transforms import HEIGHT, WIDTH, Homography, Picture
from scanner.model import LookAlike

# What must be said of each part of a transform's name; one of the alternatives is enough.
SAID = {
    "flop": ("flopped",),
    "crop": ("punched in", "cut by"),
    "inset": ("inset",),
    "matte": ("matted", "inside mattes"),
    "rotation": ("turned",),
    "covered": ("covered",),
    "perspective": ("in perspective",),
}
# What may be said as well: turning punches in, and what hangs on a wall is an inset.
ALSO = {"rotation": ("punched in",), "perspective": ("inset", "turned"), "inset": ("cut by",)}


def said(transform: str, words: str) -> bool:
    """Whether what was done is named, and nothing that was not done."""
    parts = [part.split()[0] for part in transform.replace("+", ",").replace(", ", ",").split(",")]
    must = [SAID[part] for part in parts if part in SAID]
    allowed = {word for part in parts for word in (*SAID.get(part, ()), *ALSO.get(part, ()))}
    extra = {word for some in SAID.values() for word in some} - allowed
    named = all(any(word in words for word in some) for some in must)
    return named and not any(word in words for word in extra)


def truth(placed: Homography, source: Picture) -> NDArray[np.float32]:
    """Where the source picture is in the frame, as shares of it: a convex polygon (n, 2), cut by the frame's edge."""
    height, width = source.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) - 0.5
    quad = cv2.perspectiveTransform(corners[None], placed)[0] + 0.5
    inside = cv2.intersectConvexConvex(hull(quad), hull([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]]))[1]
    return hull(np.asarray(inside).reshape(-1, 2) / [WIDTH, HEIGHT])


def overlap(seen: LookAlike, placed: NDArray[np.float32]) -> float:
    """Intersection over union of what is told and what is true."""
    x, y, width, height = seen.region
    told = hull(seen.polygon or [[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    shared = float(cv2.intersectConvexConvex(told, placed)[0])
    return round(shared / (cv2.contourArea(told) + cv2.contourArea(placed) - shared), 3)


def hull(points: object) -> NDArray[np.float32]:
    """The convex hull (n, 2) of points, in one sense of turning."""
    return np.asarray(cv2.convexHull(np.asarray(points, np.float32)), np.float32).reshape(-1, 2)
