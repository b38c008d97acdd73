"""The tables of scanner.toml that concern what comes in: how drops are watched and opened, and by which door."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scanner.model import DropClass, Priority

ManifestRule = Literal["when-there", "required", "ignore"]
_Seconds = Annotated[float, Field(strict=True, le=31_536_000)]
_Count = Annotated[int, Field(strict=True)]
# A name that stands for all names would hold up, or pass over, everything.
_NamePattern = Annotated[str, Field(strict=True, max_length=255, pattern=r"^[^/\x00]*[^/\x00*?][^/\x00]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


class WatchingTable(_Table):
    """`partial` and `litter` are added to the names that the program knows."""

    quiet_seconds: _Seconds = Field(default=10.0, ge=0)
    stalled_seconds: _Seconds = Field(default=3600.0, gt=0)
    manifest: ManifestRule = "when-there"
    partial: tuple[_NamePattern, ...] = ()
    litter: tuple[_NamePattern, ...] = ()
    sweep_seconds: _Seconds = Field(default=2.0, gt=0)
    deliveries_at_once: _Count = Field(default=2, ge=1, le=64)
    stop_seconds: _Seconds = Field(default=20.0, ge=0)


class OpeningTable(_Table):
    """How far the containers (archives, PDF, PSD) of one delivery are opened. `depth`: how many in one another.

    `files` and `total_megabytes`: of all that is taken out of them; `file_megabytes`: of one file; `ratio`: how many
    times its own size one container may unpack to.
    """

    depth: _Count = Field(default=3, ge=0, le=16)
    files: _Count = Field(default=10_000, ge=0, le=200_000)
    total_megabytes: _Count = Field(default=65_536, ge=0, le=16_777_216)
    file_megabytes: _Count = Field(default=32_768, ge=0, le=16_777_216)
    ratio: _Count = Field(default=200, ge=1, le=1_000_000)


class Door(_Table):
    """A folder below drop/ whose deliveries have a title, vendor, drop class and patience of their own.

    `territories`: where what comes in here is shown, as `US`, `US-NY`, `EU`.
    """

    folder: str
    title: str | None = None
    season: str | None = None
    episode: str | None = None
    territories: tuple[str, ...] = ()
    vendor: str | None = None
    drop_class: DropClass = DropClass.FINAL
    priority: Priority | None = None
    quiet_seconds: _Seconds | None = Field(default=None, ge=0)
    stalled_seconds: _Seconds | None = Field(default=None, gt=0)
    manifest: ManifestRule | None = None
    partial: tuple[_NamePattern, ...] = ()
    litter: tuple[_NamePattern, ...] = ()

    def watched(self, watching: WatchingTable) -> WatchingTable:
        """How this door is watched: as it says itself, else like all others; its names are added to theirs."""
        own = {key: getattr(self, key) for key in ("quiet_seconds", "stalled_seconds", "manifest")}
        told = {key: value for key, value in own.items() if value is not None}
        names = {"partial": watching.partial + self.partial, "litter": watching.litter + self.litter}
        return watching.model_copy(update={**told, **names})
