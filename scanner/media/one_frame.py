"""Decodes a file that is one frame, EXR or DPX, in this process: to begin FFmpeg costs more than to decode.

Only what is quite in order is decoded here. All else is left to FFmpeg's program, which says what is wrong with it.
"""

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

_CODECS = frozenset({"exr", "dpx"})
# Red, green and blue are where they always are; of other colours FFmpeg's program knows what they mean.
_COLOURS = ("gbrp", "gbrap", "rgb", "bgr", "rgba")
_PLANES = (2, 0, 1)
# Light as 32-bit floats, a plane of each.
_LIGHT = frozenset({"gbrpf32le", "gbrapf32le"})


def decoded(path: Path, codec: str, samples: np.dtype[Any], *, widest: int) -> NDArray[Any] | None:
    """The picture (height, width, 3), no wider than `widest`, as 8-bit or 32-bit float samples.

    None where it is not decoded without complaint, or is not a picture in red, green and blue.
    """
    if codec not in _CODECS:
        return None
    try:
        decoder = av.CodecContext.create(codec, "r")
        assert isinstance(decoder, av.VideoCodecContext)
        decoder.options = {"err_detect": "explode"}
        decoder.thread_count = 1
        frames = [*decoder.decode(av.Packet(path.read_bytes())), *decoder.decode(None)]
        if len(frames) != 1 or frames[0].is_corrupt or not frames[0].format.name.startswith(_COLOURS):
            return None
        return _samples(frames[0], samples, widest)
    except (av.error.FFmpegError, ValueError):
        return None


def _samples(frame: av.VideoFrame, samples: np.dtype[Any], widest: int) -> NDArray[Any]:
    width = min(frame.width, widest)
    height = max(1, round(frame.height * width / frame.width))
    if samples != np.uint8 and frame.format.name in _LIGHT:
        return _light(frame, width, height)
    form = "gbrp" if samples == np.uint8 else "gbrpf32le"
    made = frame.reformat(width=width, height=height, format=form, interpolation=Interpolation.AREA)
    planes = [np.frombuffer(bytes(plane), dtype=samples).reshape(height, -1)[:, :width] for plane in made.planes]
    return np.stack([planes[at] for at in _PLANES], axis=-1)


def _light(frame: av.VideoFrame, width: int, height: int) -> NDArray[np.float32]:
    """Averaged as it is: FFmpeg's scaler would cut off what is brighter than white, and takes three times as long."""
    planes = [np.asarray(memoryview(frame.planes[at])).view("<f4").reshape(frame.height, -1) for at in _PLANES]
    size = (width, height)
    smaller = [cv2.resize(plane[:, : frame.width], size, interpolation=cv2.INTER_AREA) for plane in planes]
    return np.asarray(cv2.merge(smaller), dtype=np.float32)
