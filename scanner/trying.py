"""Tries a policy before it is in force: what past deliveries would be judged by it. Nothing is written or moved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from scanner.judging import together
from scanner.match.evidence import Register, evidence_of
from scanner.model import DeliveryRecord, MemberEvidence, Policy, Verdict
from scanner.policy.judge import judge
from scanner.recalling import stored_examination
from scanner.report.policies import NotTried, Tried
from scanner.studio import Studio


def tried(studio: Studio, policy: Policy, *, since: datetime | None = None) -> Iterator[Tried | NotTried]:
    """Judge every past delivery by the policy in force and by this one, newest first, from what is stored.

    With other thresholds, what was examined is matched anew for both; with other outcomes only, that is not needed.
    Raises StoreUnavailableError.
    """
    matched_anew = _thresholds(policy) != _thresholds(studio.policy)
    for record in studio.kept.deliveries(since=since):
        if record.verdict is None:
            continue
        if matched_anew:
            yield _matched(studio, record, record.verdict, policy)
        else:
            evidence = studio.kept.evidence(record.delivery.delivery_id)
            yield _judged(studio, record, record.verdict, (evidence, evidence), policy)


def _matched(studio: Studio, record: DeliveryRecord, verdict: Verdict, policy: Policy) -> Tried | NotTried:
    delivery, register = record.delivery, studio.register(record.delivery.title)
    if not isinstance(register, Register):
        return NotTried(record=record, why=register.reason if register else "there is no register")
    examined = []
    for member in delivery.members:
        examination, why = stored_examination(studio, member, delivery.delivery_id)
        if why is not None:
            return NotTried(record=record, why=f"{member.name}: {why}")
        examined.append((member, examination))
    now, then = (
        together(studio, delivery, tuple(evidence_of(m, seen, register, each) for m, seen in examined), ask=True)
        for each in (studio.policy, policy)
    )
    return _judged(studio, record, verdict, (now, then), policy)


def _judged(
    studio: Studio,
    record: DeliveryRecord,
    verdict: Verdict,
    evidence: tuple[tuple[MemberEvidence, ...], tuple[MemberEvidence, ...]],
    policy: Policy,
) -> Tried:
    state = verdict.register or studio.kept.register_state(studio.now())
    before, after = (
        judge(replace(studio.case(record.delivery, members, state), at=verdict.judged_at), each)
        for members, each in zip(evidence, (studio.policy, policy), strict=True)
    )
    return Tried(record=record, before=before, after=after)


def _thresholds(policy: Policy) -> Policy:
    """What matching takes of a policy."""
    nothing = {"digest": "", "text": "", "temporary_allowed_in": frozenset(), "outcomes": {}, "outcomes_by_class": {}}
    return replace(policy, **nothing)  # type: ignore[arg-type]
