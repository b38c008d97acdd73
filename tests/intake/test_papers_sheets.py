"""Papers in CSV files and workbooks: put together from their rows; what is wrong is told by cell; nothing is lost."""

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from scanner.errors import RegisterInputError, SettingsError
from scanner.intake.papers import workbooks
from scanner.intake.papers.csv_files import CsvBook, guarded, unguarded
from scanner.intake.papers.documents import read_document, read_forms
from scanner.intake.papers.files import WRITERS, template_csv, template_workbook
from scanner.intake.papers.layout import all_tables, joined, split
from scanner.intake.papers.reading import Read, Reader
from scanner.intake.papers.sheets import letter, read_sheets
from scanner.intake.papers.workbooks import READ_ME, WorkbookBook
from scanner.intake.papers.writing import Written, tree_of
from scanner.model import Approval, ApprovalStatus, Paper, PaperKind, Particulars, Scope, Tool
from tests.dense_papers import HOSTILE, NOON, every_kind

TOOL = ("tool_id", "vendor", "product")
RUNWAY = ("runway", "Runway", "Gen-4")


def taken(path: Path, reader: Reader) -> list[Read]:
    """The papers of a file of any form."""
    if path.suffix == ".xlsx":
        with WorkbookBook.open(path, reader.problems) as book:
            return list(read_sheets(book, reader)) if book is not None else []
    if path.suffix == ".json":
        return list(read_document(path, reader))
    if any(path.glob("*.csv")):
        return list(read_sheets(CsvBook.of(path, reader.problems), reader))
    return list(read_forms(path, reader))


def wrong(path: Path) -> list[str]:
    reader = Reader(at=NOON)
    taken(path, reader)
    with pytest.raises(RegisterInputError) as raised:
        reader.problems.check(path)
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def agreed(scope: Scope) -> Written:
    item = Approval(
        approval_id="ESC-1",
        title="AGM",
        status=ApprovalStatus.APPROVED,
        scope=scope,
        approver="grace",
        decided_at=NOON,
        created_at=NOON,
    )
    return Written(paper=Paper(kind=PaperKind.APPROVAL, paper_id="ESC-1", content=item))


def workbook(tmp_path: Path, **sheets: list[tuple[Any, ...]]) -> Path:
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "papers.xlsx")
    return tmp_path / "papers.xlsx"


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


# ---- Round trip


@pytest.mark.parametrize("form", WRITERS)
def test_nothing_is_lost_on_the_way_out_and_in(tmp_path: Path, form: str) -> None:
    papers = [Written(paper=paper, title="Ghost Light") for paper in every_kind()]
    name = {"json": "p.json", "xlsx": "p.xlsx"}.get(form, form)
    out, again = tmp_path / name, tmp_path / "again" / name
    again.parent.mkdir()

    WRITERS[form](papers, out)
    reader = Reader(at=datetime(2030, 1, 1, tzinfo=UTC))
    found = taken(out, reader)
    reader.problems.check(out)

    order = {written.paper.paper_id: number for number, written in enumerate(papers)}
    found = sorted(found, key=lambda each: order[each.paper.paper_id])
    assert [each.paper for each in found] == [written.paper for written in papers]
    WRITERS[form]([Written(paper=each.paper, title="Ghost Light") for each in found], again)
    assert bytes_of(out) == bytes_of(again)


def bytes_of(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in [path, *path.rglob("*")] if file.is_file()}


def test_an_approval_of_a_whole_title_stays_one(tmp_path: Path) -> None:
    tree = tree_of(agreed(Scope()))

    assert tree["whole_title"] is True
    assert "whole_title" not in tree_of(agreed(Scope(shots=("s",))))


def test_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("mine")
    for form, path in {"json": tmp_path / "p.json", "dir": tmp_path, "csv": tmp_path}.items():
        with pytest.raises(SettingsError):
            WRITERS[form]([], path)
    assert (tmp_path / "p.json").read_text() == "mine"


