"""Which approval speaks for a piece of AI material. Default deny; the narrowest speaks; denied beats approved. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from scanner.model import Action, Approval, ApprovalStatus
from scanner.policy.material import Material
from scanner.policy.scope import names, outside, pins
from scanner.policy.shelves import of_title
from scanner.policy.validity import APPROVED, DECIDED, day, void

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The approvals of a title that can be about the material, and those of them in whose scope it lies.

    `replaced`: which are superseded, by id.
    """

    material: Material
    about: tuple[Approval, ...]
    meant: tuple[Approval, ...]
    replaced: Mapping[str, str]
    at: datetime
    is_final: bool

    @classmethod
    def of(cls, material: Material, approvals: tuple[Approval, ...], at: datetime, *, is_final: bool) -> "_Asked":
        shelf = of_title(approvals, material.delivery.title, at)
        about = shelf.near(material)
        return cls(
            material=material,
            about=about,
            meant=tuple(a for a in about if not outside(a, material)),
            replaced=shelf.replaced,
            at=at,
            is_final=is_final,
        )

    def void(self, approval: Approval) -> str | None:
        """Why an approval does not count; None when it counts or waits."""
        return self.replaced.get(approval.approval_id) or void(approval, self.at)

    @property
    def in_force(self) -> list[Approval]:
        """Decided and counting; the narrowest first, of like ones the latest."""
        decided = (a for a in self.meant if a.status in DECIDED and not self.void(a))
        return sorted(decided, key=_rank, reverse=True)

    @property
    def covering(self) -> tuple[Approval, ...]:
        """Those that approve it, for what it is used for here."""
        return tuple(a for a in self.in_force if a.status in APPROVED and not self.lacks(a))

    @property
    def denials(self) -> tuple[Approval, ...]:
        """Those that deny it."""
        return tuple(a for a in self.in_force if a.status is ApprovalStatus.DENIED)

    def lacks(self, approval: Approval) -> str | None:
        """What an approval is short of for this use, whatever its scope."""
        if approval.terms.action is Action.SOCIALISE:
            return "it says that the use was socialised, which is no approval"
        if self.is_final and not approval.terms.permits.final_use:
            return "it does not permit final use"
        return None


def answer(
    material: Material, approvals: tuple[Approval, ...], *, at: datetime, is_final: bool = True
) -> Answer | None:
    """What the approvals say; None when not one of them is about this material. `is_final`: it is delivered for use.

    A denial yields only to an approval that pins down all that the denial pins down, and more (guidelines 6.5).
    """
    return _answer(_Asked.of(material, approvals, at, is_final=is_final))


def _answer(asked: _Asked) -> Answer | None:
    covering, denials = asked.covering, asked.denials
    for denied in denials:
        if not any(pins(a) > pins(denied) for a in covering):
            return Answer(approval=denied, standing=Standing.DENIES, why=_denied(covering))
    if covering:
        return Answer(approval=covering[0], standing=Standing.COVERS, why=_granted(covering[0], denials))
    return _nearest(asked)


def granted(
    material: Material, approvals: tuple[Approval, ...], *, at: datetime, is_final: bool = True
) -> tuple[Approval, ...]:
    """Every approval that covers the material, the narrowest first; none where a denial speaks."""
    asked = _Asked.of(material, approvals, at, is_final=is_final)
    said = _answer(asked)
    return asked.covering if said is not None and said.standing is Standing.COVERS else ()


def _nearest(asked: _Asked) -> Answer | None:
    """Why the nearest one does not speak: it lapsed, it waits, or it names this material for another use."""
    in_scope = [a for a in asked.meant if a.status is not ApprovalStatus.DENIED]
    for approval in in_scope:
        if reason := asked.void(approval):
            return Answer(approval=approval, standing=Standing.NOT_VALID, why=reason)
    for approval in in_scope:
        if approval.status in APPROVED and (reason := asked.lacks(approval)):
            is_told_of = approval.terms.action is Action.SOCIALISE
            standing = Standing.NOT_YET if is_told_of else Standing.OTHER_SCOPE
            return Answer(approval=approval, standing=standing, why=reason)
    for approval in in_scope:
        return Answer(approval=approval, standing=Standing.NOT_YET, why=f"its status is {approval.status}")
    for approval in asked.about:
        in_force = approval.status in APPROVED and not asked.void(approval)
        if in_force and names(approval, asked.material) and (reason := outside(approval, asked.material)):
            return Answer(approval=approval, standing=Standing.OTHER_SCOPE, why=reason)
    return None


def _rank(approval: Approval) -> tuple[int, datetime]:
    return len(pins(approval)), approval.decided_at or _LONG_AGO


def _denied(covering: tuple[Approval, ...]) -> str:
    """That it was denied, and which approval says otherwise and is no narrower."""
    but = f"; {covering[0].approval_id} approves it, and is no narrower" if covering else ""
    return f"it was denied{but}"


def _granted(approval: Approval, denials: tuple[Approval, ...]) -> str:
    role = f" ({approval.approver_role})" if approval.approver_role else ""
    when = f" on {day(approval.decided_at)}" if approval.decided_at else ""
    document = f", {approval.document}" if approval.document else ""
    but = f"; it is narrower than {denials[0].approval_id}, which denies it" if denials else ""
    return f"approved by {approval.approver}{role}{when}{document}{but}"
