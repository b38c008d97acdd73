"""Every text of a file that a tool may have written its settings into, whatever the container."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from scanner.sources import xmp
from scanner.sources.carriers import (
    boxes,
    flv,
    gif,
    headers,
    id3,
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
    stealth,
    vorbis,
)
from scanner.sources.carriers.bounds import TOTAL_LIMIT, Skipped, Text, read_at

Reader = Callable[[BinaryIO], Iterator[Text | Skipped]]


def _in_sound(stream: BinaryIO) -> Iterator[Text | Skipped]:
    yield from id3.texts(stream)
    yield from id3.end_texts(stream)


def _in_unknown(stream: BinaryIO) -> Iterator[Text | Skipped]:
    if read_at(stream, 0, 4) == b"FLV\1":
        yield from flv.texts(stream)


_READERS: dict[str, Reader] = {
    "png": png.texts,
    "jpeg": jpeg.texts,
    "webp": riff.texts,
    "wav": riff.texts,
    "avi": riff.texts,
    "aiff": riff.texts,
    "tiff": photoshop.tiff_texts,
    "dng": photoshop.tiff_texts,
    "gif": gif.texts,
    "psd": photoshop.psd_texts,
    "exr": headers.exr_texts,
    "dpx": headers.dpx_texts,
    "heif": items.texts,
    "avif": items.texts,
    "jxl": boxes.exif_texts,
    "jp2": jp2.texts,
    "mp4": quicktime.texts,
    "mov": quicktime.texts,
    "m4a": quicktime.texts,
    "matroska": matroska.texts,
    "webm": matroska.texts,
    "mxf": mxf.texts,
    "flv": flv.texts,
    "mp3": _in_sound,
    "aac": _in_sound,
    "flac": vorbis.flac_texts,
    "ogg": vorbis.ogg_texts,
    "pdf": pdf.texts,
    "unknown": _in_unknown,
}
_HIDING = ("png", "webp")

FORMATS = frozenset(_READERS)


def texts(path: Path, format_name: str) -> Iterator[Text | Skipped]:
    """The texts in the container's own places, 64 MiB of them at most. XMP and hidden texts are not among them."""
    total = 0
    for text in _texts(path, format_name):
        yield text
        total += len(text.value) if isinstance(text, Text) else 0
        if total > TOTAL_LIMIT:
            yield Skipped(what=f"all texts after the first {TOTAL_LIMIT >> 20} MiB")
            return


def all_texts(path: Path, format_name: str) -> Iterator[Text | Skipped]:
    """The container's texts, every XMP property, and what is hidden in a picture's lowest bits."""
    yield from texts(path, format_name)
    for packet in xmp.packets(path, format_name):
        if isinstance(packet, xmp.Packet):
            yield from _properties(packet.xml)
    if format_name in _HIDING:
        yield from stealth.texts(path)


def _texts(path: Path, format_name: str) -> Iterator[Text | Skipped]:
    if reader := _READERS.get(format_name):
        with path.open("rb") as stream:
            yield from reader(stream)


def _properties(xml: bytes) -> Iterator[Text]:
    try:
        properties = xmp.properties(xml)
    except xmp.UNPARSABLE:
        return
    for item in properties:
        yield Text(place="XMP", key=item.name, value=item.value)
