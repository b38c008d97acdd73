"""Whether a person, or their estate, agreed to what was done (guidelines 4 and 6.4; 6.6, rule 5). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from scanner.model import (
    Consent,
    ConsentKind,
    DropClass,
    ElementKind,
    SubjectType,
    Talent,
    TalentException,
    TalentUse,
    utc,
)
from scanner.policy.dimensions import shots_told
from scanner.policy.meant import Meant
from scanner.policy.series import maybe_same_episode
from scanner.policy.territories import covers

REPLICAS = frozenset({TalentUse.REPLICA_EMPLOYMENT, TalentUse.REPLICA_INDEPENDENT, TalentUse.VOICE})
"""Uses that make a digital replica: recognisable, in a performance that was not given."""

# Alterations that need no consent (guidelines 1, talent enhancement).
_CUSTOMARY = frozenset({TalentException.CUSTOMARY_POST, TalentException.AS_SCRIPTED})
# A replica that needs no *further* consent: the one it was made by is enough, whatever it is for.
_NO_FURTHER = frozenset({TalentException.AS_SCRIPTED, TalentException.UNSAFE_STUNT, TalentException.UNRECOGNISABLE})
_REPLICA_KINDS = frozenset({ConsentKind.REPLICA})
_VOICE_KINDS = frozenset({ConsentKind.VOICE, ConsentKind.REPLICA})
PERSON_KINDS = frozenset(ConsentKind) - {ConsentKind.TRAINING}
"""Consents by which somebody permits to be shown or heard, in whatever way."""

_KINDS: Mapping[TalentUse, frozenset[ConsentKind]] = {
    TalentUse.REPLICA_EMPLOYMENT: _REPLICA_KINDS,
    TalentUse.REPLICA_INDEPENDENT: _REPLICA_KINDS,
    TalentUse.VOICE: _VOICE_KINDS,
    TalentUse.ALTERATION: frozenset({ConsentKind.ALTERATION}),
    TalentUse.SYNTHETIC_PERFORMER: PERSON_KINDS,
}
_SIGNERS: Mapping[bool | None, frozenset[SubjectType]] = {
    True: frozenset({SubjectType.PERFORMER}),
    False: frozenset({SubjectType.ESTATE}),
    None: frozenset({SubjectType.PERFORMER, SubjectType.ESTATE}),
}
_REPRESENTED = frozenset({"counsel", "union"})
_ADVERTISING = frozenset({"advertising", "artwork", "marketing", "promo", "promos", "promotion", "social", "trailer"})
_USES = frozenset(TalentUse) | frozenset(ConsentKind)


USE_WORDS: Mapping[TalentUse, str] = {
    TalentUse.REPLICA_EMPLOYMENT: "a digital replica, made with the performer,",
    TalentUse.REPLICA_INDEPENDENT: "a digital replica, made without the performer,",
    TalentUse.VOICE: "a synthetic voice",
    TalentUse.ALTERATION: "an alteration of the performance",
    TalentUse.SYNTHETIC_PERFORMER: "a synthetic performer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """The consent that permits it, or why none does. `is_recorded`: at least one that is named is on record."""

    consent: Consent | None
    is_recorded: bool
    why: tuple[str, ...] = ()


def is_customary(talent: Talent) -> bool:
    """An alteration as scripted, or as is customary in post: no consent is needed."""
    return talent.use is TalentUse.ALTERATION and talent.exception in _CUSTOMARY


def needs_consent(talent: Talent) -> bool:
    """A synthetic performer is nobody's likeness (guidelines 4); all else is somebody's."""
    return talent.use is not TalentUse.SYNTHETIC_PERFORMER and not is_customary(talent)


def consented(talent: Talent, meant: Meant, kinds: frozenset[ConsentKind] | None = None) -> Consented:
    """The consent that permits this use here; of any of `kinds`, or else of the kind that the use needs."""
    kinds = kinds or _fitting(talent, meant)
    why: list[str] = []
    is_recorded = False
    for name in talent.consent_ids:
        consent = meant.papers.consents.get(name)
        if consent is None:
            why.append(f"{name} is not on record")
            continue
        fault = next(_faults(consent, talent, meant, kinds), None)
        if fault is None:
            return Consented(consent=consent, is_recorded=True)
        is_recorded = True
        why.append(f"{name} {fault}")
    return Consented(consent=None, is_recorded=is_recorded, why=tuple(why))


def _fitting(talent: Talent, meant: Meant) -> frozenset[ConsentKind]:
    of_voice = meant.told.element_kind is ElementKind.VOICE and talent.use in REPLICAS
    return _VOICE_KINDS if of_voice else _KINDS[talent.use]


def _faults(consent: Consent, talent: Talent, meant: Meant, kinds: frozenset[ConsentKind]) -> Iterator[str]:
    """Why this consent does not permit it, the plainest reason first."""
    yield from _other(consent, talent, meant, kinds)
    yield from _unsigned(consent, meant)
    yield from _out_of_time(consent, meant)
    if talent.use not in REPLICAS or talent.exception not in _NO_FURTHER:
        yield from _outside(consent, talent, meant)


def _other(consent: Consent, talent: Talent, meant: Meant, kinds: frozenset[ConsentKind]) -> Iterator[str]:
    """It is somebody else's, or for something else."""
    if consent.subject_id != talent.performer_id:
        yield f"is of {consent.subject_id}"
    if consent.subject_type not in _SIGNERS[talent.living]:
        wanted = "the estate" if talent.living is False else "the performer"
        yield f"was given by the {_words(consent.subject_type)}, not by {wanted}"
    if consent.title != meant.title:
        yield f"is for {consent.title}, not for {meant.title}"
    if consent.consent_kind not in kinds:
        yield f"is to {_words(consent.consent_kind)}, which is not to this"


