"""Rule 1(b): whether the output may replicate what belongs to others. What was put in is judged in `inputs`.

A near-duplicate of a library of references (1e) is not looked for: there is no such library.
"""

from collections.abc import Iterator

from scanner.model import Answer, Code, Finding, OriginalityResult, Trigger
from scanner.policy.records.made import day
from scanner.policy.records.recorded import Recorded

_RESULTS = {
    OriginalityResult.NEAR: "came near the work of others",
    OriginalityResult.NOT_CLEAR: "did not come out clear",
}


def doubted(r: Recorded) -> Iterator[Finding]:
    """Unsure, and no answer, count as no; a check that did not come out clear outweighs a yes."""
    doubts = list(_doubts(r)) if r.is_final else []
    if doubts and not r.approved(Trigger.P1):
        yield r.finding(Code.ORIGINALITY_DOUBTED, "; ".join(doubts))


def _doubts(r: Recorded) -> Iterator[str]:
    said = r.told.principles.p1 if r.told.principles else None
    if said is not Answer.YES:
        told = f"is answered {said}" if said else "is not answered"
        yield f"principle 1 (the output replicates nobody's material) {told}"
    check = r.told.originality
    if check and check.result in _RESULTS:
        when = f" of {day(check.at)}" if check.at else ""
        yield f"the originality check{when} {_RESULTS[check.result]}"
