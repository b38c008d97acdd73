"""Safe text, and the sentences that every report shares: headline, coverage, where, grade, as-of."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from math import ceil
from typing import assert_never

from scanner.model import (
    Code,
    Coverage,
    Credentials,
    Finding,
    Grade,
    Heard,
    Identical,
    LookAlike,
    Meaning,
    Member,
    Outcome,
    SuspectName,
    Verdict,
)
from scanner.report.code_words import RECORD_WORDS

UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that can steer a terminal or hide text: controls, formats (bidi), surrogates, unassigned."""

WHOLE = "the whole delivery"
_MOST_MANIFESTS = 3

CODE_WORDS: Mapping[Code, str] = {
    Code.AI_IDENTICAL: "the very file of a registered AI asset",
    Code.AI_LOOK_ALIKE: "frames that look like a registered AI asset",
    Code.AI_LOOK_ALIKE_EVERYWHERE: "frames all over the film that look like a registered AI asset",
    Code.AI_HEARD: "sound in which a registered AI asset is heard",
    Code.AI_HEARD_EVERYWHERE: "sound all over the programme that resembles a registered AI asset",
    Code.AI_CREDENTIALS: "Content Credentials that say AI",
    Code.AI_LABEL: "a label that declares AI",
    Code.AI_GENERATOR: "an AI tool's own settings in the file",
    Code.AI_WATERMARK: "an AI tool's open watermark",
    Code.AI_WATERMARK_ONCE: "what may be an AI tool's open watermark, in one picture",
    Code.AI_DECLARED: "AI material that the vendor's own log declares",
    Code.AI_IN_TIMELINE: "a cut that names a registered AI asset",
    Code.AI_NAME: "a name that may mean AI",
    Code.AI_MAYBE: "a label that may mean AI",
    Code.AI_FINAL_UNAPPROVED: "AI material recorded for final use without an approval",
    Code.AI_APPROVED: "AI material with an approval",
    Code.AI_TEMPORARY_ALLOWED: "temporary AI material, allowed in this kind of delivery",
    Code.APPROVAL_DENIED: "AI material whose approval was denied",
    Code.APPROVAL_NOT_YET: "AI material whose approval is not decided yet",
    Code.APPROVAL_NOT_VALID: "AI material whose approval is not valid at this time",
    Code.APPROVAL_OTHER_SCOPE: "AI material whose approval is for something else",
    Code.STATEMENT_CONTRADICTED: "a vendor's log that the files contradict",
    Code.CREDENTIALS_BROKEN: "Content Credentials that do not verify",
    Code.CREDENTIALS_ELSEWHERE: "Content Credentials kept elsewhere and not fetched",
    Code.NOT_INFORMATIVE: "a picture that shows nothing to compare",
    Code.UNREADABLE: "something that could not be read",
    Code.PARTLY_READ: "something that could be read only in part",
    Code.INCOMPLETE: "parts that are missing",
    Code.ALTERED: "a file that is not the one its manifest lists",
    Code.UNLISTED: "a file that no manifest lists",
    Code.STRAY: "a picture that is no frame of the sequence it lies in",
    Code.NOT_OPENED: "something that is never opened",
    Code.NOTHING_DELIVERED: "nothing to examine was delivered",
    Code.REGISTER_OUT_OF_REACH: "the register could not be asked",
    **RECORD_WORDS,
}

GRADE_MEANINGS: Mapping[str, str] = {
    "certain": "the very bytes of a registered asset, or a valid signed statement that AI made this",
    "strong": "a plain statement in the file, or a match with a registered asset",
    "lead": "a hint that a person must look at; it never decides alone",
    "declared": "stated in the production's own provenance record",
    "not evidence": "says what could not be seen, not what was",
}


def shown(name: str) -> str:
    """Any text made safe for a terminal, HTML or a mail header; what could steer or hide is written as an escape."""
    if name.isascii() and name.isprintable():
        return name
    return "".join(_escaped(mark) if unicodedata.category(mark) in UNSAFE else mark for mark in name)


def _escaped(mark: str) -> str:
    number = ord(mark)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that is not UTF-8, as surrogateescape carries it
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def code_words(code: Code) -> str:
    """A finding's code in plain words."""
    return CODE_WORDS.get(code, code.value.lower().replace("-", " "))


def outcome_words(outcome: Outcome) -> str:
    """What happened to the delivery, as a past participle for headlines and tallies."""
    match outcome:
        case Outcome.PASS:
            return "passed"
        case Outcome.FLAG:
            return "flagged"
        case Outcome.HOLD:
            return "held"
        case Outcome.QUARANTINE:
            return "quarantined"
        case _:
            assert_never(outcome)


