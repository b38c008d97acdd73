"""Runs the bundled FFmpeg on one still that Pillow does not read: EXR, DPX, 16-bit TIFF, HEIF and kin.

ffmpeg-python writes the command line; we run it, because it has no deadline of its own. Runs only inside the examining
process, whose limits and missing network it inherits.
"""

import functools
import re
import subprocess
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from scanner.media import one_frame
from scanner.media.frames import Rgb, UnreadableMediaError
from scanner.media.tone import printing_density, rolled_off

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
# SMPTE ST 268: transfer characteristic of the first picture element; 1 is printing density, 3 logarithmic.
_DPX_TRANSFER = 801
_DPX_LOGARITHMIC = (1, 3)
# Times white: this much is white whatever is done to it, and so is infinite light, a fault of rendering.
_MOST_LIGHT = 4.0
_HIGHLIGHTS = 0.8
_CURVE_STEPS = 65_535
_FILE = "the file"
_LEVELS: np.dtype[Any] = np.dtype(np.uint8)
_FLOATS: np.dtype[Any] = np.dtype("<f4")
# May be put together of tiles, which FFmpeg does by a filter of its own and only without another.
_TILED = frozenset({"heif", "avif"})
# Told to stop at every fault, FFmpeg also stops at tags that it has no use for; for these, what it complains of counts.
_TAGGED = frozenset({"tiff", "dng"})
# Where in memory its parts happened to lie: the same file must give the same words.
_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")


@functools.cache
def program() -> str:
    """The path of the FFmpeg program inside the imageio-ffmpeg wheel."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def decode_still(path: Path, format_name: str, *, deadline: float) -> Rgb:
    """The picture as 8-bit colour, made smaller where that is simple. Raises UnreadableMediaError."""
    logarithmic = format_name == "dpx" and _is_logarithmic(path)
    if format_name != "exr" and not logarithmic:
        return _grey_levels(path, format_name, deadline)
    light = _light(path, format_name, deadline)
    return displayed(printing_density(light.astype(np.float64)) if logarithmic else light)


def _grey_levels(path: Path, format_name: str, deadline: float) -> Rgb:
    here = one_frame.decoded(path, format_name, _LEVELS, widest=_WIDEST)
    return _samples(_decoded(path, format_name, "ppm", "rgb24", deadline), b"P6", _LEVELS) if here is None else here


def _light(path: Path, format_name: str, deadline: float) -> NDArray[np.float32]:
    here = one_frame.decoded(path, format_name, _FLOATS, widest=_WIDEST)
    if here is not None:
        return here
    # A PFM is written from the bottom up.
    return _samples(_decoded(path, format_name, "pfm", "gbrpf32le", deadline), b"PF", _FLOATS)[::-1]


def _samples(picture: bytes, kind: bytes, samples: np.dtype[Any]) -> NDArray[Any]:
    """The samples (height, width, 3) of a picture that FFmpeg wrote: a line each for kind, size and range, then they.

    Raises UnreadableMediaError.
    """
    try:
        header, size, _, stored = picture.split(b"\n", 3)
        width, height = (int(word) for word in size.split())
        read = np.frombuffer(stored, dtype=samples).reshape(height, width, 3)
    except ValueError as error:
        msg = f"FFmpeg gave no picture but {picture[:8]!r}"
        raise UnreadableMediaError(msg) from error
    if header != kind:
        msg = f"FFmpeg gave no {kind.decode()} picture but {header[:8]!r}"
        raise UnreadableMediaError(msg)
    return read


def displayed(linear: NDArray[np.floating]) -> Rgb:
    """Scene-linear light as a screen shows it (IEC 61966-2-1): EXR says how much light there is, not how it looks.

    Where there is more than the screen has, the brightest fifth is rolled off so that it keeps its drawing.
    """
    # The greater of nothing and of what is no number is nothing.
    light = np.fmax(linear, 0.0)
    white = 1.0 if float(light.max(initial=0.0)) <= 1.0 else _MOST_LIGHT
    codes = np.minimum(light, white) * (_CURVE_STEPS / white) + 0.5
    return np.asarray(_curve(white).take(codes.astype(np.uint16), mode="clip"), dtype=np.uint8)


@functools.cache
def _curve(most: float) -> NDArray[np.uint8]:
    """The 8-bit grey of light of 0 to `most`, in 65,536 steps: finer than 8 bits can show."""
    light = np.asarray(np.linspace(0.0, most, _CURVE_STEPS + 1), dtype=np.float64)
    light = rolled_off(light, _HIGHLIGHTS) if most > 1.0 else light
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(curve * 255), dtype=np.uint8)


def _is_logarithmic(path: Path) -> bool:
    """Whether the first picture element of a DPX says that its codes are film density or logarithmic light."""
    with path.open("rb") as file:
        head = file.read(_DPX_TRANSFER + 1)
    return len(head) > _DPX_TRANSFER and head[_DPX_TRANSFER] in _DPX_LOGARITHMIC


def _decoded(path: Path, format_name: str, codec: str, pixels: str, deadline: float) -> bytes:
    reading = {"f": _DEMUXERS[format_name]} if format_name in _DEMUXERS else {}
    if format_name not in _TAGGED:
        reading["err_detect"] = "explode"
    shape = {} if format_name in _TILED else {"vf": f"scale=min(iw\\,{_WIDEST}):-1:flags=area"}
    command = (
        ffmpeg.input(_FILE, protocol_whitelist="file,pipe", **reading)
        .output("pipe:1", vframes=1, format="image2pipe", vcodec=codec, pix_fmt=pixels, **shape)
        .global_args("-nostdin", "-v", "error", "-xerror")
        .compile(cmd=program())
    )
    # ffmpeg-python knows no names but UTF-8; ours may be any bytes.
    named = [f"file:{path.absolute()}" if word == _FILE else word for word in command]
    try:
        done = subprocess.run(named, capture_output=True, timeout=deadline, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        msg = f"FFmpeg gave no picture within {deadline:.0f} s"
        raise UnreadableMediaError(msg) from error
    complaint = format_name in _TAGGED and done.stderr
    if done.returncode != 0 or not done.stdout or complaint:
        raise UnreadableMediaError(_last_words(done.stderr))
    return done.stdout


def _last_words(stderr: bytes) -> str:
    lines = _ADDRESS.sub("", stderr.decode("utf-8", "replace")).strip().splitlines()
    return f"FFmpeg cannot decode it: {lines[0][:200]}" if lines else "FFmpeg cannot decode it"
