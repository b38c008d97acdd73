"""Footage kept in memory as JPEGs at 24 frames a second, and what an editor does to a piece of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.clips import RATE
from benchmarks.transforms import Picture, resized

SIZE = (1280, 720)
_QUALITY = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """A piece of footage, frame by frame."""

    name: str
    frames: list[bytes]

    def frame(self, number: int) -> Picture:
        """A frame filling 1280x720; numbers beyond the end begin anew."""
        coded = np.frombuffer(self.frames[number % len(self.frames)], np.uint8)
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What is done to a piece: to each frame (over a background frame), and to its speed; 0 holds one frame."""

    name: str
    change: Callable[[Picture, Picture], Picture]
    speed: float = 1.0

    def needs(self, frames: int) -> int:
        """Frames of the reel that so many frames of the programme take."""
        return max(1, round(frames * abs(self.speed)))

    def source(self, first: int, place: int, frames: int) -> int:
        """The reel's frame at a place in the programme's piece."""
        along = int(place * abs(self.speed))
        return first + (self.needs(frames) - 1 - along if self.speed < 0 else along)


def reel(path: Path, first: float, seconds: float) -> Reel:
    """A piece of a file, from a time on, for so many seconds or until it ends."""
    frames: list[bytes] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        step = float(1 / (stream.average_rate or RATE))
        for number, frame in enumerate(container.decode(stream)):
            due = int(((number + 1) * step - first) * RATE + 1e-6)
            if due > len(frames):
                coded = _coded(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
                frames += [coded] * (due - len(frames))
            if len(frames) >= seconds * RATE:
                break
    return Reel(name=path.name, frames=frames[: round(seconds * RATE)])


def _coded(picture: Picture) -> bytes:
    """A frame filling 1280x720, its centre kept."""
    height, width = picture.shape[:2]
    scale = max(SIZE[0] / width, SIZE[1] / height)
    wide, high = round(SIZE[0] / scale), round(SIZE[1] / scale)
    left, top = (width - wide) // 2, (height - high) // 2
    full = resized(np.ascontiguousarray(picture[top : top + high, left : left + wide]), SIZE)
    return cv2.imencode(".jpg", full[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _untouched(frame: Picture, under: Picture) -> Picture:
    return frame


def _graded(frame: Picture, under: Picture) -> Picture:
    """Darker, warmer, more contrast; then coded badly once before the programme is coded."""
    light = np.linspace(0, 1, 256) ** 1.25
    light = (light - 0.5) * 1.15 + 0.5
    table = np.stack([np.clip(light * gain * 255, 0, 255) for gain in (1.08, 1.0, 0.9)], axis=-1).astype(np.uint8)
    looked = np.stack([table[:, plane][frame[..., plane]] for plane in range(3)], axis=-1)
    coded = cv2.imencode(".jpg", looked, [cv2.IMWRITE_JPEG_QUALITY, 35])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _cropped(frame: Picture, under: Picture) -> Picture:
    """75 % of each side, off centre."""
    height, width = frame.shape[:2]
    part = frame[height // 12 : height // 12 + height * 3 // 4, width // 6 : width // 6 + width * 3 // 4]
    return resized(np.ascontiguousarray(part), SIZE)


def _flopped(frame: Picture, under: Picture) -> Picture:
    return np.ascontiguousarray(frame[:, ::-1])


def _inset(frame: Picture, under: Picture) -> Picture:
    """40 % of the frame's width, in another picture."""
    small, whole = resized(frame, (SIZE[0] * 2 // 5, SIZE[1] * 2 // 5)), under.copy()
    whole[90 : 90 + small.shape[0], 700 : 700 + small.shape[1]] = small
    return whole


TREATMENTS = (
    Treatment(name="untouched", change=_untouched),
    Treatment(name="graded, coded twice", change=_graded),
    Treatment(name="cropped to 75 %", change=_cropped),
    Treatment(name="flopped", change=_flopped),
    Treatment(name="inset 40 %", change=_inset),
    Treatment(name="half speed", change=_untouched, speed=0.5),
    Treatment(name="double speed", change=_untouched, speed=2.0),
    Treatment(name="reversed", change=_untouched, speed=-1.0),
    Treatment(name="one frame held", change=_untouched, speed=0.0),
)
