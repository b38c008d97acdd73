"""Frames in, files out: FFmpeg writes the clips (it comes inside the imageio-ffmpeg package), PyAV reads them back."""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import ffmpeg
import imageio_ffmpeg
import numpy as np
from noise import Picture, bytes_of
from numpy.typing import NDArray
from PIL import Image
from sound import Sound, write_wav

Frame = NDArray[np.uint8]
FILM = Fraction(24000, 1001)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a clip is written: frame rate, first timecode, FFmpeg's options for picture and sound."""

    rate: Fraction = FILM
    timecode: str | None = None
    picture: dict[str, str | int] = field(default_factory=dict)
    sound: dict[str, str | int] = field(default_factory=dict)


H264: dict[str, str | int] = {"c:v": "libx264", "pix_fmt": "yuv420p", "preset": "slow", "threads": 1, "bf": 2, "g": 48}
PRORES: dict[str, str | int] = {
    "c:v": "prores_ks",
    "profile:v": "standard",
    "pix_fmt": "yuv422p10le",
    "vendor": "apl0",
    "threads": 1,
}
DNXHR: dict[str, str | int] = {"c:v": "dnxhd", "profile:v": "dnxhr_lb", "pix_fmt": "yuv422p", "threads": 1}
PCM: dict[str, str | int] = {"c:a": "pcm_s16le"}
AAC: dict[str, str | int] = {"c:a": "aac", "b:a": "64k"}


def h264(quality: int) -> dict[str, str | int]:
    """H.264 at a constant quality: 18 is very good, 40 very poor."""
    return {**H264, "crf": quality}


def write_clip(path: Path, frames: Sequence[Frame], how: Format, sound: Sound | None = None) -> None:
    """Encode frames, and sound if there is any, cut to the length of the picture."""
    height, width = frames[0].shape[:2]
    raw = {"format": "rawvideo", "pix_fmt": "rgb24", "s": f"{width}x{height}", "framerate": str(how.rate)}
    picture = ffmpeg.input("pipe:", **raw).filter("scale", out_color_matrix="bt709", out_range="tv")
    options = {"map_metadata": -1, "fflags": "+bitexact", "flags:v": "+bitexact", "movflags": "+faststart"}
    options |= {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", **how.picture}
    if path.suffix == ".mxf":
        del options["movflags"]
    if how.timecode is not None:
        options["timecode"] = how.timecode
    with TemporaryDirectory() as folder:
        streams = [picture]
        if sound is not None:
            wav = Path(folder) / "sound.wav"
            length = round(len(frames) / how.rate * 48_000)
            write_wav(wav, sound[:length])
            streams.append(ffmpeg.input(f"file:{wav}"))
            options |= {"flags:a": "+bitexact", **how.sound}
        _run(ffmpeg.output(*streams, f"file:{path.absolute()}", **options), b"".join(f.tobytes() for f in frames))


def write_sound(path: Path, sound: Sound) -> None:
    """Encode sound alone, as AAC."""
    with TemporaryDirectory() as folder:
        wav = Path(folder) / "sound.wav"
        write_wav(wav, sound)
        options = {"map_metadata": -1, "fflags": "+bitexact", "flags:a": "+bitexact", "movflags": "+faststart", **AAC}
        _run(ffmpeg.output(ffmpeg.input(f"file:{wav}"), f"file:{path.absolute()}", **options), b"")


def write_exr(folder: Path, pictures: Iterable[Picture]) -> None:
    """Half-float scene-linear EXR, one file a frame, numbered from 0001. The pictures are display-referred 0..1."""
    folder.mkdir(parents=True, exist_ok=True)
    planes = []
    for picture in pictures:
        linear = np.clip(picture, 0, 4) ** 2.2
        height, width = linear.shape[:2]
        rounded = np.round(linear * 512) / 512
        planes += [rounded[..., channel].astype("<f4").tobytes() for channel in (1, 2, 0)]
    raw = {"format": "rawvideo", "pix_fmt": "gbrpf32le", "s": f"{width}x{height}", "framerate": "24"}
    options = {"c:v": "exr", "compression": "zip16", "format:v": "half", "start_number": 1, "fflags": "+bitexact"}
    pattern = f"file:{folder.absolute()}/{folder.name}.%04d.exr"
    _run(ffmpeg.input("pipe:", **raw).output(pattern, **options), b"".join(planes))


def _run(stream: object, frames: bytes) -> None:
    """Run FFmpeg; what it complains of is shown."""
    command = ffmpeg.compile(stream, cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True)
    command[1:1] = ["-hide_banner", "-loglevel", "error"]
    subprocess.run(command, input=frames, check=True)


def read_frames(path: Path) -> list[Frame]:
    """Every frame of a clip as RGB."""
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


def read_still(path: Path) -> Frame:
    """A still as RGB."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def scaled(frame: Frame, size: tuple[int, int]) -> Frame:
    """The frame in another size, its shape not kept."""
    method = cv2.INTER_AREA if size[0] < frame.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, size, interpolation=method), np.uint8)


def graded(frame: Frame) -> Frame:
    """A warm, contrasty print look."""
    value = (frame.astype(np.float32) / 255) ** 0.88
    value = (value - 0.5) * 1.15 + 0.5
    return bytes_of(value * np.asarray((1.08, 0.99, 0.84), np.float32) + 0.012)


def active_rows(height: int, width: int) -> tuple[int, int]:
    """First row and row after the last of a 2.39 picture inside a frame, both even."""
    bar = round((height - width / 2.39) / 4) * 2
    return bar, height - bar


def matted(frame: Frame) -> Frame:
    """Top and bottom covered to 2.39: what was there is lost."""
    top, low = active_rows(*frame.shape[:2])
    covered = np.zeros_like(frame)
    covered[top:low] = frame[top:low]
    return covered


def letterboxed(frame: Frame) -> Frame:
    """The whole picture scaled into the 2.39 window: nothing is lost, but it is flatter."""
    top, low = active_rows(*frame.shape[:2])
    boxed = np.zeros_like(frame)
    boxed[top:low] = scaled(frame, (frame.shape[1], low - top))
    return boxed
