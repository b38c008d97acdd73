"""One member looked at with everything there is: labels, picture, sound, and words for what could not be seen."""

import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from scanner.examine.examiner import NOT_OPENED as READ_HERE
from scanner.examine.pool import ExaminerPool
from scanner.model import Examination, GeneratorTag, MediaKind, Unreadable
from tests.media.making import encode, ffmpeg, job, shot

H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
Look = Callable[..., Examination]


@pytest.fixture
def look(pool: ExaminerPool) -> Look:
    return lambda path, **options: pool.examine(job(path, **options)).examination


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    silent = encode(folder / "silent.mov", shot(1, 48), *H264)
    ffmpeg("-i", silent, "-f", "lavfi", "-i", "sine=d=2", "-c:v", "copy", "-c:a", "aac", folder / "film.mov")
    return folder / "film.mov"


def unreadable(examination: Examination) -> list[Unreadable]:
    return [item for item in examination.observations if isinstance(item, Unreadable)]


# --- what is seen


def test_a_film_is_looked_at_and_its_coverage_told(look: Look, film: Path) -> None:
    examination = look(film)

    coverage = examination.coverage
    assert (coverage.frames_examined, coverage.frames_present, coverage.sample_step) == (8, 48, 6)
    assert (coverage.duration, unreadable(examination)) == (2, [])


def test_sound_beside_a_picture_is_listened_to(look: Look, film: Path) -> None:
    coverage = look(film).coverage

    assert coverage.sound_seconds == pytest.approx(2, abs=0.05)
    assert (coverage.sound_streams, coverage.sound_channels) == (1, 1)
    assert any(note.startswith("sound: 1 of stream 1 without anything") for note in coverage.notes)


def test_which_sources_could_not_be_asked_is_told(look: Look, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", shot(1, 6), *H264)

    assert any(note.startswith("content credentials: matroska") for note in look(path).coverage.notes)


def test_a_sound_file_is_listened_to_to_its_end(look: Look, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "a.wav")

    examination = look(tmp_path / "a.wav")

    assert (examination.kind, unreadable(examination)) == (MediaKind.SOUND, [])
    assert (examination.coverage.sound_seconds, len(examination.sounds)) == (1, 1)


def test_a_video_container_with_sound_only_is_heard(look: Look, tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "a.mov")

    examination = look(tmp_path / "a.mov")

    assert unreadable(examination) == []
    assert "picture: the file has no picture track" in examination.coverage.notes


def test_a_film_without_any_track_is_told_to_have_neither_picture_nor_sound(look: Look, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x74moov" + MOVIE_HEADER)

    told = unreadable(look(tmp_path / "a.mp4"))

    assert [(item.source, item.reason, item.partly) for item in told] == [
        ("file", "it has no picture track, and it has no sound track that can be decoded", False)
    ]


def test_a_label_is_found_though_the_picture_cannot_be_read(look: Look, tmp_path: Path) -> None:
    said = PngInfo()
    said.add_text(
        "parameters", "a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: sdxl"
    )
    Image.fromarray(shot(1, 1)[0]).save(tmp_path / "a.png", pnginfo=said)
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])

    examination = look(tmp_path / "a.png")

    assert any(isinstance(item, GeneratorTag) for item in examination.observations)
    assert {item.source for item in unreadable(examination)} >= {"structure", "picture"}


# --- what cannot be seen

# Of a thousandth of a second, and of no track.
MOVIE_HEADER = b"\0\0\0\x6cmvhd" + struct.pack(">12xII", 1000, 1) + bytes(80)

NOT_OPENED = {
    "a.txt": (b"", "the file is empty (0 bytes)"),
    "a.rar": (
        b"Rar!\x1a\x07\x01\0" + bytes(40),
        "archives of this kind are not opened: deliver a ZIP, a TAR or a folder",
    ),
    "a.7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "archives of this kind are not opened: deliver a ZIP, a TAR or a folder"),
    "a.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawings are not rendered"),
    "a.bin": (bytes(range(256)) * 4, READ_HERE["unknown"]),
}


@pytest.mark.parametrize("name", NOT_OPENED)
def test_what_is_not_opened_is_told_with_its_reason(look: Look, tmp_path: Path, name: str) -> None:
    data, reason = NOT_OPENED[name]
    (tmp_path / name).write_bytes(data)

    assert reason in [item.reason for item in unreadable(look(tmp_path / name))]


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"PK\x03\x04" + bytes(40), b"\x1f\x8b\x08"])
def test_a_container_itself_is_only_asked_for_labels(look: Look, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.container").write_bytes(content)

    examination = look(tmp_path / "a.container")

    assert [item for item in unreadable(examination) if item.source == "file"] == []
    assert examination.codes is None


def test_plain_text_is_passed_over(look: Look, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("grade v3, please check")

    examination = look(tmp_path / "notes.txt")

    assert (unreadable(examination), examination.codes) == ([], None)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5])
@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv", "a.mxf", "a.webm"])
def test_half_a_film_is_never_a_whole_one(look: Look, tmp_path: Path, name: str, share: float) -> None:
    options = ("-c:v", "libvpx") if name == "a.webm" else H264
    path = encode(tmp_path / name, shot(1, 25), *options, rate="25")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])

    assert unreadable(look(path))


def test_a_file_that_is_gone_is_unreadable(pool: ExaminerPool, film: Path, tmp_path: Path) -> None:
    asked = replace(job(film), root=tmp_path / "gone.mov")

    assert unreadable(pool.examine(asked).examination)


