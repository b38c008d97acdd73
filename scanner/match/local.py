"""Finds registered pictures in parts of delivered frames: local features, then geometry, then pixels.

A delivered feature counts for a registered picture when nothing else in the register is nearly as like it (Lowe's ratio
test). Pictures that resemble each other are one family: within a family there is no such contest.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement, Picture, agreement
from scanner.fingerprint.features import Features, feature_frames, picture_of
from scanner.fingerprint.geometry import Hypothesis, Pairs, foreshortening, groups
from scanner.fingerprint.names import CANON
from scanner.match.hamming import HammingIndex
from scanner.model import FeatureFrame, PictureFeatures

Ints = NDArray[np.int64]
Found = TypeVar("Found")

_NEAREST = 8
# Bits of 256: what differs more is another thing, whatever else is registered.
_ALIKE = 72
_RATIO = 0.9
# Of so many features at least it must be known how unlike another thing is, to tell of others how it usually is.
_CONTESTS = 20
# Pairs that must agree on a place before the pixels are asked; and what is asked of at most, for one frame.
_LEAST_INLIERS = 3
_MOST_VIEWS, _MOST_PLACES, _MOST_CHECKS = 24, 3, 8
# So many blocks agree by themselves: other places of the same asset need not be tried.
BEYOND_DOUBT = 12.0
# Chance brings together so many pairs; so many more are as good as so much agreement.
_PAIRED_BY_CHANCE, _PAIRED_FOR_SURE, _PAIRED_BY_FAR, _PAIRED_WORTH = 10, 20, 30, 3.0
# Pairs in one square are one thing that looks like one other, however many: a grain, a tile, a sprite of a game.
_ONE_SPOT, _SPOTS_FOR_SURE = 1, 3
# Of 14,714 places in 7,897 unrelated pictures none had pairs in six squares, though some had 42 pairs in two. Some
# pairs in nine squares need few pixels, and more squares still fewer: what covers most of a picture leaves few. Some
# they need: discs have pairs all round.
_CELLS_BY_CHANCE, _CELLS_FOR_SURE, _SPREAD_PAIRS, _SPREAD_FOR_SURE, _SPREAD_WORTH = 6, 3, 8, 8, 5.0
_BLOCKS_FOR_SURE, _LEAST_BLOCKS = 8, 6
# Of the same places one had 18 blocks that agree, none of the others more than 12; stripes alone are like other stripes
# in more, with pairs in few squares. What is seen through another picture agrees everywhere, though nowhere well.
_BLOCKS_BY_CHANCE, _BLOCKS_BEYOND, _BLOCKS_WORTH = 20, 10, 3.0
_STRIPED_CELLS, _OTHER_CELLS = 3, 3
# Stripes can be bent until they fit other stripes. Of the ordinary and strong perspectives, where one corner is shown
# up to 1.9 times as large as another, all had pairs in ten squares or more; insets in fewer are not bent (1.08 times).
_BENT, _BENT_TOO_FAR = 1.25, 1.75
# A code of what a rectangle encloses that differs in so many bits tells nothing, in so many fewer it tells all. Of the
# rectangles in 3,163 shots that show nothing registered, and of those shots in the mirror, the one most like any of a
# hundred pictures was 70 bits away.
CODED_BY_CHANCE, _CODED_FOR_SURE, _CODED_WORTH = 48, 16, 6.0
# Where there are blocks to tell, so many of them agree in 494 of 494 true ones but for one (0.09). Plain sky is like
# other plain sky, whose blocks do not agree.
_BLOCKS_TELL, _CODED_SHARE = 6, 0.1
# A registered picture that shows another one at this score is of its family.
_RELATED = 6.0
# Relatives are looked for with so many of a frame's features, and only where so many pairs agree.
_KIN_COUNT, _KIN_INLIERS, _MOST_KIN = 1200, 8, 3
# Most of what is looked up in negative is not: that should cost little; and a picture that is there has enough.
_NEGATIVE_COUNT = 1000
# Among very many registered features so many of a frame's are looked up: the last, and some spread through the others.
# The strongest corners come first and are the plainest: other pictures have the like. Of 730 transformed frames among
# ten million features all of a frame's find 698, these 695, a thousand of the last alone 688.
_VERY_MANY, _LAST, _OTHERS = 3_000_000, 600, 500
_ASSET, _FIRST, _FAMILY = 0, 1, 2
_FAR = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One registered frame, as it is or in the mirror. `first`: the number of its first feature in the index.

    `picture`: the JPEG kept with the frame as it is; a mirrored view's is to be turned round.
    """

    asset: int
    seconds: float
    mirrored: bool
    size: tuple[int, int]
    points: NDArray[np.float32]
    first: int
    picture: bytes | memoryview


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A registered frame seen in a delivered one. `inliers`: pairs of features that agree on the place, in so many
    `cells` of it. `bits`: in which the whole-frame code of what a rectangle encloses differs, where that was looked up;
    `box`: the rectangle (x, y, width, height), as shares of the frame, at whose edges it ends; None where unknown.
    `negative`: dark is light there.
    """

    view: View
    inliers: int
    cells: int
    found: Agreement
    bits: int | None = None
    box: tuple[float, float, float, float] | None = None
    negative: bool = False

    @property
    def score(self) -> float:
        """The agreement's, and more for many pairs of features on one place: soft pictures have few textured blocks."""
        paired = min(1.0, max(0, self.inliers - _PAIRED_BY_CHANCE) / _PAIRED_FOR_SURE)
        certain = min(1.0, max(0, self.inliers - _PAIRED_BY_FAR) / _PAIRED_BY_FAR)
        pairs = max(paired * self.found.share**2, certain * min(1.0, 2 * self.found.share))
        pairs *= min(1.0, max(0, self.cells - _ONE_SPOT) / _SPOTS_FOR_SURE)
        many = min(1.0, max(0, self.found.agreeing - _BLOCKS_BY_CHANCE) / _BLOCKS_BEYOND)
        many *= min(1.0, max(0, self.cells - _STRIPED_CELLS) / _OTHER_CELLS)
        beside = max(_PAIRED_WORTH * pairs, _SPREAD_WORTH * self._spread, _BLOCKS_WORTH * many)
        return self._upright * self.found.score + beside + _CODED_WORTH * self._coded

    @property
    def _coded(self) -> float:
        """How much the code of what a rectangle encloses tells, 0 to 1: nothing where no block agrees that could."""
        if self.bits is None:
            return 0.0
        alike = float(np.clip((CODED_BY_CHANCE - self.bits) / _CODED_FOR_SURE, 0, 1))
        return alike if self.found.compared < _BLOCKS_TELL else alike * min(1.0, self.found.share / _CODED_SHARE)

    @property
    def _upright(self) -> float:
        """What the agreement of blocks is worth, 0 to 1: less where it takes a perspective that few pairs hold."""
        if self.cells >= _CELLS_BY_CHANCE:
            return 1.0
        width, height = self.view.size
        bent = foreshortening(self.found.homography, (float(CANON), CANON * height / width))
        return float(np.clip((_BENT_TOO_FAR - bent) / (_BENT_TOO_FAR - _BENT), 0, 1))

    @property
    def _spread(self) -> float:
        """How much pairs all over the picture tell, 0 to 1."""
        cells = min(1.0, max(0, self.cells - _CELLS_BY_CHANCE) / _CELLS_FOR_SURE)
        pairs = min(1.0, max(0, self.inliers - _SPREAD_PAIRS) / _SPREAD_FOR_SURE)
        sure = _CELLS_BY_CHANCE + _CELLS_FOR_SURE
        needed = max(_LEAST_BLOCKS, _BLOCKS_FOR_SURE * min(1.0, sure / max(1, self.cells)))
        agreeing = min(1.0, self.found.agreeing / needed) ** 2, min(1.0, self.found.agreeing / _BLOCKS_FOR_SURE)
        return cells * pairs * max(agreeing)


