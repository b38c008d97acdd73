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

from scanner.examine import examiner
from scanner.examine.confine import limit_cpu
from scanner.examine.job import End, EndQuestion, Job
from scanner.examine.walks import Look, frames_shown, walk_of
from scanner.fingerprint.codes import codes_of
from scanner.fingerprint.names import CODE_BYTES
from scanner.fingerprint.views import delivered_views
from scanner.media.frames import Grey, UnreadableMediaError, grey_of
from scanner.media.still import still_frames
from scanner.media.video import VideoTrack
from scanner.model import MediaKind

_SMALL = (64, 36)
_USUAL_RATE = Fraction(24)
# Frames on both sides of the interval that show what change is usual here.
_MARGIN = 6
# How far to look where the track's end itself is asked for, in seconds.
_TO_THE_END = Fraction(10)
_MOST_FRAMES = 2400
# Seconds; an end that may lie anywhere in more is left untold.
_LONGEST = Fraction(60)


@dataclass(slots=True, kw_only=True)
class _Search:
    """A question, the time that has to be decoded for it, and what was seen there."""

    question: EndQuestion
    start: Fraction
    end: Fraction
    looks: list[Look] = field(default_factory=list)

    @classmethod
    def of(cls, question: EndQuestion, rate: Fraction) -> "_Search":
        other = question.shows_not
        if other is None:
            stands = question.to if question.to is not None else question.shows
            other = stands + (-_TO_THE_END if question.is_in else _TO_THE_END)
        margin = _MARGIN / rate
        low, high = min(question.shows, other) - margin, max(question.shows, other) + margin
        if high - low > min(_LONGEST, _MOST_FRAMES / rate):
            high = low
        return cls(question=question, start=max(Fraction(0), low), end=high)

    def take(self, seconds: Fraction, grey: Grey) -> None:
        """Look at a frame, if it lies in the time in question."""
        if self.start <= seconds < self.end and len(self.looks) < _MOST_FRAMES:
            self.looks.append(
                Look(seconds=seconds, small=_region(grey, self.question), distance=_distance(grey, self.question))
            )

    def reaches_the_end(self, frame_seconds: Fraction) -> bool:
        """Whether the time looked at goes to the beginning of the track, or beyond its last frame."""
        last = self.looks[-1].seconds + 2 * frame_seconds
        return self.start == 0 if self.question.is_in else last < self.end and len(self.looks) < _MOST_FRAMES


def ends(
    job: Job, questions: tuple[EndQuestion, ...], progress: Callable[[], None] = lambda: None
) -> tuple[End | None, ...]:
    """For each question the time of the first frame that shows the asset, or of the first after it.

    None where it cannot be told. Raises UnreadableMediaError.
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


def guarded_ends(job: Job, questions: tuple[EndQuestion, ...]) -> tuple[End | None, ...]:
    """The same inside the limits of one job: whatever a hostile file raises, nothing can be told of it."""
    found: list[End | None] = [None] * len(questions)

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


def _answer(search: _Search, frame_seconds: Fraction) -> End | None:
    walk = walk_of(search.question, search.looks)
    found = frames_shown(walk) if walk is not None else None
    if walk is None or found is None:
        return None
    shown, accuracy = found
    if shown == len(walk.looks) and not search.reaches_the_end(frame_seconds):
        return None
    if search.question.is_in:
        seconds = walk.looks[shown - 1].seconds
    else:
        seconds = walk.looks[shown].seconds if shown < len(walk.looks) else walk.looks[-1].seconds + frame_seconds
    return End(seconds=seconds, accuracy=accuracy)
