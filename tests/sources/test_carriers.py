"""The readers of containers: bounded, and at ease with nonsense."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.sources.carriers import (
    boxes,
    flv,
    gif,
    headers,
    id3,
    iim,
    items,
    jp2,
    jpeg,
    matroska,
    mxf,
    pdf,
    photoshop,
    png,
    quicktime,
    riff,
    tiff,
    vorbis,
)
from scanner.sources.carriers.bounds import (
    BLOCK,
    CHUNK_LIMIT,
    Chunk,
    Skipped,
    Text,
    contains,
    inflated,
    payload,
    read_at,
    windows,
)

from .contract import BOUNDED
from .making import box, encoded, exif, psd, trained, wav
from .making import gif as gif_file
from .making import tiff as tiff_file
from .making_media import (
    FILE_TYPE,
    aiff,
    ape,
    avi,
    comments,
    dpx,
    element,
    exr,
    flac,
    heif,
    keyless_item,
    local_set,
    matroska_tags,
    meta_items,
    ogg,
    resource,
    simple_tag,
)
from .making_media import flv as flv_file
from .making_media import id3 as id3_tag
from .making_media import iim as iim_fields
from .making_media import matroska as matroska_file
from .making_media import mxf as mxf_file
from .making_media import pdf as pdf_file

READERS: dict[str, tuple[Callable[[BinaryIO], Iterator[object]], bytes]] = {
    "png": (png.texts, b"\x89PNG\r\n\x1a\n"),
    "jpeg": (jpeg.texts, b"\xff\xd8"),
    "jpeg xmp": (jpeg.packets, b"\xff\xd8"),
    "riff": (riff.texts, b"RIFF\0\0\0\0WEBP"),
    "riff xmp": (riff.packets, b"RF64\xff\xff\xff\xffWAVEds64"),
    "tiff": (tiff.texts, b"II*\0\x08\0\0\0"),
    "big tiff": (tiff.texts, b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10"),
    "boxes": (boxes.packets, b"\0\0\0\x10ftypisom\0\0\0\0"),
    "jxl": (boxes.exif_texts, b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x40brobExif"),
    "jp2": (jp2.texts, b"\xff\x4f\xff\x64\0\x40\0\1"),
    "heif": (items.texts, heif(b"Exif", bytes(4) + exif(Make="A"))[:120]),
    "heif xmp": (items.packets, heif(b"mime", b"x", strings=b"application/rdf+xml\0")[:100]),
    "mp4": (quicktime.texts, FILE_TYPE + meta_items(("AIGC", "x"))[:40]),
    "mov": (quicktime.texts, FILE_TYPE + b"\0\0\1\0udta"),
    "gif": (gif.texts, b"GIF89a\1\0\1\0\0\0\0!\xfe"),
    "gif xmp": (gif.packets, b"GIF89a\1\0\1\0\0\0\0!\xff\x0bXMP DataXMP"),
    "psd": (photoshop.psd_packets, b"8BPS\0\1" + bytes(20) + b"\0\0\0\0\0\0\x01\0" + b"8BIM"),
    "psd texts": (photoshop.psd_texts, b"8BPS\0\2" + bytes(20) + b"\0\0\0\0\0\0\x01\0" + b"8BIM\x04\x04"),
    "exr": (headers.exr_texts, b"\x76\x2f\x31\x01\2\x10\0\0name\0string\0"),
    "dpx": (headers.dpx_texts, b"SDPX" + bytes(300)),
    "id3": (id3.texts, b"ID3\4\0\0\0\0\x7f\x7fTXXX"),
    "id3 2.3": (id3.texts, b"ID3\3\0\xc0\0\0\x7f\x7f"),
    "id3 2.2": (id3.packets, b"ID3\2\0\0\0\0\x7f\x7fGEO"),
    "ape": (id3.end_texts, ape("AIGC", "x")[:-20]),
    "flac": (vorbis.flac_texts, b"fLaC\4"),
    "ogg": (vorbis.ogg_texts, ogg(b"\x01vorbis", b"\x03vorbis")[:80]),
    "aiff": (riff.texts, b"FORM\0\0\1\0AIFFCOMT"),
    "matroska": (matroska.texts, matroska_file(matroska_tags(simple_tag("AIGC", "x")))[:1060]),
    "webm": (matroska.packets, matroska_file(unknown_size=True)[:40]),
    "flv": (flv.texts, flv_file(("AIGC", "x"))[:40]),
    "mxf": (mxf.texts, mxf_file(header=local_set((0x5001, b"x")))[:150]),
    "mxf xmp": (mxf.packets, mxf_file(header=local_set((0x5001, b"x")))[:120]),
    "pdf": (pdf.packets, pdf_file(b"x")[:100]),
    "pdf texts": (pdf.texts, b"%PDF-1.7 /Title ("),
    "iptc": (lambda stream: iim.texts(b"\x1c\2\x19" + stream.read()), b""),
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


def test_reading_further_than_a_disk_can_hold_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"abc")

    with (tmp_path / "small").open("rb") as stream:
        assert [read_at(stream, 1 << bits, 4) for bits in range(3, 64)] == [b""] * 61


def test_a_packed_text_is_read_up_to_where_it_is_damaged() -> None:
    plain = bytes(range(256)) * 40
    packed = zlib.compress(plain)

    assert inflated(packed[:-1] + b"?", "this") == plain
    assert inflated(b"no zlib at all", "this") == b""


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
    [(gif.packets, gif_file(trained())), (photoshop.psd_packets, psd(trained()))],
)
def test_pictures_with_xmp_of_our_making_are_true_to_their_format(
    packets: Callable[[BinaryIO], Iterator[bytes]], content: bytes
) -> None:
    (found,) = packets(io.BytesIO(content))

    assert found.startswith(trained())


def test_a_tiff_names_its_xmp_by_tag() -> None:
    found = [entry for entry in tiff.entries(io.BytesIO(tiff_file(trained()))) if entry.tag == tiff.XMP_TAG]

    assert [entry.value.size for entry in found] == [len(trained())]


def said(found: Iterator[Text | Skipped]) -> list[tuple[str, str]]:
    return [(text.field, text.value) for text in found if isinstance(text, Text)]


@pytest.mark.parametrize("multipart", [False, True])
def test_the_text_attributes_of_an_exr_header_are_read(multipart: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    many = struct.pack("<I", 3) + b"one" + struct.pack("<I", 3) + b"two"
    header = exr(("comments", "string", b"a comment"), ("notes", "stringvector", many), multipart=multipart)

    assert said(headers.exr_texts(io.BytesIO(header)))[-3:] == [
        ("EXR comments", "a comment"),
        ("EXR notes", "one"),
        ("EXR notes", "two"),
    ]


@pytest.mark.parametrize("little", [False, True])
def test_the_text_fields_of_a_dpx_header_are_read(little: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    header = dpx(project="Shot 10", user_data=b"by hand", little=little)

    assert said(headers.dpx_texts(io.BytesIO(header))) == [("DPX project", "Shot 10"), ("DPX user data", "by hand")]


@pytest.mark.parametrize("version", [2, 3, 4])
def test_frames_of_every_id3_version_are_read(version: int) -> None:
    frames = {
        "TT2": b"\0A title",
        "TXX": b"\1\xff\xfeK\0\0\0\xff\xfeV\0",
        "COM": b"\3eng\0said",
        "WXX": b"\0d\0http://x",
    }
    long = {"TT2": "TIT2", "TXX": "TXXX", "COM": "COMM", "WXX": "WXXX"}
    tag = id3_tag(*((name if version == 2 else long[name], body) for name, body in frames.items()), version=version)

    assert said(id3.texts(io.BytesIO(tag))) == [
        ("ID3 title", "A title"),
        ("ID3 K", "V"),
        ("ID3 comment", "said"),
        ("ID3 d", "http://x"),
    ]


def test_a_packed_id3_frame_is_unpacked_and_an_encrypted_one_is_said() -> None:
    packed = b"\0\0\0\5" + zlib.compress(b"\0packed")
    frames = b"TIT2" + struct.pack(">I", len(packed)) + b"\0\x80" + packed + b"TPE1\0\0\0\2\0\x40\0x"
    tag = b"ID3\3\0\0" + bytes([0, 0, 0, len(frames)]) + frames

    title, artist = id3.texts(io.BytesIO(tag))

    assert getattr(title, "value", None) == "packed"
    assert isinstance(artist, Skipped)


def test_what_stands_at_the_end_of_a_sound_is_read() -> None:
    old = b"TAG" + b"Title".ljust(30, b"\0") + bytes(64) + b"made by hand".ljust(30, b"\0") + b"\xff"

    assert said(id3.end_texts(io.BytesIO(bytes(50) + old))) == [("ID3 title", "Title"), ("ID3 comment", "made by hand")]
    assert said(id3.end_texts(io.BytesIO(bytes(50) + ape("AIGC", "x") + old)))[2:] == [("APE AIGC", "x")]


def test_a_broadcast_wave_tells_its_description_and_its_ixml() -> None:
    extension = b"Scene 1".ljust(256, b"\0") + b"Recorder".ljust(346, b"\0") + b"A=PCM"
    sound = wav((b"bext", extension), (b"iXML", b"<BWFXML><NOTE>quiet</NOTE><A b='c'/></BWFXML>"))

    assert said(riff.texts(io.BytesIO(sound))) == [
        ("bext description", "Scene 1"),
        ("bext originator", "Recorder"),
        ("bext coding_history", "A=PCM"),
        ("iXML NOTE", "quiet"),
        ("iXML b", "c"),
    ]


def test_an_aiff_tells_its_texts() -> None:
    comment = struct.pack(">HIHH", 1, 0, 0, 4) + b"said"
    sound = aiff((b"NAME", b"Title"), (b"SSND", bytes(99)), (b"COMT", comment), (b"ANNO", b"noted"))

    assert [value for _, value in said(riff.texts(io.BytesIO(sound)))] == ["Title", "said", "noted"]


def test_the_frames_of_an_avi_are_stepped_over() -> None:
    film = avi(info=((b"INAM", b"Title\0"), (b"IXYZ", b"own\0")))

    assert [chunk.kind for chunk in riff.chunks(io.BytesIO(film))] == [b"LIST", b"INAM", b"IXYZ"]
    assert said(riff.texts(io.BytesIO(film))) == [("RIFF title", "Title"), ("RIFF IXYZ", "own")]


def test_comments_are_read_from_a_long_ogg_packet() -> None:
    stream = ogg(b"OpusHead" + bytes(11), b"OpusTags" + comments(LONG="x" * 200_000, AIGC="y"), b"sound")

    assert [len(value) for _, value in said(vorbis.ogg_texts(io.BytesIO(stream)))] == [4, 200_000, 1]


def test_a_flac_block_of_pictures_is_passed_over() -> None:
    sound = flac((0, bytes(34)), (4, comments(COMMENT="said", METADATA_BLOCK_PICTURE="x")), (6, bytes(100)))

    assert said(vorbis.flac_texts(io.BytesIO(sound)))[1:] == [("Vorbis comment COMMENT", "said")]


@pytest.mark.parametrize("unknown_size", [False, True])
def test_matroska_tags_after_the_media_are_read(unknown_size: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    inner = simple_tag("INNER", "deep")
    film = matroska_file(
        element(0x1549A966, element(0x7BA9, b"Title")),
        matroska_tags(simple_tag("OUTER", "here", inner)),
        unknown_size=unknown_size,
    )

    assert said(matroska.texts(io.BytesIO(film))) == [
        ("Matroska tag title", "Title"),
        ("Matroska tag OUTER", "here"),
        ("Matroska tag INNER", "deep"),
    ]


def test_matroska_tags_are_found_by_the_index_where_the_chain_is_broken() -> None:
    tags = matroska_tags(simple_tag("AIGC", "x"))
    seek = element(0x114D9B74, element(0x4DBB, element(0x53AC, struct.pack(">I", 200))))
    body = (seek + b"\0" * 200)[:200] + tags
    film = element(0x1A45DFA3, b"") + element(0x18538067, body)

    assert said(matroska.texts(io.BytesIO(film))) == [("Matroska tag AIGC", "x")]


def test_mxf_comments_and_products_are_read_once_from_all_partitions() -> None:
    value = b"B" + bytes(16) + "by hand".encode("utf-16-be")
    comment = local_set((0x5001, "note".encode("utf-16-be")), (0x5003, value))
    product = local_set((0x3C02, "Tool".encode("utf-16-be")))

    film = mxf_file(header=product, footer=product + comment)

    assert sorted(said(mxf.texts(io.BytesIO(film)))) == [("MXF note", "by hand"), ("MXF product", "Tool")]


def test_the_tags_of_an_mp4_keep_their_names() -> None:
    user_data = box(b"udta", box(b"\xa9cmt", struct.pack(">HH", 4, 0) + b"said") + box(b"dscp", bytes(6) + b"told"))
    film = FILE_TYPE + box(b"moov", user_data + meta_items(("com.apple.quicktime.comment", "c"), ("own", "o")))

    assert sorted(said(quicktime.texts(io.BytesIO(film)))) == [
        ("MP4 tag comment", "c"),
        ("MP4 tag comment", "said"),
        ("MP4 tag description", "told"),
        ("MP4 tag own", "o"),
    ]


def test_a_picture_among_the_tags_of_an_mp4_is_no_text() -> None:
    cover = box(b"covr", box(b"data", struct.pack(">II", 13, 0) + b"\xff\xd8 picture"))
    film = FILE_TYPE + box(b"moov", box(b"meta", bytes(4) + box(b"hdlr", bytes(25)) + box(b"ilst", cover)))

    assert said(quicktime.texts(io.BytesIO(film))) == []


def test_heads_of_fragments_are_not_walked_unless_they_hold_metadata() -> None:
    plain, telling = box(b"moof", box(b"traf", bytes(8))), box(b"moof", keyless_item(b"AIGC", "x"))

    kinds = [one.kind for one in boxes.boxes(io.BytesIO(FILE_TYPE + plain * 100 + telling))]

    assert kinds.count(b"traf") == 0
    assert b"meta" in kinds


def test_iptc_fields_are_read_also_with_their_bytes_swapped() -> None:
    fields = iim_fields((110, "Jane"), (25, "sea"), (25, "sun"))
    padded = fields + bytes(-len(fields) % 4)
    swapped = b"".join(padded[at : at + 4][::-1] for at in range(0, len(padded), 4))

    assert [text.value for text in iim.texts(fields)] == ["Jane", "sea", "sun"]
    assert [text.value for text in iim.texts(swapped)] == ["Jane", "sea", "sun"]


def test_photoshop_resources_go_on_in_the_next_segment_of_a_jpeg() -> None:
    content = resource(1028, iim_fields((120, "x" * 32_000)))
    parts = [b"Photoshop 3.0\0" + content[at : at + 20_000] for at in (0, 20_000)]
    segments = b"".join(b"\xff\xed" + struct.pack(">H", len(part) + 2) + part for part in parts)

    assert [len(value) for _, value in said(jpeg.texts(io.BytesIO(b"\xff\xd8" + segments)))] == [32_000]


def test_every_charset_of_a_user_comment_is_read() -> None:
    comments_by_charset = {
        b"ASCII\0\0\0": b"said",
        b"UNICODE\0": "said 画".encode("utf-16-le"),
        b"Unicode\0": "said".encode("utf-16-be"),
        b"JIS\0\0\0\0\0": "said 画".encode("iso2022_jp"),
        bytes(8): b"said",
    }
    blocks = [
        exif(UserComment=charset + text).removeprefix(b"Exif\0\0") for charset, text in comments_by_charset.items()
    ]

    found = [value for block in blocks for _, value in said(tiff.texts(io.BytesIO(block)))]

    assert found == ["said", "said 画", "said", "said 画", "said"]


def test_the_texts_of_a_pdf_are_read() -> None:
    file = b"%PDF-1.4\n<</Title(A \\(good\\) title)/Author<FEFF004A> /Keywords (\\101I)>>"

    assert said(pdf.texts(io.BytesIO(file))) == [
        ("PDF title", "A (good) title"),
        ("PDF artist", "J"),
        ("PDF keywords", "AI"),
    ]


class Counted(FileIO):
    """A file that counts the bytes that are read of it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size) or b""
        self.count += len(found)
        return found

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer) or 0
        self.count += count
        return count


@pytest.mark.parametrize(
    "read",
    [boxes.boxes, quicktime.texts, matroska.texts, riff.texts, mxf.texts, id3.end_texts, flv.texts, vorbis.ogg_texts],
)
def test_a_gigabyte_of_nothing_is_stepped_over(tmp_path: Path, read: Callable[[BinaryIO], Iterator[object]]) -> None:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        stream.write(FILE_TYPE + struct.pack(">I4sQ", 1, b"mdat", (1 << 30) + 16))
        stream.truncate(1 << 30)

    with Counted(path) as stream:
        list(read(stream))

    assert stream.count < 1 << 22


def test_segments_stop_before_the_picture_data() -> None:
    kinds = [segment.kind for segment in jpeg.segments(io.BytesIO(encoded("JPEG")))]

    assert b"\xc0" in kinds
    assert b"\xda" not in kinds
