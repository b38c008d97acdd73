"""Whether an escalation counts at a time: decided, valid, not revoked, not superseded by another. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from scanner.model import Approval, ApprovalStatus, utc

OPEN = (ApprovalStatus.DRAFT, ApprovalStatus.PENDING)
APPROVED = (ApprovalStatus.APPROVED, ApprovalStatus.APPROVED_WITH_CONDITIONS)
DECIDED = (*APPROVED, ApprovalStatus.DENIED)


def void(approval: Approval, at: datetime) -> str | None:
    """Why an escalation does not count at this time, whatever was decided on it; None when it counts or waits."""
    if approval.revoked_at is not None and approval.revoked_at <= at:
        return f"it was revoked on {_moment(approval.revoked_at)}"
    if approval.status in OPEN:
        return None
    if approval.status not in DECIDED:
        return f"it was {approval.status}"
    if approval.decided_at is not None and at < approval.decided_at:
        return f"its decision is dated {_moment(approval.decided_at)}, which is still to come"
    if approval.valid_to is not None and at >= approval.valid_to:
        return f"it expired on {_moment(approval.valid_to)}"
    if approval.valid_from is not None and at < approval.valid_from:
        return f"it is valid only from {_moment(approval.valid_from)}"
    return None


def succession(approvals: tuple[Approval, ...], at: datetime) -> dict[str, str]:
    """Which of a title's escalations are superseded at this time, by id; in words.

    An approval that was superseded stays so, whatever becomes of what took its place. A denial is superseded only as
    long as what took its place is in force. Of those that supersede one another no approval counts, and every denial.
    """
    heirs: dict[str, list[Approval]] = {}
    for approval in approvals:
        named = approval.terms.supersedes
        if named and named != approval.approval_id and _was_decided(approval, at):
            heirs.setdefault(named, []).append(approval)
    if not heirs:
        return {}
    by = {a.approval_id: _superseded(a, heirs, at) for a in approvals if a.approval_id in heirs}
    return {name: f"it was superseded by {heir}" for name, heir in by.items() if heir}


def _was_decided(approval: Approval, at: datetime) -> bool:
    """Whether it has come to take another's place, even if it is superseded itself by now."""
    is_decided = approval.status in (*DECIDED, ApprovalStatus.SUPERSEDED)
    return is_decided and (approval.decided_at is None or approval.decided_at <= at)


def _superseded(approval: Approval, heirs: Mapping[str, list[Approval]], at: datetime) -> str | None:
    """The id of what took its place."""
    if approval.status is not ApprovalStatus.DENIED:
        return heirs[approval.approval_id][0].approval_id
    line = list(_line(approval.approval_id, heirs))
    if any(heir.approval_id == approval.approval_id for heir in line):
        return None
    return next((h.approval_id for h in line if h.status in DECIDED and not void(h, at)), None)


def _line(approval_id: str, heirs: Mapping[str, list[Approval]]) -> Iterator[Approval]:
    """All that took its place, and theirs; each once, itself too if they come round to it."""
    seen: set[str] = set()
    waiting = [approval_id]
    while waiting:
        for heir in heirs.get(waiting.pop(), ()):
            if heir.approval_id not in seen:
                seen.add(heir.approval_id)
                waiting.append(heir.approval_id)
                yield heir


def day(at: datetime) -> str:
    """A day in UTC."""
    return f"{utc(at):%Y-%m-%d}"


def _moment(at: datetime) -> str:
    return f"{utc(at):%Y-%m-%d %H:%M} UTC"
