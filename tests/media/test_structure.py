"""Is a file as long as it says it is? Every format whose structure is walked, whole and cut."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scanner.media.structure import shortfall
from tests.media.making import ffmpeg, shot

Clips = Callable[[str], Path]

VIDEO = {
    "h264.mp4": "mp4",
    "h264-fragmented.mp4": "mp4",
    "prores.mov": "mov",
    "h264.mkv": "matroska",
    "h264-live.mkv": "matroska",
    "vp9.webm": "webm",
    "mjpeg.avi": "avi",
    "h264.ts": "mpegts",
    "h264.m2ts": "mpegts",
}
STILL = {"a.png": "png", "a.webp": "webp", "a.gif": "gif", "a.avif": "avif", "a.dpx": "dpx", "a.exr": "exr"}
SOUND = {"a.wav": "wav", "a.aiff": "aiff", "a.m4a": "m4a"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, clips: Clips) -> Callable[[str], Path]:
    """One whole file of each format that is walked."""
    folder = tmp_path_factory.mktemp("whole")
    pictures = [Image.fromarray(picture) for picture in shot(5, 3, width=64, height=48)]
    for name in STILL:
        if name.endswith((".dpx", ".exr")):
            pictures[0].save(folder / "b.png")
            pixels = "gbrpf32le" if name.endswith(".exr") else "gbrp10be"
            ffmpeg("-i", folder / "b.png", "-pix_fmt", pixels, "-frames:v", "1", "-update", "1", folder / name)
        else:
            pictures[0].save(folder / name, save_all=name.endswith("gif"), append_images=pictures[1:])
    for name in SOUND:
        ffmpeg("-f", "lavfi", "-i", "sine=d=1", folder / name)
    return lambda name: clips(name) if name in VIDEO else folder / name


WALKED = VIDEO | STILL | SOUND


@pytest.mark.parametrize("name", WALKED)
def test_a_whole_file_lacks_nothing(made: Callable[[str], Path], name: str) -> None:
    assert shortfall(made(name), WALKED[name]) is None


@pytest.mark.parametrize("share", [0.4, 0.7, 0.99])
@pytest.mark.parametrize("name", WALKED)
def test_a_file_that_was_cut_lacks_something(
    made: Callable[[str], Path], tmp_path: Path, name: str, share: float
) -> None:
    whole = made(name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(whole[: int(len(whole) * share) | 1])

    assert shortfall(cut, WALKED[name]) is not None


@pytest.mark.parametrize("compression", ["none", "rle", "zip1", "zip16"])
@pytest.mark.parametrize("kind", ["half", "float"])
def test_exr_of_every_kind_that_is_written_lacks_nothing(tmp_path: Path, compression: str, kind: str) -> None:
    Image.fromarray(shot(5, 1, width=70, height=41)[0]).save(tmp_path / "a.png")
    options = ("-pix_fmt", "gbrapf32le", "-format", kind, "-compression", compression, "-frames:v", "1")
    ffmpeg("-i", tmp_path / "a.png", *options, "-update", "1", tmp_path / "a.exr")

    assert shortfall(tmp_path / "a.exr", "exr") is None


@pytest.mark.parametrize("name", ["h264.mkv", "vp9.webm", "h264.ts"])
def test_files_that_were_joined_lack_nothing(made: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(made(name).read_bytes() * 3)

    assert shortfall(tmp_path / name, WALKED[name]) is None


@pytest.mark.parametrize("name", ["h264.mkv", "vp9.webm", "h264.ts", "h264-live.mkv"])
def test_noise_among_the_blocks_breaks_the_structure(made: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    noisy = bytearray(made(name).read_bytes())
    middle = len(noisy) // 2
    noisy[middle : middle + 5000] = bytes(5000)
    (tmp_path / name).write_bytes(noisy)

    assert shortfall(tmp_path / name, WALKED[name]) == "its structure breaks off"


def test_how_much_is_missing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(struct.pack(">I4s", 16, b"ftyp") + bytes(8) + struct.pack(">I4s", 2000, b"mdat") + bytes(992))

    assert shortfall(path, "mp4") == "it ends 1,000 bytes early"


@pytest.mark.parametrize(
    "end",
    [
        struct.pack(">I4s", 0, b"mdat") + bytes(50),
        bytes(40),
        bytes(3),
        struct.pack(">I4sQ", 1, b"mdat", 30) + bytes(14),
    ],
)
def test_a_box_to_the_end_a_large_box_and_padding_are_whole(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(struct.pack(">I4s", 16, b"ftyp") + bytes(8) + end)

    assert shortfall(path, "mp4") is None


@pytest.mark.parametrize("format_name", ["jpeg", "text", "unknown", "mxf"])
def test_of_a_format_that_cannot_tell_nothing_is_said(tmp_path: Path, format_name: str) -> None:
    (tmp_path / "a").write_bytes(b"anything")

    assert shortfall(tmp_path / "a", format_name) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=300), format_name=st.sampled_from(sorted(set(WALKED.values()))), keep=st.integers(0, 64))
def test_whatever_the_bytes_are_there_is_an_answer(
    made: Callable[[str], Path], tmp_path: Path, data: bytes, format_name: str, keep: int
) -> None:
    name = next(name for name, found in WALKED.items() if found == format_name)
    with made(name).open("rb") as file:
        head = file.read(keep)
    (tmp_path / "a").write_bytes(head + data)

    assert shortfall(tmp_path / "a", format_name) != ""
