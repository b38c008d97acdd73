"""A step of the making, as its record states it: with which tool, when, what approval speaks of it; and its faults."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from scanner.model import Code, Finding, Outcome, Step, Tool, Trigger, utc
from scanner.policy.records.recorded import Recorded

Fault = tuple[Step, str]
_MOST_NAMED = 5


def tool_of(r: Recorded, step: Step) -> Tool | None:
    """The record of its tool; None where there is none."""
    return r.case.papers.tools.get(step.tool_id)


def made_by(r: Recorded, step: Step) -> str:
    """The name of its tool with the version, as approvals call it: that of the record where it is the same tool."""
    tool = tool_of(r, step)
    names = {step.tool_id, tool.product, f"{tool.vendor} {tool.product}"} if tool else {step.tool_id}
    if len(r.told.steps) == 1 or r.record.tool.casefold() in {name.casefold() for name in names}:
        name, version = r.record.tool, step.tool_version or r.record.tool_version
    else:
        name, version = tool.product if tool else step.tool_id, step.tool_version
    return f"{name} {version}" if version else name


def used_from(r: Recorded, step: Step) -> datetime:
    """When it was first used; where that is not stated, at the latest when it was recorded."""
    return step.used_from or step.used_to or r.record.created_at


def used_to(r: Recorded, step: Step) -> datetime:
    """When it was last used, as far as it is stated."""
    return max(used_from(r, step), step.used_to or used_from(r, step))


def cleared(r: Recorded, step: Step, *triggers: Trigger) -> bool:
    """Whether an approval that covers the material as made with this step's tool names one of the triggers."""
    return any(set(triggers) & set(a.terms.triggers) for a in r.approvals_for(made_by(r, step)))


def gathered(r: Recorded, code: Code, faults: Iterable[Fault]) -> Iterator[Finding]:
    """One finding for all steps of which the same is said of the same tool."""
    steps: dict[tuple[str, str], list[Step]] = {}
    for step, fault in faults:
        steps.setdefault((made_by(r, step), fault), []).append(step)
    for (tool, fault), each in steps.items():
        yield replace(r.finding(code, f"{_numbers(each)} ({', '.join((tool, *_days(each)))}): {fault}"), tool=tool)


def at_least(finding: Finding, outcome: Outcome) -> Finding:
    """The finding, not milder than this."""
    return replace(finding, outcome=max(finding.outcome, outcome))


def listed(names: Iterable[str]) -> str:
    """The distinct names, the first few of them."""
    every = list(dict.fromkeys(names))
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return ", ".join(every[:_MOST_NAMED]) + more


def day(at: datetime) -> str:
    """A date as it is written in findings."""
    return f"{utc(at):%Y-%m-%d}"


def is_same(one: str | None, other: str | None) -> bool:
    """Whether two names or ids that people wrote are the same."""
    return bool(one and other) and (one or "").strip().casefold() == (other or "").strip().casefold()


def _days(steps: list[Step]) -> tuple[str, ...]:
    """When they were used, from first to last; nothing where it is not stated."""
    used = [step.used_from for step in steps if step.used_from]
    days = dict.fromkeys((day(min(used)), day(max(used)))) if used else ()
    return (" to ".join(days),) if days else ()


def _numbers(steps: list[Step]) -> str:
    told = listed(str(step.number) for step in steps)
    return f"step {told}" if len(steps) == 1 else f"steps {told}"
