"""Says in words what was done to a registered picture, from the place at which it was found, and where that is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement
from scanner.fingerprint.geometry import Size, area, corners, visible, zoom
from scanner.fingerprint.names import CANON

Polygon = tuple[tuple[float, float], ...]
Region = tuple[float, float, float, float]

WHOLE_FRAME: Region = (0.0, 0.0, 1.0, 1.0)
# Below these it is measurement, not intent: a change of scale, an angle in degrees, sides of unequal length.
_SCALE, _ANGLE, _TAPER, _SQUEEZE = 0.04, 0.8, 1.06, 1.05
# How much of the picture area must be filled to be called filled, and what must be hidden to be called covered.
_FILLED, _HIDDEN, _IN_ONE_PIECE = 0.97, 0.2, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """`polygon` and `region` (x, y, width, height) as shares of the frame; `covered`: share of the picture hidden."""

    words: str
    polygon: Polygon
    region: Region
    covered: float


def described(
    found: Agreement, *, registered: tuple[int, int], delivered: tuple[int, int], active: Region, mirrored: bool
) -> Described:
    """What was done to a registered picture; sizes are (width, height), `active` is the picture inside its mattes."""
    own, frame = _canon(registered), _canon(delivered)
    seen = visible(found.homography, own, frame)
    covered = _covered(found)
    words = [
        *(["flopped"] if mirrored else []),
        *_sizes(found, own, frame, active, seen),
        *_turns(found, own),
        *([f"matted to {_aspect(active, frame):.2f}"] if active[3] < 1 - _SCALE or active[2] < 1 - _SCALE else []),
        *([f"about {covered:.0%} of it covered"] if covered >= _HIDDEN else []),
    ]
    polygon = tuple((round(float(x) / frame[0], 4), round(float(y) / frame[1], 4)) for x, y in seen)
    return Described(
        words=", ".join(words) or "the whole picture", polygon=polygon, region=_box(polygon), covered=round(covered, 2)
    )


def _sizes(found: Agreement, own: Size, frame: Size, active: Region, seen: NDArray[np.float64]) -> list[str]:
    """Punched in where it fills the picture area; inset where it does not."""
    wide, high = active[2] * frame[0], active[3] * frame[1]
    if area(seen) >= _FILLED * wide * high:
        filling = max(wide / own[0], high / own[1])
        punch = zoom(found.homography, own) / filling
        return [f"punched in to {punch:.0%}"] if punch >= 1 + _SCALE else []
    quad = corners(found.homography, own)
    across = float(np.ptp(np.clip(quad[:, 0], 0, frame[0]))) / frame[0]
    whole = area(seen) >= _FILLED * area(quad)
    return [f"inset, {across:.0%} of the frame's width" + ("" if whole else ", cut by the frame's edge")]


def _turns(found: Agreement, own: Size) -> list[str]:
    quad = corners(found.homography, own)
    sides = np.roll(quad, -1, axis=0) - quad
    top, right, bottom, left = np.hypot(sides[:, 0], sides[:, 1])
    if max(top / bottom, bottom / top, left / right, right / left) > _TAPER:
        return ["in perspective"]
    along = sides[0] - sides[2]
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    words = []
    if abs(angle) >= _ANGLE:
        words.append(f"turned {abs(angle):.1f}° {'clockwise' if angle > 0 else 'anticlockwise'}")
    squeeze = ((top + bottom) / own[0]) / ((left + right) / own[1])
    if not 1 / _SQUEEZE < squeeze < _SQUEEZE:
        words.append(f"its width scaled to {squeeze:.0%} of its height")
    return words


def _covered(found: Agreement) -> float:
    """The share of the compared blocks that is hidden: not those that disagree here and there, as noise does."""
    off = (found.cells < 0).astype(np.uint8)
    if not found.compared or not off.any():
        return 0.0
    _, _, stats, _ = cv2.connectedComponentsWithStats(off, connectivity=8)
    largest = int(np.asarray(stats)[1:, cv2.CC_STAT_AREA].max())
    return largest / found.compared if largest >= _IN_ONE_PIECE * int(off.sum()) else 0.0


def _aspect(active: Region, frame: Size) -> float:
    return active[2] * frame[0] / (active[3] * frame[1])


def _canon(size: tuple[int, int]) -> Size:
    return float(CANON), CANON * size[1] / size[0]


def _box(polygon: Polygon) -> Region:
    if not polygon:
        return WHOLE_FRAME
    across, down = [x for x, _ in polygon], [y for _, y in polygon]
    left, top = max(0.0, min(across)), max(0.0, min(down))
    return round(left, 4), round(top, 4), round(min(1.0, max(across)) - left, 4), round(min(1.0, max(down)) - top, 4)
