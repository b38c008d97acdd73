"""Rules 2 and 3: what tools do with what they are given, how well that is known, and where they run.

Each step is judged by itself (rule 23). Unknown is not known to be safe: what is the studio's, personal or a likeness
may be given only to a tool that is known to be allowed to have it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from scanner.model import Code, Deployment, Finding, Input, InputClass, Known, Step, Tool, Trigger, utc
from scanner.policy.records.made import Fault, cleared, day, gathered, listed, tool_of, used_from, used_to
from scanner.policy.records.recorded import Recorded

_ENTERPRISE = (Deployment.STUDIO_ENTERPRISE, Deployment.VENDOR_ENTERPRISE)
_MONTHS = 12
# What is not everybody's, and the triggers of an approval that speaks of it beside 1a.
_GUARDED: Mapping[InputClass, tuple[Trigger, ...]] = {
    InputClass.PROPRIETARY: (),
    InputClass.PERSONAL_DATA: (Trigger.PERSONAL_DATA,),
    InputClass.TALENT_LIKENESS: (Trigger.TALENT_LIKENESS,),
    InputClass.THIRD_PARTY: (Trigger.PROTECTED_INPUT, Trigger.THIRD_PARTY),
}
_WORDS: Mapping[InputClass, str] = {
    InputClass.PROPRIETARY: "the studio's material",
    InputClass.PERSONAL_DATA: "personal data",
    InputClass.TALENT_LIKENESS: "a likeness",
    InputClass.THIRD_PARTY: "material of others",
}
_SENSITIVE = (InputClass.PROPRIETARY, InputClass.PERSONAL_DATA, InputClass.TALENT_LIKENESS)


def keeps_data(r: Recorded) -> Iterator[Finding]:
    """Terms that let a tool store, reuse or train on what it is given (2)."""
    yield from gathered(r, Code.TOOL_KEEPS_DATA, _keeping(r))


def _keeping(r: Recorded) -> Iterator[Fault]:
    for step in r.told.steps:
        tool = tool_of(r, step)
        does = [what for what, known in _handling(tool) if known is Known.YES] if tool else []
        if does and not cleared(r, step, Trigger.DATA, Trigger.P2):
            yield step, f"its terms let it {', '.join(does)}"


def not_known(r: Recorded) -> Iterator[Finding]:
    """What is not known of a tool is put before a person (2)."""
    yield from gathered(r, Code.TOOL_NOT_KNOWN, _unknown(r))


def _unknown(r: Recorded) -> Iterator[Fault]:
    for step in r.told.steps:
        tool = tool_of(r, step)
        lacks = list(_lacks(r, step, tool)) if tool else [f"there is no record of the tool {step.tool_id}"]
        if lacks and not cleared(r, step, Trigger.DATA, Trigger.P2):
            yield step, "; ".join(lacks)


def _lacks(r: Recorded, step: Step, tool: Tool) -> Iterator[str]:
    first, last = used_from(r, step), used_to(r, step)
    if unknown := [what for what, known in _handling(tool) if known is Known.UNKNOWN]:
        yield f"whether its terms let it {', '.join(unknown)} is not known"
    if told := _review(tool.terms_reviewed_at, first, last, r.standards.terms_months):
        yield told
    if tool.deployment in _ENTERPRISE and not tool.agreement_ref:
        yield "the agreement under which it runs is not recorded"
    if tool.versions and step.tool_version and not _is_of(step.tool_version, tool.versions):
        yield f"its record is of version {listed(tool.versions)}, not of {step.tool_version}"
    if tool.valid_from and first < tool.valid_from:
        yield f"its record is valid from {day(tool.valid_from)}, and it was used on {day(first)}"
    if tool.valid_to and last >= tool.valid_to:
        yield f"its record is valid until {day(tool.valid_to)}, and it was used on {day(last)}"


def _handling(tool: Tool) -> tuple[tuple[str, Known], ...]:
    return (
        ("store data", tool.stores_data),
        ("reuse data", tool.reuses_data),
        ("train on inputs", tool.trains_on_inputs),
        ("train on outputs", tool.trains_on_outputs),
    )


def _review(at: datetime | None, first: datetime, last: datetime, months: int) -> str | None:
    """What is wrong with the review of the terms, towards when the tool was used."""
    if at is None:
        return "that its terms were reviewed is not recorded"
    if at > first:
        return f"its terms were reviewed on {day(at)}, and it was used before, on {day(first)}"
    at, used = utc(at), utc(last)
    age = (used.year - at.year) * _MONTHS + used.month - at.month
    if age > months or (age == months and (used.day, used.time()) > (at.day, at.time())):
        return f"its terms were reviewed on {day(at)}, more than {months} months before it was used on {day(used)}"
    return None


def _is_of(version: str, versions: tuple[str, ...]) -> bool:
    """3.1 is a version of 3."""
    told = version.strip().casefold()
    return any(told == each or told.startswith(f"{each}.") for each in (v.strip().casefold() for v in versions))


def input_not_allowed(r: Recorded) -> Iterator[Finding]:
    """What was given to a tool that may not have it (2, 1a)."""
    yield from gathered(r, Code.TOOL_INPUT_NOT_ALLOWED, _not_allowed(r))


def _not_allowed(r: Recorded) -> Iterator[Fault]:
    for step in r.told.steps:
        tool = tool_of(r, step)
        given = [each for each in step.inputs if not _may_have(tool, each.input_class)]
        given = [g for g in given if not cleared(r, step, Trigger.DATA, *_GUARDED[g.input_class])]
        if given:
            why = "it is not known that it may have" if tool is None or not tool.allowed_inputs else "it may not have"
            yield step, f"it was given what {why}: {_given(given)}"


def _may_have(tool: Tool | None, input_class: InputClass) -> bool:
    """Where it is not stated what a tool may have, it may have nothing that is sensitive."""
    if input_class not in _GUARDED:
        return True
    if tool is None or not tool.allowed_inputs:
        return input_class not in _SENSITIVE
    return input_class in tool.allowed_inputs


def not_secure(r: Recorded) -> Iterator[Finding]:
    """A tool outside a secured environment, with nothing in it that is sensitive (3)."""
    yield from gathered(r, Code.TOOL_NOT_SECURE, _outside(r, sensitive=False))


def consumer_input(r: Recorded) -> Iterator[Finding]:
    """A tool outside a secured environment, with the studio's material, personal data or a likeness in it (3)."""
    yield from gathered(r, Code.TOOL_CONSUMER_INPUT, _outside(r, sensitive=True))


def _outside(r: Recorded, *, sensitive: bool) -> Iterator[Fault]:
    """Of a tool that has no record, rule 2 speaks."""
    for step in r.told.steps:
        tool = tool_of(r, step)
        if tool is None or tool.deployment not in (Deployment.CONSUMER, None):
            continue
        given = [each for each in step.inputs if each.input_class in _SENSITIVE]
        triggers = (Trigger.P3, Trigger.DATA) if sensitive else (Trigger.P3,)
        if bool(given) is sensitive and not cleared(r, step, *triggers):
            where = "it is a tool for consumers" if tool.deployment else "that it is secured is not recorded"
            yield step, f"{where}, and it was given {_given(given)}" if given else where


def _given(inputs: list[Input]) -> str:
    return listed(f"{each.asset_id} ({_WORDS[each.input_class]})" for each in inputs)
