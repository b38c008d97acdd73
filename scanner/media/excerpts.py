"""Cuts short excerpts out of sound, for people: as small MP3 files, each with a picture of its spectrum."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path

import av
import av.container
import cv2
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from scanner.media.ears import LFE, MIX, SIDE, Resampler, Samples, channel_names
from scanner.media.frames import UnreadableMediaError, in_words
from scanner.media.listening import samples_of, zero_of
from scanner.media.sound import opened
from scanner.model import SoundSpan, Thumbnail

LONGEST = Fraction(12)
_RATE = 16_000
_BIT_RATE = 32_000
_LEAD, _LATE = 1.0, 0.5
_PEAK = 0.8
# Of an asset, what is kept to be listened to: pieces so long, each begun so long after the one before.
_PIECE, _STEP, _MOST_PIECES = Fraction(10), Fraction(15, 2), 30
_WIDTH, _HEIGHT, _TOP_HERTZ = 480, 112, 6000
_WINDOW, _HOP = 512, 128
_RANGE = 70.0
_QUALITY = 60


def pieces(seconds: Fraction, channels: int) -> tuple[SoundSpan, ...]:
    """What to keep of an asset that is so long: all of it, in pieces that overlap, or pieces spread over it."""
    channel = MIX if channels > 1 else "1"
    count = max(1, -(-(seconds - _PIECE) // _STEP) + 1)
    step = _STEP if count <= _MOST_PIECES else seconds / _MOST_PIECES
    starts = [step * number for number in range(min(count, _MOST_PIECES))]
    return tuple(SoundSpan(stream=0, channel=channel, start=start, length=_PIECE) for start in starts)


def excerpts(path: Path, spans: Sequence[SoundSpan], alive: Callable[[], None]) -> Iterator[Thumbnail | None]:
    """One for each span; None for one that cannot be had. Raises UnreadableMediaError."""
    try:
        with closing(opened(path)) as container:
            for span in spans:
                heard = _mono(container, span, alive) or _from_the_beginning(path, span, alive)
                if heard is None or not len(heard[1]):
                    yield None
                    continue
                start, samples = heard
                yield Thumbnail(
                    seconds=start,
                    jpeg=_spectrum(samples),
                    sound=_encoded(samples),
                    length=Fraction(len(samples), _RATE),
                )
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        msg = f"the sound cannot be opened: {in_words(error)}"
        raise UnreadableMediaError(msg) from error


_Had = tuple[Fraction, Samples]


def _from_the_beginning(path: Path, span: SoundSpan, alive: Callable[[], None]) -> _Had | None:
    """The same of what cannot be sought in."""
    with closing(opened(path)) as container:
        return _mono(container, span, alive, seek=False)


def _mono(
    container: av.container.InputContainer, span: SoundSpan, alive: Callable[[], None], *, seek: bool = True
) -> _Had | None:
    """From when on it is had, in seconds into the file, and the samples; None where its beginning is not had."""
    if span.stream >= len(container.streams.audio):
        return None
    stream = container.streams.audio[span.stream]
    begin, zero = float(span.start), float(zero_of(container))
    _only(container, stream, begin + zero if seek else None)
    resampler, parts, first = None, list[Samples](), begin
    for at, frame, samples in _cut(_frames(container, stream, alive), span, zero):
        if resampler is None:
            if seek and at > begin + _LATE:
                return None
            resampler, first = Resampler(1, frame.sample_rate, to=_RATE), at
        parts.append(resampler.feed(_channel(samples, channel_names(frame.layout), span.channel)[None]))
    if resampler is None:
        return None
    return Fraction(first).limit_denominator(1_000_000), np.concatenate([*parts, resampler.end()], axis=1)[0]


def _only(container: av.container.InputContainer, stream: AudioStream, at: float | None) -> None:
    """Have this stream read and no other, from about a time on."""
    for other in container.streams:
        other.discard = av.stream.Discard.default if other.index == stream.index else av.stream.Discard.all
    if at is not None:
        with suppress(av.error.FFmpegError, ValueError):
            container.seek(int(max(0.0, at - _LEAD) * av.time_base), backward=True)


def _cut(
    frames: Iterator[tuple[float, av.AudioFrame]], span: SoundSpan, zero: float
) -> Iterator[tuple[float, av.AudioFrame, Samples]]:
    """What of the frames lies in the span, and from when on."""
    begin, end = float(span.start), float(span.start + min(span.length, LONGEST))
    for stamp, frame in frames:
        at, samples, rate = stamp - zero, samples_of(frame), frame.sample_rate
        inside = samples[:, max(0, round((begin - at) * rate)) : max(0, round((end - at) * rate))]
        if inside.shape[1]:
            yield max(at, begin), frame, inside
        if at + samples.shape[1] / rate >= end:
            return


def _frames(
    container: av.container.InputContainer, stream: AudioStream, alive: Callable[[], None]
) -> Iterator[tuple[float, av.AudioFrame]]:
    """Frames with their seconds; what cannot be decoded is passed over."""
    at = 0.0
    for packet in container.demux(stream):
        alive()
        with suppress(av.error.FFmpegError, ValueError):
            for frame in packet.decode():
                at = at if frame.time is None else float(frame.time)
                yield at, frame
                at += frame.samples / (frame.sample_rate or 1)


def _channel(samples: Samples, names: tuple[str, ...], wanted: str) -> Samples:
    if wanted in names:
        one: Samples = samples[names.index(wanted)]
        return one
    if wanted == SIDE and len(samples) > 1:
        return np.asarray((samples[0] - samples[1]) * np.float32(0.5), np.float32)
    rows = [number for number, name in enumerate(names) if name != LFE]
    return np.asarray(samples[rows].mean(axis=0), np.float32)


def _encoded(samples: Samples) -> bytes:
    """As loud as it can be, so that what is quiet in a mix is heard."""
    peak = float(np.abs(samples).max(initial=0))
    loud = samples * np.float32(_PEAK / peak if peak > 1e-6 else 1)
    file = io.BytesIO()
    with av.open(file, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=_RATE, layout="mono", bit_rate=_BIT_RATE)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(loud[None]), format="fltp", layout="mono")
        frame.sample_rate = _RATE
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=_RATE, frame_size=stream.frame_size or 1152)
        for each in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(each))
        out.mux(stream.encode(None))
    return file.getvalue()


def _spectrum(samples: Samples) -> bytes:
    """Levels over time and frequency, low ones below, as a JPEG."""
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)) ** 2
    levels = 10 * np.log10(power[:, : _TOP_HERTZ * _WINDOW // _RATE] + 1e-9)
    top = float(levels.max())
    grey: NDArray[np.uint8] = (np.clip((levels - top + _RANGE) / _RANGE, 0, 1) * 255).astype(np.uint8)
    drawn = cv2.resize(np.ascontiguousarray(grey.T[::-1]), (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    coloured = cv2.applyColorMap(drawn, cv2.COLORMAP_MAGMA)
    _, jpeg = cv2.imencode(".jpg", coloured, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return jpeg.tobytes()
