"""Rules about what a delivery says of itself in names, marks, logs and manifests, and about what is not there."""

from collections.abc import Iterator
from typing import assert_never

from scanner.model import (
    Altered,
    Code,
    Contradiction,
    Finding,
    Grade,
    Incomplete,
    Mention,
    RegisterOutOfReach,
    Statement,
    SuspectName,
    Unlisted,
    Unreadable,
    Watermark,
)
from scanner.policy.seen import Seen, ai


def about_told(
    seen: Seen, evidence: Watermark | SuspectName | Statement | Contradiction | Mention
) -> Iterator[Finding]:
    """What a mark, a name or a log tells; nothing when it is harmless."""
    match evidence:
        case Watermark():
            yield from _about_watermark(seen, evidence)
        case SuspectName():
            yield from _about_name(seen, evidence)
        case Statement() | Contradiction():
            yield from _about_statement(seen, evidence)
        case Mention():
            pass  # only what the register knows of a name is a lead: `SuspectName`
        case _:
            assert_never(evidence)


def _about_watermark(seen: Seen, evidence: Watermark) -> Iterator[Finding]:
    """One picture's bits may agree by chance: only several block (guidelines 6.1, E4)."""
    share = f"{evidence.bits_agreeing} of {evidence.bits} bits"
    message = f"the open watermark {evidence.scheme} of {evidence.tool} decodes ({share}"
    if evidence.frames == 1:
        told = f"{message}, in one picture)"
        yield from ai(seen, Code.AI_WATERMARK_ONCE, Grade.E4, told, tool=evidence.tool)
    else:
        told = f"{message} at the best of {evidence.frames} pictures)"
        yield from ai(seen, Code.AI_WATERMARK, Grade.E4, told, tool=evidence.tool)


def _about_name(seen: Seen, evidence: SuspectName) -> Iterator[Finding]:
    """A lead, never a block by itself."""
    message = f"the {evidence.named} name {evidence.name}: {evidence.why}"
    if evidence.mention is not None and evidence.asset is not None:
        message += _where_in_timeline(evidence.mention)
        code = Code.AI_IN_TIMELINE if evidence.mention.timeline else Code.AI_NAME
    else:
        code = Code.AI_NAME
    yield from ai(seen, code, Grade.E5, message, tool=evidence.tool, asset=evidence.asset)


def _where_in_timeline(mention: Mention) -> str:
    where = f", {mention.record_in} to {mention.record_out}" if mention.record_in and mention.record_out else ""
    track = f", track {mention.track}" if mention.track else ""
    return f" (timeline {mention.timeline}{track}{where})" if mention.timeline else ""


def _about_statement(seen: Seen, evidence: Statement | Contradiction) -> Iterator[Finding]:
    if isinstance(evidence, Contradiction):
        message = f"{evidence.log} states {evidence.stated}, but {evidence.shown}"
        yield seen.finding(Code.STATEMENT_CONTRADICTED, Grade.E2, message)
    elif evidence.says_ai:
        tool = f" with {evidence.tool}" if evidence.tool else ""
        message = f"{evidence.log} states that {evidence.about} was made or edited{tool} with generative AI"
        yield from ai(seen, Code.AI_DECLARED, Grade.E0, message, tool=evidence.tool)


_Absence = Unreadable | Incomplete | Altered | Unlisted | RegisterOutOfReach


def about_absence(seen: Seen, evidence: _Absence) -> Finding:
    """What could not be seen, or is not what was listed, is never a pass."""
    match evidence:
        case Unreadable():
            code = Code.PARTLY_READ if evidence.partly else Code.UNREADABLE
            return seen.finding(code, Grade.NONE, f"{evidence.source}: {evidence.reason}")
        case Incomplete():
            return seen.finding(Code.INCOMPLETE, Grade.NONE, f"missing: {evidence.missing}")
        case Altered():
            told = f"{evidence.file}: {evidence.manifest} lists {evidence.algorithm} {evidence.expected}"
            return seen.finding(Code.ALTERED, Grade.NONE, f"{told}, it is {evidence.found}")
        case Unlisted():
            return seen.finding(Code.UNLISTED, Grade.NONE, f"{evidence.file} is not listed in {evidence.manifest}")
        case RegisterOutOfReach():
            return seen.finding(
                Code.REGISTER_OUT_OF_REACH, Grade.NONE, f"the register did not answer: {evidence.reason}"
            )
        case _:
            assert_never(evidence)
