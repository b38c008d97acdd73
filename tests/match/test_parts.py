"""Registered pictures are found in parts of delivered frames, with where, how and how surely; others are not."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scanner.match.evidence import Register, evidence_of
from scanner.model import LookAlike
from tests.fingerprint.painting import HEIGHT, WIDTH, Grey, colour, onto, panned, placed, textured, turned, warped
from tests.match.finding import POLICY, Prints, examined, found_in, look_alikes, member_of, prints_of, register
from tests.media.making import encode, ffmpeg, job

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
STILL, CLIP, OTHER = 77, 78, 500
PICTURE = textured(STILL)
Frames = NDArray[np.uint8]
Film = Callable[..., list[LookAlike]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parts")


@pytest.fixture(scope="module")
def prints(folder: Path) -> dict[str, Prints]:
    """The fingerprints of a still, of a clip of two seconds, and of four other stills."""
    made = {"clip": prints_of(encode(folder / "clip.mp4", panned(CLIP, 48), *H264))}
    for name, seed in (("still", STILL), ("a", 81), ("b", 82), ("c", 83), ("d", 84)):
        Image.fromarray(textured(seed)).save(folder / f"{name}.png")
        made[name] = prints_of(folder / f"{name}.png")
    return made


@pytest.fixture(scope="module")
def known(prints: dict[str, Prints]) -> Register:
    return register(prints)


@pytest.fixture(scope="module")
def film(folder: Path, known: Register) -> Film:
    """What is found in these frames, encoded as a film."""

    def found(*shots: Frames, register: Register = known) -> list[LookAlike]:
        path = encode(folder / "film.mp4", np.concatenate(shots), *H264)
        return look_alikes(found_in(path, register))

    return found


def held(picture: Grey, frames: int = 24) -> Frames:
    return colour(np.stack([picture] * frames))


def before(seed: int = OTHER, frames: int = 24) -> Frames:
    return panned(seed, frames)


def grained(picture: Grey) -> Grey:
    noise = np.random.default_rng(1).normal(0, 8, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def subtitled(picture: Grey) -> Grey:
    out = picture.copy()
    cv2.putText(out, "I never said that he was there.", (60, 330), cv2.FONT_HERSHEY_DUPLEX, 0.9, 255, 2, cv2.LINE_AA)
    return out


def covered(picture: Grey, share: float) -> Grey:
    out = picture.copy()
    out[:, : int(WIDTH * share)] = textured(OTHER + 1)[:, : int(WIDTH * share)]
    return out


DONE = {
    "punched in to 150 %": warped(PICTURE, placed(1.5, -200, -60), PICTURE),
    "punched in to 200 %": warped(PICTURE, placed(2.0, -500, -260), PICTURE),
    "flopped": np.ascontiguousarray(PICTURE[:, ::-1]),
    "inset, 30 % of the frame's width": warped(PICTURE, placed(0.3, 380, 40), textured(OTHER)),
    "inset, 50 % of the frame's width": warped(PICTURE, placed(0.5, 40, 150), textured(OTHER)),
    "punched in to 115 %, turned 4.0° clockwise": warped(PICTURE, turned(4, 1.15), PICTURE),
    "in perspective": warped(PICTURE, onto([(150, 80), (450, 110), (440, 290), (160, 310)]), textured(OTHER)),
    "% of it covered": covered(PICTURE, 0.5),
    "punched in to 133 %": grained(subtitled(warped(PICTURE, placed(1.333, -100, -50), PICTURE))),
}


MOVED = {
    "moved 20 % to the right and 20 % down": (0.2, 0.2),
    "moved 15 % to the left": (-0.15, 0),
    "moved 10 % up": (0, -0.1),
}


@pytest.mark.parametrize("words", MOVED)
def test_a_picture_that_was_moved_leaves_black_behind(film: Film, words: str) -> None:
    across, down = MOVED[words]
    black = np.full_like(PICTURE, 16)
    moved = warped(PICTURE, placed(1.0, across * WIDTH, down * HEIGHT), black)

    (found,) = film(before(), held(moved), before(OTHER + 2))

    assert (found.asset.name, found.transform) == ("still", words)
    assert np.allclose(found.region[2:], (1 - abs(across), 1 - abs(down)), atol=0.02)


@pytest.mark.parametrize("words", DONE)
def test_a_still_is_found_and_what_was_done_is_told(film: Film, words: str) -> None:
    (found,) = film(before(), held(DONE[words]), before(OTHER + 2))

    assert found.asset.name == "still"
    assert words in found.transform
    assert found.blocks_agreeing >= 0.4 * found.blocks_compared > 0


def test_an_inset_is_told_with_its_polygon_and_region(film: Film) -> None:
    (found,) = film(before(), held(DONE["inset, 30 % of the frame's width"]))

    corners = [(380 / WIDTH, 40 / HEIGHT), (380 / WIDTH + 0.3, 40 / HEIGHT + 0.3)]
    assert np.allclose(np.min(found.polygon, axis=0), corners[0], atol=0.01)
    assert np.allclose(np.max(found.polygon, axis=0), corners[1], atol=0.01)
    assert np.allclose(found.region, (*corners[0], 0.3, 0.3), atol=0.01)


def test_how_much_is_covered_is_a_figure_too(film: Film) -> None:
    (found,) = film(before(), held(DONE["% of it covered"]))

    assert found.covered == pytest.approx(0.5, abs=0.1)


def test_the_untouched_picture_is_the_whole_picture(film: Film) -> None:
    (found,) = film(before(), held(PICTURE), before(OTHER + 2))

    assert (found.transform, found.polygon) == ("the whole picture", ())
    assert found.distance is not None
    assert found.distance <= 16


def test_a_moving_shot_that_was_left_as_it_is_is_the_whole_picture(film: Film) -> None:
    (found,) = film(before(), panned(CLIP, 48), before(OTHER + 2))

    assert (found.asset.name, found.transform) == ("clip", "the whole picture")


def test_a_moving_shot_that_was_flopped_is_flopped(film: Film) -> None:
    (found,) = film(before(), np.ascontiguousarray(panned(CLIP, 48)[:, :, ::-1]), before(OTHER + 2))

    assert found.asset.name == "clip"
    assert found.transform.startswith("flopped")


def test_it_is_found_in_its_place(film: Film) -> None:
    (found,) = film(before(), held(DONE["inset, 50 % of the frame's width"]), before(OTHER + 2))
    assert found.place is not None

    assert abs(found.place.seconds_in - 1) <= 5 / 24
    assert abs(found.place.seconds_out - 2) <= 5 / 24


def test_two_assets_in_one_frame_are_both_found(film: Film) -> None:
    first = warped(PICTURE, placed(0.45, 20, 20), textured(OTHER))
    both = warped(textured(81), placed(0.45, 330, 170), first)

    found = film(before(), held(both))

    assert {each.asset.name for each in found} == {"still", "a"}
    assert all("inset, 45 %" in each.transform for each in found)


def test_one_asset_in_three_places_is_found_three_times(film: Film) -> None:
    inset, flopped = DONE["inset, 50 % of the frame's width"], DONE["flopped"]

    found = film(before(1), held(inset, 12), before(2), held(PICTURE, 12), before(3), held(flopped, 12), before(4))

    assert [each.asset.name for each in found] == ["still"] * 3
    places = sorted(each.place.seconds_in for each in found if each.place is not None)
    assert np.allclose([float(seconds) for seconds in places], [1, 2.5, 4], atol=5 / 24)


def test_a_quiet_shot_between_two_places_belongs_to_neither(film: Film) -> None:
    flopped, quiet = held(DONE["flopped"], 12), np.stack([before(2)[0]] * 36)

    found = film(before(1), flopped, quiet, flopped, before(3))

    places = [(float(each.place.seconds_in), float(each.place.seconds_out)) for each in found if each.place is not None]
    assert np.allclose(sorted(places), [(1, 1.5), (3, 3.5)], atol=6 / 24)


def test_an_inset_in_a_still_is_found(folder: Path, known: Register) -> None:
    Image.fromarray(DONE["inset, 30 % of the frame's width"]).save(folder / "artwork.png")

    (found,) = look_alikes(found_in(folder / "artwork.png", known))

    assert (found.asset.name, found.place) == ("still", None)
    assert "inset, 30 %" in found.transform


# --- what is known to be good


def test_a_picture_known_to_be_good_does_not_alarm(film: Film, prints: dict[str, Prints]) -> None:
    slate = register({name: prints[name] for name in ("still", "a")}, good=["still"])

    assert film(before(), held(PICTURE), held(DONE["inset, 50 % of the frame's width"]), register=slate) == []


def test_ai_material_that_looks_like_a_good_picture_is_explained_by_it(
    folder: Path, film: Film, prints: dict[str, Prints]
) -> None:
    Image.fromarray(subtitled(PICTURE)).save(folder / "like.png")
    both = register({"good": prints["still"], "ai": prints_of(folder / "like.png")}, good=["good"])

    assert film(before(), held(PICTURE), register=both) == []


def test_a_good_picture_does_not_hide_ai_material_that_is_closer(
    folder: Path, film: Film, prints: dict[str, Prints]
) -> None:
    Image.fromarray(covered(PICTURE, 0.4)).save(folder / "closer.png")
    both = register({"good": prints["still"], "ai": prints_of(folder / "closer.png")}, good=["good"])

    assert {found.asset.name for found in film(before(), held(covered(PICTURE, 0.4)), register=both)} == {"ai"}


# --- what must not be found


def interview(seed: int) -> Frames:
    """A face that moves a little before a soft background: most of the frame never changes."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    wide, high, apart = np.random.default_rng(seed).uniform((55, 80, 20), (90, 120, 36))
    behind = np.asarray(cv2.GaussianBlur(textured(seed), (0, 0), 12), np.float64)
    skin = np.asarray(cv2.GaussianBlur(textured(seed + 1000), (0, 0), 2), np.float64) / 128
    frames = []
    for number in range(24):
        x = 320 + 6 * np.sin(number / 4)
        head = 110 * skin * np.exp(-(((columns - x) / wide) ** 2 + ((rows - 170) / high) ** 2))
        eyes = 60 * sum(np.exp(-(((columns - x - o) / 9) ** 2 + ((rows - 150) / 6) ** 2)) for o in (-apart, apart))
        frames.append(np.clip(behind * 0.5 + head - eyes + 20, 0, 255).astype(np.uint8))
    return colour(np.stack(frames))


