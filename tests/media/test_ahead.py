"""What is made beforehand in threads comes out as if it were made one by one."""

import threading
from collections.abc import Iterator

import pytest

from scanner.media.ahead import ahead

WORKERS = 2


@pytest.mark.parametrize("workers", [1, WORKERS, 8])
def test_what_is_made_comes_in_order_and_what_failed_is_raised_in_its_place(workers: int) -> None:
    def made(number: int) -> str:
        if number == 3:
            msg = "the third"
            raise ValueError(msg)
        return f"made of {number}"

    told = []
    for number, make in ahead(made, range(6), workers):
        try:
            told.append(make())
        except ValueError as error:
            told.append(f"{number}: {error}")

    assert told == ["made of 0", "made of 1", "made of 2", "3: the third", "made of 4", "made of 5"]


def test_no_more_is_made_beforehand_than_there_are_workers_for() -> None:
    asked: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    for number, make in ahead(str, numbers(), WORKERS):
        assert make() == str(number)
        assert len(asked) <= number + WORKERS + 1


def test_workers_work_at_once() -> None:
    together = threading.Barrier(WORKERS, timeout=30)

    assert [make() >= 0 for _, make in ahead(lambda _: together.wait(), range(2 * WORKERS), WORKERS)] == [True] * 4
