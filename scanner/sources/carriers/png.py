"""PNG chunks: text of all three kinds, also after the pixels, and the EXIF block."""

import io
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from scanner.sources.carriers import iim, photoshop, tiff
from scanner.sources.carriers.bounds import COUNT_LIMIT, Chunk, Skipped, Text, inflated, payload, read_at
from scanner.sources.clean import clean, decoded

XMP_KEY = "XML:com.adobe.xmp"
_EXIF_PROFILES, _IPTC_PROFILES = ("exif", "app1"), ("iptc", "8bim")
_RAW_PROFILE = re.compile(rb"\s*\w+\s+\d+\s+([0-9a-fA-F\s]+)")


def chunks(stream: BinaryIO) -> Iterator[Chunk]:
    """Every chunk to the end of the file, IEND or not; stops where the chain of lengths breaks."""
    offset = 8
    for _ in range(COUNT_LIMIT):
        head = read_at(stream, offset, 8)
        if len(head) < 8 or not head[4:].isalpha():
            return
        size, kind = struct.unpack(">I4s", head)
        yield Chunk(kind=kind, offset=offset + 8, size=size)
        offset += 12 + size


def entries(stream: BinaryIO) -> Iterator[tuple[str, bytes] | Skipped]:
    """Keyword and raw text of every tEXt, zTXt and iTXt chunk, and of ComfyUI's `comf`, built like tEXt."""
    for chunk in chunks(stream):
        if chunk.kind in (b"tEXt", b"zTXt", b"iTXt", b"comf"):
            raw = payload(stream, chunk, "a PNG text")
            yield raw if isinstance(raw, Skipped) else _entry(chunk.kind, raw)


def texts(stream: BinaryIO) -> Iterator[Text | Skipped]:
    """Every text but XMP, and the texts of the EXIF block and of ImageMagick's profiles."""
    for entry in entries(stream):
        if isinstance(entry, Skipped):
            yield entry
        elif entry[0].startswith("Raw profile type "):
            yield from _in_profile(entry[0].split()[-1].lower(), profile(entry[1]))
        elif entry[0] != XMP_KEY:
            yield Text(place="PNG", key=entry[0], value=decoded(entry[1]))
    for chunk in chunks(stream):
        if chunk.kind == b"eXIf":
            yield from tiff.texts(io.BytesIO(read_at(stream, chunk.offset, chunk.size).removeprefix(b"Exif\0\0")))


def _in_profile(kind: str, raw: bytes) -> Iterator[Text | Skipped]:
    if kind in _EXIF_PROFILES:
        yield from tiff.texts(io.BytesIO(raw.removeprefix(b"Exif\0\0")))
    elif kind in _IPTC_PROFILES:
        resources = raw.removeprefix(photoshop.SIGNATURE)
        yield from photoshop.texts(io.BytesIO(resources), 0, len(resources))
        yield from iim.texts(resources)


def profile(raw: bytes) -> bytes:
    """ImageMagick's `Raw profile type` texts: a name, a length and hexadecimal digits."""
    match = _RAW_PROFILE.match(raw)
    digits = b"".join(match[1].split()) if match else b""
    return bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))


def _entry(kind: bytes, raw: bytes) -> tuple[str, bytes] | Skipped:
    keyword, _, rest = raw.partition(b"\0")
    key = clean(decoded(keyword), 79)
    packed = kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\1")
    if kind == b"zTXt":
        rest = rest[1:]
    elif kind == b"iTXt":
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    plain = inflated(rest, f"PNG text {key}") if packed else rest
    return plain if isinstance(plain, Skipped) else (key, plain)
