"""Labels in which a file itself declares AI, wherever its container keeps XMP."""

import html
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.media.formats import sniff
from scanner.model import DeclaredLabel, Meaning, Observation, Unreadable
from scanner.sources import Source
from scanner.sources.declared import DeclaredLabels

from .contract import SourceContract, seen
from .making import (
    TRAINED,
    aigc,
    box,
    encoded,
    exif,
    extended_xmp,
    gif,
    international_text,
    jpeg,
    jpeg_xmp,
    packed_text,
    png,
    psd,
    sound,
    text,
    tiff,
    trained,
    video,
    wav,
    webp,
    xmp,
)
from .making_media import (
    aiff,
    ape,
    attachment,
    avi,
    comments,
    dpx,
    exr,
    flac,
    flv,
    freeform_item,
    heif,
    id3,
    iim,
    jpeg_of_two,
    jxl_packed,
    keyless_item,
    local_set,
    matroska,
    matroska_tags,
    meta_items,
    mxf,
    ogg,
    pdf,
    photoshop,
    resource,
    simple_tag,
)

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
FILE_TYPE = box(b"ftyp", b"isom\0\0\0\0isom")
RAW_PROFILE = b"\nxmp\n%8d\n" % len(trained()) + trained().hex().encode()

CARRIERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "JPEG APP1": ("jpeg", lambda packet: jpeg(jpeg_xmp(packet))),
    "JPEG extended": ("jpeg", lambda packet: jpeg(*extended_xmp(packet))),
    "JPEG in UTF-16": ("jpeg", lambda packet: jpeg(jpeg_xmp(packet.decode().encode("utf-16-le")))),
    "PNG iTXt": ("png", lambda packet: png(international_text("XML:com.adobe.xmp", packet))),
    "PNG iTXt, packed": ("png", lambda packet: png(international_text("XML:com.adobe.xmp", packet, packed=True))),
    "PNG iTXt after the pixels": (
        "png",
        lambda packet: png(late=(international_text("XML:com.adobe.xmp", packet, packed=True),)),
    ),
    "PNG tEXt": ("png", lambda packet: png((b"tEXt", b"XML:com.adobe.xmp\0" + packet))),
    "PNG raw profile": ("png", lambda _packet: png(packed_text("Raw profile type xmp", RAW_PROFILE))),
    "WebP": ("webp", lambda packet: webp(xmp=packet)),
    "TIFF": ("tiff", tiff),
    "DNG": ("dng", tiff),
    "GIF": ("gif", gif),
    "PSD": ("psd", psd),
    "AVIF that Pillow writes": ("avif", lambda packet: encoded("AVIF", xmp=packet)),
    "MP4 uuid": ("mp4", lambda packet: FILE_TYPE + box(b"uuid", XMP_UUID + packet)),
    "MP4 uuid after the media": (
        "mp4",
        lambda packet: FILE_TYPE + box(b"mdat", bytes(100)) + box(b"uuid", XMP_UUID + packet),
    ),
    "MOV udta": ("mov", lambda packet: FILE_TYPE + box(b"moov", box(b"udta", box(b"XMP_", packet)))),
    "WAV": ("wav", lambda packet: wav((b"_PMX", packet))),
    "SVG": (
        "svg",
        lambda packet: b"<svg xmlns='http://www.w3.org/2000/svg'><metadata>" + packet + b"</metadata></svg>",
    ),
    "PDF": ("pdf", lambda packet: b"%PDF-1.7\n1 0 obj\n<<>>stream\n" + packet + b"\nendstream"),
    "PDF, deflated": ("pdf", pdf),
    "HEIF item": ("heif", lambda packet: heif(b"mime", packet, strings=b"application/rdf+xml\0")),
    "HEIF item in idat": ("heif", lambda packet: heif(b"mime", packet, strings=b"application/rdf+xml\0", in_idat=True)),
    "HEIF item, deflated": (
        "heif",
        lambda packet: heif(b"mime", zlib.compress(packet), strings=b"application/rdf+xml\0deflate\0"),
    ),
    "HEIF": ("heif", lambda packet: box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"mdat", packet)),
    "AVIF": ("avif", lambda packet: box(b"ftyp", b"avif\0\0\0\0mif1") + box(b"mdat", packet)),
    "JPEG XL": ("jxl", lambda packet: b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"xml ", packet)),
    "JPEG XL, packed": ("jxl", lambda packet: jxl_packed(b"xml ", packet)),
    "JPEG 2000": ("jp2", lambda packet: b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"uuid", XMP_UUID + packet)),
    "JPEG, second picture": ("jpeg", lambda packet: jpeg_of_two(jpeg(jpeg_xmp(packet)))),
    "PSB": ("psd", lambda packet: photoshop(resource(1060, packet), version=2)),
    "MP4 meta": (
        "mp4",
        lambda packet: FILE_TYPE + box(b"meta", bytes(4) + box(b"hdlr", bytes(24)) + box(b"xml ", packet)),
    ),
    "MP4 tag": ("mp4", lambda packet: FILE_TYPE + box(b"moov", meta_items(("xmp", packet.decode())))),
    "AVI": ("avi", lambda packet: avi((b"_PMX", packet))),
    "AIFF": ("aiff", lambda packet: aiff((b"SSND", bytes(99)), (b"APPL", b"XMP " + packet))),
    "AIFF ID3": ("aiff", lambda packet: aiff((b"ID3 ", id3(("PRIV", b"XMP\0" + packet))))),
    "MP3 PRIV": ("mp3", lambda packet: id3(("PRIV", b"XMP\0" + packet))),
    "MP3 GEOB": ("mp3", lambda packet: id3(("GEOB", b"\0text/xml\0\0\0" + packet), version=3)),
    "FLAC application": ("flac", lambda packet: flac((0, bytes(34)), (2, b"riff" + packet))),
    "FLAC comment": ("flac", lambda packet: flac((4, comments(XMP=packet.decode())))),
    "Matroska attachment": ("matroska", lambda packet: matroska(attachment(packet))),
    "Matroska tag": ("matroska", lambda packet: matroska(matroska_tags(simple_tag("XMP", packet.decode())))),
    "MXF header": ("mxf", lambda packet: mxf(header=local_set((0x8001, packet)))),
    "MXF footer in UTF-16": (
        "mxf",
        lambda packet: mxf(footer=local_set((0x8001, packet.decode().encode("utf-16-be")))),
    ),
    "MXF generic stream": ("mxf", lambda packet: mxf(stream=packet)),
    "EXR attribute": ("exr", lambda packet: exr(("xmp", "string", packet))),
    "DPX user data": ("dpx", lambda packet: dpx(user_data=packet)),
    "sidecar": ("xmp", lambda packet: packet),
    "sidecar in UTF-16": ("xmp", lambda packet: packet.decode().encode("utf-16")),
    "MXF": ("mxf", lambda packet: b"\x06\x0e\x2b\x34" + bytes(500) + packet),
    "text": ("text", lambda packet: b"sidecar " + packet),
}


