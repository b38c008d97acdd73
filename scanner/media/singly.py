"""Samples a track of which no frame needs another: reads and decodes what is looked at, and nothing else."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import av

from scanner.media.decoding import Decoding, Packet
from scanner.media.leaping import Midway, Place, packet_at, sampled
from scanner.media.side_by_side import side_by_side

Progress = Callable[[], None]

# Packets of which frames may still come: decoders hold back a few for each of their threads.
_MOST_WAITING = 64


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame with its own stamp, and what lies midway to the next one, where that is known."""

    stamp: int
    frame: av.VideoFrame
    midway: Midway | None = None


@dataclass(slots=True, kw_only=True)
class Singly:
    """Gives every `step`-th frame of a track, and any frame midway between two. `again` opens the track anew.

    Frames midway are decoded by themselves, in a container of their own: the track's decoder gives frames back later
    than it is given packets.
    """

    track: Decoding
    again: Callable[[], Decoding]
    step: int
    progress: Progress
    decoders: int = 1
    _asked: int = 0
    _other: Decoding | None = None
    # Stamps of the packets that were given to the decoder, and what lies midway behind each.
    _waiting: deque[tuple[int | None, Midway]] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))

    def close(self) -> None:
        if self._other is not None:
            self._other.container.close()
            self._other = None

    def samples(self) -> Iterator[Sample]:
        """Every `step`-th frame, in order. What is lost is counted by the track."""
        track = self.track
        for given, frame in enumerate(side_by_side(track, self.again, self._packets(), self.decoders)):
            track.count(frame)
            stamp = track.ticks(given * self.step) if frame.pts is None else frame.pts
            yield Sample(stamp, frame, self._behind(frame))
        track.end(self._asked - track.counts.decoded - track.counts.damaged)

    def midway(self, sample: Sample) -> Sample | None:
        """The frame midway to the next sample, once that was given; None where there is none.

        None, too, where it is lost, which the track counts.
        """
        place = None if sample.midway is None else sample.midway.packet
        if place is None:
            return None
        self.progress()
        if self._other is None:
            self._other = self.again()
            self._other.stream.thread_type = "SLICE"
        counts = self.track.counts
        damaged = counts.damaged
        packet = packet_at(self._other, place) if isinstance(place, Place) else place
        frames = [] if packet is None else self.track.decoded(packet, by=self._other)
        self._asked += 1
        if not frames:
            if counts.damaged == damaged:
                counts.damage(None)
            return None
        self.track.count(frames[0])
        counts.between += 1
        return Sample(sample.stamp if frames[0].pts is None else frames[0].pts, frames[0])

    def _packets(self) -> Iterator[Packet]:
        for packet, midway in sampled(self.track, self.again, self.step, self.progress):
            if packet.size:
                self._asked += 1
                self._waiting.append((packet.pts, midway))
            yield packet

    def _behind(self, frame: av.VideoFrame) -> Midway | None:
        for number, (stamp, midway) in enumerate(self._waiting):
            if stamp is not None and stamp == frame.pts:
                for _ in range(number + 1):
                    self._waiting.popleft()
                return midway
        return None
