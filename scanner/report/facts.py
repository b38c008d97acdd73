"""What a piece of evidence shows, as labelled facts for reading; the message of a finding is the short form of it."""

from fractions import Fraction
from typing import assert_never

from scanner.model import (
    AiClaim,
    Altered,
    Contradiction,
    Credentials,
    CredentialState,
    DeclaredLabel,
    Evidence,
    Finding,
    GeneratorTag,
    Heard,
    Identical,
    Incomplete,
    LookAlike,
    Meaning,
    Mention,
    RegisterOutOfReach,
    Shown,
    Statement,
    Stray,
    SuspectName,
    Unlisted,
    Unreadable,
    Watermark,
)
from scanner.model.status_codes import explained
from scanner.report.plain import accuracy_words, plural

Facts = tuple[tuple[str, str], ...]

WHOLE_FRAME = (0.0, 0.0, 1.0, 1.0)
_MOST_SHOWN = 6
# Nine of ten are, of voices down to 6 dB under the rest: see docs/benchmarks.md.
SOUND_ACCURACY = "within about a third of a second; half a second and more where it lies far under the rest"


def facts(finding: Finding) -> Facts:
    """Asset, tool and approval of a finding, and what its evidence shows, each with its label."""
    known = (
        ("Registered asset", f"{finding.asset.name} (record {finding.asset.record_id})" if finding.asset else None),
        ("Tool", finding.tool),
        ("Approval", finding.approval),
    )
    named = tuple((label, value) for label, value in known if value)
    return named + (evidence_facts(finding.evidence) if finding.evidence else ())


def evidence_facts(evidence: Evidence) -> Facts:
    """What one piece of evidence shows."""
    match evidence:
        case Identical():
            return (("File", evidence.file), ("Match", "every byte is the same"))
        case LookAlike():
            return _look_alike(evidence)
        case Heard():
            return _heard(evidence)
        case Credentials():
            return _credentials(evidence)
        case DeclaredLabel():
            return (("Field", evidence.field), ("Value", evidence.value))
        case GeneratorTag():
            return _generator(evidence)
        case Watermark() | SuspectName() | Contradiction() | Mention() | Statement():
            return _stated(evidence)
        case _:
            return _absence(evidence)


def _absence(evidence: Unreadable | Incomplete | Altered | Unlisted | Stray | RegisterOutOfReach) -> Facts:
    match evidence:
        case Unreadable() | Incomplete() | RegisterOutOfReach():
            return ()  # their finding's message is all there is
        case Altered():
            listed = (f"Listed {evidence.algorithm}", evidence.expected)
            found = ("Found when it was checked" if evidence.recorded else "Found", evidence.found)
            return (("File", evidence.file), ("Manifest", evidence.manifest), listed, found)
        case Unlisted():
            return (("File", evidence.file), ("Manifest", evidence.manifest))
        case Stray():
            return (("File", evidence.file), ("Sequence", evidence.sequence))
        case _:
            assert_never(evidence)


_Stated = Watermark | SuspectName | Contradiction | Mention | Statement


def _stated(evidence: _Stated) -> Facts:
    match evidence:
        case Watermark():
            told = f"{evidence.bits_agreeing} of {evidence.bits}, in {plural(evidence.frames, 'picture')}"
            return (("Watermark", evidence.scheme), ("Bits that agree", told))
        case SuspectName():
            named = ((f"Name of a {evidence.named}", evidence.name), ("Why", evidence.why))
            return named + (_mention(evidence.mention) if evidence.mention else ()) + _more(evidence)
        case Contradiction():
            return (("Log", evidence.log), ("States", evidence.stated), ("Shows", evidence.shown))
        case Mention():
            return ((f"Name of a {evidence.named}", evidence.name), *_mention(evidence))
        case Statement():
            return tuple((label, value) for label, value in _statement(evidence) if value)
        case _:
            assert_never(evidence)


def _mention(mention: Mention) -> Facts:
    where = f"{mention.record_in} to {mention.record_out}" if mention.record_in and mention.record_out else None
    rest = (("Timeline", mention.timeline), ("Track", mention.track), ("Where", where))
    return tuple((label, value) for label, value in rest if value)


def _more(evidence: SuspectName) -> Facts:
    """The other places of the same timeline, as far as they are kept."""
    told = tuple(("And", " ".join(filter(None, (m.track, m.record_in, "to", m.record_out)))) for m in evidence.more)
    rest = evidence.places - 1 - len(evidence.more)
    return (*told, *((("And", f"{plural(rest, 'place')} more"),) if rest > 0 else ()))


def _statement(evidence: Statement) -> tuple[tuple[str, str | None], ...]:
    return (
        ("Log", f"{evidence.log}, {evidence.row}" if evidence.row else evidence.log),
        ("About", evidence.about),
        ("AI use", evidence.ai_use),
        ("Use", evidence.use),
        ("Record that it names", evidence.record_id),
    )


def _look_alike(evidence: LookAlike) -> Facts:
    asset_time = f"{seconds_words(evidence.asset_seconds_in)} to {seconds_words(evidence.asset_seconds_out)}"
    place = evidence.place
    return (
        ("Match", _match(evidence)),
        *((("Agrees pixel by pixel", _agreement(evidence)),) if evidence.blocks_compared else ()),
        ("How it was changed", evidence.transform or "in no way that shows"),
        *((("Part of the frame", region_words(evidence.region)),) if evidence.region != WHOLE_FRAME else ()),
        *((("Part of the asset", asset_time),) if evidence.asset_seconds_out > evidence.asset_seconds_in else ()),
        *_speed(evidence),
        *((("True ends", accuracy_words(place.accuracy_frames)),) if place else ()),
        *(_in_compositions(place.shown) if place and place.shown is not None else ()),
        *((("Seen so often", "that the likeness may say nothing"),) if evidence.floods else ()),
    )


