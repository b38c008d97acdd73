"""What every reader of pictures gives: grey frames for fingerprints, and colour thumbnails for people."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.model import Thumbnail

Grey = NDArray[np.uint8]
Rgb = NDArray[np.uint8]

# Wide enough to see a matte's edge; codes need no more.
GREY_WIDTH = 640
# What local features need to find small regions.
FINE_WIDTH = 1280
_THUMBNAIL_WIDTH = 480
_JPEG_QUALITY = 72


class UnreadableMediaError(Exception):
    """The delivered bytes cannot be decoded. Only raised and caught inside the examining process."""


def in_words(error: Exception) -> str:
    """What a decoder's exception says, without its number and the name of the file."""
    told = getattr(error, "strerror", None) or str(error)
    return str(told)[:200] or type(error).__name__


@dataclass(slots=True)
class Detail:
    """A frame's luma at most 1280 wide, made when it is first asked for; until then the decoded frame is kept."""

    make: Callable[[], Grey] | None = None
    made: Grey | None = None

    def picture(self, otherwise: Grey) -> Grey:
        if self.make is not None:
            self.made, self.make = self.make(), None
        return otherwise if self.made is None else self.made


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One decoded frame: ticks since the track's first frame, and its luma at most 640 wide, as it is to be shown:
    square pixels, full range, SDR, one field, over mid-grey where it is transparent.

    `grey` is upright; `stored` is the picture before it was turned, where the track has a rotation flag.
    """

    pts: int
    grey: Grey
    stored: Grey | None = None
    detail: Detail = field(default_factory=Detail, repr=False, compare=False)

    @property
    def fine(self) -> Grey:
        """`grey` at most 1280 wide. Made when first asked for, at any time, and kept."""
        return self.detail.picture(self.grey)


def reduced(plane: Grey, width: int = GREY_WIDTH) -> Grey:
    """A luma plane at most so wide."""
    high, wide = plane.shape
    if wide > width:
        size = (width, max(1, round(high * width / wide)))
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.ascontiguousarray(plane)


def grey_of(rgb: Rgb, width: int = GREY_WIDTH) -> Grey:
    """The luma of a colour picture, at most so wide."""
    return reduced(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8), width)


def fine_of(rgb: Rgb) -> Grey:
    """The luma of a colour picture, at most 1280 wide: what `Frame.fine` is for video."""
    return grey_of(rgb, FINE_WIDTH)


def thumbnail(rgb: Rgb, seconds: Fraction) -> Thumbnail:
    """A small JPEG of a colour picture."""
    height, width = rgb.shape[:2]
    if width > _THUMBNAIL_WIDTH:
        size = (_THUMBNAIL_WIDTH, max(1, round(height * _THUMBNAIL_WIDTH / width)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return Thumbnail(seconds=seconds, jpeg=jpeg.tobytes())
