"""Replaced material, key elements, and text on screen (rules 4e, 18 and 19), in what is for use."""

from collections.abc import Iterator

from scanner.model import Code, ElementKind, Finding, Grade, Perceived, Statement, Trigger
from scanner.policy.records.recorded import Recorded
from scanner.policy.triggers_shown import key_element

_READ = (ElementKind.SIGNAGE, ElementKind.TEXT)


def _replaced(recorded: Recorded) -> Iterator[Finding]:
    """Rule 4(e). What a log only states is not in the picture."""
    other = recorded.told.replaced_by
    if other and recorded.is_final and not isinstance(recorded.evidence, Statement):
        message = f"it was replaced by {other}, and {recorded.asset.name} is still here"
        yield recorded.finding(Code.AI_REPLACED, message, grade=Grade.E3)


def _key_elements(recorded: Recorded) -> Iterator[Finding]:
    """Rule 18; in strict mode incidental background too (rule 19)."""
    why = key_element(recorded.meant) if recorded.is_final else None
    if why and not any(
        Trigger.KEY_ELEMENT in each.terms.triggers and each.terms.permits.final_use for each in recorded.approvals
    ):
        yield recorded.finding(Code.KEY_ELEMENT, f"{why}; no approval names 2a for final use")


def _signage(recorded: Recorded) -> Iterator[Finding]:
    """Rule 19: what can be read on screen is listed until its rights were looked at."""
    told = recorded.told
    is_read = told.element_kind in _READ and told.perceived in (Perceived.SEEN, None)
    if not recorded.is_final or not is_read:
        return
    final = told.final_approval
    reviews = [final.legal_review_ref if final else None, *(a.terms.legal_review_ref for a in recorded.approvals)]
    if not any(reviews):
        message = "generated text or signage is on screen, and no legal review of it is recorded"
        yield recorded.finding(Code.SIGNAGE_TO_CLEAR, message)


RULES = (_replaced, _key_elements, _signage)
