"""Markers lie at the file's own timecode, at every rate that pictures are counted by, and hostile names stay text."""

import re
from dataclasses import fields
from fractions import Fraction

import pytest

from scanner.errors import NothingToMarkError
from scanner.media.timecode import shown
from scanner.model import DeliveryRecord, PictureTrack, Stage
from scanner.report.disclosure import Disclosed, DisclosureMap, disclosure_csv
from scanner.report.markers import FORMATS, markers

from .samples import HOSTILE, delivery, member, verdict

IN = Fraction(2002)
RATES = [
    (Fraction(24000, 1001), "01:00:00:00"),
    (Fraction(24), "01:00:00:00"),
    (Fraction(25), "10:00:00:00"),
    (Fraction(30000, 1001), "01:00:00:00"),
    (Fraction(30000, 1001), "01:00:00;00"),
    (Fraction(60000, 1001), "00:59:58;00"),
]


def row(rate: Fraction, start: str, name: str, **given: object) -> Disclosed:
    values: dict[str, object] = dict.fromkeys(field.name for field in fields(Disclosed))
    values |= {"member": name, "track": "picture", "consents": (), "jurisdictions": (), "is_settled": True}
    values |= {"record_id": "PR-1", "approval": "ESC-7", "ground": "approved: ESC-7", "seconds_in": IN}
    values |= {"seconds_out": IN + 2, "timecode_in": shown(IN, rate, start), "timecode_out": shown(IN + 2, rate, start)}
    return Disclosed(**(values | given))  # type: ignore[arg-type]


def mapped(
    rate: Fraction = Fraction(24), start: str = "01:00:00:00", name: str = "a.mov", **given: object
) -> DisclosureMap:
    track = PictureTrack(codec="prores", width=2, height=2, frame_rate=rate, start_timecode=start)
    record = DeliveryRecord(
        delivery=delivery(name, member(name)), stage=Stage.CARRIED_OUT, place="cleared", verdict=verdict()
    )
    rows = (row(rate, start, name, **given),)
    return DisclosureMap(record=record, rows=rows, tracks={name: track}, durations={name: Fraction(3000)})


@pytest.mark.parametrize(("rate", "start"), RATES)
def test_locators_have_the_files_own_timecode(rate: Fraction, start: str) -> None:
    (line,) = [line for line in markers(mapped(rate, start), "edl").splitlines() if "LOC:" in line]

    assert line.split()[2] == shown(IN, rate, start)


@pytest.mark.parametrize(("rate", "start"), RATES)
def test_fcpxml_says_how_long_a_frame_is(rate: Fraction, start: str) -> None:
    (said,) = re.findall(r'frameDuration="([0-9/]+)s"', markers(mapped(rate, start), "fcpxml"))

    assert Fraction(said) == 1 / rate


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_are_only_text(form: str) -> None:
    text = markers(mapped(name=HOSTILE, asset=HOSTILE, tool="=cmd()\t\n\x1b[31m"), form)

    assert "\x1b" not in text
    if form == "fcpxml":
        assert "<script>" not in text
    if form == "avid":
        assert len(text.splitlines()) == 1


def test_a_spreadsheet_takes_nothing_for_a_formula() -> None:
    text = disclosure_csv(mapped(tool="=cmd()", asset="@SUM(A1)", credit="-1"))

    assert all(f"'{each}" in text for each in ("=cmd()", "@SUM(A1)", "-1"))


def test_several_files_must_be_named_one_by_one() -> None:
    one, other = mapped(), mapped(name="b.mov")
    both = DisclosureMap(
        record=one.record, rows=one.rows + other.rows, tracks={**one.tracks, **other.tracks}, durations={}
    )

    with pytest.raises(NothingToMarkError, match=r"a\.mov, b\.mov"):
        markers(both, "edl")
    assert "b.mov" in markers(both, "edl", member="b.mov")
