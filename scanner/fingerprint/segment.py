"""A stretch of a delivered track that shows a registered asset, and how the asset moves in it."""

from dataclasses import dataclass, replace
from enum import Enum, auto
from math import hypot

# Asset seconds by which one segment may miss what goes on from another; samples that tell a line.
_MISS = 0.15
_LINE = 3


class Motion(Enum):
    """How the asset moves in a segment."""

    STILL = auto()  # the asset is one picture
    FORWARD = auto()
    REVERSED = auto()
    FREEZE = auto()  # one frame of a clip is held
    CHANGING = auto()  # its speed changes on the way
    STATIC = auto()  # the asset hardly moves or resembles itself: nothing can be said


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of the delivered track that shows one stretch of the asset, from sampled frame to sampled frame.

    `speed`: asset seconds a delivered second, rounded to what `speed_error` (one standard error) allows; 1.0 with an
    infinite error where nothing is known of it. `speeds`: where it changes, one after the other. `keys`: one sighting
    for each supporting frame, in order.
    """

    first_frame: int
    last_frame: int
    first_seconds: float
    last_seconds: float
    asset_first_seconds: float
    asset_last_seconds: float
    speed: float
    speed_error: float
    motion: Motion
    passes: int
    keys: tuple[int, ...]
    speeds: tuple[float, ...] = ()

    @property
    def support(self) -> int:
        """Sampled frames in which it was seen."""
        return len(self.keys)

    @property
    def expected(self) -> int:
        """Sampled frames between the first and the last, both counted."""
        return self.last_frame - self.first_frame + 1


def goes_on(one: Segment, other: Segment, reach: int) -> bool:
    """Whether the asset goes on in the other, which follows, as fast as it ran in this: too fast to be one run."""
    if one.motion is not other.motion or one.motion not in (Motion.FORWARD, Motion.REVERSED):
        return False
    if min(one.support, other.support) < _LINE or one.passes > 1 or other.passes > 1:
        return False
    expected = one.asset_last_seconds + one.speed * (other.first_seconds - one.last_seconds)
    alike = abs(one.speed - other.speed) <= 2 * hypot(one.speed_error, other.speed_error)
    follows = other.first_frame - one.last_frame <= reach
    return follows and alike and abs(other.asset_first_seconds - expected) <= _MISS


def as_one(one: Segment, other: Segment) -> Segment:
    """Both in one: at the speed of the longer, known as exactly as of that."""
    longer = max(one, other, key=lambda segment: segment.support)
    return replace(
        longer,
        first_frame=one.first_frame,
        last_frame=other.last_frame,
        first_seconds=one.first_seconds,
        last_seconds=other.last_seconds,
        asset_first_seconds=one.asset_first_seconds,
        asset_last_seconds=other.asset_last_seconds,
        keys=one.keys + other.keys,
    )