@dataclass(slots=True)
class LocalIndex:
    """The local features of every registered frame. `threads`: how many a look-up takes; 0 leaves it to OpenMP."""

    views: list[View] = field(default_factory=list)
    threads: int = 1
    _index: HammingIndex = field(default_factory=HammingIndex)
    # By view: its asset, the number of its first feature, its family. There is room for more views than there are.
    _columns: Ints = field(default_factory=lambda: np.zeros((3, 64), dtype=np.int64))

    def __post_init__(self) -> None:
        self._index.threads = self.threads

    @classmethod
    def restored(cls, views: list[View], families: Ints, index: HammingIndex, *, threads: int = 0) -> "LocalIndex":
        """The index of views that are known already, with the family of each and all their features."""
        assets, firsts = [view.asset for view in views], [view.first for view in views]
        columns = np.array([assets, firsts, families], dtype=np.int64).reshape(3, -1)
        return cls(views=views, threads=threads, _index=index, _columns=columns)

    @property
    def families(self) -> Ints:
        """The family of every view."""
        return self._columns[_FAMILY, : len(self.views)]

    def codes(self, first: int) -> NDArray[np.uint8]:
        """The descriptors (n, 32) of all features from a number on."""
        return self._index.codes(first)

    def add(self, asset: int, plain: PictureFeatures, mirrored: PictureFeatures | None) -> None:
        """Take in the features of one asset, whose number is `asset`; its relatives are found and noted."""
        turned = {frame.pts: frame for frame in (mirrored.frames if mirrored is not None else ())}
        for frame in plain.frames:
            kin = self._kin(frame)
            first = len(self.views)
            seconds = float(frame.pts * plain.time_base)
            self._take(asset, frame, seconds, frame.grey, mirrored=False)
            if frame.pts in turned:
                self._take(asset, turned[frame.pts], seconds, frame.grey, mirrored=True)
            self._join([first, *kin], first)

    def views_of(self, asset: int) -> list[View]:
        """The registered frames of the asset with this number, in the mirror too."""
        return [self.views[number] for number in np.flatnonzero(self._columns[_ASSET, : len(self.views)] == asset)]

    def sightings(self, frame: FeatureFrame, live: NDArray[np.bool_] | None = None) -> list[Sighting]:
        """Every registered asset that part of a delivered frame shows, one sighting each, checked pixel by pixel.

        None is too weak to be told here: what counts is for policy to say. `live`: of every asset's number, whether it
        is looked for; all are, without it.
        """
        best: dict[int, Sighting] = {}
        for number, place in self._likely(Features.of(frame), live, least=_LEAST_INLIERS, most=_MOST_CHECKS):
            view = self.views[number]
            known = best.get(view.asset)
            if known is not None and known.score >= BEYOND_DOUBT:
                continue
            found = agreement(delivered_picture(frame), registered_picture(view), place.homography)
            if found is None:
                continue
            seen = Sighting(view=view, inliers=place.inliers, cells=place.cells, found=found)
            if known is None or seen.score > known.score:
                best[view.asset] = seen
        return list(best.values())

    def in_negative(self, frame: FeatureFrame, live: NDArray[np.bool_] | None = None) -> list[Sighting]:
        """The same of a delivered frame in which dark is light. Its corners are the same, each described otherwise."""
        if not self.views:
            return []
        turned = feature_frames(negative_of(delivered_picture(frame).grey), frame.pts, count=_NEGATIVE_COUNT)[0]
        return [replace(each, negative=True) for each in self.sightings(turned, live)]

    def _take(self, asset: int, frame: FeatureFrame, seconds: float, picture: bytes, *, mirrored: bool) -> None:
        features = Features.of(frame)
        view = View(
            asset=asset,
            seconds=seconds,
            mirrored=mirrored,
            size=(frame.width, frame.height),
            points=features.points,
            first=len(self._index),
            picture=picture,
        )
        number = len(self.views)
        if number >= self._columns.shape[1]:
            self._columns = np.concatenate([self._columns, np.zeros((3, max(64, number)), dtype=np.int64)], axis=1)
        self._columns[:, number] = asset, view.first, number
        self.views.append(view)
        self._index.add(features.descriptors)

    def _kin(self, frame: FeatureFrame) -> list[int]:
        """Views that show the same as a frame. Its best features will do: what is the same has many in common."""
        features = Features.of(frame)
        best = Features(points=features.points[:_KIN_COUNT], descriptors=features.descriptors[:_KIN_COUNT])
        kin = []
        for number, place in self._likely(best, None, least=_KIN_INLIERS, most=_MOST_KIN):
            found = agreement(delivered_picture(frame), registered_picture(self.views[number]), place.homography)
            if found is not None and found.score >= _RELATED:
                kin.append(number)
        return kin

    def _join(self, kin: list[int], first: int) -> None:
        """The views from `first` on are of one family with these."""
        families = self.families
        families[first:] = first
        if len(kin) > 1:
            joined = np.unique(families[kin])
            families[np.isin(families, joined)] = joined[0]

    def _likely(
        self, features: Features, live: NDArray[np.bool_] | None, *, least: int, most: int
    ) -> list[tuple[int, Hypothesis]]:
        """Numbers of views with places on which at least `least` pairs agree: the `most` best supported, best first."""
        paired = sorted(self._pairs(features, live, least), key=lambda pair: -len(pair.ours))
        pairs = _of_all([(self.views[pair.view].asset, pair) for pair in paired], _MOST_VIEWS)
        found = [
            (pair.view, group)
            for pair in pairs
            for group in groups(pair.points(features, self.views[pair.view]), least=least, most=_MOST_PLACES)
        ]
        places: list[tuple[int, Hypothesis]] = []
        for view, group in sorted(found, key=lambda each: -len(each[1])):
            # No more pairs can agree on a place than the group has: others have more, and not only of one asset.
            better = Counter(self.views[number].asset for number, place in places if place.inliers >= len(group))
            if sum(min(count, most // 2) for count in better.values()) >= most:
                break
            placed = group.placed()
            if placed is not None and placed.inliers >= least:
                places.append((view, placed))
        places.sort(key=lambda place: -place[1].inliers)
        return _of_all([(self.views[view].asset, (view, place)) for view, place in places], most)

    def _pairs(self, features: Features, live: NDArray[np.bool_] | None, least: int) -> Iterator["_Paired"]:
        """Every view with at least `least` features that delivered ones are like, and like no other family's."""
        if not len(features.descriptors) or not len(self._index):
            return
        asked = looked_up(len(features.descriptors), len(self._index))
        distance, entry = self._index.search(features.descriptors[asked], _NEAREST)
        columns = self._columns[:, : len(self.views)]
        # An empty view begins where the next one does: the last that begins there has the feature.
        owner = np.maximum(np.searchsorted(columns[_FIRST], entry, side="right") - 1, 0)
        known = entry >= 0 if live is None else (entry >= 0) & live[columns[_ASSET][owner]]
        distance = np.where(known, distance, _FAR)
        nearest = np.take_along_axis(owner, distance.argmin(axis=1)[:, None], axis=1)
        family, asset = columns[_FAMILY], columns[_ASSET]
        kin = (family[owner] == family[nearest]) | (asset[owner] == asset[nearest])
        contest = _contest(distance, kin)
        alike = kin & (distance <= _ALIKE) & (distance <= _RATIO * contest[:, None])
        row, column = np.nonzero(alike)
        views, theirs, bits = owner[row, column], entry[row, column], distance[row, column]
        ours = asked[row]
        order = np.argsort(views, kind="stable")
        numbers, starts = np.unique(views[order], return_index=True)
        for number, group in zip(numbers.tolist(), np.split(order, starts[1:]), strict=False):
            if len(group) >= least:
                yield _Paired(view=number, ours=ours[group], theirs=theirs[group], distance=bits[group])


def _contest(distance: NDArray[np.int32], kin: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How unlike the nearest other thing is, of every row of the nearest (n, k).

    Where all of these are kin, as the frames of a clip are, it is further away than the last of them, and about as far
    as it usually is.
    """
    contest = np.asarray(np.where(kin, _FAR, distance).min(axis=1), dtype=np.float64)
    told = contest < _FAR
    if told.sum() < _CONTESTS:
        return contest
    last = np.where(distance < _FAR, distance, 0).max(axis=1)
    return np.asarray(np.where(told, contest, np.maximum(last, np.median(contest[told]))), dtype=np.float64)


def _of_all(found: Sequence[tuple[int, Found]], most: int) -> list[Found]:
    """So many of what was found, best first; of one asset no more than half, while there are others."""
    counts: Counter[int] = Counter()
    first: list[Found] = []
    rest: list[Found] = []
    for asset, each in found:
        counts[asset] += 1
        (first if counts[asset] <= most // 2 else rest).append(each)
    return [*first, *rest][:most]


def best_of(seen: Iterable[Sighting]) -> list[Sighting]:
    """Of every asset the best sighting."""
    best: dict[int, Sighting] = {}
    for each in seen:
        known = best.get(each.view.asset)
        if known is None or each.score > known.score:
            best[each.view.asset] = each
    return list(best.values())


def looked_up(count: int, registered: int) -> Ints:
    """Which of a frame's so many features are looked up among so many registered ones: all, where those are few."""
    if registered <= _VERY_MANY or count <= _LAST + _OTHERS:
        return np.arange(count)
    first = count - _LAST
    return np.concatenate([np.arange(_OTHERS) * first // _OTHERS, np.arange(first, count)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paired:
    """Delivered features and the entries of a view's that they are like, with the bits in which they differ."""

    view: int
    ours: NDArray[np.intp]
    theirs: Ints
    distance: NDArray[np.int32]

    def points(self, features: Features, view: View) -> Pairs:
        registered = view.points[self.theirs - view.first]
        return Pairs(delivered=features.points[self.ours], registered=registered, distance=self.distance)


def negative_of(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture, dark for light."""
    return np.asarray(np.iinfo(np.uint8).max - grey, dtype=np.uint8)


@lru_cache(maxsize=8)
def delivered_picture(frame: FeatureFrame) -> Picture:
    """The picture of a delivered frame; the last few are kept, since several things are checked against each."""
    return Picture(picture_of(frame))


@lru_cache(maxsize=256)
def registered_picture(view: View) -> Picture:
    """The picture of a registered frame, turned round for one in the mirror."""
    kept = cv2.imdecode(np.frombuffer(view.picture, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    picture = np.asarray(kept, dtype=np.uint8)
    return Picture(np.ascontiguousarray(picture[:, ::-1]) if view.mirrored else picture)
