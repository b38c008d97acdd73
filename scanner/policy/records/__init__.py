"""What the records of found material say, rule by rule (guidelines 6.6, rules 1 to 23). Pure."""

from collections.abc import Iterator

from scanner.model import (
    AssetRef,
    Case,
    Evidence,
    Finding,
    Heard,
    Identical,
    LookAlike,
    MemberEvidence,
    Policy,
    Statement,
    Use,
)
from scanner.policy.records import making, people
from scanner.policy.records.lacking import no_record
from scanner.policy.records.recorded import Recorded

_RULES = (*making.RULES, *people.RULES)


def about_records(item: MemberEvidence, case: Case, policy: Policy) -> Iterator[Finding]:
    """The findings about each record whose material this member shows, is, or is stated to be; each record once.

    And that there is none, where the house asks for one.
    """
    seen: set[str] = set()
    for evidence in item.evidence:
        asset = _asset(evidence)
        record = case.records.get(asset.record_id) if asset else None
        if asset is None or record is None or record.record_id in seen or record.use is Use.KNOWN_GOOD:
            continue
        seen.add(record.record_id)
        recorded = Recorded(record=record, asset=asset, evidence=evidence, item=item, case=case, policy=policy)
        for rule in _RULES:
            yield from rule(recorded)
    yield from no_record(item, case, policy)


def _asset(evidence: Evidence) -> AssetRef | None:
    """What it shows or names; of a likeness that may say nothing, nothing can be asked."""
    if isinstance(evidence, LookAlike | Heard) and evidence.floods:
        return None
    return evidence.asset if isinstance(evidence, Identical | LookAlike | Heard | Statement) else None
