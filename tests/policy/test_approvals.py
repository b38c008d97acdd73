"""Which approval speaks for which material: scopes, times, and who wins where several speak."""

from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model import Approval, ApprovalStatus, AssetRef, DropClass, Prominence, Scope
from scanner.policy.approvals import Answer, Standing, answer
from scanner.policy.material import Made, Material
from scanner.policy.validity import APPROVED
from tests.policy.builders import (
    ASSET,
    DAY,
    NOON,
    REEL,
    TITLE,
    TOOL,
    approval,
    between,
    case,
    denial,
    place,
    seen,
)

MICROSECOND = timedelta(microseconds=1)
SHA, OTHER_SHA = "ab" * 32, "cd" * 32
# Every dimension of a scope, with the value that holds for the material below.
NARROW: dict[str, Any] = {
    "drop_classes": (DropClass.FINAL,),
    "records": (ASSET.record_id,),
    "assets": (ASSET.asset_id,),
    "shots": ("042",),
    "timecodes": (between("01:00:00:00", "01:01:00:00"),),
    "file_patterns": ("*_042_*",),
    "tools": (TOOL,),
    "tool_versions": (">=0.3,<1",),
    "sha256": (SHA,),
    "seasons": ("1",),
    "episodes": ("101",),
    "territories": ("US",),
    "vendors": ("acme",),
    "max_prominence": Prominence.STORY_RELEVANT,
}
ELSEWHERE: dict[str, Any] = {
    "drop_classes": (DropClass.TRAILER,),
    "records": ("record-2",),
    "assets": ("asset-2",),
    "shots": ("043",),
    "timecodes": (between("02:00:00:00", "02:01:00:00"),),
    "file_patterns": ("*_043_*",),
    "tools": ("Midjourney",),
    "tool_versions": ("7",),
    "sha256": (OTHER_SHA,),
    "seasons": ("2",),
    "episodes": ("102",),
    "territories": ("EU",),
    "vendors": ("other",),
    "max_prominence": Prominence.INCIDENTAL,
}
# Of these there is one value, not several.
SINGLE = {"max_prominence"}


def material(member: str = REEL, delivery: str | None = None, **given: Any) -> Material:
    """A registered asset at 01:00:10:00 to 01:00:14:00 of a file, of which all is known; `given` may differ."""
    whole = replace(
        case(seen()).delivery, name=delivery or member.partition("/")[0], season="1", episode="101", territories=("US",)
    )
    values: dict[str, Any] = {
        "delivery": whole,
        "asset": ASSET,
        "tool": TOOL,
        "version": "0.3",
        "place": place(),
        "bytes": frozenset({SHA}),
        "prominence": Prominence.STORY_RELEVANT,
        "territories": whole.territories,
    }
    return Material(member=member, **values | given)


def said(*approvals: Approval, of: Material | None = None, at: datetime = NOON) -> Answer | None:
    return answer(of or material(), approvals, at=at)


def standing(*approvals: Approval, of: Material | None = None, at: datetime = NOON) -> Standing | None:
    found = said(*approvals, of=of, at=at)
    return found.standing if found else None


def covers(leave: Approval, of: Material) -> bool:
    return standing(leave, of=of) is Standing.COVERS


# ---- Default deny


def test_without_an_approval_nothing_speaks() -> None:
    assert said() is None


def test_an_approval_of_the_whole_title_covers_everything_of_it() -> None:
    assert standing(approval()) is Standing.COVERS


def test_an_approval_of_another_title_says_nothing() -> None:
    assert said(approval(title="Night Harbour")) is None


@pytest.mark.parametrize("title", [None, ""])
def test_a_delivery_of_no_known_title_is_covered_by_nothing(title: str | None) -> None:
    untitled = replace(material(), delivery=replace(material().delivery, title=title))

    assert said(approval(), approval(title=""), of=untitled) is None


