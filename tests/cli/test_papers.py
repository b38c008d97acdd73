"""`scanner papers` as people and scripts use it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import RegisterInputError, SettingsError, UnknownIdError
from scanner.model import PaperKind, Scope, Verified
from scanner.store import Store
from tests.store.values import approval, asset, record

from .conftest import Scanner

PROMPT = "a storm in the manner of Turner, with Jane Starr"
DOCUMENT: dict[str, Any] = {
    "papers": 1,
    "records": [
        {
            "record_id": "PR-1",
            "title": "AGM",
            "element_kind": "background",
            "steps": [{"number": 1, "tool_id": "runway", "prompt": PROMPT}],
            "talent": [{"performer_id": "Jane Starr", "use": "voice", "consent_ids": ["C-1"]}],
        }
    ],
    "tools": [{"tool_id": "runway", "vendor": "Runway", "product": "Gen-4", "trains_on_inputs": "no"}],
    "consents": [
        {
            "consent_id": "C-1",
            "subject_id": "Jane Starr",
            "subject_type": "performer",
            "consent_kind": "voice",
            "title": "AGM",
            "signed_at": "2026-01-01",
        }
    ],
    "approvals": [
        {
            "approval_id": "ESC-1",
            "title": "AGM",
            "status": "pending",
            "scope": {"records": ["PR-1"]},
        }
    ],
    "people": [{"person_id": "okafor", "name": "J. Okafor", "may": ["approve"]}],
}


@pytest.fixture
def scanner(scanner: Scanner) -> Scanner:
    """With a registered record, and a guarded name."""
    with scanner.store() as store:
        store.add_records([(registered("PR-1"), {})])
    policy = scanner.config.parent / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("guarded_names = []", 'guarded_names = ["Turner"]'), encoding="utf-8")
    return scanner


def registered(name: str) -> Any:
    return record(name, record_id=name, title="AGM", assets=(asset(name, codes=()),))


def written(folder: Path, document: Any = None, name: str = "papers.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document or DOCUMENT), encoding="utf-8")
    return path


@pytest.fixture
def filled(scanner: Scanner, tmp_path: Path) -> Scanner:
    scanner("papers", "import", written(tmp_path), "--by", "kim", "--reason", "first")
    return scanner


def rows(scanner: Scanner, *arguments: str | Path) -> list[list[str]]:
    return [line.split("\t") for line in scanner(*arguments).stdout.splitlines()]


def test_papers_are_imported_and_told(scanner: Scanner, tmp_path: Path) -> None:
    path = written(tmp_path)

    assert rows(scanner, "papers", "import", path, "--by", "kim") == [
        ["record", "1", "0", "0"],
        ["tool", "1", "0", "0"],
        ["consent", "1", "0", "0"],
        ["approval", "1", "0", "0"],
        ["person", "1", "0", "0"],
    ]
    assert rows(scanner, "papers", "import", path, "--by", "kim")[0] == ["record", "0", "0", "1"]


def test_nothing_is_imported_when_anything_is_wrong(scanner: Scanner, tmp_path: Path) -> None:
    path = written(tmp_path, DOCUMENT | {"people": [{"person_id": "a"}], "records": [{"record_id": "PR-9"}]})

    for command in ("import", "check"):
        with pytest.raises(RegisterInputError) as raised:
            scanner("papers", command, path)
        assert "people[0].name: this is missing" in str(raised.value)
    path = written(tmp_path, DOCUMENT | {"records": [{"record_id": "PR-9"}, {"record_id": "PR-1", "title": "Other"}]})
    with pytest.raises(RegisterInputError) as raised:
        scanner("papers", "import", path)
    assert "records[0].record_id: no provenance record has this id" in str(raised.value)
    assert "records[1].title: this record is of title 'AGM'" in str(raised.value)
    assert rows(scanner, "papers", "list", "tool") == []
    assert raised.value.exit_code == 3


def test_a_check_writes_nothing_and_says_what_is_lacking(scanner: Scanner, tmp_path: Path) -> None:
    lacking = DOCUMENT | {"tools": []}

    result = scanner("papers", "check", written(tmp_path, lacking))

    assert "4 papers: nothing is wrong. Nothing was written." in result.output
    assert "records[0]: it names the tool 'runway', which is not there (yet)" in result.stderr
    assert rows(scanner, "papers", "list", "consent") == []


def test_what_an_approval_is_for_must_be_there(scanner: Scanner, tmp_path: Path) -> None:
    approval = DOCUMENT["approvals"][0] | {"scope": {"records": ["PR-9"], "assets": ["A-9"]}}

    with pytest.raises(RegisterInputError) as raised:
        scanner("papers", "import", written(tmp_path, {"papers": 1, "approvals": [approval]}))

    assert "approvals[0].scope.records: 'PR-9' is not in the register" in str(raised.value)
    assert "approvals[0].scope.assets: 'A-9' is not in the register" in str(raised.value)


def test_papers_are_listed_and_shown(filled: Scanner) -> None:
    assert rows(filled, "papers", "list", "record") == [
        ["PR-1", "background", "-", "unknown", "1", "runway", "-"],
    ]
    assert rows(filled, "papers", "list", "tool")[0][:5] == [
        "runway",
        "Runway",
        "Gen-4",
        "-",
        "unknown, unknown, unknown",
    ]
    assert rows(filled, "papers", "list", "consent")[0][:4] == ["C-1", "in force", "AGM", "voice"]
    assert rows(filled, "papers", "list", "approval", "--title", "AGM")[0][:2] == ["ESC-1", "pending"]
    assert rows(filled, "papers", "list", "person", "--title", "Other")[0][:2] == ["okafor", "J. Okafor"]
    assert rows(filled, "papers", "list", "consent", "--title", "Other") == []
    shown = filled("papers", "show", "tool", "runway").stdout
    assert "product: Gen-4" in shown
    assert ": first" in shown
    with pytest.raises(UnknownIdError):
        filled("papers", "show", "tool", "other")


def test_the_history_of_a_paper_is_shown(filled: Scanner, tmp_path: Path) -> None:
    tools = {"papers": 1, "tools": [DOCUMENT["tools"][0] | {"trains_on_inputs": "yes", "versions": ["4.1"]}]}
    filled("papers", "import", written(tmp_path, tools), "--by", "ada", "--reason", "new terms")

    first, second = rows(filled, "papers", "show", "tool", "runway", "--history")

    assert (first[0], *first[2:]) == ("1", "kim", "first", "-")
    assert (second[0], *second[2:]) == ("2", "ada", "new terms", "trains_on_inputs, versions")
    told = filled.json("papers", "show", "tool", "runway", "--history")
    assert [each["paper"]["trains_on_inputs"] for each in told] == ["no", "yes"]
    assert filled.json("papers", "show", "tool", "runway")["version"] == 2


def test_who_is_concerned_is_only_shown_when_asked_for(filled: Scanner) -> None:
    for asked in (("show", "record", "PR-1"), ("show", "consent", "C-1"), ("list", "consent"), ("list", "record")):
        for form in ("table", "json"):
            hidden = filled("papers", *asked, "--format", form).stdout
            assert "Jane Starr" not in hidden, (asked, form)
    assert "Jane Starr" not in filled("provenance", "show", "PR-1").stdout
    assert "Jane Starr" in filled("papers", "show", "record", "PR-1", "--talent").stdout
    assert filled.json("papers", "list", "consent", "--talent")[0]["subject_id"] == "Jane Starr"


def test_a_prompt_is_nowhere(filled: Scanner, tmp_path: Path) -> None:
    outputs = [filled("provenance", "show", "PR-1").stdout]
    for form in ("json", "csv", "xlsx", "dir"):
        filled("papers", "export", tmp_path / f"out.{form}", "--format", form)
    outputs.append(filled("papers", "show", "record", "PR-1", "--talent", "--history", "--format", "json").stdout)
    outputs.append(filled("papers", "list", "record").stdout)
    kept = [path for path in (tmp_path).rglob("*") if path.is_file() and path != tmp_path / "papers.json"]

    assert any(path.name == "scanner.db" for path in kept)
    for data in [text.encode() for text in outputs] + [path.read_bytes() for path in kept]:
        assert b"in the manner of" not in data
    (step,) = filled.json("papers", "show", "record", "PR-1")["paper"]["steps"]
    assert step["prompt_names"] == ["Turner"]
    assert len(step["prompt_sha256"]) == 64


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "dir"])
def test_what_is_exported_can_be_imported_elsewhere(filled: Scanner, tmp_path: Path, form: str) -> None:
    out = tmp_path / ("out.json" if form == "json" else "out.xlsx" if form == "xlsx" else "out")
    again = out.with_name("again" + out.suffix)
    assert "5 papers written" in filled("papers", "export", out, "--format", form).stderr
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.add_records([(registered("PR-1"), {})])
    config = filled.config
    config.write_text(
        config.read_text(encoding="utf-8").replace("sqlite:///scanner.db", f"sqlite:///{tmp_path / 'other.db'}"),
        encoding="utf-8",
    )

    assert [row[1] for row in rows(filled, "papers", "import", out)] == ["1"] * 5
    filled("papers", "export", again, "--format", form)

    assert bytes_of(again) == bytes_of(out)


def bytes_of(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in [path, *path.rglob("*")] if file.is_file()}


def test_only_some_are_exported(filled: Scanner, tmp_path: Path) -> None:
    filled("papers", "export", tmp_path / "p.json", "--format", "json", "--kind", "tool", "--kind", "consent")
    filled("papers", "export", tmp_path / "q.json", "--format", "json", "--title", "Other")

    assert json.loads((tmp_path / "p.json").read_text()).keys() == {"papers", "tools", "consents"}
    assert json.loads((tmp_path / "q.json").read_text()).keys() == {"papers", "tools", "people"}
    with pytest.raises(SettingsError, match="is there already"):
        filled("papers", "export", tmp_path / "p.json", "--format", "json")


def test_templates_are_made(scanner: Scanner, tmp_path: Path) -> None:
    scanner("papers", "template", "--format", "csv", "--out", tmp_path / "sheets")
    scanner("papers", "template", "--format", "xlsx", "--out", tmp_path / "sheets.xlsx")

    assert (tmp_path / "sheets" / "talent.csv").read_text(encoding="utf-8").startswith("record_id,performer_id,use")
    assert (tmp_path / "sheets.xlsx").stat().st_size > 5000


def test_what_a_record_says_is_shown_with_it(filled: Scanner) -> None:
    shown = filled("provenance", "show", "PR-1").stdout

    assert "element: background, AI use not stated, prominence unknown" in shown
    assert "made in: 1 step with runway" in shown
    assert "talent: 1 person concerned" in shown


def test_the_log_vouches_for_what_was_imported(filled: Scanner) -> None:
    with filled.store() as store:
        assert isinstance(store.audit.verify(), Verified)
        assert store.paper_history(PaperKind.TOOL, "runway")[0].by == "kim"
        assert store.approval("ESC-1").created_at < datetime.now(UTC)


def test_an_export_that_cannot_be_finished_is_taken_away(filled: Scanner, tmp_path: Path) -> None:
    odd = approval("odd", title="AGM", scope=Scope(shots=("s",)), note="a\x1bb")
    with filled.store() as store:
        store.add_approval(odd)

    for form in ("json", "csv", "xlsx", "dir"):
        with pytest.raises(SettingsError, match=r"approval 'approval-odd': 'a.*' holds characters"):
            filled("papers", "export", tmp_path / "out", "--format", form)
        assert not (tmp_path / "out").exists()
