"""Opens sound, and reads what its container says: where it begins in the day, how long it ought to be."""

import re
from fractions import Fraction
from pathlib import Path

import av
import av.container

_OPTIONS = {"protocol_whitelist": "file"}
_ROUNDING = Fraction(1, 100)
_SAMPLES = re.compile("[0-9]{1,20}")
_TIMECODE = re.compile("([0-9]{2}):([0-5][0-9]):([0-5][0-9])[:;.,][0-9]{2}")
_DAY = 24 * 60 * 60


def opened(path: Path) -> av.container.InputContainer:
    """A file to be listened to. Raises what FFmpeg raises."""
    return av.open(f"file:{path.absolute()}", options=dict(_OPTIONS), metadata_errors="replace")


def begins_at(container: av.container.InputContainer) -> Fraction | None:
    """Seconds after midnight at which it says that it begins: by the time reference of a `bext` chunk, or by timecode.

    EBU Tech 3285: samples since midnight, which is never more than a day. Of a timecode without a picture the frames
    are not counted, as nothing says how many there are in a second.
    """
    samples = container.metadata.get("time_reference", "")
    rate = container.streams.audio[0].rate if container.streams.audio else 0
    if _SAMPLES.fullmatch(samples) and rate:
        seconds = Fraction(int(samples), rate)
        return seconds if seconds < _DAY else None
    told = (container.metadata, *(stream.metadata for stream in container.streams))
    found = next((_TIMECODE.fullmatch(said["timecode"]) for said in told if "timecode" in said), None)
    if found is None or int(found[1]) >= 24:
        return None
    return Fraction(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]))


def missing_from(container: av.container.InputContainer, decoded: Fraction) -> Fraction:
    """What a FLAC's header promises and the file does not hold; other headers guess, or are checked by `structure`."""
    if container.format.name != "flac" or container.duration is None:
        return Fraction(0)
    missing = Fraction(container.duration, av.time_base) - decoded
    return missing if missing > _ROUNDING else Fraction(0)
