"""Which frames of a track are decoded and given: every one, or every `step`-th and only what these need.

Each gives (ticks since the first frame, frame).
"""

from collections import deque
from collections.abc import Callable, Iterator

import av

from scanner.media.decoder import passes_over
from scanner.media.decoding import Decoding, Packet
from scanner.media.stamps import Order, Stamp
from scanner.media.stretch import AHEAD

Progress = Callable[[], None]
Timed = tuple[int, av.VideoFrame]


def every(track: Decoding, step: int, progress: Progress) -> Iterator[Timed]:
    """Decodes everything; frames are numbered as they come out."""
    clock = track.timed(1)
    for packet in track.packets(progress):
        for frame in track.decoded(packet):
            number = track.counts.decoded
            track.count(frame)
            ticks = clock.at(track.stamp(frame, number))
            if number % step == 0:
                yield ticks, frame
    track.end(track.counts.present - track.counts.decoded - track.counts.damaged)


def one_by_one(track: Decoding, step: int, progress: Progress) -> Iterator[Timed]:
    """Where no frame needs another: decodes what is sampled. Of a frame that is lost, the next to be had stands in."""
    clock = track.timed(1, stamped=True)
    number, due = -1, 0
    for packet in track.packets(progress):
        if packet.size and not track.owns(packet):
            continue
        number += packet.size > 0
        if packet.size and number < due:
            continue
        for frame in track.decoded(packet):
            due = number - number % step + step
            track.count(frame)
            yield clock.at(track.ticks(number) if frame.pts is None else frame.pts), frame


def needed(track: Decoding, step: int, progress: Progress) -> Iterator[Timed]:
    """Decodes what is sampled and what that refers to. Of a sampled frame that is lost, the next stands in."""
    clock = track.timed(1)
    order = Order()
    number, due = -1, 0
    for packet in _wanted(track, order, step, progress):
        for frame in track.decoded(packet):
            last = number
            number = max(order.leave(frame.pts), last + 1) if order.known else last + 1
            track.counts.decoded += number - last - 1
            track.count(frame)
            ticks = clock.at(track.stamp(frame, number))
            if number >= due:
                due = number - number % step + step
                yield ticks, frame
    if order.known:
        track.end(sum(stamp in order.asked for stamp in order.pending))
        track.counts.decoded += len(order.pending)
    else:
        track.end(track.counts.present - track.counts.decoded - track.counts.damaged)


def _wanted(track: Decoding, order: Order, step: int, progress: Progress) -> Iterator[Packet]:
    """The packets that must be decoded; the decoder is told of each whether it may leave its frame out."""
    reordered = bool(track.context.has_b_frames)
    reach = AHEAD if reordered else 1
    ahead: deque[tuple[Packet, Stamp | None]] = deque()
    for packet in track.packets(progress):
        if packet.size:
            order.compare(packet.pts, packet.dts)
            ahead.append((packet, order.enter(packet.pts, packet.dts) if track.owns(packet) else None))
        while len(ahead) > (reach if packet.size else 0):
            # A container that only counts gives no stamp of showing where frames are reordered.
            order.known &= order.reordered or not reordered
            yield from _unless_passed_over(track, order, ahead, step)
        if not packet.size:
            yield packet
    while ahead:
        yield from _unless_passed_over(track, order, ahead, step)


def _unless_passed_over(
    track: Decoding, order: Order, ahead: deque[tuple[Packet, Stamp | None]], step: int
) -> Iterator[Packet]:
    packet, stamp = ahead.popleft()
    asked = not order.known or (stamp is not None and order.place(stamp) % step == 0)
    if asked and stamp is not None:
        order.asked.add(stamp)
    # Where frames come as they are shown, nothing behind a key frame needs what lies before it.
    if not asked and not track.context.has_b_frames and packet.is_keyframe and ahead and ahead[0][0].is_keyframe:
        return
    if passes_over(track.context):
        track.context.skip_frame = "DEFAULT" if asked else "NONREF"
    yield packet
