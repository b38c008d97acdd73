"""Texts hidden in the lowest bits of a picture (`stealth_pnginfo` and kin; NovelAI and A1111 write them).

Column by column: a mark of 15 characters, the length in bits, and the text, which the `comp` form packs with gzip.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scanner.sources.carriers.bounds import TEXT_LIMIT, Skipped, Text, inflated
from scanner.sources.clean import decoded

PIXEL_LIMIT = 64 << 20
_MARKS = {
    b"stealth_pnginfo": ("alpha", False),
    b"stealth_pngcomp": ("alpha", True),
    b"stealth_rgbinfo": ("colours", False),
    b"stealth_rgbcomp": ("colours", True),
}
_MARK_BITS = 15 * 8
_HEAD_BITS = _MARK_BITS + 32
_GZIP = 31
_FORMATS = ("PNG", "WEBP")
_UNDECODABLE = (OSError, SyntaxError, ValueError, OverflowError, EOFError, struct.error, zlib.error)
_TOO_LARGE = Skipped(what=f"hidden text: the picture has more than {PIXEL_LIMIT >> 20} million pixels")
_ALPHA, _COLOURS = "alpha", "colours"
_LAYERS = {
    "RGBA": ((_ALPHA, slice(3, 4)), (_COLOURS, slice(0, 3))),
    "LA": ((_ALPHA, slice(1, 2)),),
    "RGB": ((_COLOURS, slice(0, 3)),),
}


def texts(path: Path) -> Iterator[Text | Skipped]:
    """The hidden text, with the mark as its key. A picture that does not decode is the picture reader's to report."""
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            found = tuple(_in_picture(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        found = (_TOO_LARGE,)
    except _UNDECODABLE:
        return
    yield from found


def _in_picture(picture: Image.Image) -> Iterator[Text | Skipped]:
    layers = _LAYERS.get(picture.mode, ())
    if layers and picture.width * picture.height > PIXEL_LIMIT:
        yield _TOO_LARGE
        return
    for name, bands in layers:
        yield from _hidden(picture, name, bands)


def _hidden(picture: Image.Image, name: str, bands: slice) -> Iterator[Text | Skipped]:
    head = _lowest_bits(picture, bands, _HEAD_BITS)
    mark = np.packbits(head[:_MARK_BITS]).tobytes()
    if len(head) < _HEAD_BITS or _MARKS.get(mark, ("", False))[0] != name:
        return
    packed = _MARKS[mark][1]
    length = int.from_bytes(np.packbits(head[_MARK_BITS:]).tobytes(), "big")
    if length > TEXT_LIMIT * 8:
        yield Skipped(what=f"hidden text of {length // 8} bytes")
        return
    raw = np.packbits(_lowest_bits(picture, bands, _HEAD_BITS + length)[_HEAD_BITS:]).tobytes()
    plain = inflated(raw, "hidden text", window=_GZIP) if packed else raw
    yield plain if isinstance(plain, Skipped) else Text(place="hidden", key=mark.decode(), value=decoded(plain))


def _lowest_bits(picture: Image.Image, bands: slice, count: int) -> NDArray[np.uint8]:
    """The first `count` lowest bits, column by column, the colours of a pixel together; fewer in a small picture."""
    columns = -(-count // max(picture.height * (bands.stop - bands.start), 1))
    part = picture.crop((0, 0, min(columns, picture.width), picture.height))
    pixels: NDArray[np.uint8] = np.asarray(part, np.uint8)[:, :, bands] & np.uint8(1)
    return np.ravel(pixels.transpose(1, 0, 2))[:count]
