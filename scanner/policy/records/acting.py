"""Whether what was done is what the guidance asks for: to tell, or to have it approved (rules 20 and 21)."""

from collections.abc import Iterator

from scanner.model import Action, Code, Finding, Triggered
from scanner.policy.records.recorded import Recorded
from scanner.policy.requiring import required, unanswered


def _action(recorded: Recorded) -> Iterator[Finding]:
    asked = required(recorded.meant)
    approvals = recorded.approvals
    if asked.action is Action.ESCALATE:
        left = [each for each in unanswered(asked, approvals) if not each.is_lead]
        if left:
            yield _only_socialised(recorded, left)
    elif recorded.told.socialised is None and not approvals:
        # Who approved it has been told of it.
        yield recorded.finding(Code.NOT_SOCIALISED, "that the studio's contact was told of it is not recorded")


def _only_socialised(recorded: Recorded, left: list[Triggered]) -> Finding:
    """A recorded escalation that leaves a trigger open is no more than its telling."""
    names = ", ".join(dict.fromkeys(each.trigger.value for each in left))
    why = "; ".join(dict.fromkeys(each.why for each in left))
    return recorded.finding(
        Code.ONLY_SOCIALISED,
        f"must be escalated for {names}, and {_done(recorded)}: {why}",
        clears_when=f"an approved escalation names {names}",
    )


def _done(recorded: Recorded) -> str:
    """What was done instead, by what is on record."""
    told = recorded.told
    if recorded.approvals:
        return f"{recorded.approvals[0].approval_id} does not speak of it"
    if told.escalation_ids:
        return f"what it names ({', '.join(told.escalation_ids)}) approves none of it here"
    if told.socialised:
        return f"it was only socialised (with {told.socialised.with_whom})"
    return "it was not even socialised"


RULES = (_action,)
