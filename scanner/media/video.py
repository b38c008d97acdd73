"""Decodes a video track by PyAV: only the frames that are looked at, each with its exact time, and counts them all.

Codecs whose frames stand alone (ProRes, DNxHR, JPEG 2000, MJPEG …) decode only what is sampled; the others decode
everything, because every frame may be needed for the next.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal

import av
import av.container
import numpy as np
from av.video.stream import VideoStream

from scanner.media.frames import Frame, Grey, Rgb, UnreadableMediaError, in_words, reduced, thumbnail
from scanner.media.timecode import standard
from scanner.model import PictureTrack, Thumbnail

# A local playlist must never reach the network or another file through us.
_OPTIONS = {"protocol_whitelist": "file"}
_MOST_PIXELS = 300_000_000
# Pixel formats whose first plane is luma; p010 and kin keep their bits at the top of 16.
_LUMA_PLANE = re.compile(r"(yuvj?a?4[0-9]{2}p|gray|nv12|nv16|p01)([0-9]{1,2}(le)?)?")
# AV_CODEC_PROP_INTRA_ONLY (libavcodec/codec_desc.h).
_INTRA_ONLY = 1 << 0
_FULL_TURN = 90
# Seconds; the last is before the beginning of anything.
_SEEK_EARLIER = (0, 2, 10, 1_000_000)
# Above this it is a clock and no frame rate.
_FASTEST = 240
# Containers state durations rounded; two frames short is rounding, more is a hole.
_SLACK_FRAMES = 2
# Every edit unit of these is one frame long (SMPTE ST 377-1), and what stamps they imply is wrong for B-frames.
_COUNTED = frozenset({"mxf"})
# A step back of more than a second is a splice (joined transport streams): play goes on after it.
_SPLICE_SECONDS = 1


@dataclass(slots=True)
class Counts:
    """What became of a track's frames while it was read; `listed` and `shown` are what the container promises."""

    present: int = 0
    decoded: int = 0
    damaged: int = 0
    first_damage: Fraction | None = None
    packets: int = 0
    listed: int | None = None
    shown: int | None = None
    # Errors before the first picture: a file that was cut inside an open group of pictures begins with some.
    led_in: int = 0

    def damage(self, at: Fraction | None, frames: int = 1) -> None:
        self.damaged += frames
        if self.first_damage is None and at is not None:
            self.first_damage = at


@dataclass(slots=True)
class Clock:
    """Gives every frame its own time, in ticks since the first: the stamp, put right where it runs backwards.

    `usual`: ticks from one frame to the next where nothing better is known.
    """

    time_base: Fraction
    usual: int
    first: int | None = None
    last: int = -1
    offset: int = 0

    def at(self, pts: int) -> int:
        self.first = pts if self.first is None else self.first
        ticks = pts - self.first + self.offset
        if (self.last - ticks) * self.time_base > _SPLICE_SECONDS:
            self.offset += self.last + self.usual - ticks
            ticks = self.last + self.usual
        self.last = max(ticks, self.last + 1)
        return self.last


