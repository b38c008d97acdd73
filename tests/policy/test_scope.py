"""Scopes by season, episode, territory, vendor, bytes, version and prominence: what is unknown, what is broad."""

from dataclasses import replace
from typing import Any

import pytest

from scanner.model import INSIDE, Prominence, Step
from scanner.model import Particulars as Told
from scanner.model import Tool as ToolPaper
from scanner.policy.approvals import Standing, answer
from scanner.policy.material import Made, Material
from scanner.policy.series import maybe_same_episode, same_episode, same_season
from scanner.policy.showing import material_of
from scanner.policy.versions import within
from tests.policy.builders import (
    ASSET,
    NOON,
    POLICY,
    TOOL,
    Case,
    approval,
    case,
    denial,
    identical,
    look_alike,
    member,
    record,
    seen,
)

SHA = "ab" * 32


def told(**given: Any) -> Material:
    """Material of which a test says what is known."""
    return Material(
        **{"delivery": case(seen()).delivery, "member": "a.mov", "asset": ASSET, "tool": TOOL, "place": None} | given
    )


def delivered(**given: Any) -> Material:
    return told(delivery=replace(case(seen()).delivery, **given))


def covers(of: Material, **scope: Any) -> bool:
    found = answer(of, (approval(**scope),), at=NOON)
    return found is not None and found.standing is Standing.COVERS


def denies(of: Material, **scope: Any) -> bool:
    found = answer(of, (approval(), denial(**scope)), at=NOON)
    return found is not None and found.standing is Standing.DENIES


# ---- What is not known

UNKNOWN: dict[str, tuple[tuple[str, ...] | Prominence, str]] = {
    "seasons": (("1",), "the season of the delivery is not known"),
    "episodes": (("4",), "the episode of the delivery is not known"),
    "territories": (("US",), "where the work is shown is not known"),
    "vendors": (("acme",), "the vendor of the delivery is not known"),
    "tool_versions": (("7",), "the version of the tool is not known"),
    "max_prominence": (Prominence.INCIDENTAL, "how much the story rests on it is not known"),
}


@pytest.mark.parametrize("dimension", UNKNOWN)
def test_what_is_not_known_lies_outside_an_approval_which_says_so(dimension: str) -> None:
    value, words = UNKNOWN[dimension]
    named = approval(records=(ASSET.record_id,), **{dimension: value})

    found = answer(delivered(vendor=None), (named,), at=NOON)

    assert found is not None
    assert (found.standing, words in found.why) == (Standing.OTHER_SCOPE, True)


@pytest.mark.parametrize("dimension", UNKNOWN)
def test_what_is_not_known_may_be_what_was_denied(dimension: str) -> None:
    assert denies(delivered(vendor=None), **{dimension: UNKNOWN[dimension][0]})


# ---- Seasons and episodes


@pytest.mark.parametrize(("one", "other"), [("1", "S01"), ("Season 2", "02"), ("winter", "Winter")])
def test_a_season_is_known_however_it_is_written(one: str, other: str) -> None:
    assert same_season(one, other)


@pytest.mark.parametrize(
    ("stated", "season", "episode", "same", "maybe"),
    [
        ("4", None, "E04", True, True),
        ("s01e04", "1", "4", True, True),
        ("104", "1", "4", True, True),
        ("4", "1", "104", True, True),
        ("104", "1", "104", True, True),
        ("104", "2", "4", False, False),
        ("s02e04", "1", "4", False, False),
        ("s01e04", None, "4", False, True),
        ("104", None, "4", False, True),
        ("204", None, "104", False, False),
        ("5", "1", "4", False, False),
        ("pilot", "1", "Pilot", True, True),
    ],
)
def test_an_episode_is_known_however_it_is_written(
    stated: str, season: str | None, episode: str, *, same: bool, maybe: bool
) -> None:
    assert same_episode(stated, season, episode) is same
    assert maybe_same_episode(stated, season, episode) is maybe


def test_an_approval_for_one_episode_never_clears_another() -> None:
    found = [covers(delivered(season="1", episode=str(number)), episodes=("4",)) for number in (3, 4, 5)]

    assert found == [False, True, False]


# ---- Territories


@pytest.mark.parametrize(
    ("shown", "granted", "inside"),
    [
        (("DE",), ("EU",), True),
        (("US-NY",), ("US",), True),
        (("US",), ("US-NY",), False),
        (("DE", "US"), ("EU",), False),
        (("DE", "US"), ("worldwide",), True),
        (("worldwide",), ("EU", "US"), False),
    ],
)
def test_an_approval_reaches_only_where_all_of_it_is_shown(
    shown: tuple[str, ...], granted: tuple[str, ...], *, inside: bool
) -> None:
    assert covers(told(territories=shown), territories=granted) is inside


def test_a_denial_reaches_what_is_shown_in_one_of_its_territories() -> None:
    assert denies(told(territories=("DE", "US")), territories=("EU",))
    assert not denies(told(territories=("US",)), territories=("EU",))


