"""The tables of scanner.toml that concern what comes in: how drops are watched ([watching]), and by which door."""

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


class Door(_Table):
    """A folder below drop/ whose deliveries have a title, vendor, drop class and patience of their own."""

    folder: str
    title: str | None = None
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
