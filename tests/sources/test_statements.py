"""What delivered provenance logs state, row by row; what is wrong in them is told by row and column."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scanner.media.formats import sniff
from scanner.model import Observation, Statement, Unreadable
from scanner.sources import Source, statements
from scanner.sources.statements import AI_USES, COLUMNS, USES, ProvenanceStatements

from .contract import SourceContract

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "provenance-log.md").read_text(encoding="utf-8")
SCHEMA = json.loads((DOCS / "provenance-log.schema.json").read_text(encoding="utf-8"))
EXAMPLES = re.findall(r"```(csv|json) provenance-log\n(.*?)```", DOCUMENT, re.DOTALL)
SHA = "5d41402abc4b2a76b9719d911017c592ae3f2c0b9d8e7f60514233241506f7e8"


def seen(path: Path, content: str | bytes) -> list[Observation]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    assert sniff(path).name == "provenance-log"
    return list(ProvenanceStatements().examine(path, "provenance-log"))


def stated(found: list[Observation]) -> list[Statement]:
    return [each for each in found if isinstance(each, Statement)]


def troubles(found: list[Observation]) -> list[str]:
    return [each.reason for each in found if isinstance(each, Unreadable)]


class TestProvenanceStatements(SourceContract):
    format_name = "provenance-log"

    @pytest.fixture
    def source(self) -> Source:
        return ProvenanceStatements()

    @pytest.fixture
    def telling(self, tmp_path: Path) -> Path:
        path = tmp_path / "log.csv"
        path.write_text(f"file,sha256,ai_use\nreel.mov,{SHA},none\nposter.psd,,generated\n")
        return path

    @pytest.fixture
    def silent(self, tmp_path: Path) -> Path:
        pytest.skip("every log says something: one without rows is told as unreadable")


@pytest.mark.parametrize(("form", "text"), EXAMPLES)
def test_every_example_is_read_whole(tmp_path: Path, form: str, text: str) -> None:
    found = seen(tmp_path / f"log.{form}", text)

    assert troubles(found) == []
    assert {each.says_ai for each in stated(found)} == {True, False}


def test_there_is_an_example_of_each_form() -> None:
    assert [form for form, _ in EXAMPLES] == ["csv", "json"]


def test_the_json_example_is_as_the_schema_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    log = json.loads(next(text for form, text in EXAMPLES if form == "json"))

    validator.validate(log)
    validator.validate(log["entries"])


@pytest.mark.parametrize(
    "entry", [{"file": "a.mov"}, {"ai_use": "none"}, {"file": "a", "ai_use": "maybe"}, {"file": "a", "ai_use": 1}]
)
def test_what_the_schema_refuses_is_told_here_too(tmp_path: Path, entry: dict[str, object]) -> None:
    log = {"provenance_log": 1, "entries": [entry]}

    assert not Draft202012Validator(SCHEMA).is_valid(log)
    assert troubles(seen(tmp_path / "log.json", json.dumps(log)))


def test_schema_and_document_have_the_columns_and_words_that_are_read() -> None:
    entry = SCHEMA["$defs"]["entry"]["properties"]

    assert tuple(entry) == COLUMNS
    assert tuple(entry["ai_use"]["enum"]) == AI_USES
    assert set(USES) < set(entry["use"]["enum"])
    assert re.findall(r"^\| `(\w+)` \| (?:yes|this|or|\|)?", DOCUMENT, re.MULTILINE)[-len(COLUMNS) :] == list(COLUMNS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_spreadsheets_write_it_in_many_ways(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [["Shot", "AI_use", "tool", "tool_version"], ["010", "Generated", "Flüx", "2"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)

    (statement,) = stated(seen(tmp_path / "log.csv", text.encode(encoding)))

    assert (statement.about, statement.is_shot, statement.says_ai, statement.tool) == ("010", True, True, "Flüx 2")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("a.mov,,maybe,", "row 2, column 'ai_use': none, assistive, edited or generated is wanted, not 'maybe'"),
        ("a.mov,,,", "row 2, column 'ai_use': none, assistive, edited or generated is wanted"),
        ("a.mov,123,none,", "row 2, column 'sha256': 64 hexadecimal digits are wanted, not '123'"),
        ("a.mov,,none,forever", "row 2, column 'use': temporary or final is wanted, not 'forever'"),
        (",,none,", "row 2, column 'file': a file or a shot is wanted: what is the row about?"),
        ("a.mov,,none,,,x", "row 2: it has 6 cells, but there are 4 columns"),
    ],
)
def test_a_wrong_value_is_told_by_row_and_column(tmp_path: Path, row: str, why: str) -> None:
    found = seen(tmp_path / "log.csv", f"file,sha256,ai_use,use\n{row}\nb.mov,,none,final\n")

    assert troubles(found) == [why]
    assert "b.mov" in [statement.about for statement in stated(found)]


def test_a_mistyped_column_is_told_and_one_of_the_vendors_own_is_not(tmp_path: Path) -> None:
    found = seen(tmp_path / "log.csv", "file,ai_use,record-id,mood\na.mov,edited,PR-1,grim\n")

    assert troubles(found) == ["row 1, column 'record-id': there is no such column: is it record_id?"]
    assert stated(found)[0].record_id is None


def test_notes_are_never_kept(tmp_path: Path) -> None:
    found = seen(tmp_path / "log.csv", "file,ai_use,note\na.mov,edited,a secret prompt\n")

    assert "secret" not in repr(found)


def test_a_row_may_be_about_the_file_with_a_hash(tmp_path: Path) -> None:
    (statement,) = stated(seen(tmp_path / "log.csv", f"file,sha256,ai_use\n,{SHA.upper()},none\n"))

    assert (statement.sha256, statement.about) == (SHA, f"SHA-256 {SHA}")


@pytest.mark.parametrize(
    "text",
    [
        "file,ai_use\n",
        '{"provenance_log": 1, "entries": []}',
        '{"provenance_log": 1, "entries": [{"file": "a", ',
        '{"provenance_log": 1}',
        '{"provenance_log": 2, "entries": [{"file": "a.mov", "ai_use": "none"}]}',
        '[{"ai_use": "none"}, 7]',
        '{"ai_use":' + "[" * 5000,
        'file,ai_use\n"a.mov,none\n',
    ],
)
def test_a_log_that_is_not_whole_or_of_another_form_is_told(tmp_path: Path, text: str) -> None:
    assert troubles(seen(tmp_path / "log", text))


def test_too_many_rows_and_too_many_troubles_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_MOST_ROWS", 50)

    found = seen(tmp_path / "log.csv", "file,ai_use\n" + "a.mov,maybe\n" * 60)

    assert len(found) == 20
    assert troubles(found)[-1] == "32 more values are wrong"
