"""An escalation before it is written: the values of which its parts speak."""

from dataclasses import dataclass, field
from datetime import datetime

from scanner.model import (
    Action,
    Approval,
    Consent,
    Delivery,
    Picture,
    ProvenanceRecord,
    Required,
    Step,
    Talent,
    Tool,
    Triggered,
)

Row = tuple[str, str]
"""Label and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it was found. Timecodes are None for a whole file."""

    member: str
    timecode_in: str | None = None
    timecode_out: str | None = None

    @property
    def words(self) -> str:
        return f"{self.timecode_in} to {self.timecode_out}" if self.timecode_in else "the whole file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is concerned, and the consent that covers it; or why none does. `is_needed`: one must."""

    talent: Talent
    what: str
    is_needed: bool
    consent: Consent | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request to be sent. `left`: the triggers that no approval answers; `asked_of`: who is asked, by whom."""

    record: ProvenanceRecord
    required: Required
    left: tuple[Triggered, ...]
    is_final: bool
    asked_by: str
    asked_of: tuple[str, ...]
    at: datetime
    steps: tuple[tuple[Step, Tool | None], ...] = ()
    people: tuple[Person, ...] = ()
    approvals: tuple[Approval, ...] = ()
    delivery: Delivery | None = None
    places: tuple[Place, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def escalates(self) -> bool:
        return self.required.action is Action.ESCALATE

    @property
    def subject(self) -> str:
        asked = "Request for written approval" if self.escalates else "Notice"
        return f"{asked} of AI use: {self.record.title}, {self.record.shot or self.record.record_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the request: a heading with facts below it."""

    heading: str
    rows: tuple[Row, ...] = field(default_factory=tuple)
