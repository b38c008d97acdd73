"""What shows or plays AI material is not entered as known to be good: as a whole, in part, flopped, in a clip."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.intake.materials import NotRegistered
from scanner.known_good import register_good
from scanner.model import DropClass, Outcome, Use
from scanner.pipeline import scan
from scanner.registering import Registered, register
from scanner.studio import Studio
from tests.fingerprint.painting import Grey, colour, placed, textured, warped
from tests.media.making import encode
from tests.sounds import bed, voice, write

from .studio import TITLE, Home, new_home

PICTURE, OTHER = textured(77), textured(500)
IN_PART = {
    "an inset": warped(PICTURE, placed(0.3, 380, 40), OTHER),
    "a crop": warped(PICTURE, placed(1.6, -220, -80), PICTURE),
    "a crop in the mirror": np.ascontiguousarray(warped(PICTURE, placed(1.6, -220, -80), PICTURE)[:, ::-1]),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    """A studio that made one picture, and the id of its record. To copy only."""
    folder = tmp_path_factory.mktemp("made")
    home = new_home(folder / "studio")
    with home.open() as studio:
        (entered,) = register(
            studio, saved(folder / "sky.png", PICTURE), title=TITLE, tool="x", use=Use.FINAL, by="kim"
        )
    assert isinstance(entered, Registered)
    return home, entered.record.record_id


@pytest.fixture
def record_id(made: tuple[Home, str]) -> str:
    return made[1]


@pytest.fixture
def studio(made: tuple[Home, str], tmp_path: Path) -> Iterator[Studio]:
    shutil.copytree(made[0].folder, tmp_path / "studio")
    with Home(folder=tmp_path / "studio").open() as opened:
        yield opened


def saved(path: Path, picture: Grey) -> Path:
    Image.fromarray(picture).save(path)
    return path


def good(studio: Studio, path: Path, *, although_alike: bool = False) -> Registered | NotRegistered:
    (result,) = register_good(studio, path, why="a promo", by="kim", although_alike=although_alike)
    return result


def refused(studio: Studio, path: Path) -> str:
    result = good(studio, path)
    assert isinstance(result, NotRegistered)
    return result.reason


def outcome(studio: Studio, path: Path) -> Outcome:
    return scan(studio, path, title=TITLE, drop_class=DropClass.FINAL).verdict.outcome


@pytest.mark.parametrize("how", IN_PART)
def test_what_shows_ai_material_in_part_is_refused(studio: Studio, record_id: str, tmp_path: Path, how: str) -> None:
    told = refused(studio, saved(tmp_path / "promo.png", IN_PART[how]))

    assert f"the registered AI material sky.png [{record_id}]: known to be good, it would silence that" in told
    assert f"scanner provenance retire {record_id}" in told
    assert "--although-alike" in told


def test_what_was_refused_silences_nothing(studio: Studio, tmp_path: Path) -> None:
    refused(studio, saved(tmp_path / "promo.png", IN_PART["an inset"]))

    assert outcome(studio, saved(tmp_path / "crop.png", IN_PART["a crop"])) is Outcome.QUARANTINE


def test_a_clip_that_shows_it_in_part_and_for_a_moment_is_refused(studio: Studio, tmp_path: Path) -> None:
    frames = np.stack([*[OTHER] * 12, *[IN_PART["an inset"]] * 3, *[textured(501)] * 12])
    promo = encode(tmp_path / "promo.mp4", colour(frames), "-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p")

    assert "it shows, whole or in part, the registered AI material sky.png [" in refused(studio, promo)


def test_it_is_entered_when_a_person_says_so_and_the_note_tells(studio: Studio, record_id: str, tmp_path: Path) -> None:
    result = good(studio, saved(tmp_path / "promo.png", IN_PART["an inset"]), although_alike=True)

    assert isinstance(result, Registered)
    assert result.record.note == f"a promo (although it shows, whole or in part, sky.png [{record_id}])"


def test_what_plays_ai_material_is_refused(studio: Studio, tmp_path: Path) -> None:
    line = write(tmp_path / "line.wav", voice(11, 3))
    list(register(studio, line, title=TITLE, tool="x", use=Use.TEMPORARY, by="kim"))

    assert "it sounds like the registered AI material line.wav [" in refused(
        studio, write(tmp_path / "sting.wav", voice(11, 3) + 0.1 * bed(12, 3))
    )


def test_what_shows_something_else_is_entered(studio: Studio, tmp_path: Path) -> None:
    assert isinstance(good(studio, saved(tmp_path / "logo.png", OTHER)), Registered)


def test_a_retired_record_stands_in_nobodys_way(studio: Studio, record_id: str, tmp_path: Path) -> None:
    studio.kept.retire(record_id, by="kim", reason="never AI", at=studio.now())

    assert isinstance(good(studio, saved(tmp_path / "promo.png", IN_PART["an inset"])), Registered)
