"""`scanner provenance`: register, list, show, retire, import."""

import json
from pathlib import Path

import click
import pytest

from scanner.cli.init import make_studio
from scanner.errors import RegisterInputError, SettingsError, UnknownIdError
from scanner.model import Use
from tests.cli.conftest import Scanner
from tests.media_files import broken, sequence, still

REINSTATE = "scanner provenance reinstate"
ADD = ("--tool", "Runway Gen-4", "--use", "temporary")


def test_what_is_registered_is_told_line_by_line_in_a_pipe(scanner: Scanner, tmp_path: Path) -> None:
    result = scanner("provenance", "add", still(tmp_path / "sky.png"), *ADD)

    record_id, state, name, remarks = result.stdout.rstrip("\n").split("\t")
    assert (record_id[:3], state, Path(name).name, remarks) == ("PR-", "new", "sky.png", "")
    assert result.stderr == "1 record registered.\n"


def test_what_is_said_of_the_material_is_kept(scanner: Scanner, tmp_path: Path) -> None:
    said = {"tool-version": "7", "shot": "AGM_010", "vendor": "acme", "note": "temp sky", "by": "kim", "title": "Dusk"}
    options = [part for name, value in said.items() for part in (f"--{name}", value)]

    scanner("provenance", "add", still(tmp_path / "sky.png"), *ADD, *options)

    with scanner.store() as store:
        (record,) = store.records()
    assert (record.tool, record.tool_version, record.use) == ("Runway Gen-4", "7", Use.TEMPORARY)
    assert (record.shot, record.vendor, record.note) == ("AGM_010", "acme", "temp sky")
    assert (record.created_by, record.title) == ("kim", "Dusk")


def test_the_title_is_the_studios_own_unless_one_is_given(scanner: Scanner, tmp_path: Path) -> None:
    scanner("provenance", "add", still(tmp_path / "sky.png"), *ADD)

    assert [record["title"] for record in scanner.json("provenance", "list")] == ["AGM"]


def test_without_any_title_nothing_is_registered(tmp_path: Path) -> None:
    scanner = Scanner(config=make_studio(tmp_path / "untitled"))

    with pytest.raises(SettingsError, match="name one with --title"):
        scanner("provenance", "add", still(tmp_path / "sky.png"), *ADD)


def test_the_same_again_is_known(scanner: Scanner, tmp_path: Path) -> None:
    path = still(tmp_path / "sky.png")
    scanner("provenance", "add", path, *ADD)

    again = scanner("provenance", "add", path, *ADD)

    assert again.stdout.split("\t")[1] == "known"
    assert again.stderr == "0 records registered, 1 already there.\n"


def test_json_tells_what_became_of_each_file(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "plates" / "sky.png")
    broken(tmp_path / "plates" / "cut.jpg")
    (tmp_path / "plates" / "notes.txt").write_text("from Monday")

    result = scanner.process("provenance", "add", tmp_path / "plates", *ADD, "--format", "json")

    told = json.loads(result.stdout)
    assert {what: [Path(item["name"]).name for item in items] for what, items in told.items()} == {
        "registered": ["sky.png"],
        "refused": ["cut.jpg"],
        "skipped": ["notes.txt"],
    }


def test_exit_code_2_when_something_is_refused_and_the_rest_is_registered(scanner: Scanner, tmp_path: Path) -> None:
    done = scanner.process("provenance", "add", still(tmp_path / "sky.png"), broken(tmp_path / "cut.jpg"), *ADD)

    assert done.returncode == 2
    assert "NOT REGISTERED: " in done.stderr
    assert done.stderr.endswith("1 record registered, 1 NOT registered.\n")


