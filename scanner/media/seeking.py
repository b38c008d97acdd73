"""Finds frames of a track by their time, exactly: by seeking where stamps can be relied on, by reading through else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import av

from scanner.media.decoding import Decoding
from scanner.media.sampling import Timed, every

# Seconds; the last is before the beginning of anything.
_SEEK_EARLIER = (0, 2, 10, 1_000_000)
# Packets, to tell whether frames are reordered.
_LOOKED_AT = 64
# What these hold may have been joined: times may begin anew anywhere, and then the file is read through.
_JOINED = frozenset({"mpegts", "mpeg", "matroska,webm", "avi", "flv"})


@dataclass(slots=True)
class Seeking:
    """Looks frames of a track up in a container of its own, from `again`: what is read in order is not disturbed.

    Errors count as no damage: the same frames are read elsewhere. Of `first`, the stamp of the first frame, and
    `straight`, whether stamps can be relied on, nothing is known before the first look.
    """

    again: Callable[[], Decoding]
    opened: Decoding | None = None
    first: int | None = None
    straight: bool | None = None

    def close(self) -> None:
        if self.opened is not None:
            self.opened.container.close()
            self.opened = None

    @property
    def track(self) -> Decoding:
        if self.opened is None:
            self.opened = self.again()
        return self.opened

    def between(self, start: Fraction, end: Fraction, progress: Callable[[], None]) -> Iterator[Timed]:
        """Every frame whose seconds after the first lie in [start, end), with its ticks after the first."""
        if self.straight is None:
            self._look_over(progress)
        base = self.track.time_base
        found = self._sought(start, progress) if self.straight else self._read_through(progress)
        for ticks, frame in found:
            if ticks * base >= end:
                return
            if ticks * base >= start:
                yield ticks, frame

    def _look_over(self, progress: Callable[[], None]) -> None:
        """Where the track begins, and whether its stamps run straight on and are those of showing."""
        self.first = next((frame.pts for frame in self._decoded(progress)), None)
        self.close()
        track = self.track
        dts, pts = [], []
        for packet in track.container.demux(track.stream):
            if packet.size:
                dts.append(packet.dts)
                pts.append(packet.pts)
                if len(pts) > _LOOKED_AT and track.container.format.name not in _JOINED:
                    break
            progress()
        known = [stamp for stamp in dts if stamp is not None]
        shown = not track.context.has_b_frames or any(a != b for a, b in zip(pts, dts, strict=True))
        self.straight = self.first is not None and None not in pts and known == sorted(known) and shown

    def _read_through(self, progress: Callable[[], None]) -> Iterator[Timed]:
        self.close()
        return every(self.track, 1, progress)

    def _sought(self, start: Fraction, progress: Callable[[], None]) -> Iterator[Timed]:
        base, first = self.track.time_base, self.first or 0
        target = first + int(start / base)
        for earlier in _SEEK_EARLIER:
            at = target - round(earlier / base)
            beginning = at <= first
            if beginning:
                self.close()
            elif not self._seek(at):
                continue
            frames = self._decoded(progress)
            # Frames shown before the first key frame refer to what was not decoded.
            begun = next((frame for frame in frames if beginning or frame.key_frame), None)
            if begun is not None and (beginning or (begun.pts is not None and begun.pts <= target)):
                yield from self._timed(begun, frames)
                return

    def _timed(self, begun: av.VideoFrame, frames: Iterator[av.VideoFrame]) -> Iterator[Timed]:
        yield self._ticks(begun), begun
        for frame in frames:
            yield self._ticks(frame), frame

    def _ticks(self, frame: av.VideoFrame) -> int:
        after = (frame.pts or 0) - (self.first or 0)
        return self.track.ticks(round(after * self.track.time_base * self.track.rate)) if self.track.counted else after

    def _seek(self, at: int) -> bool:
        try:
            self.track.container.seek(at, stream=self.track.stream, backward=True)
        except (av.error.FFmpegError, ValueError):
            return False
        return True

    def _decoded(self, progress: Callable[[], None]) -> Iterator[av.VideoFrame]:
        for packet in self.track.container.demux(self.track.stream):
            progress()
            yield from self.track.decoded(packet)


def shown_at(track: Decoding, seconds: Fraction) -> av.VideoFrame | None:
    """The frame on screen so many seconds after the container's start of the track."""
    target = (track.stream.start_time or 0) + round(seconds / track.time_base)
    frame: av.VideoFrame | None = None
    for earlier in _SEEK_EARLIER:
        # A transport stream has no index: a seek may land behind the last picture that can be begun with.
        track.container.seek(max(target - round(earlier / track.time_base), 0), stream=track.stream, backward=True)
        frame = _first_from(track, target)
        if frame is not None and (frame.pts is None or frame.pts <= target + track.ticks(2)):
            break
    return frame


def _first_from(track: Decoding, target: int) -> av.VideoFrame | None:
    last: av.VideoFrame | None = None
    for packet in track.container.demux(track.stream):
        for last in track.decoded(packet):
            if last.pts is not None and last.pts >= target:
                return last
    return last