def test_what_no_cell_holds_is_told(tmp_path: Path) -> None:
    wide = agreed(Scope(shots=tuple(f"shot {n:06}" for n in range(4000))))

    with pytest.raises(SettingsError, match="sheet approvals: more than 32767 characters"):
        WRITERS["xlsx"]([wide], tmp_path / "p.xlsx")


@pytest.mark.parametrize("text", HOSTILE)
def test_cells_of_several_values_and_guards_are_taken_back(text: str) -> None:
    assert split(joined([text, "x", text])) == [text, "x", text]
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@"))


def test_columns_are_called_as_spreadsheets_call_them() -> None:
    assert [letter(number) for number in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]


# ---- Templates


def test_templates_are_read_as_empty_ones(tmp_path: Path) -> None:
    template_workbook(tmp_path / "t.xlsx")
    template_csv(tmp_path / "csv")
    for path in (tmp_path / "t.xlsx", tmp_path / "csv"):
        reader = Reader(at=NOON)
        assert taken(path, reader) == []
        assert reader.problems.told == []
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == [READ_ME, *all_tables()]
    offered = [each.formula1 for each in book["records"].data_validations.dataValidation]
    assert any(each.startswith(chr(34) + "incidental,story_relevant") for each in offered)


# ---- Rows


def test_rows_of_several_sheets_make_one_paper(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        records=[("record_id", "prominence", "principles.p1"), ("PR-1", "incidental", "yes"), (None,), ("PR-2", None)],
        steps=[
            ("record_id", "number", "tool_id", "tool_version", "used_from", "prompt_names", "model_custom"),
            ("PR-1", 2, "b", 7, date(2026, 3, 1), "a|b", True),
            ("PR-1", 1, "a", None, "2026-03-01T10:00+01:00", None, "no"),
            ("PR-2", 1, "c"),
        ],
        inputs=[("record_id", "step", "asset_id", "input_class"), ("PR-1", 1, "x", "own"), ("PR-1", 2, "y", "own")],
    )
    reader = Reader(at=NOON)

    first, second = (each.paper.content for each in taken(path, reader))

    assert reader.problems.told == []
    assert isinstance(first, Particulars)
    assert isinstance(second, Particulars)
    later, earlier = first.steps
    assert (later.number, later.tool_version, later.model_custom) == (2, "7", True)
    assert (later.used_from, later.prompt_names) == (datetime(2026, 3, 1, tzinfo=UTC), ("a", "b"))
    assert (earlier.used_from, earlier.model_custom) == (datetime(2026, 3, 1, 9, tzinfo=UTC), False)
    assert [step.inputs[0].asset_id for step in first.steps] == ["y", "x"]
    assert first.principles is not None
    assert (second.steps[0].tool_id, second.principles) == ("c", None)


def test_a_csv_file_may_come_alone_and_from_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "tools.csv"
    file.write_bytes("tool_id;vendor;product\r\nrunway;'=Runway;Gen-4\r\n".encode("utf-16"))
    reader = Reader(at=NOON)

    (found,) = read_sheets(CsvBook.of(file, reader.problems), reader)

    assert reader.problems.told == []
    assert isinstance(found.paper.content, Tool)
    assert found.paper.content.vendor == "=Runway"


