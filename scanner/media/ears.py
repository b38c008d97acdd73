"""Listens to the channels of one sound stream, and to what they make together.

Fed with blocks at the stream's own rate; each channel is taken down to the listeners' rate. A channel that is silent or
the same as another for long is not listened to meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.landmarks import RATE, Listener
from scanner.model import SoundMarks

Samples = NDArray[np.float32]

MIX, SIDE = "mix", "side"
LFE = "LFE"
# FFmpeg's names of channels, and those of the trade.
_NAMES = {"FL": "L", "FR": "R", "FC": "C", "SL": "Ls", "SR": "Rs", "BL": "Lb", "BR": "Rb", "BC": "Cs"}
# FFmpeg is told how channels stand in a room: any room of as many will do. PyAV takes no more than seven planes.
_ROOMS = ("mono", "stereo", "2.1", "quad", "5.0", "5.1")
# Nobody hears what is below -86 dB of full scale.
_SILENCE = 5e-5
# What is silent or the same as another for so long is no longer listened to.
_IDLE_SECONDS = 30
# Streams that begin within so many seconds belong together, and are not read further apart than so many samples.
_TOGETHER, _MOST_AHEAD = Fraction(1, 50), 60 * RATE


def channel_names(layout: av.AudioLayout) -> tuple[str, ...]:
    """What the channels are called: L, R, C and so on where each has a place of its own, else by number."""
    numbers = ("L", "R") if layout.nb_channels == 2 else tuple(map(str, range(1, layout.nb_channels + 1)))
    if layout.nb_channels == 1:
        return numbers
    try:
        named = [channel.name for channel in layout.channels]
    except (ValueError, UnicodeError):
        return numbers
    around = _NAMES if "SL" in named else _NAMES | {"BL": "Ls", "BR": "Rs"}
    told = tuple(around.get(name, name) for name in named)
    known = len(set(told)) == len(told) == layout.nb_channels and all(name.isalnum() for name in told)
    return told if known else numbers


class Resampler:
    """Takes any number of channels down to the listeners' rate, with FFmpeg's own filter."""

    def __init__(self, channels: int, rate: int, to: int = RATE) -> None:
        self._rate = rate
        self._groups = [range(first, min(first + len(_ROOMS), channels)) for first in range(0, channels, len(_ROOMS))]
        self._filters = [
            av.AudioResampler(format="fltp", layout=_ROOMS[len(group) - 1], rate=to) for group in self._groups
        ]

    def feed(self, block: Samples) -> Samples:
        """The block, channels by samples, at the new rate; what the filter holds back comes with the next."""
        parts = []
        for group, resampler in zip(self._groups, self._filters, strict=True):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block[group.start : group.stop]), format="fltp", layout=_ROOMS[len(group) - 1]
            )
            frame.sample_rate = self._rate
            parts.append(_joined(resampler.resample(frame), len(group)))
        return _stacked(parts)

    def end(self) -> Samples:
        """What the filter still holds back."""
        return _stacked(
            [
                _joined(resampler.resample(None), len(group))
                for group, resampler in zip(self._groups, self._filters, strict=True)
            ]
        )


def _joined(frames: Sequence[av.AudioFrame], channels: int) -> Samples:
    parts = [np.asarray(frame.to_ndarray(), dtype=np.float32).reshape(channels, -1) for frame in frames]
    return np.concatenate(parts, axis=1) if parts else np.zeros((channels, 0), np.float32)


def _stacked(parts: Sequence[Samples]) -> Samples:
    """Groups of channels, one below the other."""
    length = min(part.shape[1] for part in parts)
    return np.concatenate([part[:, :length] for part in parts])


@dataclass(slots=True)
class _Ear:
    """One channel or down-mix: who listens to it now, since when, and for how long it has been idle (in samples)."""

    name: str
    listener: Listener | None = None
    since: Fraction = Fraction(0)
    idle: int = 0


@dataclass(slots=True)
class Ears:
    """All that is listened to of a stream from `start` on, in seconds into the file, without a gap."""

    stream: int
    names: tuple[str, ...]
    start: Fraction
    heard: int = 0
    loud: set[str] = field(default_factory=set)
    _ears: list[_Ear] = field(default_factory=list)

    def feed(self, block: Samples) -> Iterator[SoundMarks]:
        """Listen to a block, channels by samples at the listeners' rate; gives what has been listened to its end."""
        if not block.shape[1]:
            return
        if not self._ears:
            self._ears = [_Ear(name) for name in (*self.names, *_mixes(self.names))]
        known: set[bytes] = set()
        for ear, samples in zip(self._ears, self._channels(block), strict=True):
            says = _is_loud(samples)
            if says:
                self.loud.add(ear.name)
                told = samples.tobytes()
                says = told not in known
                known.add(told)
            yield from self._turn(ear, samples, says=says)
        self.heard += block.shape[1]

    def end(self) -> Iterator[SoundMarks]:
        """What is left."""
        for ear in self._ears:
            if ear.listener is not None:
                yield self._marks(ear, ear.listener)

    def _channels(self, block: Samples) -> Iterator[Samples]:
        yield from block
        for mix in _mixes(self.names):
            if mix == SIDE:
                yield (block[0] - block[1]) * np.float32(0.5)
            else:
                yield block[[number for number, name in enumerate(self.names) if name != LFE]].mean(axis=0)

    def _turn(self, ear: _Ear, samples: Samples, *, says: bool) -> Iterator[SoundMarks]:
        ear.idle = 0 if says else ear.idle + len(samples)
        if ear.listener is None:
            if not says:
                return
            ear.listener, ear.since = Listener(), self.start + Fraction(self.heard, RATE)
        ear.listener.feed(samples)
        if ear.idle >= _IDLE_SECONDS * RATE:
            yield self._marks(ear, ear.listener)

    def _marks(self, ear: _Ear, listener: Listener) -> SoundMarks:
        ear.listener = None
        return listener.marks(stream=self.stream, channel=ear.name, start=ear.since)


