"""The register: what AI material the production made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.media import MediaKind, PictureCodes, PictureFeatures, SoundMarks
from scanner.model.papers import Particulars

EVERY_TITLE = "*"
"""The title of material that is looked for, or known to be good, in deliveries of any title."""


class Use(StrEnum):
    """What a provenance record says its material is for (guidelines 6.2, `lifecycle`).

    `KNOWN_GOOD` is no AI material: slates, logos, bars and library shots that must not alarm.
    """

    TEMPORARY = "temporary"
    CANDIDATE = "candidate"
    FINAL = "final"
    SUPERSEDED = "superseded"
    KNOWN_GOOD = "known-good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One piece of media that a provenance record describes. `file_hashes`: SHA-256 of every file it is made of."""

    asset_id: str
    name: str
    kind: MediaKind
    sha256: str
    size: int
    file_hashes: tuple[str, ...]
    codes: tuple[PictureCodes, ...] = ()
    features: tuple[PictureFeatures, ...] = ()
    sounds: tuple[SoundMarks, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceRecord:
    """What the production wrote down when it made an AI element (guidelines 6.2). `particulars`: the latest version."""

    record_id: str
    title: str
    tool: str
    tool_version: str | None = None
    use: Use
    shot: str | None = None
    vendor: str | None = None
    note: str | None = None
    created_by: str
    created_at: datetime
    retired_at: datetime | None = None
    retired_reason: str | None = None
    particulars: Particulars | None = None
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRef:
    """Names a registered asset without carrying its fingerprints."""

    asset_id: str
    record_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAsset:
    """A registered asset with what names are looked up by: its own, the tool that made it, and the shot it is for."""

    asset: AssetRef
    tool: str
    shot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterState:
    """Which state of the register a verdict rests on. `version` counts every change ever made to it."""

    version: int
    records: int
    approvals: int
    read_at: datetime
