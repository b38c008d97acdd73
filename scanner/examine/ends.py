"""Finds the ends of a segment to the frame: decodes around them and looks for the cut, or for the last frame alike.

Every frame is kept as a small grey picture of the region in question; a cut is a change that lasts, far above every
other change nearby. Where the asset's whole-frame codes are known, they say how far it goes, and the cut the exact
frame.
"""

import faulthandler
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.examine import examiner
from scanner.examine.confine import limit_cpu
from scanner.examine.job import EndQuestion, Job
from scanner.fingerprint.codes import codes_of
from scanner.fingerprint.names import CODE_BYTES
from scanner.fingerprint.views import delivered_views
from scanner.media.frames import Grey, UnreadableMediaError, grey_of
from scanner.media.still import still_frames
from scanner.media.video import VideoTrack
from scanner.model import MediaKind

Floats = NDArray[np.float64]

_SMALL = (64, 36)
_USUAL_RATE = Fraction(24)
# Frames on both sides of the interval that show what change is usual here.
_MARGIN = 6
# How far to look where the track's end itself is asked for, in seconds.
_TO_THE_END = Fraction(10)
_MOST_FRAMES = 2400
# Grey levels: flatter pictures than this are not stretched, or noise would be all there is.
_LEAST_SPREAD = 6.0
# A cut changes at least so much (mean absolute difference of pictures of variance 1), so many times the usual and so
# much of the greatest change nearby. So many of the changes nearby may be cuts, of this and of short neighbours.
_LEAST_CUT, _TIMES_USUAL, _OF_THE_GREATEST = 0.15, 2.0, 0.5
_MOST_CUTS = 4
# Frames that may fail within the asset (a flash), and how near to the last one alike the cut is looked for.
_FLASH = 2
_CLOSE = 2
# Of the usual change; below, the pictures on both sides are too much alike for a dissolve to be seen.
_TIMES_APART = 2.0
_DIP = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One frame as a question sees it: the region, small, and how many bits its code is off the asset's."""

    seconds: Fraction
    small: Grey
    distance: int | None

    @property
    def picture(self) -> Floats:
        return self.small.astype(np.float64)


@dataclass(slots=True, kw_only=True)
class _Search:
    """A question, the time that has to be decoded for it, and what was seen there."""

    question: EndQuestion
    start: Fraction
    end: Fraction
    looks: list[_Look] = field(default_factory=list)

    @classmethod
    def of(cls, question: EndQuestion, rate: Fraction) -> "_Search":
        other = question.shows_not
        if other is None:
            other = question.shows + (-_TO_THE_END if question.is_in else _TO_THE_END)
        margin = _MARGIN / rate
        low, high = min(question.shows, other) - margin, max(question.shows, other) + margin
        return cls(question=question, start=max(Fraction(0), low), end=high)

    def take(self, seconds: Fraction, grey: Grey) -> None:
        """Look at a frame, if it lies in the time in question."""
        if self.start <= seconds < self.end and len(self.looks) < _MOST_FRAMES:
            self.looks.append(
                _Look(seconds=seconds, small=_region(grey, self.question), distance=_distance(grey, self.question))
            )

    def reaches_the_end(self, frame_seconds: Fraction) -> bool:
        """Whether the time looked at goes to the beginning of the track, or beyond its last frame."""
        last = self.looks[-1].seconds + 2 * frame_seconds
        return self.start == 0 if self.question.is_in else last < self.end and len(self.looks) < _MOST_FRAMES


def ends(
    job: Job, questions: tuple[EndQuestion, ...], progress: Callable[[], None] = lambda: None
) -> tuple[Fraction | None, ...]:
    """For each question the time of the first frame that shows the asset, or of the first after it.

    In seconds after the track's first frame; None where it cannot be told. Raises UnreadableMediaError.
    """
    if job.kind is MediaKind.SEQUENCE:
        searches = [_Search.of(question, _USUAL_RATE) for question in questions]
        for search in searches:
            _read_sequence(job, search, progress)
        return tuple(_answer(search, 1 / _USUAL_RATE) for search in searches)
    if job.kind is not MediaKind.VIDEO:
        return (None,) * len(questions)
    track = VideoTrack.open(job.paths[0])
    if track is None:
        return (None,) * len(questions)
    with track:
        rate = track.about.frame_rate or _USUAL_RATE
        searches = [_Search.of(question, rate) for question in questions]
        _read_track(track, searches, progress)
        return tuple(_answer(search, 1 / rate) for search in searches)