@pytest.mark.parametrize("status", [status for status in ApprovalStatus if status not in APPROVED])
def test_only_an_approved_escalation_covers(status: ApprovalStatus) -> None:
    assert standing(approval(status=status)) is not Standing.COVERS


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ApprovalStatus.DRAFT, Standing.NOT_YET),
        (ApprovalStatus.PENDING, Standing.NOT_YET),
        (ApprovalStatus.DENIED, Standing.DENIES),
        (ApprovalStatus.WITHDRAWN, Standing.NOT_VALID),
        (ApprovalStatus.SUPERSEDED, Standing.NOT_VALID),
    ],
)
def test_an_escalation_that_does_not_cover_says_how_it_stands(status: ApprovalStatus, expected: Standing) -> None:
    assert standing(approval(status=status)) is expected


def test_a_request_that_was_revoked_is_not_told_as_waiting() -> None:
    assert standing(approval(status=ApprovalStatus.PENDING, revoked_at=NOON)) is Standing.NOT_VALID


# ---- Scope


def test_these_tests_know_every_dimension_of_a_scope() -> None:
    assert {field.name for field in fields(Scope)} == set(NARROW) == set(ELSEWHERE)


@pytest.mark.parametrize("dimension", NARROW)
def test_a_filled_dimension_that_is_met_covers(dimension: str) -> None:
    assert standing(approval(**{dimension: NARROW[dimension]})) is Standing.COVERS


@pytest.mark.parametrize("dimension", NARROW)
def test_a_filled_dimension_that_is_not_met_does_not_cover(dimension: str) -> None:
    assert standing(approval(**{dimension: ELSEWHERE[dimension]})) is None


@pytest.mark.parametrize("dimension", NARROW)
def test_one_dimension_that_is_not_met_spoils_all_the_others(dimension: str) -> None:
    assert standing(approval(**NARROW | {dimension: ELSEWHERE[dimension]})) is not Standing.COVERS


@pytest.mark.parametrize("dimension", [name for name in NARROW if name not in SINGLE])
def test_one_value_of_a_dimension_is_enough(dimension: str) -> None:
    assert standing(approval(**{dimension: ELSEWHERE[dimension] + NARROW[dimension]})) is Standing.COVERS


@pytest.mark.parametrize("dimension", ["records", "assets"])
def test_a_label_alone_is_not_covered_by_an_approval_of_a_record(dimension: str) -> None:
    assert said(approval(**{dimension: NARROW[dimension]}), of=material(asset=None)) is None


def test_an_approval_of_the_record_for_another_use_says_for_which() -> None:
    found = said(approval(records=NARROW["records"], timecodes=ELSEWHERE["timecodes"]))

    assert found is not None
    assert (found.standing, found.why) == (
        Standing.OTHER_SCOPE,
        "it is for timecodes 02:00:00:00 to 02:01:00:00 only",
    )


def test_a_revoked_approval_of_the_record_for_another_use_is_not_told() -> None:
    assert said(approval(records=NARROW["records"], shots=ELSEWHERE["shots"], revoked_at=NOON)) is None


# ---- Shots


@pytest.mark.parametrize(
    "name",
    [
        "GHL_101_042_comp_v003.mov",
        "042.mov",
        "GHL-042.mov",
        "042/plate_v003.exr",
        "042/beauty.[1001-1100].exr",
        "reel/GHL_101_042_comp.mov",
        "GHL\n042\n.mov",
    ],
)
def test_a_shot_is_known_from_the_name(name: str) -> None:
    assert covers(approval(shots=("042",)), material(name))


@pytest.mark.parametrize(
    "name",
    [
        "GHL_101_043_comp_v003.mov",
        "GHL_101_0420_comp.mov",
        "GHL_101_1042_comp.mov",
        "GHL_101_042A_comp.mov",
        "GHL_101_v042.mov",
        "042/043.mov",
        "042/GHL_101_043_comp.mov",
        "042/043/plate.exr",
        "master.mov",
    ],
)
def test_an_approval_for_shot_042_never_clears_another(name: str) -> None:
    assert not covers(approval(shots=("042",)), material(name))


def test_a_delivery_named_after_one_shot_does_not_bring_in_another() -> None:
    assert not covers(approval(shots=("042",)), material("GHL_043.mov", delivery="shots_042_043"))


def test_a_delivery_named_after_the_shot_brings_in_what_has_no_shot_of_its_own() -> None:
    assert covers(approval(shots=("042",)), material("plate.mov", delivery="GHL_042"))


