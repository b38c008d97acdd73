"""Small real media, written as tests need them."""

import subprocess
import wave
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from PIL import Image


def picture(seed: int = 1, *, width: int = 160, height: int = 90) -> Image.Image:
    """A painted wall; every seed another."""
    random = np.random.default_rng(seed)
    wall = np.full((height, width, 3), 120, dtype=np.float32)
    for cells, weight in ((3, 60.0), (7, 45.0), (17, 25.0)):
        rough = random.uniform(-1, 1, (cells, cells + 2, 3)).astype(np.float32)
        wall += weight * cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    return Image.fromarray(np.clip(wall, 16, 235).astype(np.uint8))


def still(path: Path, seed: int = 1) -> Path:
    """A picture in a format that Pillow writes, by its extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(path)
    return path


def converted(path: Path, seed: int = 1, *options: str) -> Path:
    """A picture in a format that FFmpeg writes, by its extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "160x90", "-i", "-")
    _ffmpeg(*source, "-frames:v", "1", *options, path, stdin=picture(seed).tobytes())
    return path


def photoshop(path: Path, seed: int = 1) -> Path:
    """A flattened Photoshop document: signature, 3 channels of 8 bits, no resources, planes as they are."""
    pixels = np.asarray(picture(seed))
    height, width, channels = pixels.shape
    sizes = channels.to_bytes(2, "big") + height.to_bytes(4, "big") + width.to_bytes(4, "big")
    head = b"8BPS\x00\x01" + bytes(6) + sizes + b"\x00\x08\x00\x03"
    path.write_bytes(head + bytes(12) + b"\x00\x00" + pixels.transpose(2, 0, 1).tobytes())
    return path


def clip(path: Path, seed: int = 1, *, frames: int = 12) -> Path:
    """A short camera move over a painted wall."""
    wall = np.asarray(picture(seed, width=320, height=180))
    moves = [wall[4 * n : 4 * n + 90, 8 * n : 8 * n + 160] for n in range(frames)]
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "160x90", "-r", "24", "-i", "-")
    _ffmpeg(*source, "-pix_fmt", "yuv420p", path, stdin=b"".join(np.ascontiguousarray(m).tobytes() for m in moves))
    return path


def sequence(folder: Path, *numbers: int, seed: int = 1, name: str = "fog.{:04d}.png") -> tuple[Path, ...]:
    """The frames of an image sequence."""
    return tuple(still(folder / name.format(number), seed * 1000 + number) for number in numbers)


def tone(path: Path, pitch: float = 440.0) -> Path:
    """A tenth of a second of sound."""
    samples = 8000 * np.sin(2 * np.pi * pitch * np.arange(4800) / 48000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def broken(path: Path) -> Path:
    """A JPEG that was cut off in the middle."""
    whole = still(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _ffmpeg(*arguments: object, stdin: bytes) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-1000:]
