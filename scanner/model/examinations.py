"""Examinations, and the case that a judgement takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from scanner.model.approvals import Approval
from scanner.model.deliveries import Delivery, Member
from scanner.model.evidence import Evidence, Observation
from scanner.model.media import MediaKind, PictureCodes, PictureFeatures
from scanner.model.register import ProvenanceRecord, RegisterState


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

    `duration`: the picture's length in seconds, None when it has none or it is not known.
    """

    frames_examined: int = 0
    frames_present: int = 0
    frames_uninformative: int = 0
    sample_step: int = 1
    notes: tuple[str, ...] = ()
    duration: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A pure function of the delivered bytes and the examiner's version. No thresholds, no registers, no names."""

    examiner: str
    kind: MediaKind
    format: str
    picture: PictureTrack | None = None
    codes: PictureCodes | None = None
    features: PictureFeatures | None = None
    observations: tuple[Observation, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEvidence:
    """A member with how it was covered and all that is known of it."""

    member: Member
    coverage: Coverage
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a judgement takes. `register` is None when a one-off scan had no register to ask."""

    delivery: Delivery
    members: tuple[MemberEvidence, ...]
    records: Mapping[str, ProvenanceRecord]
    approvals: tuple[Approval, ...]
    register: RegisterState | None
    examiner: str
    at: datetime
