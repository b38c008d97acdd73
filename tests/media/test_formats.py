"""What a file is, by its content."""

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.media.formats import KINDS, Format, sniff, sniff_open
from scanner.model import MediaKind

FIXTURES = Path(__file__).parents[2] / "../shared/fixtures"


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def ftyp(*brands: bytes) -> bytes:
    return box(b"ftyp", brands[0] + bytes(4) + b"".join(brands[1:]))


def movie(handler: bytes) -> bytes:
    return box(b"moov", box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12)))))


def tiff(order: str, tag: int) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(f"{order}IHHHI", 8, 1, tag, 1, 4) + bytes(8)


PARTITION = bytes.fromhex("060e2b34020501010d0102010102040000000000")
ADTS = bytes([0xFF, 0xF1, 0x50, 0x80, 0x01, 0x1F, 0xFC, 0])
MP3 = b"\xff\xfb\x90\x64" + bytes(413)
EBML = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82"
SVG = (
    '<?xml version="1.0"?>\n<!-- a > b -->\n<!DOCTYPE svg PUBLIC "x" "y" [<!ENTITY a "<b>">]>\n'
    '<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>'
)

TGA_END = bytes(8) + b"TRUEVISION-XFILE.\0"


def tga(*, kind: int = 2, depth: int = 24, width: int = 2, table: int = 0) -> bytes:
    """The header of a TGA of two lines."""
    return struct.pack("<BBBHHB4H2B", 0, table > 0, kind, 0, table, 24 * (table > 0), 0, 0, width, 2, depth, 0)


