"""Examinations, and the case that a judgement takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from scanner.model.approvals import Approval
from scanner.model.deliveries import Delivery, Member
from scanner.model.evidence import Evidence, Observation, Place
from scanner.model.media import MediaKind, PictureCodes, PictureFeatures, SoundMarks
from scanner.model.papers import Papers
from scanner.model.register import ProvenanceRecord, RegisterState
from scanner.model.waivers import Waived


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTrack:
    """What the container and the decoder say of the picture. `start_timecode` is None when the file has none."""

    codec: str
    width: int
    height: int
    frame_rate: Fraction | None
    start_timecode: str | None
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much was looked at. `notes` name what was not examined and why; holes that matter are `Unreadable` too.

    Samples are `sample_step` frames apart; `frames_between` of those examined lie midway between two of them.
    `duration`: the picture's length in seconds, None when it has none or it is not known. `sound_seconds`: how long its
    sound is, that was listened to, None where nothing was; `sound_channels` of so many streams, `sound_plain` of them
    with nothing to recognise in them. `broken`: the stretches of the picture that cannot be decoded cleanly, the first
    hundred; `broken_more`: how many more there are.
    """

    frames_examined: int = 0
    frames_present: int = 0
    frames_uninformative: int = 0
    sample_step: int = 1
    frames_between: int = 0
    notes: tuple[str, ...] = ()
    duration: Fraction | None = None
    sound_seconds: Fraction | None = None
    sound_streams: int = 0
    sound_channels: int = 0
    sound_plain: int = 0
    broken: tuple[Place, ...] = ()
    broken_more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """One of the `count` ranges in which a long film is examined: what is shown from `start` to before `end`.

    In ticks of `time_base`, by the track's own stamps (of an image sequence: numbers of files); `first` is the stamp of
    the first frame. `end` is None for the last range. `lead`: a stamp to seek to, from which on it can be decoded.
    """

    number: int
    count: int
    time_base: Fraction
    first: int
    start: int
    end: int | None
    lead: int

    @property
    def key(self) -> str:
        """What this range of this cut is called."""
        return f"{self.number + 1} of {self.count}, {self.start} to {'the end' if self.end is None else self.end}"

    @property
    def seconds(self) -> tuple[Fraction, Fraction | None]:
        """From when to when, after the first frame."""
        end = None if self.end is None else (self.end - self.first) * self.time_base
        return max(Fraction(0), (self.start - self.first) * self.time_base), end


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What has to be known of a range of a film beside what was found in it, to put the ranges together.

    `begins` and `ends` name the packets at which it meets its neighbours; `is_in_order`: nothing met speaks against
    the ranges. `before`: how many frames come before it, where the file counts them. `listed`, `shown`: what the file
    promises in all. `broken`: seconds after the first frame at which damage was met. `boxes`: how many frames have
    which active picture. `failed`: files that cannot be decoded.
    """

    range: TimeRange
    begins: str = ""
    ends: str = ""
    is_in_order: bool = True
    before: int | None = None
    present: int = 0
    decoded: int = 0
    packets: int = 0
    damaged: int = 0
    led_in: int = 0
    tried: int = 0
    broken: tuple[Fraction, ...] = ()
    listed: int | None = None
    shown: int | None = None
    boxes: tuple[tuple[tuple[float, float, float, float], int], ...] = ()
    failed: int = 0
    first_failed: str | None = None
    failed_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A pure function of the delivered bytes and the examiner's version. No thresholds, no registers, no names.

    `sounds`: of every channel and down-mix that was listened to; `sound_begins`: seconds after midnight at which a
    sound without a picture says that it begins. `part`: it is only that of a range of a film, and damage to the picture
    is not judged yet; None: of a whole member.
    """

    examiner: str
    kind: MediaKind
    format: str
    picture: PictureTrack | None = None
    codes: PictureCodes | None = None
    features: PictureFeatures | None = None
    sounds: tuple[SoundMarks, ...] = ()
    sound_begins: Fraction | None = None
    observations: tuple[Observation, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    part: Part | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvidence:
    """A member with how it was covered and all that is known of it."""

    member: Member
    coverage: Coverage
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a judgement takes. `register` is None when a one-off scan had no register to ask.

    `papers`: the tools, consents and people that its records and approvals name. `waived`: what people set aside of it.
    """

    delivery: Delivery
    members: tuple[MemberEvidence, ...]
    records: Mapping[str, ProvenanceRecord]
    approvals: tuple[Approval, ...]
    register: RegisterState | None
    examiner: str
    at: datetime
    papers: Papers = field(default_factory=Papers)
    waived: tuple[Waived, ...] = ()
