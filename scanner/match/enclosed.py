"""Finds registered pictures whole in a rectangle of a frame, in the mirror, or in negative: by whole-frame codes.

Local features find pictures in any place and size, but a soft or small one leaves too few of them. Where four straight
edges meet, what they enclose can be looked up as a picture of its own; its pixels are then checked like any other's.
A negative has all the corners, but each described the other way round.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Picture, agreement
from scanner.fingerprint.codes import codes_of, quality_of
from scanner.fingerprint.describe import Region
from scanner.fingerprint.edged import edges_of
from scanner.fingerprint.geometry import Homography
from scanner.fingerprint.insets import insets
from scanner.fingerprint.names import ACTIVE, CANON
from scanner.fingerprint.views import Box, Grey, active_picture, box_of, small
from scanner.match.local import (
    CODED_BY_CHANCE,
    LocalIndex,
    Sighting,
    View,
    delivered_picture,
    negative_of,
    registered_picture,
)
from scanner.match.pictures import CodeTable, Hits, PictureIndex
from scanner.model import AssetRef, FeatureFrame

# Of one rectangle so many registered pictures are checked.
_MOST_CHECKS = 3
# Pixels beside a rectangle, and grey levels that are black with noise and compression.
_BESIDE, _BLACK = 10, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A rectangle of a frame, as it is or in the mirror. `edged`: it has edges; the whole picture has none."""

    box: Box
    mirrored: bool = False
    edged: bool = True
    negative: bool = False

    def inside(self, grey: Grey) -> Grey:
        """What is in it, 64 by 64."""
        x, y, width, height = self.box
        picture = small(grey[y : y + height, x : x + width])
        if self.negative:
            return negative_of(picture)
        return np.ascontiguousarray(picture[:, ::-1]) if self.mirrored else picture

    def shares(self, grey: Grey) -> Region | None:
        """Where it is, as shares of the frame; None where it has no edges."""
        (height, width), (x, y, wide, high) = grey.shape, self.box
        return (x / width, y / height, wide / width, high / height) if self.edged else None


@dataclass(slots=True, kw_only=True)
class Enclosed:
    """Looks rectangles up among the registered pictures. `wanted`: of every number in `whole`, if it is looked for."""

    whole: PictureIndex
    parts: LocalIndex
    assets: Sequence[AssetRef]
    wanted: NDArray[np.bool_]
    _numbers: dict[AssetRef, int] = field(default_factory=dict)

    def sightings(self, frame: FeatureFrame) -> Iterator[Sighting]:
        """Registered pictures in rectangles of a frame, checked pixel by pixel; the same one may be told twice."""
        if not self.whole.assets:
            return
        delivered = delivered_picture(frame)
        asked = _asked(delivered.grey, rectangles_of(frame))
        hits = self.whole.hits(_table(asked, delivered.grey), radius=CODED_BY_CHANCE)
        for at in self._closest(hits):
            rectangle = asked[int(hits.frame[at])]
            asset, seconds = self.whole.assets[int(hits.asset[at])], float(hits.asset_seconds[at])
            view = self._view(asset, seconds, mirrored=rectangle.mirrored)
            if view is None:
                continue
            own = registered_picture(view)
            place = _onto(box_of(own.grey, int(hits.asset_view[at])), own.width, rectangle.box, delivered.width)
            shown = Picture(negative_of(delivered.grey)) if rectangle.negative else delivered
            found = agreement(shown, own, place)
            if found is not None:
                bits, box = int(hits.distance[at]), rectangle.shares(delivered.grey)
                yield Sighting(
                    view=view, inliers=0, cells=0, found=found, bits=bits, box=box, negative=rectangle.negative
                )

    def edged(self, frame: FeatureFrame, seen: Iterable[Sighting]) -> Iterator[Sighting]:
        """The same sightings, each with the rectangle that it stands in, if it does."""
        grey = delivered_picture(frame).grey
        height, width = grey.shape
        rectangles = [_scaled(box, CANON / width) for box in rectangles_of(frame) if not _is_matted(grey, box)]
        for each in seen:
            box = None
            if each.box is None:
                box = edges_of(each.found, registered_picture(each.view).canon, rectangles)
            if box is None:
                yield each
            else:
                x, y, wide, high = _scaled(box, 1 / CANON)
                yield replace(each, box=(x, y * width / height, wide, high * width / height))

    def _closest(self, hits: Hits) -> Iterator[int]:
        """Of every rectangle the closest hits, one of each asset that is looked for."""
        seen: dict[int, set[int]] = {}
        for at in np.argsort(hits.distance, kind="stable").tolist():
            asset, told = int(hits.asset[at]), seen.setdefault(int(hits.frame[at]), set())
            if self.wanted[asset] and len(told) < _MOST_CHECKS and asset not in told:
                told.add(asset)
                yield at

    def _view(self, asset: AssetRef, seconds: float, *, mirrored: bool) -> View | None:
        """The registered frame, with its picture, that is nearest to a time of an asset."""
        if not self._numbers:
            self._numbers = {each: number for number, each in enumerate(self.assets)}
        number = self._numbers.get(asset)
        views = [] if number is None else [each for each in self.parts.views_of(number) if each.mirrored == mirrored]
        return min(views, key=lambda each: abs(each.seconds - seconds), default=None)


