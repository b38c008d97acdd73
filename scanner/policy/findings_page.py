"""The page about all finding codes (docs/findings.md), written from the handbook and the default policy.

Rewrite it with: python -m scanner.policy.findings_page > docs/findings.md
"""

import sys
from collections.abc import Iterator

from scanner.model import Code, Outcome, Policy
from scanner.policy.explaining import outcomes
from scanner.policy.handbook import HANDBOOK

_MEANINGS = {
    Outcome.PASS: "goes on to `cleared/`; findings of this outcome are written down only",
    Outcome.FLAG: "goes on to `flagged/`; a person looks at it",
    Outcome.HOLD: "stays in `held/`: it could not be examined or not be decided",
    Outcome.QUARANTINE: "stays in `quarantine/` until it is ruled on",
}
_HEAD = """\
# Findings

Every finding has one of these codes. Reports, JSON, the command line and the policy use the same ones.
The outcome given here is the default of `config/policy.toml`; each studio's `policy.toml` may say otherwise, also for
single drop classes, by how prominent an element is, and by the kind of work (profile). The strictest finding decides on
the whole delivery. A rule's number is a stable name for the check; the source is what the check rests on. Rules of the
house are marked: they rest on no clause of the studio's guidance, and can be switched off (`house_rules_off`). What a
rule is judged by names the fields of records, tools, consents and approvals.

This page is generated: `python -m scanner.policy.findings_page > docs/findings.md`.
What to do at each code stands in the [operator's guide](operators-guide.md#what-to-do-at-each-finding)."""


def page(policy: Policy) -> str:
    """The whole page in Markdown, with the outcomes of this policy."""
    return "\n\n".join([_HEAD, *_outcomes(), _index(policy), *(_entry(code, policy) for code in Code)]) + "\n"


def _outcomes() -> Iterator[str]:
    rows = [f"| {each.label} | {each.exit_code} | {_MEANINGS[each]} |" for each in sorted(Outcome, reverse=True)]
    yield "## Outcomes, strictest first"
    yield "\n".join(["| outcome | exit code | meaning |", "|---|--:|---|", *rows])


def _index(policy: Policy) -> str:
    rows = [f"| [{code}](#{code.lower()}) | {policy.outcomes[code].label} | {HANDBOOK[code].says} |" for code in Code]
    return "\n".join(["## Codes", "", "| code | default outcome | what it says |", "|---|---|---|", *rows])


def _entry(code: Code, policy: Policy) -> str:
    told = HANDBOOK[code]
    return "\n".join(
        [
            f"### {code}",
            "",
            told.says,
            "",
            f"- Rule: {told.rule}{' (a rule of the house)' if told.house else ''}",
            f"- Source: {told.source}",
            f"- Judged by: {told.inputs}",
            f"- Cleared when: {told.clears_when}",
            f"- Default outcome: {', '.join(outcomes(code, policy))}",
        ]
    )


if __name__ == "__main__":
    from scanner.settings import default_policy

    sys.stdout.write(page(default_policy()))
