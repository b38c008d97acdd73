"""What one finding code means under a policy, in words and as plain values."""

from collections.abc import Iterator
from typing import Any

from scanner.model import Code, DropClass, Outcome, Policy
from scanner.policy.handbook import HANDBOOK


def explained(code: Code, policy: Policy) -> str:
    """One code in full: what it says, the rule and its source, its outcomes here, and what would clear it."""
    told = HANDBOOK[code]
    outcomes = [f"{policy.outcomes[code].label}"]
    outcomes += [f"{outcome.label} in {drop_class}" for drop_class, outcome in _others(code, policy)]
    lines = [
        code.value,
        "",
        told.says,
        "",
        f"Rule:          {told.rule}",
        f"Source:        {told.source}",
        f"Outcome here:  {', '.join(outcomes)}",
        f"Cleared when:  {told.clears_when}",
    ]
    return "\n".join(lines)


def explanation_object(code: Code, policy: Policy) -> dict[str, Any]:
    """The same as JSON."""
    told = HANDBOOK[code]
    by_class = {drop_class.value: outcome.label for drop_class, outcome in _others(code, policy)}
    return {
        "code": code.value,
        "says": told.says,
        "rule": told.rule,
        "source": told.source,
        "outcome": policy.outcomes[code].label,
        "outcome_by_class": by_class,
        "clears_when": told.clears_when,
    }


def _others(code: Code, policy: Policy) -> Iterator[tuple[DropClass, Outcome]]:
    for drop_class in DropClass:
        outcome = policy.outcome(code, drop_class)
        if outcome is not policy.outcomes[code]:
            yield drop_class, outcome
