"""`scanner known-good`: what must not alarm, entered, listed and retired; and what is refused."""

import shutil
from pathlib import Path

import click
import pytest

from scanner.errors import UnknownIdError
from scanner.model import Use
from tests.cli.conftest import Scanner
from tests.media_files import sequence, still

AI = ("--tool", "Runway", "--use", "temporary")
GOOD = ("--why", "studio logo", "--by", "Ada")


def test_a_picture_is_entered_for_every_title_with_why_and_by_whom(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png"), *GOOD)

    with scanner.store() as store:
        (record,) = store.records(codes=True)
    assert (record.title, record.use, record.tool, record.note) == ("*", Use.KNOWN_GOOD, "-", "studio logo")
    assert record.created_by == "Ada"
    assert record.assets[0].codes


def test_a_picture_may_be_good_in_one_title_only(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png"), *GOOD, "--title", "Dusk")

    assert [record["title"] for record in scanner.json("known-good", "list")] == ["Dusk"]


@pytest.mark.parametrize("missing", ["--why", "--by"])
def test_why_and_by_whom_are_needed(scanner: Scanner, tmp_path: Path, missing: str) -> None:
    given = dict(zip(GOOD[::2], GOOD[1::2], strict=True))
    del given[missing]

    with pytest.raises(click.UsageError, match=missing.strip("-")):
        scanner("known-good", "add", still(tmp_path / "logo.png"), *(word for pair in given.items() for word in pair))


def test_the_same_again_is_known(scanner: Scanner, tmp_path: Path) -> None:
    path = still(tmp_path / "logo.png")
    scanner("known-good", "add", path, *GOOD)

    assert scanner("known-good", "add", path, *GOOD).stdout.split("\t")[1] == "known"


def test_what_is_known_to_be_good_is_no_provenance_record(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png"), *GOOD)
    scanner("provenance", "add", still(tmp_path / "sky.png", 2), *AI)

    assert [record["use"] for record in scanner.json("provenance", "list")] == ["temporary"]
    assert [record["why"] for record in scanner.json("known-good", "list")] == ["studio logo"]


def test_the_list_is_a_line_each_in_a_pipe(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png"), *GOOD)

    cells = scanner("known-good", "list").stdout.rstrip("\n").split("\t")

    assert cells[1:6] == ["*", "in force", "logo.png", "studio logo", "Ada"]


def test_known_good_is_not_offered_for_ai_material(scanner: Scanner, tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="is not one of 'temporary', 'candidate', 'final', 'superseded'"):
        scanner("provenance", "add", still(tmp_path / "sky.png"), "--tool", "x", "--use", "known-good")


def test_known_good_is_no_use_in_an_import(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "sky.png")
    (tmp_path / "list.csv").write_text("tool,use,path\nRunway,known-good,sky.png\n")

    done = scanner.process("provenance", "import", tmp_path / "list.csv")

    assert done.returncode == 3
    assert "column use: 'known-good' is not one of temporary, candidate, final, superseded" in done.stderr


def test_the_bytes_of_ai_material_are_refused(scanner: Scanner, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png")
    scanner("provenance", "add", path, *AI, "--title", "Dusk")

    done = scanner.process("known-good", "add", path, *GOOD, "--although-alike")

    assert done.returncode == 2
    assert "these bytes are registered as AI material (" in done.stderr
    assert scanner.json("known-good", "list") == []


@pytest.mark.parametrize("how", ["add", "import"])
def test_bytes_that_are_known_to_be_good_are_refused_as_ai_material(scanner: Scanner, tmp_path: Path, how: str) -> None:
    path = still(tmp_path / "logo.png")
    scanner("known-good", "add", path, *GOOD)
    (tmp_path / "list.csv").write_text("tool,use,path\nRunway,final,logo.png\n")

    done = scanner.process("provenance", how, *((path, *AI) if how == "add" else (tmp_path / "list.csv",)))

    assert done.returncode == (2 if how == "add" else 3)
    assert "these bytes are known to be good (" in done.stderr
    assert scanner.json("provenance", "list") == []


def test_what_looks_like_ai_material_is_refused(scanner: Scanner, tmp_path: Path) -> None:
    scanner("provenance", "add", still(tmp_path / "sky.png", 5), *AI)

    done = scanner.process("known-good", "add", still(tmp_path / "logo.jpg", 5), *GOOD)

    assert done.returncode == 2
    assert "it looks like the registered AI material sky.png [PR-" in done.stderr
    assert "; or, if it is good all the same, add --although-alike\n" in done.stderr


def test_what_looks_like_ai_material_is_entered_when_a_person_says_so(scanner: Scanner, tmp_path: Path) -> None:
    scanner("provenance", "add", still(tmp_path / "sky.png", 5), *AI)

    scanner("known-good", "add", still(tmp_path / "logo.jpg", 5), *GOOD, "--although-alike")

    (record,) = scanner.json("known-good", "list")
    assert record["why"].startswith("studio logo (although it looks like sky.png [PR-")


def test_what_looks_like_other_known_good_material_is_entered(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png", 5), *GOOD)

    scanner("known-good", "add", still(tmp_path / "logo.jpg", 5), *GOOD)

    assert len(scanner.json("known-good", "list")) == 2


def test_a_frame_of_an_ai_sequence_is_refused(scanner: Scanner, tmp_path: Path) -> None:
    sequence(tmp_path, 1, 2, 3)
    scanner("provenance", "add", tmp_path / "fog.*.png", *AI)
    frame = next(path for path in sorted(tmp_path.glob("fog.*.png")))
    shutil.copy(frame, tmp_path / "plate.png")

    done = scanner.process("known-good", "add", tmp_path / "plate.png", *GOOD)

    assert "these bytes are registered as AI material" in done.stderr


def test_what_is_retired_is_listed_only_with_all(scanner: Scanner, tmp_path: Path) -> None:
    scanner("known-good", "add", still(tmp_path / "logo.png"), *GOOD)
    (record,) = scanner.json("known-good", "list")

    told = scanner("known-good", "retire", record["record_id"], "--reason", "old logo").stdout

    assert "may alarm again" in told
    assert scanner.json("known-good", "list") == []
    assert scanner.json("known-good", "list", "--all")[0]["retired_reason"] == "old logo"


def test_ai_material_is_not_retired_here(scanner: Scanner, tmp_path: Path) -> None:
    record_id = scanner("provenance", "add", still(tmp_path / "sky.png"), *AI).stdout.split("\t")[0]

    with pytest.raises(UnknownIdError, match="scanner provenance retire"):
        scanner("known-good", "retire", record_id, "--reason", "no")