def labels(path: Path, format_name: str = "jpeg") -> list[Observation]:
    return seen(DeclaredLabels(), path, format_name)


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "delivered"
    path.write_bytes(content)
    return path


def of_packet(tmp_path: Path, packet: bytes) -> list[Observation]:
    return labels(written(tmp_path, jpeg(jpeg_xmp(packet))))


class TestTheContractForJpeg(SourceContract):
    @pytest.fixture
    def source(self) -> Source:
        return DeclaredLabels()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return written(tmp_path, jpeg(*extended_xmp(trained()), jpeg_xmp(trained())))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return written(tmp_path, jpeg(jpeg_xmp(xmp("<dc:title>Shot</dc:title>"))))


class TestTheContractForPng(TestTheContractForJpeg):
    format_name = "png"

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return written(
            tmp_path, png(international_text("XML:com.adobe.xmp", trained(), packed=True), text("AIGC", aigc()))
        )

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return written(tmp_path, png(text("Title", "Shot")))


class TestTheContractForPhotoshop(TestTheContractForJpeg):
    format_name = "psd"

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        return written(tmp_path, psd(trained()))

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        return written(tmp_path, psd(xmp("")))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_xmp_is_read_wherever_the_format_keeps_it(tmp_path: Path, carrier: str) -> None:
    format_name, wrap = CARRIERS[carrier]

    found = [
        item for item in labels(written(tmp_path, wrap(trained())), format_name) if isinstance(item, DeclaredLabel)
    ]

    assert [(item.field, item.value) for item in found] == [
        ("Iptc4xmpExt:DigitalSourceType", "trainedAlgorithmicMedia"),
    ]
    assert not [item for item in labels(tmp_path / "delivered", format_name) if isinstance(item, Unreadable)]


