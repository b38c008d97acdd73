"""Approvals that end soon, or have just ended: what the night's report warns of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from scanner.model import Approval, ApprovalStatus

APPROVED = (ApprovalStatus.APPROVED, ApprovalStatus.APPROVED_WITH_CONDITIONS)


class Ending(IntEnum):
    """How an approval ends, the most urgent first."""

    EXPIRING = 0
    EXPIRED = 1
    REVOKED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """An approval that ends or has ended, how, and when."""

    approval: Approval
    ending: Ending
    at: datetime


def lapses(approvals: Iterable[Approval], *, since: datetime, until: datetime, within: timedelta) -> tuple[Lapse, ...]:
    """Those that ended from `since` to `until`, and those that expire `within` so long after it; in order of time."""
    found = (lapse for approval in approvals if (lapse := _end(approval, until)) is not None)
    told = (each for each in found if since <= each.at < (until + within if each.ending is Ending.EXPIRING else until))
    return tuple(sorted(told, key=lambda each: (each.ending, each.at)))


def _end(approval: Approval, until: datetime) -> Lapse | None:
    """A revoked approval ends by that, whatever its last day is."""
    if approval.status not in APPROVED:
        return None
    if approval.revoked_at is not None:
        return Lapse(approval=approval, ending=Ending.REVOKED, at=approval.revoked_at)
    if approval.valid_to is None:
        return None
    ending = Ending.EXPIRING if approval.valid_to >= until else Ending.EXPIRED
    return Lapse(approval=approval, ending=ending, at=approval.valid_to)
