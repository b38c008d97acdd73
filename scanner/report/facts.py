"""What a piece of evidence shows, as labelled facts for reading; the message of a finding is the short form of it."""

from fractions import Fraction
from typing import assert_never

from scanner.model import (
    Credentials,
    CredentialState,
    DeclaredLabel,
    Evidence,
    Finding,
    GeneratorTag,
    Identical,
    Incomplete,
    LookAlike,
    Meaning,
    RegisterOutOfReach,
    Unreadable,
)
from scanner.report.plain import plural

Facts = tuple[tuple[str, str], ...]

WHOLE_FRAME = (0.0, 0.0, 1.0, 1.0)


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
        case Credentials():
            return _credentials(evidence)
        case DeclaredLabel():
            return (("Field", evidence.field), ("Value", evidence.value))
        case GeneratorTag():
            return _generator(evidence)
        case Unreadable() | Incomplete() | RegisterOutOfReach():
            return ()  # their finding's message is all there is
        case _:
            assert_never(evidence)


def _look_alike(evidence: LookAlike) -> Facts:
    match_words = f"{evidence.alike:.0%} alike at the best frame, {plural(evidence.frames, 'frame')} agree"
    asset_time = f"{seconds_words(evidence.asset_seconds_in)} to {seconds_words(evidence.asset_seconds_out)}"
    place = evidence.place
    return (
        ("Match", match_words),
        ("How it was changed", evidence.transform or "in no way that shows"),
        *((("Part of the frame", region_words(evidence.region)),) if evidence.region != WHOLE_FRAME else ()),
        *((("Part of the asset", asset_time),) if evidence.asset_seconds_out > evidence.asset_seconds_in else ()),
        *((("True ends", f"within {plural(place.accuracy_frames, 'frame')}"),) if place else ()),
    )


def _credentials(evidence: Credentials) -> Facts:
    said = tuple(
        (
            "Says AI" if claim.meaning is Meaning.AI else "May say AI",
            f"{claim.says}, by {claim.tool}" if claim.tool else claim.says,
        )
        for claim in evidence.claims
    )
    rest = (
        ("Signature", state_words(evidence.state)),
        ("Signer", evidence.signer),
        ("Made with", evidence.generator),
        ("Kept at", evidence.location),
        ("Validation", ", ".join(evidence.validation)),
    )
    return said + tuple((label, value) for label, value in rest if value)


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
