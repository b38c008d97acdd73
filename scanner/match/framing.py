"""The picture inside its mattes, of the shot that a stretch is in and not of the file: mattes change within a film."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.describe import WHOLE_FRAME, Region
from scanner.fingerprint.names import ACTIVE, ASPECTS, FIRST_MATTE, WHOLE
from scanner.fingerprint.views import Grey, active_picture
from scanner.match.local import LocalIndex, View
from scanner.match.pictures import CodeTable
from scanner.match.stretches import Part, Whole
from scanner.model import AssetRef, FeatureFrame, PictureFeatures, PictureTrack

# A moment later is the same time: ticks became seconds.
_MOMENT = 1e-6
# Kept frames are small and compressed: within so much it is the file's commonest picture area, which was measured well.
_SAME = 0.02
# A hard edge: of the pixels along it so many are so much brighter some lines inside it than as many lines outside.
_STEP, _MANY, _BESIDE = 12, 0.3, np.arange(2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Tells of any time of a track what of the frame is picture. `boxed`: seconds of the frames that are not full."""

    picture: PictureTrack
    boxed: NDArray[np.float64]
    kept: Sequence[FeatureFrame] = ()
    times: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, table: CodeTable, features: PictureFeatures | None, picture: PictureTrack) -> "Framing":
        """By the views of each frame, and the frames that are kept with their features."""
        frames = () if features is None else features.frames
        times = [] if features is None else [float(frame.pts * features.time_base) for frame in frames]
        boxed = np.unique(table.seconds[table.view == WHOLE])
        return cls(picture=picture, boxed=boxed, kept=frames, times=times)

    def at(self, seconds: float) -> Region:
        """The picture area of a sampled frame: by the kept frame that stands for it, else the file's commonest."""
        if not self._is_boxed(seconds):
            return WHOLE_FRAME
        return self._region(self._frame(seconds))

    def of_part(self, part: Part) -> Region:
        """The picture area of the kept frame in which a part was seen."""
        return self._region(self.frame_of(part))

    def frame_of(self, part: Part) -> FeatureFrame | None:
        """The kept frame in which a part was seen."""
        return self._frame(part.seconds, part.size)

    def size(self, seconds: float) -> tuple[int, int] | None:
        """Width and height of the frame as it is shown, in any unit; None where no frame of it was kept."""
        found = self._frame(seconds)
        return None if found is None else (found.width, found.height)

    def _region(self, frame: FeatureFrame | None) -> Region:
        region = self.picture.region if frame is None else _active(frame.grey)
        return self.picture.region if _are_alike(region, self.picture.region) else region

    def _is_boxed(self, seconds: float) -> bool:
        near = self.boxed[np.searchsorted(self.boxed, seconds - _MOMENT) :][:1]
        return bool(len(near) and near[0] <= seconds + _MOMENT)

    def _frame(self, seconds: float, size: tuple[int, int] | None = None) -> FeatureFrame | None:
        """The kept frame that stands at a time: the last one before, of two picture tracks the one of this size."""
        last = bisect_right(self.times, seconds + _MOMENT) - 1
        while last >= 0 and size not in (None, (self.kept[last].width, self.kept[last].height)):
            last -= 1
        return self.kept[last] if last >= 0 else None


@dataclass(slots=True, kw_only=True)
class Shapes:
    """Tells the shape (width to height) of registered pictures, or of what a matte leaves of them."""

    parts: LocalIndex
    assets: Sequence[AssetRef]
    _views: dict[AssetRef, list[View]] | None = None

    def of(self, asset: AssetRef, whole: Whole) -> float | None:
        """The shape of the view in which an asset was recognised; None where it is not known."""
        if whole.asset_view >= FIRST_MATTE:
            return ASPECTS[whole.asset_view - FIRST_MATTE]
        view = self._view(asset, whole)
        if view is None or whole.asset_view not in (ACTIVE, WHOLE):
            return None
        _, _, wide, high = _active(bytes(view.picture)) if whole.asset_view == ACTIVE else WHOLE_FRAME
        return wide * view.size[0] / (high * view.size[1])

    def is_as_registered(self, asset: AssetRef, whole: Whole, region: Region) -> bool:
        """Whether a picture area is the registered frame's own: no matte was laid over it, nor a box around it."""
        view = self._view(asset, whole) if whole.asset_view == ACTIVE else None
        return view is not None and _are_alike(_active(bytes(view.picture)), region)

    def _view(self, asset: AssetRef, whole: Whole) -> View | None:
        """The registered frame that was recognised, or the nearest of which features are kept."""
        if self._views is None:
            self._views = {}
            for view in self.parts.views:
                if not view.mirrored:
                    self._views.setdefault(self.assets[view.asset], []).append(view)
        near = self._views.get(asset, [])
        return min(near, key=lambda each: abs(each.seconds - whole.asset_seconds)) if near else None


def registered_area(view: View) -> Region:
    """The picture area of a registered frame, turned round for one in the mirror."""
    x, y, width, height = _active(bytes(view.picture))
    return 1 - x - width if view.mirrored else x, y, width, height


def _are_alike(one: Region, other: Region) -> bool:
    return all(abs(a - b) <= _SAME for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=64)
def _active(picture: bytes) -> Region:
    """The picture inside its mattes, of a grey picture (JPEG)."""
    grey = np.asarray(cv2.imdecode(np.frombuffer(picture, dtype=np.uint8), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    height, width = grey.shape
    x, y, wide, high = active_picture(grey)
    left, right = _evened(grey.T, x, x + wide)
    top, bottom = _evened(grey, y, y + high)
    shares = (left / width, top / height, (right - left) / width, (bottom - top) / height)
    return round(shares[0], 4), round(shares[1], 4), round(shares[2], 4), round(shares[3], 4)


def _evened(lines: Grey, first: int, last: int) -> tuple[int, int]:
    """The ends of the picture among its lines. Mattes are even and have hard edges: a dark edge is picture."""
    before, after = first, len(lines) - last
    if abs(before - after) <= _SAME * len(lines):
        return first, last
    even = min(before, after)
    begin = first if before == even or _is_hard(lines, first, -1) else even
    end = last if after == even or _is_hard(lines, last - 1, 1) else len(lines) - even
    return begin, end


def _is_hard(lines: Grey, last: int, outwards: int) -> bool:
    """Whether the picture ends at a line: within some lines many of its pixels become black."""
    inside = lines[np.clip(last - outwards * _BESIDE, 0, len(lines) - 1)].mean(axis=0)
    outside = lines[np.clip(last + outwards * _BESIDE, 0, len(lines) - 1)].mean(axis=0)
    return bool((inside - outside > _STEP).mean() >= _MANY)
