"""Reads stills: by Pillow where it knows the format, else by FFmpeg. Damage is an error, never half a picture."""

import os
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from scanner.media.ffmpeg import decode_still
from scanner.media.frames import Rgb, UnreadableMediaError
from scanner.media.targa import has_alpha
from scanner.media.wavelet import levels

# Ours, so that a file's extension or a plug-in's guess can never choose the parser.
_PILLOW = {
    "jpeg": ("JPEG", "MPO"),
    "png": ("PNG",),
    "webp": ("WEBP",),
    "gif": ("GIF",),
    "tiff": ("TIFF",),
    "psd": ("PSD",),
    "bmp": ("BMP",),
    "jp2": ("JPEG2000",),
    "avif": ("AVIF",),
    "tga": ("TGA",),
}
# Pillow opens up to twice its limit; 16k by 12k plates are real.
_MOST_PIXELS = 500_000_000
_MOST_FRAMES = 100_000
_MOST_READERS = 8
_DRAFT = (1280, 1280)
_WIDE_ENOUGH = 960
# Where a JPEG 2000 file's code stream tells its levels; boxes with profiles may stand before it.
_HEADER = 1 << 20
_TGA_HEADER = 18
_MID_GREY = (128, 128, 128, 255)
_MILLISECONDS = Fraction(1, 1000)
_PILLOW_ERRORS = (OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError, OverflowError)


def still_frames(path: Path, format_name: str, *, deadline: float) -> Iterator[tuple[Fraction, Rgb]]:
    """Every frame of a still (most have one) as (seconds, colour). Raises UnreadableMediaError in words."""
    if format_name not in _PILLOW:
        yield Fraction(0), _by_ffmpeg(path, format_name, deadline)
        return
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS // 2
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _by_pillow(path, format_name)
    except UnidentifiedImageError:
        # Pillow has no 16-bit RGB TIFF and no float TIFF; FFmpeg does, and says so itself if it does not.
        yield Fraction(0), decode_still(path, format_name, deadline=deadline)
    except Image.DecompressionBombError as error:
        raise UnreadableMediaError(_too_large(path, format_name)) from error
    except _PILLOW_ERRORS as error:
        msg = f"Pillow cannot decode it: {error}"
        raise UnreadableMediaError(msg) from error


def readers(format_name: str) -> int:
    """How many stills of a format are best read at once: FFmpeg reads one in a process of its own, with one core."""
    return 1 if format_name in _PILLOW else min(os.cpu_count() or 1, _MOST_READERS)


def _too_large(path: Path, format_name: str) -> str:
    """Words for a picture of more pixels than are opened. Its size is in its header; nothing is decoded for it."""
    Image.MAX_IMAGE_PIXELS = None
    try:
        with path.open("rb") as file, Image.open(file, formats=_PILLOW[format_name]) as picture:
            size = f" of {picture.width:,} by {picture.height:,} pixels"
    except _PILLOW_ERRORS:
        size = ""
    finally:
        Image.MAX_IMAGE_PIXELS = _MOST_PIXELS // 2
    return (
        f"its picture{size} is too large: at most {_MOST_PIXELS:,} pixels are opened, and no setting changes that;"
        " deliver it in parts or smaller, or look at it yourself and release"
    )


def _by_ffmpeg(path: Path, format_name: str, deadline: float) -> Rgb:
    """Camera raw that FFmpeg has no decoder for is looked at by the picture that its camera put beside it."""
    try:
        return decode_still(path, format_name, deadline=deadline)
    except UnreadableMediaError:
        if format_name != "dng":
            raise
    return next(rgb for _, rgb in still_frames(path, "tiff", deadline=deadline))


def _by_pillow(path: Path, format_name: str) -> Iterator[tuple[Fraction, Rgb]]:
    with path.open("rb") as file, Image.open(file, formats=_PILLOW[format_name]) as picture:
        picture.draft("RGB", _DRAFT)
        if isinstance(picture, Jpeg2KImageFile):
            _halve(picture, path)
        frames = 1 if format_name in ("jpeg", "psd") else int(getattr(picture, "n_frames", 1))
        opaque, milliseconds = _is_opaque(path, format_name), 0
        for number in range(min(frames, _MOST_FRAMES)):
            if number:  # Pillow counts the layers of a PSD from 1
                picture.seek(number)
            picture.load()
            yield milliseconds * _MILLISECONDS, _viewable(picture.convert("RGB") if opaque else picture)
            milliseconds += int(picture.info.get("duration", 0) or 0) or 40


def _is_opaque(path: Path, format_name: str) -> bool:
    """Whether alpha is to be passed over: a TGA may leave bits for it empty, which would hide all of the picture."""
    if format_name != "tga":
        return False
    with path.open("rb") as file:
        return not has_alpha(file.read(_TGA_HEADER))


def _halve(picture: Jpeg2KImageFile, path: Path) -> None:
    """Have a JPEG 2000 decoded at the smallest of its sizes that is wide enough."""
    with path.open("rb") as file:
        most = levels(file.read(_HEADER))
    picture.reduce = max((n for n in range(most + 1) if picture.width >> n >= _WIDE_ENOUGH), default=0)


def _viewable(picture: Image.Image) -> Rgb:
    """8-bit colour, upright; transparency over mid-grey, wider samples scaled down."""
    upright = ImageOps.exif_transpose(picture) or picture
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        return _from_wide(np.asarray(upright, dtype=np.float64))
    if "A" in upright.mode or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        return np.asarray(Image.alpha_composite(Image.new("RGBA", layered.size, _MID_GREY), layered).convert("RGB"))
    return np.asarray(upright.convert("RGB"))


def _from_wide(samples: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Rgb:
    top = max(1.0, float(samples.max()))
    full = 65535.0 if top > 255 else 255.0 if top > 1 else 1.0
    grey = np.clip(samples / full * 255, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