@pytest.mark.parametrize(
    "value",
    [
        TRAINED,
        TRAINED.replace("http:", "https:"),
        TRAINED + "/",
        "trainedAlgorithmicMedia",
        "digsrctype:trainedAlgorithmicMedia",
        "TRAINEDALGORITHMICMEDIA",
        "Trained Algorithmic Media",
        " " + TRAINED + "\n",
    ],
)
def test_every_way_to_write_a_source_type_is_understood(tmp_path: Path, value: str) -> None:
    packet = xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{value}"')

    (found,) = of_packet(tmp_path, packet)

    assert isinstance(found, DeclaredLabel)
    assert (found.value, found.meaning) == ("trainedAlgorithmicMedia", Meaning.AI)


@pytest.mark.parametrize(
    "properties",
    [
        "<Iptc4xmpExt:DigitalSourceType>{}</Iptc4xmpExt:DigitalSourceType>",
        '<Iptc4xmpExt:DigitalSourceType rdf:resource="{}"/>',
        "<Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></Iptc4xmpExt:DigitalSourceType>",
        (
            "<Iptc4xmpExt:DigitalSourceType><rdf:Alt><rdf:li xml:lang='x-default'>{}</rdf:li></rdf:Alt>"
            "</Iptc4xmpExt:DigitalSourceType>"
        ),
    ],
)
def test_every_shape_of_a_property_is_read(tmp_path: Path, properties: str) -> None:
    assert len(of_packet(tmp_path, xmp(properties.format(TRAINED)))) == 1


@pytest.mark.parametrize(
    ("term", "meaning"),
    [
        ("trainedAlgorithmicMedia", Meaning.AI),
        ("compositeWithTrainedAlgorithmicMedia", Meaning.AI),
        ("compositeSynthetic", Meaning.AI),
        ("composite", Meaning.MAYBE),
        ("virtualRecording", Meaning.MAYBE),
        ("aTermOfTomorrow", Meaning.MAYBE),
    ],
)
def test_terms_that_speak_of_generated_media_are_labels(tmp_path: Path, term: str, meaning: Meaning) -> None:
    packet = xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{TRAINED.rpartition("/")[0]}/{term}"')

    (found,) = of_packet(tmp_path, packet)

    assert isinstance(found, DeclaredLabel)
    assert (found.value, found.meaning) == (term, meaning)