MADE = [
    ("jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("gif", b"GIF89a\x01\0"),
    ("webp", b"RIFF\0\0\0\0WEBPVP8X"),
    ("psd", b"8BPS\0\x01"),
    ("exr", b"\x76\x2f\x31\x01\x02\0\0\0"),
    ("dpx", b"SDPX\0\0"),
    ("dpx", b"XPDS\0\0"),
    ("tiff", tiff("<", 256)),
    ("tiff", tiff(">", 256)),
    ("tiff", b"II+\0\x08\0\0\0"),
    ("dng", tiff("<", 50706)),
    ("dng", tiff(">", 50706)),
    ("jxl", b"\xff\x0a\x7f\0"),
    ("jxl", b"\0\0\0\x0cJXL \r\n\x87\n"),
    ("jp2", b"\0\0\0\x0cjP  \r\n\x87\n"),
    ("bmp", b"BM" + struct.pack("<IIII", 70, 0, 54, 40)),
    ("tga", tga() + b"Q" * 12),
    ("tga", b"\4" + tga()[1:] + b"name" + b"Q" * 12),
    ("tga", tga(kind=10) + b"\x83QQQ" + TGA_END),
    ("tga", tga(kind=3, depth=8, width=1000) + b"G" * 2000),
    ("tga", tga(kind=9, depth=8, table=2) + b"QQQQQQ\x83\0" + TGA_END),
    ("heif", ftyp(b"heic", b"mif1") + box(b"meta")),
    ("heif", ftyp(b"    ", b"heic") + box(b"meta")),
    ("avif", ftyp(b"mif1", b"avif") + box(b"meta")),
    ("mp4", ftyp(b"isom", b"mp41")),
    ("mp4", ftyp(b"M4A ") + box(b"mdat", b"x" * 40) + movie(b"vide")),
    ("mp4", ftyp(b"heic", b"mif1") + movie(b"vide")),
    ("m4a", ftyp(b"M4A ") + movie(b"soun")),
    ("mov", ftyp(b"qt  ") + movie(b"vide")),
    ("mov", box(b"wide") + box(b"mdat", b"x")),
    ("mov", box(b"moov", b"x")),
    ("mp4", box(b"free") + ftyp(b"isom")),
    ("c2pa", box(b"jumb", box(b"jumd", b"c2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0"))),
    ("mxf", PARTITION),
    ("mxf", b"\x01" * 65535 + PARTITION),
    ("matroska", EBML + b"\x88matroska"),
    ("webm", EBML + b"\x84webm"),
    ("avi", b"RIFF\0\0\0\0AVI LIST"),
    ("mpegts", (b"G\x40\0\x10" + bytes(184)) * 8),
    ("mpegts", bytes(100) + (b"G\x40\0\x10" + bytes(188)) * 8),
    ("wav", b"RIFF\0\0\0\0WAVEfmt "),
    ("wav", b"RF64\xff\xff\xff\xffWAVEds64"),
    ("wav", b"BW64\xff\xff\xff\xffWAVEds64"),
    ("aiff", b"FORM\0\0\0\0AIFCFVER"),
    ("flac", b"fLaC\0"),
    ("flac", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"fLaC"),
    ("mp3", b"ID3\x04\0\0\0\0\x01\0" + bytes(128) + MP3),
    ("mp3", MP3 * 2),
    ("aac", ADTS * 4),
    ("ogg", b"OggS\0\x02" + bytes(22) + b"\x01vorbis"),
    ("zip", b"PK\x03\x04"),
    ("gzip", b"\x1f\x8b\x08"),
    ("bzip2", b"BZh91AY&SY"),
    ("xz", b"\xfd7zXZ\0\0\x04"),
    ("rar", b"Rar!\x1a\x07\x01\0"),
    ("7z", b"7z\xbc\xaf\x27\x1c\0\x04"),
    ("zstd", b"\x28\xb5\x2f\xfd\x04"),
    ("tar", b"a.txt" + bytes(143) + b"001437\0 0" + bytes(355)),
    ("tar", bytes(257) + b"ustar\0"),
    ("pdf", b"%PDF-1.7\n\0"),
    ("pdf", b"\0junk\n%PDF-1.7\n"),
    ("svg", SVG.encode()),
    ("svg", "\ufeff<svg/>".encode("utf-16-le")),
    ("edl", b"001  AX V C  00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\r\n"),
    ("edl", b"\r\nTITLE: cut 7\r\n\r\nFCM: NON-DROP FRAME\r\n"),
    ("edl", b"TITLE: in frames\n1 AX V C 0 24 86400 86424\n"),
    ("ale", b"Heading\r\nFIELD_DELIM\tTABS\r\n"),
    ("otio", b'{\n "OTIO_SCHEMA": "Timeline.1"}'),
    ("fcpxml", b'<?xml version="1.0"?>\n<!DOCTYPE fcpxml>\n\n<fcpxml version="1.10"/>'),
    ("xmeml", b"<!DOCTYPE xmeml><xmeml version='4'/>"),
    ("aaf", bytes.fromhex("d0cf11e0a1b11ae1") + b"AAFB\r\0OM\x06\x0e+4\x01\x01\x01\xff"),
    ("aaf", bytes.fromhex("d0cf11e0a1b11ae10102010d00020000060e2b3403020101")),
    ("provenance-log", b"File;AI_use\nreel.mov;none\n"),
    ("provenance-log", b'[{"shot": "010", "ai_use": "none"}]'),
    ("provenance-log", b'{"provenance_log": 1, "entries": []}'),
    ("text", b"file,ai_used\n"),
    ("text", b'{"schema": "Timeline.1"}'),
    ("text", b"TITLE: cut 7\r\n001  AX V C\r\n"),
    ("xmp", b'<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>'),
    ("xmp", b"<?xml version='1.0'?><rdf:RDF xmlns:rdf='r'/>"),
    ("text", b"<cube><svg/></cube>"),
    ("text", "<AssetMap>Zoë</AssetMap>".encode()),
    ("text", "Zoë, naïve\n".encode("latin-1")),
    ("text", "\ufeffMarke\t1\n".encode("utf-16-be")),
    ("text", b"Good\n" * 400),
    ("empty", b""),
    ("unknown", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)),
    ("unknown", b"\0" * 5000),
    ("unknown", b"text\0text"),
    ("unknown", b"BM as bytes \x01"),
    ("unknown", tga() + b"Q" * 11),
    ("unknown", tga(kind=10) + b"\x83QQQ"),
    ("unknown", tga(kind=7) + b"\x83QQQ" + TGA_END),
    ("unknown", tga(width=0) + TGA_END),
    ("unknown", tga(kind=1, depth=8) + b"Q" * 4 + TGA_END),
    ("unknown", b"\x01" * 65536 + PARTITION),
]


