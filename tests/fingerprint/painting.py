"""Painted grey pictures with texture enough for local features, and what finishing does to them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.media.making import shot

Grey = NDArray[np.uint8]
Homography = NDArray[np.float64]
WIDTH, HEIGHT = 640, 360


def textured(seed: int, *, width: int = WIDTH, height: int = HEIGHT) -> Grey:
    """A painted wall with fine texture: every seed another one."""
    random = np.random.default_rng(seed)
    grey = shot(seed, 1, width=width, height=height)[0].mean(axis=2).astype(np.float32)
    for cells, weight in ((40, 25.0), (90, 18.0)):
        rough = random.uniform(-1, 1, (cells, 2 * cells)).astype(np.float32)
        grey += weight * cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(grey, 17, 235).astype(np.uint8)


def placed(scale: float, x: float = 0.0, y: float = 0.0, *, width_scale: float | None = None) -> Homography:
    """Scaled, its top left corner at x, y."""
    return np.array([[width_scale or scale, 0, x], [0, scale, y], [0, 0, 1]])


def turned(degrees: float, scale: float) -> Homography:
    """Turned clockwise about the middle, and scaled."""
    about = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), -degrees, scale)
    return np.vstack([about, [0.0, 0.0, 1.0]])


def onto(quad: list[tuple[float, float]]) -> Homography:
    """Its corners, clockwise from top left, at these places."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, np.array(quad, np.float32)), dtype=np.float64)


def warped(picture: Grey, homography: Homography, under: Grey) -> Grey:
    """The picture moved by a homography, over another one."""
    scale = float(np.sqrt(abs(np.linalg.det(homography[:2, :2]))))
    if scale < 1:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.45 * np.sqrt(1 / scale**2 - 1) + 0.01), np.uint8)
    size = (under.shape[1], under.shape[0])
    over = cv2.warpPerspective(picture, homography, size, flags=cv2.INTER_CUBIC)
    matte = cv2.warpPerspective(np.full_like(picture, 255), homography, size)
    return np.where(matte > 127, over, under).astype(np.uint8)


def boxed(picture: Grey, *, x: int = 0, y: int = 0) -> Grey:
    """Black bars of so many pixels laid over its sides (x), top and bottom (y)."""
    out = np.full_like(picture, 16)
    height, width = picture.shape
    out[y : height - y, x : width - x] = picture[y : height - y, x : width - x]
    return out


def panned(seed: int, frames: int, *, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A camera move over a textured wall, (frames, height, width, 3): a third of the frame from side to side."""
    wall = textured(seed, width=width * 4 // 3, height=height)
    lefts = np.linspace(0, width // 3, frames).round().astype(int)
    return colour(np.stack([wall[:, left : left + width] for left in lefts]))


def colour(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey pictures as RGB."""
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=-1))


def soft(seed: int, *, width: int = WIDTH, height: int = HEIGHT) -> Grey:
    """Light and shade without any texture: nothing for local features to hold on to."""
    shades = np.random.default_rng(seed).uniform(30, 225, (5, 9)).astype(np.float32)
    return np.asarray(np.clip(cv2.resize(shades, (width, height), interpolation=cv2.INTER_CUBIC), 17, 235), np.uint8)
