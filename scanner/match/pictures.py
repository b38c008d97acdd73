"""The registered pictures in one Hamming index, and the look-up of a delivered track in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CODE_BYTES
from scanner.fingerprint.runs import Hit
from scanner.model import AssetRef, PictureCodes

_BITS = CODE_BYTES * 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """PictureCodes as arrays: codes (n, 32), quality (n,), view (n,), frame number and seconds of each code."""

    codes: NDArray[np.uint8]
    quality: NDArray[np.uint8]
    view: NDArray[np.uint8]
    frame: NDArray[np.int64]
    seconds: NDArray[np.float64]

    @classmethod
    def of(cls, codes: PictureCodes) -> "CodeTable":
        pts = np.asarray(codes.pts, dtype=np.int64)
        _, frame = np.unique(pts, return_inverse=True)
        return cls(
            codes=np.frombuffer(codes.codes, dtype=np.uint8).reshape(-1, CODE_BYTES),
            quality=np.frombuffer(codes.quality, dtype=np.uint8),
            view=np.frombuffer(codes.views, dtype=np.uint8),
            frame=np.asarray(frame, dtype=np.int64),
            seconds=np.asarray(pts * float(codes.time_base), dtype=np.float64),
        )

    def informative(self, least_quality: int) -> NDArray[np.bool_]:
        """Which codes say enough about their picture to be compared."""
        return np.asarray(self.quality >= least_quality)

    def uninformative_frames(self, least_quality: int) -> int:
        """How many frames have no informative code."""
        frames = len(np.unique(self.frame))
        return frames - len(np.unique(self.frame[self.informative(least_quality)]))


def _empty_index() -> Any:
    # Loaded when first needed: a scan that starts should not wait for it.
    import faiss

    return faiss.IndexBinaryFlat(_BITS)


@dataclass(slots=True)
class PictureIndex:
    """Every registered code, exact Hamming range search (faiss.IndexBinaryFlat)."""

    least_quality: int
    assets: list[AssetRef] = field(default_factory=list)
    _owner: list[NDArray[np.int64]] = field(default_factory=list)
    _seconds: list[NDArray[np.float64]] = field(default_factory=list)
    _view: list[NDArray[np.uint8]] = field(default_factory=list)
    _index: Any = field(default_factory=_empty_index)

    @classmethod
    def of(cls, entries: Iterable[tuple[AssetRef, PictureCodes]], *, least_quality: int) -> "PictureIndex":
        """An index of these assets; codes below the quality floor are left out."""
        index = cls(least_quality=least_quality)
        for asset, codes in entries:
            index.add(asset, codes)
        return index

    def add(self, asset: AssetRef, codes: PictureCodes) -> None:
        """Take in one asset's codes."""
        table = CodeTable.of(codes)
        keep = table.informative(self.least_quality)
        if not keep.any():
            return
        self._index.add(np.ascontiguousarray(table.codes[keep]))
        self._owner.append(np.full(int(keep.sum()), len(self.assets), dtype=np.int64))
        self._seconds.append(table.seconds[keep])
        self._view.append(table.view[keep])
        self.assets.append(asset)

    def hits(self, table: CodeTable, *, radius: int) -> Iterator[Hit]:
        """Every registered frame within `radius` bits (included) of every informative code of a delivered track."""
        asked = np.flatnonzero(table.informative(self.least_quality))
        if not self.assets or not len(asked):
            return
        limits, distances, found = self._index.range_search(np.ascontiguousarray(table.codes[asked]), radius + 1)
        owner, seconds, view = (np.concatenate(part) for part in (self._owner, self._seconds, self._view))
        for number, code in enumerate(asked):
            for at in range(int(limits[number]), int(limits[number + 1])):
                entry = int(found[at])
                yield Hit(
                    asset=int(owner[entry]),
                    frame=int(table.frame[code]),
                    seconds=float(table.seconds[code]),
                    asset_seconds=float(seconds[entry]),
                    distance=int(distances[at]),
                    quality=int(table.quality[code]),
                    view=int(table.view[code]),
                    asset_view=int(view[entry]),
                )
