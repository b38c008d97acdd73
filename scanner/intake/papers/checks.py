"""What of a paper cannot be true by itself: dates in the wrong order, two parts of the same number."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from scanner.intake.approval_forms import faults
from scanner.model import Approval, Consent, Particulars, Person, Tool

# From a field to one that may not come before it; with "<", nor at the same time.
_ORDERS: dict[Any, tuple[tuple[str, str, str], ...]] = {
    Tool: (("valid_from", "<", "valid_to"),),
    Consent: (("valid_from", "<", "valid_to"), ("signed_at", "<=", "revoked_at")),
    Person: (("active_from", "<", "active_to"),),
    Approval: (("decided_at", "<=", "revoked_at"),),
}

# Fields that are columns of another name where approvals are listed by themselves.
_CALLED = {"condition": "terms.conditions", "supersedes": "terms.supersedes"}

Wrong = tuple[str, str]
"""The field, with the names of those that it lies in before it, and the reason."""


def wrong_in(content: object, *, whole_title: bool) -> Iterator[Wrong]:
    """What is wrong with a paper by itself."""
    yield from _order(content, _ORDERS.get(type(content), ()))
    match content:
        case Particulars():
            yield from _of_steps(content)
        case Person():
            yield from _twice("trainings", "training_id", [each.training_id for each in content.trainings])
            for training in content.trainings:
                yield from _order(training, (("valid_from", "<", "valid_to"),), within="trainings.")
        case Approval():
            yield from _of_approval(content, whole_title=whole_title)
        case _:
            pass


def _of_steps(content: Particulars) -> Iterator[Wrong]:
    yield from _twice("steps", "number", [step.number for step in content.steps])
    for step in content.steps:
        yield from _order(step, (("used_from", "<=", "used_to"),), within="steps.")


def _of_approval(content: Approval, *, whole_title: bool) -> Iterator[Wrong]:
    for column, reason in faults(content, whole_title=whole_title):
        yield _CALLED.get(column, column), reason
    yield from _twice("terms.conditions", "condition_id", [each.condition_id for each in content.terms.conditions])
    asked, decided = content.terms.requested_at, content.decided_at
    if asked is not None and decided is not None and decided < asked:
        yield "decided_at", "this is before terms.requested_at"
    if content.revoked_at is None and (content.revoked_by or content.revoked_reason):
        yield "revoked_at", "this is missing: who revoked it, or why, is stated"


def _order(content: object, orders: Iterable[tuple[str, str, str]], within: str = "") -> Iterator[Wrong]:
    for first, relation, last in orders:
        begin: datetime | None = getattr(content, first)
        end: datetime | None = getattr(content, last)
        if begin is None or end is None:
            continue
        if end < begin or (relation == "<" and end == begin):
            yield f"{within}{last}", f"this is before {first}" if end < begin else f"this is the very time of {first}"


def _twice(where: str, name: str, values: Iterable[object]) -> Iterator[Wrong]:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            yield f"{where}.{name}", f"two of them have {value!r}"
        seen.add(value)
