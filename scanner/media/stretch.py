"""A range of a track's time, cut at key frames: which packets and frames belong to it, and proof that all were read.

A stretch is read from a key frame before its own first one, so that nothing in it depends on where reading began, and
a little beyond the next stretch's first one: pictures shown before that may stand behind it. Both name the packet at
which they meet, and how many stand behind it that are shown before it: where the names differ, something was missed.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import av
from av.video.stream import VideoStream

Packet: TypeAlias = "av.Packet[VideoStream]"

# No codec shows a frame later than this many packets after it was decoded (16 frames, each of two fields).
AHEAD = 33


@dataclass(slots=True, kw_only=True)
class Stretch:
    """What is shown from `start`, the stamp of a key frame (None: from the beginning), to before `end` (None: to the
    end). `first`: the stamp of the track's first frame; `lead`: what to seek to; `alone`: no frame needs another.

    `exact`: errors are those of the packet decoded; else, with threads of frames, those of one before it may be, too.
    `whole` turns False where what is met contradicts the range: then the track has to be read in one go. `is_stopped`
    turns True where the decoder fails before the range begins: with threads of frames it may go on failing.
    """

    start: int | None
    end: int | None
    first: int
    lead: int
    alone: bool
    exact: bool
    whole: bool = True
    is_stopped: bool = False
    _name_of_start: str = ""
    _name_of_end: str = ""
    _begun: bool = False
    _fed: bool = False
    _shown: bool = False
    # Packets from the next stretch's first one on; those shown before this one's start; those shown before its end.
    _beyond: int = 0
    _led: int = 0
    _late: int = 0
    _second_key: int | None = None

    @property
    def begins(self) -> str:
        """The packet that this stretch begins with; nothing at the beginning of the track."""
        return self._name_of_start and f"{self._name_of_start} {self._led}"

    @property
    def ends(self) -> str:
        """The packet that the next stretch begins with; nothing at the end of the track, or where it was not met."""
        return self._name_of_end and f"{self._name_of_end} {self._late}"

    @property
    def is_inside(self) -> bool:
        """Whether the packet just met lies between the first one of this stretch and that of the next."""
        return self._begun and not self._beyond

    def owns(self, pts: int | None) -> bool:
        """Whether what is shown at this stamp belongs to it."""
        return pts is not None and (self.start is None or pts >= self.start) and (self.end is None or pts < self.end)

    def among(self, packets: Iterator[Packet]) -> Iterator[Packet]:
        """Of the packets read from `lead` on those that are needed to decode it, and an empty one."""
        self._begun = self.start is None
        for packet in packets:
            if packet.size:
                self._meet(packet)
            if self.is_stopped or not self.whole or self._beyond > (0 if self.alone else 1 + AHEAD):
                yield at_the_end()
                return
            yield packet

    def leapt(self, begin: "Packet | None", end: "Packet | None") -> None:
        """All of it was read, from this packet on, up to where this one stands."""
        self._begun = True
        if begin is not None and self.start is not None:
            self._name_of_start = _name(begin)
        if end is not None:
            self._name_of_end = _name(end)

    def feed(self, packet: Packet) -> None:
        """A packet goes into the decoder."""
        self._fed = self._fed or self.owns(packet.pts)

    def answers_for(self, packet: Packet) -> bool:
        """Whether an error met on decoding a packet may be one of its own frames'."""
        if packet.pts is None or self.owns(packet.pts):
            return True
        self.is_stopped |= not self._fed and not self.exact
        return self._fed and not self.exact

    def damaged(self, pts: int | None) -> None:
        """Something of it is damaged. Before its second key frame that may come of having begun there."""
        sure = self._second_key is not None and pts is not None and pts >= self._second_key
        if self.start is not None and not self.alone and not sure:
            self.whole = False

    def own(self, frames: list[av.VideoFrame]) -> list[av.VideoFrame]:
        """Those of the frames that belong to it. The first must be the one it begins with."""
        found = [frame for frame in frames if self.owns(frame.pts)]
        if any(frame.pts is None for frame in frames):
            self.whole = False
        if found and not self._shown:
            self._shown = True
            self.whole &= self._is_first(found[0])
        return found

    def _is_first(self, frame: av.VideoFrame) -> bool:
        if self.start is None:
            return frame.pts == self.first
        return self.alone or (frame.pts == self.start and bool(frame.key_frame))

    def _meet(self, packet: Packet) -> None:
        """The next packet in the file's order."""
        if _is_key(packet, self.end) and self._begun and not self._beyond:
            self._name_of_end, self._beyond = _name(packet), 1
            return
        self._beyond += self._beyond > 0
        if not self._begun and _is_key(packet, self.start):
            self._name_of_start, self._begun = _name(packet), True
        elif packet.is_keyframe and self._begun and self._second_key is None and self.owns(packet.pts):
            self._second_key = packet.pts
        if not packet.is_discard:
            self._place(packet.pts)

    def _place(self, pts: int | None) -> None:
        if pts is None:
            self.whole = False
        elif self._beyond:
            self._late += self.end is not None and pts < self.end
        elif self._begun:
            self._led += self.start is not None and pts < self.start
            self.whole &= self.end is None or pts < self.end
        else:
            self.whole &= self.start is not None and pts < self.start


def at_the_end() -> Packet:
    """The empty packet that makes a decoder give what it holds back."""
    packet: Any = av.Packet()
    return packet  # type: ignore[no-any-return]


def _is_key(packet: Packet, pts: int | None) -> bool:
    return pts is not None and packet.pts == pts and packet.is_keyframe and not packet.is_discard


def _name(packet: Packet) -> str:
    return f"{packet.pts} {packet.pos} {packet.size} {zlib.crc32(bytes(packet)):08x}"
