"""Judges a case: evidence, approvals, records and time in; a verdict out. No clock, no disk, no database."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from scanner.model import (
    NEVER_A_PASS,
    Case,
    Code,
    Coverage,
    Finding,
    Grade,
    Heard,
    LookAlike,
    MediaKind,
    MemberEvidence,
    Outcome,
    Policy,
    Verdict,
    Waived,
    utc,
)
from scanner.policy.handbook import HANDBOOK
from scanner.policy.records import about_records
from scanner.policy.rules import findings_about

_LITTER = "litter:"


def judge(case: Case, policy: Policy) -> Verdict:
    """The verdict on a delivery: the strictest finding decides."""
    policy = policy.of(case.delivery)
    found = (_unless_waived(finding, case) for finding in _findings(case, policy) if policy.applies(finding.code))
    findings = tuple(sorted(found, key=_order))
    used = {finding.approval for finding in findings if finding.code is Code.AI_APPROVED and finding.approval}
    return Verdict(
        delivery_id=case.delivery.delivery_id,
        outcome=max((finding.outcome for finding in findings), default=Outcome.PASS),
        findings=findings,
        coverage=tuple((item.member.name, item.coverage) for item in case.members),
        approvals_used=tuple(sorted(used)),
        examiner=case.examiner,
        policy=policy.digest,
        register=case.register,
        judged_at=case.at,
    )


def _order(finding: Finding) -> tuple[int, str, bool, Fraction]:
    """The strictest first; of each file what is about all of it, then what has a place, as it is come upon."""
    place = finding.evidence.place if isinstance(finding.evidence, LookAlike | Heard) else None
    return -finding.outcome, finding.member, place is not None, place.seconds_in if place is not None else Fraction(0)


def _findings(case: Case, policy: Policy) -> Iterator[Finding]:
    if not case.members:
        yield _plain(case, policy, Code.NOTHING_DELIVERED, "", "nothing in it could be examined")
    for refused in case.delivery.refused:
        if not refused.reason.startswith(_LITTER):
            yield _plain(case, policy, Code.NOT_OPENED, refused.name, f"not opened: {refused.reason}")
    for item in case.members:
        yield from _about_member(case, policy, item)
    examined = {item.member.name for item in case.members}
    for member in case.delivery.members:
        if member.name not in examined:
            yield _plain(case, policy, Code.UNREADABLE, member.name, "it was not examined")


def _unless_waived(finding: Finding, case: Case) -> Finding:
    """A finding that a person has set aside stays, and says who did. What was not looked at stays a flag."""
    asset = finding.asset.asset_id if finding.asset else None
    least = Outcome.FLAG if finding.code in NEVER_A_PASS else Outcome.PASS
    if finding.outcome <= least:
        return finding
    for waived in case.waived:
        if waived.reaches(finding.code, finding.member, asset, case.at):
            return replace(finding, outcome=least, message=f"{finding.message}. {_waived(waived)}")
    return finding


def _waived(waived: Waived) -> str:
    role = f" ({waived.role})" if waived.role else ""
    until = f" until {utc(waived.waiver.until):%Y-%m-%d %H:%M} UTC" if waived.waiver.until else ""
    return f"Waived by {waived.by}{role} on {utc(waived.at):%Y-%m-%d}{until}: {waived.reason}"


def _about_member(case: Case, policy: Policy, item: MemberEvidence) -> Iterator[Finding]:
    found = [finding for evidence in item.evidence for finding in findings_about(evidence, item, case, policy)]
    yield from found
    yield from about_records(item, case, policy)
    if _unseen(item) and not any(finding.outcome >= Outcome.HOLD for finding in found):
        yield _plain(case, policy, Code.UNREADABLE, item.member.name, "no frame of its picture was examined")
    if _says_nothing(item):
        yield _plain(case, policy, Code.NOT_INFORMATIVE, item.member.name, "no frame shows enough to be compared")


def _unseen(item: MemberEvidence) -> bool:
    """A member with a picture of which nothing was looked at, whatever the examiner said or forgot to say."""
    coverage: Coverage = item.coverage
    moving = coverage.frames_present > 0 or coverage.duration is not None
    pictured = moving or item.member.kind in (MediaKind.STILL, MediaKind.SEQUENCE)
    return pictured and coverage.frames_examined == 0


def _says_nothing(item: MemberEvidence) -> bool:
    """A picture that was looked at and could be like anything: that is not "nothing was found"."""
    return 0 < item.coverage.frames_examined <= item.coverage.frames_uninformative


def _plain(case: Case, policy: Policy, code: Code, member: str, message: str) -> Finding:
    return Finding(
        code=code,
        outcome=policy.outcome(code, case.delivery.drop_class),
        rule=HANDBOOK[code].cited,
        grade=Grade.NONE,
        member=member,
        message=message,
        clears_when=HANDBOOK[code].clears_when,
    )
