"""Says in words what was done to a registered picture, from the place at which it was found, and where that is."""

from dataclasses import dataclass
from math import log

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement
from scanner.fingerprint.geometry import Homography, Size, area, corners, inside, zoom
from scanner.fingerprint.hidden import hidden_at, hidden_share
from scanner.fingerprint.names import ASPECTS, CANON
from scanner.fingerprint.seen import Grid, seen_part

Polygon = tuple[tuple[float, float], ...]
Region = tuple[float, float, float, float]
Floats = NDArray[np.float64]

WHOLE_FRAME: Region = (0.0, 0.0, 1.0, 1.0)
# Below these it is measurement, not intent: a change of scale, an angle in degrees, sides of unequal length, width
# against height, and pixels by which no flat picture seen straight on explains the place.
_SCALE, _ANGLE, _TAPER, _SQUEEZE, _BENT = 0.04, 0.8, 1.06, 1.05, 1.5
# A picture that fills so much of the frame is tilted from more on: it was cut from one that is seen straight on, or a
# camera moved between the registered frame and this one. What hangs on a wall has 1.27 and more, such pictures 1.2.
_FULL, _TAPER_OF_FULL = 0.9, 1.22
# How much of the picture area must be filled to be called filled, and what must be hidden to be called covered.
_FILLED, _HIDDEN = 0.95, 0.2
# So many blocks that are seen in what is black round the picture area, and most that are there: it is only dark. One
# that is half behind a matte agrees too: only those count that lie behind it with so much of their sides.
_SEEN_IN_DARK, _BEHIND = 3, 0.9
# Degrees from which on what was flopped and turned is better told as flipped.
_UPENDED = 135


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """`polygon` and `region` (x, y, width, height) as shares of the frame; `covered`: share of the picture hidden.

    `squeeze`: its width against its height, 1 where they are as they were. `active`: the frame inside its mattes.
    """

    words: str
    polygon: Polygon
    region: Region
    covered: float
    squeeze: float = 1.0
    active: Region = WHOLE_FRAME


def described(
    found: Agreement,
    *,
    registered: tuple[int, int],
    delivered: tuple[int, int],
    active: Region,
    mirrored: bool,
    own_active: Region = WHOLE_FRAME,
    enclosed: Region | None = None,
    cut: Region | None = None,
) -> Described:
    """What was done to a registered picture; sizes are (width, height), `active` is the picture inside its mattes.

    `own_active`: the same of the registered picture, as it was, or mirrored as it was found. `enclosed`: rectangle of
    the frame in which all that is seen of it stands, where that is known; `cut`: what is left of it, in its own pixels
    when it is 640 wide.
    """
    own, frame = _canon(registered), _canon(delivered)
    quad = corners(found.homography, own)
    active = _matted(found, own, frame, active, own_active)
    picture = _scaled(active, frame)
    flat, bent = _flattened(found.homography, inside(quad, picture))
    is_full = area(inside(quad, picture)) >= _FULL * picture[2] * picture[3]
    is_tilted = bent and _taper(quad) > (_TAPER_OF_FULL if is_full else _TAPER)
    angle = _angle(flat)
    squeeze = float(np.divide(*np.hypot(*flat)))
    fills = enclosed is None and (_fills(quad, angle, picture) or (is_full and bent and not is_tilted))
    grid = Grid.of(found.cells, own).within(found.homography, picture)
    if enclosed is None:
        is_cut = cut is not None and is_tilted and not fills
        left = cut if is_cut else seen_part(grid, own)
        part, covered = _part(left, grid, found.homography, own, picture, fills=fills)
    else:
        part, covered = _enclosed(quad, _scaled(enclosed, frame))
    trimmed = [] if enclosed is None or part is None else _trimmed(quad, part)
    seen = inside(quad if part is None else part, picture)
    shifted = _shifted(quad, frame, active) if fills else []
    # Black that is laid over a picture does not make it larger than the frame that it fills.
    filled = (0.0, 0.0, *frame) if _fills(quad, angle, (0.0, 0.0, *frame)) else picture
    words = [
        *_flipped(angle, mirrored=mirrored and not is_tilted),
        *(["flopped"] if mirrored and is_tilted else []),
        *(shifted or _cut(flat, own, filled, active) if fills else _inset(quad if part is None else part, seen, frame)),
        *(["in perspective"] if is_tilted else [*_turned(angle, mirrored=mirrored), *squeezed(squeeze)]),
        *(_boxed(quad, frame, active, picture) if enclosed is None and not shifted else []),
        *(trimmed or (_cropped(covered) if part is not None and not fills else _hidden(covered, grid, found, seen))),
    ]
    polygon = tuple((_share(x, frame[0]), _share(y, frame[1])) for x, y in seen)
    return Described(
        words=", ".join(words) or "the whole picture",
        polygon=polygon,
        region=_box(polygon),
        covered=round(covered, 2),
        squeeze=squeeze,
        active=active,
    )


