"""Open watermarks decode from stills as the published method embeds them, and from nothing else."""

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import pywt
from numpy.typing import NDArray
from PIL import Image

from scanner.examine.job import examiner_version
from scanner.examine.merging import counted
from scanner.examine.pool import ExaminerPool
from scanner.match.marks import counted_together
from scanner.model import Coverage, MediaKind, Member, MemberEvidence, Observation, Watermark
from scanner.settings import ExaminingTable
from scanner.sources import Source
from scanner.sources import watermarks as marking
from scanner.sources.watermarks import MARKS, Mark, Watermarks, marks
from tests.media.making import job

from .contract import SourceContract, seen

FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[2] / "../shared/fixtures"))
Picture = NDArray[np.uint8]


def embedded(bgr: Picture, bits: tuple[int, ...], *, before_rounding: bool = False) -> Picture:
    """The picture with these bits, as invisible-watermark 0.2 (`dwtDct`) writes them: block by block.

    `before_rounding`: on real numbers, as pipelines do that mark what the model gives before it becomes a picture.
    """
    pixels = bgr.astype(np.float32) if before_rounding else bgr.copy()
    colours = cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV)
    rows, columns = (length // 4 * 4 for length in bgr.shape[:2])
    coarse, (across, down, slanted) = pywt.dwt2(colours[:rows, :columns, 1], "haar")
    places = ((y, x) for y in range(coarse.shape[0] // 4) for x in range(coarse.shape[1] // 4))
    for number, (y, x) in enumerate(places):
        block = coarse[y * 4 : y * 4 + 4, x * 4 : x * 4 + 4]
        largest = divmod(int(np.argmax(np.abs(block.flatten()[1:]))) + 1, 4)
        value = float(block[largest])
        step = abs(value) // 36 + 0.25 + 0.5 * bits[number % len(bits)]
        block[largest] = step * 36 * (1 if value >= 0 else -1)
    # The details change places: that is what the published method does.
    colours[:rows, :columns, 1] = pywt.idwt2((coarse, (down, across, slanted)), "haar")
    marked = cv2.cvtColor(colours, cv2.COLOR_YUV2BGR)
    return np.clip(np.rint(marked), 0, 255).astype(np.uint8) if before_rounding else marked


def scene(seed: int = 7, width: int = 384, height: int = 288, grain: int = 6) -> Picture:
    """A picture with colour, shapes and grain."""
    random = np.random.default_rng(seed)
    small = random.integers(40, 215, (9, 12, 3), dtype=np.uint8)
    smooth = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    return np.clip(smooth + random.integers(-grain, grain + 1, smooth.shape), 0, 255).astype(np.uint8)


def file_of(bgr: Picture, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1])).save(out, kind, **options)
    return out.getvalue()


SDXL = MARKS[2]


def named(mark: Mark) -> str:
    return f"{mark.scheme} of {len(mark.bits)} bits"


class TestTheContract(SourceContract):
    format_name = "png"

    @pytest.fixture
    def source(self) -> Source:
        return Watermarks()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        path = tmp_path / "telling"
        path.write_bytes(file_of(embedded(scene(), SDXL.bits)))
        return path

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        path = tmp_path / "silent"
        path.write_bytes(file_of(scene()))
        return path


@pytest.mark.parametrize("before_rounding", [False, True])
@pytest.mark.parametrize("mark", MARKS, ids=named)
def test_a_mark_decodes_as_it_was_written(mark: Mark, before_rounding: bool) -> None:  # noqa: FBT001
    (found,) = marks(embedded(scene(), mark.bits, before_rounding=before_rounding))

    assert (found.scheme, found.tool) == (mark.scheme, mark.tool)
    assert found.bits_agreeing >= mark.least
    assert found.frames == 1


@pytest.mark.parametrize(
    ("format_name", "kind", "options"),
    [
        ("png", "PNG", {}),
        ("webp", "WEBP", {"lossless": True}),
        ("tiff", "TIFF", {}),
        ("bmp", "BMP", {}),
        ("jpeg", "JPEG", {"quality": 100, "subsampling": 0}),
    ],
)
def test_it_is_read_from_every_kind_of_still(
    tmp_path: Path, format_name: str, kind: str, options: dict[str, object]
) -> None:
    path = tmp_path / "still"
    path.write_bytes(file_of(embedded(scene(), SDXL.bits), kind, **options))

    assert [item.tool for item in seen(Watermarks(), path, format_name) if isinstance(item, Watermark)] == ["SDXL"]


@pytest.mark.parametrize("wrong", [0, 4, 5, 24])
def test_more_than_four_wrong_bits_of_48_are_no_mark(wrong: int) -> None:
    bits = tuple(bit ^ (place < wrong) for place, bit in enumerate(SDXL.bits))

    found = list(marks(embedded(scene(grain=1), bits)))

    assert [item.tool for item in found] == (["SDXL"] if wrong <= 4 else [])
    assert all(item.bits_agreeing == 48 - wrong for item in found)


def test_one_wrong_bit_of_32_is_no_mark() -> None:
    bits = MARKS[1].bits

    assert list(marks(embedded(scene(), (1 - bits[0], *bits[1:])))) == []


@pytest.mark.parametrize("ones", [0, 1])
def test_bits_that_are_all_alike_are_no_mark(monkeypatch: pytest.MonkeyPatch, ones: int) -> None:
    alike = Mark(scheme="alike", tool="alike", bits=(ones,) * 48, least=44)
    monkeypatch.setattr(marking, "MARKS", (alike,))

    assert list(marks(embedded(scene(grain=1), alike.bits))) == []


@pytest.mark.parametrize("value", [0, 17, 128, 255])
def test_flat_pictures_have_no_mark(value: int) -> None:
    assert list(marks(np.full((320, 320, 3), value, np.uint8))) == []


@pytest.mark.parametrize("seed", range(12))
def test_pictures_that_nobody_marked_have_no_mark(seed: int) -> None:
    random = np.random.default_rng(seed)
    pictures = (scene(seed), random.integers(0, 256, (256, 320, 3), dtype=np.uint8), scene(seed) // 32 * 32)

    assert [found for picture in pictures for found in marks(picture)] == []


@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_of_a_tall_picture_the_upper_rows_do(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "tall"
    picture = scene(height=1600)
    picture[:800] = embedded(picture[:800].copy(), SDXL.bits)
    path.write_bytes(file_of(picture, kind))

    (found,) = seen(Watermarks(), path, kind.lower())

    assert isinstance(found, Watermark)
    assert found.tool == "SDXL"


def test_pictures_smaller_or_larger_than_models_make_are_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(file_of(embedded(scene(width=240, height=240), SDXL.bits)))
    small = seen(Watermarks(), path, "png")
    Image.new("RGB", (2049, 2048)).save(path, "PNG", compress_level=1)

    assert (small, seen(Watermarks(), path, "png")) == ([], [])


def fixtures() -> Iterator[Path]:
    folders = ("stills", "copies", "c2pa", "generators", "metadata")
    for folder in folders:
        yield from sorted(path for path in (FIXTURES / folder).rglob("*") if path.suffix in _FORMATS)


_FORMATS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


def test_no_fixture_has_a_mark() -> None:
    found = {path.name: seen(Watermarks(), path, _FORMATS[path.suffix]) for path in fixtures()}

    assert {name: items for name, items in found.items() if items} == {}


# --- counting


MARK = Watermark(scheme="dwtDct SDXL", tool="SDXL", bits_agreeing=45, bits=48)


def test_the_frames_of_a_sequence_are_counted_and_the_best_is_told() -> None:
    (found,) = counted([MARK, replace(MARK, bits_agreeing=47, frames=3), MARK])

    assert (found.frames, found.bits_agreeing) == (5, 47)


def test_marks_of_two_tools_are_two() -> None:
    assert len(list(counted([MARK, replace(MARK, tool="FLUX")]))) == 2


@pytest.fixture(scope="module")
def pool() -> Iterator[ExaminerPool]:
    with ExaminerPool(ExaminingTable(), processes=1) as pool:
        yield pool


def observed(pool: ExaminerPool, folder: Path, **asked: object) -> tuple[Observation, ...]:
    """What the examiner says of an image sequence of three frames, two of them marked."""
    marked = embedded(scene(), SDXL.bits)
    for number, picture in enumerate((marked, scene(8), embedded(scene(9), SDXL.bits))):
        (folder / f"frame.{number:04}.png").write_bytes(file_of(picture))
    files = tuple(f"frame.{number:04}.png" for number in range(3))
    single = job(folder / files[0])
    sequence = replace(single, root=folder, files=files, kind=MediaKind.SEQUENCE)
    return pool.examine(replace(sequence, **asked)).examination.observations  # type: ignore[arg-type]


def test_the_examiner_tells_in_how_many_frames_of_a_sequence_the_mark_is(pool: ExaminerPool, tmp_path: Path) -> None:
    (found,) = observed(pool, tmp_path)

    assert isinstance(found, Watermark)
    assert (found.tool, found.frames) == ("SDXL", 2)


def test_marks_are_not_looked_for_where_the_settings_say_so(pool: ExaminerPool, tmp_path: Path) -> None:
    assert observed(pool, tmp_path, watermarks=False) == ()


def test_examinations_with_and_without_marks_are_of_different_versions() -> None:
    assert examiner_version(6, None) != examiner_version(6, None, watermarks=False)


def member(name: str, *evidence: Observation, sha256: str | None = None) -> MemberEvidence:
    sha256 = sha256 or name
    member = Member(
        name=name,
        kind=MediaKind.STILL,
        format="png",
        files=(name,),
        size=1,
        sha256=sha256,
        file_hashes=(sha256,),
    )
    return MemberEvidence(member=member, coverage=Coverage(), evidence=evidence)


def frames_of(*members: MemberEvidence) -> list[int]:
    together = counted_together(members)
    return [item.frames for each in together for item in each.evidence if isinstance(item, Watermark)]


def test_several_stills_of_one_delivery_count_together() -> None:
    assert frames_of(member("a.png", MARK), member("b.png"), member("c.png", MARK)) == [2, 2]


def test_the_same_bytes_count_once() -> None:
    assert frames_of(member("a.png", MARK, sha256="x"), member("copy.png", MARK, sha256="x")) == [1, 1]


def test_marks_of_different_tools_do_not_count_together() -> None:
    assert frames_of(member("a.png", MARK), member("b.png", replace(MARK, tool="FLUX", scheme="dwtDct FLUX"))) == [1, 1]