@dataclass(slots=True)
class VideoTrack(AbstractContextManager["VideoTrack"]):
    """A real picture track of a file. `threads` is FFmpeg's way of sharing the work: FRAME is quickest, but what
    follows a damaged frame is lost with it; SLICE loses no more than the damage."""

    container: av.container.InputContainer
    stream: VideoStream
    about: PictureTrack
    threads: Literal["AUTO", "SLICE"] = "AUTO"
    counts: Counts = field(default_factory=Counts)

    @classmethod
    def open(cls, path: Path, number: int = 0, threads: Literal["AUTO", "SLICE"] = "AUTO") -> "VideoTrack | None":
        """The picture track of this number, or None for a file that has none. Raises UnreadableMediaError."""
        try:
            container = av.open(f"file:{path.absolute()}", options=dict(_OPTIONS), metadata_errors="replace")
        except (av.error.FFmpegError, ValueError, UnicodeError) as error:
            msg = f"the container cannot be opened: {in_words(error)}"
            raise UnreadableMediaError(msg) from error
        streams = [stream for stream in container.streams.video if not _is_cover(stream)]
        if number >= len(streams):
            container.close()
            return None
        if streams[number].codec_context is None:
            container.close()
            msg = "its picture is in a codec that is not known here"
            raise UnreadableMediaError(msg)
        about = _about(container, streams[number])
        return cls(container=container, stream=streams[number], about=about, threads=threads)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.close()

    @property
    def time_base(self) -> Fraction:
        return self.stream.time_base or Fraction(1, 90_000)

    def frames(self, step: int, progress: Callable[[], None]) -> Iterator[Frame]:
        """Every `step`-th frame from the first on. `counts` is whole when the iterator is exhausted."""
        self._prepare()
        intra = bool(self.stream.codec_context.codec.properties & _INTRA_ONLY)
        reading = self._standing_alone(step, progress) if intra and step > 1 else self._all(step, progress)
        for pts, frame in reading:
            grey = _luma(frame)
            turned = frame.rotation % 360 != 0
            yield Frame(pts=pts, grey=_upright(grey, frame.rotation), stored=grey if turned else None)

    def _prepare(self) -> None:
        context = self.stream.codec_context
        if context.width * context.height > _MOST_PIXELS:
            msg = f"its picture is too large to be opened safely: {context.width} by {context.height}"
            raise UnreadableMediaError(msg)
        self.stream.thread_type = self.threads
        context.thread_count = (os.cpu_count() or 1) + 2
        context.options = {"err_detect": "explode"}
        self.counts.listed = self.stream.frames or None
        self.counts.shown = _frames_shown(self.container, self.stream)

    @property
    def _rate(self) -> Fraction:
        return self.about.frame_rate or Fraction(24)

    def _all(self, step: int, progress: Callable[[], None]) -> Iterator[tuple[int, av.VideoFrame]]:
        clock = Clock(time_base=self.time_base, usual=self._ticks(1))
        counted = self.container.format.name in _COUNTED
        for packet in self._packets(progress):
            for frame in self._decoded(packet):
                number = self.counts.decoded
                self._count(frame)
                stamp = None if counted else frame.pts
                ticks = clock.at(self._ticks(number) if stamp is None else stamp)
                if number % step == 0:
                    yield ticks, frame

    def _standing_alone(self, step: int, progress: Callable[[], None]) -> Iterator[tuple[int, av.VideoFrame]]:
        clock = Clock(time_base=self.time_base, usual=self._ticks(step))
        number = -1
        for packet in self._packets(progress):
            if packet.is_discard:
                continue
            number += packet.size > 0
            if packet.size and number % step:
                continue
            for frame in self._decoded(packet):
                sampled = self.counts.decoded * step
                self._count(frame)
                yield clock.at(self._ticks(sampled) if frame.pts is None else frame.pts), frame

    def _count(self, frame: av.VideoFrame) -> None:
        self.counts.decoded += 1
        if frame.is_corrupt:
            self.counts.damage(_at(frame.pts, self.time_base))

    def _ticks(self, frames: int) -> int:
        """How long so many frames last."""
        return max(frames, round(frames / self._rate / self.time_base))

    def _packets(self, progress: Callable[[], None]) -> "Iterator[av.Packet[VideoStream]]":
        packets = self.container.demux(self.stream)
        while True:
            progress()
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.counts.damage(None)
                return
            if packet.size:
                self.counts.packets += 1
                self.counts.present += not packet.is_discard
                # In a transport stream this only says that two streams were joined; its packets are checked one by one.
                if packet.is_corrupt and self.container.format.name != "mpegts":
                    self.counts.damage(_at(packet.pts, self.time_base))
            yield packet

    def _decoded(self, packet: "av.Packet[VideoStream]") -> list[av.VideoFrame]:
        try:
            return packet.decode()
        except (av.error.FFmpegError, ValueError):
            self.counts.led_in += self.counts.decoded == 0
            self.counts.damage(_at(packet.pts, self.time_base))
            return []

    def pictures_at(self, wanted: list[Fraction]) -> Iterator[Thumbnail]:
        """Thumbnails of the frames on screen at these seconds after the track's first frame."""
        if not self.stream.codec_context.is_open:
            self.stream.thread_type = "AUTO"
        for seconds in wanted:
            frame = self._shown_at((self.stream.start_time or 0) + round(seconds / self.time_base))
            if frame is not None:
                yield thumbnail(
                    _turned(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8), frame.rotation), seconds
                )

    def _shown_at(self, target: int) -> av.VideoFrame | None:
        frame: av.VideoFrame | None = None
        for earlier in _SEEK_EARLIER:
            # A transport stream has no index: a seek may land behind the last picture that can be begun with.
            at = max(target - round(earlier / self.time_base), 0)
            self.container.seek(at, stream=self.stream, backward=True)
            frame = self._first_from(target)
            if frame is not None and (frame.pts is None or frame.pts <= target + self._ticks(2)):
                break
        return frame

    def _first_from(self, target: int) -> av.VideoFrame | None:
        last: av.VideoFrame | None = None
        for packet in self.container.demux(self.stream):
            for frame in self._decoded(packet):
                last = frame
                if frame.pts is not None and frame.pts >= target:
                    return frame
        return last


