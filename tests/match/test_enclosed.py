"""Pictures too soft for local features are found as pictures of their own: in a rectangle, and in the mirror."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.match.evidence import Register
from scanner.model import LookAlike
from tests.fingerprint.painting import HEIGHT, WIDTH, Grey, colour, placed, soft, textured, warped
from tests.match.finding import Prints, found_in, look_alikes, prints_of, ref, register
from tests.media.making import encode

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p")
SOFT, OTHER = 7, 8
INSET = warped(soft(SOFT), placed(0.3, 380, 40), textured(500))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("enclosed")


@pytest.fixture(scope="module")
def prints(folder: Path) -> dict[str, Prints]:
    made = {}
    for name, picture in (("soft", soft(SOFT)), ("wall", textured(80))):
        Image.fromarray(picture).save(folder / f"{name}.png")
        made[name] = prints_of(folder / f"{name}.png")
    return made


def seen(folder: Path, picture: Grey, known: Register) -> list[LookAlike]:
    """What is found of a picture that is held for a second between two others."""
    shots = [textured(501), picture, textured(502)]
    path = encode(folder / "film.mp4", colour(np.repeat(np.stack(shots), 24, axis=0)), *H264)
    return look_alikes(found_in(path, known))


def test_a_soft_picture_is_found_as_an_inset(folder: Path, prints: dict[str, Prints]) -> None:
    (found,) = seen(folder, INSET, register(prints))

    assert found.asset == ref("soft")
    assert found.transform.startswith("inset, 30 % of the frame's width")
    assert np.allclose(found.region, (380 / WIDTH, 40 / HEIGHT, 0.3, 0.3), atol=0.01)
    assert found.place is not None
    assert found.place.seconds_in == pytest.approx(1, abs=0.25)
    assert found.place.seconds_out == pytest.approx(2, abs=0.25)
    assert (found.distance, found.inliers) == (None, 0)
    assert found.enclosed_distance is not None
    assert found.enclosed_distance <= 32
    assert found.alike >= 0.85


def test_a_soft_picture_is_found_in_the_mirror(folder: Path, prints: dict[str, Prints]) -> None:
    (found,) = seen(folder, np.ascontiguousarray(soft(SOFT)[:, ::-1]), register(prints))

    assert (found.asset, found.transform) == (ref("soft"), "flopped")


@pytest.mark.parametrize(("name", "picture"), [("soft", soft(SOFT)), ("wall", textured(80))])
def test_a_negative_is_found(name: str, picture: Grey, folder: Path, prints: dict[str, Prints]) -> None:
    (found,) = seen(folder, 255 - picture, register(prints))

    assert (found.asset, found.transform, found.region) == (ref(name), "in negative", (0.0, 0.0, 1.0, 1.0))


@pytest.mark.parametrize("other", range(20, 26))
def test_another_negative_is_not(other: int, folder: Path, prints: dict[str, Prints]) -> None:
    assert seen(folder, 255 - soft(other), register(prints)) == []


def test_a_soft_picture_is_found_in_the_mirror_in_a_rectangle(folder: Path, prints: dict[str, Prints]) -> None:
    turned = np.ascontiguousarray(soft(SOFT)[:, ::-1])
    (found,) = seen(folder, warped(turned, placed(0.4, 60, 120), textured(500)), register(prints))

    assert found.asset == ref("soft")
    assert found.transform.startswith("flopped, inset, 40 % of the frame's width")


def test_what_an_aspect_ratio_leaves_of_it_is_found_too(folder: Path, prints: dict[str, Prints]) -> None:
    cut = soft(SOFT)[45:-45]
    frame = textured(500)
    frame[100:190, 300:513] = np.asarray(Image.fromarray(cut).resize((213, 90), Image.Resampling.LANCZOS))
    (found,) = seen(folder, frame, register(prints))

    assert found.asset == ref("soft")
    assert np.allclose(found.region, (300 / WIDTH, 100 / HEIGHT, 213 / WIDTH, 90 / HEIGHT), atol=0.02)


@pytest.mark.parametrize("scale", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("other", range(20, 26))
def test_other_soft_pictures_are_none_of_the_registered(
    other: int, scale: float, folder: Path, prints: dict[str, Prints]
) -> None:
    assert seen(folder, warped(soft(other), placed(scale, 100, 60), textured(500)), register(prints)) == []


def test_what_is_known_to_be_good_explains_it(folder: Path, prints: dict[str, Prints]) -> None:
    assert seen(folder, INSET, register(prints, good=["soft"])) == []
    assert seen(folder, INSET, register({**prints, "library": prints["soft"]}, good=["library"])) == []


def test_nothing_is_registered(folder: Path) -> None:
    assert seen(folder, INSET, register()) == []


def test_what_was_cropped_and_put_in_is_told_by_its_edges(folder: Path, prints: dict[str, Prints]) -> None:
    frame = textured(500)
    cut = Image.fromarray(textured(80)[80:280, 100:456])
    frame[60:195, 250:490] = np.asarray(cut.resize((240, 135), Image.Resampling.LANCZOS))
    (found,) = seen(folder, frame, register(prints))

    assert found.asset == ref("wall")
    assert found.transform.startswith("inset, 38 % of the frame's width")
    assert "cropped to about 31 % of it" in found.transform
    assert np.allclose(found.region, (250 / WIDTH, 60 / HEIGHT, 240 / WIDTH, 135 / HEIGHT), atol=0.01)


def test_what_was_cropped_to_a_wide_shape_and_put_in_is_told_as_that(folder: Path, prints: dict[str, Prints]) -> None:
    frame = textured(500)
    cut = Image.fromarray(textured(80)[46:-46])
    frame[100:225, 100:400] = np.asarray(cut.resize((300, 125), Image.Resampling.LANCZOS))
    (found,) = seen(folder, frame, register(prints))

    assert found.asset == ref("wall")
    assert found.transform == "inset, 47 % of the frame's width, cropped to 2.39:1"
