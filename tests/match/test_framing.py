"""Mattes and shapes are told of the shot that is meant, and against what was registered."""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.fingerprint.describe import WHOLE_FRAME, Region
from scanner.match.evidence import Register
from scanner.model import LookAlike
from tests.fingerprint.painting import HEIGHT, WIDTH, Grey, Homography, boxed, colour, placed, textured, turned, warped
from tests.match.finding import found_in, look_alikes, prints_of, register
from tests.media.making import encode

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
PICTURE, DARK = textured(77), textured(78)
BLACK = np.zeros_like(PICTURE)
FLOPPED: Homography = np.array([[-1.0, 0, WIDTH - 1], [0, 1, 0], [0, 0, 1]])
DARK[:, :60] = np.minimum(DARK[:, :60], np.linspace(0, 90, 60)[None]).astype(np.uint8)
Still = Callable[[Grey], LookAlike]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("framing")


@pytest.fixture(scope="module")
def known(folder: Path) -> Register:
    """A still, one whose left edge is dark, and one that is letterboxed as it is."""
    pictures = {"still": PICTURE, "dark": DARK, "boxed": boxed(textured(79), y=46)}
    made = {}
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")
        made[name] = prints_of(folder / f"{name}.png")
    return register(made)


@pytest.fixture(scope="module")
def still(folder: Path, known: Register) -> Still:
    def found(picture: Grey) -> LookAlike:
        Image.fromarray(picture).save(folder / "delivered.png")
        (only,) = look_alikes(found_in(folder / "delivered.png", known))
        return only

    return found


def resized(picture: Grey, width: int, height: int) -> Grey:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def numbers(words: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", words)]


def test_mattes_are_those_of_the_shot_and_not_of_the_file(folder: Path, known: Register) -> None:
    window = warped(PICTURE, placed(0.75, 80, 45), BLACK)
    between = [boxed(textured(seed), x=60) for seed in (500, 501, 502)]
    shots = [each for pair in zip(between, (PICTURE, boxed(PICTURE, y=46), window), strict=True) for each in pair]
    frames = np.concatenate([colour(np.stack([picture] * 12)) for picture in shots])

    found = look_alikes(found_in(encode(folder / "film.mp4", frames, *H264), known, step=4))

    assert [each.transform for each in found] == ["the whole picture", "matted to 2.39", "window-boxed"]
    regions: list[Region] = [WHOLE_FRAME, (0, 46 / HEIGHT, 1, 268 / HEIGHT), (0.125, 0.125, 0.75, 0.75)]
    assert np.allclose([each.region for each in found], regions, atol=0.015)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (resized(PICTURE, 480, 360), "squeezed to 75 % of its proper width"),
        (resized(PICTURE, 203, 360), "squeezed to 32 % of its proper width"),
        (
            warped(PICTURE, placed(1.0, 80, 0, width_scale=0.75), BLACK),
            "squeezed to 75 % of its proper width, pillarboxed",
        ),
        (
            warped(PICTURE, placed(0.75, 0, 45, width_scale=1.0), BLACK),
            "stretched to 133 % of its proper width, letterboxed",
        ),
        (resized(PICTURE, 320, 180), "the whole picture"),
    ],
)
def test_a_squeeze_that_its_code_does_not_show_is_told(still: Still, picture: Grey, words: str) -> None:
    told = still(picture).transform

    assert re.sub("[0-9]+", "#", told) == re.sub("[0-9]+", "#", words)
    assert np.allclose(numbers(told), numbers(words), atol=1)


def test_mattes_it_was_registered_with_are_not_told(still: Still) -> None:
    found = still(boxed(textured(79), y=46))

    assert (found.transform, found.region) == ("the whole picture", WHOLE_FRAME)


@pytest.mark.parametrize(
    ("place", "words", "region"),
    [
        (turned(180, 1.0), "turned by 180°", WHOLE_FRAME),
        (FLOPPED, "flopped", WHOLE_FRAME),
        (placed(1.5, -120, -60), "punched in to 150 %", WHOLE_FRAME),
        (placed(0.75, 80, 45), "window-boxed", (0.125, 0.125, 0.75, 0.75)),
    ],
)
def test_black_it_was_registered_with_is_told_for_no_matte_wherever_it_goes(
    still: Still, place: Homography, words: str, region: Region
) -> None:
    found = still(warped(boxed(textured(79), y=46), place, BLACK))

    assert found.transform == words
    assert np.allclose(found.region, region, atol=0.02)


def test_a_dark_edge_is_no_matte(still: Still) -> None:
    found = still(boxed(DARK, y=46))

    assert found.transform == "matted to 2.39"
    assert np.allclose(found.region, (0, 46 / HEIGHT, 1, 268 / HEIGHT), atol=0.015)


def test_a_vignette_is_no_matte(still: Still) -> None:
    light = np.clip(np.linspace(1.5, 0, WIDTH), 0, 1)[None]

    found = still((PICTURE * light).astype(np.uint8))

    assert (found.transform, found.region[2]) == ("the whole picture", pytest.approx(1, abs=0.01))
