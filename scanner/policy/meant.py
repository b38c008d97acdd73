"""A record and where its material is meant to go: what is asked of consents, and of the guidance. Pure."""

from dataclasses import dataclass
from datetime import datetime

from scanner.model import Delivery, Papers, Particulars, ProvenanceRecord, Standards

_NOTHING = Particulars()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A record with its papers and where it goes. `delivery`, `member`: in which it was found, if it was.

    `is_final`: it is meant for use, not for a class of delivery in which temporary material is expected.
    """

    record: ProvenanceRecord
    papers: Papers
    standards: Standards
    at: datetime
    is_final: bool
    delivery: Delivery | None = None
    member: str = ""

    @property
    def told(self) -> Particulars:
        """What the record says; nothing where it is bare."""
        return self.record.particulars or _NOTHING

    @property
    def title(self) -> str:
        """The production in which it is used: that of the delivery, or else that of the record."""
        return (self.delivery.title if self.delivery else None) or self.record.title

    @property
    def season(self) -> str | None:
        return (self.delivery.season if self.delivery else None) or self.told.season

    @property
    def episode(self) -> str | None:
        return (self.delivery.episode if self.delivery else None) or self.told.episode

    @property
    def territories(self) -> tuple[str, ...]:
        """Where it is shown, as far as that is known."""
        return (self.delivery.territories if self.delivery else ()) or self.standards.territories
