"""Collects views of frames, hashes them in batches, and gives the finished PictureCodes of a track."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from scanner.fingerprint.codes import codes_of, quality_of
from scanner.fingerprint.names import ALGORITHM, VERSION
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