@pytest.mark.parametrize(
    "term",
    [
        "algorithmicMedia",
        "algorithmicallyEnhanced",
        "softwareImage",
        "digitalCapture",
        "computationalCapture",
        "negativeFilm",
        "positiveFilm",
        "print",
        "minorHumanEdits",
        "humanEdits",
        "digitalArt",
        "digitalCreation",
        "dataDrivenMedia",
        "compositeCapture",
        "screenCapture",
    ],
)
def test_terms_that_do_not_are_no_labels(tmp_path: Path, term: str) -> None:
    for value in (term, f"{TRAINED.rpartition('/')[0]}/{term}", f"digsrctype:{term}"):
        assert of_packet(tmp_path, xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{value}"')) == []


@pytest.mark.parametrize("value", ["http://c2pa.org/digitalsourcetype/empty", "Digital art", "scanned film", "", "-"])
def test_what_is_no_term_of_the_vocabulary_is_no_label(tmp_path: Path, value: str) -> None:
    assert of_packet(tmp_path, xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{value}"')) == []


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("Created using Generative AI", "trainedAlgorithmicMedia"),
        ("Edited using Generative AI", "compositeWithTrainedAlgorithmicMedia"),
        ("Composite including generative AI elements", "compositeSynthetic"),
        ("Composite including synthetic elements", "compositeSynthetic"),
    ],
)
def test_the_english_names_of_the_terms_are_understood(tmp_path: Path, name: str, term: str) -> None:
    (found,) = of_packet(tmp_path, xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{name}"'))

    assert isinstance(found, DeclaredLabel)
    assert found.value == term


@pytest.mark.parametrize("name", ["AISystemUsed", "AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName"])
def test_any_of_the_ai_properties_declares_ai(tmp_path: Path, name: str) -> None:
    (found,) = of_packet(tmp_path, xmp(f"<Iptc4xmpExt:{name}>Brush</Iptc4xmpExt:{name}>"))

    assert isinstance(found, DeclaredLabel)
    assert (found.field, found.meaning) == (f"Iptc4xmpExt:{name}", Meaning.AI)


def test_the_system_used_is_the_tool(tmp_path: Path) -> None:
    packet = xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{TRAINED}" Iptc4xmpExt:AISystemUsed="Brush"')

    assert {found.tool for found in of_packet(tmp_path, packet) if isinstance(found, DeclaredLabel)} == {"Brush"}


def test_a_prompt_is_never_told(tmp_path: Path) -> None:
    packet = xmp("<Iptc4xmpExt:AIPromptInformation>a very secret scene</Iptc4xmpExt:AIPromptInformation>")

    assert "secret" not in repr(of_packet(tmp_path, packet))


@pytest.mark.parametrize(
    ("credit", "tool"),
    [
        ("Made with Google AI", "Google AI"),
        ("Edited with Google AI", "Google AI"),
        ("Apple Image Playground", "Apple Image Playground"),
        ("Apple Photos Generative Edit: Clean Up", "Apple Photos Generative Edit: Clean Up"),
    ],
)
def test_credit_lines_of_makers_are_labels(tmp_path: Path, credit: str, tool: str) -> None:
    (found,) = of_packet(tmp_path, xmp(f"<photoshop:Credit>{credit}</photoshop:Credit>"))

    assert isinstance(found, DeclaredLabel)
    assert (found.field, found.tool, found.meaning) == ("photoshop:Credit", tool, Meaning.AI)


@pytest.mark.parametrize("credit", ["Jane Doe", "Google", "HDR+", "Adobe Photoshop"])
def test_other_credit_lines_are_not(tmp_path: Path, credit: str) -> None:
    assert of_packet(tmp_path, xmp(f"<photoshop:Credit>{credit}</photoshop:Credit>")) == []


@pytest.mark.parametrize(
    "broken",
    [
        trained().replace(b"</rdf:Description>", b""),
        trained().replace(b"xmlns:Iptc4xmpExt", b"xmlns:other"),
        trained()[:-90],
        trained().replace(b"<Iptc4xmpExt", b"& <Iptc4xmpExt"),
        xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{TRAINED}" Iptc4xmpExt:DigitalSourceType="{TRAINED}"'),
        xmp("< <photoshop:Credit>Made with Google AI</photoshop:Credit>"),
        xmp(f"< <TC260:AIGC>{html.escape(aigc())}</TC260:AIGC>"),
        xmp("< <Iptc4xmpExt:AISystemUsed>Brush</Iptc4xmpExt:AISystemUsed>"),
    ],
)
def test_broken_xml_does_not_hide_a_declaration(tmp_path: Path, broken: bytes) -> None:
    (found,) = of_packet(tmp_path, broken)

    assert isinstance(found, DeclaredLabel)
    assert found.meaning is Meaning.AI


def test_xmp_that_cannot_be_understood_at_all_is_said(tmp_path: Path) -> None:
    (found,) = of_packet(tmp_path, b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF></x:xmpmeta>")

    assert isinstance(found, Unreadable)
    assert found.partly


def test_an_xml_bomb_is_refused_and_said(tmp_path: Path) -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "lol">{lines}]><r>&l9;</r>'.encode()

    (found,) = of_packet(tmp_path, bomb)

    assert isinstance(found, Unreadable)


def test_an_external_entity_is_refused_and_said(tmp_path: Path) -> None:
    attack = b'<!DOCTYPE x [<!ENTITY passwd SYSTEM "file:///etc/passwd">]><r>&passwd;</r>'

    (found,) = of_packet(tmp_path, attack)

    assert isinstance(found, Unreadable)


def test_a_packed_text_that_inflates_without_end_is_said_and_not_inflated(tmp_path: Path) -> None:
    bomb = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(bytes(40 << 20), 9)

    (found,) = labels(written(tmp_path, png((b"iTXt", bomb))), "png")

    assert isinstance(found, Unreadable)
    assert "32 MiB" in found.reason


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        ("jxl", b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"brob", b"xml " + bytes(20))),
        ("jxl", jxl_packed(b"xml ", bytes(40 << 20))),
        ("pdf", pdf(trained(), filter_name=b"/LZWDecode")),
        ("pdf", pdf(bytes(range(128, 255)), packed=False)),
        ("xmp", b"<x:xmpmeta><rdf:RDF></x:xmpmeta>"),
        ("xmp", bytes(17 << 20)),
    ],
    ids=["damaged", "bomb", "LZW", "encrypted", "torn sidecar", "long sidecar"],
)
def test_xmp_that_cannot_be_unpacked_or_read_is_said(tmp_path: Path, format_name: str, content: bytes) -> None:
    (found,) = labels(written(tmp_path, content), format_name)

    assert isinstance(found, Unreadable)
    assert found.partly


