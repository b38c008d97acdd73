"""How a clip runs where it is found: at its speed, faster, in reverse, held, again and again; and what is too often."""

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
from tests.fingerprint.painting import panned, textured
from tests.match.finding import POLICY, examined, found_in, look_alikes, member_of, prints_of, register
from tests.media.making import encode, job, shot

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p")
SIZE = (320, 180)
Frames = NDArray[np.uint8]
Film = Callable[..., list[LookAlike]]


def clip() -> Frames:
    """Three seconds in which every frame is another."""
    return shot(77, 72)


def other(seed: int, frames: int = 24) -> Frames:
    return shot(seed, frames)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("timing")


@pytest.fixture(scope="module")
def known(folder: Path) -> Register:
    Image.fromarray(textured(88, width=SIZE[0], height=SIZE[1])).save(folder / "still.png")
    path = encode(folder / "clip.mp4", clip(), *H264)
    return register({"clip": prints_of(path), "still": prints_of(folder / "still.png")})


@pytest.fixture(scope="module")
def film(folder: Path, known: Register) -> Film:
    """What is found when these shots stand between two others."""

    def found(*shots: Frames) -> list[LookAlike]:
        path = encode(folder / "film.mp4", np.concatenate([other(1), *shots, other(2)]), *H264)
        return look_alikes(found_in(path, known))

    return found


def test_a_clip_at_its_own_speed(film: Film) -> None:
    (found,) = film(clip())

    assert (found.speed, found.passes, found.transform) == (1.0, 1, "the whole picture")


def test_a_clip_in_reverse(film: Film) -> None:
    (found,) = film(clip()[::-1])

    assert found.speed == -1.0
    assert found.transform.endswith("in reverse")


def test_a_clip_at_double_speed(film: Film) -> None:
    (found,) = film(clip()[::2])

    assert found.speed == pytest.approx(2.0, abs=0.1)
    assert "at 200 % of its speed" in found.transform


def test_a_clip_at_half_speed(film: Film) -> None:
    (found,) = film(np.repeat(clip()[:36], 2, axis=0))

    assert found.speed == pytest.approx(0.5, abs=0.05)
    assert "at 50 % of its speed" in found.transform


def test_one_frame_of_a_clip_that_is_held(film: Film) -> None:
    (found,) = film(np.repeat(clip()[30:31], 48, axis=0))

    assert found.speed == 0.0
    assert "one frame of it held" in found.transform
    assert float(found.asset_seconds_in) == pytest.approx(30 / 24, abs=0.2)


def test_a_clip_whose_last_frame_is_held_is_one_find(film: Film) -> None:
    (found,) = film(clip()[:36], np.repeat(clip()[35:36], 36, axis=0))

    assert "first at its own speed, then one frame of it held" in found.transform
    assert found.speed is None
    assert float(found.asset_seconds_out) == pytest.approx(36 / 24, abs=0.1)


def test_a_speed_that_changes_is_told(film: Film) -> None:
    (found,) = film(np.repeat(clip()[:18], 2, axis=0), clip()[18:72:2])

    assert "first at about 50 % of its speed, then at about 200 % of its speed" in found.transform
    assert found.speeds == pytest.approx((0.5, 2.0), abs=0.2)


def test_a_clip_that_speeds_up_is_told(film: Film) -> None:
    along = np.cumsum(np.repeat((0.4, 1.0, 2.0), (24, 24, 18))).astype(int)

    (found,) = film(clip()[along])

    assert "speeding up from about" in found.transform


def test_a_loop_is_one_find_that_was_shown_so_many_times(film: Film) -> None:
    (found,) = film(clip()[:36], clip()[:36], clip()[:36])

    assert (found.speed, found.passes) == (1.0, 3)
    assert "shown 3 times in a row" in found.transform


def test_which_part_of_the_clip_is_told(film: Film) -> None:
    (found,) = film(clip()[24:60])

    assert float(found.asset_seconds_in) == pytest.approx(1.0, abs=0.15)
    assert float(found.asset_seconds_out) == pytest.approx(2.4, abs=0.3)


def test_a_still_that_stays_has_no_speed_to_tell(film: Film) -> None:
    picture = textured(88, width=SIZE[0], height=SIZE[1])

    (found,) = film(np.repeat(np.repeat(picture[None, ..., None], 3, axis=-1), 36, axis=0))

    assert (found.asset.name, found.transform) == ("still", "the whole picture")


def test_of_a_moving_shot_that_was_flopped_no_false_speed_is_told(folder: Path) -> None:
    move = panned(77, 48)
    known = register({"clip": prints_of(encode(folder / "move.mp4", move, *H264))})
    flopped = np.ascontiguousarray(move[:, :, ::-1])
    path = encode(folder / "flopped.mp4", np.concatenate([panned(1, 24), flopped, panned(2, 24)]), *H264)

    (found,) = look_alikes(found_in(path, known))

    assert (found.speed, found.passes, found.transform) == (None, 1, "flopped")


# --- too often


@pytest.mark.parametrize(("places", "floods"), [(3, True), (4, False)])
def test_an_asset_in_so_many_places_floods(folder: Path, known: Register, places: int, floods: bool) -> None:  # noqa: FBT001
    # Under so much grain only its whole-frame codes are like the asset: what is beyond doubt is no flood.
    grain = np.random.default_rng(0).normal(0, 40, clip()[:18].shape)
    piece = np.clip(clip()[:18] + grain, 0, 255).astype(np.uint8)
    shots = [part for seed in (3, 4, 5) for part in (other(seed, 18), piece)]
    examination = examined(job(encode(folder / "flood.mp4", np.concatenate([*shots, other(6, 18)]), *H264), step=6))

    evidence = evidence_of(member_of(examination), examination, known, replace(POLICY, flood_places=places))

    assert [each.floods for each in look_alikes(evidence)] == [floods] * 3


def test_an_inset_clip_runs_on_for_as_long_as_nothing_changed(folder: Path, known: Register) -> None:
    background = np.repeat(textured(40, width=SIZE[0], height=SIZE[1])[..., None], 3, axis=-1)
    frames = np.repeat(background[None], 48, axis=0)
    for frame, small in zip(frames, clip()[12:60], strict=True):
        frame[30:138, 60:252] = cv2.resize(small, (192, 108), interpolation=cv2.INTER_AREA)
    path = encode(folder / "inset.mp4", np.concatenate([other(1), frames, other(2)]), *H264)
    examination = examined(job(path))
    features = examination.features
    assert features is not None
    kept = [frame for frame in features.frames if not 2 <= frame.pts * features.time_base < 3]
    fewer = replace(examination, features=replace(features, frames=tuple(kept)))

    (found,) = look_alikes(evidence_of(member_of(fewer), fewer, known, POLICY))

    assert found.place is not None
    shown = float(found.place.seconds_out - found.place.seconds_in)
    assert shown == pytest.approx(2.0, abs=0.3)
    assert float(found.asset_seconds_in) == pytest.approx(0.5, abs=0.3)
    assert float(found.asset_seconds_out - found.asset_seconds_in) == pytest.approx(shown, abs=0.1)
