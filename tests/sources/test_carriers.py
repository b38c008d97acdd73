"""The readers of containers: bounded, and at ease with nonsense."""

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.sources.carriers import blocks, boxes, jpeg, png, riff, tiff
from scanner.sources.carriers.bounds import BLOCK, CHUNK_LIMIT, Chunk, Skipped, contains, payload, read_at, windows

from .contract import BOUNDED
from .making import box, encoded, exif, gif, psd, trained, wav
from .making import tiff as tiff_file

READERS: dict[str, tuple[Callable[[BinaryIO], Iterator[object]], bytes]] = {
    "png": (png.texts, b"\x89PNG\r\n\x1a\n"),
    "jpeg": (jpeg.texts, b"\xff\xd8"),
    "jpeg xmp": (jpeg.packets, b"\xff\xd8"),
    "riff": (riff.texts, b"RIFF\0\0\0\0WEBP"),
    "riff xmp": (riff.packets, b"RF64\xff\xff\xff\xffWAVEds64"),
    "tiff": (tiff.texts, b"II*\0\x08\0\0\0"),
    "big tiff": (tiff.texts, b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10"),
    "boxes": (boxes.packets, b"\0\0\0\x10ftypisom\0\0\0\0"),
    "heif": (boxes.exif_texts, b"\0\0\0\x10ftypheic\0\0\0\0II*\0\x08\0\0\0"),
    "gif": (blocks.gif_texts, b"GIF89a\1\0\1\0\0\0\0!\xfe"),
    "gif xmp": (blocks.gif_packets, b"GIF89a\1\0\1\0\0\0\0!\xff\x0bXMP DataXMP"),
    "psd": (blocks.psd_packets, b"8BPS\0\1" + bytes(20) + b"\0\0\0\0\0\0\x01\0" + b"8BIM"),
    "exr": (blocks.exr_texts, b"\x76\x2f\x31\x01\2\0\0\0name\0string\0"),
}


@pytest.mark.parametrize("name", READERS)
@BOUNDED
@given(noise=st.binary(max_size=400))
def test_no_reader_stumbles_over_noise(name: str, noise: bytes) -> None:
    read, head = READERS[name]

    assert len(list(read(io.BytesIO(head + noise)))) < 1000


def test_a_chunk_that_claims_more_than_the_limit_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.truncate(CHUNK_LIMIT + 100)

    with path.open("rb") as stream:
        found = payload(stream, Chunk(kind=b"x", offset=0, size=CHUNK_LIMIT + 50), "this")

    assert isinstance(found, Skipped)


def test_a_chunk_that_claims_more_than_the_file_has_is_read_to_the_end() -> None:
    assert payload(io.BytesIO(b"abc"), Chunk(kind=b"x", offset=1, size=1 << 40), "this") == b"bc"


@pytest.mark.parametrize(("offset", "size"), [(-1, 4), (1 << 63, 4), (0, 0), (0, -4), (10, 4)])
def test_reading_outside_a_file_gives_nothing(offset: int, size: int) -> None:
    assert read_at(io.BytesIO(b"abc"), offset, size) == b""


def test_a_trace_across_two_blocks_is_found(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(BLOCK - 3) + b"needle" + bytes(100))

    assert contains(path, (b"needle",))


def test_a_trace_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(BLOCK) + b"needl")

    assert not contains(path, (b"needle",))


@pytest.mark.parametrize(("length", "expected"), [(0, [0]), (20, [20]), (21, [10, 10]), (1000, [10, 10])])
def test_only_both_ends_of_a_long_file_are_searched(length: int, expected: list[int]) -> None:
    assert [len(window) for window in windows(io.BytesIO(bytes(length)), 10)] == expected


def test_directories_that_point_at_each_other_end() -> None:
    loop = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 330, 4, 1, 8, 8)

    assert len(list(tiff.entries(io.BytesIO(loop)))) == 1


def test_big_endian_exif_is_read() -> None:
    block = exif(Make="ARRI").removeprefix(b"Exif\0\0")

    assert [(text.key, text.value) for text in tiff.texts(io.BytesIO(block)) if not isinstance(text, Skipped)] == [
        ("Make", "ARRI")
    ]


def test_nested_boxes_end_at_a_depth() -> None:
    nested = b""
    for _ in range(1000):
        nested = box(b"moov", nested)

    assert len(list(boxes.boxes(io.BytesIO(nested)))) < 20


def test_sound_in_rf64_is_walked_past() -> None:
    plain = wav((b"_PMX", b"packet"))
    data = plain.index(b"data")
    size = plain[data + 4 : data + 8]
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, 0, int.from_bytes(size, "little"), 0, 0)
    large = b"RF64\xff\xff\xff\xffWAVE" + ds64 + plain[12:data] + b"data\xff\xff\xff\xff" + plain[data + 8 :]

    assert list(riff.packets(io.BytesIO(large))) == [b"packet"]


@pytest.mark.parametrize(
    ("packets", "content"),
    [(blocks.gif_packets, gif(trained())), (blocks.psd_packets, psd(trained()))],
)
def test_pictures_with_xmp_of_our_making_are_true_to_their_format(
    packets: Callable[[BinaryIO], Iterator[bytes]], content: bytes
) -> None:
    (found,) = packets(io.BytesIO(content))

    assert found.startswith(trained())


def test_a_tiff_names_its_xmp_by_tag() -> None:
    found = [entry for entry in tiff.entries(io.BytesIO(tiff_file(trained()))) if entry.tag == tiff.XMP_TAG]

    assert [entry.value.size for entry in found] == [len(trained())]


def test_the_text_attributes_of_an_exr_header_are_read() -> None:
    value = b"a comment"
    header = b"\x76\x2f\x31\x01\2\0\0\0comments\0string\0" + struct.pack("<I", len(value)) + value + b"\0"

    (found,) = blocks.exr_texts(io.BytesIO(header))

    assert getattr(found, "value", None) == "a comment"


def test_segments_stop_before_the_picture_data() -> None:
    kinds = [segment.kind for segment in jpeg.segments(io.BytesIO(encoded("JPEG")))]

    assert b"\xc0" in kinds
    assert b"\xda" not in kinds
