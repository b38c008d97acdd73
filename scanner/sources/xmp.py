"""XMP: where files keep it, and what it says as a flat list of properties. XML is parsed by defusedxml only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from scanner.media.formats import NAMING
from scanner.sources.carriers import (
    boxes,
    gif,
    id3,
    items,
    jpeg,
    matroska,
    mxf,
    pdf,
    photoshop,
    png,
    riff,
    tiff,
    vorbis,
)
from scanner.sources.carriers.bounds import CHUNK_LIMIT, Skipped, payload, windows
from scanner.sources.carriers.markup import UNPARSABLE as UNPARSABLE
from scanner.sources.clean import decoded_utf16

PACKET_LIMIT = 16 << 20
_TOTAL_LIMIT = 256 << 20
# How much of each end is searched for packets outside the places that the format has for them.
SEARCH_WINDOW = 32 << 20
_SHORT_WINDOW, _SHORTEST_WINDOW = 4 << 20, 1 << 20

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_START, _END = b"<x:xmpmeta", b"</x:xmpmeta>"
_PACKETS_IN_SEARCH = 1000
# Archives: what is in them is looked at file by file.
WITHOUT = frozenset({"zip", "gzip", "bzip2", "xz", "zstd", "tar", "rar", "7z", "empty"})
# Text may quote XMP; a packet found by searching such a file need not be one.
_LOOSE = frozenset({"text", "unknown"}) | NAMING

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
    if format_name in WITHOUT:
        return
    seen: set[bytes] = set()
    total = 0
    with path.open("rb") as stream:
        for found, certain in _candidates(stream, format_name):
            total += 0 if isinstance(found, Skipped) else len(found)
            if total > _TOTAL_LIMIT:
                yield Skipped(what=f"all XMP after the first {_TOTAL_LIMIT >> 20} MiB")
                return
            if isinstance(found, Skipped):
                yield found
            elif (packet := _trimmed(found)) and packet not in seen:
                seen.add(packet)
                yield Packet(xml=packet, certain=certain)


def _candidates(stream: BinaryIO, format_name: str) -> Iterator[tuple[bytes | Skipped, bool]]:
    if format_name in _CARRIERS:
        yield from ((found, format_name != "svg") for found in _CARRIERS[format_name](stream))
    certain = format_name not in _CARRIERS and format_name not in _LOOSE
    size = _WINDOWS.get(format_name, SEARCH_WINDOW)
    yield from ((found, certain) for found in _searched(stream, size))


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


def _searched(stream: BinaryIO, size: int) -> Iterator[bytes]:
    for window in windows(stream, size) if size else ():
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


def _from_heif(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    yield from items.packets(stream)
    yield from boxes.packets(stream)


def _from_sidecar(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    text = stream.read(PACKET_LIMIT + 1)
    yield Skipped(what=f"a sidecar longer than {PACKET_LIMIT >> 20} MiB") if len(text) > PACKET_LIMIT else text


_CARRIERS: dict[str, Carrier] = {
    "jpeg": jpeg.packets,
    "png": _from_png,
    "webp": riff.packets,
    "wav": riff.packets,
    "avi": riff.packets,
    "aiff": riff.packets,
    "tiff": _from_tiff,
    "dng": _from_tiff,
    "gif": gif.packets,
    "psd": photoshop.psd_packets,
    "mp4": boxes.packets,
    "mov": boxes.packets,
    "m4a": boxes.packets,
    "heif": _from_heif,
    "avif": _from_heif,
    "jxl": boxes.packets,
    "jp2": boxes.packets,
    "matroska": matroska.packets,
    "webm": matroska.packets,
    "mxf": mxf.packets,
    "mp3": id3.packets,
    "aac": id3.packets,
    "flac": vorbis.flac_packets,
    "pdf": pdf.packets,
    "svg": _from_svg,
    "xmp": _from_sidecar,
}
# Frames of a sequence are asked one by one, and films are large: for them the places that the format has must do.
_WINDOWS = {
    **dict.fromkeys(("exr", "dpx", "xmp"), 0),
    **dict.fromkeys(("tiff", "dng", "mp4", "mov", "m4a", "matroska", "webm", "avi", "mpegts", "flv"), _SHORTEST_WINDOW),
    **dict.fromkeys(("mxf", "wav", "aiff", "mp3", "aac", "flac", "ogg", "bmp", "tga"), _SHORTEST_WINDOW),
    **dict.fromkeys(("jpeg", "png", "webp", "gif", "heif", "avif", "jxl", "jp2"), _SHORT_WINDOW),
}
