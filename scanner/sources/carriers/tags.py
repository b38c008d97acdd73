"""Container tags of sound and video, read by PyAV: of the file and of each stream. No packet is decoded."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.error import FFmpegError

from scanner.sources.carriers.bounds import Skipped, Text

DEMUXERS = {
    "mp4": "mov",
    "mov": "mov",
    "m4a": "mov",
    "matroska": "matroska",
    "webm": "matroska",
    "avi": "avi",
    "flac": "flac",
    "mp3": "mp3",
    "ogg": "ogg",
    "wav": "wav",
    "aiff": "aiff",
    "aac": "aac",
}
_OPTIONS = {"protocol_whitelist": "file"}


def texts(path: Path, format_name: str) -> Iterator[Text | Skipped]:
    """Every tag. The demuxer is named, not guessed, so that no playlist can open a second file."""
    try:
        yield from _tags(path, DEMUXERS[format_name])
    except (FFmpegError, ValueError) as error:
        yield Skipped(what=f"the container tags ({type(error).__name__}: {getattr(error, 'strerror', None) or error})")


def _tags(path: Path, demuxer: str) -> Iterator[Text]:
    address = f"file:{path.absolute()}"
    with av.open(address, format=demuxer, options=_OPTIONS, metadata_errors="replace") as container:
        for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
            for key, value in metadata.items():
                yield Text(place="container tag", key=key, value=value)