# ---- Tools and versions


@pytest.mark.parametrize(
    ("version", "stated", "expected"),
    [
        ("7", "7", True),
        ("7.1", "7", True),
        ("70", "7", False),
        ("v6.1", "6.1", True),
        ("6.1", "6.1.2", False),
        ("2.5", ">=2,<3", True),
        ("3", ">=2,<3", False),
        ("3.0", "<=3", True),
        ("2", "==2.0", True),
        ("2.1", "!=2.1", False),
        ("6b", "6b", True),
        ("6b", ">=6", None),
        ("6b", ">=6,7", False),
        ("2", "", None),
        ("2", ">= ", None),
        ("1" * 200, ">1", None),
    ],
)
def test_a_version_lies_in_a_range_or_not_or_it_cannot_be_told(
    version: str, stated: str, *, expected: bool | None
) -> None:
    assert within(version, stated) is expected


def test_the_version_is_read_behind_the_name_of_the_tool() -> None:
    assert covers(told(tool="ComfyUI v0.3.1"), tool_versions=(">=0.3,<0.4",))
    assert not covers(told(tool="ComfyUI v0.4"), tool_versions=(">=0.3,<0.4",))


def test_every_tool_of_its_making_must_be_approved_and_one_may_be_denied() -> None:
    made = told(also=(Made(names=("rw", "Runway"), version="4"),))

    assert not covers(made, tools=(TOOL,))
    assert covers(made, tools=(TOOL, "Runway"))
    assert denies(made, tools=("Runway",))


# ---- Bytes


def test_an_approval_of_bytes_is_for_these_bytes_alone() -> None:
    assert covers(told(bytes=frozenset({SHA})), sha256=(SHA.upper(),))
    assert not covers(told(bytes=frozenset({SHA[::-1]})), sha256=(SHA,))
    assert not covers(told(parts=frozenset({SHA})), sha256=(SHA,))


def test_a_denial_of_bytes_reaches_what_shows_the_registered_asset() -> None:
    assert denies(told(parts=frozenset({SHA})), sha256=(SHA,))


# ---- Prominence


@pytest.mark.parametrize("most", [Prominence.INCIDENTAL, Prominence.STORY_RELEVANT, Prominence.PROMINENT])
@pytest.mark.parametrize("found", Prominence)
def test_an_approval_covers_up_to_its_prominence(found: Prominence, most: Prominence) -> None:
    order = [Prominence.INCIDENTAL, Prominence.STORY_RELEVANT, Prominence.PROMINENT]
    inside = most is order[-1] or (found in order and order.index(found) <= order.index(most))

    assert covers(told(prominence=found), max_prominence=most) is inside


# ---- What a case knows of its material


def shown(in_case: Case, evidence: Any = None, **given: Any) -> Material:
    asked = {"tool": TOOL, "asset": ASSET, "place": None} | given
    return material_of(in_case, POLICY, in_case.members[0], evidence or look_alike(), **asked)


def with_steps(*steps: tuple[str, str], **given: Any) -> dict[str, Any]:
    made = tuple(Step(number=n, tool_id=tool, tool_version=version) for n, (tool, version) in enumerate(steps, 1))
    return {"records": {ASSET.record_id: record(particulars=Told(steps=made, **given))}}


def test_the_only_tool_of_the_steps_is_the_records_own() -> None:
    found = shown(case(seen(), **with_steps(("comfy-house", "0.3"))))

    assert (found.version, found.also) == ("0.3", ())


def test_the_other_tools_of_the_steps_count_by_their_id_and_name() -> None:
    whole = case(seen(), **with_steps(("comfyui", "0.3"), ("T-2", "4")))
    paper = ToolPaper(tool_id="T-2", vendor="Runway AI", product="Gen-4")
    found = shown(replace(whole, papers=replace(whole.papers, tools={"T-2": paper})))

    assert found.also == (Made(names=("T-2", "Gen-4", "Runway AI Gen-4"), version="4"),)
    assert shown(whole, whole=False).also == ()


def test_a_frame_of_a_sequence_is_known_by_its_own_bytes() -> None:
    frames = replace(member("a.[1-2].exr"), files=("a.1.exr", "a.2.exr"), file_hashes=("01", "02"), sha256="whole")
    whole = case(replace(seen(), member=frames))

    assert shown(whole).bytes == {"whole"}
    assert shown(whole, identical("a.2.exr")).bytes == {"whole", "02"}
    assert shown(whole).parts == {"01", "02"}


def test_what_came_out_of_a_container_is_known_by_the_containers_bytes_too() -> None:
    inside = replace(member(f"a.zip{INSIDE}b.png"), sha256="inner", file_hashes=("inner",))
    outer = replace(member("a.zip"), sha256="outer")
    whole = case(replace(seen(), member=inside))
    whole = replace(whole, delivery=replace(whole.delivery, members=(outer, inside)))

    assert shown(whole).bytes == {"inner", "outer"}
