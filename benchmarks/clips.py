"""Short real clips for the benchmarks: pictures with grain, encoded by the FFmpeg of the imageio-ffmpeg wheel."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from benchmarks.transforms import Picture, resized

RATE = 24
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p")
PRORES = ("-c:v", "prores_ks", "-profile:v", "2", "-pix_fmt", "yuv422p10le")
_GRAIN = 3.0


def encoded(path: Path, frames: Iterable[Picture], size: tuple[int, int], codec: tuple[str, ...] = H264) -> Path:
    """Write frames, scaled to (width, height), as a video of 24 a second. Raises CalledProcessError."""
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(RATE), "-i", "-")
    threads = ("-threads", "1")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *raw, *codec, *threads, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(np.ascontiguousarray(scaled(frame, size)).tobytes())
        process.stdin.close()
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
    return path


def scaled(frame: Picture, size: tuple[int, int]) -> Picture:
    """The frame at (width, height)."""
    return frame if (frame.shape[1], frame.shape[0]) == size else resized(frame, size)


def held(picture: Picture, frames: int, rng: np.random.Generator) -> Iterator[Picture]:
    """A still on screen for so many frames, with new grain in each."""
    noise = rng.normal(0, _GRAIN, picture.shape[:2]).astype(np.float32)[..., None]
    for _ in range(frames):
        moved = np.roll(noise, (int(rng.integers(noise.shape[0])), int(rng.integers(noise.shape[1]))), axis=(0, 1))
        yield np.asarray(np.clip(picture + moved, 0, 255), np.uint8)
