"""Does what comes next beforehand, in threads, a few at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

Made = TypeVar("Made")


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
