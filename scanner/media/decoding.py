"""One track's packets and the frames that come of them; what goes wrong is counted, with its time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import av
import av.container
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from scanner.media.coverage import Counts
from scanner.media.decoder import limit_halvings

Packet: TypeAlias = "av.Packet[VideoStream]"

# Every edit unit of these is one frame long (SMPTE ST 377-1), and what stamps they imply may be wrong for B-frames.
_COUNTED = frozenset({"mxf"})


@dataclass(slots=True)
class Decoding:
    """A track that is being decoded. `rate`: frames a second, for what has no stamps."""

    container: av.container.InputContainer
    stream: VideoStream
    rate: Fraction
    counts: Counts = field(default_factory=Counts)

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
        """Where a frame stands, which is the track's `number`th."""
        return self.ticks(number) if self.counted or frame.pts is None else frame.pts

    def packets(self, progress: Callable[[], None]) -> Iterator[Packet]:
        """Every packet of the track, and an empty one at its end that makes the decoder give what it holds back."""
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
                self._arrived(packet)
            yield packet

    def _arrived(self, packet: Packet) -> None:
        self.counts.packets += 1
        self.counts.present += not packet.is_discard
        # In a transport stream this only says that two streams were joined; its packets are checked one by one.
        if packet.is_corrupt and self.container.format.name != "mpegts":
            self.counts.damage(self._seconds(packet.pts))

    def decoded(self, packet: Packet) -> list[av.VideoFrame]:
        """The frames that a packet sets free, which may come from another container. An error is damage, and none."""
        if not self.context.is_open:
            limit_halvings(self.context, packet)
        return self.taken(packet, lambda: self.context.decode(packet))

    def taken(self, packet: Packet, decode: Callable[[], list[av.VideoFrame]]) -> list[av.VideoFrame]:
        """What decoding a packet gives; an error is damage, and none."""
        try:
            return decode()
        except (av.error.FFmpegError, ValueError):
            self.counts.led_in += self.counts.decoded == 0
            self.counts.damage(self._seconds(packet.pts))
            return []

    def count(self, frame: av.VideoFrame) -> None:
        """A frame came out."""
        self.counts.decoded += 1
        if frame.is_corrupt:
            self.counts.damage(self._seconds(frame.pts))

    def _seconds(self, pts: int | None) -> Fraction | None:
        """After the track's first frame."""
        if pts is None:
            return None
        return max(Fraction(0), (pts - (self.stream.start_time or 0)) * self.time_base)
