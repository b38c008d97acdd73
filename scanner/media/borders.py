"""Where a long film can be cut into ranges of time: at key frames that a seek finds, where stamps can be relied on.

Nothing is proved here; each range, when it is read, checks that it meets its neighbours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av

from scanner.media.decoder import stands_alone
from scanner.media.decoding import Decoding
from scanner.media.stretch import Packet
from scanner.media.video import VideoTrack
from scanner.model import TimeRange

Progress = Callable[[], None]

# These find a frame by its stamp: by a list of all frames, by their numbers, by an index of key frames.
_QUICKTIME, _MXF, _MATROSKA = "mov,mp4,m4a,3gp,3g2,mj2", "mxf", "matroska,webm"
_SOUGHT_IN = frozenset({_QUICKTIME, _MXF, _MATROSKA})
# Of the duration; an index that reaches so far was in the file, and not gathered while seeking through all of it.
_INDEXED = Fraction(3, 4)
# Packets, to tell whether frames are reordered; and within how many a key frame must come out of its decoder.
_LOOKED_AT = 64
_MOST_RANGES = 500
# Seconds before a key frame at which the one before it is looked for, beginning with the tick before.
_EARLIER = (0, 2, 10, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Border:
    start: int
    lead: int


def time_ranges(path: Path, seconds: int, progress: Progress) -> tuple[TimeRange, ...]:
    """Ranges of about so many seconds; none for a track that is not twice as long or cannot be cut.

    Raises UnreadableMediaError.
    """
    duration = _duration(path, progress)
    if duration is None or duration < 2 * seconds:
        return ()
    first = _first_stamp(path, progress)
    track = VideoTrack.open(path, threads="SLICE")
    if track is None or first is None:
        return ()
    with track:
        borders = _borders(track.seeking.track, first, duration, seconds, progress)
        if not borders or not _begins_there(track.seeking.track, borders[0].start, progress):
            return ()
        return _ranges(borders, first, track.time_base)


def _ranges(borders: list[_Border], first: int, time_base: Fraction) -> tuple[TimeRange, ...]:
    marks: list[_Border | None] = [_Border(start=first, lead=first), *borders, None]
    return tuple(
        TimeRange(
            number=number,
            count=len(borders) + 1,
            time_base=time_base,
            first=first,
            start=mark.start,
            end=None if after is None else after.start,
            lead=mark.lead,
        )
        for number, (mark, after) in enumerate(pairwise(marks))
        if mark is not None
    )


def _duration(path: Path, progress: Progress) -> Fraction | None:
    """How long the track says it is; None where it cannot be cut or is one of several."""
    track, other = VideoTrack.open(path), VideoTrack.open(path, 1)
    if other is not None:
        other.container.close()
    if track is None:
        return None
    with track:
        if other is not None or not _can_be_cut(track.seeking.track, progress):
            return None
        if track.stream.duration:
            return track.stream.duration * track.time_base
        total = track.container.duration
        return None if total is None else Fraction(total, av.time_base)


def _can_be_cut(track: Decoding, progress: Progress) -> bool:
    name = track.container.format.name
    # Fragments are not in the list of frames.
    if name not in _SOUGHT_IN or (name == _QUICKTIME and not track.stream.frames):
        return False
    stamps: list[tuple[int | None, int | None]] = []
    for packet in _packets(track, progress):
        if len(stamps) < _LOOKED_AT:
            stamps.append((packet.pts, packet.dts))
        else:
            break
    if any(pts is None for pts, _ in stamps):
        return False
    # A container that only counts gives no stamp of showing where frames are reordered.
    return not track.context.has_b_frames or any(pts != dts for pts, dts in stamps if dts is not None)


def _first_stamp(path: Path, progress: Progress) -> int | None:
    """The stamp of the first frame that can be had."""
    track = VideoTrack.open(path, threads="SLICE")
    if track is None:
        return None
    with track:
        for packet in _packets(track.seeking.track, progress):
            for frame in track.seeking.track.decoded(packet):
                return frame.pts
    return None


def _borders(track: Decoding, first: int, duration: Fraction, seconds: int, progress: Progress) -> list[_Border]:
    found: list[_Border] = []
    # The last range is not shorter than half of the others.
    for number in range(1, min(int(duration / seconds + Fraction(1, 2)), _MOST_RANGES)):
        start = _key_frame_at(track, first + round(number * seconds / track.time_base), progress)
        if start is None or start <= (found[-1].start if found else first):
            continue
        lead = start if stands_alone(track.context) else _lead(track, start, progress)
        if not found and not _is_indexed(track, first, duration):
            return []
        if lead is not None:
            found.append(_Border(start=start, lead=lead))
    return found


def _is_indexed(track: Decoding, first: int, duration: Fraction) -> bool:
    """Whether a seek, like the one just made, need not read all that lies before."""
    if track.container.format.name != _MATROSKA:
        return True
    entries = track.stream.index_entries
    return len(entries) > 0 and (entries[len(entries) - 1].timestamp - first) * track.time_base >= duration * _INDEXED


def _lead(track: Decoding, start: int, progress: Progress) -> int | None:
    """What to seek to so that a key frame before this one is found."""
    for earlier in _EARLIER:
        at = start - max(1, round(earlier / track.time_base))
        found = _key_frame_at(track, at, progress)
        if found is not None and found < start:
            return at
    return None


def _key_frame_at(track: Decoding, stamp: int, progress: Progress) -> int | None:
    """The stamp of the key frame that a seek to this one finds."""
    if not _sought(track, stamp):
        return None
    packet = next(_packets(track, progress), None)
    return packet.pts if packet is not None and packet.is_keyframe and not packet.is_discard else None


def _begins_there(track: Decoding, start: int, progress: Progress) -> bool:
    """Whether the decoder, too, takes what the container calls a key frame for one."""
    if not _sought(track, start):
        return False
    for number, packet in enumerate(_packets(track, progress)):
        for frame in track.decoded(packet):
            # What is shown before it may come out broken.
            if frame.pts is None or frame.pts >= start:
                return frame.pts == start and bool(frame.key_frame)
        if number > _LOOKED_AT:
            break
    return False


def _sought(track: Decoding, stamp: int) -> bool:
    try:
        track.container.seek(stamp, stream=track.stream, backward=True)
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _packets(track: Decoding, progress: Progress) -> Iterator[Packet]:
    """Packets from where the container stands, up to the first that cannot be read."""
    packets = track.container.demux(track.stream)
    while True:
        progress()
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return
        if packet.size:
            yield packet
