"""Collects views of frames, hashes them in batches, and gives the finished PictureCodes of a track."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.codes import codes_of, quality_of
from scanner.fingerprint.names import ALGORITHM, CODE_BYTES, OTHER_TRACK, VERSION
from scanner.fingerprint.views import Grey, View
from scanner.model import PictureCodes

_BATCH = 256


@dataclass(slots=True)
class Collector:
    """Gathers (pts, view) pairs in presentation order."""

    time_base: Fraction
    _pts: list[int] = field(default_factory=list)
    _views: bytearray = field(default_factory=bytearray)
    _waiting: list[Grey] = field(default_factory=list)
    _codes: list[bytes] = field(default_factory=list)
    _quality: list[bytes] = field(default_factory=list)

    def add(self, pts: int, views: list[View]) -> None:
        """Take in the views of one frame."""
        for view in views:
            self._pts.append(pts)
            self._views.append(view.number)
            self._waiting.append(view.picture)
        if len(self._waiting) >= _BATCH:
            self._hash()

    def finish(self) -> PictureCodes:
        """Hash what is left and give the codes."""
        self._hash()
        return PictureCodes(
            algorithm=ALGORITHM,
            version=VERSION,
            time_base=self.time_base,
            pts=tuple(self._pts),
            codes=b"".join(self._codes),
            quality=b"".join(self._quality),
            views=bytes(self._views),
        )

    def _hash(self) -> None:
        if self._waiting:
            batch = np.stack(self._waiting)
            self._codes.append(codes_of(batch).tobytes())
            self._quality.append(quality_of(batch).tobytes())
            self._waiting.clear()


def joined(main: PictureCodes, other: PictureCodes) -> PictureCodes:
    """The codes of two picture tracks of one file, on the main one's clock and in order of time.

    A frame of the other track counts with the main track's frame that is nearest: two tracks are one picture in time.
    """
    frames = np.unique(np.asarray(main.pts, dtype=np.int64))
    ticks = np.asarray([round(pts * other.time_base / main.time_base) for pts in other.pts], dtype=np.int64)
    pts = np.concatenate([np.asarray(main.pts, dtype=np.int64), _nearest(ticks, frames)])
    order = np.argsort(pts, kind="stable")
    codes = np.frombuffer(main.codes + other.codes, dtype=np.uint8).reshape(-1, CODE_BYTES)
    quality = np.frombuffer(main.quality + other.quality, dtype=np.uint8)
    views = np.frombuffer(main.views + bytes([OTHER_TRACK]) * len(other.views), dtype=np.uint8)
    return PictureCodes(
        algorithm=main.algorithm,
        version=main.version,
        time_base=main.time_base,
        pts=tuple(pts[order].tolist()),
        codes=codes[order].tobytes(),
        quality=quality[order].tobytes(),
        views=views[order].tobytes(),
    )


def _nearest(ticks: NDArray[np.int64], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each tick moved to the nearest frame; those outside of the frames' time stay where they are."""
    if not len(frames):
        return ticks
    after = np.clip(np.searchsorted(frames, ticks), 1, max(1, len(frames) - 1))
    left, right = frames[after - 1], frames[np.minimum(after, len(frames) - 1)]
    near = np.where(ticks - left <= right - ticks, left, right)
    return np.where((ticks >= frames[0]) & (ticks <= frames[-1]), near, ticks)
