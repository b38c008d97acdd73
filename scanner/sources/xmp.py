"""XMP: where files keep it, and what it says as a flat list of properties. XML is parsed by defusedxml only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scanner.sources.carriers import blocks, boxes, jpeg, png, riff, tiff
from scanner.sources.carriers.bounds import CHUNK_LIMIT, Skipped, payload, windows
from scanner.sources.clean import decoded_utf16

PACKET_LIMIT = 16 << 20
SEARCH_WINDOW = 32 << 20
UNPARSABLE = (ParseError, DefusedXmlException, ValueError, LookupError)

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_START, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_PACKETS_IN_SEARCH = 1000
_NOT_SEARCHED = ("zip", "gzip", "dpx", "empty")
# Text may quote XMP; a packet found by searching such a file need not be one.
_LOOSE = ("text", "unknown")

Carrier = Callable[[BinaryIO], Iterator[bytes | Skipped]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """An XMP packet as UTF-8. `certain`: it stood where XMP belongs, so it matters when it cannot be understood."""

    xml: bytes
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One value of an XMP property, whether written as attribute, element, list item or resource."""

    namespace: str
    name: str
    value: str


def packets(path: Path, format_name: str) -> Iterator[Packet | Skipped]:
    """Every different packet: from the place that the format has for it, and from a search of both ends of the file."""
    if format_name in _NOT_SEARCHED:
        return
    seen: set[bytes] = set()
    with path.open("rb") as stream:
        for found, certain in _candidates(stream, format_name):
            if isinstance(found, Skipped):
                yield found
            elif (packet := _trimmed(found)) and packet not in seen:
                seen.add(packet)
                yield Packet(xml=packet, certain=certain)


def _candidates(stream: BinaryIO, format_name: str) -> Iterator[tuple[bytes | Skipped, bool]]:
    if format_name in _CARRIERS:
        yield from ((found, format_name != "svg") for found in _CARRIERS[format_name](stream))
    certain = format_name not in _PLACED and format_name not in _LOOSE
    yield from ((found, certain) for found in _searched(stream))


def properties(xml: bytes) -> tuple[Property, ...]:
    """Every property of the packet. Raises one of UNPARSABLE for broken XML, a DTD, entities or more than 16 MiB."""
    if len(xml) > PACKET_LIMIT:
        msg = f"longer than {PACKET_LIMIT >> 20} MiB"
        raise ValueError(msg)
    found: list[Property] = []
    waiting: list[tuple[Element, tuple[str, str]]] = [(fromstring(xml, forbid_dtd=True), ("", ""))]
    while waiting:
        element, owner = waiting.pop()
        name = _split(element.tag)
        owner = owner if name[0] == _RDF else name
        found.extend(_values(element, owner))
        waiting.extend((child, owner) for child in reversed(element))
    return tuple(found)


def _values(element: Element, owner: tuple[str, str]) -> Iterator[Property]:
    for key, value in element.attrib.items():
        namespace, name = _split(key)
        if namespace != _RDF:
            yield Property(namespace=namespace, name=name, value=value)
        elif name == "resource":
            yield Property(namespace=owner[0], name=owner[1], value=value)
    if element.text and element.text.strip():
        yield Property(namespace=owner[0], name=owner[1], value=element.text.strip())


def _split(tag: str) -> tuple[str, str]:
    namespace, brace, name = tag.rpartition("}")
    return (namespace.removeprefix("{"), name) if brace else ("", tag)


def _trimmed(packet: bytes) -> bytes:
    if b"<\0" in packet[:64] or b"\0<" in packet[:64]:
        packet = decoded_utf16(packet).encode("utf-8", "replace")
    start, end = packet.find(_START), packet.rfind(_END)
    if 0 <= start < end:
        return packet[start : end + len(_END)]
    return packet.strip(b"\0 \t\r\n").removeprefix(b"\xef\xbb\xbf")


def _searched(stream: BinaryIO) -> Iterator[bytes]:
    for window in windows(stream, SEARCH_WINDOW):
        at = 0
        for _ in range(_PACKETS_IN_SEARCH):
            start = window.find(_START, at)
            if start < 0:
                break
            end = window.find(_END, start)
            if end < 0:
                yield window[start : start + PACKET_LIMIT]
                break
            at = end + len(_END)
            yield window[start:at]


def _from_png(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    for entry in png.entries(stream):
        if isinstance(entry, Skipped):
            yield entry
        elif entry[0] == png.XMP_KEY:
            yield entry[1]
        elif entry[0] == "Raw profile type xmp":
            yield png.profile(entry[1])


def _from_tiff(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    for entry in tiff.entries(stream):
        if entry.tag == tiff.XMP_TAG:
            yield payload(stream, entry.value, "the XMP tag")


def _from_svg(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    # RDF may stand in an SVG without the wrapper that packets have.
    text = stream.read(CHUNK_LIMIT)
    start, end = text.find(b"<rdf:RDF"), text.rfind(b"</rdf:RDF>")
    if _START not in text and 0 <= start < end:
        yield text[start : end + len(b"</rdf:RDF>")]


_CARRIERS: dict[str, Carrier] = {
    "jpeg": jpeg.packets,
    "png": _from_png,
    "webp": riff.packets,
    "wav": riff.packets,
    "avi": riff.packets,
    "tiff": _from_tiff,
    "dng": _from_tiff,
    "gif": blocks.gif_packets,
    "psd": blocks.psd_packets,
    "mp4": boxes.packets,
    "mov": boxes.packets,
    "m4a": boxes.packets,
    "heif": boxes.packets,
    "avif": boxes.packets,
    "jxl": boxes.packets,
    "svg": _from_svg,
}
# Of these formats all places for XMP are read above; in HEIF and kin XMP is an item that only the search finds.
_PLACED = frozenset(_CARRIERS) - {"heif", "avif", "jxl"}
