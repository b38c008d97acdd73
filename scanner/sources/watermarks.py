"""Open watermarks in the pixels of stills: the `dwtDct` method of invisible-watermark, as image models embed it.

Stable Diffusion 1 and 2, SDXL and the reference code of FLUX write a fixed text or number with it. Only pictures as
they left the model still carry it: scaling, cropping and strong compression destroy it, so a miss proves nothing.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scanner.model import Observation, Watermark

FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "tiff": "TIFF", "bmp": "BMP"}
# The embedder refuses less; the models make no more, and what is scaled up has lost the mark.
LEAST_PIXELS = 256 * 256
MOST_PIXELS = 2048 * 2048
# Blocks that are looked at, from the top: the bits recur every 32 to 136 blocks.
BLOCKS = 4096

# Height of the steps to which the largest coefficient of a block is set, and the block's side (invisible-watermark,
# `maxDct.py`): the coefficient's place in its step is the bit.
_STEP = 36
_SIDE = 4
_BLUE = 1
# Between the two readings of the coarse blue difference: twice 128 less twice 0.5.
_LIFT = 255
_CLEAR = 2.5
_FILE_LIMIT = 64 << 20
_ALIKE = 4
_UNDECODABLE = (OSError, SyntaxError, ValueError, OverflowError, EOFError, struct.error, zlib.error, cv2.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One known watermark: its bits in order, and how many of them must agree."""

    scheme: str
    tool: str
    bits: tuple[int, ...]
    least: int


def _of_text(text: str) -> tuple[int, ...]:
    return tuple(int(bit) for letter in text.encode() for bit in f"{letter:08b}")


# Guidelines 3.6. Thresholds: chance agreement below 1 in 10^9 for each.
MARKS = (
    Mark(scheme="dwtDct StableDiffusionV1", tool="Stable Diffusion 1", bits=_of_text("StableDiffusionV1"), least=125),
    Mark(scheme="dwtDct SDV2", tool="Stable Diffusion 2", bits=_of_text("SDV2"), least=32),
    Mark(scheme="dwtDct SDXL", tool="SDXL", bits=tuple(map(int, f"{0xB3EC907BB19E:048b}")), least=44),
    Mark(scheme="dwtDct FLUX", tool="FLUX", bits=tuple(map(int, f"{0x2ABFA1E7BD2E:048b}")), least=44),
    # Its code turns the number into text, which drops the two zeros in front.
    Mark(scheme="dwtDct FLUX", tool="FLUX", bits=tuple(map(int, f"{0x2ABFA1E7BD2E:b}")), least=43),
)


class Watermarks:
    """Decodes open watermarks of stills. One picture's mark is a lead, several are proof: who counts them is told."""

    name = "open watermarks"

    def applies(self, format_name: str) -> bool:
        return format_name in FORMATS

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """The mark that decodes, if any. A picture that does not open is the picture reader's to report."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                pixels = _pixels(path, FORMATS[format_name])
        except (Image.DecompressionBombError, *_UNDECODABLE):
            return
        yield from () if pixels is None else marks(pixels)


def marks(bgr: NDArray[np.uint8]) -> Iterator[Watermark]:
    """The marks of a picture (rows, columns, blue-green-red), each tool once, as it agrees best."""
    best: dict[str, Watermark] = {}
    counted = [(votes, mark) for rests in _rests(bgr) for mark in MARKS for votes in _votes(rests, len(mark.bits))]
    for votes, mark in counted:
        agreeing = int(np.count_nonzero(votes == np.array(mark.bits, bool)))
        # Bits that are next to all alike are what flat pictures decode to.
        is_read = agreeing >= mark.least and _ALIKE <= np.count_nonzero(votes) <= len(votes) - _ALIKE
        if is_read and (mark.tool not in best or agreeing > best[mark.tool].bits_agreeing):
            seen = Watermark(scheme=mark.scheme, tool=mark.tool, bits_agreeing=agreeing, bits=len(votes))
            best[mark.tool] = seen
    yield from best.values()


def _pixels(path: Path, kind: str) -> NDArray[np.uint8] | None:
    """The upper rows; None where the picture is too small, too large or not in colour."""
    with Image.open(path, formats=(kind,)) as picture:
        size = picture.width * picture.height
        if not LEAST_PIXELS <= size <= MOST_PIXELS or picture.mode not in ("RGB", "RGBA"):
            return None
        rows = min(picture.height, -(-BLOCKS // max(picture.width // (2 * _SIDE), 1)) * 2 * _SIDE)
        box = (0, 0, picture.width, rows)
        if kind != "PNG" or picture.info.get("interlace"):
            return _turned(picture.crop(box))
    with Image.open(_cut_short(path, rows), formats=(kind,)) as picture:
        return _turned(picture)


def _turned(picture: Image.Image) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, 2::-1])


def _cut_short(path: Path, rows: int) -> io.BytesIO:
    """The PNG with so few rows in its header, after which its decoder stops. Not for interlaced ones."""
    with path.open("rb") as stream:
        whole = stream.read(_FILE_LIMIT)
    header = whole[12:20] + struct.pack(">I", rows) + whole[24:29]
    return io.BytesIO(whole[:12] + header + struct.pack(">I", zlib.crc32(header)) + whole[33:])


def _rests(bgr: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far into its step the largest coefficient of each block lies, row by row.

    Of the coarse blue difference, without the block's first. Tools that mark whole numbers (Stable Diffusion 1 and 2)
    see it lie around 128, those that mark before rounding (SDXL, FLUX) around 0.5: both readings are given.
    """
    blue = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)[:, :, _BLUE].astype(np.uint16)
    rows, columns = (length // (2 * _SIDE) for length in blue.shape)
    pairs = blue[: rows * 2 * _SIDE : 2] + blue[1 : rows * 2 * _SIDE : 2]
    # The approximation of one level of the Haar wavelet is half the sum of four neighbours.
    coarse = (pairs[:, : columns * 2 * _SIDE : 2] + pairs[:, 1 : columns * 2 * _SIDE : 2]) / np.float32(2)
    blocks = coarse.reshape(rows, _SIDE, columns, _SIDE).transpose(1, 3, 0, 2).reshape(_SIDE * _SIDE, -1)[1:]
    high, low = blocks.max(axis=0), blocks.min(axis=0)
    return high % _STEP, np.maximum(np.abs(high - _LIFT), np.abs(low - _LIFT)) % _STEP


def _votes(rests: NDArray[np.float32], length: int) -> Iterator[NDArray[np.bool_]]:
    """What the blocks of each of `length` bits say: all alike, as the published decoder counts, then the clear ones.

    A bit is written to the first or third quarter of a step. Where clipping has moved it, it lies anywhere.
    """
    ones = rests > _STEP / 2
    off = np.minimum(np.abs(rests - _STEP / 4), np.abs(rests - 3 * _STEP / 4))
    places = np.arange(len(rests)) % length
    for weights in (np.ones_like(off), np.exp(-((off / _CLEAR) ** 2)) + 0.02):
        said = np.bincount(places, weights=ones * weights, minlength=length)
        whole = np.bincount(places, weights=weights, minlength=length)
        yield said * 255 > whole * 127
