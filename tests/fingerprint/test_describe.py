"""What was done to a registered picture, in words, and where it is, for places known to the pixel."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.fingerprint.agree import Agreement, Picture, agreement
from scanner.fingerprint.describe import WHOLE_FRAME, Described, Region, boxed, described
from scanner.fingerprint.geometry import corners
from scanner.fingerprint.hidden import hidden_at
from scanner.fingerprint.seen import Grid

from .painting import HEIGHT, WIDTH, Grey, Homography, onto, placed, textured, turned, warped
from .painting import boxed as barred

PICTURE, OTHER = textured(77), textured(500)
WALL = onto([(150, 80), (450, 110), (440, 290), (160, 310)])


def told(
    delivered: Grey, place: Homography, *, active: Region = WHOLE_FRAME, mirrored: bool = False, picture: Grey = PICTURE
) -> Described:
    """What is said of a picture found at a place (its pixels decide where exactly)."""
    shown = np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture
    found = agreement(Picture(delivered), Picture(shown), place)
    assert found is not None
    sizes = ((each.shape[1], each.shape[0]) for each in (picture, delivered))
    return described(found, registered=next(sizes), delivered=next(sizes), active=active, mirrored=mirrored)


WORDS = {
    "the whole picture": placed(1.0),
    "punched in to 133 %": placed(1.333, -150, -40),
    "punched in to 200 %": placed(2.0, -400, -200),
    "inset, 30 % of the frame's width": placed(0.3, 100, 60),
    "inset, 50 % of the frame's width": placed(0.5, 300, 20),
    "inset, 34 % of the frame's width, cut by the frame's edge": placed(0.5, -102, 60),
    "punched in to 110 %, turned 3.0° clockwise": turned(3, 1.1),
    "punched in to 140 %, turned 10.0° anticlockwise": turned(-10, 1.4),
    "inset, 47 % of the frame's width, in perspective": WALL,
    "inset, 75 % of the frame's width, squeezed to 75 % of its proper width": placed(1.0, 80, 0, width_scale=0.75),
    "stretched to 133 % of its proper width": placed(1.0, -100, 0, width_scale=1.333),
    "turned by 180°": turned(180, 1.0),
    "punched in to 140 %, turned by 180°": turned(180, 1.4),
    "inset, 32 % of the frame's width, turned 90° clockwise": turned(90, 0.5625),
}


def nearly(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"[0-9.]+", words)]


@pytest.mark.parametrize("words", WORDS)
def test_the_words_for(words: str) -> None:
    said = told(warped(PICTURE, WORDS[words], OTHER), WORDS[words]).words

    assert re.sub(r"[0-9.]+", "#", said) == re.sub(r"[0-9.]+", "#", words)
    assert np.allclose(nearly(said), nearly(words), rtol=0.02, atol=0.2)


@pytest.mark.parametrize("words", WORDS)
def test_the_polygon_is_where_the_picture_is_seen(words: str) -> None:
    place = WORDS[words]

    found = told(warped(PICTURE, place, OTHER), place)

    quad = corners(place, (float(WIDTH), float(HEIGHT))) / (WIDTH, HEIGHT)
    low, high = np.clip(quad.min(axis=0), 0, 1), np.clip(quad.max(axis=0), 0, 1)
    assert np.allclose(np.min(found.polygon, axis=0), low, atol=0.01)
    assert np.allclose(np.max(found.polygon, axis=0), high, atol=0.01)
    assert np.allclose(found.region, (*low, *(high - low)), atol=0.02)


def test_the_polygon_of_a_picture_on_a_wall_has_its_four_corners() -> None:
    found = told(warped(PICTURE, WALL, OTHER), WALL)

    quad = corners(WALL, (float(WIDTH), float(HEIGHT))) / (WIDTH, HEIGHT)
    assert np.allclose(sorted(found.polygon), sorted(map(tuple, quad)), atol=0.01)


def test_a_flopped_picture_is_told() -> None:
    found = told(np.ascontiguousarray(PICTURE[:, ::-1]), placed(1.0), mirrored=True)

    assert found.words == "flopped"


def test_flopped_and_punched_in_are_both_told() -> None:
    frame = warped(np.ascontiguousarray(PICTURE[:, ::-1]), placed(1.5, -100, -50), OTHER)

    assert told(frame, placed(1.5, -100, -50), mirrored=True).words == "flopped, punched in to 150 %"


@pytest.mark.parametrize(
    ("angle", "scale", "words"),
    [
        (180, 1.0, "flipped top to bottom"),
        (180, 1.4, "flipped top to bottom, punched in to 140 %"),
        (-170, 1.4, "flipped top to bottom, punched in to 140 %, turned 10.0° clockwise"),
    ],
)
def test_flopped_and_upside_down_is_flipped(angle: float, scale: float, words: str) -> None:
    place = turned(angle, scale)

    said = told(warped(np.ascontiguousarray(PICTURE[:, ::-1]), place, OTHER), place, mirrored=True).words

    assert re.sub(r"[0-9.]+", "#", said) == re.sub(r"[0-9.]+", "#", words)
    assert np.allclose(nearly(said), nearly(words), rtol=0.02, atol=0.2)


@pytest.mark.parametrize("angle", [5, -15, 15])
def test_turning_leaves_corners_and_makes_no_inset(angle: float) -> None:
    said = told(warped(PICTURE, turned(angle, 1.0), np.zeros_like(PICTURE)), turned(angle, 1.0)).words

    assert re.fullmatch(rf"turned {abs(angle)}\.[01]° {'anti' * (angle < 0)}clockwise", said)


def test_what_is_covered_on_both_sides_is_not_part_of_the_place() -> None:
    frame = OTHER.copy()
    frame[:, 219:421] = PICTURE[:, 219:421]

    found = told(frame, placed(1.0))

    assert found.words == f"about {found.covered * 100:.0f} % of it covered or changed on both sides"
    assert abs(found.covered - 0.68) < 0.06
    assert np.allclose(found.region, (219 / WIDTH, 0, 202 / WIDTH, 1), atol=0.05)


def test_what_was_cropped_before_it_was_inset_is_not_part_of_the_place() -> None:
    cut = np.zeros_like(PICTURE)
    cut[:, 160:480] = 255
    place = placed(0.6, 200, 70)
    frame = np.where(warped(cut, place, np.zeros_like(OTHER)) > 127, warped(PICTURE, place, OTHER), OTHER)

    found = told(frame.astype(np.uint8), place)

    assert re.fullmatch(r"inset, [0-9]+ % of the frame's width, cropped to about [0-9]+ % of it", found.words)
    assert np.allclose(nearly(found.words), (30, 50), atol=5)
    assert np.allclose(found.region, (296 / WIDTH, 70 / HEIGHT, 0.3, 0.6), atol=0.04)


def test_a_matte_covers_nothing() -> None:
    found = told(barred(PICTURE, y=90), placed(1.0), active=(0.0, 0.25, 1.0, 0.5))

    assert (found.words, found.covered) == ("matted to 3.56", 0)


def test_a_matte_cuts_the_picture_and_its_polygon() -> None:
    active = (0.0, 46 / HEIGHT, 1.0, 268 / HEIGHT)

    found = told(barred(PICTURE, y=46), placed(1.0), active=active)

    assert found.words == "matted to 2.39"
    assert np.allclose(found.region, active, atol=0.01)


def test_pillars_that_cut_it_are_a_matte_too() -> None:
    found = told(barred(PICTURE, x=80), placed(1.0), active=(80 / WIDTH, 0.0, 480 / WIDTH, 1.0))

    assert found.words == "matted to 1.33"


@pytest.mark.parametrize(
    ("place", "active", "words"),
    [
        (placed(0.75, 80, 45), (80 / WIDTH, 45 / HEIGHT, 0.75, 0.75), "window-boxed"),
        (placed(0.75, 0, 45, width_scale=1.0), (0.0, 45 / HEIGHT, 1.0, 0.75), "letterboxed"),
        (placed(1.0, 80, 0, width_scale=0.75), (80 / WIDTH, 0.0, 0.75, 1.0), "pillarboxed"),
    ],
)
def test_a_box_around_the_whole_picture_is_no_matte(place: Homography, active: Region, words: str) -> None:
    found = told(warped(PICTURE, place, np.full_like(PICTURE, 16)), place, active=active)

    assert found.words.split(", ")[-1] == words
    assert np.allclose(found.region, active, atol=0.01)


def test_an_inset_in_a_matted_film_is_an_inset() -> None:
    place = placed(0.3, 100, 100)
    frame = barred(warped(PICTURE, place, OTHER), y=46)

    found = told(frame, place, active=(0.0, 46 / HEIGHT, 1.0, 268 / HEIGHT))

    assert found.words == "inset, 30 % of the frame's width"


@pytest.mark.parametrize("scale", [0.98, 0.99, 1.01, 1.03])
def test_a_size_that_nearly_fills_counts_as_filling(scale: float) -> None:
    place = placed(scale, WIDTH * (1 - scale) / 2, HEIGHT * (1 - scale) / 2)

    assert told(warped(PICTURE, place, OTHER), place).words == "the whole picture"


@pytest.mark.parametrize("size", [(480, 360), (360, 360), (640, 268)])
def test_a_picture_of_another_shape_that_fills_the_frame_is_cropped_to_its_shape(size: tuple[int, int]) -> None:
    width, height = size
    still = textured(78, width=width, height=height)
    canon = WIDTH / width
    filling = max(WIDTH / width, HEIGHT / height)
    place = placed(filling, (WIDTH - width * filling) / 2, (HEIGHT - height * filling) / 2)
    frame = warped(still, place, OTHER)

    found = told(frame, place @ np.diag([1 / canon, 1 / canon, 1.0]), picture=still)

    assert (found.words, found.region) == ("cropped to 1.78:1", WHOLE_FRAME)


def test_what_is_seen_in_the_dark_round_a_picture_is_no_matte() -> None:
    """A fade or a vignette leaves the edges nearly black; codes of luma below 32 count as black."""
    down, across = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    light = np.clip(1.4 - np.maximum(np.abs(down), np.abs(across)) * 1.5, 0.06, 1)
    dark = np.rint(16 + (PICTURE.astype(np.float64) - 16) * light).clip(0, 255).astype(np.uint8)

    found = told(dark, placed(1.0), active=(0.1, 0.1, 0.8, 0.8))

    assert (found.words, found.active) == ("the whole picture", WHOLE_FRAME)


@pytest.mark.parametrize(
    ("quad", "words"),
    [
        ([(0, 0), (640, -14), (640, 374), (0, 360)], "the whole picture"),
        ([(-64, -20), (704, -52), (704, 412), (-64, 380)], "punched in to #"),
        ([(10, 6), (632, -8), (640, 360), (-14, 352)], "the whole picture"),
        ([(-40, -80), (640, 0), (640, 360), (-40, 440)], "punched in to #, in perspective"),
    ],
)
def test_a_camera_that_moved_a_little_makes_no_perspective(quad: list[tuple[float, float]], words: str) -> None:
    """Between the registered frame and the one that was delivered."""
    said = told(warped(PICTURE, onto(quad), OTHER), onto(quad)).words

    assert re.sub("[0-9]+ %", "#", said) == words


def test_black_all_round_a_picture_that_fills_the_frame_does_not_enlarge_it() -> None:
    y, x = HEIGHT // 8, WIDTH // 8
    frame = np.full_like(PICTURE, 16)
    frame[y:-y, x:-x] = PICTURE[y:-y, x:-x]

    assert told(frame, placed(1.0), active=(0.125, 0.125, 0.75, 0.75)).words == "window-boxed"


@pytest.mark.parametrize(
    ("active", "words"),
    [
        ((0.0, 0.0, 2 / 3, 1.0), "black over 33 % at the right"),
        ((0.25, 0.0, 0.75, 1.0), "black over 25 % at the left"),
        ((0.0, 0.0, 1.0, 0.7), "black over 30 % at the bottom"),
        ((0.0, 0.1, 1.0, 0.7), "matted to 2.54"),
    ],
)
def test_black_at_one_side_is_no_matte(active: tuple[float, float, float, float], words: str) -> None:
    x, y, width, height = (round(share * size) for share, size in zip(active, (WIDTH, HEIGHT) * 2, strict=True))
    frame = np.full_like(PICTURE, 16)
    frame[y : y + height, x : x + width] = PICTURE[y : y + height, x : x + width]

    found = told(frame, placed(1.0), active=active)

    assert (found.words, found.covered) == (words, 0)
    assert np.allclose(found.region, active, atol=0.02)


def test_blocks_that_are_half_behind_a_matte_do_not_say_that_there_is_none() -> None:
    """Seen so in a photograph of 8:5: the seventh row is half behind the matte, and half of its blocks agree."""
    cells = np.ones((7, 12), np.int8)
    cells[0], cells[1, :4], cells[6, ::2] = 0, -1, -1
    place = np.array([[1, 0, 0], [0, 1, -20], [0, 0, 1]], np.float64)
    found = Agreement(homography=place, agreeing=54, compared=72, cells=cells, score=40.0)
    active = (0.0, 46 / HEIGHT, 1.0, 268 / HEIGHT)

    said = described(found, registered=(1280, 800), delivered=(1280, 720), active=active, mirrored=False)

    assert (said.words, said.active) == ("matted to 2.39", active)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_what_is_hidden_by_a_matte_is(share: float) -> None:
    y = round(HEIGHT * share)
    active = (0.0, y / HEIGHT, 1.0, 1 - 2 * y / HEIGHT)

    assert told(barred(PICTURE, y=y), placed(1.0), active=active).active == active


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_about_how_much_is_covered_is_told(share: float) -> None:
    covered = PICTURE.copy()
    covered[:, : int(WIDTH * share)] = OTHER[:, : int(WIDTH * share)]

    found = told(covered, placed(1.0))

    assert abs(found.covered - share) < 0.08
    assert found.words == f"about {found.covered * 100:.0f} % of it covered or changed on the left"


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (np.s_[250:, :], "at the bottom"),
        (np.s_[:110, 100:540], "at the top"),
        (np.s_[:200, 390:], "at the top right"),
        (np.s_[90:270, 180:460], "in the middle"),
        (np.s_[120:240, :], "across the middle"),
        (np.r_[0:60, 300:360], "at the top and at the bottom"),
    ],
)
def test_where_it_is_covered_is_told(place: tuple[slice, slice], where: str) -> None:
    covered = PICTURE.copy()
    covered[place] = OTHER[place]

    assert told(covered, placed(1.0)).words.endswith(f"covered or changed {where}")


def test_where_it_is_covered_is_told_of_the_frame_and_not_of_what_was_registered() -> None:
    frame = warped(PICTURE, turned(180, 1.0), OTHER)
    frame[:, :220] = OTHER[:, :220]

    found = told(frame, turned(180, 1.0))

    assert found.words.endswith("covered or changed on the left")


@pytest.mark.parametrize("cells", [np.zeros((0, 0), np.int8), np.full((6, 10), -1, np.int8)])
def test_nothing_is_said_of_where_it_is_covered_when_nothing_of_it_is_in_the_frame(cells: NDArray[np.int8]) -> None:
    grid = Grid(cells=cells, side=60.0)

    assert hidden_at(grid, placed(1.0), np.zeros((0, 2))) == ""


def test_noise_here_and_there_is_no_cover() -> None:
    random = np.random.default_rng(1)
    spotted = PICTURE.copy()
    for x, y in zip(random.integers(0, WIDTH - 30, 12), random.integers(0, HEIGHT - 30, 12), strict=True):
        spotted[y : y + 20, x : x + 20] = 128

    assert told(spotted, placed(1.0)).words == "the whole picture"


@pytest.mark.parametrize(
    ("active", "words"),
    [
        (WHOLE_FRAME, []),
        ((0.0, 0.01, 1.0, 0.98), []),
        ((0.0, 0.13, 1.0, 0.74), ["letterboxed"]),
        ((0.125, 0.0, 0.75, 1.0), ["pillarboxed"]),
        ((0.1, 0.1, 0.8, 0.8), ["window-boxed"]),
    ],
)
def test_what_stands_around_a_picture(active: Region, words: list[str]) -> None:
    assert boxed(active) == words