def _heard(evidence: Heard) -> Facts:
    part = f"{seconds_words(evidence.asset_seconds_in)} to {seconds_words(evidence.asset_seconds_out)}"
    return (
        ("Match", f"{plural(evidence.votes, 'landmark')} in step, score {evidence.score:.1f}"),
        ("Heard in", evidence.where),
        ("How it was changed", ", ".join(evidence.changed) or "neither in speed nor in pitch"),
        ("Part of the asset", part),
        ("True ends", SOUND_ACCURACY),
        *(_in_compositions(evidence.place.shown) if evidence.place.shown is not None else ()),
        *((("Heard so often", "that the likeness may say nothing"),) if evidence.floods else ()),
    )


def _in_compositions(places: tuple[Shown, ...]) -> Facts:
    """A line for each place, by the composition's own timecode."""
    if not places:
        return (("In compositions", "no composition of the delivery shows it"),)
    told = tuple(
        (f"In composition {place.composition or place.composition_id}", f"{place.timecode_in} to {place.timecode_out}")
        for place in places[:_MOST_SHOWN]
    )
    more = len(places) - _MOST_SHOWN
    return (*told, *((("In compositions", f"and in {plural(more, 'place')} more"),) if more > 0 else ()))


def _match(evidence: LookAlike) -> str:
    frames = f"{plural(evidence.frames, 'frame')} {'agrees' if evidence.frames == 1 else 'agree'}"
    if evidence.distance is None:
        return f"part of the frame, {frames}"
    return f"{percent(evidence.alike)} alike at the best frame, {frames}"


def _agreement(evidence: LookAlike) -> str:
    told = f"{evidence.blocks_agreeing} of {evidence.blocks_compared} parts of the asset"
    inliers = f", {plural(evidence.inliers, 'pair')} of features on one place" if evidence.inliers else ""
    if evidence.enclosed_distance is not None:
        told = f"{evidence.enclosed_distance} of 256 bits differ as a picture of its own; {told}"
    return told + inliers + (f"; about {percent(evidence.covered)} of it covered" if evidence.covered else "")


def _speed(evidence: LookAlike) -> Facts:
    if evidence.speed is None or (abs(evidence.speed) in (0.0, 1.0) and evidence.passes == 1):
        return ()  # unknown; or as it is, or held: that is among what was changed
    told = f"{percent(abs(evidence.speed))} of its own" + (", in reverse" if evidence.speed < 0 else "")
    return (("Speed", told + (f", {evidence.passes} times in a row" if evidence.passes > 1 else "")),)


def percent(share: float) -> str:
    """A share in percent."""
    return f"{share * 100:.0f} %"


def _credentials(evidence: Credentials) -> Facts:
    said = tuple(
        ("Says AI" if claim.meaning is Meaning.AI else "May say AI", _said(claim)) for claim in evidence.claims
    )
    lists = ", ".join(evidence.trust_lists) or "no trust list"
    remote = evidence.state is CredentialState.REMOTE
    rest = (
        ("Signature", state_words(evidence.state)),
        ("Signer", evidence.signer),
        ("Signer trusted", None if remote else f"{'yes' if evidence.trusted else 'no'}; asked: {lists}"),
        ("Made with", evidence.generator),
        ("Kept at", evidence.location),
        *(("Names", who) for who in evidence.identities),
        *(("Validation", f"{code}: {explained(code)}") for code in evidence.validation),
        *(("Note", note) for note in evidence.notes),
    )
    return (said or (("Says AI", "no"),)) + tuple((label, value) for label, value in rest if value)


def _said(claim: AiClaim) -> str:
    tool = f", by {claim.tool}" if claim.tool else ""
    return f"{claim.says}{tool}{'; passed on by the signer, who does not vouch for it' if claim.gathered else ''}"


def _generator(evidence: GeneratorTag) -> Facts:
    rest = (("Field", evidence.field), ("Model", evidence.model), ("Files", ", ".join(evidence.files)))
    return tuple((label, value) for label, value in rest if value)


def state_words(state: CredentialState) -> str:
    """How far a signature can be believed."""
    match state:
        case CredentialState.TRUSTED:
            return "valid, by a trusted signer"
        case CredentialState.UNTRUSTED:
            return "valid, by a signer that is not on the trust list"
        case CredentialState.EXPIRED:
            return "the signer's certificate has expired"
        case CredentialState.BROKEN:
            return "does not verify: changed after signing, or badly signed"
        case CredentialState.APART:
            return "valid; whether the media still fit it was not checked"
        case CredentialState.REMOTE:
            return "kept elsewhere; not fetched"
        case _:
            assert_never(state)


def seconds_words(seconds: Fraction) -> str:
    """Seconds with three decimals: `12.480 s`."""
    return f"{float(seconds):.3f} s"


def region_words(region: tuple[float, float, float, float]) -> str:
    """A region in percent of the frame."""
    x, y, width, height = (round(share * 100) for share in region)
    return f"{width} % wide and {height} % high, {x} % from the left and {y} % from the top"
