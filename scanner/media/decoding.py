"""One track's packets and the frames that come of them; what goes wrong is counted, with its time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import av
import av.container
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from scanner.media.coverage import Counts
from scanner.media.decoder import limit_halvings
from scanner.media.stamps import Clock
from scanner.media.stretch import Stretch

Packet: TypeAlias = "av.Packet[VideoStream]"

# Every edit unit of these is one frame long (SMPTE ST 377-1), and what stamps they imply may be wrong for B-frames.
_COUNTED = frozenset({"mxf"})


@dataclass(slots=True)
class Decoding:
    """A track that is being decoded. `rate`: frames a second, for what has no stamps. `stretch`: the range of time
    that is read; packets outside of it are only decoded where it needs them, and nothing of them is counted."""

    container: av.container.InputContainer
    stream: VideoStream
    rate: Fraction
    counts: Counts = field(default_factory=Counts)
    stretch: Stretch | None = None
    clock: Clock | None = None

    @property
    def context(self) -> VideoCodecContext:
        return self.stream.codec_context

    @property
    def time_base(self) -> Fraction:
        return self.stream.time_base or Fraction(1, 90_000)

    @property
    def counted(self) -> bool:
        """Whether frames stand at their numbers, not at their stamps."""
        return self.container.format.name in _COUNTED

    def ticks(self, frames: int) -> int:
        """How long so many frames last."""
        return max(frames, round(frames / self.rate / self.time_base))

    def stamp(self, frame: av.VideoFrame, number: int) -> int:
        """Where a frame stands, which is the `number`th that is read."""
        if self.counted or frame.pts is None:
            return self.ticks(number + (self.number or 0))
        return frame.pts

    @property
    def number(self) -> int | None:
        """How many frames of the track come before the range that is read, where the container only counts."""
        if self.stretch is None or not self.counted:
            return None
        start = self.stretch.first if self.stretch.start is None else self.stretch.start
        return round((start - self.stretch.first) * self.time_base * self.rate)

    def timed(self, usual: int, *, stamped: bool = False) -> Clock:
        """A clock that starts with the track's first frame. `usual`: frames from one to the next; `stamped`: by their
        stamps though the container only counts."""
        first = None
        if self.stretch is not None and self.stretch.start is not None:
            first = 0 if self.counted and not stamped else self.stretch.first
        self.clock = Clock(time_base=self.time_base, usual=self.ticks(usual), first=first)
        return self.clock

    def owns(self, packet: Packet) -> bool:
        """Whether the frame of a packet is to be shown, and in the range that is read."""
        return not packet.is_discard and (self.stretch is None or self.stretch.owns(packet.pts))

    def packets(self, progress: Callable[[], None]) -> Iterator[Packet]:
        """Every packet of the track, and an empty one at its end that makes the decoder give what it holds back.

        Of a range those that are needed to decode it.
        """
        packets = self._read(progress)
        if self.stretch is not None:
            self._seek(self.stretch)
            packets = self.stretch.among(packets)
        for packet in packets:
            if packet.size:
                self._arrived(packet)
            yield packet

    def _seek(self, stretch: Stretch) -> None:
        if stretch.start is None:
            return
        try:
            self.container.seek(stretch.lead, stream=self.stream, backward=True)
        except (av.error.FFmpegError, ValueError):
            stretch.whole = False

    def _read(self, progress: Callable[[], None]) -> Iterator[Packet]:
        packets = self.container.demux(self.stream)
        while True:
            progress()
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self._damage(None)
                return
            yield packet

    def _arrived(self, packet: Packet) -> None:
        self.counts.packets += self.stretch is None or self.stretch.is_inside
        self.counts.present += self.owns(packet)
        # In a transport stream this only says that two streams were joined; its packets are checked one by one.
        if packet.is_corrupt and self.container.format.name != "mpegts" and self._counts(packet.pts):
            self._damage(packet.pts)

    def decoded(self, packet: Packet, by: "Decoding | None" = None) -> list[av.VideoFrame]:
        """The frames that a packet sets free, which may come from another container. An error is damage, and none.

        `by`: whose decoder does it, where that is not the track's own.
        """
        context = (by or self).context
        if not context.is_open:
            limit_halvings(context, packet)
        return self.taken(packet, lambda: context.decode(packet))

    def taken(self, packet: Packet, decode: Callable[[], list[av.VideoFrame]]) -> list[av.VideoFrame]:
        """What decoding a packet gives; an error is damage, and none."""
        self.counts.tried += packet.size > 0 and self.owns(packet)
        if self.stretch is not None:
            self.stretch.feed(packet)
        try:
            frames = decode()
        except (av.error.FFmpegError, ValueError):
            if self.stretch is None or self.stretch.answers_for(packet):
                at_the_beginning = self.stretch is None or self.stretch.start is None
                self.counts.led_in += at_the_beginning and self.counts.decoded == 0
                self._damage(packet.pts)
            return []
        return frames if self.stretch is None else self.stretch.own(frames)

    def count(self, frame: av.VideoFrame) -> None:
        """A frame came out."""
        self.counts.decoded += 1
        if frame.is_corrupt:
            self._damage(frame.pts)

    def end(self, lacking: int) -> None:
        """The decoder has given all that it held back, and so many frames that it was asked for did not come.

        With threads of frames, FFmpeg tells of no error in what it held back, and drops what is behind it.
        """
        if lacking > 0 and self.context.thread_type != ThreadType.SLICE:
            self.counts.damage(None, lacking)

    def _counts(self, pts: int | None) -> bool:
        return self.stretch is None or self.stretch.owns(pts)

    def _damage(self, pts: int | None) -> None:
        self.counts.damage(self._seconds(pts))
        if self.stretch is not None:
            self.stretch.damaged(pts)

    def _seconds(self, pts: int | None) -> Fraction | None:
        """After the track's first frame."""
        if pts is None:
            return None
        return max(Fraction(0), (pts - (self.stream.start_time or 0)) * self.time_base)
