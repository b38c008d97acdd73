"""The registered pictures in one Hamming index, and the look-up of a delivered track in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CODE_BYTES
from scanner.model import AssetRef, PictureCodes

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_BITS = CODE_BYTES * 8
# Frames of an asset that differ from the last kept one by no more than this are one picture to us, for so long.
_SAME_PICTURE, _SAME_SECONDS = 6, 2.0
# So many codes are looked up at a time, and of each no more than so many of one asset's frames are told.
_AT_ONCE = 512
_MOST_A_FRAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTable:
    """PictureCodes as arrays: codes (n, 32), quality (n,), view (n,), frame number and seconds of each code."""

    codes: NDArray[np.uint8]
    quality: NDArray[np.uint8]
    view: NDArray[np.uint8]
    frame: Ints
    seconds: Floats

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Delivered frames that resemble registered ones, in parallel arrays. `frame` counts sampled frames."""

    asset: Ints
    frame: Ints
    seconds: Floats
    asset_seconds: Floats
    distance: Ints
    quality: Ints
    view: Ints
    asset_view: Ints

    def __len__(self) -> int:
        return len(self.asset)

    def at(self, which: "NDArray[np.bool_] | NDArray[np.integer[Any]]") -> "Hits":
        """Some of them."""
        return Hits(**{each.name: getattr(self, each.name)[which] for each in fields(self)})

    @classmethod
    def together(cls, parts: "list[Hits]") -> "Hits":
        """All of these; none where there are no parts."""
        if not parts:
            whole, exact = np.zeros(0, np.int64), np.zeros(0, np.float64)
            return cls(
                asset=whole,
                frame=whole,
                seconds=exact,
                asset_seconds=exact,
                distance=whole,
                quality=whole,
                view=whole,
                asset_view=whole,
            )
        return cls(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)})


def _empty_index() -> Any:
    # Loaded when first needed: a scan that starts should not wait for it.
    import faiss

    return faiss.IndexBinaryFlat(_BITS)


@dataclass(slots=True)
class PictureIndex:
    """Every registered code, exact Hamming range search (faiss.IndexBinaryFlat)."""

    least_quality: int
    assets: list[AssetRef] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    _owner: list[Ints] = field(default_factory=list)
    _seconds: list[Floats] = field(default_factory=list)
    _view: list[NDArray[np.uint8]] = field(default_factory=list)
    _codes: list[NDArray[np.uint8]] = field(default_factory=list)
    _index: Any = field(default_factory=_empty_index)
    _together: "tuple[Ints, Floats, NDArray[np.uint8]] | None" = None

    @classmethod
    def of(cls, entries: Iterable[tuple[AssetRef, PictureCodes]], *, least_quality: int) -> "PictureIndex":
        """An index of these assets; codes below the quality floor are left out."""
        index = cls(least_quality=least_quality)
        for asset, codes in entries:
            index.add(asset, codes)
        return index

    def add(self, asset: AssetRef, codes: PictureCodes) -> None:
        """Take in one asset's codes: of frames that look the same, the first."""
        table = CodeTable.of(codes)
        keep = _distinct(table, np.flatnonzero(table.informative(self.least_quality)))
        if not len(keep):
            return
        kept = np.ascontiguousarray(table.codes[keep])
        self._index.add(kept)
        self._codes.append(kept)
        self._owner.append(np.full(len(keep), len(self.assets), dtype=np.int64))
        self._seconds.append(table.seconds[keep])
        self._view.append(table.view[keep])
        self.assets.append(asset)
        frames = int(table.frame.max()) + 1
        self.frames.append(frames)
        self.durations.append(float(table.seconds.max()) * frames / max(frames - 1, 1))

    def _told(self) -> "tuple[Ints, Floats, NDArray[np.uint8]]":
        """The asset, time and view of every code; put together once, until more is taken in."""
        if self._together is None or len(self._together[0]) != self._index.ntotal:
            owner, seconds, view = (
                np.concatenate(self._owner),
                np.concatenate(self._seconds),
                np.concatenate(self._view),
            )
            self._together = owner, seconds, view
        return self._together

    def hits(self, table: CodeTable, *, radius: int) -> Hits:
        """Every registered frame within `radius` bits (included) of every informative code of a delivered track.

        Where a picture is on screen for long in both, the closest 64 of an asset stand for the others.
        """
        asked = np.flatnonzero(table.informative(self.least_quality))
        if not self.assets or not len(asked):
            return Hits.together([])
        owner, seconds, view = self._told()
        parts = []
        for first in range(0, len(asked), _AT_ONCE):
            these = asked[first : first + _AT_ONCE]
            limits, distances, found = self._index.range_search(np.ascontiguousarray(table.codes[these]), radius + 1)
            code = np.repeat(these, np.diff(limits.astype(np.int64)))
            part = Hits(
                asset=owner[found],
                frame=table.frame[code],
                seconds=table.seconds[code],
                asset_seconds=seconds[found],
                distance=np.asarray(distances, dtype=np.int64),
                quality=table.quality[code].astype(np.int64),
                view=table.view[code].astype(np.int64),
                asset_view=view[found].astype(np.int64),
            )
            parts.append(part.at(_closest(part)))
        return Hits.together(parts)


def _distinct(table: CodeTable, among: NDArray[np.intp]) -> NDArray[np.intp]:
    """Codes that differ from the last kept one of their view, or are two seconds later."""
    kept: list[int] = []
    for view in np.unique(table.view[among]):
        last: int | None = None
        for number in among[table.view[among] == view]:
            if (
                last is None
                or table.seconds[number] - table.seconds[last] >= _SAME_SECONDS
                or int(np.bitwise_count(table.codes[number] ^ table.codes[last]).sum()) > _SAME_PICTURE
            ):
                kept.append(int(number))
                last = int(number)
    return np.array(sorted(kept), dtype=np.intp)


def _closest(hits: Hits) -> NDArray[np.intp]:
    """Of each delivered frame and asset the closest hits, no more than 64."""
    order = np.lexsort((hits.distance, hits.asset, hits.frame))
    new = np.r_[True, (np.diff(hits.frame[order]) != 0) | (np.diff(hits.asset[order]) != 0)][: len(order)]
    places = np.arange(len(order))
    rank = places - np.maximum.accumulate(np.where(new, places, 0))
    return order[rank < _MOST_A_FRAME]
