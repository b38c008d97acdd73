"""Films scanned with a studio's register, from the file to the verdict: ends to the frame, floods, black films."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.known_good import register_good
from scanner.model import Code, DropClass, Finding, LookAlike, Outcome, Use
from scanner.pipeline import scan
from scanner.registering import Registered, register
from scanner.report import Scanned
from scanner.studio import Studio
from tests.fingerprint.painting import colour, placed, textured, warped
from tests.media.making import Pictures, encode, ffmpeg, shot
from tests.studio import TITLE, new_home

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
WIDTH, HEIGHT = 640, 360
PICTURE, WALL = textured(77), textured(500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scanned")


@pytest.fixture(scope="module")
def studio(folder: Path) -> Iterator[Studio]:
    """A studio that made a clip and a still, and knows a slate to be good."""
    encode(folder / "clip.mp4", shot(78, 48, width=WIDTH, height=HEIGHT), *H264)
    Image.fromarray(PICTURE).save(folder / "still.png")
    Image.fromarray(textured(90)).save(folder / "slate.png")
    with new_home(folder / "studio").open() as opened:
        made = [folder / "clip.mp4", folder / "still.png"]
        told = list(register(opened, *made, title=TITLE, tool="ComfyUI", use=Use.TEMPORARY, by="a test"))
        told += list(register_good(opened, folder / "slate.png", why="our slate", by="a test"))
        assert all(isinstance(each, Registered) for each in told)
        yield opened


def scanned(studio: Studio, path: Path) -> Scanned:
    return scan(studio, path, title=TITLE, drop_class=DropClass.FINAL)


def found(studio: Studio, path: Path) -> list[tuple[Finding, LookAlike]]:
    findings = scanned(studio, path).verdict.findings
    return [(each, each.evidence) for each in findings if isinstance(each.evidence, LookAlike)]


def held(picture: np.ndarray, frames: int) -> Pictures:
    return colour(np.stack([picture] * frames))


def wall(seed: int, frames: int) -> Pictures:
    return shot(seed, frames, width=WIDTH, height=HEIGHT)


INSERTS: dict[str, Pictures] = {
    "a clip": wall(78, 48)[:31],
    "a still": held(PICTURE, 31),
    "a punched-in still": held(warped(PICTURE, placed(1.6, -200, -100), PICTURE), 31),
    "a flopped still": held(np.ascontiguousarray(PICTURE[:, ::-1]), 31),
    "an inset": held(warped(PICTURE, placed(0.4, 300, 40), WALL), 31),
}


@pytest.mark.parametrize("first", [24, 27])
@pytest.mark.parametrize("what", INSERTS)
def test_its_ends_are_told_to_the_frame(studio: Studio, folder: Path, what: str, first: int) -> None:
    film = np.concatenate([wall(1, first), INSERTS[what], wall(2, 24)])

    ((finding, evidence),) = found(studio, encode(folder / "film.mp4", film, *H264))

    assert evidence.place is not None
    place = evidence.place
    assert (place.seconds_in, place.seconds_out) == (Fraction(first, 24), Fraction(first + 31, 24))
    assert place.accuracy_frames == 0
    assert (finding.code, finding.outcome) == (Code.AI_LOOK_ALIKE, Outcome.QUARANTINE)


@pytest.mark.parametrize(("step", "speed"), [(1, 1.0), (-1, -1.0)])
def test_the_part_of_the_asset_goes_with_the_exact_ends(studio: Studio, folder: Path, step: int, speed: float) -> None:
    shown = wall(78, 48)[10:41][::step]

    ((_, evidence),) = found(
        studio, encode(folder / "part.mp4", np.concatenate([wall(1, 27), shown, wall(2, 24)]), *H264)
    )

    assert evidence.speed == speed
    assert abs(evidence.asset_seconds_in * 24 - 10) <= 1.5
    assert abs(evidence.asset_seconds_out * 24 - 40) <= 1.5


def test_a_clip_that_turns_back_leaves_nothing_open(studio: Studio, folder: Path) -> None:
    there = wall(78, 48)[:40]
    film = np.concatenate([wall(1, 27), there, there[::-1], wall(2, 24)])

    (_, one), (_, other) = found(studio, encode(folder / "back.mp4", film, *H264))

    assert (one.speed, other.speed) == (1.0, -1.0)
    assert one.place is not None
    assert other.place is not None
    assert one.place.seconds_out == other.place.seconds_in
    assert float(one.place.seconds_out) == pytest.approx(67 / 24, abs=2 / 24)
    assert (one.place.seconds_in, other.place.seconds_out) == (Fraction(27, 24), Fraction(107, 24))


def test_a_clip_that_stops_and_goes_on_is_one_find_with_its_part_of_the_asset(studio: Studio, folder: Path) -> None:
    clip = wall(78, 48)
    shown = np.concatenate([clip[:20], np.repeat(clip[19:20], 20, axis=0), clip[20:40]])

    ((_, evidence),) = found(
        studio, encode(folder / "stops.mp4", np.concatenate([wall(1, 27), shown, wall(2, 24)]), *H264)
    )

    assert "at its own speed, then one frame of it held, then at its own speed" in evidence.transform
    assert evidence.place is not None
    assert (evidence.place.seconds_in, evidence.place.seconds_out) == (Fraction(27, 24), Fraction(87, 24))
    assert float(evidence.asset_seconds_in) == pytest.approx(0, abs=2 / 24)
    assert float(evidence.asset_seconds_out) == pytest.approx(39 / 24, abs=2 / 24)


def test_an_inset_that_appears_within_a_shot_has_its_ends_to_the_frame_too(studio: Studio, folder: Path) -> None:
    quiet, inset = held(WALL, 27), held(warped(PICTURE, placed(0.4, 300, 40), WALL), 30)

    ((_, evidence),) = found(studio, encode(folder / "quiet.mp4", np.concatenate([quiet, inset, quiet]), *H264))

    assert evidence.place is not None
    assert (evidence.place.seconds_in * 24, evidence.place.seconds_out * 24) == (27, 57)


@pytest.mark.parametrize(
    ("blur", "code", "outcome"),
    [(12, Code.AI_LOOK_ALIKE_EVERYWHERE, Outcome.FLAG), (0.1, Code.AI_LOOK_ALIKE, Outcome.QUARANTINE)],
)
def test_a_vague_likeness_that_floods_a_film_is_put_before_a_person_a_clear_one_blocks(
    blur: float, code: Code, outcome: Outcome, studio: Studio, folder: Path
) -> None:
    few = replace(studio.policy, flood_places=3)
    studio.policy, usual = few, studio.policy
    shown = held(cv2.GaussianBlur(PICTURE, (0, 0), blur), 18)
    parts = [part for seed in (3, 4, 5) for part in (wall(seed, 18), shown)]

    verdict = scanned(studio, encode(folder / "flood.mp4", np.concatenate(parts), *H264)).verdict
    studio.policy = usual

    assert {finding.code for finding in verdict.findings} == {code}
    assert verdict.outcome is outcome


@pytest.mark.parametrize("source", ["color=black", "color=white", "color=0x203040"])
def test_a_film_that_shows_nothing_is_not_clean(studio: Studio, folder: Path, source: str) -> None:
    path = folder / "nothing.mp4"
    ffmpeg("-f", "lavfi", "-i", f"{source}:size=320x180:rate=24", "-t", "2", *H264, path)

    verdict = scanned(studio, path).verdict

    assert [finding.code for finding in verdict.findings] == [Code.NOT_INFORMATIVE]
    assert verdict.outcome is Outcome.FLAG


def test_a_picture_known_to_be_good_is_cleared(studio: Studio, folder: Path) -> None:
    film = np.concatenate([held(textured(90), 24), wall(6, 24)])

    verdict = scanned(studio, encode(folder / "slate.mp4", film, *H264)).verdict

    assert (verdict.outcome, verdict.findings) == (Outcome.PASS, ())


def test_a_film_of_other_pictures_is_cleared(studio: Studio, folder: Path) -> None:
    film = np.concatenate([held(textured(seed), 12) for seed in range(700, 708)])

    verdict = scanned(studio, encode(folder / "other.mp4", film, *H264)).verdict

    assert (verdict.outcome, verdict.findings) == (Outcome.PASS, ())
