"""Rules 11 and 12: who looked at it, who approved these very bytes for release, and whether they could."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from scanner.model import Code, FinalApproval, Finding, Identical, Outcome, Person, Prominence, ReviewVerdict
from scanner.policy.records.made import at_least, day, is_same, listed
from scanner.policy.records.recorded import Recorded

# What one of the roster must be allowed to do, one of them.
_MAY: Mapping[str, frozenset[str]] = {
    "reviewed": frozenset({"review", "approve"}),
    "approved": frozenset({"approve", "release"}),
}
_RESTS_ON_IT = (Prominence.PROMINENT, Prominence.STORY_RELEVANT)


def not_reviewed(r: Recorded) -> Iterator[Finding]:
    """A review and an approval by people who did not make it (11). What was rejected is not released."""
    if not r.is_final:
        return
    faults = [*_of_review(r), *_of_approval(r), *_of_human_part(r)]
    if faults:
        finding = r.finding(Code.NOT_REVIEWED, "; ".join(faults))
        yield at_least(finding, Outcome.QUARANTINE) if _is_rejected(r) else finding


def _is_rejected(r: Recorded) -> bool:
    verdicts = [each.verdict for each in (r.told.review, r.told.final_approval) if each]
    return ReviewVerdict.REJECTED in verdicts


def _of_review(r: Recorded) -> Iterator[str]:
    review = r.told.review
    if review is None:
        yield "no review is recorded"
        return
    if review.verdict is ReviewVerdict.REJECTED:
        yield f"{review.reviewer_id} reviewed and rejected it"
    yield from _of_person(r, review.reviewer_id, "reviewed", review.at)


def _of_approval(r: Recorded) -> Iterator[str]:
    approval, received = r.told.final_approval, r.case.delivery.received_at
    if approval is None:
        yield "no approval for release is recorded"
        return
    if approval.verdict is ReviewVerdict.REJECTED:
        yield f"{approval.approver_id} refused its release"
    yield from _of_person(r, approval.approver_id, "approved", approval.at)
    if approval.at is not None and approval.at > received:
        yield f"it was approved on {day(approval.at)}, after the delivery of {day(received)}"


def _of_person(r: Recorded, name: str, did: str, at: datetime | None) -> Iterator[str]:
    if at is None:
        yield f"when {name} {did} it is not recorded"
    if any(_is_person(r, name, operator) for operator in {step.operator for step in r.told.steps}):
        yield f"{name} {did} it, who made it"
    if r.standards.roster_required and (why := _off_roster(r, name, at) or _not_theirs(r, name, _MAY[did])):
        yield f"{name} {did} it, {why}"


def _is_person(r: Recorded, one: str, other: str | None) -> bool:
    """Whether two names mean the same person; the roster knows people by id and by name."""
    known = [r.case.papers.people.get(name or "") for name in (one, other)]
    ids = [person.person_id if person else name for person, name in zip(known, (one, other), strict=True)]
    return is_same(*ids)


def _off_roster(r: Recorded, name: str, at: datetime | None) -> str | None:
    """Why a person does not count; None for one of the roster who was active then."""
    person = r.case.papers.people.get(name)
    if person is None:
        return "who is not on the roster"
    when = at or r.case.delivery.received_at
    if not _is_within(when, person.active_from, person.active_to):
        return f"who was not active on {day(when)}"
    return None


def _not_theirs(r: Recorded, name: str, needed: frozenset[str]) -> str | None:
    """Why one of the roster may not do this, for this title; None where they may."""
    person = r.case.papers.people[name]
    if not needed & {each.strip().casefold() for each in person.may}:
        return "who may not"
    if person.titles and r.meant.title not in person.titles:
        return f"who may for {listed(person.titles)} only"
    return None


def _is_within(at: datetime, first: datetime | None, last: datetime | None) -> bool:
    return (first is None or first <= at) and (last is None or at < last)


def _of_human_part(r: Recorded) -> Iterator[str]:
    """What the story rests on needs meaningful human input and legal review (guidelines 1, final and temporary)."""
    if r.prominence not in _RESTS_ON_IT:
        return
    if not any(step.human_contribution for step in r.told.steps):
        yield "what people contributed to it is not recorded"
    final = r.told.final_approval
    if not (final and final.legal_review_ref) and not any(a.terms.legal_review_ref for a in r.approvals):
        yield "no legal review is recorded"


def approved_other_bytes(r: Recorded) -> Iterator[Finding]:
    """What was approved for release is what was delivered, or is what is seen in it (11)."""
    approval = r.told.final_approval
    if not r.is_final or approval is None or not approval.of_sha256:
        return
    member = r.item.member
    if approval.of_sha256.lower() not in {member.sha256, *member.file_hashes, *_seen(r)}:
        yield r.finding(Code.APPROVED_OTHER_BYTES, _told(approval, member.sha256))


def _seen(r: Recorded) -> Iterator[str]:
    """The bytes of the registered asset that was found. One that has the name of what was delivered must be it."""
    is_it = isinstance(r.evidence, Identical)
    whole = r.item.member.name.rpartition("/")[2].casefold() == r.asset.name.casefold()
    for asset in r.record.assets:
        if asset.asset_id == r.asset.asset_id and (is_it or not whole):
            yield from (asset.sha256, *asset.file_hashes)


def _told(approval: FinalApproval, delivered: str) -> str:
    on = f" on {day(approval.at)}" if approval.at else ""
    approved = (approval.of_sha256 or "")[:12]
    return f"{approval.approver_id} approved SHA-256 {approved}{on}, and what was delivered is {delivered[:12]}"


def not_trained(r: Recorded) -> Iterator[Finding]:
    """Whoever reviewed it was of the staff, and trained for it, at that time (12)."""
    review = r.told.review
    if review is None:
        return
    at = review.at or r.case.delivery.received_at
    why = _off_roster(r, review.reviewer_id, at)
    person = r.case.papers.people.get(review.reviewer_id)
    if person is not None and why is None:
        why = _untrained(person, review.training_id, at)
    if why:
        yield r.finding(Code.REVIEWER_NOT_TRAINED, f"it was reviewed on {day(at)} by {review.reviewer_id}, {why}")


def _untrained(person: Person, training_id: str | None, at: datetime) -> str | None:
    """Any training that was valid then will do, unless the review names one."""
    had = [each for each in person.trainings if training_id is None or is_same(each.training_id, training_id)]
    if any(_is_within(at, each.valid_from, each.valid_to) for each in had):
        return None
    named = f" {training_id}" if training_id else ""
    return f"whose training{named} was not valid then" if had else f"of whom no training{named} is recorded"