def test_a_text_that_quotes_a_torn_packet_is_no_trouble(tmp_path: Path) -> None:
    assert labels(written(tmp_path, b"write <x:xmpmeta and then </x:xmpmeta> around it"), "text") == []


def test_an_svg_whose_rdf_leans_on_names_declared_above_is_no_trouble(tmp_path: Path) -> None:
    drawing = b"<svg xmlns:rdf='r' xmlns:cc='c'><rdf:RDF><cc:Work/></rdf:RDF></svg>"

    assert labels(written(tmp_path, drawing), "svg") == []


@pytest.mark.parametrize(
    ("stated", "meaning"), [("1", Meaning.AI), ("2", Meaning.MAYBE), ("3", Meaning.MAYBE), ("", Meaning.AI)]
)
def test_the_aigc_label_says_how_sure_its_maker_is(tmp_path: Path, stated: str, meaning: Meaning) -> None:
    (found,) = of_packet(tmp_path, xmp(f"<TC260:AIGC>{html.escape(aigc(stated))}</TC260:AIGC>"))

    assert isinstance(found, DeclaredLabel)
    assert (found.field, found.meaning) == ("TC260:AIGC", meaning)


@pytest.mark.parametrize(
    ("producer", "tool"),
    [
        ("001191110102MACQD9K64010000", "Doubao"),
        ("00119144030008867405X210001", "Jimeng"),
        ("kling", "kling"),
        ("001199999999999999999990001", None),
    ],
)
def test_the_aigc_label_names_its_producer_if_known(tmp_path: Path, producer: str, tool: str | None) -> None:
    (found,) = of_packet(tmp_path, xmp("", attributes=f'TC260:AIGC="{html.escape(aigc("1", producer))}"'))

    assert isinstance(found, DeclaredLabel)
    assert found.tool == tool


