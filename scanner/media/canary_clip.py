"""The canary's picture: a slow look across painted clouds, the same for the same seed. Nothing of it is from anywhere.

It is written once to be registered, and then again for each run: graded, by another codec and with the run's name in
it, so that neither its bytes nor an earlier examination of them can be known.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, _FRAMES, _RATE = 320, 180, 72, 24
# Rough to fine: enough of each to be recognised as a whole and in parts.
_CELLS = ((5, 70.0), (11, 55.0), (29, 45.0), (71, 30.0))


def write_registered(path: Path, seed: int) -> None:
    """The clip as it is registered (H.264). Raises OSError."""
    _write(path, _frames(seed), codec="libx264", options=("-crf", "16"))


def write_copy(path: Path, seed: int, *, mark: str) -> None:
    """A copy as it is dropped: graded, MPEG-4 Part 2, `mark` in its metadata. Raises OSError."""
    graded = (np.clip(frame * 0.94 + 7.0, 0, 255) for frame in _frames(seed))
    _write(path, graded, codec="mpeg4", options=("-q:v", "3", "-metadata", f"comment={mark}"))


def _frames(seed: int) -> Iterator[NDArray[np.float32]]:
    random = np.random.default_rng([0xCA4A47, seed])
    clouds = np.full((_HEIGHT * 3 // 2, _WIDTH * 3 // 2, 3), 120, dtype=np.float32)
    for cells, weight in _CELLS:
        rough = random.uniform(-1, 1, (cells, cells * 2, 3)).astype(np.float32)
        size = (clouds.shape[1], clouds.shape[0])
        clouds += weight * np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    for number in range(_FRAMES):
        top, left = number * _HEIGHT // (2 * _FRAMES), number * _WIDTH // (2 * _FRAMES)
        yield np.clip(clouds[top : top + _HEIGHT, left : left + _WIDTH], 0, 255)


def _write(path: Path, frames: Iterator[NDArray[np.floating]], *, codec: str, options: tuple[str, ...]) -> None:
    writer = imageio_ffmpeg.write_frames(
        str(path), (_WIDTH, _HEIGHT), fps=_RATE, codec=codec, macro_block_size=1, quality=None,
        output_params=list(options), ffmpeg_log_level="error",
    )  # fmt: skip
    writer.send(None)
    try:
        for frame in frames:
            writer.send(np.ascontiguousarray(frame.astype(np.uint8)))
    finally:
        writer.close()