def percent(share: float) -> str:
    """A share in percent."""
    return f"{share * 100:.0f} %"


def cropped_to(aspect: float) -> str:
    """What was left out to make a picture fill a frame of another shape (width to height)."""
    return f"cropped to {_usual(aspect):.2f}:1"


def _usual(aspect: float) -> float:
    """The usual shape that it nearly is, or itself."""
    usual = min(ASPECTS, key=lambda each: abs(log(each / aspect)))
    return usual if abs(log(usual / aspect)) < _SCALE else aspect


def boxed(active: Region) -> list[str]:
    """What stands around a whole picture: black above and below, at the sides, or both."""
    lettered, pillared = active[3] < 1 - _SCALE, active[2] < 1 - _SCALE
    if lettered and pillared:
        return ["window-boxed"]
    return ["letterboxed"] if lettered else ["pillarboxed"] if pillared else []


def _shifted(quad: Floats, frame: Size, active: Region) -> list[str]:
    """How far a picture of the frame's size was moved, where the black that it left is no box: it is at one side."""
    first, last = quad.min(axis=0) / frame, quad.max(axis=0) / frame
    if np.abs(last - first - 1).max() > _SCALE:
        return []
    moved = (first + last - 1) / 2
    begin, end = np.array(active[:2]), np.array(active[:2]) + active[2:]
    is_black = np.abs(np.maximum(moved, 0) - begin) + np.abs(np.minimum(moved, 0) - (end - 1)) <= _SCALE
    ways = zip(moved, ("to the right", "down"), ("to the left", "up"), strict=True)
    told = [f"{percent(abs(by))} {more if by > 0 else less}" for by, more, less in ways if abs(by) >= _SCALE]
    return [f"moved {' and '.join(told)}"] if told and is_black.all() else []


def _boxed(quad: Floats, frame: Size, active: Region, picture: Region) -> list[str]:
    """A matte hides part of the picture; a box stands around all of it, or of what is left."""
    if not boxed(active):
        return []
    seen, unmatted = area(inside(quad, picture)), area(inside(quad, (0.0, 0.0, *frame)))
    if seen < _FILLED * unmatted:
        return _black_over(active) or [f"matted to {_usual(picture[2] / picture[3]):.2f}"]
    return boxed(active) if seen >= _FILLED * picture[2] * picture[3] else []


def _black_over(active: Region) -> list[str]:
    """Where black hides what a matte would not: at one side alone, or all round."""
    x, y, width, height = active
    ways = ((x, 1 - x - width, "the left", "the right"), (y, 1 - y - height, "the top", "the bottom"))
    told = []
    for before, after, first, last in ways:
        if min(before, after) < _SCALE <= max(before, after):
            told.append(f"black over {percent(max(before, after))} at {first if before > after else last}")
    return told or (boxed(active) if width < 1 - _SCALE and height < 1 - _SCALE else [])