def test_the_first_frame_of_a_sequence_is_not_its_shot() -> None:
    assert not covers(approval(shots=("1001",)), material("043.[1001-1100].exr"))


def test_a_shot_of_many_words_is_matched_whole() -> None:
    names = ("GHL_101_065_042_comp.mov", "GHL_101_065_043_comp.mov", "GHL_102_065_042_comp.mov")

    covered = [covers(approval(shots=("GHL_101_065_042",)), material(name)) for name in names]

    assert covered == [True, False, False]


def test_another_spelling_of_the_shots_still_tells_them_apart() -> None:
    assert not covers(approval(shots=("sh010",)), material("sh010/SH020_comp.mov"))


def test_a_shot_is_text_and_no_pattern() -> None:
    assert not covers(approval(shots=("04.",)), material("GHL_042.mov"))


def test_an_empty_shot_is_no_shot() -> None:
    assert not covers(approval(shots=("",)), material("a - b.mov"))


def test_an_asset_meant_for_a_shot_is_not_cleared_in_another_by_that_shots_approval() -> None:
    """The record's own shot plays no part: the material does not even know it."""
    assert not covers(approval(records=(ASSET.record_id,), shots=("042",)), material("GHL_101_043_comp.mov"))


# ---- Files


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*.mov", REEL),
        ("GHL_101_*", REEL),
        (REEL, f"reels/{REEL}"),
        ("reels/*", f"reels/{REEL}"),
        ("*.mov", "two\nlines.mov"),
        ("fog.[[]1-9].exr", "fog.[1-9].exr"),
        ("fog.[1001-1100].exr", "fog.[1001-1100].exr"),
        ("caf\udce9.mov", "caf\udce9.mov"),
    ],
)
def test_a_file_pattern_covers_the_file_it_names(pattern: str, name: str) -> None:
    assert covers(approval(file_patterns=(pattern,)), material(name))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("ghl_101_*", REEL),
        ("*.mo", REEL),
        ("*.mov", "clip.mov\n"),
        ("", REEL),
        ("fog.[1001-1100].exr", "fog.0.exr2"),
        ("reels/*", REEL),
    ],
)
def test_a_file_pattern_covers_nothing_else(pattern: str, name: str) -> None:
    assert not covers(approval(file_patterns=(pattern,)), material(name))


# ---- Tools


@pytest.mark.parametrize("made", ["ComfyUI", "comfyui", "ComfyUI 0.3.1", "ComfyUI v2"])
def test_a_tool_is_approved_in_any_version(made: str) -> None:
    assert covers(approval(tools=("ComfyUI",)), material(tool=made))


@pytest.mark.parametrize("made", [None, "", "ComfyUIX", "ComfyUI Cloud", "Comfy", "Not ComfyUI", "ComfyUI-fork 1"])
def test_a_tool_of_another_name_is_another_tool(made: str | None) -> None:
    assert not covers(approval(tools=("ComfyUI",)), material(tool=made))


def test_an_approved_version_is_not_another_version() -> None:
    leave = approval(tools=("ComfyUI 0.3",))

    assert [covers(leave, material(tool=f"ComfyUI {version}")) for version in ("0.3", "0.4", "0.31")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("made", [None, "", "ComfyUI", " 1"])
def test_an_empty_tool_is_no_tool(made: str | None) -> None:
    assert not covers(approval(tools=("",)), material(tool=made))


# ---- Timecode


def _at(timecode_in: str, timecode_out: str) -> Material:
    return material(place=place(timecode_in, timecode_out))


_HOURS = (("01:30:00:00", "01:31:00:00"), ("10:30:00:00", "10:31:00:00"))
RANGE = approval(timecodes=(between("01:00:10:00", "01:00:14:00"),))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("01:00:10:00", "01:00:14:00"),
        ("01:00:10:01", "01:00:13:23"),
        ("01:00:10;00", "01:00:14;00"),
        ("01:00:12:00", "01:00:12:01"),
    ],
)
def test_a_stretch_inside_the_range_is_covered(first: str, last: str) -> None:
    assert covers(RANGE, _at(first, last))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("01:00:09:23", "01:00:14:00"),
        ("01:00:10:00", "01:00:14:01"),
        ("01:00:10;00", "01:00:14;01"),
        ("00:00:10:00", "00:00:14:00"),
        ("10:00:10:00", "10:00:14:00"),
        ("01:00:12:00", "01:00:11:00"),
        ("01:00:12:00", "01:00:12:00"),
        ("", ""),
        ("01:00:12:00", "soon"),
    ],
)
def test_a_stretch_that_leaves_the_range_is_not_covered(first: str, last: str) -> None:
    assert not covers(RANGE, _at(first, last))


