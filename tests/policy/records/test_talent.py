"""Consents of performers, models made for them, real people: raised, nearly raised, and cleared (rules 5 and 15)."""

from collections.abc import Mapping
from typing import Any

import pytest

from scanner.model import (
    Code,
    ConsentKind,
    ConsentScope,
    DropClass,
    ElementKind,
    Papers,
    Realism,
    SubjectType,
    TalentException,
    TalentUse,
    Trigger,
)
from tests.policy.builders import DAY, NOON, TITLE
from tests.policy.records.builders import USED, codes, consent, naming, papers, said, standing, step, talent, told

OURS = {
    Code.TALENT_NO_CONSENT,
    Code.TALENT_CONSENT_NOT_VALID,
    Code.TALENT_ALTERED,
    Code.TALENT_CUSTOMARY,
    Code.MODEL_OTHER_TITLE,
    Code.REAL_PERSON,
}
REPLICAS = (TalentUse.REPLICA_EMPLOYMENT, TalentUse.REPLICA_INDEPENDENT, TalentUse.VOICE)


def of_talent(*performers: Any, papers_: Papers | None = None, **more: Any) -> set[str]:
    """The codes of this module that a record about these performers raises."""
    approvals = more.pop("approvals", ())
    of_record = more.pop("record", {})
    return codes(said(told(talent=performers, **of_record), *approvals, papers_=papers_, **more)) & OURS


# ---- Consent: none


@pytest.mark.parametrize("use", REPLICAS)
def test_a_replica_without_a_consent_is_told(use: TalentUse) -> None:
    assert of_talent(talent(use, consent_ids=())) == {Code.TALENT_NO_CONSENT}


@pytest.mark.parametrize("use", REPLICAS)
def test_a_consent_that_is_named_and_not_on_record_is_none(use: TalentUse) -> None:
    assert of_talent(talent(use, consent_ids=("con-9",)), papers_=papers(consent())) == {Code.TALENT_NO_CONSENT}


@pytest.mark.parametrize("use", REPLICAS)
def test_a_consent_clears_a_replica(use: TalentUse) -> None:
    assert of_talent(talent(use), papers_=papers(consent())) == set()


def test_a_synthetic_performer_is_nobody_s_likeness() -> None:
    assert of_talent(talent(TalentUse.SYNTHETIC_PERFORMER, consent_ids=())) == set()


def test_each_performer_must_have_consented() -> None:
    other = talent(performer_id="max", consent_ids=())

    assert of_talent(talent(), other, papers_=papers(consent())) == {Code.TALENT_NO_CONSENT}


def test_an_approval_does_not_take_the_place_of_a_consent() -> None:
    leave = naming(Trigger.REPLICA, Trigger.TALENT_LIKENESS)

    assert of_talent(talent(consent_ids=()), approvals=(leave,)) == {Code.TALENT_NO_CONSENT}


def test_a_replica_in_temporary_material_needs_its_consent_too() -> None:
    assert of_talent(talent(consent_ids=()), drop_class=DropClass.TEST_REEL) == {Code.TALENT_NO_CONSENT}


# ---- Consent: not valid

FAULTY: dict[str, Mapping[str, Any]] = {
    "of somebody else": {"subject_id": "max"},
    "of a rights holder": {"subject_type": SubjectType.RIGHTS_HOLDER},
    "of the estate of the living": {"subject_type": SubjectType.ESTATE},
    "for another title": {"title": "Night Harbour"},
    "to something else": {"consent_kind": ConsentKind.ALTERATION},
    "to a likeness as an input": {"consent_kind": ConsentKind.INPUT_REFERENCE},
    "not signed": {"signed_at": None},
    "signed after use": {"signed_at": USED + DAY},
    "not signed separately": {"separate_signature": False},
    "to nothing exact, without counsel": {"use_description": None},
    "revoked": {"revoked_at": NOON - DAY},
    "expired": {"valid_to": NOON},
    "valid from later": {"valid_from": USED + DAY},
    "for other uses": {"uses": ("alteration",)},
    "for another episode": {"scope": ConsentScope(episodes=("102",))},
    "for other territories": {"scope": ConsentScope(territories=("DE", "FR"))},
    "for a part of the territory": {"scope": ConsentScope(territories=("US-NY",))},
    "for another shot": {"scope": ConsentScope(shots=("043",))},
    "for advertising": {"scope": ConsentScope(media=("Trailer", "promo"))},
    "for another model": {"model_ids": ("lena-v2",)},
}
MET: dict[str, Mapping[str, Any]] = {
    "described by nobody, with counsel": {"use_description": None, "representation": "counsel"},
    "described by nobody, under a guild's agreement": {"use_description": None, "guild_agreement": "TV/Theatrical"},
    "signed when it was first used": {"signed_at": USED},
    "revoked later": {"revoked_at": NOON + DAY},
    "expires later": {"valid_to": NOON + DAY},
    "for this use": {"uses": ("replica_employment", "voice")},
    "for a use in words": {"uses": ("the storm",)},
    "for this episode": {"scope": ConsentScope(episodes=("101", "102"))},
    "for the territory": {"scope": ConsentScope(territories=("US",))},
    "for the world": {"scope": ConsentScope(territories=("worldwide",))},
    "for this shot": {"scope": ConsentScope(shots=("042",))},
    "for more than advertising": {"scope": ConsentScope(media=("trailer", "streaming"))},
    "for this model": {"model_ids": ("lena-v1",)},
}
SHOWN: Mapping[str, Any] = {"episode": "101", "territories": ("US",)}
MADE = {"steps": (step(model="lena-v1", model_custom=True),)}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_consent_that_does_not_cover_the_use_is_told(fault: str) -> None:
    found = of_talent(talent(), papers_=papers(consent(**FAULTY[fault])), record=MADE, **SHOWN)

    assert found - {Code.MODEL_OTHER_TITLE} == {Code.TALENT_CONSENT_NOT_VALID}