def _fills(quad: Floats, angle: float, picture: Region) -> bool:
    """Whether it fills the picture area, or did before it was turned: that leaves corners."""
    x, y, wide, high = picture
    turn = cv2.getRotationMatrix2D((x + wide / 2, y + high / 2), angle, 1.0)
    upright = cv2.transform(quad[None], turn)[0].astype(np.float64)
    return max(area(inside(each, picture)) for each in (quad, upright)) >= _FILLED * wide * high


def _matted(found: Agreement, own: Size, frame: Size, active: Region, own_active: Region) -> Region:
    """The picture inside the mattes that were laid over it: not inside black of its own, nor where it is only dark."""
    lit, quad = _carried(found.homography, _scaled(own_active, own)), corners(found.homography, own)
    active = _without_own_black(active, lit / frame, quad / frame)
    return active if _is_matte(found, own, _scaled(active, frame)) else WHOLE_FRAME


def _is_matte(found: Agreement, own: Size, picture: Region) -> bool:
    """Whether what is black round the picture area hides the rest: not where that is seen there, though it is dark."""
    grid = Grid.of(found.cells, own)
    x, y, width, height = picture
    side = _BEHIND * grid.side * zoom(found.homography, own)
    beside = grid.within(found.homography, (x - side, y - side, width + 2 * side, height + 2 * side)).cells == 0
    agree, others = int((grid.cells[beside] > 0).sum()), int((grid.cells[beside] < 0).sum())
    return agree < max(_SEEN_IN_DARK, others)


def _cut(flat: Floats, own: Size, picture: Region, active: Region) -> list[str]:
    """What the frame leaves out of a picture that fills it: all round, or above and below (at the sides) alone."""
    across, down = np.hypot(*flat)
    fits = across * own[0] / picture[2], down * own[1] / picture[3]
    if min(fits) >= 1 + _SCALE:
        return [f"punched in to {percent(min(fits))}"]
    # One that is wider or narrower than it was may fit the frame by that.
    is_cut = max(fits) >= 1 + _SCALE and not squeezed(float(across / down)) and not boxed(active)
    return [cropped_to(picture[2] / picture[3])] if is_cut else []


def _inset(quad: Floats, seen: Floats, frame: Size) -> list[str]:
    share = float(np.ptp(np.clip(quad[:, 0], 0, frame[0]))) / frame[0]
    cut = "" if area(seen) >= _FILLED * area(quad) else ", cut by the frame's edge"
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


def _taper(quad: Floats) -> float:
    """How many times as long as the opposite side a side is, at most."""
    sides = np.roll(quad, -1, axis=0) - quad
    top, right, bottom, left = np.hypot(sides[:, 0], sides[:, 1])
    return float(max(top / bottom, bottom / top, left / right, right / left))


def _angle(flat: Floats) -> float:
    """Degrees clockwise, -180 to 180."""
    return float(np.degrees(np.arctan2(flat[1, 0] - flat[0, 1], flat[0, 0] + flat[1, 1])))


def _is_upended(angle: float) -> bool:
    return abs(angle) > _UPENDED


def _flipped(angle: float, *, mirrored: bool) -> list[str]:
    """Seen in a mirror and turned by 180 degrees is flipped top to bottom."""
    if not mirrored:
        return []
    return ["flipped top to bottom"] if _is_upended(angle) else ["flopped"]


def _turned(angle: float, *, mirrored: bool) -> list[str]:
    """How far it was turned, beside having been flipped."""
    if mirrored and _is_upended(angle):
        angle -= float(np.copysign(180, angle))
    if abs(angle) < _ANGLE:
        return []
    if 180 - abs(angle) < _ANGLE:
        return ["turned by 180°"]
    right = abs(abs(angle) - 90) < _ANGLE
    told = "90" if right else f"{abs(angle):.1f}"
    return [f"turned {told}° {'clockwise' if angle > 0 else 'anticlockwise'}"]


