"""Where a work is shown, and what is granted for where."""

import pytest

from scanner.policy.territories import covers, touches


@pytest.mark.parametrize(
    ("granted", "place", "covered"),
    [
        ((), "US", False),
        (("US",), "US", True),
        (("us",), " US ", True),
        (("US",), "US-NY", True),
        (("US-NY",), "US", False),
        (("EU",), "DE", True),
        (("DE",), "EU", False),
        (("EU",), "UK", False),
        (("DE", "US"), "US-CA", True),
        (("worldwide",), "JP", True),
        (("*",), "EU", True),
        (("U",), "US", False),
    ],
)
def test_what_is_granted_covers_a_place_whole(granted: tuple[str, ...], place: str, *, covered: bool) -> None:
    assert covers(granted, place) is covered


@pytest.mark.parametrize(
    ("shown", "place", "touched"),
    [
        ((), "EU", False),
        (("US",), "US-NY", True),
        (("US-NY",), "US-NY", True),
        (("US-CA",), "US-NY", False),
        (("DE",), "EU", True),
        (("CH",), "EU", False),
        (("World",), "EU", True),
    ],
)
def test_a_work_is_shown_in_part_of_a_place(shown: tuple[str, ...], place: str, *, touched: bool) -> None:
    assert touches(shown, place) is touched
