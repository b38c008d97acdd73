"""Every text of a file that a tool may have written its settings into, whatever the container."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from scanner.sources import xmp
from scanner.sources.carriers import blocks, boxes, jpeg, png, riff, stealth, tags, tiff
from scanner.sources.carriers.bounds import TOTAL_LIMIT, Skipped, Text

Reader = Callable[[BinaryIO], Iterator[Text | Skipped]]

_READERS: dict[str, Reader] = {
    "png": png.texts,
    "jpeg": jpeg.texts,
    "webp": riff.texts,
    "wav": riff.texts,
    "avi": riff.texts,
    "tiff": tiff.texts,
    "dng": tiff.texts,
    "gif": blocks.gif_texts,
    "psd": blocks.psd_texts,
    "exr": blocks.exr_texts,
    "heif": boxes.exif_texts,
    "avif": boxes.exif_texts,
    "jxl": boxes.exif_texts,
}
_HIDING = ("png", "webp")

FORMATS = frozenset(_READERS) | frozenset(tags.DEMUXERS)


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
    if format_name in tags.DEMUXERS:
        yield from tags.texts(path, format_name)


def _properties(xml: bytes) -> Iterator[Text]:
    try:
        properties = xmp.properties(xml)
    except xmp.UNPARSABLE:
        return
    for item in properties:
        yield Text(place="XMP", key=item.name, value=item.value)
