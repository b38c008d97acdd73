"""The luma of decoded video as an ordinary screen shows it: of any pixel format, range, curve, shape and scan."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.media.frames import Grey, Rgb
from scanner.media.tone import table

Plane = NDArray[np.uint8] | NDArray[np.uint16]

# Pixel formats whose first plane is luma; p010 and kin keep their bits at the top of 16.
_LUMA_PLANE = re.compile(r"(yuvj?a?4[0-9]{2}p|gray|nv[12][0-9]|p[0-4]1)([0-9]{1,2}(le)?)?")
_TOP_ALIGNED = re.compile(r"p[0-4]1[0-9]le")
_UNKNOWN_TRANSFER = 2
_LIMITED, _FULL = 1, 2
_MID_GREY = 128
_FULL_TURN = 90
# Pixels of other shapes are no anamorphic picture but a mistake.
_SHAPES = (Fraction(1, 4), Fraction(4))
# Rec. 709 is what a screen shows; the table knows nothing of colours.
_ALPHA = ("rgba", "argb", "bgra", "abgr", "pal8", "ya8", "ya16", "gbrap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """How a track says its pictures are to be shown: width of a pixel to its height, and the transfer curve."""

    pixel_shape: Fraction = Fraction(1)
    transfer: int = 0

    @classmethod
    def of(cls, stream: "av.VideoStream") -> "Showing":
        shape = Fraction(stream.sample_aspect_ratio or 1)
        sane = _SHAPES[0] <= shape <= _SHAPES[1]
        return cls(pixel_shape=shape if sane else Fraction(1), transfer=int(stream.codec_context.color_trc or 0))

    def size(self, width: int, height: int, most: int) -> tuple[int, int]:
        """Width and height of the picture as it is shown, at most so wide."""
        shown = width * self.pixel_shape
        share = min(Fraction(1), most / shown)
        return max(1, round(shown * share)), max(1, round(height * share))


def luma(frame: av.VideoFrame, showing: Showing, most: int) -> Grey:
    """The frame's luma, at most so wide, as stored (not turned): 8 bits, full range, SDR, square pixels, one field."""
    name = frame.format.name
    if not _LUMA_PLANE.fullmatch(name):
        frame, full = _converted(frame), True
        name = frame.format.name
    else:
        full = frame.color_range == _FULL or (frame.color_range != _LIMITED and name.startswith(("yuvj", "gray")))
    bits = 16 if _TOP_ALIGNED.fullmatch(name) else frame.format.components[0].bits
    transfer = frame.color_trc if frame.color_trc not in (0, _UNKNOWN_TRANSFER) else showing.transfer
    size = showing.size(frame.width, frame.height, most)
    grey = looked_up(_resized(_plane(frame, 0, bits), size), table(bits, full=full, transfer=int(transfer)))
    if name.startswith("yuva"):
        alpha = looked_up(_resized(_plane(frame, 3, bits), size), table(bits, full=True))
        return _over_grey(grey, alpha)
    return grey


def coloured(frame: av.VideoFrame, showing: Showing, most: int) -> Rgb:
    """The frame in colour, at most so wide, turned upright; HDR brought down channel by channel."""
    width, height = showing.size(frame.width, frame.height, most)
    rgb = np.asarray(frame.to_ndarray(format="rgb24", width=width, height=height), dtype=np.uint8)
    transfer = frame.color_trc if frame.color_trc not in (0, _UNKNOWN_TRANSFER) else showing.transfer
    return upright(looked_up(rgb, table(8, full=True, transfer=int(transfer))), frame.rotation)


def upright(picture: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """A picture turned as its track's display flag says."""
    return np.ascontiguousarray(np.rot90(picture, k=(degrees // _FULL_TURN) % 4)) if degrees % 360 else picture


def looked_up(samples: Plane, codes: Grey) -> Grey:
    """Every sample by its table."""
    if samples.dtype == np.uint8:
        return np.asarray(cv2.LUT(samples, codes), dtype=np.uint8)
    # Samples above the top code are the file's fault, not an error.
    return np.asarray(codes.take(samples, mode="clip"), dtype=np.uint8)


def _converted(frame: av.VideoFrame) -> av.VideoFrame:
    """In a format with a luma plane of full range; alpha is kept."""
    wide = max(component.bits for component in frame.format.components) > 8
    target = "yuva444p" if frame.format.name.startswith(_ALPHA) else "gray"
    return frame.reformat(format=f"{target}12le" if wide else target, dst_color_range="JPEG")


def _plane(frame: av.VideoFrame, number: int, bits: int) -> Plane:
    """A plane as it lies in the frame's memory, without copying; of an interlaced frame its first field."""
    plane = frame.planes[number]
    stored = np.asarray(memoryview(plane))
    samples: Plane = stored.view(np.uint8) if bits == 8 else stored.view(np.dtype("<u2"))
    row = plane.line_size // samples.itemsize
    whole: Plane = samples[: row * plane.height].reshape(plane.height, row)[:, : plane.width]
    return whole[::2] if frame.interlaced_frame and plane.height > 1 else whole


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    height, width = plane.shape
    if (width, height) == size:
        return plane
    # OpenCV is quick where the factor is whole; elsewhere halving first leaves it a quarter of the work.
    if width >= 2 * size[0] and width % size[0] and width % 2 == height % 2 == 0 and height >= 2 * size[1]:
        plane = cast(Plane, cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA))
    return cast(Plane, cv2.resize(plane, size, interpolation=cv2.INTER_AREA))


def _over_grey(grey: Grey, alpha: Grey) -> Grey:
    """Laid over mid-grey, as stills are."""
    if int(alpha.min()) == 255:
        return grey
    mixed = grey.astype(np.uint16) * alpha + np.uint16(_MID_GREY) * (255 - alpha.astype(np.uint16)) + 127
    return np.asarray(mixed // 255, dtype=np.uint8)
