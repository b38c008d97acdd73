"""Files of one frame are decoded here as FFmpeg's program decodes them; what is not in order is left to it."""

import re
from pathlib import Path

import numpy as np
import pytest

from scanner.media import ffmpeg as program
from scanner.media import one_frame
from scanner.media.ffmpeg import decode_still
from scanner.media.frames import UnreadableMediaError
from scanner.media.structure import shortfall
from tests.media.making import encode, shot

WIDEST = 1280
KINDS = {
    "exr": ("exr", ("-pix_fmt", "gbrpf32le", "-compression", "zip16")),
    "exr with alpha": ("exr", ("-pix_fmt", "gbrapf32le", "-compression", "rle")),
    "dpx of 10 bits": ("dpx", ("-pix_fmt", "gbrp10le")),
    "dpx of 8 bits": ("dpx", ("-pix_fmt", "rgb24")),
    "dpx with alpha": ("dpx", ("-pix_fmt", "rgba")),
}


@pytest.fixture(scope="module", params=[*KINDS])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A frame of 1600 by 902."""
    name, options = KINDS[request.param]
    folder = tmp_path_factory.mktemp("frames")
    return encode(folder / f"frame.{name}", shot(3, 1, width=1600, height=902), *options, "-frames:v", "1"), name


def by_program(path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    with monkeypatch.context() as patched:
        patched.setattr(program.one_frame, "decoded", lambda *_, **__: None)
        return decode_still(path, name, deadline=60)


def test_it_is_the_picture_that_the_program_gives(file: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    path, name = file

    here, there = decode_still(path, name, deadline=60), by_program(path, name, monkeypatch)

    assert here.shape == there.shape == (722, WIDEST, 3)
    assert np.abs(here.astype(int) - there).max() <= 2


def test_it_is_decoded_here(file: tuple[Path, str]) -> None:
    path, name = file

    made = one_frame.decoded(path, name, np.dtype(np.uint8), widest=WIDEST)

    assert made is not None
    assert made.dtype == np.uint8


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.5, 0.99])
def test_half_a_file_is_what_the_program_makes_of_it(
    share: float, file: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a file is short is told by its structure; FFmpeg decodes half an EXR without a word."""
    path, name = file
    whole = path.read_bytes()
    half = tmp_path / f"half.{name}"
    half.write_bytes(whole[: int(len(whole) * share)])
    try:
        there = by_program(half, name, monkeypatch)
    except UnreadableMediaError as error:
        with pytest.raises(UnreadableMediaError, match=re.escape(str(error))):
            decode_still(half, name, deadline=60)
        assert name == "dpx" or share == 0
    else:
        assert np.abs(decode_still(half, name, deadline=60).astype(int) - there).max() <= 2
        assert shortfall(half, name) is not None


def test_colours_that_are_no_red_green_and_blue_are_left_to_the_program(tmp_path: Path) -> None:
    grey = encode(tmp_path / "grey.dpx", shot(3, 1, width=64, height=48), "-pix_fmt", "gray", "-frames:v", "1")

    assert one_frame.decoded(grey, "dpx", np.dtype(np.uint8), widest=WIDEST) is None
    assert decode_still(grey, "dpx", deadline=60).shape == (48, 64, 3)


def test_other_kinds_of_files_are_left_to_the_program(tmp_path: Path) -> None:
    other = tmp_path / "other.exr"
    other.write_bytes(b"no picture at all")

    assert one_frame.decoded(other, "exr", np.dtype("<f4"), widest=WIDEST) is None
    assert one_frame.decoded(other, "heif", np.dtype("<f4"), widest=WIDEST) is None
