"""Media time, kinds of media, whole-frame codes, landmarks of sound."""

from collections.abc import Sequence
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
    """Local features of the distinct frames of one picture track (about one a shot), in order of time.

    Those of a long film may lie on disk: a frame is read each time it is asked for.
    """

    algorithm: str
    version: int
    time_base: Fraction
    frames: Sequence[FeatureFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A small JPEG of the frame at `seconds`; of sound: of its spectrum from there on, and the `sound` itself (MP3).

    `length`: of the sound, in seconds.
    """

    seconds: Fraction
    jpeg: bytes
    sound: bytes = b""
    length: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSpan:
    """A stretch of sound to be cut out, in seconds into the file; `stream` and `channel` as in `SoundMarks`."""

    stream: int
    channel: str
    start: Fraction
    length: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundMarks:
    """Landmarks of one channel or down-mix that was listened to.

    `stream`: which sound stream of the file, from 0. `channel`: L, R, C, LFE and so on, "mix", or "1".."64" where no
    layout is known. `start`: seconds into the file at which hop 0 begins; `hop`: seconds a hop; `hops`: how many were
    listened to. `codes` holds a little-endian 32-bit number a landmark (`fingerprint.landmarks` says what is in it),
    `times` another one, in hops since `start`, ascending. `informative`: stretches with something to hear, first hop
    and first hop after.
    """

    algorithm: str
    version: int
    stream: int
    channel: str
    start: Fraction
    hop: Fraction
    hops: int
    codes: bytes
    times: bytes
    informative: tuple[tuple[int, int], ...]
