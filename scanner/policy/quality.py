"""How good an approval is that covers AI material: when and by whom it was given, on what conditions. Pure.

Guidelines 6.6, rule 22.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.model import (
    Approval,
    AssetRef,
    Case,
    Code,
    Evidence,
    MemberEvidence,
    Outcome,
    Particulars,
    Person,
    Policy,
    ProvenanceRecord,
)
from scanner.policy.conditions import unmet
from scanner.policy.validity import day

_MAY = "approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relied:
    """An approval that covers material, and what relies on it."""

    approval: Approval
    evidence: Evidence
    item: MemberEvidence
    asset: AssetRef | None
    case: Case
    policy: Policy

    @property
    def record(self) -> ProvenanceRecord | None:
        return self.case.records.get(self.asset.record_id) if self.asset else None

    @property
    def told(self) -> Particulars | None:
        """What the record of the material says beside its media."""
        return self.record.particulars if self.record else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What an approval is short of, in words; `at_least`: how strictly it is judged, whatever the policy says."""

    code: Code
    words: str
    at_least: Outcome = Outcome.PASS


def shortfalls(relied: Relied) -> Iterator[Shortfall]:
    """What the approval is short of, though it covers the material."""
    yield from _after_use(relied)
    for words in unmet(relied.approval, relied.told, relied.asset, relied.evidence, relied.item, relied.case):
        yield Shortfall(code=Code.APPROVAL_CONDITION, words=words)
    if relied.policy.standards.roster_required and (fault := _not_known(relied)):
        yield Shortfall(code=Code.APPROVER_NOT_KNOWN, words=fault)
    altered = relied.approval.terms.document_altered_at
    if altered is not None and altered <= relied.case.at:
        document = relied.approval.document or "its document"
        words = f"{document} was found altered on {day(altered)}"
        yield Shortfall(code=Code.APPROVAL_DOCUMENT, words=words)


def _after_use(relied: Relied) -> Iterator[Shortfall]:
    first, decided = relied.told.first_used if relied.told else None, relied.approval.decided_at
    if first is None or (decided is not None and decided <= first):
        return
    when = f"it was decided on {day(decided)}" if decided else "when it was decided is not stated"
    words = f"{when}, and the material was first made on {day(first)}"
    strict = relied.policy.standards.strict
    outcome = Outcome.QUARANTINE if strict else Outcome.PASS
    yield Shortfall(code=Code.APPROVAL_AFTER_USE, words=words, at_least=outcome)


def _not_known(relied: Relied) -> str | None:
    approval = relied.approval
    name = approval.approver or "nobody"
    person = relied.case.papers.people.get(approval.approver)
    if person is None:
        return f"{name} is not on the roster"
    if _MAY not in {each.casefold() for each in person.may}:
        return f"{name} is on the roster, and may not approve"
    if person.titles and approval.title not in person.titles:
        return f"{name} may approve for {', '.join(person.titles)} only"
    return None if _was_active(person, approval) else f"{name} was not on the roster when it was decided"


def _was_active(person: Person, approval: Approval) -> bool:
    at = approval.decided_at
    if at is None:
        return person.active_from is None and person.active_to is None
    return (person.active_from is None or person.active_from <= at) and (
        person.active_to is None or at < person.active_to
    )
