"""What people decide, and the record of one delivery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model.deliveries import Delivery, Stage
from scanner.model.judgement import Verdict
from scanner.model.media import Thumbnail


class RulingAction(StrEnum):
    """Release: on to cleared/. Restore: back to where it was dropped, to be looked at again."""

    RELEASE = "release"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A person's decision on a blocked delivery, with name and reason."""

    action: RulingAction
    by: str
    reason: str
    approval: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Found and registered frame side by side, for one look-alike or labelled member."""

    member: str
    found: Thumbnail | None
    registered: Thumbnail | None
    asset_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """Everything about one delivery, kept for good. `place` is where its bytes are now, None once handed on."""

    delivery: Delivery
    stage: Stage
    place: str | None
    verdict: Verdict | None = None
    verdicts_before: int = 0
    pictures: tuple[Picture, ...] = ()
    rulings: tuple[Ruling, ...] = ()
