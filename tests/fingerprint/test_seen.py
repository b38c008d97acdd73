"""The part of a registered picture that is seen, by the blocks that agree and those that do not."""

import numpy as np
import pytest

from scanner.fingerprint.seen import Box, Cells, Grid, seen_part

WIDTH, HEIGHT, SIDE = 640.0, 360.0, 52.0
SIZE = (WIDTH, HEIGHT)


def cells(rows: slice = slice(None), columns: slice = slice(None)) -> Cells:
    """Six by twelve blocks that agree in these rows and columns alone."""
    made = np.full((6, 12), -1, np.int8)
    made[rows, columns] = 1
    return made


def part(blocks: Cells) -> Box | None:
    return seen_part(Grid(cells=blocks, side=SIDE), SIZE)


@pytest.mark.parametrize(
    ("rows", "columns", "seen"),
    [
        (slice(None), slice(4, 8), (4 * SIDE, 0, 4 * SIDE, HEIGHT)),
        (slice(None), slice(0, 6), (0, 0, 6 * SIDE, HEIGHT)),
        (slice(3, 6), slice(None), (0, 3 * SIDE, WIDTH, HEIGHT - 3 * SIDE)),
        (slice(1, 4), slice(8, 12), (8 * SIDE, SIDE, WIDTH - 8 * SIDE, 3 * SIDE)),
    ],
)
def test_a_clean_rectangle_is_the_part_that_is_seen(rows: slice, columns: slice, seen: Box) -> None:
    found = part(cells(rows, columns))

    assert found is not None
    assert np.allclose(found, seen, atol=SIDE / 2)


def test_where_all_agrees_nothing_is_cut_off() -> None:
    assert part(cells()) is None


def test_where_nothing_agrees_nothing_is_seen() -> None:
    assert part(np.full((6, 12), -1, np.int8)) is None
    assert part(np.zeros((0, 0), np.int8)) is None


def test_an_irregular_cover_cuts_nothing_off() -> None:
    blocks = cells()
    blocks[2:, 3:8] = -1

    assert part(blocks) is None


def test_blocks_that_say_nothing_belong_to_what_is_seen() -> None:
    blocks = cells(slice(None), slice(4, 12))
    blocks[0] = 0
    found = part(blocks)

    assert found is not None
    assert (found[1], found[3]) == (0, HEIGHT)


def test_a_few_that_differ_do_not_matter() -> None:
    blocks = cells(slice(None), slice(4, 8))
    blocks[2, 5], blocks[3, 10] = -1, 1

    assert part(blocks) is not None


def test_the_side_of_the_blocks_is_known_from_how_many_there_are() -> None:
    for side in (31.0, 45.0, 52.0, 73.0):
        blocks = np.ones((int(HEIGHT / side), int(WIDTH / side)), np.int8)
        assert Grid.of(blocks, SIZE).side == pytest.approx(side, rel=0.06)


def test_blocks_outside_of_a_box_are_left_out() -> None:
    inside = Grid(cells=cells(), side=SIDE).within(np.eye(3), (0.0, 60.0, 640.0, 250.0))

    assert inside.cells.any(axis=1).tolist() == [False, False, True, True, True, False]