@pytest.mark.parametrize(("name", "content"), MADE)
def test_a_file_is_known_by_its_bytes(name: str, content: bytes) -> None:
    assert sniff_open(io.BytesIO(content)) == Format(name=name, kind=KINDS[name])


def test_every_format_has_an_example_here() -> None:
    assert {name for name, _ in MADE} == set(KINDS)


@pytest.mark.parametrize("at", [5000, (16 << 20) - 5, (16 << 20) + 5, (17 << 20) - 1])
def test_text_that_turns_into_something_else_is_no_text(at: int) -> None:
    content = bytearray(b"a line of text\n" * 1_190_000)[: 17 << 20]
    content[at] = 0

    assert sniff_open(io.BytesIO(bytes(content))).name == "unknown"


def test_long_text_in_sixteen_bit_letters_is_text() -> None:
    content = "\ufeff" + "\U0001f3ac" * 400_000 + "x" + "\U0001f3ac" * 300_000

    assert sniff_open(io.BytesIO(content.encode("utf-16-le"))).name == "text"


def test_ogg_with_a_picture_is_video() -> None:
    found = sniff_open(io.BytesIO(b"OggS\0\x02" + bytes(22) + b"\x80theora"))

    assert found == Format(name="ogg", kind=MediaKind.VIDEO)


def test_the_extension_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"\x89PNG\r\n\x1a\n")

    assert sniff(tmp_path / "film.mov").name == "png"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "link.png").symlink_to("picture.png")

    with pytest.raises(OSError, match="symbolic"):
        sniff(tmp_path / "link.png")


def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.mov")

    with pytest.raises(OSError, match="not a regular file"):
        sniff(tmp_path / "film.mov")


@given(st.sampled_from([content for _, content in MADE]), st.binary(max_size=64), st.integers(0, 80))
def test_any_bytes_have_a_format(content: bytes, junk: bytes, at: int) -> None:
    assert sniff_open(io.BytesIO(content[:at] + junk + content[at + len(junk) :])).name in KINDS


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the collection of real files is not here")
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("c2pa/c2pa-rs/sample1.avif", "avif"),
        ("c2pa/c2pa-rs/sample1.heif", "heif"),
        ("c2pa/c2pa-rs/sample1.gif", "gif"),
        ("c2pa/c2pa-rs/C.dng", "dng"),
        ("c2pa/c2pa-rs/sample1_signed.wav", "wav"),
        ("c2pa/c2pa-rs/file_with_wrong_extension.xyz.jpg", "jpeg"),
        ("c2pa/openai-dalle.webp", "webp"),
        ("c2pa/adobe-express-firefly.pdf", "pdf"),
        ("c2pa/test-signer-audio.mp3", "mp3"),
        ("metadata/XMP.svg", "svg"),
        ("metadata/MXF.mxf", "mxf"),
        ("metadata/QuickTime.mov", "mov"),
        ("footage/big_buck_bunny_0_30.webm", "webm"),
        ("footage/codecs/av1_video.mkv", "matroska"),
        ("footage/flat-colours.m4v", "mp4"),
        ("copies/skyline/v2s.mov", "mov"),
        ("stills/exr/t01.exr", "exr"),
        ("packages/imf-app5/ASSETMAP.xml", "text"),
        ("timelines/clip_example.otio", "otio"),
        ("hostile/c2pa-rs/riff_bomb_1000.wav", "wav"),
        ("hostile/c2pa-rs/nested_moov_1000.mp4", "mp4"),
    ],
)
def test_real_files_are_known(file: str, name: str) -> None:
    assert sniff(FIXTURES / file).name == name
