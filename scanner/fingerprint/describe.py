"""Says in words what was done to a registered picture, from the place at which it was found, and where that is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement
from scanner.fingerprint.geometry import Homography, Size, area, corners, inside
from scanner.fingerprint.names import CANON

Polygon = tuple[tuple[float, float], ...]
Region = tuple[float, float, float, float]
Floats = NDArray[np.float64]

WHOLE_FRAME: Region = (0.0, 0.0, 1.0, 1.0)
# Below these it is measurement, not intent: a change of scale, an angle in degrees, sides of unequal length, width
# against height, and pixels by which no flat picture seen straight on explains the place.
_SCALE, _ANGLE, _TAPER, _SQUEEZE, _BENT = 0.04, 0.8, 1.06, 1.05, 1.5
# How much of the picture area must be filled to be called filled, and what must be hidden to be called covered.
_FILLED, _HIDDEN, _IN_ONE_PIECE = 0.95, 0.2, 0.6


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
    quad = corners(found.homography, own)
    picture = (active[0] * frame[0], active[1] * frame[1], active[2] * frame[0], active[3] * frame[1])
    seen = inside(quad, picture)
    covered = _covered(found)
    flat, bent = _flattened(found.homography, seen)
    words = [
        *(["flopped"] if mirrored else []),
        *_sizes(quad, flat, own, frame, picture),
        *(["in perspective"] if bent and _is_tapered(quad) else _turns(flat)),
        *_boxed(quad, frame, active, picture),
        *([f"about {percent(covered)} of it covered"] if covered >= _HIDDEN else []),
    ]
    polygon = tuple((_share(x, frame[0]), _share(y, frame[1])) for x, y in seen)
    return Described(
        words=", ".join(words) or "the whole picture", polygon=polygon, region=_box(polygon), covered=round(covered, 2)
    )


def percent(share: float) -> str:
    """A share in percent."""
    return f"{share * 100:.0f} %"


def boxed(active: Region) -> list[str]:
    """What stands around a whole picture: black above and below, at the sides, or both."""
    lettered, pillared = active[3] < 1 - _SCALE, active[2] < 1 - _SCALE
    if lettered and pillared:
        return ["window-boxed"]
    return ["letterboxed"] if lettered else ["pillarboxed"] if pillared else []


def _boxed(quad: Floats, frame: Size, active: Region, picture: Region) -> list[str]:
    """A matte hides part of the picture; a box stands around all of it."""
    if not boxed(active):
        return []
    seen, unmatted = area(inside(quad, picture)), area(inside(quad, (0.0, 0.0, *frame)))
    if seen < _FILLED * unmatted:
        return [f"matted to {picture[2] / picture[3]:.2f}"]
    return boxed(active) if seen >= _FILLED * picture[2] * picture[3] else []


def _sizes(quad: Floats, flat: Floats, own: Size, frame: Size, picture: Region) -> list[str]:
    """Punched in where it fills the picture area; inset where it does not."""
    seen, (_, _, wide, high) = area(inside(quad, picture)), picture
    if seen >= _FILLED * wide * high:
        across, down = np.hypot(*flat)
        punch = min(across * own[0] / wide, down * own[1] / high)
        return [f"punched in to {percent(punch)}"] if punch >= 1 + _SCALE else []
    share = float(np.ptp(np.clip(quad[:, 0], 0, frame[0]))) / frame[0]
    cut = "" if seen >= _FILLED * area(quad) else ", cut by the frame's edge"
    return [f"inset, {percent(share)} of the frame's width{cut}"]


def _flattened(homography: Homography, seen: Floats) -> tuple[Floats, bool]:
    """The linear part (2, 2) of the place as it is where it is seen, and whether more than that is needed there."""
    if len(seen) < 3:
        return np.asarray(homography[:2, :2], dtype=np.float64), False
    own = cv2.perspectiveTransform(seen[None], np.linalg.inv(homography))[0]
    known = np.column_stack([own, np.ones(len(own))])
    fitted = np.linalg.lstsq(known, seen, rcond=None)[0]
    off = float(np.abs(known @ fitted - seen).max())
    return np.asarray(fitted[:2].T, dtype=np.float64), off > _BENT


def _is_tapered(quad: Floats) -> bool:
    sides = np.roll(quad, -1, axis=0) - quad
    top, right, bottom, left = np.hypot(sides[:, 0], sides[:, 1])
    return bool(max(top / bottom, bottom / top, left / right, right / left) > _TAPER)


def _turns(flat: Floats) -> list[str]:
    words = []
    angle = float(np.degrees(np.arctan2(flat[1, 0] - flat[0, 1], flat[0, 0] + flat[1, 1])))
    if abs(angle) >= _ANGLE:
        words.append(f"turned {abs(angle):.1f}° {'clockwise' if angle > 0 else 'anticlockwise'}")
    across, down = np.hypot(*flat)
    squeeze = across / down
    if not 1 / _SQUEEZE < squeeze < _SQUEEZE:
        words.append(f"{'squeezed' if squeeze < 1 else 'stretched'} to {percent(squeeze)} of its proper width")
    return words


def _covered(found: Agreement) -> float:
    """The share of the compared blocks that is hidden: not those that disagree here and there, as noise does."""
    off = (found.cells < 0).astype(np.uint8)
    if not found.compared or not off.any():
        return 0.0
    _, _, stats, _ = cv2.connectedComponentsWithStats(off, connectivity=8)
    largest = int(np.asarray(stats)[1:, cv2.CC_STAT_AREA].max())
    return largest / found.compared if largest >= _IN_ONE_PIECE * int(off.sum()) else 0.0


def _share(at: float, whole: float) -> float:
    return round(min(1.0, max(0.0, float(at) / whole)), 4)


def _canon(size: tuple[int, int]) -> Size:
    return float(CANON), CANON * size[1] / size[0]


def _box(polygon: Polygon) -> Region:
    if not polygon:
        return WHOLE_FRAME
    across, down = [x for x, _ in polygon], [y for _, y in polygon]
    left, top = min(across), min(down)
    return left, top, round(max(across) - left, 4), round(max(down) - top, 4)
