"""The nearest codes, whether there are few or many, in memory or in files."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.match.hamming import EXACT, HammingIndex, in_lists, read, write

Codes = NDArray[np.uint8]


def codes_of(count: int, seed: int = 0) -> Codes:
    """Codes that cluster, as those of pictures do."""
    chance = np.random.default_rng(seed)
    middles = chance.integers(0, 256, (50, 32), dtype=np.uint8)
    return middles[chance.integers(0, 50, count)] ^ changed_bits(count, 0.15, seed)


def changed_bits(count: int, share: float, seed: int) -> Codes:
    return np.packbits(np.random.default_rng(seed + 1).random((count, 256)) < share, axis=1)


def flat(codes: Codes, asked: Codes) -> NDArray[np.int64]:
    """Which code is the nearest, all compared."""
    return np.array([np.bitwise_count(codes ^ one).sum(axis=1).argmin() for one in asked])


@pytest.mark.parametrize("count", [1, 9, EXACT])
def test_few_codes_are_searched_exactly(count: int) -> None:
    codes, index = codes_of(count), HammingIndex()
    index.add(codes)
    asked = codes[:50] ^ changed_bits(min(50, count), 0.1, 7)

    _, found = index.search(asked, 1)

    assert (found[:, 0] == flat(codes, asked)).all()


def test_many_codes_are_found_in_lists() -> None:
    codes, index = codes_of(4 * EXACT), HammingIndex()
    index.add(codes)
    asked = codes[::100] ^ changed_bits(len(codes[::100]), 0.05, 7)

    _, found = index.search(asked, 1)

    assert (found[:, 0] == np.arange(0, len(codes), 100)).mean() > 0.97


def test_codes_that_come_one_by_one_are_found_like_those_that_come_together() -> None:
    codes, index = codes_of(3 * EXACT), HammingIndex()
    for start in range(0, len(codes), 1_000):
        index.add(codes[start : start + 1_000])

    distance, found = index.search(codes[::500], 1)

    assert len(index) == len(codes)
    assert (found[:, 0] == np.arange(0, len(codes), 500)).all()
    assert not distance.any()
    assert (index.codes(EXACT - 5) == codes[EXACT - 5 :]).all()


def test_an_empty_index_finds_nothing() -> None:
    index = HammingIndex()
    index.add(codes_of(0))

    assert (index.search(codes_of(2), 3)[1] == -1).all()
    assert index.codes(0).shape == (0, 32)


def test_the_same_codes_give_the_same_lists(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(in_lists(codes_of(2 * EXACT)), tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_parts_in_files_and_what_is_added_are_one_index(tmp_path: Path) -> None:
    codes = codes_of(3 * EXACT)
    cuts = (2 * EXACT, 2 * EXACT + 100, 2 * EXACT + 100)
    for number, part in enumerate(np.split(codes, cuts)[:-1]):
        write(in_lists(part), tmp_path / str(number))
    index = HammingIndex([read(tmp_path / str(number)) for number in range(len(cuts))])
    index.add(codes[cuts[-1] :])

    distance, found = index.search(codes[::100], 2)

    assert len(index) == len(codes)
    assert (found[:, 0] == np.arange(0, len(codes), 100)).all()
    assert (np.diff(distance, axis=1) >= 0).all()
    assert (index.codes(2 * EXACT - 1) == codes[2 * EXACT - 1 :]).all()


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    write(in_lists(codes_of(100)), tmp_path / "whole")
    (tmp_path / "cut").write_bytes((tmp_path / "whole").read_bytes()[:200])

    with pytest.raises(RuntimeError):
        read(tmp_path / "cut")
