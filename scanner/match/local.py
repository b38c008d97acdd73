"""Finds registered pictures in parts of delivered frames: local features, then geometry, then pixels.

A delivered feature counts for a registered picture when nothing else in the register is nearly as like it (Lowe's ratio
test). Pictures that resemble each other are one family: within a family there is no such contest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement, agreement
from scanner.fingerprint.features import Features, Grey, picture_of
from scanner.fingerprint.geometry import Hypothesis, Pairs, hypotheses
from scanner.match.hamming import HammingIndex
from scanner.model import FeatureFrame, PictureFeatures

_NEAREST = 8
# Bits of 256: what differs more is another thing, whatever else is registered.
_ALIKE = 72
_RATIO = 0.85
# Pairs that must agree on a place before the pixels are asked; and what is asked of at most, for one frame.
_LEAST_INLIERS = 3
_MOST_VIEWS, _MOST_PLACES, _MOST_CHECKS = 24, 3, 8
# So many blocks agree by themselves: other places of the same asset need not be tried.
_BEYOND_DOUBT = 12.0
# Chance brings together so many pairs; so many more are as good as so much agreement.
_PAIRED_BY_CHANCE, _PAIRED_FOR_SURE, _PAIRED_WORTH = 10, 20, 3.0
# A registered picture that shows another one at this score is of its family.
_RELATED = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One registered frame, as it is or in the mirror. `first`: the number of its first feature in the index."""

    asset: int
    seconds: float
    mirrored: bool
    size: tuple[int, int]
    points: NDArray[np.float32]
    first: int
    picture: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A registered frame seen in a delivered one. `inliers`: pairs of features that agree on the place."""

    view: View
    inliers: int
    found: Agreement

    @property
    def score(self) -> float:
        """The agreement's, and more for many pairs of features on one place: soft pictures have few textured blocks."""
        paired = min(1.0, max(0, self.inliers - _PAIRED_BY_CHANCE) / _PAIRED_FOR_SURE)
        return self.found.score + _PAIRED_WORTH * paired * self.found.share**2


@dataclass(slots=True)
class LocalIndex:
    """The local features of every registered frame."""

    views: list[View] = field(default_factory=list)
    _index: HammingIndex = field(default_factory=HammingIndex)
    _owner: list[NDArray[np.int32]] = field(default_factory=list)
    _family: list[int] = field(default_factory=list)

    def add(self, asset: int, plain: PictureFeatures, mirrored: PictureFeatures | None) -> None:
        """Take in the features of one asset, whose number is `asset`; its relatives are found and noted."""
        pictures = {frame.pts: frame.grey for frame in plain.frames}
        kin = {frame.pts: self._kin(frame) for frame in plain.frames}
        for features, is_mirrored in ((plain, False), (mirrored, True)):
            for frame in features.frames if features is not None else ():
                seconds = float(frame.pts * plain.time_base)
                self._take(asset, frame, seconds, pictures.get(frame.pts, b""), is_mirrored)
                self._join(kin.get(frame.pts, []))

    def sightings(self, frame: FeatureFrame) -> list[Sighting]:
        """Every registered asset that part of a delivered frame shows, one sighting each, checked pixel by pixel.

        None is too weak to be told here: what counts is for policy to say.
        """
        places = sorted(self._places(Features.of(frame)), key=lambda place: -place[1].inliers)
        best: dict[int, Sighting] = {}
        for view, place in places[:_MOST_CHECKS]:
            known = best.get(view.asset)
            if known is not None and known.score >= _BEYOND_DOUBT:
                continue
            found = agreement(_delivered_picture(frame), _registered_picture(view), place.homography)
            if found is not None and (known is None or found.score > known.found.score):
                best[view.asset] = Sighting(view=view, inliers=place.inliers, found=found)
        return list(best.values())

    def _take(self, asset: int, frame: FeatureFrame, seconds: float, picture: bytes, mirrored: bool) -> None:
        features = Features.of(frame)
        self.views.append(
            View(
                asset=asset,
                seconds=seconds,
                mirrored=mirrored,
                size=(frame.width, frame.height),
                points=features.points,
                first=len(self._index),
                picture=picture,
            )
        )
        self._index.add(features.descriptors)
        self._owner.append(np.full(len(features.descriptors), len(self.views) - 1, dtype=np.int32))
        self._family.append(len(self.views) - 1)

    def _kin(self, frame: FeatureFrame) -> list[int]:
        return [self.views.index(s.view) for s in self.sightings(frame) if s.found.score >= _RELATED]

    def _join(self, kin: list[int]) -> None:
        """The latest view belongs to the families of these."""
        joined = {self._family[view] for view in kin}
        if joined:
            self._family[-1] = min(joined)
            self._family = [min(joined) if family in joined else family for family in self._family]

    def _places(self, features: Features) -> Iterator[tuple[View, Hypothesis]]:
        pairs = self._pairs(features)
        for view, (ours, theirs, distance) in sorted(pairs.items(), key=lambda item: -len(item[1][0]))[:_MOST_VIEWS]:
            registered = self.views[view]
            found = Pairs(
                delivered=features.points[ours],
                registered=registered.points[theirs - registered.first],
                distance=distance,
            )
            for place in hypotheses(found, least=_LEAST_INLIERS, most=_MOST_PLACES):
                yield registered, place

    def _pairs(self, features: Features) -> dict[int, tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int32]]]:
        """By view: numbers of delivered features, of the registered ones that they are like, and their distances."""
        if not len(features.descriptors) or not len(self._index):
            return {}
        distance, entry = self._index.search(features.descriptors, _NEAREST)
        owner = np.concatenate(self._owner)[entry]
        family = np.asarray(self._family, dtype=np.int32)[owner]
        asset = np.array([view.asset for view in self.views], dtype=np.int32)[owner]
        kin = (family == family[:, :1]) | (asset == asset[:, :1])
        contest = np.where(kin, np.iinfo(np.int32).max, distance).min(axis=1)
        alike = kin & (entry >= 0) & (distance <= _ALIKE) & (distance <= _RATIO * contest[:, None])
        ours, column = np.nonzero(alike)
        views, theirs, bits = owner[ours, column], entry[ours, column], distance[ours, column]
        order = np.argsort(views, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(views[order]) != 0]) if len(order) else np.array([], dtype=int)
        groups = np.split(order, starts[1:])
        return {int(views[g[0]]): (ours[g], theirs[g], bits[g]) for g in groups if len(g) >= _LEAST_INLIERS}


@lru_cache(maxsize=4)
def _delivered_picture(frame: FeatureFrame) -> Grey:
    return picture_of(frame)


def _registered_picture(view: View) -> Grey:
    picture = _decoded(view.picture)
    return np.ascontiguousarray(picture[:, ::-1]) if view.mirrored else picture


@lru_cache(maxsize=256)
def _decoded(jpeg: bytes) -> Grey:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
