"""Reads sound tracks: how many there are, and whether a sound file decodes to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from scanner.media.frames import UnreadableMediaError

_OPTIONS = {"protocol_whitelist": "file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTracks:
    """What decoding a sound file showed."""

    tracks: int
    seconds: Fraction
    damaged_packets: int


def listen(path: Path, progress: Callable[[], None]) -> SoundTracks:
    """Decode every sound track to its end. Raises UnreadableMediaError when nothing of it can be decoded."""
    try:
        with av.open(f"file:{path.absolute()}", options=dict(_OPTIONS), metadata_errors="replace") as container:
            if not container.streams.audio:
                msg = "it has no sound track that can be decoded"
                raise UnreadableMediaError(msg)
            return _decode(container, progress)
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        msg = f"the sound cannot be opened: {str(error).split(': ')[0]}"
        raise UnreadableMediaError(msg) from error


def _decode(container: av.container.InputContainer, progress: Callable[[], None]) -> SoundTracks:
    samples, damaged, longest = 0, 0, Fraction(0)
    for packet in container.demux(audio=tuple(range(len(container.streams.audio)))):
        progress()
        try:
            for frame in packet.decode():
                samples += frame.samples
                longest = max(longest, (frame.pts or 0) * (frame.time_base or Fraction(0)))
        except (av.error.FFmpegError, ValueError):
            damaged += 1
    if not samples:
        msg = "none of its sound can be decoded"
        raise UnreadableMediaError(msg)
    return SoundTracks(tracks=len(container.streams.audio), seconds=longest, damaged_packets=damaged)
