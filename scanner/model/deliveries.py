"""Deliveries and their members, and how far they have come."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scanner.model.approvals import DropClass
from scanner.model.evidence import Altered, Incomplete, Unlisted, Unreadable
from scanner.model.media import MediaKind
from scanner.model.packages import Checked, Composition


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Frame numbers that an image sequence skips, both ends included."""

    first: int
    last: int


# Between a container and what was taken out of it: no path has two slashes in a row, so no delivered name has this.
INSIDE = "!//"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How a container (archive, PDF, PSD) was opened: the number of files taken out, and what was not, in words.

    `unread`: what is, or may be, in it and was not taken out whole; `notes`: what was left in it on purpose.
    """

    files: int
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file or image sequence of a delivery, by its name below the delivery's folder.

    `files` are the names of its files below the delivery's folder, in frame order; one for all but sequences. What was
    taken out of a container is named `container!//name in it`. `opened`: of a container, once it has been opened.
    `checked`: the checksums of manifests that agree; `amiss`: what manifests show to be missing, extra or altered, or
    what of them cannot be read; `asset_ids`: UUIDs that asset maps give its files; `composition`: that it is.
    """

    name: str
    kind: MediaKind
    format: str
    files: tuple[str, ...]
    size: int
    sha256: str
    file_hashes: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    opened: Opened | None = None
    checked: tuple[Checked, ...] = ()
    amiss: tuple[Altered | Unlisted | Incomplete | Unreadable, ...] = ()
    asset_ids: tuple[str, ...] = ()
    composition: Composition | None = None

    @property
    def is_inside(self) -> bool:
        """Whether it was taken out of a container: it lies with our own copies, not among what was delivered."""
        return INSIDE in self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Something in a delivery that is never opened (symbolic link, device, socket, FIFO) or could not be opened."""

    name: str
    reason: str

    @property
    def is_inside(self) -> bool:
        """Whether it lies in a container."""
        return INSIDE in self.name


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
    """What was dropped as one thing, and where it came from. `name` is its file or folder name as dropped.

    `season`, `episode`, `territories`: what its door says of it; unknown is None, or empty.
    """

    delivery_id: str
    name: str
    origin: str
    title: str | None
    vendor: str | None
    drop_class: DropClass
    received_at: datetime
    priority: Priority = Priority.NORMAL
    season: str | None = None
    episode: str | None = None
    territories: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def unopened(self) -> "Delivery":
        """The same as it was delivered, with no container opened."""
        return replace(
            self,
            members=tuple(replace(member, opened=None) for member in self.members if not member.is_inside),
            refused=tuple(refused for refused in self.refused if not refused.is_inside),
        )
