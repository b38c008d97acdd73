"""Upright rectangles in a frame are found, wherever there are four straight edges, and no more than are told."""

import numpy as np
import pytest

from scanner.fingerprint.insets import insets
from scanner.fingerprint.views import Box, Grey
from tests.fingerprint.painting import HEIGHT, WIDTH, placed, soft, textured, warped

MOST = 8


def with_inset(picture: Grey, under: Grey, scale: float, x: int, y: int) -> Grey:
    return warped(picture, placed(scale, x, y), under)


def is_there(box: Box, found: list[Box], within: int = 2) -> bool:
    return any(all(abs(a - b) <= within for a, b in zip(box, other, strict=True)) for other in found)


@pytest.mark.parametrize("scale", [0.2, 0.3, 0.5, 0.75])
@pytest.mark.parametrize("seed", range(4))
def test_a_picture_in_the_picture_is_found(scale: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    wide, high = round(WIDTH * scale), round(HEIGHT * scale)
    x, y = int(random.integers(8, WIDTH - wide - 8)), int(random.integers(8, HEIGHT - high - 8))
    frame = with_inset(soft(seed), textured(seed + 50), scale, x, y)

    assert is_there((x, y, wide, high), insets(frame))


def test_it_is_found_among_titles_and_grain() -> None:
    frame = with_inset(soft(1), textured(60), 0.4, 200, 90)
    grain = np.random.default_rng(2).normal(0, 4, frame.shape)

    assert is_there((200, 90, 256, 144), insets(np.clip(frame + grain, 0, 255).astype(np.uint8)))


def test_two_of_them_are_both_found() -> None:
    frame = with_inset(soft(3), with_inset(soft(4), textured(61), 0.3, 40, 40), 0.3, 400, 200)

    found = insets(frame)

    assert is_there((40, 40, 192, 108), found)
    assert is_there((400, 200, 192, 108), found)


@pytest.mark.parametrize("picture", [soft(5), np.full((HEIGHT, WIDTH), 100, np.uint8)])
def test_where_there_are_no_edges_there_is_no_rectangle(picture: Grey) -> None:
    assert insets(picture) == []


@pytest.mark.parametrize("shape", [(1, 1), (40, 640), (360, 20), (45, 45)])
def test_small_pictures_are_looked_at_or_left_alone(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)

    assert all(width > 0 and height > 0 for _, _, width, height in insets(noise))


def test_a_wall_of_windows_does_not_explode() -> None:
    wall = np.full((HEIGHT, WIDTH), 60, np.uint8)
    for y in range(10, HEIGHT - 20, 24):
        for x in range(10, WIDTH - 20, 24):
            wall[y : y + 14, x : x + 14] = 200

    found = insets(wall)

    assert 0 < len(found) <= MOST
    assert all(x >= 0 and y >= 0 and x + w <= WIDTH and y + h <= HEIGHT for x, y, w, h in found)
