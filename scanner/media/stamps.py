"""Frames and their stamps: when each frame is shown, and where each stands in the order in which they are shown."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from fractions import Fraction

# A step back of more than a second is a splice (joined transport streams): play goes on after it.
_SPLICE_SECONDS = 1


@dataclass(slots=True)
class Clock:
    """Gives every frame its own time, in ticks since the first: the stamp, put right where it runs backwards.

    `usual`: ticks from one frame to the next where nothing better is known.
    """

    time_base: Fraction
    usual: int
    first: int | None = None
    last: int = -1
    offset: int = 0

    def at(self, pts: int) -> int:
        self.first = pts if self.first is None else self.first
        ticks = pts - self.first + self.offset
        if (self.last - ticks) * self.time_base > _SPLICE_SECONDS:
            self.offset += self.last + self.usual - ticks
            ticks = self.last + self.usual
        self.last = max(ticks, self.last + 1)
        return self.last


# A stamp and the run that it belongs to: stamps begin anew where two files were joined.
Stamp = tuple[int, int]


@dataclass(slots=True)
class Order:
    """The place of every frame in the order of showing, known from packets before their frames are decoded.

    `known` turns False for good where stamps are missing, come too late or do not come out again: from there on
    every frame must be decoded and counted.
    """

    known: bool = True
    # Whether any packet is shown at another time than it is decoded; containers that only count never say so.
    reordered: bool = False
    before: int = 0
    pending: list[Stamp] = field(default_factory=list)
    # Of what the decoder was told to leave nothing out.
    asked: set[Stamp] = field(default_factory=set)
    passed: Stamp | None = None
    runs_in: int = 0
    runs_out: int = 0
    last_dts: int | None = None

    def compare(self, pts: int | None, dts: int | None) -> None:
        """A packet is shown at the first and decoded at the second of these stamps."""
        self.reordered |= pts is not None and dts is not None and dts != pts

    def enter(self, pts: int | None, dts: int | None) -> Stamp | None:
        """A packet comes in, in decoding order."""
        self.compare(pts, dts)
        if pts is None:
            self.known = False
            return None
        if dts is not None:
            self.runs_in += self.last_dts is not None and dts < self.last_dts
            self.last_dts = dts
        stamp = (self.runs_in, pts)
        if self.passed is not None and stamp < self.passed:
            self.known = False
        insort(self.pending, stamp)
        return stamp

    def place(self, stamp: Stamp) -> int:
        """The frame's number in the order of showing; right once all packets that are shown before it came in."""
        return self.before + bisect_left(self.pending, stamp)

    def leave(self, pts: int | None) -> int:
        """The number of a frame that comes out of the decoder; those before it will not come any more."""
        for run in (self.runs_out, self.runs_out + 1) if pts is not None else ():
            stamp = (run, pts)
            at = bisect_left(self.pending, stamp)
            if at < len(self.pending) and self.pending[at] == stamp:
                del self.pending[: at + 1]
                self.before += at + 1
                self.passed, self.runs_out = stamp, run
                return self.before - 1
        self.known = False
        return self.before
