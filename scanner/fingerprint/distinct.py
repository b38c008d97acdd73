"""Keeps local features of the frames that differ: the first of every shot, and of what changes within a shot.

Every cut is kept, however many there are, and so is what appears all of a sudden, and another picture that has come to
rest, as after a dissolve. Other changes within a shot are kept
as long as there is credit, which grows by one in two seconds (four when registering): a moving camera every two, and
what is there in a small part of the frame, where nothing stirs, as an inset is.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.features import feature_frames
from scanner.fingerprint.names import FEATURES, FEATURES_VERSION, MIRRORED
from scanner.model import FeatureFrame, PictureFeatures

Grey = NDArray[np.uint8]

# Mean difference of two 64 by 64 pictures without their means, as a share of what they differ in themselves, and the
# grey levels between which that is taken: noise stays below the first, a cut is above the second. Night scenes have
# little contrast, and cuts between them too.
_CHANGE, _CUT = (0.12, 0.5, 1.5), (0.75, 1.5, 14.0)
# Between two samples half a second apart. In most shots whose camera or actors move it is a fifth.
_ANOTHER = (0.35, 1.0, 255.0)
_SMALL = (64, 64)
# Sudden: so many times what the last samples differed from those before them.
_SUDDEN, _LAST = 5.0, 3
# In a part: so many squares, of so many pixels a side of the small picture, differ by more grey levels than that. An
# inset of a seventh of the width takes six. What moves comes from a square near by, and is known after so many samples.
_SQUARE, _LEAST_SQUARES, _IN_SQUARE, _QUIET = 4, 3, 10.0, 2
_BESIDE = np.ones((5, 5), np.uint8)
_MOST_CREDIT = 8.0
# What was uncovered by somebody who went on is another part too: it must not use up what a camera needs.
_MOST_FOR_PARTS, _SHARE_FOR_PARTS = 2.0, 0.5
# Each holds its decoded frame.
_MOST_WAITING = 2
# An inset of a fifth of the width has a twenty-fifth of these.
DELIVERED_COUNT = 2400
# A registered still has room for detail, which a crop enlarges; a clip says the same again in its next frame.
STILL_COUNT, CLIP_COUNT = 4000, 1500


@dataclass(slots=True, kw_only=True)
class Distinct:
    """Takes the sampled frames of a track in order; `result` has the features of those that differ.

    `count`: features a frame; `credit_per_second`; `mirror`: also as seen in a mirror, for the register. `describing`:
    does the work beside the decoder's, where there is one.
    """

    time_base: Fraction
    count: int = DELIVERED_COUNT
    mirror: bool = False
    credit_per_second: float = 0.5
    describing: Executor | None = None
    _waiting: deque[Future[list[FeatureFrame]]] = field(default_factory=deque)
    _plain: list[FeatureFrame] = field(default_factory=list)
    _mirrored: list[FeatureFrame] = field(default_factory=list)
    _last: Grey | None = None
    _kept: Grey | None = None
    _last_seconds: float = 0.0
    _apart: deque[float] = field(default_factory=lambda: deque(maxlen=_LAST))
    _stirred: deque[NDArray[np.float32]] = field(default_factory=lambda: deque(maxlen=_LAST))
    _credit: float = _MOST_CREDIT
    _for_parts: float = _MOST_FOR_PARTS

    def add(self, pts: int, small: Grey, fine: Callable[[], Grey]) -> None:
        """The next frame: `small` its 64 by 64 picture, `fine` gives its luma, at most 1280 wide."""
        seconds = float(pts * self.time_base)
        earned = (seconds - self._last_seconds) * self.credit_per_second
        self._credit = min(_MOST_CREDIT, self._credit + earned)
        self._for_parts = min(_MOST_FOR_PARTS, self._for_parts + earned * _SHARE_FOR_PARTS)
        if self._is_distinct(small):
            self._describe(pts, fine)
            self._kept = small
        self._last, self._last_seconds = small, seconds

    @property
    def result(self) -> PictureFeatures:
        self._take(but=0)
        return self._set(FEATURES, self._plain)

    @property
    def mirrored(self) -> PictureFeatures:
        self._take(but=0)
        return self._set(MIRRORED, self._mirrored)

    def _describe(self, pts: int, fine: Callable[[], Grey]) -> None:
        def described() -> list[FeatureFrame]:
            return feature_frames(fine(), pts, count=self.count, mirror=self.mirror)

        if self.describing is None:
            self._keep(described())
        else:
            self._waiting.append(self.describing.submit(described))
            self._take(but=_MOST_WAITING)

    def _take(self, *, but: int) -> None:
        """What has been described, waiting for all but so many of the last."""
        while len(self._waiting) > but:
            self._keep(self._waiting.popleft().result())

    def _keep(self, described: list[FeatureFrame]) -> None:
        plain, *mirrored = described
        self._plain.append(plain)
        self._mirrored += mirrored

    def _is_distinct(self, small: Grey) -> bool:
        if self._last is None or self._kept is None:
            return True
        if _differ(small, self._last, *_CUT) or self._is_sudden(small, self._last) or self._has_come(small, self._last):
            self._apart.clear()
            self._stirred.clear()
            return True
        appears, is_another = self._in_part(small, self._last, self._kept)
        if self._credit >= 1.0 and (appears or _differ(small, self._kept, *_CHANGE)):
            self._credit -= 1.0
            return True
        if self._for_parts >= 1.0 and is_another:
            self._for_parts -= 1.0
            return True
        return False

    def _is_sudden(self, small: Grey, last: Grey) -> bool:
        apart = _spread(small.astype(np.int16) - last)
        usual = max(self._apart, default=apart)
        self._apart.append(apart)
        return apart > _SUDDEN * usual and _differ(small, last, *_CHANGE)

    def _has_come(self, small: Grey, last: Grey) -> bool:
        """Whether this is another picture than the last one kept, no cut before it, and changes little any more."""
        assert self._kept is not None
        return _differ(small, self._kept, *_CUT) and not _differ(small, last, *_CHANGE)

    def _in_part(self, small: Grey, last: Grey, kept: Grey) -> tuple[bool, bool]:
        """Whether in a part of the frame, where nothing stirred, something appears; and whether that is another there
        than in the last one kept.
        """
        before, now = list(self._stirred), _squares(small, last)
        self._stirred.append(now)
        if len(before) < _QUIET:
            return False, False
        least = np.maximum(_SUDDEN * cv2.dilate(np.max(before, axis=0), _BESIDE), _IN_SQUARE)
        appears, is_another = now > least, _squares(small, kept) > least
        return bool(appears.sum() >= _LEAST_SQUARES), bool(is_another.sum() >= _LEAST_SQUARES)

    def _set(self, algorithm: str, frames: list[FeatureFrame]) -> PictureFeatures:
        return PictureFeatures(
            algorithm=algorithm, version=FEATURES_VERSION, time_base=self.time_base, frames=tuple(frames)
        )


def same_shot(one: Grey, other: Grey) -> bool:
    """Whether two frames (h, w) of a film, half a second apart, go on from each other, as far as a glance tells."""
    small = [np.asarray(cv2.resize(each, _SMALL, interpolation=cv2.INTER_AREA), np.uint8) for each in (one, other)]
    return not _differ(small[0], small[1], *_ANOTHER)


def joined_features(main: PictureFeatures, other: PictureFeatures) -> PictureFeatures:
    """The features of two picture tracks of one file, on the main one's clock and in order of time."""
    moved = [
        FeatureFrame(
            pts=round(frame.pts * other.time_base / main.time_base),
            width=frame.width,
            height=frame.height,
            descriptors=frame.descriptors,
            points=frame.points,
            grey=frame.grey,
        )
        for frame in other.frames
    ]
    frames = tuple(sorted((*main.frames, *moved), key=lambda frame: frame.pts))
    return PictureFeatures(algorithm=main.algorithm, version=main.version, time_base=main.time_base, frames=frames)


def _differ(one: Grey, other: Grey, share: float, least: float, most: float) -> bool:
    """Whether pictures differ by more than a share of their contrast, which counts as so much at least and at most."""
    apart = _spread(one.astype(np.int16) - other)
    if not least < apart <= most:
        return apart > most
    return apart > share * (_spread(one) + _spread(other)) / 2


def _squares(one: Grey, other: Grey) -> NDArray[np.float32]:
    """Mean difference of every square of two pictures, their means apart."""
    apart = one.astype(np.float32) - other
    height, width = apart.shape
    parts = np.abs(apart - apart.mean()).reshape(height // _SQUARE, _SQUARE, width // _SQUARE, _SQUARE)
    return np.asarray(parts.mean(axis=(1, 3)), dtype=np.float32)


def _spread(values: NDArray[np.integer]) -> float:
    """The mean distance of values from their mean."""
    return float(np.abs(values - values.mean()).mean())
