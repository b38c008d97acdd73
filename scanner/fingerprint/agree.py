"""Checks a supposed place of a registered picture pixel by pixel: block after block, is it the same picture?

The delivered frame is warped back onto the registered picture, both without their low frequencies (grades and light
change those), and every textured block is correlated. Where blocks agree better a little aside, the place is put right
and checked again. A covered part shows as blocks that do not agree.
"""

from dataclasses import dataclass, field
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.geometry import Homography, Size, area, perspective, possible, similarity, visible, zoom
from scanner.fingerprint.names import CANON

Grey = NDArray[np.uint8]
Plane = NDArray[np.float32]

_ROUNDS = 2
# What was put right once and still agrees so little is another picture; and so is what agrees so little at first and
# has so few blocks that were found aside of their places all alike. Of 220 true places in transformed pictures none was
# lost by that, and 236 of 268 chance ones were not put right a second time.
_HOPE, _FIRST_HOPE, _FOUND_ALIKE = 0.4, 0.1, 6
# Compared at this many pixels at most, in about this many blocks, whose sides have these limits.
_COMPARED_PIXELS = 50_000
_LEAST_PIXELS = 1_500
_BLOCKS, _LEAST_SIDE, _MOST_SIDE = 60, 10, 24
# Grey levels: a block of less texture says nothing; one that is flat in the delivered frame does not agree.
_TEXTURE, _FLAT = 3.0, 0.3
# Where fewer blocks have that, so much less will do, and tells less: soft shades are more often alike by chance. Of
# 5,250 other pictures, half of them blurred for the purpose, the one most like one of 29 soft ones has a score of 3.6.
_FEW, _FAINT, _FAINT_WORTH = 16, 0.35, 0.7
_AGREES = 0.6
# The mean of a block that is inside the frame with all of its pixels, which are 255 there and 0 elsewhere.
_ALL_INSIDE = 254.9
# Correlation from which on a block counts, the more the higher; and the least gradient in every direction, by itself
# and beside the most: the rim of a disc is like the rim of any other disc.
_COUNTS = 0.5
_BENT, _BENT_SHARE = 0.5, 0.04
# How far a block is looked for, in pixels, in the first round and the later ones; and how well it must be found.
_REACHES = (6, 3)
_FOUND = 0.55
_ON_PLACE = 1.5
_FOR_HOMOGRAPHY, _FOR_SIMILARITY = 10, 4


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A grey picture, and itself at half, a quarter … of its size, each made when it is first needed."""

    grey: Grey
    # By how many times: threads that make the same one at once make it alike.
    _halved: dict[int, Grey] = field(default_factory=dict, repr=False)

    @property
    def width(self) -> int:
        return int(self.grey.shape[1])

    @property
    def canon(self) -> Size:
        """Width and height when it is as wide as all geometry is in."""
        height, width = self.grey.shape
        return float(CANON), CANON * height / width

    def at_least(self, width: int) -> Grey:
        """The smallest of its sizes that is at least so wide: less to average over."""
        found, times = self.grey, 0
        while found.shape[1] % 2 == found.shape[0] % 2 == 0 and found.shape[1] // 2 >= width:
            times += 1
            if times not in self._halved:
                size = (found.shape[1] // 2, found.shape[0] // 2)
                self._halved[times] = np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            found = self._halved[times]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A place that was checked. `agreeing` of `compared` textured blocks show the same; `cells` (rows, columns) says of
    each block of the registered picture: 1 agrees, -1 does not, 0 was not compared.

    `score`: the sum of how well the blocks agree, squared, over how many there are: many that agree well, and few that
    do not. Among 848 unrelated pictures searched for 72 registered ones the best chance likeness had 2.5.
    """

    homography: Homography
    agreeing: int
    compared: int
    cells: NDArray[np.int8]
    score: float

    @property
    def share(self) -> float:
        return self.agreeing / self.compared if self.compared else 0.0


