"""Whether a tool's version lies in a range, as approvals state it: `>=2,<3`, `7`, `!=1.4`. Pure."""

import re
from collections.abc import Callable, Mapping

_NUMBER = re.compile(r"v?(\d+(?:\.\d+)*)", re.IGNORECASE)
_CLAUSE = re.compile(r"(>=|<=|==|!=|>|<)?\s*(\S.*)")
_Numbers = tuple[int, ...]
_COMPARE: Mapping[str, Callable[[_Numbers, _Numbers], bool]] = {
    ">=": lambda version, limit: version >= limit,
    "<=": lambda version, limit: version <= limit,
    "==": lambda version, limit: version == limit,
    "!=": lambda version, limit: version != limit,
    ">": lambda version, limit: version > limit,
    "<": lambda version, limit: version < limit,
}


def within(version: str, stated: str) -> bool | None:
    """Whether a version lies in what is stated; None where that cannot be told.

    Of several clauses with commas between, all hold. One without a sign is a version and all that it is the beginning
    of: `7` is also 7.1. Others than numbers with dots can be the same, and are neither before nor after one another.
    """
    said = [_meets(version.strip(), clause.strip()) for clause in stated.split(",") if clause.strip()]
    if not said or None in said:
        return None if False not in said else False
    return all(said)


def _meets(version: str, clause: str) -> bool | None:
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return None
    sign, limit = found[1], found[2].strip()
    if sign is None:
        return _begins(version, limit)
    numbers, other = _numbers(version), _numbers(limit)
    if numbers is None or other is None:
        return None
    width = max(len(numbers), len(other))
    return _COMPARE[sign](_filled(numbers, width), _filled(other, width))


def _begins(version: str, limit: str) -> bool:
    numbers, other = _numbers(version), _numbers(limit)
    if numbers is not None and other is not None:
        return numbers[: len(other)] == other
    said, wanted = version.casefold().removeprefix("v"), limit.casefold().removeprefix("v")
    return said == wanted or said.startswith(f"{wanted}.")


def _numbers(text: str) -> _Numbers | None:
    found = _NUMBER.fullmatch(text)
    return tuple(map(int, found[1].split("."))) if found and len(text) < 100 else None


def _filled(numbers: _Numbers, width: int) -> _Numbers:
    """7 is 7.0."""
    return numbers + (0,) * (width - len(numbers))
