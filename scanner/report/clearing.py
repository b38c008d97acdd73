"""What would have to be different for a blocked delivery to go on."""

from dataclasses import dataclass

from scanner.model import Code, Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """One thing that must change: what, and the findings that it would clear (code, and how many)."""

    change: str
    codes: tuple[Code, ...]
    findings: int


def needed(verdict: Verdict) -> tuple[Needed, ...]:
    """All that must change for the delivery to go on, the gravest first: every one of them. Nothing if it goes on."""
    by_change: dict[str, list[Code]] = {}
    for finding in verdict.findings:
        if finding.outcome >= Outcome.HOLD:
            by_change.setdefault(finding.clears_when, []).append(finding.code)
    return tuple(
        Needed(change=change, codes=tuple(dict.fromkeys(codes)), findings=len(codes))
        for change, codes in by_change.items()
    )


def needed_lines(verdict: Verdict) -> tuple[str, ...]:
    """The same in sentences."""
    return tuple(f"{each.change} ({', '.join(each.codes)})" for each in needed(verdict))
