"""Escalate or socialise: what the guidance asks for before a use of AI, and why (guidelines 1; 6.6, rule 21). Pure."""

from collections.abc import Iterable

from scanner.model import (
    Action,
    AiUse,
    Approval,
    InputClass,
    Prominence,
    Required,
    Trigger,
    Triggered,
    Use,
    UseCase,
)
from scanner.policy.clauses import because
from scanner.policy.meant import Meant
from scanner.policy.triggers_made import of_making
from scanner.policy.triggers_shown import BACKGROUND, KEY_KINDS, of_people, of_use

_FOR_USE = (Use.FINAL, Use.CANDIDATE)


def required(meant: Meant) -> Required:
    """The action that the guidance asks for, its triggers with their reasons, and the row of its matrix."""
    if meant.told.ai_use is AiUse.NONE:
        return Required(action=None)
    triggers = (*of_making(meant), *of_people(meant), *(of_use(meant) if meant.is_final else ()))
    use_case = _use_case(meant, triggers)
    if meant.is_final and not (_is_background(meant) and not triggers):
        triggers += (because(Trigger.FINAL_DELIVERABLE, "it is part of what is delivered for use"),)
    action = Action.ESCALATE if triggers else Action.SOCIALISE
    return Required(action=action, triggers=triggers, use_case=use_case)


def is_incidental(meant: Meant) -> bool:
    """A background element for use that need only be socialised, and was (guidelines 6.6, rule 19)."""
    asked = required(meant)
    is_told_of = meant.record.particulars is not None and meant.told.socialised is not None
    return is_told_of and asked.action is Action.SOCIALISE and _is_background(meant)


def unanswered(asked: Required, approvals: Iterable[Approval]) -> tuple[Triggered, ...]:
    """The triggers that none of these approvals answers; they must be in force and about the material."""
    granted = {trigger for approval in approvals for trigger in _granted(approval)}
    return tuple(each for each in asked.triggers if not granted & {each.trigger, *each.also})


def _granted(approval: Approval) -> set[Trigger]:
    """What an approval says explicitly, and final use; a replica only where it permits that by its own word."""
    terms = approval.terms
    if terms.action is not Action.ESCALATE:
        return set()
    named = set(terms.triggers)
    if not terms.permits.talent_replica:
        named -= {Trigger.REPLICA}
    if terms.permits.fine_tuning:
        named |= {Trigger.TRAINING}
    if not terms.permits.final_use:
        return named - {Trigger.KEY_ELEMENT, Trigger.FINAL_DELIVERABLE, Trigger.P4}
    return named | {Trigger.FINAL_DELIVERABLE, Trigger.P4}


def _is_background(meant: Meant) -> bool:
    told = meant.told
    is_kind = told.element_kind in BACKGROUND and told.prominence is Prominence.INCIDENTAL
    return is_kind and meant.record.use in _FOR_USE and not meant.standards.strict


def _use_case(meant: Meant, triggers: tuple[Triggered, ...]) -> UseCase | None:
    """The row of the matrix; where it falls in several, the strictest."""
    named = {each.trigger for each in triggers}
    inputs = {given.input_class for step in meant.told.steps for given in step.inputs}
    rows = (
        (UseCase.TALENT_REPLICATION, named & {Trigger.REPLICA, Trigger.ALTERATION}),
        (UseCase.UNOWNED_TRAINING, Trigger.TRAINING in named),
        (UseCase.FINAL_DESIGN, Trigger.KEY_ELEMENT in named and meant.told.element_kind in KEY_KINDS),
        (UseCase.OWN_MATERIAL, InputClass.PROPRIETARY in inputs),
        (UseCase.BACKGROUND, meant.is_final and meant.told.element_kind in BACKGROUND),
        (UseCase.FINAL_DESIGN, Trigger.KEY_ELEMENT in named),
        (UseCase.IDEATION, not meant.is_final),
    )
    return next((row for row, falls in rows if falls), None)
