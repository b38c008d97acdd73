"""Local features: ORB (Rublee et al., "ORB: an efficient alternative to SIFT or SURF", ICCV 2011), spread evenly.

Left to itself, ORB keeps the strongest corners, and those of titles and hard edges are the strongest: a frame with
subtitles would be described by its subtitles. Here every cell of a grid keeps its own, on every level of scale. Where a
cell has hardly any (sky, fog, what is out of focus), fainter ones are taken, of coarse scales only: there is no grain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import CANON, CODE_BYTES
from scanner.model import FeatureFrame

Grey = NDArray[np.uint8]

# From 1280 pixels wide down to 170: an inset of a fifth still meets the same scale of the registered picture.
_LEVELS, _FACTOR = 11, 1.2
# Down to 120, for faint corners: a crop enlarges what is soft already.
_MOST_LEVELS = 14
_PATCH = 31
_EDGE = 12
_LEAST_CONTRAST = 7
# So many corners are found for each one kept.
_CHOICE = 3
_GRID = (16, 9)
# Faint corners: of how much contrast, from which level on, and so many in a cell together with the others.
_FAINT_CONTRAST, _FAINT_LEVEL, _LEAST_IN_CELL = 2, 4, 8
# The picture against which geometry is checked pixel by pixel.
_CHECKED_WIDTH = 800
_CHECKED_QUALITY = 80
# Points are kept as whole numbers: x, y and diameter in 32nds of a pixel, angles in ten thousandths.
_POINT_SCALES = np.array([32, 32, 32, 10_000], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """n local features. `points` (n, 4) float32: x, y and diameter in pixels of the picture when it is 640 wide, and
    the angle in radians; `descriptors` (n, 32)."""

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]

    @classmethod
    def of(cls, frame: FeatureFrame) -> "Features":
        """The features kept in a frame."""
        points = np.frombuffer(frame.points, dtype="<u2").reshape(-1, 4) / _POINT_SCALES
        return cls(
            points=points.astype(np.float32),
            descriptors=np.frombuffer(frame.descriptors, dtype=np.uint8).reshape(-1, CODE_BYTES),
        )


def feature_frames(fine: Grey, pts: int, *, count: int, mirror: bool = False) -> list[FeatureFrame]:
    """The features of a frame (grey, at most 1280 wide), and with `mirror` also those of it seen in a mirror.

    Faint ones come first: a quarter of `count` at most, and beside so many others, or what these leave of it.

    The mirrored one has no picture of its own: it is the first one's, turned round.
    """
    orb, corners = _corners(fine, count)
    found = [_described(orb, fine, corners)]
    if mirror:
        found.append(_described(orb, np.ascontiguousarray(fine[:, ::-1]), _mirrored(corners, fine.shape[1])))
    pictures = (_checked(fine), b"")
    return [_kept(features, fine, pts, picture) for features, picture in zip(found, pictures, strict=False)]


def features_of(fine: Grey, *, count: int) -> Features:
    """The features of a grey picture, at most 1280 wide: `count` and a quarter at most."""
    orb, corners = _corners(fine, count)
    return _described(orb, fine, corners)


def picture_of(frame: FeatureFrame) -> Grey:
    """The grey picture that is kept with a frame's features."""
    kept = cv2.imdecode(np.frombuffer(frame.grey, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(kept, dtype=np.uint8)


def _corners(fine: Grey, count: int) -> tuple[cv2.ORB, Sequence[cv2.KeyPoint]]:
    # OpenCV raises where a level has no pixels left; on one as small as its edges there are no corners anyway.
    room = min(fine.shape) / (2 * _EDGE + 1)
    levels = 1 + int(log(max(room, 1.0), _FACTOR))
    orb = _orb(count * _CHOICE, min(_LEVELS, levels), _LEAST_CONTRAST)
    if room < 1:
        return orb, ()
    corners = orb.detect(fine, None)
    most = min(_MOST_LEVELS, levels)
    faint = _faint(fine, corners, most)[: max(count // 4, count - len(corners))]
    orb.setNLevels(most)
    return orb, [*faint, *_spread(corners, fine, count)]


def _orb(count: int, levels: int, contrast: int) -> cv2.ORB:
    return cv2.ORB.create(
        count, scaleFactor=_FACTOR, nlevels=levels, edgeThreshold=_EDGE, patchSize=_PATCH, fastThreshold=contrast
    )


def _faint(fine: Grey, corners: Sequence[cv2.KeyPoint], levels: int) -> list[cv2.KeyPoint]:
    """Of cells that have few corners the strongest of the faint ones, found in a picture as small as they are."""
    scale = _FACTOR**_FAINT_LEVEL
    size = (round(fine.shape[1] / scale), round(fine.shape[0] / scale))
    if levels <= _FAINT_LEVEL or min(size) <= 2 * _EDGE:
        return []
    cells, most = _GRID[0] * _GRID[1], _LEAST_IN_CELL
    wanted = most - np.bincount(_cells(corners, fine), minlength=cells)
    if not (wanted > 0).any():
        return []
    small = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    found = _orb(cells * most, levels - _FAINT_LEVEL, _FAINT_CONTRAST).detect(small, _in(wanted > 0, size))
    if not found:
        return []
    cell, strength = _cells(found, small), np.array([corner.response for corner in found])
    rank = _ranks(cell, strength)
    chosen = [found[number] for number in np.lexsort((-strength, rank)) if rank[number] < wanted[cell[number]]]
    wide, high = fine.shape[1] / size[0], fine.shape[0] / size[1]
    return [
        cv2.KeyPoint(
            corner.pt[0] * wide,
            corner.pt[1] * high,
            corner.size * scale,
            corner.angle,
            corner.response,
            corner.octave + _FAINT_LEVEL,
        )
        for corner in chosen
    ]


def _in(chosen: NDArray[np.bool_], size: tuple[int, int]) -> Grey:
    """A mask of the cells that are chosen, on a picture of this width and height."""
    mask = chosen.reshape(_GRID[1], _GRID[0]).astype(np.uint8) * np.uint8(255)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _spread(corners: Sequence[cv2.KeyPoint], fine: Grey, count: int) -> Sequence[cv2.KeyPoint]:
    """The strongest corner of every cell and level, then the second of each, and so on."""
    if len(corners) <= count:
        return corners
    strength = np.array([corner.response for corner in corners])
    level = np.array([corner.octave for corner in corners])
    rank = _ranks(_cells(corners, fine) * _LEVELS + level, strength)
    return [corners[number] for number in np.lexsort((-strength, rank))[:count]]


def _cells(corners: Sequence[cv2.KeyPoint], fine: Grey) -> NDArray[np.int64]:
    """The number of the grid's cell that each corner lies in."""
    height, width = fine.shape
    at = np.asarray(cv2.KeyPoint.convert(corners), dtype=np.float32).reshape(-1, 2)
    across = np.minimum(at[:, 0] * _GRID[0] / width, _GRID[0] - 1).astype(np.int64)
    down = np.minimum(at[:, 1] * _GRID[1] / height, _GRID[1] - 1).astype(np.int64)
    return np.asarray(down * _GRID[0] + across, dtype=np.int64)


def _ranks(group: NDArray[np.int64], strength: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each how many of its group are stronger."""
    order = np.lexsort((-strength, group))
    first = np.r_[True, np.diff(group[order]) != 0]
    places = np.arange(len(order), dtype=np.int64)
    rank: NDArray[np.int64] = np.empty(len(order), dtype=np.int64)
    rank[order] = places - np.maximum.accumulate(np.where(first, places, 0))
    return rank


def _mirrored(corners: Sequence[cv2.KeyPoint], width: int) -> list[cv2.KeyPoint]:
    """Where the same corners are in the mirror, and which way they point there (angles are in degrees)."""
    return [
        cv2.KeyPoint(
            width - 1 - corner.pt[0],
            corner.pt[1],
            corner.size,
            (180 - corner.angle) % 360,
            corner.response,
            corner.octave,
        )
        for corner in corners
    ]


def _described(orb: cv2.ORB, fine: Grey, corners: Sequence[cv2.KeyPoint]) -> Features:
    kept, descriptors = orb.compute(fine, corners) if corners else ((), None)
    if not kept:
        return Features(points=np.zeros((0, 4), np.float32), descriptors=np.zeros((0, CODE_BYTES), np.uint8))
    scale = CANON / fine.shape[1]
    points = np.empty((len(kept), 4), np.float32)
    points[:, :2] = np.asarray(cv2.KeyPoint.convert(kept), dtype=np.float32) * scale
    points[:, 2] = [corner.size * scale for corner in kept]
    points[:, 3] = np.radians([corner.angle for corner in kept])
    return Features(points=points, descriptors=np.asarray(descriptors, dtype=np.uint8))


def _checked(fine: Grey) -> bytes:
    height, width = fine.shape
    if width > _CHECKED_WIDTH:
        size = (_CHECKED_WIDTH, max(1, round(height * _CHECKED_WIDTH / width)))
        fine = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return cv2.imencode(".jpg", fine, [cv2.IMWRITE_JPEG_QUALITY, _CHECKED_QUALITY])[1].tobytes()


def _kept(features: Features, fine: Grey, pts: int, picture: bytes) -> FeatureFrame:
    height, width = fine.shape
    return FeatureFrame(
        pts=pts,
        width=width,
        height=height,
        descriptors=features.descriptors.tobytes(),
        points=np.clip(np.rint(features.points * _POINT_SCALES), 0, 65_535).astype("<u2").tobytes(),
        grey=picture,
    )
