"""Deliveries and their members, and how far they have come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.approvals import DropClass
from scanner.model.media import MediaKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Frame numbers that an image sequence skips, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file or image sequence of a delivery, by its name below the delivery's folder.

    `files` are the names of its files below the delivery's folder, in frame order; one for all but sequences.
    """

    name: str
    kind: MediaKind
    format: str
    files: tuple[str, ...]
    size: int
    sha256: str
    file_hashes: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something in a delivery that is never opened (symbolic link, device, socket, FIFO) or could not be opened."""

    name: str
    reason: str


class Stage(StrEnum):
    """How far a delivery has come. Only the last three mean that it has left the bench.

    Judged again: it is kept back, and its latest verdict has not been carried out.
    """

    RECEIVED = "received"
    EXAMINED = "examined"
    DECIDED = "decided"
    CARRIED_OUT = "carried-out"
    JUDGED_AGAIN = "judged-again"
    RULED = "ruled"


class Priority(StrEnum):
    """Which deliveries are handled first. Within one, the first that came."""

    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was dropped as one thing, and where it came from. `name` is its file or folder name as dropped."""

    delivery_id: str
    name: str
    origin: str
    title: str | None
    vendor: str | None
    drop_class: DropClass
    received_at: datetime
    priority: Priority = Priority.NORMAL
    members: tuple[Member, ...] = ()
    refused: tuple[Refused, ...] = ()
