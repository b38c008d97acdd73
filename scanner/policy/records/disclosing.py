"""Whether the audience is told of synthetic performers, replicas and voices (rules 8 and 13). Rules of the house."""

from collections.abc import Iterator

from scanner.model import Answer, Code, Finding, MediaKind, TalentUse
from scanner.policy.consents import REPLICAS, consented, is_customary
from scanner.policy.records.recorded import Recorded
from scanner.policy.territories import touches

_NEW_YORK = "US-NY"
_EUROPE = "EU"


def _disclosures(recorded: Recorded) -> Iterator[Finding]:
    if not recorded.is_final or _is_told(recorded):
        return
    if why := next(_owed(recorded), None):
        yield recorded.finding(Code.DISCLOSURE_MISSING, f"{why}; no text and place of a disclosure is recorded")
        return
    disclosure = recorded.told.disclosure
    if disclosure and disclosure.required is False:
        return
    for talent in recorded.told.talent:
        if talent.use in REPLICAS and consented(talent, recorded.meant).consent:
            message = f"{talent.performer_id} consented; that the audience is told is not recorded"
            yield recorded.finding(Code.TALENT_NOT_DISCLOSED, message)


def _is_told(recorded: Recorded) -> bool:
    disclosure = recorded.told.disclosure
    return bool(disclosure and disclosure.text and disclosure.placement)


def _owed(recorded: Recorded) -> Iterator[str]:
    """Why the audience must be told: the record says so, or the law of a place where it is shown."""
    disclosure = recorded.told.disclosure
    if disclosure and disclosure.required:
        yield "its record says that it must be disclosed"
    if _is_synthetic_in_advertising(recorded) and _is_shown_in(recorded, _NEW_YORK):
        yield "a synthetic performer in advertising must be disclosed in New York (Gen. Bus. Law 396-b)"
    if _is_deepfake(recorded) and _is_shown_in(recorded, _EUROPE):
        yield "a generated likeness or voice must be disclosed in the EU (AI Act art. 50(4))"


def _is_synthetic_in_advertising(recorded: Recorded) -> bool:
    """Not of sound alone, nor where the use is consistent with the work that is advertised (396-b)."""
    if not recorded.standards.advertising or recorded.item.member.kind is MediaKind.SOUND:
        return False
    performers = (each for each in recorded.told.talent if each.use is TalentUse.SYNTHETIC_PERFORMER)
    return any(not each.consistent_with_work for each in performers)


def _is_deepfake(recorded: Recorded) -> bool:
    realism = recorded.told.realism
    if realism and realism.could_mislead is Answer.YES:
        return True
    altered = (each.use is TalentUse.ALTERATION and not is_customary(each) for each in recorded.told.talent)
    return any(altered) or any(each.use in REPLICAS for each in recorded.told.talent)


def _is_shown_in(recorded: Recorded, place: str) -> bool:
    """Where it is shown is not known: it may be anywhere."""
    disclosure = recorded.told.disclosure
    places = (*recorded.meant.territories, *(disclosure.jurisdictions if disclosure else ()))
    return not places or touches(places, place)


RULES = (_disclosures,)
