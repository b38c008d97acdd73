"""Which approval speaks for a piece of AI material. Default deny; the narrowest speaks; denied beats approved. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scanner.model import Approval, ApprovalStatus, utc
from scanner.policy.scope import Material, names, outside, pins

_OPEN = (ApprovalStatus.DRAFT, ApprovalStatus.PENDING)
_DECIDED = (ApprovalStatus.APPROVED, ApprovalStatus.DENIED)


class Standing(StrEnum):
    """How an approval stands towards a piece of material."""

    COVERS = "covers"
    DENIES = "denies"
    NOT_YET = "not yet"
    NOT_VALID = "not valid"
    OTHER_SCOPE = "other scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The approval that speaks for the material, how it stands, and why in words."""

    approval: Approval
    standing: Standing
    why: str


def answer(material: Material, approvals: tuple[Approval, ...], *, at: datetime) -> Answer | None:
    """What the approvals say; None when not one of them is about this material.

    A denial yields only to an approval that pins down all that the denial pins down, and more (guidelines 6.5).
    """
    title = material.delivery.title
    about = [a for a in approvals if title and a.title == title]
    meant = [a for a in about if not outside(a, material)]
    decided = sorted((a for a in meant if a.status in _DECIDED and not _void(a, at)), key=_dimensions, reverse=True)
    granted = [a for a in decided if a.status is ApprovalStatus.APPROVED]
    for denied in decided:
        if denied.status is ApprovalStatus.DENIED and not any(pins(a) > pins(denied) for a in granted):
            return Answer(approval=denied, standing=Standing.DENIES, why="it was denied")
    if granted:
        return Answer(approval=granted[0], standing=Standing.COVERS, why=_granted(granted[0]))
    return _nearest(material, about, meant, at)


def _nearest(material: Material, about: list[Approval], meant: list[Approval], at: datetime) -> Answer | None:
    """Why the nearest one does not speak: it lapsed, it waits, or it names this material for another use."""
    asked = [a for a in meant if a.status is not ApprovalStatus.DENIED]
    for approval in asked:
        if reason := _void(approval, at):
            return Answer(approval=approval, standing=Standing.NOT_VALID, why=reason)
    for approval in asked:
        return Answer(approval=approval, standing=Standing.NOT_YET, why=f"its status is {approval.status}")
    for approval in about:
        in_force = approval.status is ApprovalStatus.APPROVED and not _void(approval, at)
        if in_force and names(approval, material) and (reason := outside(approval, material)):
            return Answer(approval=approval, standing=Standing.OTHER_SCOPE, why=reason)
    return None


def _void(approval: Approval, at: datetime) -> str | None:
    """Why an escalation does not count at this time, whatever was decided on it; None when it counts or waits."""
    if approval.revoked_at is not None and approval.revoked_at <= at:
        return f"it was revoked on {_moment(approval.revoked_at)}"
    if approval.status in _OPEN:
        return None
    if approval.status not in _DECIDED:
        return f"it was {approval.status}"
    if approval.decided_at is not None and at < approval.decided_at:
        return f"its decision is dated {_moment(approval.decided_at)}, which is still to come"
    if approval.valid_to is not None and at >= approval.valid_to:
        return f"it expired on {_moment(approval.valid_to)}"
    if approval.valid_from is not None and at < approval.valid_from:
        return f"it is valid only from {_moment(approval.valid_from)}"
    return None


def _dimensions(approval: Approval) -> int:
    return len(pins(approval))


def _moment(at: datetime) -> str:
    return f"{utc(at):%Y-%m-%d %H:%M} UTC"


def _granted(approval: Approval) -> str:
    role = f" ({approval.approver_role})" if approval.approver_role else ""
    document = f", {approval.document}" if approval.document else ""
    return f"approved by {approval.approver}{role}{document}"
