"""Makes small media for tests: painted shots, encoded by the FFmpeg of the imageio-ffmpeg wheel."""

import subprocess
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from scanner.examine.job import Job
from scanner.examine.pictures import PictureReading, read_sequence, read_still, read_video
from scanner.media.formats import sniff
from scanner.model import Coverage, Examination, MediaKind, Unreadable

Pictures = NDArray[np.uint8]
WIDTH, HEIGHT = 320, 180


def shot(seed: int, frames: int, *, width: int = WIDTH, height: int = HEIGHT) -> Pictures:
    """A camera move over a painted wall, (frames, height, width, 3): every seed another wall, every frame another."""
    random = np.random.default_rng(seed)
    wide, high = width * 3 // 2, height * 3 // 2
    wall = np.zeros((high, wide, 3), dtype=np.float32)
    for cells, weight in ((3, 60.0), (7, 45.0), (17, 28.0)):
        rough = random.uniform(-1, 1, (cells, cells + 2, 3)).astype(np.float32)
        wall += weight * cv2.resize(rough, (wide, high), interpolation=cv2.INTER_CUBIC)
    painted = np.clip(wall + 122, 20, 235).astype(np.uint8)
    across = np.linspace(0, wide - width, frames).round().astype(int)
    down = np.linspace(0, high - height, frames).round().astype(int)
    return np.stack([painted[y : y + height, x : x + width] for x, y in zip(across, down, strict=True)])


def ffmpeg(*arguments: object, stdin: bytes | None = None) -> None:
    """Run FFmpeg; a complaint fails the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def encode(path: Path, pictures: Pictures, *options: object, rate: str = "24", before: tuple[object, ...] = ()) -> Path:
    """Write pictures as a video file; `options` come before its name, `before` are further inputs."""
    _, height, width, _ = pictures.shape
    source = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", rate, "-i", "-")
    ffmpeg(*source, *before, *options, path, stdin=pictures.tobytes())
    return path


def job(path: Path, *, step: int = 6, registering: bool = False) -> Job:
    """What the examiner is asked about one file."""
    found = sniff(path)
    return Job(
        root=path,
        files=(path.name,),
        kind=found.kind,
        format=found.name,
        sample_step=step,
        deadline=60.0,
        stall_seconds=60.0,
        registering=registering,
    )


def looked(asked: Job) -> PictureReading:
    """The picture as the examiner reads it, here and not in a process of its own."""
    reading = PictureReading()
    read = {MediaKind.STILL: read_still, MediaKind.SEQUENCE: read_sequence}.get(asked.kind, read_video)
    read(asked, reading, lambda: None)
    return reading


def damage(reading: PictureReading) -> list[str]:
    """The words in which damage is told."""
    return [item.reason for item in reading.damage if isinstance(item, Unreadable)]


def examined(asked: Job) -> Examination:
    """What the examiner makes of the picture; no labels are asked for."""
    reading = looked(asked)
    return Examination(
        examiner="test",
        kind=asked.kind,
        format=asked.format,
        picture=reading.track,
        codes=reading.codes,
        observations=tuple(reading.damage),
        coverage=Coverage(
            frames_examined=reading.examined,
            frames_present=reading.present,
            sample_step=asked.sample_step,
            duration=reading.duration,
        ),
    )
