"""Rule 6: the consent of those whose material, or whose likeness, was given to a tool."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from scanner.model import EVERY_TITLE, Code, Consent, ConsentKind, Finding, Input, InputClass, Step, Trigger
from scanner.policy.records.made import cleared, day, gathered, is_same, listed, used_from, used_to
from scanner.policy.records.recorded import Recorded
from scanner.policy.series import maybe_same_episode
from scanner.policy.territories import covers

_LIKENESS = (
    *(ConsentKind.INPUT_REFERENCE, ConsentKind.LIKENESS, ConsentKind.REPLICA),
    *(ConsentKind.ALTERATION, ConsentKind.VOICE),
)


def no_consent(r: Recorded) -> Iterator[Finding]:
    """A consent that is missing, not recorded, or for something else."""
    faults = ((each.step, each.why) for each in _consents(r) if not each.is_late)
    yield from gathered(r, Code.RIGHTS_NO_CONSENT, faults)


def late(r: Recorded) -> Iterator[Finding]:
    """A consent that covers the input, and was signed after it was used."""
    yield from gathered(r, Code.RIGHTS_CONSENT_LATE, ((each.step, each.why) for each in _consents(r) if each.is_late))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Short:
    """Why there is no consent to an input that was in force when it was used; `is_late`: it was signed afterwards."""

    step: Step
    why: str
    is_late: bool = False


def _consents(r: Recorded) -> Iterator[_Short]:
    for step in r.told.steps:
        asked = [each for each in step.inputs if _is_asked(r, each)]
        if not asked or cleared(r, step, Trigger.PROTECTED_INPUT, Trigger.THIRD_PARTY):
            continue
        for each in asked:
            short = _short_of(r, step, each)
            if short is not None:
                yield short


def _is_asked(r: Recorded, given: Input) -> bool:
    """Of a likeness the consents of talent speak (rule 5), unless it names its own or no talent is recorded."""
    if given.input_class is InputClass.TALENT_LIKENESS:
        return bool(given.rights_ref) or not r.told.talent
    return given.input_class is InputClass.THIRD_PARTY


def _short_of(r: Recorded, step: Step, given: Input) -> _Short | None:
    refs = [ref for ref in (given.rights_ref, given.clearance_ref) if ref]
    known = [consent for ref in refs if (consent := r.case.papers.consents.get(ref))]
    if not known:
        why = f"names {listed(refs)}, of which there is no record" if refs else "names no consent"
        return _Short(step=step, why=f"its input {given.asset_id} {why}")
    kinds = _LIKENESS if given.input_class is InputClass.TALENT_LIKENESS else (ConsentKind.INPUT_REFERENCE,)
    first, last = used_from(r, step), used_to(r, step)
    faults = {consent.consent_id: unfit(consent, r, kinds, first, last) for consent in known}
    signed = [each.signed_at for each in known if each.signed_at and not faults[each.consent_id]]
    if not signed:
        why = "; ".join(f"{name} {fault}" for name, fault in faults.items())
        return _Short(step=step, why=f"its input {given.asset_id}: {why}")
    if min(signed) <= first:
        return None
    why = f"the consent to its input {given.asset_id} was signed on {day(min(signed))}, and it was used on {day(first)}"
    return _Short(step=step, why=why, is_late=True)


def unfit(consent: Consent, r: Recorded, kinds: tuple[ConsentKind, ...], first: datetime, last: datetime) -> str | None:
    """Why a consent does not cover a use from first to last, whenever it was signed; None when it does."""
    faults = chain(_other(consent, r, kinds), _out_of_time(consent, first, last), _outside(consent, r))
    return next(faults, None)


def _other(consent: Consent, r: Recorded, kinds: tuple[ConsentKind, ...]) -> Iterator[str]:
    if consent.consent_kind not in kinds:
        yield f"is for {consent.consent_kind.replace('_', ' ')}, not for this"
    if consent.title not in (r.meant.title, EVERY_TITLE):
        yield f"is for {consent.title}, not for {r.meant.title}"


def _out_of_time(consent: Consent, first: datetime, last: datetime) -> Iterator[str]:
    if consent.signed_at is None:
        yield "has no date of a signature"
    if consent.revoked_at is not None and consent.revoked_at <= last:
        yield f"was revoked on {day(consent.revoked_at)}, and it was used until {day(last)}"
    if consent.valid_to is not None and consent.valid_to <= last:
        yield f"expired on {day(consent.valid_to)}, and it was used until {day(last)}"
    if consent.valid_from is not None and first < consent.valid_from:
        yield f"is valid only from {day(consent.valid_from)}, and it was used on {day(first)}"


def _outside(consent: Consent, r: Recorded) -> Iterator[str]:
    """Outside of its scope, as far as that can be told."""
    scope, shot, episode = consent.scope, r.record.shot, r.meant.episode
    if scope.shots and shot and not any(is_same(shot, each) for each in scope.shots):
        yield f"is for shots {listed(scope.shots)} only"
    if scope.episodes and episode and not any(maybe_same_episode(e, r.meant.season, episode) for e in scope.episodes):
        yield f"is for episodes {listed(scope.episodes)} only"
    if scope.territories and any(not covers(scope.territories, place) for place in r.meant.territories):
        yield f"is for {listed(scope.territories)} only"
