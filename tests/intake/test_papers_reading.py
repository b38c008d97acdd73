"""Papers in documents and forms: read strictly, every place where something is wrong told; prompts never kept."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.errors import RegisterInputError
from scanner.intake.papers import schema
from scanner.intake.papers.csv_files import CsvBook
from scanner.intake.papers.documents import form_name, read_document, read_forms
from scanner.intake.papers.page import fields_page
from scanner.intake.papers.prompts import names_in
from scanner.intake.papers.reading import Reader
from scanner.intake.papers.sheets import read_sheets
from scanner.model import Approval, Consent, ConsentKind, Known, Paper, Particulars, Prominence, Tool, Trigger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = DOCS / "papers.schema.json"
PAGE = (DOCS / "papers.md").read_text(encoding="utf-8")
TOOL = {"tool_id": "runway", "vendor": "Runway", "product": "Gen-4"}
CONSENT = {
    "consent_id": "C-1",
    "subject_id": "P-1",
    "subject_type": "performer",
    "consent_kind": "voice",
    "title": "AGM",
}
AGREED = {
    "approval_id": "ESC-1",
    "title": "AGM",
    "status": "approved",
    "approver": "J. Okafor",
    "decided_at": "2026-03-04",
    "scope": {"shots": ["AGM_010_0040"]},
}


def read(tmp_path: Path, text: str | dict[str, Any], **given: Any) -> list[Paper]:
    file = tmp_path / "papers.json"
    file.write_text(text if isinstance(text, str) else json.dumps({"papers": 1, **text}), encoding="utf-8")
    reader = Reader(at=NOON, **given)
    papers = [each.paper for each in read_document(file, reader)]
    reader.problems.check(file)
    return papers


def wrong(tmp_path: Path, text: str | dict[str, Any]) -> list[str]:
    with pytest.raises(RegisterInputError) as raised:
        read(tmp_path, text)
    head, *lines = str(raised.value).splitlines()
    assert "Nothing was registered" in head
    return [line.strip() for line in lines]


def test_a_document_is_read(tmp_path: Path) -> None:
    papers = read(
        tmp_path, {"tools": [TOOL | {"trains_on_inputs": "NO"}], "consents": [CONSENT], "approvals": [AGREED]}
    )

    tool, consent, approval = (paper.content for paper in papers)
    assert isinstance(tool, Tool)
    assert (tool.vendor, tool.trains_on_inputs, tool.stores_data) == ("Runway", Known.NO, Known.UNKNOWN)
    assert isinstance(consent, Consent)
    assert consent.consent_kind is ConsentKind.VOICE
    assert isinstance(approval, Approval)
    assert (approval.scope.shots, approval.created_at) == (("AGM_010_0040",), NOON)


def test_days_begin_in_utc_and_ends_end(tmp_path: Path) -> None:
    dates = {"valid_from": "2026-03-01", "valid_to": "2026-03-02", "terms_reviewed_at": "2026-03-01T10:00+02:00"}

    (paper,) = read(tmp_path, {"tools": [TOOL | dates]})

    assert isinstance(paper.content, Tool)
    assert paper.content.valid_from == datetime(2026, 3, 1, tzinfo=UTC)
    assert paper.content.valid_to == datetime(2026, 3, 3, tzinfo=UTC)
    assert paper.content.terms_reviewed_at == datetime(2026, 3, 1, 8, tzinfo=UTC)


def record(**given: Any) -> dict[str, Any]:
    return {"records": [{"record_id": "PR-1", **given}]}


def step(**given: Any) -> dict[str, Any]:
    return record(steps=[{"number": 1, "tool_id": "runway", **given}])


WRONG: dict[str, str | dict[str, Any]] = {
    "records[0].prominence: 'prominant' is not one of incidental, story_relevant, prominent, unknown; did you mean": (
        record(prominence="prominant")
    ),
    "records[0]: there is no field 'prominense'; did you mean prominence?": record(prominense="incidental"),
    "records[0].steps[0].tool_id: this is missing": record(steps=[{"number": 1}]),
    "records[0].steps[0].used_from: '2026-03-01T10:00' has no time zone": step(used_from="2026-03-01T10:00"),
    "records[0].steps.used_to: this is before used_from": step(used_from="2026-03-02", used_to="2026-03-01"),
    "records[0].steps[0].model_custom: true or false is wanted, not 'maybe'": step(model_custom="maybe"),
    "records[0].steps: a list is wanted": record(steps="one"),
    "records[0].steps[0]: an object with named fields is wanted": record(steps=["one"]),
    "records[0].steps[0].seed: text is wanted, in quotes, not '7'": step(seed=7),
    "records[0].steps[0].number: a whole number from 0 to 1000000 is wanted, not '-1'": record(
        steps=[{"number": -1, "tool_id": "x"}]
    ),
    "records[0].steps.number: two of them have 1": record(steps=[{"number": 1, "tool_id": "x"}] * 2),
    "records[0].steps[0].operator: it holds the character U+001B, which is no part of a text": step(
        operator="a\x1b[2J"
    ),
    "records[0].credit.required: this is missing": record(credit={"text": "made with"}),
    "records[0].record_id: this is missing": {"records": [{"title": "AGM"}]},
    "records[1].record_id: 'PR-1' is that of records[0] already": {"records": [{"record_id": "PR-1"}] * 2},
    "tools[0].valid_to: this is before valid_from": {
        "tools": [TOOL | {"valid_from": "2026-03-02", "valid_to": "2026-02-01"}]
    },
    "approvals[0].decided_at: this is before terms.requested_at": {
        "approvals": [AGREED | {"terms": {"requested_at": "2026-03-09"}}]
    },
    "approvals[0].whole_title: its scope is empty": {"approvals": [AGREED | {"scope": {}}]},
    "approvals[0].terms.triggers: '9z' is not one of P1": {"approvals": [AGREED | {"terms": {"triggers": ["9z"]}}]},
    "approvals[0].scope.timecodes: '01:00' is not a stretch": {
        "approvals": [AGREED | {"scope": {"timecodes": ["01:00"]}}]
    },
    "there is no list 'tool'; there are records, tools": {"tool": []},
    "tools: a list is wanted": {"tools": {}},
    '"papers": 1 is missing': "{}",
    "papers: this program reads version 1, not '2'": '{"papers": 2}',
    "not valid JSON: Expecting": '{"papers": 1, "tools": [}',
    "not valid JSON: something stands after the end": '{"papers": 1} {}',
    "not valid JSON: the key 'a' is there twice": '{"papers": 1, "tools": [{"a": 1, "a": 2}]}',
    "not valid JSON: NaN is no value": '{"papers": 1, "tools": [NaN]}',
    "not valid JSON: lists in lists without end": '{"papers": 1, "tools": ' + "[" * 100_000,
    "not valid JSON: '{' is wanted": "[]",
}


@pytest.mark.parametrize("told", WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, told: str) -> None:
    assert any(line.startswith(told) for line in wrong(tmp_path, WRONG[told])), wrong(tmp_path, WRONG[told])


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    lines = wrong(tmp_path, {"tools": [{"tool_id": "a"}] * 150})

    assert len(lines) == 201
    assert lines[-1] == "and 100 more"


def test_words_are_those_of_the_guidelines_in_any_case(tmp_path: Path) -> None:
    (paper,) = read(tmp_path, {"approvals": [AGREED | {"terms": {"triggers": ["p4", "1A", "final_deliverable"]}}]})

    assert isinstance(paper.content, Approval)
    assert paper.content.terms.triggers == (Trigger.P4, Trigger.DATA, Trigger.FINAL_DELIVERABLE)


def test_a_prompt_is_hashed_and_not_kept(tmp_path: Path) -> None:
    prompt = "A cat in the manner of  STAR\nWARS, with tom hanksy"
    guarded = ("Star Wars", "Tom Hanks", "Cat")

    (paper,) = read(tmp_path, step(prompt=f" {prompt}\r\n"), guarded=guarded)

    assert isinstance(paper.content, Particulars)
    (made,) = paper.content.steps
    assert made.prompt_sha256 == hashlib.sha256(prompt.encode()).hexdigest()
    assert made.prompt_names == ("Star Wars", "Cat")
    assert "manner" not in repr(paper)


def test_what_is_wrong_with_a_prompt_is_told_without_it(tmp_path: Path) -> None:
    for given in ({"prompt": ["secret"]}, {"prompt": "secret\x00"}, {"prompt": "secret", "prompt_sha256": "0" * 64}):
        (line,) = wrong(tmp_path, step(**given))
        assert "secret" not in line


def test_guarded_names_are_whole_words() -> None:
    assert names_in("the joker's smile", ("Joker", "joke", "")) == ("Joker",)
    assert names_in("STRASSE", ("straße",)) == ("straße",)
    assert names_in("(C-3PO)", ("C-3PO",)) == ("C-3PO",)


def test_parts_of_which_nothing_is_stated_are_not_stated(tmp_path: Path) -> None:
    (paper,) = read(tmp_path, record(principles={"p1": ""}, realism={}, prominence=None))

    assert isinstance(paper.content, Particulars)
    assert paper.content == Particulars(prominence=Prominence.UNKNOWN)


# ---- Forms


def test_forms_are_read_as_json_and_toml(tmp_path: Path) -> None:
    for name in ("tools", "consents"):
        (tmp_path / name).mkdir()
    (tmp_path / "tools" / "runway.toml").write_text(
        'tool_id = "runway"\nvendor = "Runway"\nproduct = "Gen-4"\nvalid_from = 2026-03-01\n'
        "terms_reviewed_at = 2026-03-01T10:00:00+02:00\n"
    )
    (tmp_path / "consents" / "C-1.json").write_text(json.dumps(CONSENT))
    reader = Reader(at=NOON)

    papers = {each.paper.paper_id: each.paper.content for each in read_forms(tmp_path, reader)}

    reader.problems.check(tmp_path)
    tool = papers["runway"]
    assert isinstance(tool, Tool)
    assert tool.terms_reviewed_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert set(papers) == {"runway", "C-1"}


def test_what_is_wrong_with_forms_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    (tmp_path / "other").mkdir()
    (folder / "a.json").write_text(json.dumps(TOOL))
    (folder / "b.toml").write_text('tool_id = "b"\nvendor = "B"\nproduct = "B"\nvalid_from = 2026-03-01T10:00:00\n')
    (folder / "c.toml").write_text("=")
    (folder / "d.txt").write_text("")
    (folder / "e.json").symlink_to(folder / "a.json")
    (folder / ".hidden").write_text("")
    reader = Reader(at=NOON)

    assert list(read_forms(tmp_path, reader)) == []

    assert [line.partition(":")[0] for line in reader.problems.told] == [
        "other",
        "tools/a.json",
        "tools/b.toml, valid_from",
        "tools/c.toml",
        "tools/d.txt",
        "tools/e.json",
    ]
    assert "call it 'runway.json'" in reader.problems.told[1]


def test_forms_are_called_by_their_ids_safely() -> None:
    for paper_id in ("../../etc/x", ".hidden", "..", "a\\b", "CON:1", "50%", "Zoë"):
        name = form_name(paper_id)
        assert not set(name) & set('/\\:*?"<>|')
        assert not name.startswith(".")


# ---- The schema


def test_the_schema_is_the_one_that_is_published() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema.text(), (
        "rewrite it: python -m scanner.intake.papers.schema > docs/papers.schema.json"
    )


def test_the_schema_says_what_the_reader_does(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())
    good = {"papers": 1, "tools": [TOOL], "consents": [CONSENT], "approvals": [AGREED], **step(prompt="a sky")}

    assert validator.is_valid(good)
    assert len(read(tmp_path, good)) == 4
    for bad in (record(prominense="x"), step(number="1"), {"tools": [{}]}, {"tools": [TOOL | {"valid_from": "soon"}]}):
        assert not validator.is_valid({"papers": 1, **bad})
        assert wrong(tmp_path, bad)


# ---- The page


def test_the_page_lists_every_field() -> None:
    assert PAGE.endswith(fields_page()), "rewrite its end: python -m scanner.intake.papers.page"


def test_the_examples_of_the_page_are_read(tmp_path: Path) -> None:
    (document,) = re.findall(r"```json papers\n(.*?)```", PAGE, re.DOTALL)
    (rows,) = re.findall(r"```csv papers\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "steps.csv").write_text(rows)
    (tmp_path / "records.csv").write_text("record_id\nPR-0a1b2c3d4e\nPR-5f6a7b8c9d\n")
    reader = Reader(at=NOON)

    first, second = (each.paper.content for each in read_sheets(CsvBook.of(tmp_path, reader.problems), reader))

    assert reader.problems.told == []
    assert isinstance(first, Particulars)
    assert first.steps[0].outputs == ("storm_v001", "storm_v002")
    assert isinstance(second, Particulars)
    assert len(read(tmp_path, document)) == 3
