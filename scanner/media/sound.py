"""Reads sound tracks: how many there are, and whether a sound file decodes to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from scanner.media.frames import UnreadableMediaError, in_words

_OPTIONS = {"protocol_whitelist": "file"}
_ROUNDING = Fraction(1, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTracks:
    """What decoding a sound file showed."""

    tracks: int
    seconds: Fraction
    damaged_packets: int
    missing_seconds: Fraction = Fraction(0)


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
    )


def _missing(container: av.container.InputContainer, decoded: Fraction) -> Fraction:
    """What a FLAC's header promises and the file does not hold; other headers guess, or are checked by `structure`."""
    if container.format.name != "flac" or container.duration is None:
        return Fraction(0)
    missing = Fraction(container.duration, av.time_base) - decoded
    return missing if missing > _ROUNDING else Fraction(0)
