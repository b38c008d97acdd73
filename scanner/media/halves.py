"""Samples of which every other one is left out, but round pictures that stand by themselves.

A shot that lasts from one sample to the next holds one, and the frame midway to one of its neighbours. Both are looked
at where the sample is unlike both neighbours: so a short shot is looked at twice, and a long one no oftener than it
needs.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Look = TypeVar("Look")


def with_halves(
    looks: Iterable[Look], midway: Callable[[Look], Look | None], alike: Callable[[Look, Look], bool]
) -> Iterator[Look]:
    """The looks in their order, with what lies midway on both sides of each that is unlike both its neighbours.

    `midway` gives what lies between a look and the next, None where there is nothing; it is asked after that was had.
    Behind the last it is always asked for: nobody knows what follows.
    """
    given: Look | None = None
    waiting: Look | None = None
    is_another = stood_alone = True
    for look in looks:
        if waiting is not None:
            changes = not alike(waiting, look)
            stands_alone = is_another and changes
            if given is not None and (stood_alone or stands_alone):
                yield from _had(midway(given))
            yield waiting
            given, is_another, stood_alone = waiting, changes, stands_alone
        waiting = look
    if waiting is not None:
        if given is not None and (stood_alone or is_another):
            yield from _had(midway(given))
        yield waiting
        yield from _had(midway(waiting))


def _had(look: Look | None) -> Iterator[Look]:
    if look is not None:
        yield look
