"""AI material as an approval sees it: what it is, made by what, and where it was delivered."""

from dataclasses import dataclass

from scanner.model import AssetRef, Delivery, Place, Prominence


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A tool that took part in the making, by all its names, and its version where that is known."""

    names: tuple[str, ...]
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an approval is asked about. Unknown is None, or empty.

    `also`: the other tools of its making. `bytes`: SHA-256 that each fix what was delivered, byte for byte; `parts`:
    of its files, and of the registered asset. `territories`: where it is shown, if that is known. `escalations`: the
    ids that its record names.
    """

    delivery: Delivery
    member: str
    asset: AssetRef | None
    tool: str | None
    place: Place | None
    version: str | None = None
    also: tuple[Made, ...] = ()
    bytes: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    prominence: Prominence | None = None
    territories: tuple[str, ...] = ()
    escalations: tuple[str, ...] = ()

    @property
    def made(self) -> tuple[Made, ...]:
        """Every tool of its making."""
        return (Made(names=(self.tool or "",), version=self.version), *self.also)