def guarded_ends(job: Job, questions: tuple[EndQuestion, ...]) -> tuple[Fraction | None, ...]:
    """The same inside the limits of one job: whatever a hostile file raises, nothing can be told of it."""
    found: list[Fraction | None] = [None] * len(questions)

    def look() -> None:
        limit_cpu(job.deadline)
        found[:] = ends(job, questions, examiner._watch_progress(job.stall_seconds))

    examiner._guarded(examiner._Report(), "picture", look)
    faulthandler.cancel_dump_traceback_later()
    return tuple(found)


def _read_sequence(job: Job, search: _Search, progress: Callable[[], None]) -> None:
    paths = job.paths
    first, last = round(search.start * _USUAL_RATE), round(search.end * _USUAL_RATE)
    for number in range(first, min(last, len(paths))):
        progress()
        try:
            _, rgb = next(still_frames(paths[number], job.format, deadline=job.deadline))
        except (UnreadableMediaError, StopIteration):
            continue
        search.take(number / _USUAL_RATE, grey_of(rgb))


def _read_track(track: VideoTrack, searches: list[_Search], progress: Callable[[], None]) -> None:
    """Each stretch of time once; all of it in one go where the file cannot be sought in."""
    ordered = sorted(searches, key=lambda search: search.start)
    while ordered:
        together = [ordered.pop(0)]
        until = together[0].end
        while ordered and (ordered[0].start <= until or track.seeking.straight is False):
            together.append(ordered.pop(0))
            until = max(until, together[-1].end)
        for frame in track.frames_between(together[0].start, until, progress):
            for search in together:
                search.take(frame.pts * track.time_base, frame.grey)