def agreement(delivered: Picture, registered: Picture, homography: Homography) -> Agreement | None:
    """The best place near the supposed one; None where there is nothing to compare. Pictures of any width."""
    best: Agreement | None = None
    for round_ in range(_ROUNDS + 1):
        if not possible(homography, registered.canon):
            break
        planes = _Planes.of(delivered, registered, homography)
        if planes is None:
            break
        checked = planes.checked(homography)
        if best is None or checked.score > best.score:
            best = checked
        hopeless = round_ > 0 and best.score < _HOPE
        if round_ == _ROUNDS or checked.compared < _FOR_SIMILARITY or hopeless:
            break
        alike = _FOUND_ALIKE if best.score < _FIRST_HOPE else _FOR_SIMILARITY
        better = planes.put_right(homography, _REACHES[min(round_, 1)], alike)
        if better is None:
            break
        homography = better
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planes:
    """Both pictures in the registered one's frame, at `scale` of its canonical size, without low frequencies. `inside`:
    of each block of `side` by `side` pixels, whether the delivered frame has all of it.
    """

    delivered: Plane
    registered: Plane
    inside: NDArray[np.bool_]
    scale: tuple[float, float]
    side: int

    @classmethod
    def of(cls, delivered: Picture, registered: Picture, homography: Homography) -> "_Planes | None":
        width, height = registered.canon
        scale = _scale(delivered, registered, homography)
        size = (max(8, round(width * scale)), max(8, round(height * scale)))
        exact = (width / size[0], height / size[1])
        seen, inside = warped(delivered, homography @ np.diag([*exact, 1.0]), size)
        pixels = cv2.countNonZero(inside)
        if pixels < _LEAST_PIXELS:
            return None
        side = int(np.clip(sqrt(pixels / _BLOCKS), _LEAST_SIDE, _MOST_SIDE))
        own = cv2.resize(registered.at_least(size[0]), size, interpolation=cv2.INTER_LINEAR)
        return cls(
            delivered=_without_light(seen, side),
            registered=_without_light(np.asarray(own, dtype=np.uint8), side),
            inside=_means(inside.astype(np.float32), side) > _ALL_INSIDE,
            scale=exact,
            side=side,
        )

    def checked(self, homography: Homography) -> Agreement:
        """Zero-mean normalised correlation of every block that is inside and textured, or nearly so where few are."""
        ours, theirs, side = self.registered, self.delivered, self.side
        our_mean, their_mean = _means(ours, side), _means(theirs, side)
        own = _means(ours * ours, side) - our_mean**2
        other = _means(theirs * theirs, side) - their_mean**2
        together = _means(ours * theirs, side) - our_mean * their_mean
        likeness = together / np.sqrt(np.maximum(own * other, 0) + 1e-6)
        alike = (likeness > _AGREES) & (other > _FLAT**2)
        weights = np.clip((likeness - _COUNTS) / (1 - _COUNTS), 0, 1) * alike

        def agreed(compared: NDArray[np.bool_], worth: float) -> Agreement:
            count, agrees = int(compared.sum()), compared & alike
            return Agreement(
                homography=homography,
                agreeing=int(agrees.sum()),
                compared=count,
                cells=np.where(agrees, 1, np.where(compared, -1, 0)).astype(np.int8),
                score=worth * float(weights[compared].sum()) ** 2 / max(1, count),
            )

        least, most = self._bends()
        textured = self.inside & (own > _TEXTURE**2) & (least > _BENT) & (least > _BENT_SHARE * most)
        found = agreed(textured, 1.0)
        if found.compared >= _FEW:
            return found
        faint = (own > (_FAINT * _TEXTURE) ** 2) & (least > _FAINT**2 * _BENT) & (least > _BENT_SHARE * most)
        return max(found, agreed(self.inside & faint, _FAINT_WORTH), key=lambda each: each.score)

    def _bends(self) -> tuple[Plane, Plane]:
        """The eigenvalues of each block's structure tensor: a straight edge, like any other, has but one."""
        across = cv2.Sobel(self.registered, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
        down = cv2.Sobel(self.registered, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        planes = (across * across, down * down, across * down)
        xx, yy, xy = (_means(np.asarray(plane, dtype=np.float32), self.side) for plane in planes)
        middle, off = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
        return np.asarray(middle - off, np.float32), np.asarray(middle + off, np.float32)

    def put_right(self, homography: Homography, reach: int, alike: int) -> Homography | None:
        """The homography through the blocks where they are really found; None when fewer than `alike` agree on one."""
        at, found = self._displaced(reach)
        if len(at) < alike:
            return None
        registered = (at * self.scale).astype(np.float32)
        placed = cv2.perspectiveTransform((found * self.scale)[None].astype(np.float64), homography)[0]
        delivered = placed.astype(np.float32)
        if len(at) < _FOR_HOMOGRAPHY:
            better = similarity(registered, delivered, _ON_PLACE)
        else:
            # Most places that are asked of are chance: nothing is put right exactly before enough agree roughly.
            better = perspective(registered, delivered, _ON_PLACE, roughly=True)
            if better is not None and better[1].sum() >= alike:
                better = perspective(registered, delivered, _ON_PLACE)
        return None if better is None or better[1].sum() < alike else better[0]

    def _displaced(self, reach: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Middles (m, 2) of textured blocks, and where in the delivered plane each is found best."""
        side, (height, width) = self.side, self.registered.shape
        varied = _means(self.registered * self.registered, side) - _means(self.registered, side) ** 2
        at, found = [], []
        textured = self.inside & (varied > _TEXTURE**2)
        if textured.sum() < _FEW:
            textured = self.inside & (varied > (_FAINT * _TEXTURE) ** 2)
        for row, column in np.argwhere(textured).tolist():
            y, x = row * side, column * side
            top, left = max(0, y - reach), max(0, x - reach)
            window = self.delivered[top : min(height, y + side + reach), left : min(width, x + side + reach)]
            likeness = cv2.matchTemplate(window, self.registered[y : y + side, x : x + side], cv2.TM_CCOEFF_NORMED)
            _, most, _, place = cv2.minMaxLoc(likeness)
            if most > _FOUND:
                at.append((x + side / 2, y + side / 2))
                found.append((left + place[0] + side / 2, top + place[1] + side / 2))
        return np.array(at, dtype=np.float64).reshape(-1, 2), np.array(found, dtype=np.float64).reshape(-1, 2)


def _scale(delivered: Picture, registered: Picture, homography: Homography) -> float:
    """So large that neither picture is enlarged, and no more is compared than tells something."""
    size = registered.canon
    enlarged = zoom(homography, size)
    seen = area(visible(homography, size, delivered.canon)) / enlarged**2
    finest = min(enlarged * delivered.width / CANON, registered.width / CANON)
    return float(np.clip(min(finest, sqrt(_COMPARED_PIXELS / max(seen, 1.0))), 0.1, 1.5))


def warped(delivered: Picture, homography: Homography, size: tuple[int, int]) -> tuple[Grey, Grey]:
    """The delivered frame seen from the registered picture's plane, and which pixels of that it has (255 or 0)."""
    fine = delivered.width / CANON
    onto = np.diag([fine, fine, 1.0]) @ homography
    shrink = zoom(onto, (float(size[0]), float(size[1])))
    grey = delivered.grey
    if shrink > 1.5:
        # Averaged first: taking every third pixel would make noise of fine detail.
        height, width = grey.shape
        smaller = (max(8, round(width / shrink)), max(8, round(height / shrink)))
        averaged = cv2.resize(delivered.at_least(smaller[0]), smaller, interpolation=cv2.INTER_LINEAR)
        grey = np.asarray(averaged, dtype=np.uint8)
        onto = np.diag([smaller[0] / width, smaller[1] / height, 1.0]) @ onto
    seen = cv2.warpPerspective(grey, onto, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    whole = np.full(grey.shape, 255, np.uint8)
    inside = cv2.warpPerspective(whole, onto, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(seen, dtype=np.uint8), np.asarray(inside, dtype=np.uint8)


def _without_light(picture: Grey, side: int) -> Plane:
    plane = picture.astype(np.float32)
    reach = side | 1
    return np.asarray(plane - cv2.blur(plane, (reach, reach)), dtype=np.float32)


def _means(plane: Plane, side: int) -> Plane:
    """The mean of every block (rows, columns); what is left over at the right and below is left out."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    if not rows or not columns:
        return np.zeros((rows, columns), np.float32)
    whole = plane[: rows * side, : columns * side]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.float32)
