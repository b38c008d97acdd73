"""Rules 9(b) to 9(e) and 10: what the house asks a record to say, and whether what it says can be so."""

from collections.abc import Iterator

from scanner.model import (
    AiUse,
    Answer,
    Code,
    Credentials,
    DeclaredLabel,
    Evidence,
    Finding,
    GeneratorTag,
    Grade,
    Heard,
    Identical,
    LookAlike,
    Meaning,
    Step,
    Use,
    Watermark,
)
from scanner.policy.records.made import Fault, day, gathered
from scanner.policy.records.recorded import Recorded


def bare(r: Recorded) -> Iterator[Finding]:
    """A record of tool and use only is too little in strict mode (9b)."""
    if r.is_bare and r.standards.strict:
        yield r.finding(Code.RECORD_BARE, "it says no more than the tool and the use")


def incomplete(r: Recorded) -> Iterator[Finding]:
    """What is left out, in one finding (9b)."""
    if left_out := [*_left_out(r), *_left_out_of_steps(r)]:
        yield r.finding(Code.RECORD_INCOMPLETE, f"it does not say {'; '.join(left_out)}")


def _left_out(r: Recorded) -> Iterator[str]:
    told = r.told
    if told.ai_use is None:
        yield "how AI was used"
    if told.element_kind is None:
        yield "what kind of element it is"
    if not told.steps:
        yield "in which steps it was made"
    if not r.is_final:
        return
    if told.final_approval and not told.final_approval.of_sha256:
        yield "which bytes were approved for release"
    if told.principles and told.principles.p1 is Answer.YES and told.originality is None:
        yield "how its originality was checked"


def _left_out_of_steps(r: Recorded) -> Iterator[str]:
    """The steps that leave the same things out are told together."""
    steps: dict[str, list[str]] = {}
    for step in r.told.steps:
        if lacks := ", ".join(_left_out_of(step)):
            steps.setdefault(lacks, []).append(str(step.number))
    for lacks, numbers in steps.items():
        yield f"of step {', '.join(numbers)}: {lacks}"


def _left_out_of(step: Step) -> Iterator[str]:
    stated = (
        ("the tool's version", step.tool_version),
        ("the model", step.model),
        ("the operator", step.operator),
        ("when it began", step.used_from),
    )
    return (what for what, value in stated if not value)


def dates(r: Recorded) -> Iterator[Finding]:
    """From its beginning to its end to the delivery (9c)."""
    yield from gathered(r, Code.RECORD_DATES, _dates(r))


def _dates(r: Recorded) -> Iterator[Fault]:
    received = r.case.delivery.received_at
    for step in r.told.steps:
        if step.used_from and step.used_to and step.used_to < step.used_from:
            yield step, f"it ended on {day(step.used_to)}, before it began on {day(step.used_from)}"
        elif late := next((at for at in (step.used_from, step.used_to) if at and at > received), None):
            yield step, f"it is dated {day(late)}, after the delivery of {day(received)}"


def other_bytes(r: Recorded) -> Iterator[Finding]:
    """A final that is delivered under its registered name, and is another file (9d).

    What is seen within another picture has other bytes by nature.
    """
    member = r.item.member
    if not r.is_final or r.record.use is not Use.FINAL or not _is_named(member.name, r.asset.name):
        return
    delivered = {member.sha256, *member.file_hashes}
    registered = {sha256 for asset in r.record.assets for sha256 in (asset.sha256, *asset.file_hashes)}
    if registered and not delivered & registered and not isinstance(r.evidence, Identical):
        message = f"{r.asset.name} is registered with SHA-256 {_short(r)}, and was delivered with {member.sha256[:12]}"
        yield r.finding(Code.RECORD_OTHER_BYTES, message, grade=Grade.E3)


def _is_named(member: str, asset: str) -> bool:
    return member.rpartition("/")[2].casefold() == asset.rpartition("/")[2].casefold()


def _short(r: Recorded) -> str:
    own = (asset.sha256 for asset in r.record.assets if asset.asset_id == r.asset.asset_id)
    return next(own, r.record.assets[0].sha256)[:12]


def contradicted(r: Recorded) -> Iterator[Finding]:
    """The record says that there is no AI, and the file says of itself that there is (9e)."""
    within = isinstance(r.evidence, Heard) or (isinstance(r.evidence, LookAlike) and r.evidence.place is not None)
    if r.told.ai_use is not AiUse.NONE or within:
        return
    shown = dict.fromkeys(said for each in r.item.evidence if (said := _says_ai(each)))
    if shown:
        message = f"it says that no AI was used, and the file says otherwise: {'; '.join(shown)}"
        yield r.finding(Code.RECORD_CONTRADICTED, message, grade=Grade.E2)


def _says_ai(evidence: Evidence) -> str | None:
    """What a file says of itself; what may be chance says nothing."""
    match evidence:
        case Credentials():
            claim = next((claim for claim in evidence.claims if claim.meaning is Meaning.AI), None)
            return f"Content Credentials say {claim.says}" if claim else None
        case DeclaredLabel(meaning=Meaning.AI):
            return f"it declares {evidence.field} = {evidence.value}"
        case GeneratorTag():
            return f"{evidence.tool} wrote its settings into it"
        case Watermark() if evidence.frames > 1:
            return f"it carries the watermark of {evidence.tool}"
        case _:
            return None


def credit(r: Recorded) -> Iterator[Finding]:
    """A credit that is required has a text and a place, unless an approval exempts it (10)."""
    told = r.told.credit
    if not r.is_final or told is None or not told.required:
        return
    lacks = [what for what, said in (("text", told.text), ("place", told.placement)) if not said]
    if lacks and not any(a.terms.permits.credit_exempt for a in r.approvals):
        yield r.finding(
            Code.CREDIT_MISSING, f"a credit is required, and this of it is not recorded: {', '.join(lacks)}"
        )