def _region(grey: Grey, question: EndQuestion) -> Grey:
    """The region as a small grey picture."""
    height, width = grey.shape
    x, y, w, h = question.region
    left, top = min(int(x * width), width - 2), min(int(y * height), height - 2)
    right, bottom = max(left + 2, round((x + w) * width)), max(top + 2, round((y + h) * height))
    cut = np.ascontiguousarray(grey[top:bottom, left:right])
    return np.asarray(cv2.resize(cut, _SMALL, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _distance(grey: Grey, question: EndQuestion) -> int | None:
    """Bits between the frame's code and the nearest of the asset's."""
    if not question.codes:
        return None
    views, _ = delivered_views(grey)
    code = codes_of(views[0].picture[None])
    known = np.frombuffer(question.codes, dtype=np.uint8).reshape(-1, CODE_BYTES)
    return int(np.bitwise_count(known ^ code).sum(axis=1, dtype=np.int64).min())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """The frames from the one that shows the asset outwards to the one that does not.

    `cuts`: how many of them stand before each clear cut; `usual`: the greatest change that is none. `around`: they
    and frames on both sides, as far as there is no cut.
    """

    question: EndQuestion
    looks: list[_Look]
    cuts: list[int]
    usual: float
    around: list[Floats]
    before: int

    @property
    def is_to_the_end(self) -> bool:
        return self.question.shows_not is None

    @property
    def last(self) -> int:
        """The most frames that may show the asset."""
        return len(self.looks) - (not self.is_to_the_end)


def _answer(search: _Search, frame_seconds: Fraction) -> Fraction | None:
    walk = _walk(search)
    shown = _frames_shown(walk) if walk is not None else None
    if walk is None or shown is None:
        return None
    if shown == len(walk.looks) and not search.reaches_the_end(frame_seconds):
        return None
    if search.question.is_in:
        return walk.looks[shown - 1].seconds
    return walk.looks[shown].seconds if shown < len(walk.looks) else walk.looks[-1].seconds + frame_seconds


def _walk(search: _Search) -> _Walk | None:
    """Put the frames in order from the inside out; None where the frames in question were not had."""
    looks = sorted(search.looks, key=lambda look: look.seconds, reverse=search.question.is_in)
    question = search.question
    inside = _nearest(looks, question.shows)
    outside = len(looks) - 1 if question.shows_not is None else _nearest(looks, question.shows_not)
    if not looks or outside < inside or (outside == inside and question.shows_not is not None):
        return None
    changes = _changes([_stretched(look.picture) for look in looks])
    usual = float(np.sort(changes[1:])[: max(1, len(changes) - 1 - _MOST_CUTS)].max(initial=0.0))
    least = max(
        _LEAST_CUT, _TIMES_USUAL * usual, _OF_THE_GREATEST * float(changes[inside + 1 : outside + 1].max(initial=0))
    )
    cuts = np.flatnonzero(changes >= least)
    before, after = cuts[cuts <= inside].max(initial=0), cuts[cuts > outside].min(initial=len(looks)) - 1
    return _Walk(
        question=question,
        looks=looks[inside : outside + 1],
        cuts=[int(cut) - inside for cut in cuts if inside < cut <= outside],
        usual=usual,
        before=inside - int(before),
        around=[look.picture for look in looks[int(before) : int(after) + 1]],
    )


def _nearest(looks: list[_Look], seconds: Fraction) -> int:
    return min(range(len(looks)), key=lambda n: abs(looks[n].seconds - seconds), default=0)


def _stretched(picture: Floats) -> Floats:
    return np.asarray((picture - picture.mean()) / max(float(picture.std()), _LEAST_SPREAD), dtype=np.float64)


def _changes(pictures: list[Floats]) -> Floats:
    """How much each picture differs from the one before, if it goes on to differ: a flash of one frame does not."""

    def apart(one: int, other: int) -> float:
        return float(np.abs(pictures[one] - pictures[other]).mean())

    changes = np.zeros(len(pictures))
    for n in range(1, len(pictures)):
        pairs = [(n - 1, n)] + [(n - 2, n)] * (n > 1) + [(n - 1, n + 1)] * (n + 1 < len(pictures))
        changes[n] = min(apart(*pair) for pair in pairs)
    return changes


def _frames_shown(walk: _Walk) -> int | None:
    """How many frames of the walk show the asset."""
    alike = _alike(walk)
    cuts = [cut for cut in walk.cuts if cut <= walk.last]
    if alike is None:
        return cuts[0] if cuts else _dissolved(walk) or (walk.last if walk.is_to_the_end else None)
    close = [cut for cut in cuts if abs(cut - alike) <= _CLOSE]
    if close:
        return min(close, key=lambda cut: abs(cut - alike))
    return alike if cuts or alike == walk.last else _dissolved(walk) or alike


def _alike(walk: _Walk) -> int | None:
    """How many frames have a code of the asset, but for flashes; None without codes, or where they do not fit."""
    question = walk.question
    alike = [look.distance is not None and look.distance <= question.limit for look in walk.looks[: walk.last]]
    if not alike or not alike[0]:
        return None
    count = 1
    for n, is_alike in enumerate(alike):
        if is_alike and n - count <= _FLASH:
            count = n + 1
    return count


def _dissolved(walk: _Walk) -> int | None:
    """Up to the middle of a dissolve or fade: each frame as a mixture of those around; None where there is none.

    Good to two frames or so: a dissolve has no exact end.
    """
    first, last = walk.around[0], walk.around[-1]
    apart = float(np.abs(_stretched(first) - _stretched(last)).mean())
    contrast = np.asarray([picture.std() for picture in walk.around])
    # Two unlike pictures mixed half and half have less contrast than either; a moving shot keeps its own.
    is_mixed = contrast.min() <= _DIP * contrast[[0, -1]].mean()
    if walk.is_to_the_end or not is_mixed or apart < max(_LEAST_CUT, _TIMES_APART * walk.usual):
        return None
    across = first - last
    share = [float((across * (look.picture - last)).sum()) for look in walk.looks]
    half = float((across * across).sum()) / 2
    by_mixture = next((n for n in range(1, walk.last) if share[n] < half), walk.last) - 0.5
    # Each alone is misled by pictures that move; together they are nearer.
    middle = (by_mixture + _dip(contrast) - walk.before) / 2
    return min(max(1, int(middle) + 1), walk.last)


def _dip(contrast: Floats) -> float:
    """About which of the frames contrast is lower than on the way from the first to the last."""
    dip = np.maximum(np.linspace(contrast[0], contrast[-1], len(contrast)) - contrast, 0) ** 2
    return float((dip * np.arange(len(dip))).sum() / dip.sum()) if dip.any() else len(dip) / 2
