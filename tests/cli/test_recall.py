"""`scanner recall`: find, list, close; and the search that follows a registration."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.errors import UnknownIdError
from scanner.pipeline import handle
from tests.cli.conftest import Scanner
from tests.media_files import still
from tests.studio import Home, new_home

ADD = ("--tool", "Runway", "--use", "temporary", "--by", "kim")
SKY, OTHER = 3, 4


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A studio in which a copy of a picture was cleared before anybody registered it. To copy only."""
    home = new_home(tmp_path_factory.mktemp("past") / "studio")
    with home.open() as studio:
        handle(studio, home.onto_bench(still(home / "drop" / "copy.jpg", SKY)))
    return home


@pytest.fixture
def home(past: Home, tmp_path: Path) -> Home:
    shutil.copytree(past.folder, tmp_path / "studio")
    return Home(folder=tmp_path / "studio")


@pytest.fixture
def scanner(home: Home) -> Scanner:
    return Scanner(config=home.config)


def added(scanner: Scanner, folder: Path, seed: int = SKY, *more: str) -> "subprocess.CompletedProcess[str]":
    return scanner.process("provenance", "add", still(folder / f"{seed}.png", seed), *ADD, *more)


def test_what_is_registered_is_looked_for_in_what_was_cleared(scanner: Scanner, tmp_path: Path) -> None:
    done = added(scanner, tmp_path)

    assert done.returncode == 0
    assert "FOUND in 1 delivery that was cleared: copy.jpg (" in done.stderr
    (recall,) = scanner.json("recall", "list")
    assert (recall["reason"], recall["by"], recall["name"]) == ("registered", "kim", "copy.jpg")


def test_what_comes_back_is_looked_for_in_what_was_cleared(scanner: Scanner, tmp_path: Path) -> None:
    record_id = added(scanner, tmp_path, SKY, "--no-recall").stdout.split("\t")[0]
    scanner("provenance", "retire", record_id, "--reason", "by mistake")

    done = scanner.process("provenance", "reinstate", record_id, "--reason", "it was not", "--by", "ada")

    assert done.returncode == 0
    assert "FOUND in 1 delivery that was cleared: copy.jpg (" in done.stderr
    (recall,) = scanner.json("recall", "list")
    assert (recall["by"], recall["name"]) == ("ada", "copy.jpg")


def test_what_is_registered_and_not_found_is_said(scanner: Scanner, tmp_path: Path) -> None:
    assert added(scanner, tmp_path, OTHER).stderr.endswith("Not found in what was cleared before.\n")


def test_the_search_can_be_left_out(scanner: Scanner, tmp_path: Path) -> None:
    assert added(scanner, tmp_path, SKY, "--no-recall").stderr == "1 record registered.\n"
    assert scanner.json("recall", "list") == []


def test_what_is_imported_is_looked_for(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "sky.png", SKY)
    (tmp_path / "list.csv").write_text("tool,use,path\nRunway,final,sky.png\n")

    done = scanner.process("provenance", "import", tmp_path / "list.csv")

    assert done.returncode == 0
    assert "FOUND in 1 delivery that was cleared: copy.jpg (" in done.stderr


@pytest.mark.parametrize(("seed", "code"), [(SKY, 1), (OTHER, 0)])
def test_the_exit_code_says_whether_anything_was_found(scanner: Scanner, tmp_path: Path, seed: int, code: int) -> None:
    added(scanner, tmp_path, seed, "--no-recall")

    assert [scanner.exit_code("recall"), scanner.exit_code("recall", "find")] == [code, code]


def test_exit_code_4_when_there_is_only_something_to_look_at(home: Home, scanner: Scanner, tmp_path: Path) -> None:
    policy = home / "policy.toml"
    policy.write_text(policy.read_text().replace('AI-LOOK-ALIKE = "quarantine"', 'AI-LOOK-ALIKE = "flag"'))
    added(scanner, tmp_path)

    assert scanner.exit_code("recall") == 4


