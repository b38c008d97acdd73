"""A small register, and what is found of it in a delivered file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scanner.examine.job import Job
from scanner.examine.pictures import PictureReading
from scanner.match.evidence import Register, evidence_of
from scanner.match.local import LocalIndex
from scanner.match.look_alikes import Pictures
from scanner.match.pictures import PictureIndex
from scanner.model import (
    AssetRef,
    Coverage,
    Examination,
    LookAlike,
    Member,
    MemberEvidence,
    PictureCodes,
    PictureFeatures,
    RegisterState,
)
from scanner.settings import default_policy
from tests.media.making import job, looked

POLICY = default_policy()
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """What a picture is registered with: codes of whole frames, features as it is and in the mirror."""

    codes: PictureCodes
    plain: PictureFeatures
    mirrored: PictureFeatures | None


def prints_of(path: Path) -> Prints:
    """The fingerprints that a file is registered with."""
    reading = looked(job(path, step=1, registering=True))
    assert reading.codes is not None
    assert reading.features is not None
    return Prints(codes=reading.codes, plain=reading.features, mirrored=reading.mirrored)


def ref(name: str) -> AssetRef:
    return AssetRef(asset_id=f"id of {name}", record_id=f"record of {name}", name=name)


def register(
    pictures: Mapping[str, Prints] | None = None,
    hashes: Mapping[str, AssetRef] | None = None,
    *,
    good: Collection[str] = (),
) -> Register:
    """A register of these pictures and bytes; those named in `good` are known to be no AI material."""
    known = dict(hashes or {})
    prints = {ref(name): each for name, each in (pictures or {}).items()}
    parts = LocalIndex()
    for number, each in enumerate(prints.values()):
        parts.add(number, each.plain, each.mirrored)
    return Register(
        state=RegisterState(version=1, records=1, approvals=0, read_at=NOW),
        pictures=Pictures(
            whole=PictureIndex.of(
                ((asset, each.codes) for asset, each in prints.items()), least_quality=POLICY.least_quality
            ),
            parts=parts,
            part_assets=tuple(prints),
            good=frozenset(ref(name).record_id for name in good),
        ),
        by_hash=lambda asked: {sha256: known[sha256] for sha256 in asked if sha256 in known},
    )


def member_of(examination: Examination, name: str = "delivered") -> Member:
    return Member(
        name=name,
        kind=examination.kind,
        format=examination.format,
        files=(name,),
        size=1,
        sha256="a" * 64,
        file_hashes=("a" * 64,),
    )


def examined(asked: Job) -> Examination:
    """What the examiner makes of the picture, its features too; no labels are asked for."""
    reading: PictureReading = looked(asked)
    return Examination(
        examiner="test",
        kind=asked.kind,
        format=asked.format,
        picture=reading.track,
        codes=reading.codes,
        features=reading.features,
        observations=tuple(reading.damage),
        coverage=Coverage(
            frames_examined=reading.examined,
            frames_present=reading.present,
            sample_step=asked.sample_step,
            duration=reading.duration,
        ),
    )


def found_in(path: Path, known: Register, *, step: int = 6) -> MemberEvidence:
    """All that is known of a delivered file."""
    examination = examined(job(path, step=step))
    return evidence_of(member_of(examination), examination, known, POLICY)


def look_alikes(evidence: MemberEvidence) -> list[LookAlike]:
    return [item for item in evidence.evidence if isinstance(item, LookAlike)]