def _mixes(names: tuple[str, ...]) -> tuple[str, ...]:
    """What is listened to beside the channels: all but the deep effects together; what is not in the middle."""
    return () if len(names) == 1 else (MIX, SIDE) if len(names) == 2 else (MIX,)


def _is_loud(samples: Samples) -> bool:
    return bool(samples.max(initial=0) > _SILENCE or samples.min(initial=0) < -_SILENCE)


@dataclass(slots=True)
class Pair:
    """Two streams of one channel that stand side by side, as left and right do in an MXF: what they make together.

    They must begin together and be read together; two that do not are listened to one by one only.
    """

    stream: int
    _starts: dict[int, Fraction] = field(default_factory=dict)
    _held: tuple[list[Samples], list[Samples]] = field(default_factory=lambda: ([], []))
    _ears: Ears | None = None
    _is_apart: bool = False

    def feed(self, side: int, start: Fraction, samples: Samples) -> Iterator[SoundMarks]:
        """Take in what one of them plays, in a stretch that began at `start`."""
        if self._is_apart:
            return
        began = self._starts.setdefault(side, start)
        self._held[side].append(samples)
        lengths = [sum(map(len, held)) for held in self._held]
        apart = len(self._starts) == 2 and abs(self._starts[0] - self._starts[1]) > _TOGETHER
        if began != start or apart or max(lengths) > _MOST_AHEAD:
            yield from self.end()
        elif min(lengths) >= RATE:
            yield from self._mix(min(lengths))

    def end(self) -> Iterator[SoundMarks]:
        """There is no more of one of them."""
        if not self._is_apart and self._ears is not None:
            yield from self._ears.end()
        self._is_apart = True
        self._held = ([], [])

    def _mix(self, length: int) -> Iterator[SoundMarks]:
        left, right = (np.concatenate(held) for held in self._held)
        self._held = ([left[length:]], [right[length:]])
        if self._ears is None:
            self._ears = Ears(self.stream, (MIX,), self._starts[0])
        # Two that are the same say nothing more together.
        same = np.array_equal(left[:length], right[:length])
        both = np.zeros(length, np.float32) if same else (left[:length] + right[:length]) * np.float32(0.5)
        yield from self._ears.feed(both[None])
