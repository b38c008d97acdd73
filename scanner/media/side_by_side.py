"""Decodes what needs nothing else several at once: packets in several decoders, files of a sequence in threads."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

import av

from scanner.media.decoding import Decoding, Packet

Made = TypeVar("Made")

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


def ahead(
    make: Callable[[int], Made], numbers: Iterable[int], workers: int
) -> Iterator[tuple[int, Callable[[], Made]]]:
    """Each number, and a function that gives what is made of it or raises what went wrong; in their order.

    With several workers, what comes next is made in threads beforehand, a few at a time.
    """
    if workers < 2:
        for number in numbers:
            yield number, partial(make, number)
        return
    with ThreadPoolExecutor(workers) as threads:
        waiting: deque[tuple[int, Future[Made]]] = deque()
        for number in numbers:
            waiting.append((number, threads.submit(make, number)))
            if len(waiting) > workers:
                first, made = waiting.popleft()
                yield first, made.result
        for first, made in waiting:
            yield first, made.result
