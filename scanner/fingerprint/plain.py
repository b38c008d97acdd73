"""The plainest explanation of how an asset runs: where a usual speed fits the samples as well, it is the one told.

Registered frames that hardly differ from the one before are not kept: a sighting of one stands for what follows it.
Lines through all that was seen, not only through the best places, then tell 200 % from 170 % in an action that repeats.
"""

from dataclasses import dataclass, replace
from math import inf

import numpy as np

from scanner.fingerprint.places import Floats, Ints, Sightings
from scanner.fingerprint.segment import Motion, Segment

# In order of plainness.
_FORWARD = (1.0, 2.0, 0.5, 3.0, 1.5, 1.25, 0.75, 4.0)
_REVERSED = (-1.0, -2.0, -0.5, -3.0)
# Strengths: what is no worse by more is as good; what is worse by more explains nothing.
_AS_GOOD, _BETTER, _UNEXPLAINED = 0.03, 0.005, 0.15
# A line this close to the usual speed is left to those who measure it.
_CLOSE = 0.1
_NEARLY = 0.25
# Seconds for which a registered frame stands at most; samples and places looked at; samples that decide by themselves.
_STANDS = 0.5
_MOST_ROWS, _MOST_GRID = 64, 8000
_DECISIVE = 4
# Samples that each pass of a loop needs, or anything would be one; sightings a sample by which lines can be compared.
_SAMPLES_A_PASS, _DENSE = 2, 4


def plainest(
    segment: Segment, frames: Ints, sightings: Sightings, times: Floats, *, duration: float, spacing: float
) -> Segment:
    """The same with the plainest motion that explains its samples (`frames`) as well; without one where none does.

    `times`: at which registered frames are known, in order; `spacing`: between the asset's frames, in seconds.
    """
    if segment.passes > 1 and segment.support < _SAMPLES_A_PASS * segment.passes:
        return _without_motion(segment)
    is_plain = segment.motion is Motion.FORWARD and segment.passes == 1 and abs(segment.speed - 1) <= _CLOSE
    if is_plain or len(sightings.frame) < _DENSE * len(np.unique(sightings.frame)):
        return segment
    seen = _shown(sightings, frames, times, duration=duration, step=spacing / 2)
    if seen is None:
        return segment
    if segment.motion is Motion.STATIC:
        line = _decided(seen)
        return segment if line is None else _along(segment, line, duration, spacing)
    line = _plainest(seen, segment.speed, loops=segment.passes > 1)
    if line is None:
        return _without_motion(segment)
    return segment if line.speed == segment.speed else _along(segment, line, duration, spacing)


def _without_motion(segment: Segment) -> Segment:
    return replace(segment, motion=Motion.STATIC, speed=1.0, speed_error=inf, passes=1)


def _along(segment: Segment, line: "_Line", duration: float, spacing: float) -> Segment:
    length = segment.last_seconds - segment.first_seconds
    first, last = (min(max(end, 0.0), duration) for end in (line.start, line.start + line.speed * length))
    measured = segment.speed_error if segment.motion is not Motion.STATIC else 0.0
    return replace(
        segment,
        asset_first_seconds=first,
        asset_last_seconds=last,
        speed=line.speed,
        speed_error=max(measured, spacing / length),
        motion=Motion.FORWARD if line.speed > 0 else Motion.REVERSED,
        passes=1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """The asset runs at `speed`, from `start` on (seconds of it) at the first sample; `strength` of the samples."""

    speed: float
    start: float
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """How strongly each sample (row) shows each time of the asset, `spacing` seconds apart."""

    seconds: Floats
    strength: Floats
    spacing: float

    @property
    def best(self) -> float:
        """What a line through everything would have."""
        return float(self.strength.max(axis=1).mean())

    def line(self, speed: float) -> _Line:
        """The best line of this speed."""
        steps = self.strength.shape[1]
        moved = np.rint(speed * (self.seconds - self.seconds[0]) / self.spacing).astype(np.int64)
        at = np.arange(steps)[:, None] + moved[None]
        inside = (at >= 0) & (at < steps)
        seen = np.where(inside, self.strength[np.arange(len(moved))[None], np.clip(at, 0, steps - 1)], 0.0)
        means = seen.mean(axis=1)
        top = np.flatnonzero(means >= means.max() - 1e-9)
        start = int(top[len(top) // 2])
        return _Line(speed=speed, start=start * self.spacing, strength=float(means[start]))


def _shown(sightings: Sightings, frames: Ints, times: Floats, *, duration: float, step: float) -> _Shown | None:
    """What these frames show; None where it is too much to look through."""
    steps = int(duration / step) + 1 if step > 0 else 0
    if not 1 < steps <= _MOST_GRID or len(frames) < 2:
        return None
    frames = frames[np.unique(np.linspace(0, len(frames) - 1, _MOST_ROWS).astype(np.int64))]
    row = np.searchsorted(frames, sightings.frame)
    mine = frames[np.minimum(row, len(frames) - 1)] == sightings.frame
    known = np.zeros((len(frames), len(times)))
    np.maximum.at(known, (row[mine], np.searchsorted(times, sightings.asset_seconds[mine])), sightings.strength[mine])
    seconds = np.zeros(len(frames))
    seconds[row[mine]] = sightings.seconds[mine]
    grid = np.arange(steps) * step
    stands = np.searchsorted(times, grid + step / 2, side="right") - 1
    is_old = (stands < 0) | (grid - times[np.maximum(stands, 0)] > _STANDS)
    strength = np.where(is_old, 0.0, known[:, np.maximum(stands, 0)])
    # A frame off is as good.
    padded = np.pad(strength, ((0, 0), (2, 2)))
    strength = np.max([padded[:, n : n + steps] for n in range(5)], axis=0)
    return _Shown(seconds=seconds, strength=strength, spacing=step)


def _plainest(seen: _Shown, speed: float, *, loops: bool = False) -> _Line | None:
    """The line to tell instead of one of this `speed`, or that itself; None where nothing explains the samples.

    `loops`: the speed was found with the asset beginning again on the way.
    """
    own = seen.line(speed)
    enough = seen.best if loops else own.strength
    for plainer in _plainer(speed, loops=loops):
        line = seen.line(plainer)
        if line.strength >= enough - _AS_GOOD:
            return line
    near = [usual for usual in _FORWARD + _REVERSED if abs(usual - speed) <= _NEARLY * abs(usual)]
    for line in sorted(map(seen.line, near), key=lambda line: abs(line.speed - speed)):
        if line.strength >= own.strength - _BETTER:
            own = line
            break
    return own if loops or own.strength >= seen.best - _UNEXPLAINED else None


def _plainer(speed: float, *, loops: bool) -> tuple[float, ...]:
    if loops and speed > 0:
        return _FORWARD
    return _FORWARD if speed < 0 else _FORWARD[:1]


def _decided(seen: _Shown) -> _Line | None:
    """The usual speed that alone explains the samples, where nothing else told one."""
    if len(seen.seconds) < _DECISIVE:
        return None
    lines = sorted(map(seen.line, (*_FORWARD, 0.0, *_REVERSED)), key=lambda line: -line.strength)
    clear = lines[0].strength - lines[1].strength >= _AS_GOOD and lines[0].strength >= seen.best - _AS_GOOD
    return lines[0] if clear and lines[0].speed not in (0.0, 1.0) else None
