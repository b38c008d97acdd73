"""How the terms of an approval are written in a cell or an option: its conditions, what it permits, its triggers."""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from scanner.intake.forms import word
from scanner.intake.sheets import clipped
from scanner.model import Action, Check, Condition, Permits, Prominence, Trigger
from scanner.policy.versions import within

Word = TypeVar("Word")

PERMITS = ("no-final-use", "talent-replica", "fine-tuning", "credit-exempt")
"""What differs from an approval's plain sense: it is for final use, and for nothing that must be said by its name."""

_CONDITION = re.compile(
    r"(?P<id>[^:\[\]|]{1,120}):\s*(?P<text>[^\[\]]+?)\s*"
    r"(?:\[(?P<check>[a-z_]+)(?:=(?P<limit>[^\[\]]+))?\]\s*)?(?:\[by (?P<by>[^\[\]]+)\]\s*)?"
)
_SECONDS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?")
_LIMITED = (Check.MAX_SECONDS, Check.MAX_PROMINENCE)


def condition(text: str) -> Condition:
    """`ID: text [check=limit] [by DOCUMENT]`, the last two where there are any. Raises ValueError.

    `c1: on screen for four seconds at most [max_seconds=4]`, `c2: Ann agrees [by letter-2026-11-02.pdf]`.
    """
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        msg = f"{clipped(text)} is no condition like: c1: four seconds at most [max_seconds=4]"
        raise ValueError(msg)
    check = word(Check)(found["check"]) if found["check"] else None
    limit = found["limit"].strip() if found["limit"] else None
    if reason := limit_fault(check, limit):
        raise ValueError(f"{clipped(text)}: {reason}")
    return Condition(
        condition_id=found["id"].strip(), text=found["text"], check=check, limit=limit, satisfied_by=found["by"]
    )


def limit_fault(check: Check | None, limit: str | None) -> str | None:
    """What is wrong with the limit of a condition."""
    if check not in _LIMITED:
        return None if limit is None else f"{check or 'a condition without a check'} has no limit"
    if check is Check.MAX_SECONDS:
        is_good = limit is not None and _SECONDS.fullmatch(limit)
        return None if is_good else "max_seconds needs a number of seconds: [max_seconds=4]"
    known = [each.value for each in Prominence if each is not Prominence.UNKNOWN]
    return None if limit in known else f"max_prominence needs one of {', '.join(known)}"


def condition_text(told: Condition) -> str:
    """A condition as `condition` reads it."""
    limit = f"={told.limit}" if told.limit else ""
    check = f" [{told.check}{limit}]" if told.check else ""
    return f"{told.condition_id}: {told.text}{check}{f' [by {told.satisfied_by}]' if told.satisfied_by else ''}"


def permits(words: Iterable[str]) -> Permits:
    """What the words of `PERMITS` say."""
    said = set(words)
    return Permits(
        final_use="no-final-use" not in said,
        talent_replica="talent-replica" in said,
        fine_tuning="fine-tuning" in said,
        credit_exempt="credit-exempt" in said,
    )


def permit_words(told: Permits) -> tuple[str, ...]:
    """The words that `permits` reads."""
    said = (not told.final_use, told.talent_replica, told.fine_tuning, told.credit_exempt)
    return tuple(name for name, holds in zip(PERMITS, said, strict=True) if holds)


def permit(text: str) -> str:
    """One of the words of `PERMITS`. Raises ValueError."""
    name = text.strip().lower().replace("_", "-")
    if name not in PERMITS:
        msg = f"{clipped(text)} is not one of {', '.join(PERMITS)}"
        raise ValueError(msg)
    return name


def trigger(text: str) -> Trigger:
    """A trigger, however its letters are written: P1, 2a, final_deliverable. Raises ValueError."""
    by_name = {each.value.casefold(): each for each in Trigger}
    found = by_name.get(text.strip().casefold())
    if found is None:
        msg = f"{clipped(text)} is not one of {', '.join(Trigger)}"
        raise ValueError(msg)
    return found


def version_range(text: str) -> str:
    """`>=2,<3`, `!=1.4`, or a version and all that it is the beginning of: `7`. Raises ValueError."""
    if within("1", text) is None:
        msg = f"{clipped(text)} is no version or range of versions like 7 or >=2,<3"
        raise ValueError(msg)
    return text


def most_prominent(text: str) -> Prominence:
    """How much the story may rest on it. Raises ValueError."""
    return word(Prominence, besides=(Prominence.UNKNOWN,))(text)


def action(text: str) -> Action:
    """What was asked for. Raises ValueError."""
    parse: Callable[[str], Action] = word(Action)
    return parse(text)
