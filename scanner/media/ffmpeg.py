"""Runs the bundled FFmpeg on one still that Pillow does not read: EXR, DPX, 16-bit TIFF, HEIF and kin.

ffmpeg-python writes the command line; we run it, because it has no deadline of its own. Runs only inside the examining
process, whose limits and missing network it inherits.
"""

import functools
import subprocess
from io import BytesIO
from pathlib import Path

import ffmpeg
import imageio_ffmpeg
import numpy as np
from PIL import Image

from scanner.media.frames import Rgb, UnreadableMediaError

_DEMUXERS = {
    "exr": "exr_pipe",
    "dpx": "dpx_pipe",
    "tiff": "tiff_pipe",
    "dng": "tiff_pipe",
    "png": "png_pipe",
    "psd": "psd_pipe",
    "jp2": "j2k_pipe",
    "heif": "mov",
    "avif": "mov",
    "jxl": "jpegxl_pipe",
}
_WIDEST = 1280


@functools.cache
def program() -> str:
    """The path of the FFmpeg program inside the imageio-ffmpeg wheel."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def decode_still(path: Path, format_name: str, *, deadline: float) -> Rgb:
    """The picture as 8-bit colour, at most 1280 wide. Raises UnreadableMediaError in words for damage or time-out."""
    reading = {"f": _DEMUXERS[format_name]} if format_name in _DEMUXERS else {}
    picture = ffmpeg.input(f"file:{path.absolute()}", protocol_whitelist="file,pipe", err_detect="explode", **reading)
    if format_name == "exr":
        # EXR is scene-linear; a viewable picture needs a display curve. FFmpeg 9 took the decoder's own away.
        picture = picture.filter("format", "gbrpf32le").filter("zscale", transferin="linear", transfer="iec61966-2-1")
    command = (
        picture.filter("scale", f"min(iw,{_WIDEST})", -1, flags="area")
        .output("pipe:1", vframes=1, format="image2pipe", vcodec="png", pix_fmt="rgb24")
        .global_args("-nostdin", "-v", "error", "-xerror")
        .compile(cmd=program())
    )
    try:
        done = subprocess.run(command, capture_output=True, timeout=deadline, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        msg = f"FFmpeg gave no picture within {deadline:.0f} s"
        raise UnreadableMediaError(msg) from error
    if done.returncode != 0 or not done.stdout:
        raise UnreadableMediaError(_last_words(done.stderr))
    with Image.open(BytesIO(done.stdout), formats=["PNG"]) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.uint8)


def _last_words(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return f"FFmpeg cannot decode it: {lines[0][:200]}" if lines else "FFmpeg cannot decode it"
