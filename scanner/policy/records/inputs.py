"""Rules 1(c), 1(d) and 17: what was given to tools, whose it is, and whom prompts name."""

from collections.abc import Iterator

from scanner.model import Code, Finding, InputClass, Trigger
from scanner.policy.records.made import Fault, cleared, gathered, listed
from scanner.policy.records.recorded import Recorded


def not_cleared(r: Recorded) -> Iterator[Finding]:
    """Material of others needs a clearance (1c)."""
    yield from gathered(r, Code.INPUT_NOT_CLEARED, _not_cleared(r))


def _not_cleared(r: Recorded) -> Iterator[Fault]:
    for step in r.told.steps:
        given = [i.asset_id for i in step.inputs if i.input_class is InputClass.THIRD_PARTY and not i.clearance_ref]
        if given and not cleared(r, step, Trigger.PROTECTED_INPUT, Trigger.THIRD_PARTY):
            yield step, f"material of others was given to it, and no clearance is recorded: {listed(given)}"


def names_others(r: Recorded) -> Iterator[Finding]:
    """Prompts that name what the studio guards (1d). Neither prompt nor name is told: a name may be a person's."""
    yield from gathered(r, Code.PROMPT_NAMES_OTHERS, _names_others(r))


def _names_others(r: Recorded) -> Iterator[Fault]:
    for step in r.told.steps:
        named = len(set(step.prompt_names))
        if named and not cleared(r, step, Trigger.PROTECTED_INPUT, Trigger.THIRD_PARTY):
            what = "a name" if named == 1 else f"{named} names"
            yield step, f"its prompt has {what} of the studio's list of works, artists and people; the record has which"


def personal(r: Recorded) -> Iterator[Finding]:
    """Personal data needs an explicit approval, whatever the tool (17)."""
    yield from gathered(r, Code.PERSONAL_DATA, _personal(r))


def _personal(r: Recorded) -> Iterator[Fault]:
    for step in r.told.steps:
        given = [i.asset_id for i in step.inputs if i.input_class is InputClass.PERSONAL_DATA]
        if given and not cleared(r, step, Trigger.DATA, Trigger.PERSONAL_DATA):
            yield step, f"personal data was given to it without an explicit approval: {listed(given)}"