def test_a_file_that_may_not_be_read_is_unreadable(pool: ExaminerPool, film: Path, tmp_path: Path) -> None:
    asked = replace(job(film), root=tmp_path)

    assert unreadable(pool.examine(replace(asked, files=("..",))).examination)


def test_of_a_sequence_the_files_that_cannot_be_decoded_are_counted(pool: ExaminerPool, tmp_path: Path) -> None:
    names = [f"plate.{number:04}.png" for number in range(1, 13)]
    for name, picture in zip(names, shot(1, 12), strict=True):
        Image.fromarray(picture).save(tmp_path / name)
    (tmp_path / names[6]).write_bytes((tmp_path / names[6]).read_bytes()[:500])
    asked = replace(job(tmp_path / names[0]), root=tmp_path, files=tuple(names), kind=MediaKind.SEQUENCE, sample_step=3)

    examination = pool.examine(asked).examination

    told = [item.reason for item in unreadable(examination) if item.source == "picture"]
    assert told[0].startswith("1 of 3 sampled files cannot be decoded; plate.0007.png:")
    assert "picture: files that cannot be decoded: plate.0007.png" in examination.coverage.notes


def test_a_file_between_two_samples_of_a_sequence_that_ends_early_is_told_too(
    pool: ExaminerPool, tmp_path: Path
) -> None:
    names = [f"plate.{number:04}.png" for number in range(1, 13)]
    for name, picture in zip(names, shot(1, 12), strict=True):
        Image.fromarray(picture).save(tmp_path / name)
    (tmp_path / names[7]).write_bytes((tmp_path / names[7]).read_bytes()[:500])
    asked = replace(job(tmp_path / names[0]), root=tmp_path, files=tuple(names), kind=MediaKind.SEQUENCE)

    assert [item.source for item in unreadable(pool.examine(asked).examination)] == ["structure"]


# --- a pure function of the bytes


@pytest.mark.parametrize("cut", [1.0, 0.5])
@pytest.mark.parametrize("name", ["a.mov", "a.dpx", "a.png", "a.wav"])
def test_the_same_bytes_have_the_same_examination_wherever_they_lie(
    look: Look, tmp_path: Path, name: str, cut: float
) -> None:
    path = tmp_path / name
    if name == "a.wav":
        ffmpeg("-f", "lavfi", "-i", "sine=d=1", path)
    else:
        encode(path, shot(1, 12 if name == "a.mov" else 1), *(("-update", "1") if name != "a.mov" else H264))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    elsewhere = tmp_path / "else where" / f"renamed {name}"
    elsewhere.parent.mkdir()
    shutil.copy(path, elsewhere)

    assert look(path) == look(elsewhere)


@pytest.mark.parametrize("name", ["a\nb.mov", "-i.mov", "%d.mov", "concat:x.mov", "\udcff.mov", "..mov"])
def test_a_name_changes_nothing(look: Look, film: Path, tmp_path: Path, name: str) -> None:
    shutil.copy(film, tmp_path / name)

    assert look(tmp_path / name) == look(film)


def test_the_bytes_are_left_alone(look: Look, film: Path) -> None:
    before = film.read_bytes(), film.stat().st_mtime_ns

    look(film)

    assert (film.read_bytes(), film.stat().st_mtime_ns) == before


# --- registering


def test_of_an_asset_every_frame_is_kept_in_every_view(look: Look, film: Path) -> None:
    codes = look(film, registering=True).codes
    assert codes is not None

    assert len(set(codes.pts)) == 48
    assert len(set(codes.views)) > 5


def test_of_an_asset_thumbnails_over_its_whole_length_are_kept(pool: ExaminerPool, film: Path) -> None:
    kept = pool.examine(job(film, registering=True)).thumbnails

    assert 2 <= len(kept) <= 24
    assert kept[0].seconds == 0
    assert kept[-1].seconds > Fraction(3, 2)


def test_of_a_delivery_none_are_kept(pool: ExaminerPool, film: Path) -> None:
    assert pool.examine(job(film)).thumbnails == ()


@pytest.mark.parametrize("kind", ["png", "webp", "tif", "gif"])
def test_a_still_has_a_thumbnail_when_it_is_registered_and_when_it_is_asked_for(
    pool: ExaminerPool, tmp_path: Path, kind: str
) -> None:
    Image.fromarray(shot(1, 1)[0]).save(tmp_path / f"a.{kind}")

    kept = pool.examine(job(tmp_path / f"a.{kind}", registering=True)).thumbnails

    assert [len(kept), len(pool.pictures(job(tmp_path / f"a.{kind}"), [Fraction(0)]))] == [1, 1]


def test_a_sequence_gives_thumbnails_by_its_frames(pool: ExaminerPool, tmp_path: Path) -> None:
    names = [f"plate.{number:04}.png" for number in range(1, 13)]
    for name, picture in zip(names, shot(1, 12), strict=True):
        Image.fromarray(picture).save(tmp_path / name)
    asked = replace(job(tmp_path / names[0]), root=tmp_path, files=tuple(names), kind=MediaKind.SEQUENCE)

    found = pool.pictures(asked, [Fraction(0), Fraction(11, 24), Fraction(99)])

    assert [thumbnail.seconds for thumbnail in found] == [0, Fraction(11, 24), 99]
