"""A small register, and what is found of it in a delivered file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from scanner.match.evidence import Register, evidence_of
from scanner.match.pictures import PictureIndex
from scanner.model import (
    AssetRef,
    Examination,
    LookAlike,
    Member,
    MemberEvidence,
    PictureCodes,
    RegisterState,
)
from scanner.settings import default_policy
from tests.media.making import examined, job

POLICY = default_policy()
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def codes_of_asset(path: Path) -> PictureCodes:
    """The codes that a file is registered with."""
    codes = examined(job(path, step=1, registering=True)).codes
    assert codes is not None
    return codes


def ref(name: str) -> AssetRef:
    return AssetRef(asset_id=f"id of {name}", record_id=f"record of {name}", name=name)


def register(
    pictures: Mapping[str, PictureCodes] | None = None, hashes: Mapping[str, AssetRef] | None = None
) -> Register:
    """A register of these pictures and bytes."""
    known = dict(hashes or {})
    entries = [(ref(name), codes) for name, codes in (pictures or {}).items()]
    return Register(
        state=RegisterState(version=1, records=1, approvals=0, read_at=NOW),
        pictures=PictureIndex.of(entries, least_quality=POLICY.least_quality),
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


def found_in(path: Path, known: Register, *, step: int = 6) -> MemberEvidence:
    """All that is known of a delivered file."""
    examination = examined(job(path, step=step))
    return evidence_of(member_of(examination), examination, known, POLICY)


def look_alikes(evidence: MemberEvidence) -> list[LookAlike]:
    return [item for item in evidence.evidence if isinstance(item, LookAlike)]
