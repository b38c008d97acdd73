"""What every reader of pictures gives: grey frames for fingerprints, and colour thumbnails for people."""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.model import Thumbnail

Grey = NDArray[np.uint8]
Rgb = NDArray[np.uint8]

# Wide enough to see a matte's edge; codes need no more.
_WIDTH = 640
_THUMBNAIL_WIDTH = 480
_JPEG_QUALITY = 72


class UnreadableMediaError(Exception):
    """The delivered bytes cannot be decoded. Only raised and caught inside the examining process."""


def in_words(error: Exception) -> str:
    """What a decoder's exception says, without its number and the name of the file."""
    told = getattr(error, "strerror", None) or str(error)
    return str(told)[:200] or type(error).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One decoded frame, at most 640 wide: ticks since the track's first frame, and its luma.

    `grey` is upright; `stored` is the picture before it was turned, where the track has a rotation flag.
    """

    pts: int
    grey: Grey
    stored: Grey | None = None


def reduced(plane: NDArray[np.uint8] | NDArray[np.uint16], bits: int = 8) -> Grey:
    """A luma plane at most 640 wide, 8 bits a sample."""
    height, width = plane.shape
    if width > _WIDTH:
        size = (_WIDTH, max(1, round(height * _WIDTH / width)))
        plane = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    if bits > 8:
        return (plane >> (bits - 8)).astype(np.uint8)
    return np.ascontiguousarray(plane, dtype=np.uint8)


def grey_of(rgb: Rgb) -> Grey:
    """The luma of a colour picture, at most 640 wide."""
    return reduced(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8))


def thumbnail(rgb: Rgb, seconds: Fraction) -> Thumbnail:
    """A small JPEG of a colour picture."""
    height, width = rgb.shape[:2]
    if width > _THUMBNAIL_WIDTH:
        size = (_THUMBNAIL_WIDTH, max(1, round(height * _THUMBNAIL_WIDTH / width)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return Thumbnail(seconds=seconds, jpeg=jpeg.tobytes())