def _unsigned(consent: Consent, meant: Meant) -> Iterator[str]:
    """Not signed, signed later than it was used, or unenforceable as it was signed."""
    first = meant.told.first_used or meant.at
    if consent.signed_at is None or consent.signed_at > meant.at:
        yield "is not signed"
    elif consent.signed_at > first:
        yield f"was signed on {_day(consent.signed_at)}, after it was first used on {_day(first)}"
    if consent.separate_signature is False:
        yield "was not signed separately"
    # California Labor Code 927 (AB 2602): of these two, one is needed.
    represented = consent.guild_agreement or (consent.representation or "").casefold() in _REPRESENTED
    if not consent.use_description and not represented:
        yield "does not say for what use, and nobody represented the one who signed"


def _out_of_time(consent: Consent, meant: Meant) -> Iterator[str]:
    first = meant.told.first_used or meant.at
    if consent.revoked_at is not None and consent.revoked_at <= meant.at:
        yield f"was revoked on {_day(consent.revoked_at)}"
    if consent.valid_to is not None and consent.valid_to <= meant.at:
        yield f"expired on {_day(consent.valid_to)}"
    if consent.valid_from is not None and consent.valid_from > first:
        yield f"is valid only from {_day(consent.valid_from)}"


def _outside(consent: Consent, talent: Talent, meant: Meant) -> Iterator[str]:
    """Outside of its scope, as far as that can be told."""
    uses = {use.casefold() for use in consent.uses}
    known = uses & _USES
    if known and uses == known and not known & {talent.use, *_fitting(talent, meant)}:
        yield f"is for {_list(consent.uses)} only"
    scope = consent.scope
    if scope.shots and not _in_shots(scope.shots, meant):
        yield f"is for shots {_list(scope.shots)} only"
    if scope.episodes and not _in_episodes(scope.episodes, meant):
        yield f"is for episodes {_list(scope.episodes)} only"
    if scope.territories and any(not covers(scope.territories, place) for place in meant.territories):
        yield f"is for {_list(scope.territories)} only"
    if scope.media and not _in_media(scope.media, meant):
        yield f"is for {_list(scope.media)} only"
    yield from _other_models(consent, meant)


def _in_episodes(episodes: tuple[str, ...], meant: Meant) -> bool:
    here = meant.episode
    return here is None or any(maybe_same_episode(each, meant.season, here) for each in episodes)


def _in_shots(shots: tuple[str, ...], meant: Meant) -> bool:
    """Both the shot that it was made for and the one that the delivered name says, where they say any."""
    named = meant.record.shot
    if named and not any(_among(shot, (named, *shots_told("", named, shot))) for shot in shots):
        return False
    said = _said(shots, meant)
    return not said or any(_among(shot, said) for shot in shots)


def _said(shots: tuple[str, ...], meant: Meant) -> tuple[str, ...]:
    if meant.delivery is None:
        return ()
    return tuple(said for shot in shots for said in shots_told(meant.delivery.name, meant.member, shot))


def _in_media(media: tuple[str, ...], meant: Meant) -> bool:
    """Only that a thing is advertising, or not, can be told of a delivery."""
    if meant.delivery is None:
        return True
    drop_class = meant.delivery.drop_class
    said = {each.casefold() for each in media}
    if meant.standards.advertising or drop_class in (DropClass.TRAILER, DropClass.ARTWORK):
        return bool(said & (_ADVERTISING | {drop_class.value, "all", "*"}))
    return not said <= _ADVERTISING


def _other_models(consent: Consent, meant: Meant) -> Iterator[str]:
    """A model made for talent serves what was agreed only."""
    custom = {step.model for step in meant.told.steps if step.model_custom and step.model}
    if consent.model_ids and (others := custom - set(consent.model_ids)):
        yield f"is for the model {_list(consent.model_ids)}, not for {_list(tuple(sorted(others)))}"


def _among(name: str, names: tuple[str, ...]) -> bool:
    return name.casefold() in {each.casefold() for each in names}


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _words(value: str) -> str:
    return value.replace("_", " ")


def _day(at: datetime) -> str:
    return f"{utc(at):%Y-%m-%d}"