def night(seed: int) -> Frames:
    """A few lights in the dark, with noise."""
    random = np.random.default_rng(seed)
    sky = np.full((HEIGHT, WIDTH), 18, np.uint8)
    for x, y in zip(random.integers(0, WIDTH, 60), random.integers(0, HEIGHT, 60), strict=True):
        cv2.circle(sky, (int(x), int(y)), 2, int(random.integers(80, 250)), -1)
    return colour(np.stack([np.clip(sky + random.normal(0, 3, sky.shape), 0, 255).astype(np.uint8)] * 24))


def slate(seed: int) -> Frames:
    """White words on black."""
    card = np.full((HEIGHT, WIDTH), 16, np.uint8)
    for row, text in enumerate(("NIGHT HARBOUR", f"SCENE {seed}  TAKE 3", "24 FPS  180 DEG", "DIR. A. LIND")):
        cv2.putText(card, text, (60, 80 + 70 * row), cv2.FONT_HERSHEY_DUPLEX, 1.6, 235, 3, cv2.LINE_AA)
    return held(card)


def fade(seed: int) -> Frames:
    """From black to a picture."""
    return colour(np.stack([(textured(seed) * (n / 23)).astype(np.uint8) for n in range(24)]))


HARMLESS: dict[str, Frames] = {
    "a slate": slate(4),
    "a fade": fade(600),
    "a night": night(3),
    "an interview": interview(601),
    "other pictures": np.concatenate([held(textured(seed), 6) for seed in range(610, 630)]),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_nothing_is_found_in(film: Film, what: str) -> None:
    assert film(HARMLESS[what]) == []


@pytest.mark.parametrize("source", ["smptehdbars", "testsrc2", "gradients=seed=5", "mandelbrot"])
def test_nothing_is_found_in_the_picture_of_a_generator(folder: Path, known: Register, source: str) -> None:
    path = folder / "lavfi.mp4"
    size = f"{'=' if '=' not in source else ':'}size=640x360"
    ffmpeg("-f", "lavfi", "-i", source + size, "-t", "1", *H264, path)

    assert look_alikes(found_in(path, known)) == []


@pytest.mark.parametrize("made", [night, interview])
def test_a_registered_one_of_its_kind_is_not_found_in_another(
    folder: Path, film: Film, made: Callable[[int], Frames]
) -> None:
    path = encode(folder / "kind.mp4", made(1), *H264)

    assert film(made(7), register=register({"kind": prints_of(path)})) == []


def test_a_part_in_two_picture_tracks_of_one_file_is_found_once(folder: Path, known: Register) -> None:
    inset = warped(PICTURE, placed(0.5, 40, 150), textured(OTHER))
    path = encode(folder / "track.mp4", np.concatenate([before(), held(inset), panned(OTHER + 2, 24)]), *H264)
    ffmpeg("-i", path, "-i", path, "-map", "0:v", "-map", "1:v", "-c", "copy", folder / "tracks.mp4")

    (found,) = look_alikes(found_in(folder / "tracks.mp4", known))

    assert found.asset.name == "still"


def camera(zooms: tuple[float, float], offsets: tuple[float, float] = (0, 0), frames: int = 144) -> Frames:
    """A camera moves over the still: from one punch to another, or along it by so many of its pixels."""
    shots = []
    for share in np.linspace(0, 1, frames):
        zoom = zooms[0] + share * (zooms[1] - zooms[0])
        x = -(zoom - 1) * WIDTH / 2 - offsets[0] * (share - 0.5)
        shots.append(warped(PICTURE, placed(zoom, x, -(zoom - 1) * HEIGHT / 2 - offsets[1] * (share - 0.5)), PICTURE))
    return colour(np.stack(shots))


@pytest.mark.parametrize(
    ("zooms", "offsets", "words"),
    [
        ((1.0, 1.4), (0, 0), r"pushed in from 1\d\d % to 1[234]\d %"),
        ((1.5, 1.1), (0, 0), r"pulled out from 1[45]\d % to 1[12]\d %"),
        ((1.5, 1.5), (200, 0), r"panned to the right"),
        ((1.5, 1.5), (0, -140), r"panned up"),
    ],
)
def test_a_camera_that_moves_over_a_still_is_told(
    film: Film, zooms: tuple[float, float], offsets: tuple[float, float], words: str
) -> None:
    (found,) = film(before(), camera(zooms, offsets), before(OTHER + 2))

    assert found.asset.name == "still"
    assert re.fullmatch(words, found.transform)
    assert found.place is not None
    assert found.place.seconds_in == pytest.approx(1, abs=0.3)
    assert found.place.seconds_out == pytest.approx(7, abs=0.3)


def test_two_kept_frames_of_a_camera_move_are_told_as_a_move(folder: Path, known: Register) -> None:
    path = encode(folder / "moved.mp4", np.concatenate([before(), camera((1.0, 1.3), frames=60)]), *H264)
    examination = examined(job(path))
    features = examination.features
    assert features is not None
    of_the_move = [frame for frame in features.frames if frame.pts * features.time_base >= 1]
    few = replace(examination, features=replace(features, frames=(of_the_move[0], of_the_move[-1])))

    (found,) = look_alikes(evidence_of(member_of(few), few, known, POLICY))

    assert re.fullmatch(r"(cropped to \S+, )?pushed in from 1\d\d % to 1[23]\d %", found.transform)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (np.array([[-1, 0, WIDTH], [0, 1, 0], [0, 0, 1.0]]), "in negative, flopped"),
        (turned(180, 1), "in negative, turned by 180°"),
        (placed(0.45, 40, 150), "in negative, inset, 45 % of the frame's width"),
    ],
)
def test_a_negative_that_was_moved_too_is_found(film: Film, place: np.ndarray, words: str) -> None:
    (found,) = film(before(), held(warped(255 - PICTURE, place, textured(OTHER))), before(OTHER + 2))

    assert (found.asset.name, found.transform) == ("still", words)


def test_another_picture_in_negative_is_not_found(film: Film) -> None:
    assert film(before(), held(255 - textured(OTHER + 5)), before(OTHER + 2)) == []
