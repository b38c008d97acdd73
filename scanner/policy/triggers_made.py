"""What must be escalated for how it was made: principles, tools, what they were given, training. Pure.

Guidelines 1 (decision rule, always escalate 1a, 1b, 2b); an answer to a question counts less than what is known.
"""

from collections.abc import Iterator

from scanner.model import (
    Answer,
    Deployment,
    Input,
    InputClass,
    Known,
    OriginalityResult,
    Principle,
    Principles,
    Rights,
    Step,
    Trigger,
    Triggered,
)
from scanner.policy.clauses import because
from scanner.policy.meant import Meant


def of_making(meant: Meant) -> Iterator[Triggered]:
    """Whatever it is for."""
    yield from _of_principles(meant.told.principles)
    yield from _of_originality(meant)
    yield from _of_tools(meant)
    yield from _of_inputs(meant)
    yield from _of_training(meant)


def _of_principles(told: Principles | None) -> Iterator[Triggered]:
    """Unsure counts as no, and so does no answer (guidelines 1, decision rule)."""
    for principle in Principle:
        answer = told.answer(principle) if told else None
        if answer is not Answer.YES:
            said = f"was answered with {answer}" if answer else "was not answered, which counts as no"
            yield because(Trigger(principle.value), f"principle {principle.value[1:]} {said}")


def _of_originality(meant: Meant) -> Iterator[Triggered]:
    """What a check found counts more than the answer; for what is for use (rule 1b)."""
    check = meant.told.originality
    if meant.is_final and check is not None and check.result is not OriginalityResult.CLEAR:
        yield because(Trigger.P1, f"the originality check came out {_words(check.result)}")


def _of_tools(meant: Meant) -> Iterator[Triggered]:
    """What is known of a tool counts more than the answer to the question."""
    for name in dict.fromkeys(step.tool_id for step in meant.told.steps):
        tool = meant.papers.tools.get(name)
        if tool is not None and Known.YES in (
            tool.stores_data,
            tool.reuses_data,
            tool.trains_on_inputs,
            tool.trains_on_outputs,
        ):
            yield because(Trigger.P2, f"the terms of {name} let it store, reuse or train on what it is given")


def _of_inputs(meant: Meant) -> Iterator[Triggered]:
    seen: dict[tuple[Trigger, str], Triggered] = {}
    for step in meant.told.steps:
        for each in _of_step(step, meant):
            seen.setdefault((each.trigger, each.why), each)
    yield from seen.values()


def _of_step(step: Step, meant: Meant) -> Iterator[Triggered]:
    for given in step.inputs:
        what = f"{given.asset_id} was given to {step.tool_id}"
        match given.input_class:
            case InputClass.PROPRIETARY if not _may_have(step, given.input_class, meant):
                yield because(Trigger.DATA, f"the studio's material {what}, which is not cleared for it")
            case InputClass.PERSONAL_DATA:
                yield because(Trigger.DATA, f"personal data {what}", Trigger.PERSONAL_DATA)
                yield because(Trigger.PERSONAL_DATA, f"personal data {what}", Trigger.DATA)
            case InputClass.TALENT_LIKENESS:
                why = f"a likeness {what}"
                yield because(Trigger.TALENT_LIKENESS, why, Trigger.REPLICA, Trigger.ALTERATION)
                if not _is_secured(step, meant):
                    yield because(Trigger.P3, f"{why}, which is not known to be secured")
            case InputClass.THIRD_PARTY:
                yield from _of_others(step, given, meant)
            case _:
                pass
    if step.prompt_names:
        yield because(Trigger.PROTECTED_INPUT, f"a prompt of step {step.number} names what is guarded", is_lead=True)


def _of_others(step: Step, given: Input, meant: Meant) -> Iterator[Triggered]:
    """Cleared, it may still be nothing for this tool."""
    what = f"material of others {given.asset_id} was given to {step.tool_id}"
    tool = meant.papers.tools.get(step.tool_id)
    if not given.clearance_ref:
        why = f"{what} without a clearance"
        yield because(Trigger.PROTECTED_INPUT, why, Trigger.THIRD_PARTY)
        yield because(Trigger.THIRD_PARTY, why, Trigger.PROTECTED_INPUT)
    elif tool and tool.allowed_inputs and InputClass.THIRD_PARTY not in tool.allowed_inputs:
        yield because(Trigger.THIRD_PARTY, f"{what}, which may not have it", Trigger.PROTECTED_INPUT, Trigger.DATA)


def _may_have(step: Step, given: InputClass, meant: Meant) -> bool:
    """A secured tool that is cleared for this class of input (matrix, own material)."""
    tool = meant.papers.tools.get(step.tool_id)
    return tool is not None and given in tool.allowed_inputs and _is_secured(step, meant)


def _is_secured(step: Step, meant: Meant) -> bool:
    """A tool under an agreement, or in the house."""
    tool = meant.papers.tools.get(step.tool_id)
    return tool is not None and tool.deployment not in (None, Deployment.CONSUMER)


def _of_training(meant: Meant) -> Iterator[Triggered]:
    """Of a custom model all rights must be settled; of another one, what is not known is a lead (rule 7)."""
    custom = [step for step in meant.told.steps if step.model_custom]
    for data in meant.told.training:
        if data.rights not in (Rights.OWNED, Rights.CLEARED):
            why = f"a model was trained on {data.dataset_id}, whose rights are {_words(data.rights)}"
            is_lead = data.rights is Rights.UNKNOWN and not custom
            yield because(Trigger.TRAINING, why, is_lead=is_lead)
    if custom and not meant.told.training:
        named = f" {custom[0].model}" if custom[0].model else ""
        yield because(Trigger.TRAINING, f"what the custom model{named} was trained on is not stated")


def _words(value: str) -> str:
    return value.replace("_", " ")
