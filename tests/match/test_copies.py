"""Other people's copies of one picture: what was edited is found, what is only alike is not. Skipped if not at hand."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.match.finding import Prints, found_in, look_alikes, prints_of, register
from tests.media.making import ffmpeg

FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[2] / "../shared/fixtures")).resolve()

COPIES = [
    ("copies/chair/original.mp4", "copies/chair/sepia.mp4"),
    ("copies/chair/original.mp4", "copies/chair/small-logo.mp4"),
    ("copies/chair/sepia.mp4", "copies/chair/small-logo.mp4"),
    ("copies/carphone/pristine.mp4", "copies/carphone/distorted.mp4"),
    ("copies/carphone/distorted.mp4", "copies/carphone/pristine.mp4"),
    ("copies/skyline/v2.m4v", "copies/skyline/v2s.mov"),
    ("copies/skyline/v2s.mov", "copies/skyline/v2.m4v"),
    *(
        (f"copies/nasa/{one}.mp4", f"copies/nasa/{other}.mp4")
        for one, other in [("original", "hdr"), ("hdr", "original")]
    ),
    *((f"copies/nasa/{one}.mp4", "copies/nasa/rotated.mp4") for one in ("original", "hdr")),
    ("copies/nasa/rotated.mp4", "copies/nasa/hdr.mp4"),
]
BRIDGES = sorted((FIXTURES / "copies/bridge").glob("*.jpg"))
OTHERS = [
    ("copies/skyline/v1.m4v", "copies/skyline/v2.m4v"),
    ("copies/skyline/v2.m4v", "copies/skyline/v1.m4v"),
    ("footage/cars.mp4", "footage/bottles.mp4"),
    ("footage/chaplin.mp4", "copies/carphone/pristine.mp4"),
    ("stills/coffee.png", "stills/astronaut.png"),
    ("stills/grass.png", "stills/retina.jpg"),
]
FOOTAGE = ["big_buck_bunny_0_30.webm", "chaplin.mp4", "cars.mp4", "bottles.mp4", "ocean.mp4", "padded-dimensions.mp4"]


def at_hand(name: str) -> Path:
    path = FIXTURES / name
    if not path.is_file():
        pytest.skip(f"{name} is not at hand")
    return path


@pytest.fixture(scope="module")
def registered() -> Callable[[str], Prints]:
    """The fingerprints that a fixture is registered with; worked out once."""
    known: dict[str, Prints] = {}

    def prints(name: str) -> Prints:
        if name not in known:
            known[name] = prints_of(at_hand(name))
        return known[name]

    return prints


@pytest.mark.parametrize(("asset", "delivered"), COPIES)
def test_a_copy_is_found(registered: Callable[[str], Prints], asset: str, delivered: str) -> None:
    assert look_alikes(found_in(at_hand(delivered), register({asset: registered(asset)})))


@pytest.mark.parametrize("name", ["copies/chair/sepia.mp4", "copies/chair/small-logo.mp4"])
def test_a_copy_is_found_over_its_whole_length(registered: Callable[[str], Prints], name: str) -> None:
    evidence = found_in(at_hand(name), register({"chair": registered("copies/chair/original.mp4")}))

    (found,) = look_alikes(evidence)

    assert found.frames == evidence.coverage.frames_examined


@pytest.mark.parametrize("path", BRIDGES, ids=[path.stem for path in BRIDGES])
def test_every_edit_of_a_photograph_is_found(registered: Callable[[str], Prints], path: Path) -> None:
    known = register({"bridge": registered("copies/bridge/original.jpg")})

    assert look_alikes(found_in(path, known))


@pytest.mark.parametrize(("asset", "delivered"), OTHERS)
def test_another_picture_is_not(registered: Callable[[str], Prints], asset: str, delivered: str) -> None:
    assert look_alikes(found_in(at_hand(delivered), register({asset: registered(asset)}))) == []


@pytest.mark.parametrize("name", FOOTAGE)
def test_footage_holds_no_generated_clip(registered: Callable[[str], Prints], name: str) -> None:
    clips = ("generators/cogvideox/1.mp4", "generators/cogvideox/4.mp4")

    assert look_alikes(found_in(at_hand(f"footage/{name}"), register({clip: registered(clip) for clip in clips}))) == []


@pytest.mark.parametrize("number", [1, 4])
def test_a_generated_clip_is_found_after_finishing(
    registered: Callable[[str], Prints], tmp_path: Path, number: int
) -> None:
    name = f"generators/cogvideox/{number}.mp4"
    finish = "fps=24,scale=1280:534:force_original_aspect_ratio=increase,crop=1280:534,pad=1280:720:0:93,eq=gamma=1.2"
    ffmpeg("-i", at_hand(name), "-vf", finish, "-c:v", "prores_ks", tmp_path / "finished.mov")
    known = register({clip: registered(f"generators/cogvideox/{clip}.mp4") for clip in ("1", "4")})

    assert {item.asset.name for item in look_alikes(found_in(tmp_path / "finished.mov", known))} == {str(number)}