def squeezed(squeeze: float) -> list[str]:
    """In words what became of the width against the height."""
    if 1 / _SQUEEZE < squeeze < _SQUEEZE:
        return []
    return [f"{'squeezed' if squeeze < 1 else 'stretched'} to {percent(squeeze)} of its proper width"]


def _part(
    found: Region | None, grid: Grid, homography: Homography, own: Size, picture: Region, *, fills: bool
) -> tuple[Floats | None, float]:
    """The corners (4, 2) of the part that is seen where the rest is clearly not, and the share that is hidden.

    What stands before one side of a picture that fills the frame covers it: its place goes on behind that.
    """
    if found is None:
        return None, hidden_share(grid.cells)
    part = _carried(homography, found)
    whole = area(inside(corners(homography, own), picture))
    hidden = 1 - area(inside(part, picture)) / max(whole, 1.0)
    if fills and not _is_between(found, own):
        return None, max(hidden, hidden_share(grid.cells))
    return (part, hidden) if hidden >= _HIDDEN else (None, hidden_share(grid.cells))


def _carried(homography: Homography, box: Region) -> Floats:
    """The corners (4, 2) of a part of the registered picture where it was found."""
    x, y, width, height = box
    return corners(homography @ np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]), (width, height))


def _without_own_black(active: Region, lit: Floats, quad: Floats) -> Region:
    """The picture inside its mattes, where black that belongs to the registered picture counts as picture.

    `lit`, `quad`: the corners of what is not black of that, and of all of it, as shares of the frame.
    """
    x, y, width, height = active
    ends = np.array([[x, y], [x + width, y + height]])
    own, whole = (np.clip([each.min(axis=0), each.max(axis=0)], 0, 1) for each in (lit, quad))
    is_own = (np.abs(ends - own) < _SCALE / 2) & (np.abs(own - whole) >= _SCALE / 2)
    if not is_own.any():
        return active
    (left, top), (right, bottom) = np.where(is_own, whole, ends).round(4)
    return float(left), float(top), float(right - left), float(bottom - top)


def _scaled(region: Region, size: Size) -> Region:
    """Shares of a picture as pixels of it."""
    return region[0] * size[0], region[1] * size[1], region[2] * size[0], region[3] * size[1]


def _enclosed(quad: Floats, box: Region) -> tuple[Floats | None, float]:
    """The same where edges show what is seen: the rest was cut off."""
    seen = inside(quad, box)
    hidden = 1 - area(seen) / max(area(quad), 1.0)
    return (seen, hidden) if len(seen) > 2 and hidden >= 1 - _FILLED else (None, 0.0)


def _trimmed(quad: Floats, part: Floats) -> list[str]:
    """What was cut off above and below alike, and nowhere else."""
    whole, seen = np.array([quad.min(axis=0), quad.max(axis=0)]), np.array([part.min(axis=0), part.max(axis=0)])
    (left, above), (right, below) = np.abs(seen - whole) / np.ptp(whole, axis=0)
    is_trimmed = max(left, right) < _SCALE and abs(above - below) < _SCALE < min(above, below)
    return [cropped_to(float(np.divide(*np.ptp(seen, axis=0))))] if is_trimmed else []


def _is_between(part: Region, own: Size) -> bool:
    """Whether the rest is on two sides of it."""
    x, y, width, height = part
    return (x > 0 and x + width < own[0]) or (y > 0 and y + height < own[1])


def _cropped(hidden: float) -> list[str]:
    return [f"cropped to about {percent(1 - hidden)} of it"] if hidden >= _HIDDEN else []


def _hidden(covered: float, grid: Grid, found: Agreement, seen: Floats) -> list[str]:
    if covered < _HIDDEN:
        return []
    return [f"about {percent(covered)} of it covered or changed {hidden_at(grid, found.homography, seen)}".rstrip()]


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
