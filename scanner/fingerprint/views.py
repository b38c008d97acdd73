"""Views of a frame: its active picture without mattes and pillars, and what the usual mattes would leave of it.

A delivered frame is looked at by its active picture (and whole, where the two differ). A registered frame is kept in
more views: a matte that finishing lays over it cuts the picture, and a cut picture has another code.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.codes import SIDE
from scanner.fingerprint.names import ACTIVE, ASPECTS, FIRST_MATTE, UNTURNED, WHOLE

Grey = NDArray[np.uint8]
Box = tuple[int, int, int, int]

# A border line is dark and flat: video black is 16, noise and compression add a little.
_BLACK = 32
_FLAT = 12.0
_LEAST_SHARE = 0.3
_SAME_ASPECT = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One 64 by 64 view of a frame, and which one (an index into VIEW_NAMES)."""

    number: int
    picture: Grey


def active_picture(grey: Grey) -> Box:
    """x, y, width, height of the picture inside black mattes and pillars; the whole frame where there are none."""
    height, width = grey.shape
    top, bottom = _ends(_lit(grey))
    left, right = _ends(_lit(grey.T))
    if (bottom - top) < _LEAST_SHARE * height or (right - left) < _LEAST_SHARE * width:
        return 0, 0, width, height
    return left, top, right - left, bottom - top


def delivered_views(grey: Grey) -> tuple[list[View], Box]:
    """The views that a delivered frame is looked up by, and its active picture."""
    box = active_picture(grey)
    x, y, width, height = box
    views = [View(number=ACTIVE, picture=small(grey[y : y + height, x : x + width]))]
    if (width, height) != (grey.shape[1], grey.shape[0]):
        views.append(View(number=WHOLE, picture=small(grey)))
    return views, box


def box_of(grey: Grey, number: int) -> Box:
    """Which part of a registered picture a view of it is: x, y, width, height."""
    height, width = grey.shape
    if number not in (ACTIVE, *range(FIRST_MATTE, FIRST_MATTE + len(ASPECTS))):
        return 0, 0, width, height
    x, y, wide, high = active_picture(grey)
    if number == ACTIVE:
        return x, y, wide, high
    left, top, kept_wide, kept_high = _middle((wide, high), ASPECTS[number - FIRST_MATTE])
    return x + left, y + top, kept_wide, kept_high


def unturned_view(stored: Grey) -> View:
    """A frame as it is stored, for a track with a rotation flag: a copy may have lost or gained the flag."""
    x, y, width, height = active_picture(stored)
    return View(number=UNTURNED, picture=small(stored[y : y + height, x : x + width]))


def registered_views(grey: Grey) -> list[View]:
    """The views that a registered frame is kept in: active picture, and what each usual matte leaves of it."""
    views, (x, y, width, height) = delivered_views(grey)
    active = grey[y : y + height, x : x + width]
    for number, aspect in enumerate(ASPECTS, start=FIRST_MATTE):
        if abs(width / height / aspect - 1) > _SAME_ASPECT:
            views.append(View(number=number, picture=small(_cut(active, aspect))))
    return views


def small(grey: Grey) -> Grey:
    """The picture as 64 by 64, averaged over areas."""
    return np.asarray(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _cut(picture: Grey, aspect: float) -> Grey:
    """The middle of the picture at this aspect ratio."""
    x, y, width, height = _middle((picture.shape[1], picture.shape[0]), aspect)
    return picture[y : y + height, x : x + width]


def _middle(size: tuple[int, int], aspect: float) -> Box:
    """What is left of a picture (width, height) at this aspect ratio: top and bottom are cut, or the sides."""
    width, height = size
    if width / height < aspect:
        kept = max(1, round(width / aspect))
        return 0, (height - kept) // 2, width, kept
    kept = max(1, round(height * aspect))
    return (width - kept) // 2, 0, kept, height


def _lit(lines: Grey) -> NDArray[np.bool_]:
    """Which lines are picture. Few are neither black nor bright, so that how flat they are is asked."""
    brightest = lines.max(axis=1)
    lit = brightest > 2 * _BLACK
    doubtful = np.flatnonzero(~lit & (brightest > _BLACK))
    lit[doubtful] = lines[doubtful].std(axis=1) > _FLAT / 4
    return np.asarray(lit)


def _ends(lit: NDArray[np.bool_]) -> tuple[int, int]:
    where = np.flatnonzero(lit)
    return (int(where[0]), int(where[-1]) + 1) if len(where) else (0, 0)