def test_exit_code_0_when_files_are_only_skipped_or_known(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "plates" / "sky.png")
    (tmp_path / "plates" / "notes.txt").write_text("from Monday")

    assert [scanner.exit_code("provenance", "add", tmp_path / "plates", *ADD) for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere.png", *ADD),
        ("SKY", "--tool", "Runway"),
        ("SKY", "--tool", " ", "--use", "final"),
        ("SKY", "--tool", "Runway", "--use", "temp"),
    ],
)
def test_exit_code_3_for_usage(scanner: Scanner, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    sky = str(still(tmp_path / "sky.png"))

    assert scanner.exit_code("provenance", "add", *(sky if each == "SKY" else each for each in arguments)) == 3


def test_a_quoted_pattern_names_the_frames_of_a_sequence(scanner: Scanner, tmp_path: Path) -> None:
    sequence(tmp_path, 1, 2, 3)

    result = scanner("provenance", "add", tmp_path / "fog.*.png", *ADD)

    assert "fog.[0001-0003].png" in result.stdout


def test_a_hostile_name_cannot_steer_the_terminal(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "sky.png").rename(tmp_path / "\x1b[31mred\n.png")

    result = scanner("provenance", "add", tmp_path / "\x1b[31mred\n.png", *ADD)

    assert "\x1b" not in result.stdout + result.stderr
    assert result.stdout.count("\n") == 1


@pytest.fixture
def record_id(scanner: Scanner, tmp_path: Path) -> str:
    """A registered record."""
    return str(scanner("provenance", "add", still(tmp_path / "registered.png", 5), *ADD).stdout.split("\t")[0])


def test_a_record_is_shown_with_its_assets(scanner: Scanner, record_id: str) -> None:
    shown = scanner("provenance", "show", record_id).stdout

    assert f"record: {record_id}\n" in shown
    assert "registered.png (still" in shown


def test_a_record_is_shown_as_json(scanner: Scanner, record_id: str) -> None:
    shown = scanner.json("provenance", "show", record_id)

    assert shown["assets"][0]["fingerprints"][0]["codes"] > 0


def test_an_unknown_record_is_an_error(scanner: Scanner) -> None:
    with pytest.raises(UnknownIdError):
        scanner("provenance", "show", "PR-0000000000")


def test_the_list_is_of_one_title_when_one_is_named(scanner: Scanner, record_id: str, tmp_path: Path) -> None:
    scanner("provenance", "add", still(tmp_path / "b.png", 6), *ADD, "--title", "Dusk")

    assert [record["record_id"] for record in scanner.json("provenance", "list", "--title", "AGM")] == [record_id]


def test_a_retired_record_is_listed_only_with_all(scanner: Scanner, record_id: str) -> None:
    scanner("provenance", "retire", record_id, "--reason", "replaced by the final")

    assert scanner.json("provenance", "list") == []
    assert scanner.json("provenance", "list", "--all")[0]["retired_reason"] == "replaced by the final"


def test_retiring_says_what_it_means(scanner: Scanner, record_id: str) -> None:
    told = scanner("provenance", "retire", record_id, "--reason", "replaced").stdout

    assert told == f"{record_id} is retired: it is no longer looked for. It is kept for history.\n"


def test_retiring_twice_changes_nothing(scanner: Scanner, record_id: str) -> None:
    scanner("provenance", "retire", record_id, "--reason", "replaced")

    assert "already; nothing was changed" in scanner("provenance", "retire", record_id, "--reason", "again").stdout
    assert scanner.json("provenance", "show", record_id)["retired_reason"] == "replaced"


def test_a_record_that_was_retired_comes_back(scanner: Scanner, record_id: str, tmp_path: Path) -> None:
    scanner("provenance", "retire", record_id, "--reason", "by mistake")

    told = scanner("provenance", "reinstate", record_id, "--reason", "it was not", "--by", "Ada").stdout

    assert told == f"{record_id} is in force again: it is looked for.\n"
    assert scanner.json("provenance", "show", record_id)["retired_at"] is None
    assert "QUARANTINE" in scanner("scan", still(tmp_path / "copy.jpg", 5)).stdout


def test_who_adds_what_was_retired_is_told_how_to_bring_it_back(
    scanner: Scanner, record_id: str, tmp_path: Path
) -> None:
    scanner("provenance", "retire", record_id, "--reason", "by mistake")

    refused = scanner.process("provenance", "add", tmp_path / "registered.png", *ADD).stderr

    assert f"is retired (by mistake): it is no longer looked for. To have it looked for again: {REINSTATE}" in refused
    assert f"{REINSTATE} {record_id} --reason WHY\n" in refused


def test_what_is_in_force_is_not_brought_back(scanner: Scanner, record_id: str) -> None:
    told = scanner("provenance", "reinstate", record_id, "--reason", "again").stdout

    assert told == f"{record_id} is not retired; nothing was changed.\n"


def test_bringing_back_needs_a_reason_and_a_record(scanner: Scanner, record_id: str) -> None:
    with pytest.raises(click.UsageError):
        scanner("provenance", "reinstate", record_id)
    with pytest.raises(UnknownIdError):
        scanner("provenance", "reinstate", "PR-0000000000", "--reason", "why")


def test_the_list_tells_the_names_of_the_files(scanner: Scanner, record_id: str) -> None:
    assert scanner("provenance", "list").stdout.rstrip("\n").split("\t")[-1] == "registered.png"
    assert scanner.json("provenance", "list")[0]["assets"][0]["name"] == "registered.png"
    assert record_id


def test_a_retired_record_is_no_longer_found(scanner: Scanner, record_id: str, tmp_path: Path) -> None:
    assert "QUARANTINE" in scanner("scan", tmp_path / "registered.png").stdout
    scanner("provenance", "retire", record_id, "--reason", "replaced")

    assert "no AI evidence found" in scanner("scan", tmp_path / "registered.png").stdout


def test_retiring_needs_a_reason(scanner: Scanner, record_id: str) -> None:
    with pytest.raises(click.UsageError):
        scanner("provenance", "retire", record_id)


def test_a_list_is_imported(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "sky.png")
    (tmp_path / "list.csv").write_text("tool,use,path\nRunway,final,sky.png\n")

    result = scanner("provenance", "import", tmp_path / "list.csv", "--by", "kim")

    assert result.stderr == "1 record registered.\n"
    assert scanner.json("provenance", "list")[0]["created_by"] == "kim"


def test_exit_code_3_when_a_list_is_refused_and_nothing_of_it_is_registered(scanner: Scanner, tmp_path: Path) -> None:
    still(tmp_path / "sky.png")
    (tmp_path / "list.csv").write_text("tool,use,path\nRunway,final,sky.png\n,final,gone.png\n")

    done = scanner.process("provenance", "import", tmp_path / "list.csv")

    assert done.returncode == 3
    assert "row 3, column tool: this is missing" in done.stderr
    assert scanner.json("provenance", "list") == []


def test_a_list_that_is_refused_is_told_row_by_row(scanner: Scanner, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('[{"tool": "x", "use": "final", "phash": "12"}, {"tool": "x", "use": "no"}]')

    with pytest.raises(RegisterInputError) as refused:
        scanner("provenance", "import", tmp_path / "list.json")

    assert [line.split(":")[0].strip() for line in str(refused.value).splitlines()[1:]] == [
        "item 1, column phash",
        "item 2, column use",
        "item 2, column path",
    ]
