"""Whether the audience is told of synthetic performers, replicas and voices: raised, nearly, cleared (rules 8, 13)."""

from dataclasses import replace
from typing import Any

import pytest

from scanner.model import (
    Answer,
    Code,
    Disclosure,
    DropClass,
    Outcome,
    Realism,
    Talent,
    TalentUse,
)
from scanner.model import MediaKind as Kind
from scanner.policy.records import about_records
from tests.policy.builders import ASSET, case, identical, record, seen
from tests.policy.records.builders import POLICY, consent, papers, said, standing, talent, told

OURS = {Code.DISCLOSURE_MISSING, Code.TALENT_NOT_DISCLOSED}
TOLD = Disclosure(text="Contains a digital replica.", placement="end card")
SYNTHETIC = talent(TalentUse.SYNTHETIC_PERFORMER, consent_ids=())
AGREED = papers(consent())


def of(*performers: Talent, disclosure: Disclosure | None = None, **more: Any) -> dict[Code, Outcome]:
    """What the rules of this module say, and how strictly."""
    particulars = told(talent=performers, disclosure=disclosure, **more.pop("record", {}))
    found = said(particulars, papers_=more.pop("papers_", AGREED), **more)
    return {finding.code: finding.outcome for finding in found if finding.code in OURS}


# ---- Rule 8


def test_a_replica_that_is_not_disclosed_is_flagged() -> None:
    assert of(talent(), territories=("US",)) == {Code.TALENT_NOT_DISCLOSED: Outcome.FLAG}


@pytest.mark.parametrize(
    "disclosure",
    [Disclosure(text="Contains a replica."), Disclosure(placement="end card"), Disclosure(text="", placement="")],
)
def test_text_and_place_are_both_needed(disclosure: Disclosure) -> None:
    assert of(talent(), disclosure=disclosure, territories=("US",)) == {Code.TALENT_NOT_DISCLOSED: Outcome.FLAG}


def test_a_disclosure_clears_it() -> None:
    assert of(talent(), disclosure=TOLD, territories=("US",)) == {}


def test_what_need_not_be_disclosed_is_not_told() -> None:
    assert of(talent(), disclosure=Disclosure(required=False), territories=("US",)) == {}


def test_without_a_consent_the_consent_comes_first() -> None:
    assert of(talent(consent_ids=()), territories=("US",)) == {}


def test_it_is_a_house_rule_that_can_be_switched_off() -> None:
    off = standing(house_rules_off=frozenset(OURS))

    assert not off.applies(Code.TALENT_NOT_DISCLOSED)
    assert not off.applies(Code.DISCLOSURE_MISSING)


# ---- Rule 13: New York, advertising


@pytest.mark.parametrize("territories", [("US-NY",), ("US",), ("DE", "us-ny"), ("worldwide",), ()])
def test_a_synthetic_performer_in_a_trailer_is_disclosed_in_new_york(territories: tuple[str, ...]) -> None:
    found = of(SYNTHETIC, drop_class=DropClass.TRAILER, territories=territories)

    assert found == {Code.DISCLOSURE_MISSING: Outcome.QUARANTINE}


NEARLY: dict[str, dict[str, Any]] = {
    "in a film": {"territories": ("US-NY",)},
    "elsewhere": {"drop_class": DropClass.TRAILER, "territories": ("US-CA", "DE")},
    "in a test reel": {"drop_class": DropClass.TEST_REEL, "territories": ("US-NY",)},
    "disclosed": {"drop_class": DropClass.TRAILER, "territories": ("US-NY",), "disclosure": TOLD},
}


@pytest.mark.parametrize("nearly", NEARLY)
def test_otherwise_a_synthetic_performer_is_not_asked_about(nearly: str) -> None:
    assert of(SYNTHETIC, **NEARLY[nearly]) == {}


def test_a_trailer_that_shows_them_as_the_work_does_need_not_say_so() -> None:
    as_in_work = replace(SYNTHETIC, consistent_with_work=True)

    assert of(as_in_work, drop_class=DropClass.TRAILER, territories=("US-NY",)) == {}
    assert of(as_in_work, SYNTHETIC, drop_class=DropClass.TRAILER, territories=("US-NY",)) != {}


def test_advertising_by_sound_alone_need_not_say_so() -> None:
    item = seen(identical(), kind=Kind.SOUND)
    made = case(
        item,
        records={ASSET.record_id: record(particulars=told(talent=(SYNTHETIC,)))},
        drop_class=DropClass.TRAILER,
        territories=("US-NY",),
    )

    found = {finding.code for finding in about_records(item, made, POLICY.of(made.delivery))}

    assert not found & OURS


# ---- Rule 13: Europe


@pytest.mark.parametrize("use", [TalentUse.REPLICA_EMPLOYMENT, TalentUse.VOICE, TalentUse.ALTERATION])
@pytest.mark.parametrize("territories", [("EU",), ("DE",), ("US", "FR"), ()])
def test_a_generated_likeness_is_disclosed_in_the_eu(use: TalentUse, territories: tuple[str, ...]) -> None:
    assert of(talent(use), territories=territories) == {Code.DISCLOSURE_MISSING: Outcome.FLAG}


def test_what_can_mislead_is_disclosed_in_the_eu_too() -> None:
    misleading = {"realism": Realism(could_mislead=Answer.YES)}

    assert of(record=misleading, territories=("EU",)) == {Code.DISCLOSURE_MISSING: Outcome.FLAG}
    assert of(record=misleading, territories=("US",)) == {}
    assert of(territories=("EU",)) == {}


def test_a_replica_in_a_trailer_is_stopped_in_the_eu() -> None:
    found = of(talent(), drop_class=DropClass.TRAILER, territories=("EU",))

    assert found == {Code.DISCLOSURE_MISSING: Outcome.QUARANTINE}


def test_a_record_that_says_it_must_be_disclosed_is_held_to_it() -> None:
    asked = Disclosure(required=True, jurisdictions=("US-CA",))

    assert of(disclosure=asked, territories=("US-CA",)) == {Code.DISCLOSURE_MISSING: Outcome.FLAG}


def test_where_it_must_be_disclosed_may_be_said_by_the_record() -> None:
    somewhere = Disclosure(jurisdictions=("EU",))

    assert of(talent(), disclosure=somewhere, territories=("US",)) == {Code.DISCLOSURE_MISSING: Outcome.FLAG}


def test_where_a_title_is_shown_may_be_said_by_the_policy() -> None:
    assert of(talent(), policy=standing(territories=("EU",))) == {Code.DISCLOSURE_MISSING: Outcome.FLAG}
    assert of(talent(), policy=standing(territories=("US",))) == {Code.TALENT_NOT_DISCLOSED: Outcome.FLAG}
