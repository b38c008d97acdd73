"""How the steps of a story are run: here and now, or as durable steps of the engine."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Run(Protocol):
    """How a step is run: at once, or as a durable step of the engine. A step may be run again after a crash."""

    def __call__(self, name: str, step: Callable[..., Result], *arguments: object) -> Result:
        """Run one step and give its result."""


class Spread(Protocol):
    """How the pieces of one step are done: one after the other, or as durable work that any server may take."""

    def __call__(self, delivery_id: str, pieces: Sequence[tuple[int, int]]) -> None:
        """Have every piece done, as `read_range` does it. What could not be done is done later, in one go."""


def one_by_one(delivery_id: str, pieces: Sequence[tuple[int, int]]) -> None:
    """Leave the pieces to the examination itself."""


def at_once(name: str, step: Callable[..., Result], *arguments: object) -> Result:
    """Run a step here and now."""
    return step(*arguments)
