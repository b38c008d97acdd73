"""Decodes packets that need no other ones several at once, in several decoders."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import av

from scanner.media.decoding import Decoding, Packet

# Packets that wait for each decoder while the frames of others are being looked at.
_WAITING = 2


def side_by_side(
    track: Decoding, again: Callable[[], Decoding], packets: Iterator[Packet], decoders: int
) -> Iterator[av.VideoFrame]:
    """The frames of packets, in their order. Each decoder is one of a container of its own, from `again`.

    FFmpeg's contexts know one thread only, so each has its own.
    """
    if decoders < 2:
        for packet in packets:
            yield from track.decoded(packet)
        return
    with ExitStack() as stack:
        tracks = [track, *(again() for _ in range(decoders - 1))]
        for other in tracks[1:]:
            stack.callback(other.container.close)
        threads = [stack.enter_context(ThreadPoolExecutor(1)) for _ in tracks]
        waiting: deque[tuple[Packet, Future[list[av.VideoFrame]]]] = deque()
        for number, packet in enumerate(packet for packet in packets if packet.size):
            at = number % decoders
            waiting.append((packet, threads[at].submit(tracks[at].context.decode, packet)))
            while len(waiting) > decoders * _WAITING:
                yield from _frames(track, *waiting.popleft())
        while waiting:
            yield from _frames(track, *waiting.popleft())


def _frames(track: Decoding, packet: Packet, decoding: "Future[list[av.VideoFrame]]") -> list[av.VideoFrame]:
    return track.taken(packet, decoding.result)