STEPS = ("record_id", "number", "tool_id", "used_from", "seed")
CELLS: dict[str, dict[str, list[tuple[Any, ...]]]] = {
    "sheet tools, cell B2: this is missing": {"tools": [TOOL, ("runway", None, "Gen-4")]},
    "sheet tools, cell D1: there is no column 'valid_form'; did you mean valid_from?": {
        "tools": [(*TOOL, "valid_form"), (*RUNWAY, None)]
    },
    "sheet tools, cell D1: the column vendor is there twice": {"tools": [(*TOOL, "vendor"), (*RUNWAY, None)]},
    "sheet tools, row 1: there must be a column product": {"tools": [("tool_id", "vendor"), ("a", "b")]},
    "sheet tools, cell D2: its column has no name": {"tools": [(*TOOL, None), (*RUNWAY, "x")]},
    "sheet tools, cell D2: 'on prem' is not one of netflix_enterprise, vendor_enterprise, on_prem, consumer; did you": {
        "tools": [(*TOOL, "deployment"), (*RUNWAY, "on prem")]
    },
    "sheet tools, cell A3: 'runway' is that of": {"tools": [TOOL, RUNWAY, RUNWAY]},
    "sheet tools, cell D2: '2026-03-01T10:00:00' has no time zone": {
        "tools": [(*TOOL, "valid_from"), (*RUNWAY, datetime(2026, 3, 1, 10))]  # noqa: DTZ001
    },
    "sheet tools, cell D2: a number is no text": {"tools": [(*TOOL, "versions"), (*RUNWAY, 7.1)]},
    "sheet tools, cell D2: a date is no text": {"tools": [(*TOOL, "versions"), (*RUNWAY, date(2026, 4, 3))]},
    "sheet steps, cell A2: no row of sheet records has 'PR-9'": {
        "records": [("record_id",), ("PR-1",)],
        "steps": [STEPS, ("PR-9", 1, "a")],
    },
    "sheet steps, cell D3: 'soon' is not a day": {
        "records": [("record_id",), ("PR-1",)],
        "steps": [STEPS, ("PR-1", 1, "a"), ("PR-1", 2, "a", "soon")],
    },
    "sheet steps, cell B2: 'one' is no whole number": {
        "records": [("record_id",), ("PR-1",)],
        "steps": [STEPS, ("PR-1", "one", "a")],
    },
    "sheet inputs, cell B2: no row of sheet steps has 'PR-1' and 2": {
        "records": [("record_id",), ("PR-1",)],
        "steps": [STEPS, ("PR-1", 1, "a")],
        "inputs": [("record_id", "step", "asset_id", "input_class"), ("PR-1", 2, "a", "own")],
    },
    "papers.xlsx: there is no sheet 'tool'; did you mean tools?": {"tool": [TOOL, RUNWAY]},
}


@pytest.mark.parametrize("told", CELLS)
def test_what_is_wrong_is_told_by_cell(tmp_path: Path, told: str) -> None:
    lines = wrong(workbook(tmp_path, **CELLS[told]))

    assert any(line.removeprefix("papers.xlsx, ").startswith(told) for line in lines), lines


def test_formulas_errors_and_merged_cells_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, tools=[TOOL, ("=1+1", "Runway", "#REF!"), ("b", "B", "B"), ("c", "C", "C")])
    changed(path, lambda book: book["tools"].merge_cells("B3:C4"))

    lines = wrong(path)

    assert "papers.xlsx, sheet tools, cell A2: a formula: put in its value" in lines
    assert "papers.xlsx, sheet tools, cell C2: an error of the spreadsheet: #REF!" in lines
    assert "papers.xlsx, sheet tools, cells B3:C4: merged cells: undo that, and fill every row" in lines


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "papers.xlsx"
    for data in (b"", b"PK\x03\x04 broken", b"not a workbook"):
        path.write_bytes(data)
        assert "cannot be read as a workbook" in wrong(path)[0]


def test_a_workbook_that_swells_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "_LARGEST_TEXTS", 2 << 20)
    path = workbook(tmp_path, tools=[TOOL, RUNWAY])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", bytes(3 << 20))

    assert path.stat().st_size < 1 << 20
    assert wrong(path) == ["its texts are larger than 2 MB: cut it in parts, or use CSV"]


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, tools=[TOOL, RUNWAY])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    name = next(name for name in parts if name.endswith("sheet2.xml"))
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in parts.items():
            archive.writestr(each, bomb + data.partition(b"?>")[2] if each == name else data)

    assert "cannot be read" in wrong(path)[0]


def test_broken_csv_is_told(tmp_path: Path) -> None:
    (tmp_path / "tools.csv").write_text('tool_id,vendor,product\na,"b\n')
    (tmp_path / "consent.csv").write_text("x\n")

    assert wrong(tmp_path) == [
        f"{tmp_path.name}: there is no sheet 'consent'; did you mean consents?",
        "tools.csv, row 2: not valid CSV: unexpected end of data",
    ]