EXIF_LABELS = {
    "UserComment": b"ASCII\0\0\0" + f'{{"AIGC": {aigc()}}}'.encode(),
    "ImageDescription": aigc(),
    "Artist": f"AIGC{aigc()}",
}
LABELLED: dict[str, tuple[str, bytes]] = {
    "PNG tEXt": ("png", png(text("AIGC", aigc()))),
    "PNG tEXt, wrapped": ("png", png(text("AIGC", f'{{"AIGC": {aigc()}}}'))),
    "PNG tEXt, wrapped as text": ("png", png(text("AIGC", json.dumps({"AIGC": aigc()})))),
    "PNG tEXt, quoted": ("png", png(text("AIGC", json.dumps(aigc())))),
    "PNG zTXt after the pixels": ("png", png(late=(packed_text("AIGC", aigc().encode()),))),
    "PNG iTXt": ("png", png(international_text("Comment", f'{{"AIGC":{aigc()}}}'.encode()))),
    "PNG eXIf": ("png", encoded("PNG", exif=exif(**EXIF_LABELS))),
    "JPEG segment": ("jpeg", jpeg((0xEF, b"AIGC" + aigc().encode()))),
    "JPEG comment": ("jpeg", jpeg((0xFE, b"AIGC: " + aigc().encode() + b" and more"))),
    "JPEG UserComment": ("jpeg", encoded("JPEG", exif=exif(UserComment=EXIF_LABELS["UserComment"]))),
    "JPEG ImageDescription": ("jpeg", encoded("JPEG", exif=exif(ImageDescription=aigc()))),
    "JPEG IPTC": ("jpeg", jpeg((0xED, b"Photoshop 3.0\0" + resource(1028, iim((40, f"AIGC{aigc()}")))))),
    "TIFF IPTC": ("tiff", encoded("TIFF", tiffinfo={33723: iim((120, aigc()))})),
    "WebP UserComment": ("webp", webp(exif=exif(UserComment=EXIF_LABELS["UserComment"]))),
    "PSD EXIF": ("psd", photoshop(resource(1058, exif(ImageDescription=aigc())))),
    "HEIF EXIF": ("heif", heif(b"Exif", bytes(4) + exif(ImageDescription=aigc()))),
    "JPEG XL EXIF": ("jxl", jxl_packed(b"Exif", bytes(4) + exif(ImageDescription=aigc()))),
    "JPEG 2000": ("jp2", encoded("JPEG2000", comment=f"AIGC{aigc()}")),
    "JPEG 2000, bare": ("jp2", encoded("JPEG2000", no_jp2=True, comment=f"AIGC{aigc()}")),
    "AVIF EXIF": ("avif", encoded("AVIF", exif=exif(ImageDescription=aigc()))),
    "GIF comment": ("gif", encoded("GIF", comment=f"AIGC{aigc()}")),
    "TIFF EXIF": ("tiff", encoded("TIFF", exif=exif(UserComment=EXIF_LABELS["UserComment"]))),
    "MP4 keys": ("mp4", FILE_TYPE + box(b"moov", box(b"udta", meta_items(("AIGC", aigc()))))),
    "MP4 keys in moov": ("mp4", FILE_TYPE + box(b"mdat", bytes(99)) + box(b"moov", meta_items(("AIGC", aigc())))),
    "MP4 keys in a fragment": ("mp4", FILE_TYPE + box(b"moof", meta_items(("AIGC", aigc())))),
    "MP4 without keys": ("mp4", FILE_TYPE + box(b"moov", keyless_item(b"AIGC", aigc()))),
    "MP4 without keys or data": ("mp4", FILE_TYPE + box(b"moov", keyless_item(b"AIGC", aigc(), in_data=False))),
    "MP4 box": ("mp4", FILE_TYPE + box(b"moov", box(b"udta", box(b"AIGC", aigc().encode())))),
    "MP4 freeform": ("mp4", FILE_TYPE + box(b"moov", box(b"udta", freeform_item("AIGC", aigc())))),
    "MKV": ("matroska", matroska(matroska_tags(simple_tag("AIGC", aigc())))),
    "WebM, live": ("webm", matroska(matroska_tags(simple_tag("AIGC", aigc())), unknown_size=True)),
    "WAV": ("wav", wav((b"AIGC", aigc().encode()))),
    "WAV bext": ("wav", wav((b"bext", aigc().encode().ljust(602, b"\0")))),
    "WAV iXML": ("wav", wav((b"iXML", f"<BWFXML><NOTE>{html.escape(aigc())}</NOTE></BWFXML>".encode()))),
    "AVI INFO": ("avi", avi(info=((b"AIGC", aigc().encode()),))),
    "MP3 TXXX": ("mp3", id3(("TXXX", b"\3AIGC\0" + aigc().encode()))),
    "MP3 TXXX in UTF-16": (
        "mp3",
        id3(("TXXX", b"\1" + "AIGC\0".encode("utf-16") + aigc().encode("utf-16")), version=3),
    ),
    "MP3 TXX": ("mp3", id3(("TXX", b"\0AIGC\0" + aigc().encode()), version=2)),
    "MP3 APE": ("mp3", ape("AIGC", aigc())),
    "FLAC": ("flac", flac((0, bytes(34)), (4, comments(AIGC=aigc())))),
    "Opus": ("ogg", ogg(b"OpusHead" + bytes(11), b"OpusTags" + comments(AIGC=aigc()))),
    "AIFF": ("aiff", aiff((b"ANNO", f"AIGC{aigc()}".encode()))),
    "FLV": ("flv", flv(("AIGC", aigc()), after=3)),
    "FLV as it is sniffed": ("unknown", flv(("AIGC", aigc()))),
    "EXR": ("exr", exr(("AIGC", "string", aigc().encode()))),
    "DPX": ("dpx", dpx(project=f"AIGC{aigc()}")),
    "MXF": (
        "mxf",
        mxf(
            header=local_set(
                (0x5001, "AIGC".encode("utf-16-be")), (0x5003, b"B" + bytes(16) + aigc().encode("utf-16-be"))
            )
        ),
    ),
    "MXF, own tag": ("mxf", mxf(footer=local_set((0x8001, f"AIGC{aigc()}".encode("utf-16-be"))))),
    "MXF, JSON": ("mxf", mxf(footer=local_set((0x8001, aigc().encode())))),
    "PDF": ("pdf", b"%PDF-1.4 <</Keywords (AIGC" + aigc().encode() + b")>>"),
}