@pytest.mark.parametrize("met", MET)
def test_a_consent_that_covers_the_use_clears_it(met: str) -> None:
    assert of_talent(talent(), papers_=papers(consent(**MET[met])), record=MADE, **SHOWN) == set()


def test_one_good_consent_of_several_is_enough() -> None:
    on_record = papers(consent(revoked_at=NOON - DAY), consent("con-2"))

    assert of_talent(talent(consent_ids=("con-1", "con-2")), papers_=on_record) == set()


def test_the_finding_says_what_each_consent_lacks() -> None:
    found = said(told(talent=(talent(),)), papers_=papers(consent(revoked_at=NOON - DAY)))

    (finding,) = [each for each in found if each.code is Code.TALENT_CONSENT_NOT_VALID]
    assert "con-1 was revoked on 2026-11-19" in finding.message


def test_what_a_consent_is_for_counts_only_as_far_as_it_can_be_told() -> None:
    narrow = ConsentScope(episodes=("101",), territories=("US",), media=("streaming",))

    assert of_talent(talent(), papers_=papers(consent(scope=narrow))) == set()


def test_a_consent_for_streaming_does_not_cover_a_trailer() -> None:
    on_record = papers(consent(scope=ConsentScope(media=("streaming",))))

    found = of_talent(talent(), papers_=on_record, drop_class=DropClass.TRAILER)

    assert found == {Code.TALENT_CONSENT_NOT_VALID}


def test_the_shot_that_it_was_made_for_counts_too() -> None:
    on_record = papers(consent(scope=ConsentScope(shots=("042",))))

    assert of_talent(talent(), papers_=on_record, of={"shot": "GHL_042"}) == set()
    assert of_talent(talent(), papers_=on_record, of={"shot": "GHL_077"}) == {Code.TALENT_CONSENT_NOT_VALID}


@pytest.mark.parametrize("kind", [ConsentKind.VOICE, ConsentKind.REPLICA])
def test_a_voice_is_consented_to_as_a_voice_or_as_a_replica(kind: ConsentKind) -> None:
    on_record = papers(consent(consent_kind=kind))

    assert of_talent(talent(TalentUse.VOICE), papers_=on_record) == set()
    spoken = {"element_kind": ElementKind.VOICE}
    assert of_talent(talent(TalentUse.REPLICA_INDEPENDENT), papers_=on_record, record=spoken) == set()


# ---- Exceptions

NO_FURTHER = (TalentException.AS_SCRIPTED, TalentException.UNSAFE_STUNT, TalentException.UNRECOGNISABLE)


@pytest.mark.parametrize("exception", NO_FURTHER)
@pytest.mark.parametrize("use", REPLICAS)
def test_an_exception_needs_no_further_consent_but_the_first(use: TalentUse, exception: TalentException) -> None:
    elsewhere = papers(consent(scope=ConsentScope(shots=("043",))))

    assert of_talent(talent(use, exception=exception), papers_=elsewhere) == set()
    assert of_talent(talent(use, exception=exception, consent_ids=())) == {Code.TALENT_NO_CONSENT}
    assert of_talent(talent(use, exception=exception), papers_=papers(consent(revoked_at=NOON - DAY))) == {
        Code.TALENT_CONSENT_NOT_VALID
    }


@pytest.mark.parametrize("exception", [TalentException.CUSTOMARY_POST, TalentException.AS_SCRIPTED])
def test_a_customary_alteration_is_only_written_down(exception: TalentException) -> None:
    assert of_talent(talent(TalentUse.ALTERATION, exception=exception, consent_ids=())) == {Code.TALENT_CUSTOMARY}


