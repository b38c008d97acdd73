"""Whole-frame codes: the 256-bit perceptual hash of imagehash (`phash(hash_size=16)`), many frames at a time.

Same bits as imagehash for the same 64 by 64 picture (a test holds them equal); one matrix product hashes a whole batch.
"""

import numpy as np
from numpy.typing import NDArray

SIDE = 64
_LOW = 16

_GRADIENT_PER_QUALITY = 90

_n = np.arange(SIDE)
# DCT-II as scipy.fftpack.dct computes it (no normalisation), the lowest 16 frequencies only.
_DCT = 2 * np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * _n + 1)[None, :] / (2 * SIDE))


def codes_of(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The 32-byte codes, shape (n, 32), of grey pictures of shape (n, 64, 64)."""
    low = _DCT @ pictures.astype(np.float64) @ _DCT.T
    flat = low.reshape(len(pictures), _LOW * _LOW)
    bits = flat > np.median(flat, axis=1, keepdims=True)
    return np.asarray(np.packbits(bits, axis=1), dtype=np.uint8)


def quality_of(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How informative each picture is, 0..100: PDQ's image-domain gradient measure (Facebook, "PDQ & TMK", 2019)."""
    signed = pictures.astype(np.int32)
    down = np.abs(np.diff(signed, axis=1)) * 100 // 255
    across = np.abs(np.diff(signed, axis=2)) * 100 // 255
    total = down.sum(axis=(1, 2)) + across.sum(axis=(1, 2))
    return np.asarray(np.minimum(total // _GRADIENT_PER_QUALITY, 100), dtype=np.uint8)
