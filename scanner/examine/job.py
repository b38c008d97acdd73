"""What is asked of an examining process and what it gives back: plain values that can cross a process border."""

from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from scanner import __version__
from scanner.fingerprint.names import ALGORITHM, FEATURES, FEATURES_VERSION, LANDMARKS, LANDMARKS_VERSION, VERSION
from scanner.model import (
    Coverage,
    Examination,
    MediaKind,
    PictureFeatures,
    Thumbnail,
    TimeRange,
    TrustAnchors,
    Unreadable,
)
from scanner.sources import LABELS

# Films that are twice as long are examined in ranges of about so many seconds.
RANGE_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One member to examine. `registering`: take every frame, in every view, and keep thumbnails. `sample_step`: every
    how many frames one is looked at; where frames can be had singly, half as many, and those between where it changes.

    `range_seconds`: how long the ranges of a long film are, 0: it is read in one go; `range`: only this one of them.
    `cut_seconds`: how long they were to be, where it is read in one go all the same.
    """

    root: Path
    files: tuple[str, ...]
    kind: MediaKind
    format: str
    sample_step: int
    deadline: float
    stall_seconds: float
    trust_anchors: TrustAnchors | None = None
    watermarks: bool = True
    registering: bool = False
    range_seconds: int = RANGE_SECONDS
    range: TimeRange | None = None
    cut_seconds: int = 0

    @property
    def examiner(self) -> str:
        """The version of the examiner that the job asks for."""
        cut = self.cut_seconds or self.range_seconds
        return examiner_version(self.sample_step, self.trust_anchors, cut, watermarks=self.watermarks)

    @property
    def in_one_go(self) -> "Job":
        """The same, however long it is, not in ranges."""
        return replace(self, range_seconds=0, cut_seconds=self.range_seconds, range=None)

    def of(self, asked: TimeRange) -> "Job":
        """The same for one range of it."""
        return replace(self, range=asked)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The member's files; a delivery that is a single file is the root itself."""
        return tuple(self.root / name for name in self.files) if self.root.is_dir() else (self.root,)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndQuestion:
    """Where, to the frame, a segment begins (`is_in`) or ends. Times in seconds after the track's first frame.

    `shows`: a sampled frame that shows the asset; `shows_not`: the nearest outwards in which it was not recognised,
    None where the track begins or ends before one; `to`: how far it may stand without being looked for again. `region`:
    x, y, width, height of the asset in the frame, as shares of it. `is_still`: whether the asset is one picture.
    `codes`: n times 32 bytes, of the asset's frames that may stand there; none where it fills only part of the frame.
    `limit`: in bits.
    """

    is_in: bool
    shows: Fraction
    shows_not: Fraction | None
    to: Fraction | None = None
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    is_still: bool = False
    codes: bytes = b""
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """An answer: seconds after the track's first frame, and by how many frames the true end may be off that."""

    seconds: Fraction
    accuracy: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An examination; and, when registering, thumbnails and the features of the picture seen in a mirror."""

    examination: Examination
    thumbnails: tuple[Thumbnail, ...] = ()
    mirrored: PictureFeatures | None = None


def examiner_version(
    sample_step: int,
    trust_anchors: TrustAnchors | None,
    range_seconds: int = RANGE_SECONDS,
    *,
    watermarks: bool = True,
) -> str:
    """Everything beside the bytes that an examination depends on: cached ones with another version are not used."""
    anchors = _told(trust_anchors) if trust_anchors else "none"
    seen, heard = f"{ALGORITHM}.{VERSION}, {FEATURES}.{FEATURES_VERSION}", f"{LANDMARKS}.{LANDMARKS_VERSION}"
    made = f"{seen}, {heard}, labels.{LABELS}"
    ranges = f"every {sample_step}. or {2 * sample_step}. frame, ranges of {range_seconds} s"
    unmarked = "" if watermarks else ", without watermarks"
    return f"scanner {__version__}, {made}, {ranges}, trust {anchors}{unmarked}"


def _told(trust: TrustAnchors) -> str:
    """The lists with their dates, for people; and what tells them from lists of the same names."""
    return f"{', '.join(trust.lists)} ({sha256(repr(trust).encode()).hexdigest()[:8]})"


def unexamined(job: Job, source: str, reason: str) -> Examined:
    """The examination of a member of which nothing could be seen."""
    return Examined(
        examination=Examination(
            examiner=job.examiner,
            kind=job.kind,
            format=job.format,
            observations=(Unreadable(source=source, reason=reason),),
            coverage=Coverage(notes=(f"not examined: {reason}",)),
        )
    )