def table_of(grey: Grey) -> CodeTable:
    """The codes by which a grey picture's rectangles are looked up."""
    return _table(_asked(grey, insets(grey)), grey)


@lru_cache(maxsize=4)
def rectangles_of(frame: FeatureFrame) -> list[Box]:
    """The rectangles in a delivered frame's picture; those of the last few are kept."""
    return insets(delivered_picture(frame).grey)


def _asked(grey: Grey, boxes: Sequence[Box]) -> list[_Asked]:
    """What of a frame is looked up. The whole picture as it is was at every sample; as these it was not."""
    rectangles = [_Asked(box=box, mirrored=mirrored) for box in boxes for mirrored in (False, True)]
    mirror = _Asked(box=active_picture(grey), mirrored=True, edged=False)
    # What is white in a picture is black in its negative, and no matte.
    negative = _Asked(box=active_picture(negative_of(grey)), negative=True, edged=False)
    return [mirror, negative, *rectangles]


def _table(asked: Sequence[_Asked], grey: Grey) -> CodeTable:
    pictures = np.stack([each.inside(grey) for each in asked])
    number = np.arange(len(asked))
    return CodeTable(
        codes=codes_of(pictures),
        quality=quality_of(pictures),
        view=np.full(len(asked), ACTIVE, np.uint8),
        frame=number,
        seconds=number.astype(np.float64),
    )


def _is_matted(grey: Grey, box: Box) -> bool:
    """Whether there is black above and below, or at both sides: a matte or a box around all of it, told as that."""
    x, y, width, height = box
    across, down = slice(x, x + width), slice(y, y + height)
    above, below = grey[max(0, y - _BESIDE) : max(1, y - 2), across], grey[y + height + 2 :][:_BESIDE, across]
    left, right = grey[down, max(0, x - _BESIDE) : max(1, x - 2)], grey[down, x + width + 2 :][:, :_BESIDE]
    return any(all(part.size and part.max() <= _BLACK for part in pair) for pair in ((above, below), (left, right)))


def _scaled(box: Region, by: float) -> Region:
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by


def _onto(own: Box, own_width: int, box: Box, width: int) -> Homography:
    """The place that takes a part of a registered picture to a rectangle of the frame; both in their own pixels."""
    x, y, wide, high = _scaled(box, CANON / width)
    own_x, own_y, own_wide, own_high = _scaled(own, CANON / own_width)
    across, down = wide / own_wide, high / own_high
    return np.array([[across, 0, x - across * own_x], [0, down, y - down * own_y], [0, 0, 1]], dtype=np.float64)