def test_a_range_in_drop_frame_covers_the_same_timecode() -> None:
    leave = approval(timecodes=(between("01:00:10;00", "01:00:14;00"),))

    assert covers(leave, _at("01:00:10:00", "01:00:14:00"))


def test_one_range_must_hold_the_whole_stretch() -> None:
    leave = approval(timecodes=(between("01:00:10:00", "01:00:12:00"), between("01:00:12:00", "01:00:14:00")))

    assert not covers(leave, _at("01:00:11:00", "01:00:13:00"))


def test_frames_of_a_hundred_and_more_are_counted_and_not_spelled() -> None:
    leave = approval(timecodes=(between("01:00:10:00", "01:00:10:99"),))

    assert not covers(leave, _at("01:00:10:05", "01:00:10:100"))


def test_an_hour_of_one_digit_is_the_same_hour() -> None:
    leave = approval(timecodes=(between("1:00:00:00", "2:00:00:00"),))

    assert [covers(leave, _at(first, last)) for first, last in _HOURS] == [True, False]


def test_a_stretch_over_midnight_is_in_no_range() -> None:
    leave = approval(timecodes=(between("23:00:00:00", "23:59:59:23"),))

    assert not covers(leave, _at("23:59:59:00", "00:00:01:00"))


@pytest.mark.parametrize("bad", [("", "99:00:00:00"), ("00:00:00:00", ""), ("a", "b"), ("99:00:00:00", "00:00:00:00")])
def test_a_range_that_is_none_covers_nothing(bad: tuple[str, str]) -> None:
    assert not covers(approval(timecodes=(between(*bad),)), material())


def test_what_has_no_place_in_time_is_not_covered_by_a_range() -> None:
    assert not covers(RANGE, material(place=None))


# ---- Time


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        (approval(valid_from=NOON), Standing.COVERS),
        (approval(valid_from=NOON + MICROSECOND), Standing.NOT_VALID),
        (approval(valid_to=NOON), Standing.NOT_VALID),
        (approval(valid_to=NOON + MICROSECOND), Standing.COVERS),
        (approval(revoked_at=NOON), Standing.NOT_VALID),
        (approval(revoked_at=NOON + MICROSECOND), Standing.COVERS),
        (approval(valid_from=NOON, valid_to=NOON), Standing.NOT_VALID),
    ],
)
def test_validity_begins_with_its_first_moment_and_ends_before_its_last(leave: Approval, expected: Standing) -> None:
    assert standing(leave) is expected


@settings(deadline=None)
@given(st.datetimes(timezones=st.timezones()), st.timedeltas(min_value=-2 * DAY, max_value=2 * DAY))
def test_a_moment_is_the_same_in_every_time_zone(moment: datetime, away: timedelta) -> None:
    try:
        elsewhere = moment.astimezone(timezone(timedelta(hours=9)))
        later = elsewhere + away
    except OverflowError:
        return
    leave = approval(decided_at=None, valid_to=later)

    assert (standing(leave, at=moment) is Standing.COVERS) == (away > timedelta(0))


@pytest.mark.parametrize(("ahead", "expected"), [(-1, Standing.COVERS), (0, Standing.COVERS), (1, Standing.NOT_VALID)])
def test_a_decision_counts_from_the_moment_it_is_dated(ahead: int, expected: Standing) -> None:
    assert standing(approval(decided_at=NOON + ahead * DAY)) is expected


def test_the_end_of_validity_is_told_to_the_minute_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    found = said(approval(valid_to=datetime(2026, 11, 20, 9, 0, tzinfo=tokyo)))

    assert found is not None
    assert found.why == "it expired on 2026-11-20 00:00 UTC"


