"""The registered sounds on disk: written part by part, and built anew where they are unfit."""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from scanner.fingerprint.landmarks import ALGORITHM, HOP, VERSION
from scanner.match import coded, sound_part, sound_shelf
from scanner.match.coded import LINE
from scanner.match.shelf import alone
from scanner.match.sound_part import SoundPart, grown
from scanner.match.sound_shelf import SoundShelf
from scanner.match.stretches import Sought
from scanner.model import AssetRef, SoundMarks

HOPS = 1000


def sound(seed: int, hops: int = HOPS) -> SoundMarks:
    """Landmarks anywhere, as dense as those of music."""
    random = np.random.default_rng(seed)
    times = np.sort(random.integers(0, hops, hops * 3 // 4))
    codes = random.integers(130, 3_600, len(times)) | random.integers(20, 200, len(times)) << 12 | 8 << 28
    return SoundMarks(
        algorithm=ALGORITHM,
        version=VERSION,
        stream=0,
        channel="mix",
        start=Fraction(0),
        hop=HOP,
        hops=hops,
        codes=codes.astype("<u4").tobytes(),
        times=times.astype("<u4").tobytes(),
        informative=((0, hops),),
    )


class Rows:
    """Registered sounds, as the database gives them."""

    def __init__(self, *seeds: int) -> None:
        self.rows = [(10 * n + 1, ref(seed), (sound(seed),)) for n, seed in enumerate(seeds)]

    def registered_sounds(
        self, *, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, tuple[SoundMarks, ...]]]:
        assert (algorithm, version) == (ALGORITHM, VERSION)
        yield from (row for row in self.rows if row[0] > after)


def ref(seed: int) -> AssetRef:
    return AssetRef(asset_id=f"A{seed}", record_id="PR-1", name=f"line {seed}")


def heard(shelf: SoundShelf, seed: int) -> list[str]:
    count = len(shelf.index)
    sought = Sought(wanted=np.ones(count, np.bool_), good=np.zeros(count, np.bool_))
    return [each.asset.asset_id for each in shelf.index.heard([sound(seed)], sought)]


def parts(folder: Path) -> list[str]:
    return list(json.loads((folder / "sounds.json").read_text())["parts"])


MANY = tuple(range(20))


@pytest.fixture
def shelved(tmp_path: Path) -> Path:
    SoundShelf.open_or_build(Rows(*MANY), tmp_path)
    return tmp_path


def test_one_more_is_a_part_of_its_own_and_nothing_else_is_written(shelved: Path) -> None:
    (first,) = parts(shelved)
    before = {path: path.stat().st_mtime_ns for path in (shelved / first).iterdir()}

    shelf = SoundShelf.open_or_build(Rows(*MANY, 77), shelved)

    assert parts(shelved) == [first, "sounds-2"]
    assert {path: path.stat().st_mtime_ns for path in (shelved / first).iterdir()} == before
    assert sum(path.stat().st_size for path in (shelved / "sounds-2").iterdir()) < 1 << 20
    again = SoundShelf.open_or_build(Rows(*MANY, 77), shelved)
    assert [heard(each, seed) for each in (shelf, again) for seed in (77, 5)] == [["A77"], ["A5"]] * 2
    assert again.index.assets == [ref(seed) for seed in (*MANY, 77)]


def test_small_parts_are_joined_and_what_is_not_named_goes(shelved: Path) -> None:
    for count in range(1, 6):
        SoundShelf.open_or_build(Rows(*MANY, *range(100, 100 + count)), shelved)

    assert len(parts(shelved)) <= 2
    assert {path.name for path in shelved.glob("*sounds-*")} == set(parts(shelved))
    shelf = SoundShelf.open_or_build(Rows(*MANY, *range(100, 105)), shelved)
    assert [heard(shelf, seed) for seed in (104, 0)] == [["A104"], ["A0"]]


def test_nothing_is_written_where_nothing_is_new(shelved: Path) -> None:
    before = (shelved / "sounds.json").stat()

    SoundShelf.open_or_build(Rows(*MANY), shelved)

    assert (shelved / "sounds.json").stat().st_ino == before.st_ino


@pytest.mark.parametrize("damage", ["cut", "gone", "assets", "list", "format", "landmarks"])
def test_what_is_damaged_or_of_another_version_is_built_anew_and_said(
    shelved: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    listed, part = shelved / "sounds.json", shelved / parts(shelved)[0]
    if damage == "cut":
        os.truncate(part / "firsts.npy", (part / "firsts.npy").stat().st_size - 7)
    elif damage == "gone":
        (part / "hops.npy").unlink()
    elif damage == "assets":
        (part / "assets.json").write_text("[]")
    elif damage == "list":
        listed.write_text(listed.read_text()[:-9])
    elif damage == "format":
        listed.write_text(listed.read_text().replace('"kind": [2,', '"kind": [1,'))
    else:
        about = (part / "about.json").read_text()
        (part / "about.json").write_text(about.replace(f'"version": {VERSION}', '"version": 0'))

    with caplog.at_level(logging.WARNING):
        shelf = SoundShelf.open_or_build(Rows(*MANY), shelved)

    assert "is built anew" in caplog.text
    assert heard(shelf, 3) == ["A3"]
    caplog.clear()
    assert heard(SoundShelf.open_or_build(Rows(*MANY), shelved), 3) == ["A3"]
    assert not caplog.records


def test_another_database_is_not_mixed_with_what_is_kept(shelved: Path, caplog: pytest.LogCaptureFixture) -> None:
    shelf = SoundShelf.open_or_build(Rows(*range(200, 230)), shelved)

    assert "made from another database" in caplog.text
    assert shelf.index.assets == [ref(seed) for seed in range(200, 230)]
    assert heard(shelf, 3) == []


def test_while_another_process_writes_all_is_looked_up_and_nothing_written(shelved: Path) -> None:
    with alone(shelved) as writing:
        assert writing
        shelf = SoundShelf.open_or_build(Rows(*MANY, 77), shelved)

    assert heard(shelf, 77) == ["A77"]
    assert len(parts(shelved)) == 1


def test_what_is_open_stays_whole_while_parts_are_joined(shelved: Path) -> None:
    shelf = SoundShelf.open_or_build(Rows(*MANY, 77), shelved)
    SoundShelf.open_or_build(Rows(*MANY, 77, *range(300, 330)), shelved)

    assert len(parts(shelved)) == 1
    assert [heard(shelf, seed) for seed in (77, 5)] == [["A77"], ["A5"]]


def test_a_large_part_is_looked_up_by_triples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(coded, "BY_PAIRS", 5_000)

    shelf = SoundShelf.open_or_build(Rows(*MANY), tmp_path)

    (part,) = shelf.index.sealed()
    assert part.codes.by_triples
    assert heard(SoundShelf.open_or_build(Rows(*MANY), tmp_path), 3) == ["A3"]
    assert heard(shelf, 99) == []


def test_full_parts_are_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_part, "FULL", 1_600)

    made = grown([], [(n, sound(n)) for n in range(5)])

    assert [part.assets.tolist() for part in made] == [[0, 1], [2, 3], [4]]
    assert [part.assets.tolist() for part in grown(made, [(5, sound(5))])][:2] == [[0, 1], [2, 3]]


def test_what_is_too_long_for_one_line_begins_another_part() -> None:
    long = replace(sound(1), hops=LINE // 2 - 1000)

    made = grown([], [(0, long), (1, long), (2, long)])

    assert [part.assets.tolist() for part in made] == [[0, 1], [2]]
    with pytest.raises(ValueError, match="not one part"):
        SoundPart.joined(made * 2)


def test_sounds_are_written_however_they_fall_into_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sound_part, "FULL", 1_600)
    monkeypatch.setattr(sound_shelf, "_AT_ONCE", 4_000)

    SoundShelf.open_or_build(Rows(*MANY), tmp_path)

    assert len(parts(tmp_path)) > 5
    shelf = SoundShelf.open_or_build(Rows(*MANY), tmp_path)
    assert shelf.index.assets == [ref(seed) for seed in MANY]
    assert [heard(shelf, seed) for seed in (0, 19)] == [["A0"], ["A19"]]
