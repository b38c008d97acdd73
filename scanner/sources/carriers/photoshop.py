"""Photoshop's image resources: in PSD and PSB files, in JPEG's APP13 segments and in TIFF tag 34377."""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import iim, tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, payload, read_at

SIGNATURE = b"Photoshop 3.0\0"
_IIM, _EXIF, _EXIF_3, _XMP = 1028, 1058, 1059, 1060
_MARKS = (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR")


def psd_packets(stream: BinaryIO) -> Iterator[bytes | Skipped]:
    """The XMP of a Photoshop file (image resource 1060)."""
    for number, chunk in resources(stream, *_of_file(stream)):
        if number == _XMP:
            yield payload(stream, chunk, "the XMP resource")


def psd_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The EXIF and IPTC-IIM texts of a Photoshop file."""
    yield from texts(stream, *_of_file(stream))


def tiff_texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """The texts of a TIFF: its own tags, EXIF, IPTC-IIM, and the image resources that Photoshop puts into it."""
    yield from tiff.texts(stream)
    for entry in tiff.entries(stream):
        place = entry.value
        if entry.tag == tiff.PHOTOSHOP_TAG:
            yield from texts(stream, place.offset, place.offset + place.size)
        elif entry.tag == tiff.IPTC_TAG:
            raw = payload(stream, place, "the IPTC tag")
            yield from (raw,) if isinstance(raw, Skipped) else iim.texts(raw)


def texts(stream: BinaryIO, offset: int, end: int) -> Iterator[Text | Skipped]:
    """The EXIF (1058, 1059) and IPTC-IIM (1028) texts of the resources from `offset` to `end`."""
    for number, chunk in resources(stream, offset, end):
        if number not in (_IIM, _EXIF, _EXIF_3):
            continue
        raw = payload(stream, chunk, "an image resource")
        if isinstance(raw, Skipped):
            yield raw
        else:
            yield from iim.texts(raw) if number == _IIM else tiff.texts(io.BytesIO(raw.removeprefix(b"Exif\0\0")))


def resources(stream: BinaryIO, offset: int, end: int) -> Iterator[tuple[int, Chunk]]:
    """Number and place of every resource between two places."""
    for _ in range(COUNT_LIMIT):
        head = read_at(stream, offset, 7)
        if offset >= end or len(head) < 7 or head[:4] not in _MARKS:
            return
        number = struct.unpack(">H", head[4:6])[0]
        offset += 6 + ((head[6] + 2) & ~1)
        size = int.from_bytes(read_at(stream, offset, 4), "big")
        yield number, Chunk(kind=b"8BIM", offset=offset + 4, size=size)
        offset += 4 + size + (size & 1)


def _of_file(stream: BinaryIO) -> tuple[int, int]:
    colours = int.from_bytes(read_at(stream, 26, 4), "big")
    start = 34 + colours
    return start, start + int.from_bytes(read_at(stream, start - 4, 4), "big")