@pytest.mark.parametrize("carrier", LABELLED)
def test_the_aigc_label_is_found_outside_xmp(tmp_path: Path, carrier: str) -> None:
    format_name, content = LABELLED[carrier]

    found = labels(written(tmp_path, content), format_name)

    assert {(item.meaning, item.tool) for item in found if isinstance(item, DeclaredLabel)} == {(Meaning.AI, "doubao")}
    assert not [item for item in found if isinstance(item, Unreadable)]


@pytest.mark.parametrize(
    ("value", "tool"),
    [
        ('{"Label":"1","ServiceProvider":"Tencent","ServiceUser":"x"}', "Tencent"),
        ('{"AIGC":{"Label":1,"ServiceProvider":"Tencent"}}', "Tencent"),
        ("{'Label': '1', 'ContentProducer': 'vidu'}", "vidu"),
        ('{"Label":"1","ContentProducer":"wan"', "wan"),
        ('{"Label":"1"}', None),
    ],
)
def test_every_shape_of_the_aigc_label_is_read(tmp_path: Path, value: str, tool: str | None) -> None:
    (found,) = labels(written(tmp_path, png(text("AIGC", value))), "png")

    assert isinstance(found, DeclaredLabel)
    assert (found.meaning, found.tool) == (Meaning.AI, tool)


@pytest.mark.parametrize(("stated", "said"), [(0, False), (1, True), (2, True)])
def test_the_label_of_an_app_counts_only_where_it_is_set(tmp_path: Path, stated: int, said: bool) -> None:  # noqa: FBT001
    film = FILE_TYPE + box(b"moov", meta_items(("aigc_info", f'{{"aigc_label_type": {stated}, "source_info": "x"}}')))

    found = labels(written(tmp_path, film), "mp4")

    assert [item.meaning for item in found if isinstance(item, DeclaredLabel)] == [Meaning.MAYBE] * said


TYPED: dict[str, tuple[str, bytes]] = {
    "PNG": ("png", png(text("DigitalSourceType", TRAINED))),
    "MP4": ("mp4", FILE_TYPE + box(b"moov", meta_items(("org.iptc.digitalSourceType", TRAINED)))),
    "Matroska": ("matroska", matroska(matroska_tags(simple_tag("DIGITAL_SOURCE_TYPE", TRAINED)))),
    "FLAC": ("flac", flac((4, comments(DIGITALSOURCETYPE="trainedAlgorithmicMedia")))),
    "EXR": ("exr", exr(("Iptc4xmpExt:DigitalSourceType", "string", TRAINED.encode()))),
    "JSON": ("mp4", FILE_TYPE + box(b"moov", meta_items(("comment", json.dumps({"digitalSourceType": TRAINED}))))),
}


@pytest.mark.parametrize("carrier", TYPED)
def test_a_source_type_counts_under_its_name_in_any_container(tmp_path: Path, carrier: str) -> None:
    format_name, content = TYPED[carrier]

    (found,) = labels(written(tmp_path, content), format_name)

    assert isinstance(found, DeclaredLabel)
    assert (found.value, found.meaning) == ("trainedAlgorithmicMedia", Meaning.AI)


@pytest.mark.parametrize("key", ["AISystemUsed", "ai_system_used", "aiSystemUsed", "AIPromptInformation"])
def test_the_ai_properties_count_in_container_tags(tmp_path: Path, key: str) -> None:
    (found,) = labels(written(tmp_path, FILE_TYPE + box(b"moov", meta_items((key, "a very secret thing")))), "mp4")

    assert isinstance(found, DeclaredLabel)
    assert found.meaning is Meaning.AI
    assert ("secret" in found.value) is (key != "AIPromptInformation")


