"""What can be taken for real, and the work of union-represented people (rules 14 and 16), in what is for use."""

from collections.abc import Iterator

from scanner.model import Code, Finding, Realism, Trigger
from scanner.policy.records.recorded import Recorded
from scanner.policy.triggers_shown import misleads


def _misleading(recorded: Recorded) -> Iterator[Finding]:
    """Rule 14; of nonfiction more must be stated."""
    if not recorded.is_final or recorded.approved(Trigger.MISLEADING):
        return
    if why := misleads(recorded.meant):
        yield recorded.finding(Code.MISLEADING, f"{why}, and no approval names 4a")
    elif not _is_stated(recorded.told.realism, nonfiction=recorded.standards.nonfiction):
        message = "whether it can be taken for something that happened is not stated"
        yield recorded.finding(Code.MISLEADING_NOT_STATED, message)


def _is_stated(realism: Realism | None, *, nonfiction: bool) -> bool:
    if realism is None or realism.could_mislead is None:
        return False
    shown = (realism.depicts_real_person, realism.depicts_real_event, realism.depicts_real_statement)
    return not nonfiction or None not in shown


def _unions(recorded: Recorded) -> Iterator[Finding]:
    """Rule 16: an agreement, or an approval that names it."""
    impact = recorded.told.union_impact
    if not recorded.is_final or recorded.approved(Trigger.UNION):
        return
    if impact is None:
        message = "whether the work of union-represented people is affected is not stated"
        yield recorded.finding(Code.UNION_NOT_STATED, message)
    elif impact.affected and not impact.agreement_ref:
        role = f"the work of {impact.role}" if impact.role else "union-represented work"
        yield recorded.finding(Code.UNION_NOT_AGREED, f"{role} is affected, and no agreement is recorded")


RULES = (_misleading, _unions)
