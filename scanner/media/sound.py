"""Reads sound tracks: how many there are, and whether a sound file decodes to its end."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from scanner.media.frames import UnreadableMediaError, in_words

_OPTIONS = {"protocol_whitelist": "file"}
_ROUNDING = Fraction(1, 100)
_SAMPLES = re.compile("[0-9]{1,20}")
_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTracks:
    """What decoding a sound file showed. `start`: seconds after midnight at which a Broadcast Wave says it begins."""

    tracks: int
    seconds: Fraction
    damaged_packets: int
    missing_seconds: Fraction = Fraction(0)
    start: Fraction | None = None

    @property
    def note(self) -> str | None:
        """Where the sound begins, for the coverage."""
        if self.start is None:
            return None
        minutes, seconds = divmod(int(self.start), 60)
        thousandths = int((self.start - int(self.start)) * 1000)
        clock = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{thousandths:03}"
        return f"sound: starts at {clock} by its BWF time reference"


def listen(path: Path, progress: Callable[[], None]) -> SoundTracks:
    """Decode every sound track to its end. Raises UnreadableMediaError when nothing of it can be decoded."""
    try:
        with av.open(f"file:{path.absolute()}", options=dict(_OPTIONS), metadata_errors="replace") as container:
            if not container.streams.audio:
                msg = "it has no sound track that can be decoded"
                raise UnreadableMediaError(msg)
            return _decode(container, progress)
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        msg = f"the sound cannot be opened: {in_words(error)}"
        raise UnreadableMediaError(msg) from error


def _decode(container: av.container.InputContainer, progress: Callable[[], None]) -> SoundTracks:
    samples, damaged, longest = 0, 0, Fraction(0)
    for packet in container.demux(audio=tuple(range(len(container.streams.audio)))):
        progress()
        try:
            for frame in packet.decode():
                samples += frame.samples
                length = Fraction(frame.samples, frame.sample_rate or 1)
                longest = max(longest, (frame.pts or 0) * (frame.time_base or Fraction(0)) + length)
        except (av.error.FFmpegError, ValueError):
            damaged += 1
    if not samples:
        msg = "none of its sound can be decoded"
        raise UnreadableMediaError(msg)
    return SoundTracks(
        tracks=len(container.streams.audio),
        seconds=longest,
        damaged_packets=damaged,
        missing_seconds=_missing(container, longest),
        start=_start(container),
    )


def _start(container: av.container.InputContainer) -> Fraction | None:
    """The time reference of a `bext` chunk (EBU Tech 3285): samples since midnight, which is never more than a day."""
    samples = container.metadata.get("time_reference", "")
    rate = container.streams.audio[0].rate
    if not _SAMPLES.fullmatch(samples) or not rate:
        return None
    seconds = Fraction(int(samples), rate)
    return seconds if seconds < _DAY else None


def _missing(container: av.container.InputContainer, decoded: Fraction) -> Fraction:
    """What a FLAC's header promises and the file does not hold; other headers guess, or are checked by `structure`."""
    if container.format.name != "flac" or container.duration is None:
        return Fraction(0)
    missing = Fraction(container.duration, av.time_base) - decoded
    return missing if missing > _ROUNDING else Fraction(0)
