"""Decodes every sound stream of a file once, and listens to its channels and down-mixes. Memory does not grow with it.

Where stamps leave a gap there is one: short ones are silence, long ones begin a new stretch. What cannot be decoded is
counted, with its time.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import av.container
import numpy as np
from av.audio.stream import AudioStream

from scanner.fingerprint.landmarks import heard_seconds, is_informative
from scanner.media.about import is_cover
from scanner.media.ears import Ears, Pair, Resampler, Samples, channel_names
from scanner.media.frames import UnreadableMediaError, in_words
from scanner.media.sound import begins_at, missing_from, opened
from scanner.model import SoundMarks

# More streams or channels than this are no mix: 128 is the most that a Broadcast Wave with an ADM has in practice.
_MOST_STREAMS, _MOST_CHANNELS = 128, 128
# Stamps that are rounded or jitter by less than this leave no gap; a gap that lasts longer than that is no dropout.
_JITTER, _DROPOUT = 0.05, 2.0
_MOST_STRETCHES = 100
_MOST_TOLD = 1000
# One block, in samples of all channels together, even where a second has more.
_LARGEST_BLOCK = 1 << 22
# Nothing that was recorded is so far above full scale (120 dB).
_NO_SAMPLE = 1e6
# A stamp that puts a stream more than two days off says nothing.
_LONGEST = 48 * 60 * 60
_TICKS = 1_000_000
_SCALES = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """What listening to a file showed. `seconds`: how long its longest stream is, decoded; `tracks`: streams in it.

    `channels`: how many, down-mixes not counted. `silent`: channels without anything to hear; `plain`: those that hold
    nothing that could be recognised, as tone and noise. `broken`: seconds at which packets could not be decoded, at
    most a thousand. `start`: seconds after midnight at which it says that it begins.
    """

    tracks: int
    seconds: Fraction
    channels: int = 0
    marks: tuple[SoundMarks, ...] = ()
    silent: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    damaged_packets: int = 0
    broken: tuple[Fraction, ...] = ()
    missing_seconds: Fraction = Fraction(0)
    start: Fraction | None = None
    left_out: tuple[str, ...] = ()


def listen(path: Path, progress: Callable[[], None]) -> Listened:
    """Decode and hear every sound stream to its end. Raises UnreadableMediaError when nothing of it can be decoded."""
    try:
        with closing(opened(path)) as container:
            if not container.streams.audio:
                msg = "it has no sound track that can be decoded"
                raise UnreadableMediaError(msg)
            return _Listening.to(container).whole(progress)
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        msg = f"the sound cannot be opened: {in_words(error)}"
        raise UnreadableMediaError(msg) from error


def sound_tracks(path: Path) -> int:
    """How many sound streams a file has. Raises UnreadableMediaError."""
    try:
        with closing(opened(path)) as container:
            return len(container.streams.audio)
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        msg = f"the container cannot be opened: {in_words(error)}"
        raise UnreadableMediaError(msg) from error


def zero_of(container: av.container.InputContainer) -> Fraction:
    """The moment from which times in the file are counted: its first frame, or where its first sound begins."""
    pictures = [stream for stream in container.streams.video if not is_cover(stream)]
    starts = [
        Fraction(stream.start_time) * stream.time_base
        for stream in (pictures[:1] or container.streams.audio)
        if stream.start_time is not None and stream.time_base
    ]
    return min(starts, default=Fraction(0))


def samples_of(frame: av.AudioFrame) -> Samples:
    """A decoded frame as channels by samples, full scale 1; what is no number, or absurd, is silence."""
    raw = frame.to_ndarray()
    kind, channels = frame.format.name.removesuffix("p"), frame.layout.nb_channels
    block = raw if frame.format.is_planar else raw.reshape(-1, channels).T
    samples: Samples = np.ascontiguousarray(block, dtype=np.float32)
    if kind in _SCALES:
        if kind == "u8":
            samples -= np.float32(128)
        samples *= np.float32(_SCALES[kind])
    elif not -_NO_SAMPLE <= samples.min(initial=0) <= samples.max(initial=0) <= _NO_SAMPLE:
        samples[~(np.abs(samples) <= _NO_SAMPLE)] = 0
    return samples


def exact(seconds: float) -> Fraction:
    """A time to the microsecond: no stamp in use is finer."""
    return Fraction(seconds).limit_denominator(_TICKS)


@dataclass(slots=True)
class _Track:
    """One stream while it is decoded. Times are seconds into the file; `_begins`: of the stretch at hand."""

    stream: AudioStream
    number: int
    zero: float
    marks: list[SoundMarks] = field(default_factory=list)
    loud: set[str] = field(default_factory=set)
    names: tuple[str, ...] = ()
    is_too_wide: bool = False
    pair: Pair | None = None
    _rate: int = 0
    _begins: float = 0.0
    _samples: int = 0
    _stretches: int = 0
    _slip: float = 0.0
    _waiting: list[Samples] = field(default_factory=list)
    _resampler: Resampler | None = None
    _ears: Ears | None = None

    @property
    def now(self) -> float:
        """How far it has been decoded."""
        return self._begins + self._samples / (self._rate or 1)

    def take(self, frame: av.AudioFrame) -> None:
        """Listen to a frame."""
        samples = samples_of(frame)
        if not samples.size or not frame.sample_rate:
            return
        if len(samples) > _MOST_CHANNELS:
            self.is_too_wide, samples = True, samples[:_MOST_CHANNELS]
        if self._ears is None or (frame.sample_rate, len(samples)) != (self._rate, len(self.names)):
            self._begin(frame, len(samples), self._stamp(frame))
        else:
            self._bridge(frame, len(samples))
        self._add(samples)

    def _begin(self, frame: av.AudioFrame, channels: int, begins: float) -> None:
        self.end()
        self._rate, self._samples = frame.sample_rate, 0
        self._begins = begins if abs(begins) < _LONGEST else 0.0
        self.names = channel_names(frame.layout)[:channels]
        self._resampler = Resampler(channels, self._rate)
        start = exact(self._begins)
        self._ears = Ears(self.number, self.names, start, loud=self.loud)
        self._stretches += 1

    def _stamp(self, frame: av.AudioFrame) -> float:
        """When it is heard, by its stamp; without one, after what came before."""
        if frame.pts is None or not frame.time_base:
            return self.now
        return frame.pts * frame.time_base.numerator / frame.time_base.denominator - self.zero + self._slip

    def _bridge(self, frame: av.AudioFrame, channels: int) -> None:
        """Be where the frame's stamp says; where stamps go back they are wrong from there on."""
        ahead = self._stamp(frame) - self.now
        if ahead < -_JITTER:
            self._slip -= ahead
        elif ahead > _DROPOUT and self._stretches < _MOST_STRETCHES:
            self._begin(frame, channels, self.now + ahead)
        elif ahead > _JITTER:
            self._add(np.zeros((channels, round(min(ahead, _DROPOUT) * self._rate)), np.float32))

    def _add(self, samples: Samples) -> None:
        self._waiting.append(samples)
        self._samples += samples.shape[1]
        waiting = sum(block.shape[1] for block in self._waiting)
        if waiting >= self._rate or waiting * len(self.names) >= _LARGEST_BLOCK:
            self._hear()

    def _hear(self) -> None:
        if self._resampler is not None and self._ears is not None and self._waiting:
            block, self._waiting = np.concatenate(self._waiting, axis=1), []
            self._give(self._ears, self._resampler.feed(block))

    def _give(self, ears: Ears, block: Samples) -> None:
        self.marks += ears.feed(block)
        if self.pair is not None and len(block) == 1:
            self.marks += self.pair.feed(self.number % 2, ears.start, block[0])

    def end(self) -> None:
        """The stretch at hand is over."""
        self._hear()
        if self._resampler is not None and self._ears is not None:
            self._give(self._ears, self._resampler.end())
            self.marks += self._ears.end()
        self._resampler = self._ears = None


