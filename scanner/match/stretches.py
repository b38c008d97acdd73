"""Puts look-ups of single frames together: stretches of a delivered track that show one registered asset.

Whole frames are looked up at every sample; parts of frames only where the picture changes, and what was seen there
stands until it changes again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.align import Motion, Segment, Sightings, segments
from scanner.fingerprint.geometry import Size, area, corners, visible
from scanner.fingerprint.names import CANON, FIRST_MATTE
from scanner.match.drift import Course, Drift, drift_of
from scanner.match.enclosed import Enclosed
from scanner.match.local import LocalIndex, Sighting, best_of
from scanner.match.pictures import CodeTable, Hits, PictureIndex
from scanner.media.ahead import ahead
from scanner.model import AssetRef, FeatureFrame, PictureFeatures

Floats = NDArray[np.float64]

# One sample in between may miss (a flash, a dissolve) without ending a stretch.
_GAP = 1
# Seconds: what stands so long between two sightings of an asset is a shot without it.
_A_SHOT = 0.5
# A picture known to be good explains a frame unless the asset is clearly closer: by so many bits, or so many times.
_CLEARLY_CLOSER = 6
_CLEARLY_BETTER = 1.25
_SURE = 20.0
# Pixels of a frame 640 wide by which a place that stays the same may seem to move.
_ONE_PLACE = 12.0
# Frames that are looked up side by side; geometry and pixels are native code that lets go of the interpreter.
_AT_ONCE = 2


class Thresholds(Protocol):
    """The part of the policy that says what counts."""

    @property
    def same_frame_distance(self) -> int: ...
    @property
    def same_run_distance(self) -> int: ...
    @property
    def shortest_run_frames(self) -> int: ...
    @property
    def same_part_score(self) -> float: ...
    @property
    def same_part_run_score(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Of every asset's number in an index: whether it is looked for, and whether it is known to be good."""

    wanted: NDArray[np.bool_]
    good: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The closest frame of a stretch in which the whole frame was recognised, and the numbers that go with it."""

    distance: int
    quality: int
    seconds: float
    asset_seconds: float
    view: int
    asset_view: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sighting in a kept frame: its number, its size (width, height) and when it is."""

    sighting: Sighting
    frame: int
    size: tuple[int, int]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From the first sampled frame that shows the asset to the last, in seconds."""

    asset: AssetRef
    first: float
    last: float
    segment: Segment
    whole: Whole | None = None
    part: Part | None = None
    drift: Drift | None = None


def whole_stretches(index: PictureIndex, table: CodeTable, policy: Thresholds, sought: Sought) -> Iterator[Stretch]:
    """Stretches in which whole frames are alike."""
    hits = index.hits(table, radius=policy.same_run_distance)
    hits = hits.at(_close_enough(hits, policy) & sought.wanted[hits.asset])
    hits = hits.at(_unexplained(hits, sought.good[hits.asset])) if len(hits) else hits
    step = _widest(np.unique(table.seconds))
    for asset in np.unique(hits.asset):
        own = hits.at(hits.asset == asset)
        sightings = Sightings(
            frame=own.frame,
            seconds=own.seconds,
            asset_seconds=own.asset_seconds,
            strength=1 - own.distance / (2.0 * policy.same_run_distance),
            key=np.arange(len(own)),
            step_seconds=step,
        )
        for segment in segments(
            sightings, asset_duration=index.durations[asset], asset_frames=index.frames[asset], gap_frames=_GAP
        ):
            best = _closest(own, segment)
            if segment.support >= policy.shortest_run_frames or best.distance <= policy.same_frame_distance:
                yield Stretch(
                    asset=index.assets[asset],
                    first=segment.first_seconds,
                    last=segment.last_seconds,
                    segment=segment,
                    whole=best,
                )


def _close_enough(hits: Hits, policy: Thresholds) -> NDArray[np.bool_]:
    """Seven mattes are seven more chances to be alike by accident: what only a matte makes alike must be closer."""
    matted = (policy.same_frame_distance + policy.same_run_distance) // 2
    return np.asarray(hits.distance <= np.where(hits.asset_view >= FIRST_MATTE, matted, policy.same_run_distance))


def _unexplained(hits: Hits, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hits of AI material in frames that nothing known to be good is about as close to."""
    nearest = np.full(int(hits.frame.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(nearest, hits.frame[good], hits.distance[good])
    return np.asarray(~good & (hits.distance < nearest[hits.frame] - _CLEARLY_CLOSER))


def _closest(hits: Hits, segment: Segment) -> Whole:
    inside = np.flatnonzero((hits.frame >= segment.first_frame) & (hits.frame <= segment.last_frame))
    best = int(inside[np.lexsort((hits.frame[inside], hits.distance[inside]))[0]])
    return Whole(
        distance=int(hits.distance[best]),
        quality=int(hits.quality[best]),
        seconds=float(hits.seconds[best]),
        asset_seconds=float(hits.asset_seconds[best]),
        view=int(hits.view[best]),
        asset_view=int(hits.asset_view[best]),
    )


def part_stretches(
    index: LocalIndex,
    assets: Sequence[AssetRef],
    features: PictureFeatures,
    course: Course,
    policy: Thresholds,
    sought: Sought,
    enclosed: Enclosed | None = None,
) -> Iterator[Stretch]:
    """Stretches in which part of the frame shows an asset. `course`: how the sampled frames change.

    `enclosed`: what looks rectangles of a frame up too.
    """
    # Frames of two tracks may be of one time: they count as one.
    times_kept = [float(frame.pts * features.time_base) for frame in features.frames]
    kept, numbers = np.unique(times_kept, return_inverse=True)
    seen: dict[int, list[Part]] = {}

    def look(number: int) -> tuple[tuple[int, int], list[Sighting]]:
        frame = features.frames[number]
        return (frame.width, frame.height), _seen_in(frame, index, policy, sought, enclosed)

    for position, looked in ahead(look, range(len(numbers)), _AT_ONCE):
        number, (size, seen_here) = int(numbers[position]), looked()
        for sighting in _of_ai(seen_here, sought.good):
            if sighting.score >= policy.same_part_run_score:
                part = Part(sighting=sighting, frame=number, size=size, seconds=float(kept[number]))
                seen.setdefault(sighting.view.asset, []).append(part)
    for asset, parts in seen.items():
        times = np.unique([view.seconds for view in index.views_of(asset)])
        for unbroken in _unbroken(parts, kept):
            yield from _stretches_of(assets[asset], unbroken, times, kept, course, policy)


def _seen_in(
    frame: FeatureFrame, index: LocalIndex, policy: Thresholds, sought: Sought, enclosed: Enclosed | None
) -> list[Sighting]:
    """What one frame shows; where that is nothing, what it shows in negative."""
    seen = index.sightings(frame, sought.wanted)
    if enclosed is not None:
        seen = list(enclosed.edged(frame, best_of([*seen, *enclosed.sightings(frame)])))
    if any(each.score >= policy.same_part_run_score for each in seen):
        return seen
    return best_of([*seen, *index.in_negative(frame, sought.wanted)])


def _unbroken(parts: list[Part], kept: Floats) -> Iterator[list[Part]]:
    """The parts cut where something else stood for so long that it is a shot of its own."""
    begin = 0
    for n in range(1, len(parts)):
        last, this = parts[n - 1].frame, parts[n].frame
        if this > last + 1 and kept[this] - kept[last + 1] >= _A_SHOT:
            yield parts[begin:n]
            begin = n
    yield parts[begin:]


def _stretches_of(
    asset: AssetRef, parts: list[Part], times: Floats, kept: Floats, course: Course, policy: Thresholds
) -> Iterator[Stretch]:
    """The stretches that sightings of one asset make. `times`: of its registered frames, in seconds."""
    lined_up = segments(
        _sightings(parts, kept),
        asset_duration=float(times[-1]) * len(times) / max(1, len(times) - 1),
        asset_frames=len(times),
        gap_frames=_GAP,
    )
    for segment in _together_again(lined_up, parts):
        seen_in = [parts[key] for key in segment.keys]
        score = max(part.sighting.score for part in seen_in)
        if score >= policy.same_part_score or segment.support > 1:
            yield Stretch(
                asset=asset,
                first=segment.first_seconds,
                last=_until_changed(segment.last_frame, kept, course.sampled),
                segment=segment if _is_in_one_place(seen_in) else _untimed(segment, seen_in),
                part=max(seen_in, key=lambda part: part.sighting.score * _shown(part)),
                drift=_drift(seen_in, course) if len(times) == 1 else None,
            )


def _drift(parts: list[Part], course: Course) -> Drift | None:
    """How a camera moved over a still, or the still within the frame."""
    gradual = course.is_gradual(parts[0].seconds, parts[-1].seconds)
    return drift_of([_quad(part) for part in parts], _canon(parts[0].size), gradual=gradual)


def _canon(size: tuple[int, int]) -> Size:
    return float(CANON), CANON * size[1] / size[0]


def _quad(part: Part) -> Floats:
    """The asset's corners (4, 2) in pixels of a frame 640 wide."""
    return corners(part.sighting.found.homography, _canon(part.sighting.view.size))


def _shown(part: Part) -> float:
    """The share of the registered frame that is in the delivered one: of a moving shot the frame that fits best."""
    seen = visible(part.sighting.found.homography, _canon(part.sighting.view.size), _canon(part.size))
    return min(1.0, area(seen) / area(_quad(part)))


def _is_in_one_place(parts: list[Part]) -> bool:
    """Whether the asset stands in one place of the frame.

    Where it does not, other frames of a moving shot may have been taken for those that are shown.
    """
    quads = np.array([_quad(part) for part in parts])
    # A frame or two in which it was seen askew do not move it.
    return bool(np.median(np.abs(quads - np.median(quads, axis=0)).max(axis=(1, 2))) <= _ONE_PLACE)


def _together_again(found: list[Segment], parts: list[Part]) -> list[Segment]:
    """What was cut only because the asset's times mean nothing there is one."""
    joined: list[Segment] = []
    loose = False
    for segment in found:
        was_loose, loose = loose, not _is_in_one_place([parts[key] for key in segment.keys])
        if joined and (loose or was_loose) and segment.first_frame - joined[-1].last_frame <= _GAP + 1:
            loose = True
            joined[-1] = replace(
                joined[-1],
                last_frame=segment.last_frame,
                last_seconds=segment.last_seconds,
                keys=joined[-1].keys + segment.keys,
            )
        else:
            joined.append(segment)
    return joined


def _untimed(segment: Segment, parts: list[Part]) -> Segment:
    """The same, without saying how fast the asset runs."""
    times = [part.sighting.view.seconds for part in parts]
    return replace(
        segment,
        motion=segment.motion if segment.motion is Motion.STILL else Motion.STATIC,
        speed=segment.speed if segment.motion is Motion.STILL else 1.0,
        speed_error=inf,
        passes=1,
        asset_first_seconds=min(times),
        asset_last_seconds=max(times),
    )


def _of_ai(seen: list[Sighting], good: NDArray[np.bool_]) -> list[Sighting]:
    """Sightings that nothing known to be good explains about as well."""
    fine = [s for s in seen if good[s.view.asset]]
    others = [s for s in seen if not good[s.view.asset]]
    best = max((s.score for s in fine), default=0.0)
    return [s for s in others if s.score > _CLEARLY_BETTER * best]


def _sightings(parts: list[Part], kept: Floats) -> Sightings:
    """Kept frames in a row count as samples in a row, however long each of them stood."""
    return Sightings(
        frame=np.array([part.frame for part in parts], dtype=np.int64),
        seconds=np.array([part.seconds for part in parts]),
        asset_seconds=np.array([part.sighting.view.seconds for part in parts]),
        strength=np.array([min(1.0, part.sighting.score / _SURE) for part in parts]),
        key=np.arange(len(parts)),
        step_seconds=_step(kept),
    )


def _step(seconds: Floats) -> float:
    return float(np.median(np.diff(seconds))) if len(seconds) > 1 else 1.0


def _widest(seconds: Floats) -> float:
    """From one sample to the next, but where a few are further apart: round short shots they are twice as close."""
    return float(np.percentile(np.diff(seconds), 90)) if len(seconds) > 1 else 1.0


def _until_changed(frame: int, kept: Floats, sampled: Floats) -> float:
    """The last sampled time at which a kept frame still stood: before the next one that differs."""
    if frame + 1 >= len(kept):
        return float(sampled[-1]) if len(sampled) else float(kept[frame])
    before = sampled[sampled < kept[frame + 1] - 1e-6]
    return max(float(kept[frame]), float(before[-1])) if len(before) else float(kept[frame])


def together(whole: list[Stretch], parts: list[Stretch], step: float) -> list[Stretch]:
    """Stretches of either kind that show the same asset at the same time are one; in order of time."""
    left = list(parts)
    found = []
    for stretch in sorted(whole, key=lambda each: each.first):
        for other in [each for each in left if _is_same(stretch, each, step)]:
            left.remove(other)
            stretch = _merged(stretch, other)
        found.append(stretch)
    return sorted([*_one_after_another(found, step), *left], key=lambda each: (each.first, each.asset.asset_id))


def _one_after_another(found: list[Stretch], step: float) -> list[Stretch]:
    """The same, in order, none of an asset reaching into its next: parts are seen on where whole frames tell a cut.

    One sample amid a stretch, at another time of the asset, is no cut but chance.
    """
    told: list[Stretch] = []
    latest: dict[AssetRef, int] = {}
    for stretch in found:
        at = latest.get(stretch.asset)
        if at is not None and stretch.first <= told[at].last:
            if stretch.segment.support == 1 and stretch.last <= told[at].last:
                continue
            # For as long as the part was seen, the asset is there: what the first gives up goes to the next.
            before, stretch = told[at], replace(stretch, last=max(stretch.last, told[at].last))
            told[at] = replace(before, last=max(before.segment.last_seconds, stretch.first - step))
        latest[stretch.asset] = len(told)
        told.append(stretch)
    return told


def _is_same(one: Stretch, other: Stretch, step: float) -> bool:
    return one.asset == other.asset and one.first <= other.last + step and other.first <= one.last + step


def _merged(whole: Stretch, part: Stretch) -> Stretch:
    """Where the whole frame is recognised too its times are the better ones, unless the part was seen for longer."""
    first, last = min(whole.first, part.first), max(whole.last, part.last)
    better = part.part if whole.part is None else whole.part
    is_known = whole.segment.motion is not Motion.STATIC or part.segment.support <= whole.segment.support
    segment = whole.segment if is_known else part.segment
    drift = whole.drift or part.drift
    return replace(whole, first=first, last=last, part=better, segment=segment, drift=drift)
