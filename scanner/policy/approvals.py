"""Which approval speaks for a piece of AI material. Default deny; the narrowest speaks; denied beats approved. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from scanner.model import Approval, ApprovalStatus, AssetRef, Delivery, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """AI material as an approval sees it: what it is, made by what, and where it was delivered."""

    delivery: Delivery
    member: str
    asset: AssetRef | None
    tool: str | None
    place: Place | None


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
    """What the approvals say; None when not one of them is about this material."""
    about = [a for a in approvals if a.title == material.delivery.title]
    meant = [a for a in about if not _outside(a, material)]
    decided = [a for a in meant if a.status in (ApprovalStatus.APPROVED, ApprovalStatus.DENIED) and not _void(a, at)]
    if decided:
        narrowest = max(_narrowness(a) for a in decided)
        level = [a for a in decided if _narrowness(a) == narrowest]
        denied = [a for a in level if a.status is ApprovalStatus.DENIED]
        if denied:
            return Answer(approval=denied[0], standing=Standing.DENIES, why="it was denied")
        return Answer(approval=level[0], standing=Standing.COVERS, why=_granted(level[0]))
    return _nearest(material, about, meant, at)


def _nearest(material: Material, about: list[Approval], meant: list[Approval], at: datetime) -> Answer | None:
    """Why the nearest one does not speak: it lapsed, it waits, or it names this material for another use."""
    for approval in meant:
        if reason := _void(approval, at):
            return Answer(approval=approval, standing=Standing.NOT_VALID, why=reason)
    for approval in meant:
        return Answer(approval=approval, standing=Standing.NOT_YET, why=f"it is {approval.status}")
    for approval in about:
        if approval.status is ApprovalStatus.APPROVED and _names(approval, material):
            return Answer(approval=approval, standing=Standing.OTHER_SCOPE, why=_outside(approval, material) or "")
    return None


def _void(approval: Approval, at: datetime) -> str | None:
    """Why an approved or denied escalation does not count at this time; None when it does."""
    if approval.status not in (ApprovalStatus.APPROVED, ApprovalStatus.DENIED):
        return None
    if approval.revoked_at is not None and approval.revoked_at <= at:
        return f"it was revoked on {approval.revoked_at:%Y-%m-%d}"
    if approval.valid_to is not None and at >= approval.valid_to:
        return f"it expired on {approval.valid_to:%Y-%m-%d}"
    if approval.valid_from is not None and at < approval.valid_from:
        return f"it is valid only from {approval.valid_from:%Y-%m-%d}"
    return None


def _outside(approval: Approval, material: Material) -> str | None:
    """Which filled dimension of the scope this material lies outside of, in words; None when inside all of them."""
    scope, delivery = approval.scope, material.delivery
    record = material.asset.record_id if material.asset else None
    asset = material.asset.asset_id if material.asset else None
    tests = (
        (scope.records, record in scope.records, "records " + ", ".join(scope.records)),
        (scope.assets, asset in scope.assets, "assets " + ", ".join(scope.assets)),
        (scope.tools, _made_by(material.tool, scope.tools), "tools " + ", ".join(scope.tools)),
        (scope.drop_classes, delivery.drop_class in scope.drop_classes, "class " + ", ".join(scope.drop_classes)),
        (scope.shots, _in_shot(material, scope.shots), "shots " + ", ".join(scope.shots)),
        (scope.file_patterns, _named(material, scope.file_patterns), "files " + ", ".join(scope.file_patterns)),
        (scope.timecodes, _within(material.place, approval), "its timecode ranges"),
    )
    return next((f"it is for {what} only" for filled, inside, what in tests if filled and not inside), None)


def _names(approval: Approval, material: Material) -> bool:
    """Whether the scope names this very record or asset."""
    if material.asset is None:
        return False
    return material.asset.record_id in approval.scope.records or material.asset.asset_id in approval.scope.assets


def _narrowness(approval: Approval) -> tuple[bool, ...]:
    """Approvals compare by what they pin down, the most telling dimension first."""
    scope = approval.scope
    filled = (scope.assets, scope.timecodes, scope.records, scope.shots, scope.file_patterns, scope.tools)
    return tuple(bool(dimension) for dimension in (*filled, scope.drop_classes))


def _made_by(tool: str | None, tools: tuple[str, ...]) -> bool:
    """The tool, with or without a version behind its name."""
    made = (tool or "").casefold()
    return any(made == name.casefold() or made.startswith(f"{name.casefold()} ") for name in tools)


def _in_shot(material: Material, shots: tuple[str, ...]) -> bool:
    """A shot is known from the delivered name alone: where an asset was *meant* to go clears nothing."""
    name = f"{material.delivery.name}/{material.member}"
    return any(re.search(rf"(?<![A-Za-z0-9]){re.escape(shot)}(?![A-Za-z0-9])", name) for shot in shots)


def _named(material: Material, patterns: tuple[str, ...]) -> bool:
    names = (material.member, material.member.rpartition("/")[2], material.delivery.name)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _within(place: Place | None, approval: Approval) -> bool:
    """The whole stretch lies in one range. Timecodes of one rate stand in the order of their digits (SMPTE ST 12)."""
    if place is None:
        return False
    first, last = _digits(place.timecode_in), _digits(place.timecode_out)
    return any(_digits(r.first) <= first and last <= _digits(r.last) for r in approval.scope.timecodes)


def _digits(timecode: str) -> str:
    return timecode.replace(";", ":").replace(".", ":")


def _granted(approval: Approval) -> str:
    role = f" ({approval.approver_role})" if approval.approver_role else ""
    document = f", {approval.document}" if approval.document else ""
    return f"approved by {approval.approver}{role}{document}"
