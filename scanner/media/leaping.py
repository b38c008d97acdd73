"""Where no frame needs another: the packets of every `step`-th frame, without reading those between from the disk.

QuickTime and MP4 list every frame with its place in the file (ISO/IEC 14496-12, 8.6 and 8.7). What the list proves to
lie in the file is leapt over; what it does not, fragments behind it and every other container are read through.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import av

from scanner.media.decoding import Decoding, Packet

Progress = Callable[[], None]

_LISTED = "mov,mp4,m4a,3gp,3g2,mj2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the packet of a frame lies in the file, its stamp, and how many packets come before it."""

    stamp: int
    at: int
    size: int
    packets: int


def sampled(track: Decoding, again: Callable[[], Decoding], step: int, progress: Progress) -> Iterator[Packet]:
    """Every `step`-th packet that is to be shown, and the empty one at the end. All packets are counted.

    Leaps are made in a container of its own, from `again`: seeking would empty the decoder of the track's.
    """
    places = _places(track)[::step]
    if len(places) < 2:
        yield from _through(track, step, progress)
        return
    leaping = again()
    leaping.counts = counts = track.counts
    try:
        given = 0
        for packet in _leapt(leaping, places[:-1], progress):
            counts.packets, counts.present = places[given + 1].packets, step * (given + 1)
            yield packet
            given += 1
        if given == len(places) - 1 and _packet_at(leaping, places[-1]) and _sought(leaping, places[-1]):
            # From here on every packet is read, so that what the list does not hold is found too.
            yield from _through(leaping, step, progress, number=step * given)
        else:
            counts.packets = counts.present = 0
            yield from _through(track, step, progress, given=step * given)
    finally:
        leaping.container.close()


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
        packet = _packet_at(track, place)
        if packet is None:
            return
        yield packet


def _packet_at(track: Decoding, place: Place) -> "Packet | None":
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


def _through(track: Decoding, step: int, progress: Progress, *, number: int = 0, given: int = 0) -> Iterator[Packet]:
    """Reads on to the end; the next packet to be shown is the track's `number`th, the first `given` are had already."""
    for packet in track.packets(progress):
        if packet.is_discard:
            continue
        if not packet.size or (number >= given and number % step == 0):
            yield packet
        number += packet.size > 0