@pytest.mark.parametrize("name", ["AISystemUsed", "AIPromptInformation"])
def test_an_empty_property_declares_nothing(tmp_path: Path, name: str) -> None:
    assert of_packet(tmp_path, xmp("", attributes=f'Iptc4xmpExt:{name}=""')) == []


@pytest.mark.parametrize("number", [110, 40, 120])
def test_credit_lines_count_in_iptc_fields(tmp_path: Path, number: int) -> None:
    resources = b"Photoshop 3.0\0" + resource(1028, iim((number, "Made with Google AI")))

    (found,) = labels(written(tmp_path, jpeg((0xED, resources))))

    assert isinstance(found, DeclaredLabel)
    assert (found.tool, found.meaning) == ("Google AI", Meaning.AI)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("AI-generated image", "AI-generated"),
        ("Sea at night. Created with generative AI.", "Created with generative AI"),
        ("made by artificial intelligence", "made by artificial intelligence"),
        ("图片由AI生成", "AI生成"),
        ("This picture was not generated by AI", None),
        ("No AI-generated content", None),
        ("本图非AI生成", None),
        ("A conference on generative AI and film", None),
        ("AI Weiwei, exhibition, London", None),
        ("Made with GIMP", None),
        ("edited with Adobe Photoshop", None),
        ("Painting by AIDA", None),
    ],
)
def test_plain_words_are_a_lead_where_they_state_it(tmp_path: Path, words: str, said: str | None) -> None:
    resources = b"Photoshop 3.0\0" + resource(1028, iim((120, words)))

    found = labels(written(tmp_path, jpeg((0xED, resources))))

    assert [(item.value, item.meaning) for item in found if isinstance(item, DeclaredLabel)] == [
        (word, Meaning.MAYBE) for word in (said,) if word
    ]


@pytest.mark.parametrize(("kind", "said"), [(0, 0), (1, 1), (-1, 1)])
def test_samsungs_edits_are_told_where_they_were_generative(tmp_path: Path, kind: int, said: int) -> None:
    trailer = b'PhotoEditor_Re_Edit_Data{"originalPath":"x","genAIType":%d,"isAIEdit":false}SEFT' % kind

    found = labels(written(tmp_path, jpeg() + trailer))

    assert [item.tool for item in found if isinstance(item, DeclaredLabel)] == ["Samsung Galaxy AI"] * said


def test_the_aigc_label_is_found_in_container_tags(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", AIGC=aigc("1", "kling"))

    assert [found.tool for found in labels(path, "mp4") if isinstance(found, DeclaredLabel)] == ["kling"]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.oga", "flac"), ("a.m4a", "aac"), ("a.wav", "pcm_s16le")],
)
def test_comments_that_ffmpeg_writes_are_read(tmp_path: Path, name: str, codec: str) -> None:
    path = sound(tmp_path / name, codec, comment=f"AIGC{aigc()}")

    found = labels(path, sniff(path).name)

    assert {item.tool for item in found if isinstance(item, DeclaredLabel)} == {"doubao"}


@pytest.mark.parametrize("value", ["{}", '{"other": 1}', "[1]", "1", "", "hello", "[" * 100_000])
def test_a_generic_aigc_text_without_a_known_field_is_no_label(tmp_path: Path, value: str) -> None:
    assert labels(written(tmp_path, png(text("AIGC", value))), "png") == []


def test_values_are_cleaned(tmp_path: Path) -> None:
    packet = xmp("<Iptc4xmpExt:AISystemUsed>Brush&#10;&#x202e;" + "x" * 900 + "</Iptc4xmpExt:AISystemUsed>")

    (found,) = of_packet(tmp_path, packet)

    assert isinstance(found, DeclaredLabel)
    assert found.value.startswith("Brush x")
    assert len(found.value) == 200


def test_the_label_after_a_gigabyte_of_film_is_found_in_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "film"
    with path.open("wb") as film:
        film.write(FILE_TYPE + struct.pack(">I4sQ", 1, b"mdat", (1 << 30) + 16))
        film.seek(1 << 30, 1)
        film.write(box(b"moov", box(b"udta", meta_items(("AIGC", aigc())))))

    assert len(labels(path, "mp4")) == 1
