"""Media time, kinds of media, whole-frame codes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction


def utc(moment: datetime) -> datetime:
    """The moment in UTC. Raises ValueError for a naive time: a time without a zone is not a time."""
    if moment.tzinfo is None:
        msg = f"{moment.isoformat()} has no time zone"
        raise ValueError(msg)
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTime:
    """Where a frame sits in its stream, exactly: `pts` ticks of `time_base` seconds."""

    pts: int
    time_base: Fraction

    @property
    def seconds(self) -> Fraction:
        return self.pts * self.time_base


class MediaKind(StrEnum):
    """What a member is, by its content."""

    STILL = "still"
    VIDEO = "video"
    SEQUENCE = "sequence"
    SOUND = "sound"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCodes:
    """Whole-frame codes of one picture track. A frame may have several codes (several views); `pts` then repeats.

    `codes` holds 32 bytes a code, `quality` one byte a code (0..100, PDQ's gradient measure), `views` one byte a code
    (which view of the frame, a number of `fingerprint.views`); all parallel to `pts`.
    """

    algorithm: str
    version: int
    time_base: Fraction
    pts: tuple[int, ...]
    codes: bytes
    quality: bytes
    views: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFrame:
    """Local features of one distinct frame, and its grey picture as a JPEG against which geometry is checked.

    `descriptors` holds 32 bytes a feature; `points` four little-endian 16-bit numbers a feature: x, y and diameter in
    32nds of a pixel of the picture when it is 640 wide, angle in ten thousandths of a radian. `width`, `height`: of the
    picture described.
    """

    pts: int
    width: int
    height: int
    descriptors: bytes
    points: bytes
    grey: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFeatures:
    """Local features of the distinct frames of one picture track (about one a shot), in order of time."""

    algorithm: str
    version: int
    time_base: Fraction
    frames: tuple[FeatureFrame, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small JPEG of the frame at `seconds`."""

    seconds: Fraction
    jpeg: bytes