def missing_frames(counts: Counts) -> int:
    """Frames that the container promises and the file does not hold."""
    if counts.listed is not None and counts.packets >= counts.listed:
        return 0
    # An edit list leaves listed frames out; then only the stated duration tells, and it is rounded.
    if counts.shown is None or counts.present >= counts.shown - _SLACK_FRAMES * (counts.listed is not None):
        return 0
    return counts.shown - counts.present


def _is_cover(stream: VideoStream) -> bool:
    """A cover picture attached to a sound file is not a picture track."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _about(container: av.container.InputContainer, stream: VideoStream) -> PictureTrack:
    timecode = stream.metadata.get("timecode") or container.metadata.get("timecode")
    if timecode is None:
        timecode = next((s.metadata["timecode"] for s in container.streams if "timecode" in s.metadata), None)
    return PictureTrack(
        codec=stream.codec_context.name,
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        frame_rate=_rate(stream),
        start_timecode=timecode,
    )


def _rate(stream: VideoStream) -> Fraction | None:
    """The track's rate, exact where it is a usual one; gaps in a track of constant rate do not count."""
    rates = [Fraction(rate) for rate in (stream.average_rate, stream.base_rate) if rate]
    return next(
        (exact for rate in rates if (exact := standard(rate)) and exact <= _FASTEST), rates[0] if rates else None
    )


def _frames_shown(container: av.container.InputContainer, stream: VideoStream) -> int | None:
    """How many frames the container's stated duration has room for, where that duration can be relied on."""
    rate = stream.average_rate
    counted = stream.frames or container.format.name == "mxf"
    if not stream.duration or not stream.time_base or not rate or not counted:
        return stream.frames or None
    return int(stream.duration * stream.time_base * rate)


def _luma(frame: av.VideoFrame) -> Grey:
    """The frame's luma straight from its plane where the pixel format has one; converted otherwise."""
    name = frame.format.name
    if not _LUMA_PLANE.fullmatch(name):
        return reduced(np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8))
    bits = frame.format.components[0].bits
    plane = frame.planes[0]
    samples = np.asarray(memoryview(plane)).view(np.uint8 if bits == 8 else "<u2")
    row = plane.line_size // samples.itemsize
    luma = samples[: row * frame.height].reshape(frame.height, row)[:, : frame.width]
    return reduced(luma, 16 if name.startswith("p0") else bits)


def _upright(grey: Grey, degrees: int) -> Grey:
    return np.ascontiguousarray(np.rot90(grey, k=(degrees // _FULL_TURN) % 4)) if degrees % 360 else grey


def _turned(rgb: Rgb, degrees: int) -> Rgb:
    return np.ascontiguousarray(np.rot90(rgb, k=(degrees // _FULL_TURN) % 4)) if degrees % 360 else rgb


def _at(pts: int | None, time_base: Fraction) -> Fraction | None:
    return pts * time_base if pts is not None else None
