"""One pool of examining processes for all tests that do not break it."""

from collections.abc import Iterator

import pytest

from scanner.examine.pool import ExaminerPool

from .limits import Limits


@pytest.fixture(scope="session")
def pool() -> Iterator[ExaminerPool]:
    with ExaminerPool(Limits()) as opened:
        yield opened
