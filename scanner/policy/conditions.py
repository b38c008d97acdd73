"""Whether the conditions of an approval are met, as far as a machine can tell (guidelines 6.5). Pure.

What cannot be told is not met: somebody then says in writing that it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from scanner.model import (
    Approval,
    AssetRef,
    Case,
    Check,
    Condition,
    Consent,
    Evidence,
    Heard,
    LookAlike,
    MemberEvidence,
    Particulars,
    Prominence,
    ReviewVerdict,
)
from scanner.policy.validity import day

_NOTHING = Particulars()
_SECONDS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?")
_BY_PROMINENCE = (Prominence.INCIDENTAL, Prominence.STORY_RELEVANT, Prominence.PROMINENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What conditions are checked against. `told` is empty without a record of the material."""

    approval: Approval
    told: Particulars
    asset: AssetRef | None
    evidence: Evidence
    item: MemberEvidence
    case: Case


def unmet(
    approval: Approval,
    told: Particulars | None,
    asset: AssetRef | None,
    evidence: Evidence,
    item: MemberEvidence,
    case: Case,
) -> Iterator[str]:
    """Each condition of an approval that is not met, and why. What a document shows to be met is met."""
    asked = _Asked(approval=approval, told=told or _NOTHING, asset=asset, evidence=evidence, item=item, case=case)
    for condition in approval.terms.conditions:
        why = None if condition.satisfied_by else _fault(condition, asked)
        if why is not None:
            yield f"condition {condition.condition_id} ({condition.text}) is not met: {why}"


def _fault(condition: Condition, asked: _Asked) -> str | None:
    if condition.check is None:
        return "nothing shows that it is"
    return _CHECKS[condition.check](condition.limit or "", asked)


def _credit(_: str, asked: _Asked) -> str | None:
    return None if asked.told.credit and asked.told.credit.text else "no credit is recorded"


def _disclosure(_: str, asked: _Asked) -> str | None:
    return None if asked.told.disclosure and asked.told.disclosure.text else "no disclosure is recorded"


def _reviewed(_: str, asked: _Asked) -> str | None:
    review = asked.told.review
    if review is None:
        return "no review is recorded"
    if review.verdict is not ReviewVerdict.APPROVED:
        return f"the review by {review.reviewer_id} says {review.verdict}"
    return "the review is dated in time to come" if review.at and review.at > asked.case.at else None


def _final_approval(_: str, asked: _Asked) -> str | None:
    """Of the very bytes: an approval of others is none of these."""
    given = asked.told.final_approval
    if given is None or given.verdict is not ReviewVerdict.APPROVED:
        return "no final approval is recorded"
    member = asked.item.member
    if given.of_sha256 is None:
        return "the final approval does not say of which bytes it is"
    delivered = {member.sha256} | ({*member.file_hashes} if len(member.file_hashes) == 1 else set())
    return None if given.of_sha256.lower() in delivered else "the final approval is of other bytes"


def _consents(_: str, asked: _Asked) -> str | None:
    """The consents that the approval names; if none, those that the record names of each person."""
    named = asked.approval.terms.consents
    if not named:
        if not asked.told.talent or any(not talent.consent_ids for talent in asked.told.talent):
            return "no consent is named"
        named = tuple(name for talent in asked.told.talent for name in talent.consent_ids)
    faults = (_consent_fault(name, asked) for name in named)
    return next((fault for fault in faults if fault), None)


def _consent_fault(name: str, asked: _Asked) -> str | None:
    consent: Consent | None = asked.case.papers.consents.get(name)
    at = asked.case.at
    if consent is None:
        return f"consent {name} is not on record"
    if consent.title != asked.approval.title:
        return f"consent {name} is for {consent.title}"
    if consent.signed_at is None or consent.signed_at > at:
        return f"consent {name} is not signed"
    if consent.revoked_at is not None and consent.revoked_at <= at:
        return f"consent {name} was revoked on {day(consent.revoked_at)}"
    if consent.valid_from is not None and at < consent.valid_from:
        return f"consent {name} is valid only from {day(consent.valid_from)}"
    if consent.valid_to is not None and consent.valid_to <= at:
        return f"consent {name} expired on {day(consent.valid_to)}"
    return None


def _max_seconds(limit: str, asked: _Asked) -> str | None:
    """All the time for which it is found in this member: the sum of its stretches; else the member's own length."""
    if not _SECONDS.fullmatch(limit):
        return f"its limit {limit!r} is not a number of seconds"
    most = Fraction(limit)
    found = _seconds_found(asked)
    if found is None:
        return "how long it is used for is not known"
    return None if found <= most else f"it is used for {float(found):.1f} s"


def _seconds_found(asked: _Asked) -> Fraction | None:
    if not isinstance(asked.evidence, LookAlike | Heard):
        coverage = asked.item.coverage
        lengths = [each for each in (coverage.duration, coverage.sound_seconds) if each is not None]
        return max(lengths, default=None)
    places = [
        each.place for each in asked.item.evidence if isinstance(each, LookAlike | Heard) and each.asset == asked.asset
    ]
    if None in places:
        return None
    total, reached = Fraction(0), Fraction(-1)
    for first, last in sorted((place.seconds_in, place.seconds_out) for place in places if place):
        total += max(Fraction(0), last - max(first, reached))
        reached = max(reached, last)
    return total


def _max_prominence(limit: str, asked: _Asked) -> str | None:
    try:
        most = _BY_PROMINENCE.index(Prominence(limit))
    except ValueError:
        return f"its limit {limit!r} is no prominence"
    prominence = asked.told.prominence
    if prominence not in _BY_PROMINENCE:
        return "how much the story rests on it is not stated"
    is_less = _BY_PROMINENCE.index(prominence) <= most
    return None if is_less else f"it is {prominence.replace('_', ' ')}"


_CHECKS: Mapping[Check, Callable[[str, _Asked], str | None]] = {
    Check.CREDIT: _credit,
    Check.DISCLOSURE: _disclosure,
    Check.REVIEWED: _reviewed,
    Check.FINAL_APPROVAL: _final_approval,
    Check.CONSENTS: _consents,
    Check.MAX_SECONDS: _max_seconds,
    Check.MAX_PROMINENCE: _max_prominence,
}