def test_a_denial_that_has_expired_denies_no_more() -> None:
    assert standing(denial(valid_to=NOON), approval()) is Standing.COVERS


@pytest.mark.parametrize("lapsed", [{"valid_to": NOON}, {"revoked_at": NOON}, {"valid_from": NOON + DAY}])
def test_a_denial_that_does_not_count_is_not_told_as_an_approval_that_lapsed(lapsed: dict[str, datetime]) -> None:
    assert said(denial(**lapsed)) is None


# ---- Several


@pytest.mark.parametrize("dimension", NARROW)
def test_a_narrow_approval_goes_before_a_broad_denial(dimension: str) -> None:
    assert standing(denial(), approval(**{dimension: NARROW[dimension]})) is Standing.COVERS


@pytest.mark.parametrize("dimension", NARROW)
def test_a_narrow_denial_goes_before_a_broad_approval(dimension: str) -> None:
    assert standing(approval(), denial(**{dimension: NARROW[dimension]})) is Standing.DENIES


@pytest.mark.parametrize("dimension", NARROW)
def test_a_denial_beats_an_approval_of_the_same_scope(dimension: str) -> None:
    scope = {dimension: NARROW[dimension]}

    assert standing(approval(**scope), denial(**scope)) is Standing.DENIES


def test_an_approval_of_an_asset_goes_before_a_denial_of_its_record() -> None:
    assert standing(denial(records=NARROW["records"]), approval(assets=NARROW["assets"])) is Standing.COVERS


@pytest.mark.parametrize("dimension", [name for name in NARROW if name not in ("records", "assets")])
def test_a_denial_of_the_record_stands_against_an_approval_that_does_not_name_it(dimension: str) -> None:
    leave = approval(**{dimension: NARROW[dimension]})

    assert standing(leave, denial(records=NARROW["records"])) is Standing.DENIES


def test_an_approval_of_many_things_does_not_reach_a_denial_of_others() -> None:
    many = {name: NARROW[name] for name in ("timecodes", "file_patterns", "tools", "drop_classes")}

    assert standing(approval(**many), denial(shots=("042",))) is Standing.DENIES


def test_a_denial_outside_its_scope_stops_nothing() -> None:
    assert standing(approval(), denial(shots=("043",))) is Standing.COVERS


def test_a_withdrawn_narrow_approval_leaves_a_broad_one_standing() -> None:
    withdrawn = approval("ESC-2", ApprovalStatus.WITHDRAWN, records=NARROW["records"])

    assert standing(withdrawn, approval()) is Standing.COVERS


def test_the_narrowest_approval_is_the_one_that_is_cited() -> None:
    found = said(approval("broad"), approval("narrow", **NARROW), approval("middle", shots=("042",)))

    assert found is not None
    assert found.approval.approval_id == "narrow"


@pytest.mark.parametrize("made", ["ComfyUI", "ComfyUI 0.3", "ComfyUI Cloud"])
def test_a_denial_of_a_tool_is_read_broadly(made: str) -> None:
    assert standing(approval(), denial(tools=("ComfyUI",)), of=material(tool=made)) is Standing.DENIES


@pytest.mark.parametrize("name", ["042/plate_001.mov", "042/043.mov", "GHL_042_043.mov"])
def test_a_denial_of_a_shot_is_read_broadly(name: str) -> None:
    assert standing(approval(), denial(shots=("042",)), of=material(name)) is Standing.DENIES


@pytest.mark.parametrize(
    ("first", "last", "denied"),
    [
        ("01:00:09:00", "01:00:10:01", True),
        ("01:00:13:23", "01:00:20:00", True),
        ("01:00:00:00", "02:00:00:00", True),
        ("01:00:09:00", "01:00:10:00", False),
        ("01:00:14:00", "01:00:20:00", False),
        ("23:59:59:00", "00:00:01:00", True),
    ],
    ids=["its first frame", "its last frame", "around it", "before it", "after it", "over midnight"],
)
def test_a_denial_of_a_stretch_stops_what_shows_a_frame_of_it(first: str, last: str, *, denied: bool) -> None:
    stretch = denial(timecodes=(between("01:00:10:00", "01:00:14:00"),))

    found = standing(approval(), stretch, of=_at(first, last))

    assert found is (Standing.DENIES if denied else Standing.COVERS)


