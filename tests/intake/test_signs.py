"""The note that is left where a blocked delivery was dropped: it tells, it overwrites nothing, and only ours goes."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.actions import leave_sign, take_sign_away
from scanner.errors import CustodyError
from scanner.intake.signs import is_sign
from scanner.report import Scanned
from tests.report.samples import HOSTILE, flagged, held, quarantined

from .dying import killed_before_call
from .places import NAMES

REVIEWER = "Ada Okafor, ada@example.com"


def sign_of(scanned: Scanned, origin: Path) -> str:
    path = leave_sign(origin, scanned, REVIEWER)
    assert path is not None
    return path.read_text()


def test_it_says_what_became_of_the_delivery_and_whom_to_ask(tmp_path: Path) -> None:
    scanned = quarantined()

    lines = sign_of(scanned, tmp_path / "film.mov").splitlines()

    assert lines[0] == f"QUARANTINED by scanner: delivery {scanned.verdict.delivery_id}"
    assert lines[1] == "film.mov was dropped here. On 2026-11-03 02:14 UTC it was quarantined."
    assert lines[3].startswith("Why: ")
    assert f"Ask: {REVIEWER}" in lines


def test_it_names_nothing_that_is_registered(tmp_path: Path) -> None:
    scanned = quarantined()

    text = sign_of(scanned, tmp_path / "film.mov")

    assets = [finding.asset for finding in scanned.verdict.findings if finding.asset]
    assert assets
    assert not any(asset.name in text or asset.record_id in text for asset in assets)


@pytest.mark.parametrize(("scanned", "name"), [(quarantined(), "f.mov.QUARANTINED.txt"), (held(), "f.mov.HELD.txt")])
def test_its_name_says_it_as_well(tmp_path: Path, scanned: Scanned, name: str) -> None:
    assert leave_sign(tmp_path / "f.mov", scanned, REVIEWER) == tmp_path / name


def test_what_goes_on_gets_none(tmp_path: Path) -> None:
    assert (leave_sign(tmp_path / "film.mov", flagged(), REVIEWER), list(tmp_path.iterdir())) == (None, [])


def test_a_folder_that_is_gone_gets_none(tmp_path: Path) -> None:
    assert leave_sign(tmp_path / "gone/film.mov", held(), REVIEWER) is None
    take_sign_away(tmp_path / "gone/film.mov", "id")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [*NAMES, HOSTILE.replace("/", "_"), "é" * 127, "y" * 255, "\n"])
def test_any_name_gets_one_that_is_known_and_goes(tmp_path: Path, name: str) -> None:
    scanned = quarantined()

    path = leave_sign(tmp_path / name, scanned, "Ada\n\x1b[31m")

    assert path is not None
    assert is_sign(path)
    assert len(os.fsencode(path.name)) <= 255
    assert not any(ord(mark) < 32 for mark in path.name)
    assert all(byte >= 32 for byte in path.read_bytes() if byte != 10)
    take_sign_away(tmp_path / name, scanned.verdict.delivery_id)
    assert list(tmp_path.iterdir()) == []


def test_it_is_left_once(tmp_path: Path) -> None:
    first, second = (leave_sign(tmp_path / "film.mov", held(), REVIEWER) for _ in range(2))

    assert (first, list(tmp_path.iterdir())) == (second, [first])


def test_two_deliveries_of_a_name_get_one_each(tmp_path: Path) -> None:
    second = replace(held(), verdict=replace(held().verdict, delivery_id="20261103-021500-ffffff"))
    first_path, second_path = (leave_sign(tmp_path / "film.mov", one, REVIEWER) for one in (held(), second))

    take_sign_away(tmp_path / "film.mov", "20261103-021500-ffffff")

    assert (first_path != second_path, list(tmp_path.iterdir())) == (True, [first_path])


@pytest.mark.parametrize("by", ["file", "folder", "link"])
def test_what_has_its_name_is_left_alone(tmp_path: Path, by: str) -> None:
    taken = tmp_path / "film.mov.HELD.txt"
    match by:
        case "file":
            taken.write_bytes(b"a vendor's own")
        case "folder":
            taken.mkdir()
        case _:
            taken.symlink_to("/etc/hostname")
    before = taken.lstat()

    path = leave_sign(tmp_path / "film.mov", held(), REVIEWER)
    take_sign_away(tmp_path / "film.mov", held().verdict.delivery_id)

    assert path not in (None, taken)
    assert (list(tmp_path.iterdir()), taken.lstat(), is_sign(taken)) == ([taken], before, False)


def test_what_a_person_wrote_into_it_stays(tmp_path: Path) -> None:
    path = leave_sign(tmp_path / "film.mov", held(), REVIEWER)
    assert path is not None
    with path.open("a") as file:
        file.write("We called them, they re-send on Monday. J.")

    take_sign_away(tmp_path / "film.mov", held().verdict.delivery_id)

    assert (path.exists(), is_sign(path)) == (True, False)


def test_a_delivery_does_not_pass_as_one(tmp_path: Path) -> None:
    path = leave_sign(tmp_path / "film.mov", held(), REVIEWER)
    assert path is not None
    content = path.read_bytes()
    (tmp_path / "other.mov").write_bytes(content)
    (tmp_path / "longer.HELD.txt").write_bytes(content + b"\0" * 20000)
    (tmp_path / "fifo.HELD.txt").mkdir()

    assert [one.name for one in sorted(tmp_path.iterdir()) if is_sign(one)] == ["film.mov.HELD.txt"]


def test_it_is_not_left_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "drop/acme").symlink_to(tmp_path / "outside")

    with pytest.raises(CustodyError, match="'acme'"):
        leave_sign(tmp_path / "drop/acme/film.mov", held(), REVIEWER, within=tmp_path / "drop")

    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("step", range(0, 40, 3))
def test_killed_anywhere_it_is_whole_or_not_there(tmp_path: Path, step: int) -> None:
    origin, scanned = tmp_path / "film.mov", held()
    killed_before_call(step, lambda: leave_sign(origin, scanned, REVIEWER, within=tmp_path))
    assert all(is_sign(path) or path.name.endswith(".partial") for path in tmp_path.iterdir())

    leave_sign(origin, scanned, REVIEWER, within=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["film.mov.HELD.txt"]
    killed_before_call(step, lambda: take_sign_away(origin, scanned.verdict.delivery_id, within=tmp_path))
    take_sign_away(origin, scanned.verdict.delivery_id, within=tmp_path)
    assert list(tmp_path.iterdir()) == []
