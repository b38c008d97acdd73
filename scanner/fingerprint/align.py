"""Lines sightings of one asset up in time: from single frames that resemble it to segments with ends and speed.

Sightings of a delivered frame that lie close together in the asset become one place (`places`); the best way through
the places (`ways`) is cut into runs; a line through each run gives its speed. Where the asset hardly moves or resembles
itself there is nothing to line up, and that is said instead.
"""

from dataclasses import dataclass, replace
from math import ceil, hypot, inf, log10
from typing import assert_never

import numpy as np

from scanner.fingerprint.bends import ENOUGH, bent
from scanner.fingerprint.places import Floats, Ints, Places, Sightings, blocks, places_of
from scanner.fingerprint.plain import plainest
from scanner.fingerprint.segment import Motion, Segment, as_one, goes_on
from scanner.fingerprint.ways import SLOWEST, TOLERANCE, Leg, best_way

__all__ = ["Motion", "Segment", "Sightings", "segments"]

# How far apart in the asset (seconds) two places are at least.
_NEIGHBOURS = 0.25
# Fewer frames than this for each run, in the mean, are no editing but an asset that resembles itself.
_FRAMES_A_RUN = 4
# A place as wide as this share of the asset says nothing of where in it we are.
_STATIC_SHARE = 0.6
# Another line through so many of the frames, at places so strong, may as well be the true one.
_AS_GOOD, _STRONG = 0.6, 0.5
_CROWDED = 1.5
# From two samples alone it is not said to be held, or fast or slow, before its own speed is so many errors off.
_TWO, _SURE_OF_TWO = 2, 3
# A speed of two samples that may be off by so much is none.
_VAGUE = 0.45
# Samples of which one may be left out.
_SOME = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asset:
    """Seconds: of the whole, between its frames, between two samples. `reach`: samples that a run may go on over."""

    duration: float
    spacing: float
    step: float
    reach: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Rows of places in a line, in order.

    `asset` goes on counting where a loop begins again; `ahead`: by how much it has at the end. `is_known`: whether its
    asset times mean anything.
    """

    rows: Ints
    asset: Floats
    width: float
    keys: tuple[int, ...]
    passes: int = 1
    ahead: float = 0.0
    is_known: bool = True


def segments(sightings: Sightings, *, asset_duration: float, asset_frames: int, gap_frames: int) -> list[Segment]:
    """The segments in order of time; no delivered frame is in two. More than `gap_frames` unseen samples cut."""
    asset = _Asset(
        duration=asset_duration,
        spacing=asset_duration / asset_frames if asset_frames > 1 else 0.0,
        step=sightings.step_seconds,
        reach=gap_frames + 1,
    )
    times = np.unique(sightings.asset_seconds)
    found: list[Segment] = []
    for block in blocks(sightings, asset.reach):
        if asset_frames <= 1 or asset_duration <= 0:
            places = places_of(block, inf)
            found.append(_segment(places, _whole(places), asset, Motion.STILL))
        else:
            found += _lined_up(block, times, asset)
    return found


def _lined_up(block: Sightings, times: Floats, asset: _Asset) -> list[Segment]:
    """The segments of one block: by its fine places, else by one place for each frame, else as one.

    `times`: of the asset, all that were seen anywhere.
    """
    for neighbours in (max(_NEIGHBOURS, 3 * asset.spacing), inf):
        places = places_of(block, neighbours)
        runs = [_timed(places, leg, asset) for leg in best_way(places, duration=asset.duration, reach=asset.reach)]
        frames, covered = len(places.frame), sum(len(run.rows) for run in runs)
        is_crowded = places.count.mean() > _CROWDED
        too_many = is_crowded and len(runs) * _FRAMES_A_RUN > max(frames, 2 * _FRAMES_A_RUN)
        if 2 * covered >= frames and not too_many:
            break
    else:
        runs = [_whole(places)]
    told: list[Segment] = []
    for run in _joined(_completed(runs, places), places, asset):
        segment = _segment(places, run, asset)
        if segment.motion is not Motion.CHANGING:
            seen_in = places.frame[run.rows]
            segment = plainest(segment, seen_in, block, times, duration=asset.duration, spacing=asset.spacing)
        if told and goes_on(told[-1], segment, asset.reach):
            segment = as_one(told.pop(), segment)
        told.append(segment)
    return told


def _run_of(places: Places, rows: Ints, columns: Ints, *, is_known: bool) -> _Run:
    return _Run(
        rows=rows,
        asset=places.middle[rows, columns],
        width=float(np.median(places.width[rows, columns])),
        keys=tuple(places.key[rows, columns].tolist()),
        is_known=is_known,
    )


def _whole(places: Places) -> _Run:
    return _untimed(places, np.arange(len(places.frame)))


def _untimed(places: Places, rows: Ints) -> _Run:
    """Frames that show the asset, though not when is known."""
    return _run_of(places, rows, np.zeros(len(rows), dtype=np.int64), is_known=False)


def _timed(places: Places, leg: Leg, asset: _Asset) -> _Run:
    run = _run_of(places, leg.rows, leg.columns, is_known=not _is_either_way(places, leg, asset))
    ahead = np.cumsum(leg.turns) * asset.duration
    passes = 1 + int(np.abs(leg.turns).sum())
    return replace(run, asset=run.asset + ahead, ahead=float(ahead[-1]), passes=passes)


def _is_either_way(places: Places, leg: Leg, asset: _Asset) -> bool:
    """Whether the asset might as well be held as run: frames with several places, which lie in both lines.

    Where there are more, an asset that is held everywhere is one that does not move.
    """
    crowd = float(places.count[leg.rows].mean())
    if len(leg.rows) < 2 or crowd <= _CROWDED:
        return False
    enough = _STRONG * places.strength[leg.rows, leg.columns]
    middle = leg.rows[len(leg.rows) // 2]
    starts = places.middle[middle, : places.count[middle]]
    elapsed = places.seconds[leg.rows] - places.seconds[middle]
    speeds = (0.0,) if crowd > 2 * _CROWDED else (0.0, 1.0)
    return all(_along(places, leg.rows, starts, speed * elapsed, enough, asset) >= _AS_GOOD for speed in speeds)


def _along(places: Places, rows: Ints, starts: Floats, moved: Floats, enough: Floats, asset: _Asset) -> float:
    """The share of rows that have a place with strength `enough` on the line, for the best of `starts`."""
    line = (starts[:, None] + moved[None, :]) % asset.duration
    off = np.abs(places.middle[rows][None] - line[:, :, None])
    near = (off <= TOLERANCE + places.width[rows][None] / 2) & (places.strength[rows] >= enough[:, None])[None]
    return float(near.any(axis=2).mean(axis=1).max())


def _completed(runs: list[_Run], places: Places) -> list[_Run]:
    """Take in the frames that no run goes through: they show the asset, though not when is known."""
    inside = np.zeros(len(places.frame), dtype=bool)
    for run in runs:
        inside[run.rows[0] : run.rows[-1] + 1] = True
    outside = np.flatnonzero(~inside)
    parts = np.split(outside, np.flatnonzero(np.diff(outside) > 1) + 1) if len(outside) else []
    more = [_untimed(places, part) for part in parts]
    return sorted([*runs, *more], key=lambda run: int(run.rows[0]))


def _joined(runs: list[_Run], places: Places, asset: _Asset) -> list[_Run]:
    """Put together what follows directly and is the same again: the next pass of a loop, or a frame without a time."""
    joined: list[_Run] = []
    for run in runs:
        last = joined[-1] if joined else run
        follows = bool(joined) and places.frame[run.rows[0]] - places.frame[last.rows[-1]] <= asset.reach
        if follows and last.is_known != run.is_known and min(len(last.rows), len(run.rows)) == 1:
            joined[-1] = _with_untimed(last, run, places)
        elif follows and _is_held_between(last, run, places, asset):
            joined[-1] = replace(
                last,
                rows=np.concatenate([last.rows, run.rows]),
                asset=np.concatenate([last.asset, run.asset]),
                width=max(last.width, run.width),
                keys=last.keys + run.keys,
            )
        elif follows and _is_next_pass(last, run, places, asset):
            joined[-1] = _with_next_pass(last, run, places)
        else:
            joined.append(run)
    return joined


def _is_held_between(last: _Run, run: _Run, places: Places, asset: _Asset) -> bool:
    """Whether the asset stops and is held where it is, or goes on from where it was held."""
    if not (last.is_known and run.is_known and last.passes == run.passes == 1):
        return False
    if min(len(last.rows), len(run.rows)) < ENOUGH:
        return False
    one, two = (_line(places.seconds[part.rows], part.asset).slope for part in (last, run))
    is_held = [abs(slope) <= SLOWEST / 3 for slope in (one, two)]
    elapsed = float(places.seconds[run.rows[0]] - places.seconds[last.rows[-1]])
    near = TOLERANCE + (last.width + run.width) / 2 + elapsed * max(abs(one), abs(two))
    return is_held[0] != is_held[1] and abs(float(run.asset[0] - last.asset[-1])) <= near


def _with_untimed(last: _Run, run: _Run, places: Places) -> _Run:
    """What is known goes on over the frames whose asset time is not."""
    known, other = (last, run) if last.is_known else (run, last)
    if len(known.rows) <= _TWO:
        return _untimed(places, np.concatenate([last.rows, run.rows]))
    line = _line(places.seconds[known.rows], known.asset)
    guessed = line.at(places.seconds[other.rows])
    parts = (known.asset, guessed) if last.is_known else (guessed, known.asset)
    rows, keys = np.concatenate([last.rows, run.rows]), last.keys + run.keys
    return replace(known, rows=rows, asset=np.concatenate(parts), keys=keys)


def _is_next_pass(last: _Run, run: _Run, places: Places, asset: _Asset) -> bool:
    """The same piece of the asset in the same direction begins again where it began before."""
    if not (last.is_known and run.is_known):
        return last.is_known == run.is_known
    one, two = (_line(places.seconds[part.rows], part.asset).slope for part in (last, run))
    near = TOLERANCE + (last.width + run.width) / 2 + 2 * asset.step * abs(one)
    one_sample = min(len(last.rows), len(run.rows)) == 1
    return abs(float(run.asset[0] - last.asset[0])) <= near and (
        one * two > 0 or one_sample or max(abs(one), abs(two)) < SLOWEST / 2
    )


def _with_next_pass(last: _Run, run: _Run, places: Places) -> _Run:
    """As if the asset went on at the speed that it had: the line through all passes then tells the speed."""
    line = _line(places.seconds[last.rows], last.asset)
    more = float(line.at(places.seconds[run.rows[:1]])[0] - run.asset[0])
    return replace(
        last,
        rows=np.concatenate([last.rows, run.rows]),
        asset=np.concatenate([last.asset, run.asset + more]),
        keys=last.keys + run.keys,
        passes=last.passes + run.passes,
        ahead=more + run.ahead,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """`height` at `middle` seconds, `slope` a second with its standard error."""

    middle: float
    height: float
    slope: float
    error: float

    def at(self, seconds: Floats) -> Floats:
        return self.height + self.slope * (seconds - self.middle)


def _line(seconds: Floats, asset: Floats, accuracy: float = 0.0) -> _Line:
    """Least squares over what is not far off the median slope; `accuracy`: of one asset time, at best."""
    half = len(seconds) // 2
    middle, height = float(seconds.mean()), float(np.median(asset))
    if not half:
        return _Line(middle=middle, height=height, slope=1.0, error=inf)
    slope = float(np.median((asset[half:] - asset[:-half]) / (seconds[half:] - seconds[:-half])))
    t, a = seconds, asset
    # Of a few, none is known to be the odd one out.
    if len(seconds) >= _SOME:
        off = asset - slope * seconds
        off = np.abs(off - np.median(off))
        kept = off <= max(4.5 * float(np.median(off)), TOLERANCE)
        t, a = seconds[kept], asset[kept]
    middle, height = float(t.mean()), float(a.mean())
    spread = float(((t - middle) ** 2).sum())
    if spread <= 0:
        return _Line(middle=middle, height=height, slope=slope, error=inf)
    slope = float(((t - middle) * (a - height)).sum()) / spread
    left = a - height - slope * (t - middle)
    deviation = max(accuracy, float(np.sqrt((left**2).sum() / max(len(t) - 2, 1))))
    return _Line(middle=middle, height=height, slope=slope, error=deviation / spread**0.5)


def _segment(places: Places, run: _Run, asset: _Asset, motion: Motion | None = None) -> Segment:
    seconds = places.seconds[run.rows]
    length = float(seconds[-1] - seconds[0])
    # Two samples do not show how far off they are: where few of the asset's frames are known, by one of those.
    is_vague = len(seconds) <= _TWO and asset.spacing > asset.step / 3
    line = _line(seconds, run.asset, asset.spacing if is_vague else asset.spacing / 2)
    # A wide place says where it is only as far as it does not touch an end of the asset.
    error = hypot(line.error, run.width / 12**0.5 / length) if length else inf
    motion = motion or _motion(line.slope, error, run, length, asset)
    runs = motion in (Motion.FORWARD, Motion.REVERSED, Motion.FREEZE) and run.passes == 1
    bends = bent(seconds, run.asset, spacing=asset.spacing) if runs else None
    ends = line.at(seconds[[0, -1]]) - (0, run.ahead)
    if bends is not None:
        motion, ends = Motion.CHANGING, np.array((bends.first, bends.last))
    elif motion in (Motion.STILL, Motion.STATIC):
        ends = run.asset[[0, -1]] - (0, run.ahead)
    first, last = (float(min(max(end, 0.0), asset.duration)) for end in ends)
    speed, error = _said(motion, line.slope, error)
    return Segment(
        first_frame=int(places.frame[run.rows[0]]),
        last_frame=int(places.frame[run.rows[-1]]),
        first_seconds=float(seconds[0]),
        last_seconds=float(seconds[-1]),
        asset_first_seconds=first,
        asset_last_seconds=last,
        speed=speed,
        speed_error=error,
        motion=motion,
        passes=run.passes if motion in (Motion.FORWARD, Motion.REVERSED) else 1,
        keys=run.keys,
        speeds=bends.speeds if bends is not None else (),
    )


def _motion(slope: float, error: float, run: _Run, length: float, asset: _Asset) -> Motion:
    is_wide = run.width > 3 * asset.spacing and (run.width >= length or run.width >= _STATIC_SHARE * asset.duration)
    is_too_short = length > asset.duration and asset.duration < 2 * asset.step
    if not run.is_known or is_wide or is_too_short:
        return Motion.STATIC
    if len(run.rows) == _TWO and error > _VAGUE:
        return Motion.STATIC
    if abs(slope - 1) <= 2 * error:
        return Motion.FORWARD
    if len(run.rows) == _TWO and abs(slope - 1) <= _SURE_OF_TWO * error:
        return Motion.STATIC
    if abs(slope) <= max(2 * error, SLOWEST / 3):
        return Motion.FREEZE
    return Motion.FORWARD if slope > 0 else Motion.REVERSED


def _said(motion: Motion, slope: float, error: float) -> tuple[float, float]:
    """The speed, as exactly as it is known, and its error."""
    match motion:
        case Motion.STILL | Motion.FREEZE:
            return 0.0, 0.0 if motion is Motion.STILL else error
        case Motion.STATIC | Motion.CHANGING:
            return 1.0, inf
        case Motion.FORWARD | Motion.REVERSED:
            usual = 1.0 if motion is Motion.FORWARD else -1.0
            if abs(slope - usual) <= 2 * error:
                return usual, error
            return round(slope, min(3, max(1, ceil(-log10(2 * error))))), error
        case _:
            assert_never(motion)
