"""Where the findings lie in each member's running time, in percent of its length, for drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scanner.model import Coverage, Finding, Heard, LookAlike, Outcome, Place
from scanner.report.plain import where
from scanner.report.scanned import Scanned

LANES = 4
"""Rows of labels below a bar; segments beyond them have a number only."""

LABEL_SHARE = 27.0
"""Percent of the bar that a label may take: eleven characters of timecode at phone width, with its number."""

TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Distances between ticks, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One finding on a bar, in percent of its length. `lane` is None when there is no room for a label."""

    number: int
    left: float
    width: float
    label: str
    title: str
    outcome: Outcome
    lane: int | None

    @property
    def label_at_end(self) -> bool:
        """Whether the label must run to the left of the segment, to stay inside the bar."""
        return self.left > 100 - LABEL_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark of running time, in percent from the left."""

    left: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One member's running time. `known`: whether its length is, or was taken from the last finding."""

    member: str
    length: Fraction
    known: bool
    segments: tuple[Segment, ...]
    ticks: tuple[Tick, ...]

    @property
    def lanes(self) -> int:
        """How many rows of labels are needed."""
        return max((segment.lane + 1 for segment in self.segments if segment.lane is not None), default=0)

    @property
    def length_words(self) -> str:
        return clock(self.length)


def timeline(scanned: Scanned) -> tuple[Bar, ...]:
    """A bar for every member that runs in time: those with a known length, and those with a finding at a time."""
    numbered = tuple(enumerate(scanned.verdict.findings, 1))
    covered = dict(scanned.verdict.coverage)
    names = dict.fromkeys([*covered, *(finding.member for _, finding in numbered)])
    bars = (_bar(name, covered.get(name), [each for each in numbered if each[1].member == name]) for name in names)
    return tuple(bar for bar in bars if bar is not None)


def place_of(finding: Finding) -> Place | None:
    """Where in time a finding lies, if it does."""
    return finding.evidence.place if isinstance(finding.evidence, LookAlike | Heard) else None


def _bar(name: str, coverage: Coverage | None, findings: Sequence[tuple[int, Finding]]) -> Bar | None:
    places = [(number, finding, place) for number, finding in findings if (place := place_of(finding)) is not None]
    known = (coverage.duration or coverage.sound_seconds) if coverage else None
    last = max((place.seconds_out for *_, place in places), default=Fraction(0))
    length = max(known or Fraction(0), last)
    if length <= 0:
        return None
    return Bar(member=name, length=length, known=bool(known), segments=_segments(places, length), ticks=_ticks(length))


def _segments(places: Sequence[tuple[int, Finding, Place]], length: Fraction) -> tuple[Segment, ...]:
    free = [0.0] * LANES
    segments = []
    for number, finding, place in sorted(places, key=lambda each: each[2].seconds_in):
        left = float(place.seconds_in / length * 100)
        start = min(left, 100 - LABEL_SHARE)
        lane = next((row for row, end in enumerate(free) if end <= start), None)
        if lane is not None:
            free[lane] = start + LABEL_SHARE
        segments.append(
            Segment(
                number=number,
                left=left,
                width=float((place.seconds_out - place.seconds_in) / length * 100),
                label=place.timecode_in[:11],
                title=f"{finding.code}, {where(finding)}",
                outcome=finding.outcome,
                lane=lane,
            )
        )
    return tuple(segments)


def _ticks(length: Fraction) -> tuple[Tick, ...]:
    step = next((step for step in TICKS if length / step <= 6), TICKS[-1])
    times = range(step, int(length) + 1, step)
    near_end = 82  # a tick's label here would run into the end of the bar
    marks = (Tick(left=float(Fraction(time) / length * 100), label=clock(Fraction(time))) for time in times[:24])
    return tuple(mark for mark in marks if mark.left < near_end)


def clock(seconds: Fraction) -> str:
    """Running time as `1:02:03`, or `2:03` below an hour, or `4.96 s` below a minute; rounded down."""
    if seconds < 60:
        return f"{float(seconds):.4g} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