_PLACES = st.none() | st.builds(place, *[st.sampled_from(["01:00:10:00", "01:00:12;00", "02:00:00:00", "x"])] * 2)
_ASSETS = st.sampled_from([None, ASSET, AssetRef(asset_id="asset-2", record_id=ASSET.record_id, name="b")])
_MATERIALS = st.builds(
    lambda name, asset, tool, at, told: material(name, asset=asset, tool=tool, place=at, **told),
    st.sampled_from([REEL, "GHL_043.mov", "042/043.mov", "\udcff\n/*.mov"]) | st.text(min_size=1),
    _ASSETS,
    st.none() | st.sampled_from([TOOL, f"{TOOL} 0.3", "Midjourney"]) | st.text(),
    _PLACES,
    st.fixed_dictionaries(
        {},
        optional={
            "version": st.none() | st.sampled_from(["0.3", "7", "beta"]) | st.text(),
            "prominence": st.none() | st.sampled_from(Prominence),
            "territories": st.lists(st.sampled_from(["US", "US-NY", "DE", ""]), max_size=2).map(tuple),
            "bytes": st.just(frozenset()),
            "also": st.just((Made(names=("Runway",)),)),
        },
    ),
)
_WORDS = st.lists(st.text() | st.sampled_from(["042", "*", "[", "[!", "(", "\\", TOOL]), max_size=2).map(tuple)
_ANY_SCOPE = st.builds(
    Scope,
    drop_classes=st.lists(st.sampled_from(DropClass), max_size=2).map(tuple),
    records=st.sampled_from([(), NARROW["records"]]),
    assets=st.sampled_from([(), NARROW["assets"]]),
    shots=_WORDS,
    timecodes=st.sampled_from([(), NARROW["timecodes"], ELSEWHERE["timecodes"]]),
    file_patterns=_WORDS,
    tools=_WORDS,
    tool_versions=_WORDS | st.sampled_from([("0.3",), (">=0.3",), (">1,<x",)]),
    sha256=st.sampled_from([(), (SHA,), (OTHER_SHA,)]),
    seasons=_WORDS | st.just(("S01",)),
    episodes=_WORDS | st.sampled_from([("1",), ("s01e01",), ("101",)]),
    territories=_WORDS | st.sampled_from([("US",), ("*",), ("EU", "US-NY")]),
    vendors=_WORDS | st.just(("ACME",)),
    max_prominence=st.none() | st.sampled_from(Prominence),
)
_DIMENSIONS = st.sampled_from(list(NARROW))


@settings(deadline=None)
@given(_MATERIALS, st.lists(st.tuples(st.sampled_from(ApprovalStatus), _ANY_SCOPE), max_size=4))
def test_any_names_tools_and_scopes_get_an_answer(of: Material, asked: list[tuple[ApprovalStatus, Scope]]) -> None:
    approvals = [approval(f"ESC-{n}", status, scope=scope) for n, (status, scope) in enumerate(asked)]

    found = said(*approvals, of=of)

    assert found is None or found.approval in approvals


@settings(deadline=None)
@given(_MATERIALS, _ANY_SCOPE)
def test_whatever_an_approval_covers_the_same_words_as_a_denial_deny(of: Material, scope: Scope) -> None:
    if covers(approval(scope=scope), of):
        assert standing(denial(scope=scope), of=of) is Standing.DENIES


@settings(deadline=None)
@given(_MATERIALS, _ANY_SCOPE, _DIMENSIONS)
def test_filling_another_dimension_never_makes_an_approval_cover_more(
    of: Material, scope: Scope, dimension: str
) -> None:
    if getattr(scope, dimension):
        return
    narrower = replace(scope, **{dimension: NARROW[dimension]})

    assert covers(approval(scope=scope), of) or not covers(approval(scope=narrower), of)


@settings(deadline=None)
@given(_MATERIALS, _ANY_SCOPE)
def test_an_approval_of_another_title_covers_nothing(of: Material, scope: Scope) -> None:
    assert said(approval(scope=scope, title=TITLE + " "), of=of) is None
