"""What is heard, in every report: where, in which sound, and both of it to be played."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from scanner.model import Code, Finding, Heard, Outcome, Picture, Thumbnail
from scanner.report import Scanned
from scanner.report.facts import facts
from scanner.report.html import html
from scanner.report.plain import coverage_sentence, where
from scanner.report.scan_json import scan_json
from scanner.report.timeline import place_of, timeline

from . import samples

SOUND = b"ID3 no sound at all"


def heard(**given: Any) -> Finding:
    values: dict[str, Any] = {
        "asset": samples.MATTE,
        "stream": 1,
        "channel": "C",
        "place": samples.place(8, 12, "01:00:08:00", "01:00:12:00"),
        "asset_seconds_in": Fraction(1),
        "asset_seconds_out": Fraction(5),
        "votes": 105,
        "score": 127.25,
    }
    evidence = Heard(**values | given)
    return samples.finding(
        Code.AI_HEARD, Outcome.QUARANTINE, evidence=evidence, asset=evidence.asset, message="the registered is heard"
    )


def excerpt(seconds: int, length: int = 8) -> Thumbnail:
    return Thumbnail(seconds=Fraction(seconds), jpeg=samples.frame(), sound=SOUND, length=Fraction(length))


def judged(*findings: Finding, sounds: tuple[Picture, ...] = ()) -> Scanned:
    whole = samples.quarantined()
    return replace(whole, verdict=samples.verdict(Outcome.QUARANTINE, *findings), pictures=sounds)


def played(found: Thumbnail | None, registered: Thumbnail | None) -> Picture:
    return Picture(member=heard().member, found=found, registered=registered, asset_id=samples.MATTE.asset_id)


def test_it_is_told_where_it_is_heard() -> None:
    assert where(heard()) == "01:00:08:00–01:00:12:00"  # noqa: RUF001
    assert place_of(heard()) is not None


def test_its_facts_name_the_channel_and_what_it_rests_on() -> None:
    told = dict(facts(heard(speed=1.04, pitch=-1.0)))

    assert told["Heard in"] == "channel C of sound stream 2"
    assert told["Match"] == "105 landmarks in step, score 127.2"
    assert told["How it was changed"] == "at 104.0 % of its speed, 1.0 semitones lower"
    assert told["Part of the asset"] == "1.000 s to 5.000 s"
    assert dict(facts(heard()))["How it was changed"] == "neither in speed nor in pitch"


def test_one_that_is_heard_in_several_streams_names_them_all() -> None:
    several = heard(also=((3, "mix"), (2, "1")))

    (told,) = json.loads(scan_json([judged(several)]))["deliveries"][0]["findings"]

    assert dict(facts(several))["Heard in"] == (
        "channel C of sound stream 2 and channel 1 of sound stream 3 and the down-mix of sound stream 4"
    )
    assert told["heard"]["also"] == [{"stream": 2, "channel": "1"}, {"stream": 3, "channel": "mix"}]


def test_the_document_has_its_sound_and_its_time() -> None:
    document = json.loads(scan_json([judged(heard())]))

    (told,) = document["deliveries"][0]["findings"]
    assert told["heard"] == {"stream": 1, "channel": "C", "also": [], "votes": 105, "strength": 127.25, "pitch": 0.0}
    assert (told["kind"], told["seconds_in"], told["asset_seconds_out"], told["region"]) == ("heard", 8, 5, None)


def test_both_are_played_with_the_match_marked() -> None:
    page = html([judged(heard(), sounds=(played(excerpt(7), excerpt(0)),))])

    assert (page.count("<audio controls"), page.count("data:audio/mpeg;base64,")) == (2, 2)
    assert '<rect x="12.5" y="0" width="50.00"' in page
    assert "media-src data:" in page


@pytest.mark.parametrize(("found", "registered"), [(None, excerpt(0)), (excerpt(7), None)])
def test_what_is_not_there_to_be_played_is_said(found: Thumbnail | None, registered: Thumbnail | None) -> None:
    page = html([judged(heard(), sounds=(played(found, registered),))])

    assert page.count("<audio controls") == 1
    assert "sound was kept" in page


def test_a_piece_that_holds_nothing_of_the_match_has_no_mark() -> None:
    page = html([judged(heard(), sounds=(played(excerpt(7), excerpt(60)),))])

    assert page.count("<rect x=") - page.count('<rect x="0" y="18"') == 1


def test_a_sound_is_not_taken_for_the_picture_of_a_look_alike() -> None:
    looks = replace(samples.MATTE_FOUND, member=heard().member)

    page = html([judged(looks, heard(), sounds=(played(excerpt(7), excerpt(0)),))])

    assert page.index("AI-HEARD</h4>") < page.index("<audio controls")


def test_a_sound_without_a_picture_has_a_timeline() -> None:
    whole = judged(heard())
    name = heard().member
    coverage = ((name, replace(samples.SHORT, duration=None, sound_seconds=Fraction(60))),)

    (bar,) = timeline(replace(whole, verdict=replace(whole.verdict, coverage=coverage)))

    assert (bar.known, bar.length) == (True, 60)


def test_how_much_was_listened_to_stands_in_the_coverage() -> None:
    covered = replace(samples.SHORT, notes=(), sound_seconds=Fraction(3725), sound_streams=2, sound_channels=8)

    assert "1:02:05 of sound listened to, in 8 channels." in coverage_sentence(covered)
    told = coverage_sentence(replace(covered, sound_plain=2))
    assert "in 8 channels (2 with nothing in it that could be recognised)." in told
    assert "sound" not in coverage_sentence(replace(covered, sound_seconds=None, sound_channels=0))
