"""A place in a track file, told in the time of the compositions that show it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from scanner.match.compositions import absent_from, in_compositions, of_other_deliveries, places
from scanner.model import AssetRef, Composition, Coverage, LookAlike, MediaKind, Member, MemberEvidence, Place, TrackUse

PICTURE = "picture"


def use(start: float, entry: float, duration: float, repeats: int = 1, key: str = PICTURE) -> TrackUse:
    return TrackUse(
        track_file=key, start=Fraction(start), entry=Fraction(entry), duration=Fraction(duration), repeats=repeats
    )


def composition(
    *uses: TrackUse, rate: Fraction = Fraction(24), start: str = "01:00:00:00", title: str = "GHL 101"
) -> Composition:
    return Composition(composition_id="cpl", title=title, edit_rate=rate, start_timecode=start, uses=uses)


def place(begin: float, end: float) -> Place:
    return Place(
        seconds_in=Fraction(begin),
        seconds_out=Fraction(end),
        timecode_in="00:00:00:00",
        timecode_out="00:00:00:00",
        accuracy_frames=0,
    )


def told(where: Place, *compositions: Composition) -> list[tuple[str, str]]:
    found = places(where, (PICTURE,), {f"CPL{number}.xml": each for number, each in enumerate(compositions)})
    return [(each.timecode_in, each.timecode_out) for each in found]


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        ([], []),
        ([use(0, 0, 60)], [("01:00:10:00", "01:00:12:00")]),
        ([use(5, 0, 60)], [("01:00:15:00", "01:00:17:00")]),
        ([use(0, 11, 60)], [("01:00:00:00", "01:00:01:00")]),
        ([use(0, 0, 11)], [("01:00:10:00", "01:00:11:00")]),
        ([use(0, 12, 60)], []),
        ([use(0, 0, 10)], []),
        ([use(0, 0, 60, key="another")], []),
        ([use(20, 0, 60), use(0, 9, 5)], [("01:00:01:00", "01:00:03:00"), ("01:00:30:00", "01:00:32:00")]),
        ([use(0, 0, 11), use(11, 11, 60)], [("01:00:10:00", "01:00:12:00")]),
        ([use(0, 0, 11), use(12, 11, 60)], [("01:00:10:00", "01:00:11:00"), ("01:00:12:00", "01:00:13:00")]),
        ([use(0, 10, 4, repeats=2)], [("01:00:00:00", "01:00:02:00"), ("01:00:04:00", "01:00:06:00")]),
    ],
)
def test_a_place_is_shown_nowhere_once_or_several_times(uses: list[TrackUse], expected: list[tuple[str, str]]) -> None:
    assert told(place(10, 12), composition(*uses)) == expected


def test_every_composition_is_asked() -> None:
    other = composition(use(0, 10, 60), start="00:00:00:00", title="GHL 101 (de)")
    found = places(place(10, 12), (PICTURE,), {"a.xml": composition(use(0, 0, 60)), "b.xml": other})

    assert [(each.file, each.composition, each.timecode_in) for each in found] == [
        ("a.xml", "GHL 101", "01:00:10:00"),
        ("b.xml", "GHL 101 (de)", "00:00:00:00"),
    ]


def test_timecode_drops_frames_where_the_composition_says_so() -> None:
    television = composition(use(60, 0, 600), rate=Fraction(30000, 1001), start="00:00:00;00")

    assert told(place(0, 1), television) == [("00:00:59;28", "00:01:01;00")]


def test_a_loop_without_end_is_told_a_hundred_times() -> None:
    assert len(told(place(0, 1), composition(use(0, 0, 2, repeats=10**12)))) == 100


def member(name: str, **values: object) -> MemberEvidence:
    plain = Member(
        name=name, kind=MediaKind.VIDEO, format="mxf", files=(name,), size=1, sha256="a" * 64, file_hashes=("a" * 64,)
    )
    return MemberEvidence(member=replace(plain, **values), coverage=Coverage(), evidence=())  # type: ignore[arg-type]


LOOK_ALIKE = LookAlike(
    asset=AssetRef(asset_id="asset-1", record_id="record-1", name="crowd.mp4"),
    place=place(10, 12),
    asset_seconds_in=Fraction(0),
    asset_seconds_out=Fraction(2),
    best_seconds=Fraction(10),
    best_asset_seconds=Fraction(0),
    frames=2,
    distance=3,
    quality=90,
    region=(0.0, 0.0, 1.0, 1.0),
    transform="",
)


def test_evidence_is_told_in_the_time_of_the_compositions_that_came_with_it() -> None:
    found = replace(member("pic.mxf", asset_ids=(PICTURE,)), evidence=(LOOK_ALIKE, replace(LOOK_ALIKE, place=None)))
    playlist = member("CPL.xml", composition=composition(use(5, 0, 60)))

    told, still = in_compositions((found, playlist))[0].evidence

    assert isinstance(told, LookAlike)
    assert told.place is not None
    assert told.place.shown is not None
    assert [each.timecode_in for each in told.place.shown] == ["01:00:15:00"]
    assert still == replace(LOOK_ALIKE, place=None)


def test_without_a_composition_nothing_is_told() -> None:
    found = (replace(member("pic.mxf", asset_ids=(PICTURE,)), evidence=(LOOK_ALIKE,)),)

    assert in_compositions(found) is found


def test_a_track_file_that_no_composition_shows_is_told_as_such() -> None:
    found = replace(member("other.mxf", asset_ids=("other",)), evidence=(LOOK_ALIKE,))

    (told,) = in_compositions((found, member("CPL.xml", composition=composition(use(5, 0, 60)))))[0].evidence

    assert isinstance(told, LookAlike)
    assert told.place is not None
    assert told.place.shown == ()


def test_what_a_composition_shows_and_did_not_come_with_it_is_told_as_coverage() -> None:
    absent = tuple(f"file-{number}" for number in range(12))
    supplemental = member("CPL.xml", composition=replace(composition(), absent=absent))
    members = (supplemental, member("pic.mxf"))

    told = of_other_deliveries(members, {"file-0": "it is reel1.mxf of delivery 7, passed"})

    assert absent_from(item.member for item in members) == absent
    assert told[1] == members[1]
    assert told[0].evidence == ()
    first, second, *_, last = told[0].coverage.notes
    assert first.endswith(
        "file-0 was not delivered with it and not examined here: it is reel1.mxf of delivery 7, passed"
    )
    assert second.endswith("which deliveries came before was not asked")
    assert last == "2 more of its track files were not delivered with it nor examined here"