@pytest.mark.parametrize("use", REPLICAS)
def test_a_replica_is_not_excused_as_customary_post(use: TalentUse) -> None:
    customary = talent(use, exception=TalentException.CUSTOMARY_POST, consent_ids=())

    assert of_talent(customary) == {Code.TALENT_NO_CONSENT}


# ---- Alteration

ALTERED = talent(TalentUse.ALTERATION)
AGREED = papers(consent(consent_kind=ConsentKind.ALTERATION))


def test_an_alteration_needs_both_a_consent_and_an_approval_that_names_it() -> None:
    leave = naming(Trigger.ALTERATION)

    assert of_talent(talent(TalentUse.ALTERATION, consent_ids=())) == {Code.TALENT_NO_CONSENT, Code.TALENT_ALTERED}
    assert of_talent(ALTERED, papers_=AGREED) == {Code.TALENT_ALTERED}
    assert of_talent(ALTERED, papers_=AGREED, approvals=(naming(Trigger.REPLICA),)) == {Code.TALENT_ALTERED}
    assert of_talent(ALTERED, papers_=AGREED, approvals=(leave,)) == set()
    assert of_talent(talent(TalentUse.ALTERATION, consent_ids=()), approvals=(leave,)) == {Code.TALENT_NO_CONSENT}


# ---- Models


def test_a_model_of_another_production_is_told() -> None:
    elsewhere = consent("con-2", title="Night Harbour", model_ids=("lena-v1",))

    found = of_talent(talent(), papers_=papers(consent(), elsewhere), record=MADE)

    assert found == {Code.MODEL_OTHER_TITLE}


def test_a_model_that_is_agreed_to_here_too_is_not_told() -> None:
    here, elsewhere = consent(model_ids=("lena-v1",)), consent("con-2", title="Night Harbour", model_ids=("lena-v1",))

    assert of_talent(talent(), papers_=papers(here, elsewhere), record=MADE) == set()


# ---- Real people

ESTATE = consent(subject_type=SubjectType.ESTATE)


def test_the_dead_need_their_estate_s_consent_whatever_was_approved() -> None:
    leave = naming(Trigger.REPLICA, Trigger.PROTECTED_INPUT)
    dead = talent(living=False)

    assert of_talent(dead, papers_=papers(ESTATE)) == set()
    assert of_talent(dead, papers_=papers(consent())) == {Code.REAL_PERSON, Code.TALENT_CONSENT_NOT_VALID}
    assert of_talent(talent(living=False, consent_ids=()), approvals=(leave,)) == {
        Code.REAL_PERSON,
        Code.TALENT_NO_CONSENT,
    }


def test_a_public_figure_permits_it_or_it_is_approved() -> None:
    shown = talent(TalentUse.SYNTHETIC_PERFORMER, public_figure=True, consent_ids=())
    permitted = talent(TalentUse.SYNTHETIC_PERFORMER, public_figure=True)

    assert of_talent(shown) == {Code.REAL_PERSON}
    assert of_talent(shown, approvals=(naming(Trigger.PROTECTED_INPUT),)) == set()
    assert of_talent(permitted, papers_=papers(consent(consent_kind=ConsentKind.LIKENESS))) == set()


def test_a_famous_actor_s_customary_alteration_recreates_nobody() -> None:
    famous = talent(TalentUse.ALTERATION, exception=TalentException.CUSTOMARY_POST, public_figure=True, consent_ids=())

    assert of_talent(famous) == {Code.TALENT_CUSTOMARY}


@pytest.mark.parametrize(("shown", "found"), [(True, {Code.REAL_PERSON}), (False, set()), (None, set())])
def test_a_real_person_must_be_named(*, shown: bool | None, found: set[Code]) -> None:
    realism = {"realism": Realism(depicts_real_person=shown)}

    assert of_talent(record=realism) == found
    assert of_talent(record=realism, approvals=(naming(Trigger.PROTECTED_INPUT),)) == set()


# ---- What says nothing


def test_a_bare_record_says_nothing_of_people() -> None:
    assert codes(said(None)) & OURS == set()


def test_the_title_of_the_delivery_is_the_one_that_counts() -> None:
    found = of_talent(talent(), papers_=papers(consent()), title="Night Harbour", of={"title": TITLE})

    assert found == {Code.TALENT_CONSENT_NOT_VALID}


def test_territories_of_the_policy_count_where_a_delivery_says_none() -> None:
    on_record = papers(consent(scope=ConsentScope(territories=("EU",))))

    assert of_talent(talent(), papers_=on_record, policy=standing(territories=("US",))) == {
        Code.TALENT_CONSENT_NOT_VALID
    }
    assert of_talent(talent(), papers_=on_record, policy=standing(territories=("DE", "FR"))) == set()
