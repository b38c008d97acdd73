"""What every source must do. Subclass `SourceContract` once per source and give it its three fixtures."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.model import (
    Credentials,
    DeclaredLabel,
    GeneratorTag,
    Mention,
    Observation,
    Statement,
    Unreadable,
    Watermark,
)
from scanner.sources import Source

OBSERVATIONS = (Credentials, DeclaredLabel, GeneratorTag, Mention, Statement, Watermark, Unreadable)

# One file is written over and over within a test: that is meant, and quicker than a folder for each example.
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def seen(source: Source, path: Path, format_name: str) -> list[Observation]:
    return list(source.examine(path, format_name))


class SourceContract:
    """Only `OSError` for a file that cannot be opened, and `MemoryError`, may leave a source."""

    @pytest.fixture
    def source(self) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    format_name = "jpeg"

    def test_it_says_nothing_of_a_clean_file(self, source: Source, silent: Path) -> None:
        assert seen(source, silent, self.format_name) == []

    def test_it_tells_of_a_telling_file(self, source: Source, telling: Path) -> None:
        assert seen(source, telling, self.format_name) != []

    def test_it_says_the_same_each_time(self, source: Source, telling: Path) -> None:
        assert seen(source, telling, self.format_name) == seen(source, telling, self.format_name)

    def test_it_leaves_the_file_alone(self, source: Source, telling: Path) -> None:
        before = telling.read_bytes()

        seen(source, telling, self.format_name)

        assert telling.read_bytes() == before

    def test_it_applies_to_the_format_that_it_reads(self, source: Source) -> None:
        assert source.applies(self.format_name)

    def test_it_does_not_go_by_the_name(self, source: Source, telling: Path) -> None:
        renamed = telling.rename(telling.with_name("-evil\n\udcff%s.mov"))

        assert seen(source, renamed, self.format_name) != []

    @pytest.mark.parametrize("sixteenths", range(16))
    def test_it_survives_a_truncated_file(self, source: Source, telling: Path, sixteenths: int) -> None:
        whole = telling.read_bytes()
        telling.write_bytes(whole[: len(whole) * sixteenths // 16])

        assert all(isinstance(item, OBSERVATIONS) for item in seen(source, telling, self.format_name))

    @BOUNDED
    @given(data=st.data())
    def test_it_survives_flipped_bytes(self, source: Source, telling: Path, data: st.DataObject) -> None:
        whole = bytearray(telling.read_bytes())
        places = st.integers(0, min(len(whole), 4000) - 1)
        for place, value in data.draw(st.dictionaries(places, st.integers(0, 255), min_size=1, max_size=12)).items():
            whole[place] = value
        damaged = telling.with_suffix(".damaged")
        damaged.write_bytes(whole)

        assert all(isinstance(item, OBSERVATIONS) for item in seen(source, damaged, self.format_name))

    @BOUNDED
    @given(noise=st.binary(max_size=600), keep=st.integers(0, 200))
    def test_it_survives_noise_after_a_good_beginning(
        self, source: Source, telling: Path, noise: bytes, keep: int
    ) -> None:
        damaged = telling.with_suffix(".noise")
        damaged.write_bytes(telling.read_bytes()[:keep] + noise)

        assert all(isinstance(item, OBSERVATIONS) for item in seen(source, damaged, self.format_name))