@pytest.mark.parametrize(("outcome", "code"), [("quarantine", 1), ("flag", 2)])
def test_what_was_found_goes_before_what_could_not_be_searched_and_that_before_what_is_to_look_at(
    home: Home, scanner: Scanner, tmp_path: Path, outcome: str, code: int
) -> None:
    policy = home / "policy.toml"
    policy.write_text(policy.read_text().replace('AI-LOOK-ALIKE = "quarantine"', f'AI-LOOK-ALIKE = "{outcome}"'))
    with home.open() as studio:
        handle(studio, home.onto_bench(still(home / "drop" / "other.jpg", OTHER)))
        (other,) = home.record("other.jpg").delivery.members
        with studio.kept._database.writing() as connection:
            connection.exec_driver_sql(f"update examinations set version = 0 where sha256 = '{other.sha256}'")
    added(scanner, tmp_path)

    assert scanner.exit_code("recall") == code


def test_what_is_closed_does_not_count(scanner: Scanner, tmp_path: Path) -> None:
    added(scanner, tmp_path)
    (recall,) = scanner.json("recall", "list", "--open")

    told = scanner("recall", "close", recall["recall_id"], "--by", "Ada", "--reason", "replaced by v4").stdout

    assert told == f"{recall['recall_id']} is closed.\n"
    assert scanner.exit_code("recall") == 0
    assert scanner.json("recall", "list", "--open") == []
    assert scanner.json("recall", "list")[0]["closed_reason"] == "replaced by v4"


def test_a_recall_is_closed_once(scanner: Scanner, tmp_path: Path) -> None:
    added(scanner, tmp_path)
    recall_id = scanner.json("recall", "list")[0]["recall_id"]
    scanner("recall", "close", recall_id, "--by", "Ada", "--reason", "replaced")

    again = scanner("recall", "close", recall_id, "--by", "Kim", "--reason", "no").stdout

    assert again.endswith("already; nothing was changed.\n")


def test_only_a_named_record_is_looked_for(scanner: Scanner, tmp_path: Path) -> None:
    sky = added(scanner, tmp_path, SKY, "--no-recall").stdout.split("\t")[0]
    other = added(scanner, tmp_path, OTHER, "--no-recall").stdout.split("\t")[0]

    assert [scanner.exit_code("recall", record_id) for record_id in (sky, other)] == [1, 0]


def test_an_unknown_id_is_an_error(scanner: Scanner) -> None:
    with pytest.raises(UnknownIdError):
        scanner("recall", "PR-0")


def test_a_row_tells_delivery_member_asset_and_place(home: Home, scanner: Scanner, tmp_path: Path) -> None:
    added(scanner, tmp_path, SKY, "--no-recall")

    cells = scanner("recall").stdout.rstrip("\n").split("\t")

    assert cells[1] == "QUARANTINE"
    assert cells[2].startswith("copy.jpg [")
    assert cells[3] == "copy.jpg"
    assert cells[6].startswith("3.png [PR-")
    assert cells[-1] == "open"


def test_json_tells_what_was_found_and_what_could_not_be_searched(scanner: Scanner, tmp_path: Path) -> None:
    added(scanner, tmp_path, SKY, "--no-recall")
    with scanner.store() as store, store._database.writing() as connection:
        connection.exec_driver_sql("update examinations set version = 0")

    done = scanner.process("recall", "--format", "json")
    told = json.loads(done.stdout)

    assert done.returncode == 2
    assert told["found"] == []
    assert [each["name"] for each in told["not_searched"]] == ["copy.jpg"]
    assert "NOT SEARCHED: copy.jpg [" in done.stderr


def test_open_recalls_stand_in_the_nights_report(scanner: Scanner, tmp_path: Path) -> None:
    added(scanner, tmp_path)

    assert "Found later in what was cleared" in scanner("report", "--format", "text").stdout
    assert "Found later in what was cleared" in scanner("report", "--format", "html").stdout
