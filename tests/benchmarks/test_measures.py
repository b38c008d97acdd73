"""What the matcher's benchmarks measure with: truth of places and words, planted pieces, the tail of scores."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks import report
from benchmarks.reels import TREATMENTS
from benchmarks.segments import Planted, compared, is_right
from benchmarks.tail import exceedances, tail_of
from benchmarks.transforms import HEIGHT, ORDINARY, WIDTH, Picture, pairs
from benchmarks.truth import overlap, said, truth
from scanner.model import AssetRef, LookAlike, Place

ROOT = Path(__file__).parents[2]
WIDE = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
SQUARE = np.zeros((800, 800, 3), np.uint8)


def look_alike(
    first: int = 0, after: int = 24, region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
) -> LookAlike:
    """A clip seen in these frames of a programme of 24 a second, in this part of the frame."""
    place = Place(
        seconds_in=Fraction(first, 24),
        seconds_out=Fraction(after, 24),
        timecode_in="",
        timecode_out="",
        accuracy_frames=0,
    )
    return LookAlike(
        asset=AssetRef(asset_id="a", record_id="r", name="clip"),
        place=place,
        asset_seconds_in=Fraction(0),
        asset_seconds_out=Fraction(1),
        best_seconds=Fraction(0),
        best_asset_seconds=Fraction(0),
        frames=1,
        distance=None,
        quality=100,
        region=region,
        transform="",
    )


def placed(name: str, picture: Picture) -> np.ndarray:
    """Where the truth says that a picture is after a transform."""
    there = truth(
        {**ORDINARY, **{pair.name: pair for pair in pairs()}}[name].apply(picture, np.random.default_rng(1), [])
    )
    assert there is not None
    return there


PIECE = Planted(asset="clip", treatment="flopped", codec="H.264", first=100, after=148)


@pytest.mark.parametrize("name", ["grade", "flop", "crop 50 %", "rotation 3"])
@pytest.mark.parametrize("picture", [WIDE, SQUARE])
def test_a_picture_that_fills_the_frame_is_everywhere(name: str, picture: Picture) -> None:
    assert overlap(look_alike(), placed(name, picture)) == pytest.approx(1, abs=0.01)


def test_a_matte_hides_what_is_behind_it() -> None:
    band = 16 / 9 / 2.39

    assert overlap(look_alike(region=(0, (1 - band) / 2, 1, band)), placed("matte 2.39", WIDE)) > 0.99
    assert overlap(look_alike(), placed("matte 2.39", WIDE)) == pytest.approx(band, abs=0.01)


@pytest.mark.parametrize("picture", [WIDE, SQUARE], ids=["wide", "square"])
def test_an_inset_is_a_quarter_of_the_frame_and_shows_what_fitted_it(picture: Picture) -> None:
    assert overlap(look_alike(), placed("inset 50 %", picture)) == pytest.approx(0.25, abs=0.01)


def test_what_was_cut_off_before_is_not_seen_in_an_inset() -> None:
    assert overlap(look_alike(), placed("crop 75 %, inset 30 %", WIDE)) == pytest.approx(0.09, abs=0.005)
    assert overlap(look_alike(), placed("matte 2.39, inset 50 %", WIDE)) == pytest.approx(
        0.25 * 16 / 9 / 2.39, abs=0.01
    )


@pytest.mark.parametrize(
    ("transform", "words", "right"),
    [
        ("flop", "flopped", True),
        ("flop", "the whole picture", False),
        ("grade", "the whole picture", True),
        ("grade", "flopped", False),
        ("flop+crop 50 %", "flopped, punched in to 200 %", True),
        ("crop+grade+titles", "punched in to 133 %, about 30 % of it covered", False),
        ("rotation 3", "punched in to 109 %, turned 3.0° clockwise", True),
        ("grade", "cropped to 1.78:1", False),
        ("crop 50 %, inset 30 %", "inset, 30 % of the frame's width, cropped to about 25 % of it", True),
        ("inset 30 %", "inset, 30 % of the frame's width, cropped to about 60 % of it", False),
    ],
)
def test_what_was_done_must_be_named_and_nothing_else(transform: str, words: str, right: bool) -> None:  # noqa: FBT001
    assert said(transform, words, WIDE) is right


def test_a_picture_of_another_shape_was_cut_to_the_frame() -> None:
    assert said("grade", "cropped to 1.78:1", SQUARE)


def test_errors_of_the_ends_are_told_in_frames() -> None:
    found = compared(PIECE, [look_alike(99, 150)])

    assert (found.in_error, found.out_error) == (-1, 2)


def test_a_look_alike_elsewhere_finds_nothing() -> None:
    assert not compared(PIECE, [look_alike(148, 160)]).found


@pytest.mark.parametrize(("first", "after", "right"), [(100, 148, True), (76, 124, True), (60, 110, False)])
def test_half_of_what_is_told_must_be_true(first: int, after: int, right: bool) -> None:  # noqa: FBT001
    assert is_right(look_alike(first, after), [PIECE]) is right


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("untouched", [5, 6, 7, 8]),
        ("double speed", [5, 7, 9, 11]),
        ("half speed", [5, 5, 6, 6]),
        ("reversed", [8, 7, 6, 5]),
        ("one frame held", [5, 5, 5, 5]),
    ],
)
def test_speed_says_which_frames_are_shown(name: str, frames: list[int]) -> None:
    (treatment,) = [each for each in TREATMENTS if each.name == name]

    assert [treatment.source(5, place, 4) for place in range(4)] == frames


def test_the_tail_of_chance_is_found_again() -> None:
    scores = np.random.default_rng(0).exponential(0.5, 4_000)

    assert tail_of(list(scores)).slope == pytest.approx(2.0, rel=0.2)
    (row,) = exceedances(list(scores), [4.0], 2.0)
    assert row.an_hour == pytest.approx(4_000 * np.exp(-8) / 2, rel=1.0)


def test_what_is_not_measured_again_stays_in_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    monkeypatch.setattr(report, "RESULTS", tmp_path)

    assert "\n".join(report.document(before)).split() == before.split()
