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
    Stray,
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
        message += _where_in_timeline(evidence.mention) + _elsewhere(evidence)
        code = Code.AI_IN_TIMELINE if evidence.mention.timeline else Code.AI_NAME
    else:
        code = Code.AI_NAME
    yield from ai(seen, code, Grade.E5, message, tool=evidence.tool, asset=evidence.asset)


def _where_in_timeline(mention: Mention) -> str:
    where = f", {mention.record_in} to {mention.record_out}" if mention.record_in and mention.record_out else ""
    track = f", track {mention.track}" if mention.track else ""
    return f" (timeline {mention.timeline}{track}{where})" if mention.timeline else ""


def _elsewhere(evidence: SuspectName) -> str:
    """The other places, the first few by their timecode."""
    if evidence.places == 1:
        return ""
    told = [f"{m.track or ''} {m.record_in} to {m.record_out or '?'}".strip() for m in evidence.more if m.record_in]
    rest = evidence.places - 1 - len(told)
    if rest:
        told.append(f"{rest} more" if told else f"{rest} more without a timecode")
    return f"; {evidence.places} places in all, also {', '.join(told)}"


def _about_statement(seen: Seen, evidence: Statement | Contradiction) -> Iterator[Finding]:
    if isinstance(evidence, Contradiction):
        message = f"{evidence.log} states {evidence.stated}, but {evidence.shown}"
        yield seen.finding(Code.STATEMENT_CONTRADICTED, Grade.E2, message)
    elif evidence.says_ai:
        tool = f", with {evidence.tool}" if evidence.tool else ""
        row = f", {evidence.row}" if evidence.row else ""
        use = f", for {evidence.use} use" if evidence.use else ""
        how = f" ({evidence.ai_use}{tool}{use})" if evidence.ai_use else tool
        message = f"{evidence.log}{row} states that {evidence.about} was made or edited with generative AI{how}"
        yield from ai(seen, Code.AI_DECLARED, Grade.E0, message, tool=evidence.tool, asset=evidence.asset)


_Absence = Unreadable | Incomplete | Altered | Unlisted | Stray | RegisterOutOfReach


def about_absence(seen: Seen, evidence: _Absence) -> Finding:
    """What could not be seen, or is not what was listed, is never a pass."""
    match evidence:
        case Unreadable():
            code = Code.PARTLY_READ if evidence.partly else Code.UNREADABLE
            return seen.finding(code, Grade.NONE, f"{evidence.source}: {evidence.reason}")
        case Incomplete():
            return seen.finding(Code.INCOMPLETE, Grade.NONE, f"missing: {evidence.missing}")
        case Altered():
            return seen.finding(Code.ALTERED, Grade.NONE, _altered(evidence))
        case Unlisted():
            return seen.finding(Code.UNLISTED, Grade.NONE, f"{evidence.file} is not listed in {evidence.manifest}")
        case Stray():
            message = f"{evidence.file} lies among the frames of {evidence.sequence} and is none of them"
            return seen.finding(Code.STRAY, Grade.NONE, message)
        case RegisterOutOfReach():
            return seen.finding(
                Code.REGISTER_OUT_OF_REACH, Grade.NONE, f"the register did not answer: {evidence.reason}"
            )
        case _:
            assert_never(evidence)


def _altered(evidence: Altered) -> str:
    listed = f"{evidence.algorithm} {evidence.expected}"
    if evidence.recorded:
        told = f"{evidence.file}: {evidence.manifest} itself records that a check of it failed"
        return f"{told} ({listed}, it was {evidence.found})"
    return f"{evidence.file}: {evidence.manifest} lists {listed}, it is {evidence.found}"
