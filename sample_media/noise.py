"""Seeded, tileable noise and the small picture arithmetic that every scene is made with. Pictures are RGB in 0..1."""

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]
Picture = NDArray[np.floating[Any]]
Size = tuple[int, int]
Colour = tuple[float, float, float]


@cache
def spectral(side: int, *, seed: int, fall: float = 2.0) -> Plane:
    """A square tile in 0..1 whose amplitude falls with the frequency to the power of `fall`: 1 rough, 2.5 smooth."""
    white = np.random.default_rng(seed).standard_normal((side, side))
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(white) * frequency**-fall, s=(side, side))
    low, high = field.min(), field.max()
    tile = np.asarray((field - low) / (high - low), dtype=np.float32)
    tile.flags.writeable = False
    return tile


def sample(tile: Plane, x: Plane, y: Plane) -> Plane:
    """The tile's value at any position (tile pixels), interpolated and repeated without a seam."""
    height, width = tile.shape[:2]
    left, top = np.floor(x), np.floor(y)
    right_share, low_share = x - left, y - top
    x0, y0 = left.astype(np.int64) % width, top.astype(np.int64) % height
    x1, y1 = (x0 + 1) % width, (y0 + 1) % height
    if tile.ndim == 3:
        right_share, low_share = right_share[..., None], low_share[..., None]
    upper = tile[y0, x0] * (1 - right_share) + tile[y0, x1] * right_share
    lower = tile[y1, x0] * (1 - right_share) + tile[y1, x1] * right_share
    return np.asarray(upper * (1 - low_share) + lower * low_share, dtype=np.float32)


def grid(size: Size) -> tuple[Plane, Plane]:
    """x and y of every pixel centre; y runs 0..1 downwards, x in the same unit."""
    width, height = size
    x = (np.arange(width, dtype=np.float32) + 0.5) / height
    y = (np.arange(height, dtype=np.float32) + 0.5) / height
    across, down = np.meshgrid(x, y)
    return across.astype(np.float32), down.astype(np.float32)


def smooth(low: float, high: float, value: Plane) -> Plane:
    """0 below `low`, 1 above `high`, a soft step between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def mix(first: Picture | Colour, second: Picture | Colour, share: Plane) -> Picture:
    """From the first colour or picture to the second, pixel by pixel."""
    return np.asarray(np.asarray(first) * (1 - share[..., None]) + np.asarray(second) * share[..., None], np.float32)


def ramp(value: Plane, stops: list[tuple[float, Colour]]) -> Picture:
    """A colour for every value, interpolated between stops."""
    places = [place for place, _ in stops]
    channels = [np.interp(value, places, [colour[channel] for _, colour in stops]) for channel in range(3)]
    return np.asarray(np.stack(channels, axis=-1), dtype=np.float32)


def blur(picture: Plane, sigma: float) -> Plane:
    """Gaussian blur; `sigma` in pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.float32)


def bloom(picture: Picture, *, above: float, amount: float, sigma: float) -> Picture:
    """Light that spills over from what is brighter than `above`."""
    return np.asarray(picture + amount * blur(np.maximum(picture - above, 0), sigma), dtype=np.float32)


def lit(height: Plane, *, sun: tuple[float, float, float], relief: float) -> Plane:
    """Lambert shading in 0..1 of a tileable height field; `sun` points to the light as x, y (down), z (up)."""
    slope_x = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * relief / 2
    slope_y = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * relief / 2
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    x, y, z = np.asarray(sun) / np.linalg.norm(sun)
    return np.asarray(np.clip((z - slope_x * x - slope_y * y) / length, 0, 1), dtype=np.float32)


def resized(picture: Picture, size: Size) -> Picture:
    """The picture in another size; area averaging when it shrinks."""
    shrinks = size[0] < picture.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=method), dtype=np.float32)


def bytes_of(picture: Picture) -> NDArray[np.uint8]:
    """Eight bits a channel."""
    return np.asarray(np.clip(picture * 255 + 0.5, 0, 255), dtype=np.uint8)
