"""The scanner says of every sample delivery what `expected.toml` says: outcome, codes, and where."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from scanner.model import Asset, DropClass, Finding, Heard, LookAlike
from scanner.pipeline import scan
from scanner.report.scanned import Scanned
from scanner.studio import Studio

from .studio import DELIVERIES, EXPECTED, TITLE, Home

CASES = EXPECTED["deliveries"]
Case = dict[str, Any]


def name_of(case: Case) -> str:
    return f"{case['path']}-{case.get('drop_class', 'final')}"


SEGMENTS = [pytest.param(case, segment, id=f"{name_of(case)}-{segment['asset']}")
            for case in CASES for segment in case.get("segments", [])]  # fmt: skip
TIMED = [param for param in SEGMENTS if "seconds_in" in param.values[1]]  # type: ignore[operator]


@pytest.fixture(scope="module")
def studio(filled_home: Home) -> Iterator[Studio]:
    with Studio.open(filled_home.settings) as studio:
        yield studio


@pytest.fixture(scope="module")
def scanned(studio: Studio) -> dict[str, Scanned]:
    """Every sample delivery, scanned once."""
    return {
        name_of(case): scan(
            studio,
            DELIVERIES / case["path"],
            title=TITLE,
            drop_class=DropClass(case.get("drop_class", "final")),
        )
        for case in CASES
    }


@pytest.fixture(scope="module")
def assets(studio: Studio) -> dict[str, Asset]:
    """The registered assets by id."""
    return {asset.asset_id: asset for record in studio.kept.records() for asset in record.assets}


def sample_of(finding: Finding, assets: dict[str, Asset]) -> str:
    """What of register/ a finding is about: a sequence is named by its folder there."""
    assert finding.asset is not None
    name = assets[finding.asset.asset_id].name
    return next(sample for sample in EXPECTED["register"] if name.startswith(sample.partition("_element")[0]))


def look_alike(scanned: Scanned, segment: Case, assets: dict[str, Asset]) -> LookAlike:
    """The evidence for a segment: of its asset, and overlapping it."""
    found = [
        finding.evidence
        for finding in scanned.verdict.findings
        if isinstance(finding.evidence, LookAlike) and sample_of(finding, assets) == segment["asset"]
    ]
    assert len(found) == 1, [finding.message for finding in scanned.verdict.findings]
    return found[0]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_sample_delivery_has_the_expected_outcome(case: Case, scanned: dict[str, Scanned]) -> None:
    verdict = scanned[name_of(case)].verdict

    assert verdict.outcome.label == case["outcome"], [finding.message for finding in verdict.findings]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_sample_delivery_has_the_expected_findings(case: Case, scanned: dict[str, Scanned]) -> None:
    findings = scanned[name_of(case)].verdict.findings

    assert sorted({finding.code.value for finding in findings}) == case["codes"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_registered_material_is_found_where_it_is_and_nowhere_else(
    case: Case, scanned: dict[str, Scanned], assets: dict[str, Asset]
) -> None:
    findings = scanned[name_of(case)].verdict.findings
    found = sorted(sample_of(finding, assets) for finding in findings if isinstance(finding.evidence, LookAlike))

    truly = [segment["asset"] for same in CASES if same["path"] == case["path"] for segment in same.get("segments", [])]
    assert found == sorted(truly)


@pytest.mark.parametrize(("case", "segment"), TIMED)
@pytest.mark.parametrize("end", ["in", "out"])
def test_a_segment_begins_and_ends_where_it_truly_does(
    case: Case, segment: Case, end: str, scanned: dict[str, Scanned], assets: dict[str, Asset]
) -> None:
    item = scanned[name_of(case)]
    found = look_alike(item, segment, assets)
    assert found.place is not None
    rate = rate_of(segment)
    off = (getattr(found.place, f"seconds_{end}") - Fraction(segment[f"seconds_{end}"])) * rate

    assert abs(off) <= found.place.accuracy_frames


@pytest.mark.parametrize(("case", "segment"), TIMED)
@pytest.mark.parametrize("end", ["in", "out"])
def test_a_segment_is_told_in_the_timecode_of_its_file(
    case: Case, segment: Case, end: str, scanned: dict[str, Scanned], assets: dict[str, Asset]
) -> None:
    found = look_alike(scanned[name_of(case)], segment, assets)
    assert found.place is not None
    told = frames(getattr(found.place, f"timecode_{end}")) - frames(segment[f"timecode_{end}"])

    assert abs(told) <= found.place.accuracy_frames


@pytest.mark.parametrize(("case", "segment"), [param for param in TIMED if "asset_seconds_in" in param.values[1]])  # type: ignore[operator]
@pytest.mark.parametrize("end", ["in", "out"])
def test_a_segment_names_the_part_of_the_asset_that_it_shows(
    case: Case, segment: Case, end: str, scanned: dict[str, Scanned], assets: dict[str, Asset]
) -> None:
    found = look_alike(scanned[name_of(case)], segment, assets)
    assert found.place is not None
    off = getattr(found, f"asset_seconds_{end}") - Fraction(segment[f"asset_seconds_{end}"])

    assert abs(off * rate_of(segment)) <= found.place.accuracy_frames + 1


SOUNDS = [pytest.param(case, placed, id=f"{name_of(case)}-{placed['asset']}")
          for case in CASES for placed in case.get("sounds", [])]  # fmt: skip


@pytest.mark.parametrize(("case", "placed"), SOUNDS)
def test_a_registered_sound_is_heard_where_it_is(
    case: Case, placed: Case, scanned: dict[str, Scanned], assets: dict[str, Asset]
) -> None:
    findings = scanned[name_of(case)].verdict.findings
    (finding,) = [finding for finding in findings if isinstance(finding.evidence, Heard)]
    heard = finding.evidence
    assert isinstance(heard, Heard)

    assert sample_of(finding, assets) == placed["asset"]
    assert heard.place.seconds_in == pytest.approx(float(Fraction(placed["seconds_in"])), abs=0.25)
    assert heard.place.seconds_out == pytest.approx(float(Fraction(placed["seconds_out"])), abs=0.25)


def rate_of(segment: Case) -> Fraction:
    """The frame rate that the two ends of a segment are told in."""
    seconds = Fraction(segment["seconds_out"]) - Fraction(segment["seconds_in"])
    return (frames(segment["timecode_out"]) - frames(segment["timecode_in"])) / seconds


def frames(timecode: str) -> int:
    """A timecode of the samples as frames at 24 a second; none of them drops numbers."""
    hours, minutes, seconds, frame = map(int, timecode.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 24 + frame
