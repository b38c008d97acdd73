"""Whether AI material lies in the scope of an escalation. An approval is read narrowly, a denial broadly. Pure."""

from dataclasses import fields

from scanner.model import Approval, ApprovalStatus, TimecodeRange
from scanner.policy.dimensions import DIMENSIONS, Reading
from scanner.policy.material import Material


def outside(approval: Approval, material: Material) -> str | None:
    """Which filled dimension of the scope this material lies outside of, in words; None when inside all of them."""
    reading = Reading.BROAD if approval.status is ApprovalStatus.DENIED else Reading.NARROW
    for dimension in DIMENSIONS:
        values = getattr(approval.scope, dimension.name)
        if values and not dimension.holds(material, values, reading):
            said = values if isinstance(values, str) else ", ".join(map(_words, values))
            unknown = dimension.unknown(material)
            return f"it is for {dimension.told} {said} only" + (f", and {unknown}" if unknown else "")
    return None


def names(approval: Approval, material: Material) -> bool:
    """Whether the scope names this very record or asset, or the record names the approval."""
    if material.asset is None:
        return False
    if approval.approval_id in material.escalations:
        return True
    return material.asset.record_id in approval.scope.records or material.asset.asset_id in approval.scope.assets


def pins(approval: Approval) -> frozenset[str]:
    """The dimensions that its scope fills; an asset pins down its record too."""
    filled = frozenset(field.name for field in fields(approval.scope) if getattr(approval.scope, field.name))
    return filled | {"records"} if "assets" in filled else filled


def _words(value: object) -> str:
    return f"{value.first} to {value.last}" if isinstance(value, TimecodeRange) else str(value)