def tally(outcomes: Iterable[Outcome]) -> str:
    """How many of each, strictest first: `3 deliveries: 1 quarantined, 2 passed`."""
    counts = Counter(outcomes)
    total = counts.total()
    parts = ", ".join(f"{counts[each]} {outcome_words(each)}" for each in sorted(counts, reverse=True))
    return f"{plural(total, 'delivery', 'deliveries')}: {parts}" if parts else "nothing was scanned"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 frame`, `1,200 frames`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


# Leads: what these rest on may be chance or an honest name.
POSSIBLE = frozenset({Code.AI_MAYBE, Code.AI_NAME, Code.AI_IN_TIMELINE, Code.AI_WATERMARK_ONCE})


def ai_codes(verdict: Verdict) -> frozenset[Code]:
    """The codes of findings that rest on evidence of AI, sure or not."""
    return frozenset(finding.code for finding in verdict.findings if _speaks_of_ai(finding))


def _speaks_of_ai(finding: Finding) -> bool:
    if isinstance(finding.evidence, Credentials):
        return finding.code.startswith("AI-") or any(claim.meaning is Meaning.AI for claim in finding.evidence.claims)
    return finding.code.startswith(("AI-", "APPROVAL-"))


def worst(verdict: Verdict) -> Finding | None:
    """The first of the strictest findings; None when there is none."""
    return max(verdict.findings, key=lambda finding: finding.outcome, default=None)


def headline(verdict: Verdict) -> str:
    """The verdict in one line: `Quarantined: frames that look like a registered AI asset; 2 more findings`."""
    return f"{outcome_words(verdict.outcome).capitalize()}: {reason(verdict)}"


def reason(verdict: Verdict) -> str:
    """Why, in one line. A pass without findings is `no AI evidence found`, never less than that."""
    finding = worst(verdict)
    if finding is None:
        return "no AI evidence found" if verdict.outcome is Outcome.PASS else "no reason was recorded"
    words = code_words(finding.code)
    if verdict.outcome is Outcome.PASS and not ai_codes(verdict):
        words = f"no AI evidence found; noted: {words}"
    if verdict.outcome is Outcome.PASS and verdict.approvals_used:
        words = f"{words} ({', '.join(map(shown, verdict.approvals_used))})"
    more = len(verdict.findings) - 1
    return words + (f"; {plural(more, 'more finding')}" if more else "")


def grade_words(finding: Finding) -> str:
    """How strong the evidence is, in the words of `GRADE_MEANINGS`."""
    if isinstance(finding.evidence, Identical):
        return "certain"
    match finding.grade:
        case Grade.E1:
            return "certain"
        case Grade.E2 | Grade.E3:
            return "strong"
        case Grade.E4 | Grade.E5:
            return "lead"
        case Grade.E0:
            return "declared"
        case Grade.NONE:
            return "not evidence"
        case _:
            assert_never(finding.grade)


def where(finding: Finding, *, dash: str = "\N{EN DASH}") -> str:
    """Timecode in and out if the finding has a place in time, or else the member."""
    evidence = finding.evidence
    if isinstance(evidence, LookAlike | Heard) and evidence.place is not None:
        return f"{shown(evidence.place.timecode_in)}{dash}{shown(evidence.place.timecode_out)}"
    used = evidence.mention if isinstance(evidence, SuspectName) else None
    if used is not None and used.record_in and used.record_out:
        return f"{shown(used.record_in)}{dash}{shown(used.record_out)}"
    return shown(finding.member) or WHOLE


def accuracy_words(frames: int) -> str:
    """How exactly the ends of a place are known."""
    return f"within {plural(frames, 'frame')}" if frames else "to the frame"


def inexact(finding: Finding) -> str:
    """How far the ends of a place may be off, where that is a frame or more; else nothing."""
    place = finding.evidence.place if isinstance(finding.evidence, LookAlike) else None
    return f"ends {accuracy_words(place.accuracy_frames)}" if place is not None and place.accuracy_frames else ""


def opening(verdict: Verdict) -> str:
    """How the coverage sentence begins. It never says that there is no AI, only that no evidence was found."""
    codes = ai_codes(verdict)
    if codes - POSSIBLE:
        return "AI evidence found"
    if codes:
        return "Possible AI evidence found"
    if verdict.outcome is Outcome.HOLD:
        return "No AI evidence found in what could be examined"
    return "No AI evidence found"


def coverage_words(verdict: Verdict, *, shortest_shot: int | None = None) -> str:
    """The coverage sentence of a whole verdict, all members together."""
    coverages = [coverage for _, coverage in verdict.coverage]
    return coverage_sentence(*coverages, shortest_shot=shortest_shot, opening=opening(verdict))


def coverage_sentence(
    *coverages: Coverage, shortest_shot: int | None = None, opening: str = "No AI evidence found"
) -> str:
    """What was looked at and what was not. `shortest_shot`, in frames: promised only if every sample was read."""
    notes = Counter(shown(note) for coverage in coverages for note in dict.fromkeys(coverage.notes))
    parts = [_frames_words(coverages, shortest_shot)]
    if plain := sum(coverage.frames_uninformative for coverage in coverages):
        parts.append(f"{plural(plain, 'frame')} too plain to compare")
    parts += _sound_words(coverages)
    parts += [f"{note} ({count} members)" if count > 1 else note for note, count in notes.items()]
    return f"{opening}: {'; '.join(parts)}."


def checked_words(members: Iterable[Member]) -> str | None:
    """Which checksums agree, in one line; None where no manifest gave any."""
    files: Counter[tuple[str, str]] = Counter()
    for member in members:
        for each in member.checked:
            files[each.manifest, each.algorithm] += each.files
    told = [
        f"{plural(count, 'file')} by {shown(manifest)} ({shown(algorithm)})"
        for (manifest, algorithm), count in files.most_common(_MOST_MANIFESTS)
    ]
    more = len(files) - len(told)
    return f"Checksums that agree: {', '.join(told)}{f' and {more} more' if more else ''}." if told else None


def _frames_words(coverages: tuple[Coverage, ...], shortest_shot: int | None) -> str:
    examined = sum(coverage.frames_examined for coverage in coverages)
    present = sum(coverage.frames_present for coverage in coverages)
    if not present:
        return f"{plural(examined, 'frame')} fingerprinted" if examined else "no picture to fingerprint"
    text = f"{examined:,} of {plural(present, 'frame')} fingerprinted"
    lost = sum(max(ceil(each.frames_present / each.sample_step) - _sampled(each), 0) for each in coverages)
    step = max((coverage.sample_step for coverage in coverages if coverage.frames_present > 1), default=0)
    if lost:
        return f"{text} ({lost:,} more could not be, so a short shot may have escaped)"
    if any(each.broken for each in coverages):
        return f"{text} (some are broken, so a short shot may have escaped)"
    between = sum(each.frames_between for each in coverages)
    return text + _promise(step, between, shortest_shot) if step else text


def _sampled(coverage: Coverage) -> int:
    return coverage.frames_examined - coverage.frames_between


def _sound_words(coverages: tuple[Coverage, ...]) -> list[str]:
    """How much was listened to; nothing where there is no sound."""
    seconds = sum((coverage.sound_seconds or Fraction(0) for coverage in coverages), Fraction(0))
    channels = sum(coverage.sound_channels for coverage in coverages)
    if not channels:
        return []
    plain = sum(coverage.sound_plain for coverage in coverages)
    told = f"{running(seconds)} of sound listened to, in {plural(channels, 'channel')}"
    return [f"{told} ({plain:,} with nothing in it that could be recognised)" if plain else told]


def running(seconds: Fraction) -> str:
    """A length as `1:02:03`, or `2:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _promise(step: int, between: int, shortest_shot: int | None) -> str:
    every = "every one" if step == 1 else f"every {step}{_ordinal(step)}"
    every += f", and {between:,} between" if between else ""
    if shortest_shot is None:
        return f" ({every})"
    return f" ({every}: no shot of {plural(max(step, shortest_shot), 'frame')} or longer can escape)"


def _ordinal(number: int) -> str:
    return "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def as_of(verdict: Verdict) -> str:
    """Which register, policy and examiner the verdict rests on, and when it was given."""
    register = verdict.register
    asked = (
        f"register version {register.version} ({plural(register.records, 'record')}, "
        f"{plural(register.approvals, 'approval')}, read {moment(register.read_at)})"
        if register
        else "no register (only what the files themselves say)"
    )
    used = ", ".join(map(shown, verdict.approvals_used)) or "none"
    return (
        f"As of {asked}; approvals used: {used}; policy {short(verdict.policy)}; "
        f"examiner {shown(verdict.examiner)}; judged {moment(verdict.judged_at)}."
    )


def short(digest: str) -> str:
    """The first twelve characters of a digest, without its algorithm's name."""
    return shown(digest.rpartition(":")[2][:12])


def moment(at: datetime, zone: tzinfo = UTC) -> str:
    """A time to the minute with its zone: `2026-11-03 02:14 UTC`."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def day(at: datetime) -> str:
    """The day of a time in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def size_words(size: int) -> str:
    """Bytes for people: `812.4 GB`."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:,.0f} {unit}" if unit == "bytes" else f"{amount:,.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"
