"""The register's index on disk: the same as one made anew, whatever was done to it."""

import fcntl
import json
import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.fingerprint.codes import SIDE, codes_of, quality_of
from scanner.fingerprint.names import ALGORITHM, VERSION
from scanner.match.pictures import CodeTable
from scanner.match.shelf import Shelf
from scanner.model import PictureCodes
from scanner.store import Store
from tests.match.test_local import Grey, delivered, inset, prints, scene
from tests.store.values import asset, record

QUALITY = 0
FILES = ("lists.faiss", "points", "views", "pictures", "codes", "about.json")


def codes(picture: Grey) -> PictureCodes:
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    batch = np.asarray(small, dtype=np.uint8)[None]
    return PictureCodes(
        algorithm=ALGORITHM,
        version=VERSION,
        time_base=Fraction(1),
        pts=(0,),
        codes=codes_of(batch).tobytes(),
        quality=quality_of(batch).tobytes(),
        views=bytes(1),
    )


def enter(store: Store, *seeds: int) -> None:
    for seed in seeds:
        held = asset(str(seed), codes=(codes(scene(seed)),), features=prints(scene(seed)))
        store.add_record(record(str(seed), assets=(held,)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/scanner.db") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def opened(store: Store, folder: Path) -> Shelf:
    return Shelf.open_or_build(store, folder, least_quality=QUALITY, threads=1)


def found(shelf: Shelf, seed: int) -> tuple[set[str], set[str]]:
    """Which assets a scene shows: as a whole frame, and as an inset."""
    hits = shelf.whole.hits(CodeTable.of(codes(scene(seed))), radius=20)
    seen = shelf.parts.sightings(delivered(inset(scene(seed), scene(99))))
    whole = {shelf.whole.assets[number].asset_id for number in hits.asset.tolist()}
    return whole, {shelf.assets[s.view.asset].asset_id for s in seen if s.score > 5}


def both(seed: int) -> tuple[set[str], set[str]]:
    return {f"asset-{seed}"}, {f"asset-{seed}"}


def parts(folder: Path) -> list[str]:
    return [part["name"] for part in json.loads((folder / "shelf.json").read_bytes())["parts"]]


def test_a_shelf_finds_the_same_after_it_was_written_and_read(store: Store, folder: Path) -> None:
    enter(store, 1, 2)

    made, read = opened(store, folder), opened(store, folder)

    assert found(made, 2) == found(read, 2) == both(2)
    assert (made.parts.families == read.parts.families).all()
    assert [view.picture for view in read.parts.views] == [view.picture for view in made.parts.views]


def test_what_was_registered_since_is_added_without_reading_the_rest(store: Store, folder: Path) -> None:
    enter(store, *range(1, 10))
    opened(store, folder)
    (first,) = parts(folder)
    enter(store, 10)

    assert found(opened(store, folder), 10) == found(opened(store, folder), 10) == both(10)
    assert parts(folder)[0] == first
    assert found(opened(store, folder), 1) == both(1)


def test_small_parts_are_joined_and_the_old_ones_taken_away(store: Store, folder: Path) -> None:
    for seed in range(1, 4):
        enter(store, seed)
        opened(store, folder)

    assert len(parts(folder)) == 1
    assert {path.name for path in folder.glob("part-*")} == set(parts(folder))
    assert found(opened(store, folder), 1) == both(1)


def test_a_reader_keeps_what_it_has_open_when_parts_are_joined(store: Store, folder: Path) -> None:
    enter(store, 1)
    opened(store, folder)
    reader = opened(store, folder)
    enter(store, 2)
    opened(store, folder)

    assert found(reader, 1) == both(1)


def test_nothing_is_written_while_another_process_writes(store: Store, folder: Path) -> None:
    enter(store, 1)
    opened(store, folder)
    before = (folder / "shelf.json").read_bytes()
    enter(store, 2)

    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shelf = opened(store, folder)

    assert found(shelf, 2) == both(2)
    assert (folder / "shelf.json").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((name, damage) for name in FILES for damage in ("flipped", "cut", "gone")),
        ("shelf.json", "flipped"),
        ("shelf.json", "cut"),
    ],
)
def test_a_damaged_shelf_is_built_anew_and_it_is_said(
    store: Store, folder: Path, caplog: pytest.LogCaptureFixture, name: str, damage: str
) -> None:
    enter(store, 1)
    opened(store, folder)
    (path,) = folder.rglob(name)
    data = path.read_bytes()
    path.unlink()
    if damage != "gone":
        middle = len(data) // 2
        path.write_bytes(
            data[:middle] + (bytes([data[middle] ^ 255]) + data[middle + 1 :] if damage == "flipped" else b"")
        )

    with caplog.at_level(logging.WARNING, logger="scanner"):
        shelf = opened(store, folder)

    assert found(shelf, 1) == both(1)
    assert "is built anew" in caplog.text
    assert found(opened(store, folder), 1) == both(1)


def test_a_shelf_of_another_quality_floor_is_built_anew(store: Store, folder: Path) -> None:
    enter(store, 1)
    opened(store, folder)

    shelf = Shelf.open_or_build(store, folder, least_quality=101)

    assert found(shelf, 1) == (set(), {"asset-1"})


def test_a_shelf_of_another_database_is_built_anew(store: Store, folder: Path, tmp_path: Path) -> None:
    enter(store, 1)
    opened(store, folder)
    with Store.open(f"sqlite:///{tmp_path}/other.db") as other:
        enter(other, 2)

        assert found(opened(other, folder), 2) == both(2)
        assert found(opened(other, folder), 1) == (set(), set())


def test_a_register_with_nothing_in_it_has_an_empty_shelf(store: Store, folder: Path) -> None:
    assert found(opened(store, folder), 1) == found(opened(store, folder), 1) == (set(), set())


def test_only_what_is_in_force_is_live(store: Store, folder: Path) -> None:
    enter(store, 1, 2)

    assert opened(store, folder).live({"record-2"}).tolist() == [False, True]
