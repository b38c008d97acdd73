"""Texts hidden in the lowest bits of a picture (`stealth_pnginfo` and kin; NovelAI and A1111 write them).

Column by column: a mark of 15 characters, the length in bits, and the text, which the `comp` form packs with gzip.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scanner.sources.carriers import png, riff
from scanner.sources.carriers.bounds import BLOCK, TEXT_LIMIT, Skipped, Text, inflated, read_at
from scanner.sources.clean import decoded

PIXEL_LIMIT = 64 << 20
_MARKS = {
    b"stealth_pnginfo": ("alpha", False),
    b"stealth_pngcomp": ("alpha", True),
    b"stealth_rgbinfo": ("colours", False),
    b"stealth_rgbcomp": ("colours", True),
}
_MARK_BITS = 15 * 8
# What all marks begin with; enough to tell a picture that hides nothing without decoding it.
_BEGINNING = b"stea"
_BEGINNING_ROWS = len(_BEGINNING) * 8
# Samples of a pixel, by PNG's number for its kind of colours.
_MODES = {2: "RGB", 4: "LA", 6: "RGBA"}
_HEAD_BITS = _MARK_BITS + 32
_GZIP = 31
_ROW_LIMIT = 1 << 18
_LOSSLESS = (b"VP8L", b"ALPH", b"ANMF")
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
        with path.open("rb") as stream:
            if not _may_hide(stream):
                return
        with Image.open(path, formats=_FORMATS) as picture:
            found = tuple(_in_picture(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        found = (_TOO_LARGE,)
    except _UNDECODABLE:
        return
    yield from found


def _may_hide(stream: BinaryIO) -> bool:
    """False where the file's first column of pixels shows, without decoding the picture, that there is no mark."""
    head = read_at(stream, 0, 29)
    if head[8:12] == b"WEBP":
        # Lowest bits do not live through lossy colours; the alpha beside them is kept without loss.
        return any(chunk.kind in _LOSSLESS for chunk in riff.chunks(stream))
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 29:
        return True
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", head[16:])
    mode = _MODES.get(colours)
    if mode is None or depth != 8:
        return False  # palettes, plain grey and 16 bits: no tool hides text there
    if interlaced or height < _BEGINNING_ROWS or width > _ROW_LIMIT:
        return True
    column = _first_column(stream, width * len(mode) + 1, len(mode))
    return column is None or any(_begins(column, bands) for _, bands in _LAYERS[mode])


def _begins(column: NDArray[np.uint8], bands: slice) -> bool:
    bits = np.ravel(column[:, bands] & np.uint8(1))[:_BEGINNING_ROWS]
    return np.packbits(bits).tobytes() == _BEGINNING


def _first_column(stream: BinaryIO, stride: int, samples: int) -> NDArray[np.uint8] | None:
    """The first pixel of each of the first rows; None where the file does not give them."""
    machine, rows, wanted = zlib.decompressobj(), bytearray(), stride * _BEGINNING_ROWS
    for part in _picture_data(stream):
        rows += machine.decompress(part, wanted - len(rows))
        while machine.unconsumed_tail and len(rows) < wanted:
            rows += machine.decompress(machine.unconsumed_tail, wanted - len(rows))
        if len(rows) >= wanted:
            return _unfiltered(np.frombuffer(bytes(rows), np.uint8).reshape(_BEGINNING_ROWS, stride), samples)
    return None


def _picture_data(stream: BinaryIO) -> Iterator[bytes]:
    for chunk in png.chunks(stream):
        if chunk.kind == b"IDAT":
            for at in range(0, chunk.size, BLOCK):
                yield read_at(stream, chunk.offset + at, min(BLOCK, chunk.size - at))


def _unfiltered(rows: NDArray[np.uint8], samples: int) -> NDArray[np.uint8]:
    """PNG's filters lean on the pixel to the left, which a row's first has not, and on the one above."""
    above = [0] * samples
    pixels: list[list[int]] = []
    for kind, *raw in rows[:, : samples + 1].tolist():
        lean = {2: 2, 3: 1, 4: 2}.get(kind, 0)
        above = [(value + up * lean // 2) & 255 for value, up in zip(raw, above, strict=True)]
        pixels.append(above)
    return np.array(pixels, np.uint8)


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
