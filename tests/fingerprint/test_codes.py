"""Whole-frame codes are imagehash's to the bit; quality is PDQ's gradient measure."""

import imagehash
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray
from PIL import Image

from scanner.fingerprint.codes import SIDE, codes_of, quality_of
from scanner.fingerprint.names import CODE_BYTES
from scanner.fingerprint.views import small
from tests.media.making import shot

Pictures = NDArray[np.uint8]
ANY_PICTURE = st_numpy.arrays(np.uint8, (SIDE, SIDE))


def by_imagehash(picture: Pictures) -> bytes:
    found = imagehash.phash(Image.fromarray(picture), hash_size=16)
    return np.packbits(found.hash.flatten()).tobytes()


def painted(seed: int) -> Pictures:
    return small(shot(seed, 1)[0].mean(axis=2).astype(np.uint8))


@pytest.mark.parametrize("seed", range(40))
def test_a_painted_picture_has_the_bits_that_imagehash_gives_it(seed: int) -> None:
    picture = painted(seed)

    assert codes_of(picture[None])[0].tobytes() == by_imagehash(picture)


@pytest.mark.parametrize("seed", range(40))
def test_noise_has_the_bits_that_imagehash_gives_it(seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE), dtype=np.uint8)

    assert codes_of(picture[None])[0].tobytes() == by_imagehash(picture)


def test_a_batch_is_coded_as_its_pictures_are_one_by_one() -> None:
    pictures = np.stack([painted(seed) for seed in range(300)])

    one_by_one = b"".join(codes_of(picture[None]).tobytes() for picture in pictures)

    assert codes_of(pictures).tobytes() == one_by_one


@given(picture=ANY_PICTURE)
def test_every_picture_has_a_code_of_256_bits(picture: Pictures) -> None:
    assert codes_of(picture[None]).shape == (1, CODE_BYTES)


@given(picture=ANY_PICTURE)
def test_a_brighter_picture_of_more_contrast_has_nearly_the_same_code(picture: Pictures) -> None:
    low = (picture // 4).astype(np.uint8)
    graded = (low * 3 + 20).astype(np.uint8)
    if np.ptp(low) < 8:
        return

    differing = np.unpackbits(codes_of(low[None]) ^ codes_of(graded[None])).sum()

    assert differing <= 8


def pdq_quality(picture: Pictures) -> int:
    """PDQ's measure, in plain steps (ThreatExchange, pdq/cpp/hashing, pdqImageDomainQualityMetric)."""
    values = picture.astype(int).tolist()
    gradient = 0
    for row in range(SIDE - 1):
        for column in range(SIDE):
            gradient += abs(int((values[row][column] - values[row + 1][column]) * 100 / 255))
    for row in range(SIDE):
        for column in range(SIDE - 1):
            gradient += abs(int((values[row][column] - values[row][column + 1]) * 100 / 255))
    return min(gradient // 90, 100)


@pytest.mark.parametrize("seed", range(6))
def test_quality_is_the_measure_of_pdq(seed: int) -> None:
    picture = painted(seed)

    assert quality_of(picture[None])[0] == pdq_quality(picture)


@given(picture=ANY_PICTURE)
def test_quality_is_a_share_of_a_hundred(picture: Pictures) -> None:
    assert 0 <= quality_of(picture[None])[0] <= 100


@given(level=st.integers(0, 255))
def test_a_flat_picture_has_no_quality(level: int) -> None:
    assert quality_of(np.full((1, SIDE, SIDE), level, dtype=np.uint8)).tolist() == [0]


def test_bars_and_slight_noise_have_next_to_none() -> None:
    bars = np.repeat(np.linspace(16, 235, 8).astype(np.uint8), 8)[None].repeat(SIDE, axis=0)
    noise = np.random.default_rng(1).integers(16, 19, (SIDE, SIDE), dtype=np.uint8)

    assert max(quality_of(np.stack([noise]))) < 12
    assert quality_of(bars[None])[0] == pdq_quality(bars)


def test_a_painted_picture_is_informative() -> None:
    assert quality_of(np.stack([painted(seed) for seed in range(20)])).min() >= 12
