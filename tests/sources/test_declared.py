"""Labels in which a file itself declares AI, wherever its container keeps XMP."""

import html
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

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
    text,
    tiff,
    trained,
    video,
    wav,
    webp,
    xmp,
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
    "HEIF": ("heif", lambda packet: box(b"ftyp", b"heic\0\0\0\0mif1") + box(b"mdat", packet)),
    "AVIF": ("avif", lambda packet: box(b"ftyp", b"avif\0\0\0\0mif1") + box(b"mdat", packet)),
    "JPEG XL": ("jxl", lambda packet: b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"xml ", packet)),
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
    assert of_packet(tmp_path, xmp("", attributes=f'Iptc4xmpExt:DigitalSourceType="{term}"')) == []


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


def test_brotli_packed_xmp_is_said(tmp_path: Path) -> None:
    content = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"brob", b"xml " + bytes(20))

    (found,) = labels(written(tmp_path, content), "jxl")

    assert isinstance(found, Unreadable)


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


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        ("png", png(text("AIGC", aigc()))),
        ("png", png(text("AIGC", f'{{"AIGC": {aigc()}}}'))),
        ("png", png(late=(packed_text("AIGC", aigc().encode()),))),
        ("jpeg", jpeg((0xEF, b"AIGC" + aigc().encode()))),
        ("jpeg", encoded("JPEG", exif=exif(UserComment=b"ASCII\0\0\0" + f'{{"AIGC": {aigc()}}}'.encode()))),
        ("wav", wav((b"AIGC", aigc().encode()))),
    ],
)
def test_the_aigc_label_is_found_outside_xmp(tmp_path: Path, format_name: str, content: bytes) -> None:
    (found,) = labels(written(tmp_path, content), format_name)

    assert isinstance(found, DeclaredLabel)
    assert (found.meaning, found.tool) == (Meaning.AI, "doubao")


def test_the_aigc_label_is_found_in_container_tags(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", AIGC=aigc("1", "kling"))

    assert [found.tool for found in labels(path, "mp4") if isinstance(found, DeclaredLabel)] == ["kling"]


@pytest.mark.parametrize("value", ["{}", '{"other": 1}', "[1]", "1", "", "hello", "[" * 100_000])
def test_a_generic_aigc_text_without_a_known_field_is_no_label(tmp_path: Path, value: str) -> None:
    assert labels(written(tmp_path, png(text("AIGC", value))), "png") == []


def test_values_are_cleaned(tmp_path: Path) -> None:
    packet = xmp("<Iptc4xmpExt:AISystemUsed>Brush&#10;&#x202e;" + "x" * 900 + "</Iptc4xmpExt:AISystemUsed>")

    (found,) = of_packet(tmp_path, packet)

    assert isinstance(found, DeclaredLabel)
    assert found.value.startswith("Brush x")
    assert len(found.value) == 200
