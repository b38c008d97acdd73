"""What the readers of timelines share: their bounds, mentions made of hostile text, and timecode by OpenTimelineIO."""

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from opentimelineio import opentime

from scanner.model import Mention, Named
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.clean import clean

MOST_BYTES = 64 << 20
DEEPEST = 64
UNTITLED = "untitled"

Told = Iterator[Mention | Skipped]

_LONGEST_NAME = 400
_TIMECODE = re.compile(r"\d{1,2}:\d\d:\d\d[:;]\d\d")
# Two hundred days at 60 a second: past that a number of frames is no place in a cut, and the library's numbers wrap.
_MOST_FRAMES = 1 << 30
_NO_NAMES = frozenset({"", "ax", "bl", "black", "bars", "none", "unknown", "gap"})


class UnreadableTimelineError(ValueError):
    """A timeline cannot be read: damaged, too large, or not what it says it is."""


def whole(path: Path) -> bytes:
    """The file's bytes. Raises UnreadableTimelineError above 64 MiB, OSError."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        msg = f"it is larger than {MOST_BYTES >> 20} MiB"
        raise UnreadableTimelineError(msg)
    return data


def mention(
    named: Named,
    name: object,
    *,
    timeline: str,
    track: str | None = None,
    at: tuple[str | None, str | None] = (None, None),
) -> Iterator[Mention]:
    """A mention of a name, or nothing where it is none. Of one that is too long the end is kept: paths end in names."""
    text = clean(name[-_LONGEST_NAME:], _LONGEST_NAME) if isinstance(name, str) else ""
    if text.casefold() not in _NO_NAMES:
        yield Mention(
            named=named,
            name=text,
            timeline=clean(timeline) or UNTITLED,
            track=clean(track, 40) or None if track else None,
            record_in=at[0],
            record_out=at[1],
        )


def timecode(frames: float, rate: float, *, drop: bool | None) -> str | None:
    """The timecode of a frame, None at a rate that has none. `drop` None: drop-frame wherever the rate allows it."""
    if not (math.isfinite(frames) and math.isfinite(rate)) or abs(frames) > _MOST_FRAMES:
        return None
    exact = opentime.RationalTime.nearest_smpte_timecode_rate(rate)
    if abs(exact - rate) > rate / 1000:
        return None
    try:
        told = opentime.to_timecode(opentime.RationalTime(frames, exact), exact, drop)
    except ValueError:
        # Drop-frame was asked for at a rate that drops none, or the frame lies before midnight.
        return timecode(frames, rate, drop=False) if drop else None
    return told if _TIMECODE.fullmatch(told) else None


def counted(told: str, rate: float, *, drop: bool) -> int:
    """The number of the frame at a timecode; 0 where it is none, or none at this rate."""
    head, _, frames = re.sub("[;.,]", ":", told).rpartition(":")
    exact = opentime.RationalTime.nearest_smpte_timecode_rate(rate) if math.isfinite(rate) else 0
    try:
        return int(opentime.from_timecode(f"{head}{';' if drop else ':'}{frames}", exact).value)
    except ValueError:
        return 0


def timecode_at(seconds: Fraction, rate: Fraction, *, drop: bool | None) -> str | None:
    """The timecode of the frame that begins at these seconds, or is on screen then."""
    return timecode(math.floor(seconds * rate), float(rate), drop=drop) if rate > 0 else None
