"""What one finding code means under a policy, in words and as plain values."""

from collections.abc import Iterator
from typing import Any

from scanner.model import Code, DropClass, Outcome, Policy, Prominence
from scanner.policy.handbook import HANDBOOK


def explained(code: Code, policy: Policy) -> str:
    """One code in full: what it says, the rule and its source, its outcomes here, and what would clear it."""
    told = HANDBOOK[code]
    house = [f"House rule:    {house_words(code, policy)}"] if told.house else []
    lines = [
        code.value,
        "",
        told.says,
        "",
        f"Rule:          {told.rule}",
        f"Source:        {told.source}",
        *house,
        f"Judged by:     {told.inputs}",
        f"Outcome here:  {', '.join(outcomes(code, policy))}",
        f"Cleared when:  {told.clears_when}",
    ]
    return "\n".join(lines)


def explanation_object(code: Code, policy: Policy) -> dict[str, Any]:
    """The same as JSON."""
    told = HANDBOOK[code]
    return {
        "code": code.value,
        "says": told.says,
        "rule": told.rule,
        "source": told.source,
        "house_rule": told.house,
        "in_force": policy.applies(code),
        "judged_by": told.inputs,
        "outcome": policy.outcomes[code].label,
        "outcome_by_class": {name.value: outcome.label for name, outcome in _by_class(code, policy)},
        "outcome_by_prominence": {name.value: outcome.label for name, outcome in _by_prominence(code, policy)},
        "outcome_by_profile": {name: outcome.label for name, outcome in _by_profile(code, policy)},
        "clears_when": told.clears_when,
    }


def outcomes(code: Code, policy: Policy) -> Iterator[str]:
    """The outcome of a code, then where it is another: by drop class, by prominence, by profile."""
    yield policy.outcomes[code].label
    for drop_class, outcome in _by_class(code, policy):
        yield f"{outcome.label} in {drop_class}"
    for prominence, outcome in _by_prominence(code, policy):
        yield f"{outcome.label} where {prominence.replace('_', ' ')}"
    for profile, outcome in _by_profile(code, policy):
        yield f"{outcome.label} in the profile {profile}"


def house_words(code: Code, policy: Policy) -> str:
    """Whether a rule of the house is in force here."""
    return "in force; it can be switched off" if policy.applies(code) else "switched off: it is not applied here"


def _by_class(code: Code, policy: Policy) -> Iterator[tuple[DropClass, Outcome]]:
    for drop_class in DropClass:
        outcome = policy.outcome(code, drop_class)
        if outcome is not policy.outcomes[code]:
            yield drop_class, outcome


def _by_prominence(code: Code, policy: Policy) -> Iterator[tuple[Prominence, Outcome]]:
    for prominence in Prominence:
        outcome = policy.outcomes_by_prominence.get(prominence, {}).get(code, policy.outcomes[code])
        if outcome is not policy.outcomes[code]:
            yield prominence, outcome


def _by_profile(code: Code, policy: Policy) -> Iterator[tuple[str, Outcome]]:
    for name, profile in policy.profiles.items():
        outcome = profile.outcomes.get(code, policy.outcomes[code])
        if outcome is not policy.outcomes[code]:
            yield name, outcome