@dataclass(slots=True)
class _Listening:
    """A file while it is listened to."""

    container: av.container.InputContainer
    zero: Fraction
    tracks: dict[int, _Track] = field(default_factory=dict)
    packets: int = 0
    damaged: int = 0
    broken: list[Fraction] = field(default_factory=list)

    @classmethod
    def to(cls, container: av.container.InputContainer) -> "_Listening":
        listening = cls(container, zero_of(container))
        for number, stream in enumerate(container.streams.audio[:_MOST_STREAMS]):
            if stream.codec_context is not None:
                listening.tracks[stream.index] = _Track(stream, number, float(listening.zero))
        for left, right in pairwise(listening.tracks.values()):
            alone = left.stream.codec_context.channels == right.stream.codec_context.channels == 1
            if alone and left.number % 2 == 0 and right.number == left.number + 1:
                left.pair = right.pair = Pair(left.number)
        for other in container.streams:
            if other.index not in listening.tracks:
                other.discard = av.stream.Discard.all
        return listening

    def whole(self, progress: Callable[[], None]) -> Listened:
        """Listen to all of it. Raises UnreadableMediaError when nothing of it can be decoded."""
        self._read(progress)
        seconds = self._until()
        if not self.packets and self.tracks and any(not is_cover(each) for each in self.container.streams.video):
            # Beside a picture a stream without a packet is no loss.
            return Listened(tracks=len(self.container.streams.audio), seconds=Fraction(0))
        if not any(track.names for track in self.tracks.values()):
            msg = (
                "none of its sound can be decoded" if self.tracks else "its sound is in a codec that is not known here"
            )
            raise UnreadableMediaError(msg)
        marks = tuple(mark for track in self.tracks.values() for mark in track.marks)
        silent = [_called(t.number, name) for t in self.tracks.values() for name in t.names if name not in t.loud]
        return Listened(
            tracks=len(self.container.streams.audio),
            channels=sum(len(track.names) for track in self.tracks.values()),
            seconds=seconds,
            marks=marks,
            silent=tuple(silent),
            plain=tuple(_plain(marks)),
            damaged_packets=self.damaged,
            broken=tuple(sorted(self.broken)),
            missing_seconds=missing_from(self.container, seconds),
            start=begins_at(self.container),
            left_out=tuple(self._left_out()),
        )

    def _read(self, progress: Callable[[], None]) -> None:
        streams = [track.stream for track in self.tracks.values()]
        packets: Iterator[av.Packet[AudioStream]] = iter(())
        if streams:
            packets = cast("Iterator[av.Packet[AudioStream]]", self.container.demux(streams))
        while True:
            progress()
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.error.FFmpegError:
                self._damage(self._until())
                break
            self._decode(self.tracks[packet.stream.index], packet)
        for track in self.tracks.values():
            track.end()
        for track in self.tracks.values():
            track.marks += track.pair.end() if track.pair is not None else ()

    def _decode(self, track: _Track, packet: "av.Packet[AudioStream]") -> None:
        self.packets += bool(packet.size)
        try:
            for frame in packet.decode():
                track.take(frame)
        except (av.error.FFmpegError, ValueError):
            at = exact(track.now)
            if packet.pts is not None and packet.time_base:
                at = packet.pts * packet.time_base - self.zero
            self._damage(at)

    def _until(self) -> Fraction:
        """How far the longest stream has been decoded."""
        return max((exact(track.now) for track in self.tracks.values() if track.names), default=Fraction(0))

    def _damage(self, at: Fraction) -> None:
        self.damaged += 1
        if len(self.broken) < _MOST_TOLD:
            self.broken.append(max(at, Fraction(0)))

    def _left_out(self) -> Iterator[str]:
        """What was not listened to, and ought to have been."""
        for number, stream in enumerate(self.container.streams.audio):
            if number >= _MOST_STREAMS:
                yield f"more than {_MOST_STREAMS} streams: the others were not listened to"
                return
            if stream.index not in self.tracks:
                yield f"stream {number + 1} is in a codec that is not known here"
            elif self.tracks[stream.index].is_too_wide:
                yield f"stream {number + 1} has more than {_MOST_CHANNELS} channels: the others were not listened to"


def _plain(marks: tuple[SoundMarks, ...]) -> Iterator[str]:
    """Channels that were listened to and say nothing at any time."""
    says: dict[str, bool] = {}
    for each in marks:
        name = _called(each.stream, each.channel)
        says[name] = says.get(name, False) or (is_informative(each) and heard_seconds(each) > 0)
    yield from (name for name, anything in says.items() if not anything)


def _called(stream: int, channel: str) -> str:
    return f"{channel} of stream {stream + 1}"
