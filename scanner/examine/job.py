"""What is asked of an examining process and what it gives back: plain values that can cross a process border."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from scanner import __version__
from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.model import Coverage, Examination, MediaKind, Thumbnail, Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One member to examine. `registering`: take every frame, in every view, and keep thumbnails."""

    root: Path
    files: tuple[str, ...]
    kind: MediaKind
    format: str
    sample_step: int
    deadline: float
    stall_seconds: float
    trust_anchors: str | None = None
    registering: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """The member's files; a delivery that is a single file is the root itself."""
        return tuple(self.root / name for name in self.files) if self.root.is_dir() else (self.root,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An examination, and thumbnails where they were asked for."""

    examination: Examination
    thumbnails: tuple[Thumbnail, ...] = ()


def examiner_version(sample_step: int, trust_anchors: str | None) -> str:
    """Everything beside the bytes that an examination depends on: cached ones with another version are not used."""
    anchors = sha256(trust_anchors.encode()).hexdigest()[:8] if trust_anchors else "none"
    return f"scanner {__version__}, {ALGORITHM}.{VERSION}, every {sample_step}. frame, trust {anchors}"


def unexamined(job: Job, source: str, reason: str) -> Examined:
    """The examination of a member of which nothing could be seen."""
    return Examined(
        examination=Examination(
            examiner=examiner_version(job.sample_step, job.trust_anchors),
            kind=job.kind,
            format=job.format,
            observations=(Unreadable(source=source, reason=reason),),
            coverage=Coverage(notes=(f"not examined: {reason}",)),
        )
    )
