"""What became of a track's frames while it was read, against what its container promises. Loads no decoder."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import av.container
    from av.video.stream import VideoStream

# Containers state durations rounded; two frames short is rounding, more is a hole.
_SLACK_FRAMES = 2
# Three hours at 24 frames a second: more need not be listed one by one.
_MOST_TOLD = 250_000


@dataclass(slots=True)
class Counts:
    """What became of a track's frames while it was read; `listed` and `shown` are what the container promises.

    `tried` counts those that were given to the decoder; `decoded` those that came out and those that nothing needed
    and were passed over; `between` those that were looked at midway between two samples; `broken` lists the seconds
    after the first frame at which damage was met, where known.
    """

    present: int = 0
    tried: int = 0
    decoded: int = 0
    damaged: int = 0
    packets: int = 0
    between: int = 0
    listed: int | None = None
    shown: int | None = None
    # Errors before the first picture: a file that was cut inside an open group of pictures begins with some.
    led_in: int = 0
    broken: list[Fraction] = field(default_factory=list)

    def damage(self, at: Fraction | None, frames: int = 1) -> None:
        self.damaged += frames
        if at is not None and len(self.broken) < _MOST_TOLD:
            self.broken.append(at)


def missing_frames(counts: Counts) -> int:
    """Frames that the container promises and the file does not hold."""
    if counts.listed is not None and counts.packets >= counts.listed:
        return 0
    # An edit list leaves listed frames out; then only the stated duration tells, and it is rounded.
    if counts.shown is None or counts.present >= counts.shown - _SLACK_FRAMES * (counts.listed is not None):
        return 0
    return counts.shown - counts.present


def frames_shown(container: "av.container.InputContainer", stream: "VideoStream") -> int | None:
    """How many frames the container's stated duration has room for, where that duration can be relied on."""
    rate = stream.average_rate
    counted = stream.frames or container.format.name == "mxf"
    if not stream.duration or not stream.time_base or not rate or not counted:
        return stream.frames or None
    return int(stream.duration * stream.time_base * rate)
