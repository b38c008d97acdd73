"""Where no frame needs another: the packets of every `step`-th frame, without reading those between from the disk.

QuickTime and MP4 list every frame with its place in the file (ISO/IEC 14496-12, 8.6 and 8.7). What the list proves to
lie in the file is leapt over; what it does not, fragments behind it and every other container are read through.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import av

from scanner.media.decoding import Decoding, Packet
from scanner.media.stretch import at_the_end

Progress = Callable[[], None]

_LISTED = "mov,mp4,m4a,3gp,3g2,mj2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the packet of a frame lies in the file, its stamp, and how many packets come before it."""

    stamp: int
    at: int
    size: int
    packets: int


@dataclass(slots=True)
class Midway:
    """What lies midway from a sample to the next: its place in the file, or itself once it has been read."""

    packet: "Packet | Place | None" = None


# A packet to be decoded, empty at the end; and what lies midway to the next of these.
Sampled: TypeAlias = tuple[Packet, Midway]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """The places of the range that is read; `before`: how many packets lie before it; `end`: where the next range
    begins, None for the last."""

    places: list[Place]
    before: int
    end: Place | None

    @classmethod
    def of(cls, track: Decoding) -> "_Listed":
        """Empty where the list does not hold the range."""
        places, stretch = _places(track), track.stretch
        if stretch is None:
            return cls(places=places, before=0, end=None)
        within = [place for place in places if stretch.owns(place.stamp)]
        end = next((place for place in places if place.stamp == stretch.end), None)
        begun = bool(within) and stretch.start in (None, within[0].stamp)
        if not begun or (end is None and stretch.end is not None):
            return cls(places=[], before=0, end=None)
        return cls(places=within, before=0 if stretch.start is None else within[0].packets, end=end)


def sampled(track: Decoding, again: Callable[[], Decoding], step: int, progress: Progress) -> Iterator[Sampled]:
    """Every `step`-th packet that is to be shown, and the empty one at the end. All packets are counted.

    Leaps are made in a container of its own, from `again`: seeking would empty the decoder of the track's.
    """
    listed = _Listed.of(track)
    if len(listed.places[::step]) < 2:
        yield from _through(track, step, progress)
        return
    leaping = again()
    leaping.counts = track.counts
    try:
        missed = yield from _over(track, leaping, listed, step, progress)
        if missed is not None:
            track.counts.packets = track.counts.present = 0
            yield from _through(track, step, progress, given=step * missed)
    finally:
        leaping.container.close()


def _over(
    track: Decoding, leaping: Decoding, listed: _Listed, step: int, progress: Progress
) -> Generator[Sampled, None, int | None]:
    """Leaps over what the list holds, and reads what lies behind. Gives None, or which packet was not at its place."""
    counts, places = track.counts, listed.places[::step]
    halves = listed.places[step // 2 :: step]
    ends = [*places[1:], listed.end or places[-1]]
    # Where no range follows, the last place is where reading begins.
    leaps = places if listed.end is not None else places[:-1]
    first, given = None, 0
    for packet in _leapt(leaping, leaps, progress):
        first = packet if first is None else first
        counts.packets = ends[given].packets - listed.before
        counts.present = min(step * (given + 1), len(listed.places))
        yield packet, Midway(halves[given] if given < len(halves) else None)
        given += 1
    end = packet_at(leaping, ends[-1]) if given == len(leaps) else None
    if end is None or (listed.end is None and not _sought(leaping, ends[-1])):
        return given
    if track.stretch is not None:
        track.stretch.leapt(first, None if listed.end is None else end)
    if listed.end is None:
        # From here on every packet is read, so that what the list does not hold is found too.
        yield from _through(leaping, step, progress, number=step * given)
    else:
        yield at_the_end(), Midway()
    return None


def _places(track: Decoding) -> list[Place]:
    """The frames of the container's list, up to the first that is not wholly in the file."""
    found: list[Place] = []
    if track.container.format.name != _LISTED:
        return found
    size, last = track.container.size, None
    for number, entry in enumerate(track.stream.index_entries):
        if entry.pos + entry.size > size or (last is not None and entry.timestamp <= last):
            break
        last = entry.timestamp
        if not entry.is_discard:
            found.append(Place(stamp=last, at=entry.pos, size=entry.size, packets=number))
    return found


def _leapt(track: Decoding, places: list[Place], progress: Progress) -> Iterator[Packet]:
    """The packets at these places, up to the first that is not found at its place."""
    for place in places:
        progress()
        packet = packet_at(track, place)
        if packet is None:
            return
        yield packet


def packet_at(track: Decoding, place: Place) -> "Packet | None":
    """The packet at a place of the list; None where it is not there, or cannot be read."""
    if not _sought(track, place):
        return None
    try:
        packet = next(track.container.demux(track.stream), None)
    except av.error.FFmpegError:
        return None
    found = packet is not None and (packet.pos, packet.size) == (place.at, place.size)
    return packet if found and packet is not None and not packet.is_corrupt else None


def _sought(track: Decoding, place: Place) -> bool:
    try:
        track.container.seek(place.stamp, stream=track.stream)
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _through(track: Decoding, step: int, progress: Progress, *, number: int = 0, given: int = 0) -> Iterator[Sampled]:
    """Reads on to the end; the next packet to be shown is the track's `number`th, the first `given` are had already."""
    last: Midway | None = None
    for packet in track.packets(progress):
        if not packet.size:
            yield packet, Midway()
            continue
        if not track.owns(packet):
            continue
        if number >= given and number % step == 0:
            last = Midway()
            yield packet, last
        elif last is not None and number % step == step // 2:
            last.packet = packet
        number += 1
