"""Papers written to files: a document, a folder of forms, CSV files, a workbook; and empty ones to be filled in.

The same papers always make the same bytes. No file is ever replaced.
"""

import csv
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from scanner.errors import SettingsError
from scanner.intake.papers.csv_files import guarded
from scanner.intake.papers.documents import HEAD, VERSION, form_name
from scanner.intake.papers.layout import Column, Table, all_tables
from scanner.intake.papers.reading import plain
from scanner.intake.papers.shape import LISTS, Entry, Sort
from scanner.intake.papers.sheets import letter
from scanner.intake.papers.workbooks import READ_ME
from scanner.intake.papers.writing import Cells, Tree, Written, rows_of, tree_of
from scanner.intake.sheets import clipped

_LONGEST_CELL = 32_767
_LONGEST_CSV = 131_072
_LONGEST_CHOICE = 255
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_WIDTH = 22


def write_document(papers: Iterable[Written], file: Path) -> None:
    """One JSON document. The papers must come kind by kind. Raises SettingsError."""
    with _new(file) as opened:
        opened.write(f'{{\n  "{HEAD}": {VERSION}'.encode())
        for name, trees in _listed(papers):
            opened.write(f',\n  "{name}": ['.encode())
            for number, tree in enumerate(trees):
                text = json.dumps(tree, ensure_ascii=False, indent=2).replace("\n", "\n    ")
                opened.write(f"{',' if number else ''}\n    {text}".encode())
            opened.write(b"\n  ]")
        opened.write(b"\n}\n")


def _listed(papers: Iterable[Written]) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """The papers of each kind that there are any of, under the name of their list."""
    rest = iter(papers)
    first = next(rest, None)
    while first is not None:
        kind, following = first.paper.kind, list[Written]()
        yield LISTS[kind], _of_kind(first, rest, following)
        first = following[0] if following else None


def _of_kind(first: Written, rest: Iterator[Written], following: list[Written]) -> Iterator[dict[str, Any]]:
    yield _tree(first)
    for written in rest:
        if written.paper.kind is not first.paper.kind:
            following.append(written)
            return
        yield _tree(written)


def write_forms(papers: Iterable[Written], folder: Path) -> None:
    """A form for each paper, in folders by kind. Raises SettingsError."""
    _make(folder)
    for written in papers:
        within = folder / LISTS[written.paper.kind]
        within.mkdir(exist_ok=True)
        text = json.dumps(_tree(written), ensure_ascii=False, indent=2) + "\n"
        with _new(within / f"{form_name(written.paper.paper_id)}.json") as opened:
            opened.write(text.encode())


def write_csv(papers: Iterable[Written], folder: Path) -> None:
    """A CSV file for each sheet. Raises SettingsError."""
    _make(folder)
    with ExitStack() as closing:
        sheets = {}
        for name, table in all_tables().items():
            opened = closing.enter_context((folder / f"{name}.csv").open("x", encoding="utf-8", newline=""))
            sheets[name] = csv.writer(opened, lineterminator="\n")
            sheets[name].writerow([column.name for column in table.all])
        for written in papers:
            for table, cells in rows_of(written.paper.kind, _tree(written)):
                _check_length(written, table, cells, _LONGEST_CSV)
                sheets[table.name].writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])


def write_workbook(papers: Iterable[Written], file: Path) -> None:
    """A workbook (XLSX). Raises SettingsError, also for what no cell can hold."""
    book = openpyxl.Workbook(write_only=True)
    sheets = {name: book.create_sheet(name) for name in all_tables()}
    for name, table in all_tables().items():
        sheets[name].append([column.name for column in table.all])
    try:
        for written in papers:
            for table, cells in rows_of(written.paper.kind, _tree(written)):
                _check_length(written, table, cells, _LONGEST_CELL)
                sheets[table.name].append([_as_text(sheets[table.name], cell) for cell in cells])
    except BaseException:
        # Each of them is writing a file of its own.
        for sheet in sheets.values():
            sheet.close()
        raise
    _save(book, file)


def _tree(written: Written) -> Tree:
    """A paper as a document has it. Raises SettingsError for texts that could not be read again."""
    tree = tree_of(written)
    if strange := next((text for text in _texts(tree) if not _is_plain(text)), None):
        name = f"{written.paper.kind} {written.paper.paper_id!r}"
        msg = f"{name}: {clipped(strange)} holds characters that no file of papers can hold. Correct it first."
        raise SettingsError(msg)
    return tree


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _is_plain(text: str) -> bool:
    try:
        return plain(text) == text
    except ValueError:
        return False


def _as_text(sheet: Any, cell: object) -> object:
    """Text stays text, whatever a spreadsheet would take it for."""
    if not isinstance(cell, str):
        return cell
    made = WriteOnlyCell(sheet, value="")
    made.value = cell
    made.data_type = "s"
    return made


def _check_length(written: Written, table: Table, cells: Cells, longest: int) -> None:
    for cell in cells:
        if isinstance(cell, str) and len(cell) >= longest:
            name = f"{written.paper.kind} {written.paper.paper_id!r}, sheet {table.name}"
            msg = f"{name}: more than {longest} characters, which no cell holds. Export as json or dir."
            raise SettingsError(msg)


def template_csv(folder: Path) -> None:
    """Empty CSV files with their headings. Raises SettingsError."""
    write_csv((), folder)


def template_workbook(file: Path) -> None:
    """An empty workbook: headings, lists of words to choose from, and what each column is. Raises SettingsError."""
    book = openpyxl.Workbook()
    about = book.active
    about.title = READ_ME
    about.append(["sheet", "column", "needed", "what it holds"])
    for name, table in all_tables().items():
        sheet = book.create_sheet(name)
        sheet.append([column.name for column in table.all])
        sheet.freeze_panes = "B2"
        for number, column in enumerate(table.all, start=1):
            cells = letter(number)
            sheet[f"{cells}1"].font = Font(bold=True)
            sheet.column_dimensions[cells].width = _WIDTH
            sheet.column_dimensions[cells].number_format = "@"
            _offer(sheet, column, cells)
            about.append([name, column.name, "yes" if column.entry.needed else "", described(column.entry)])
    for cells, width in zip("ABCD", (14, 34, 10, 90), strict=True):
        about.column_dimensions[cells].width = width
        about[f"{cells}1"].font = Font(bold=True)
    for row in about.iter_rows(min_row=2, min_col=4, max_col=4):
        row[0].alignment = Alignment(wrap_text=True)
    _save(book, file)


def _offer(sheet: Any, column: Column, cells: str) -> None:
    """A list of the words that may stand in a column."""
    entry = column.entry
    words = [each.value for each in entry.words or ()] or (["yes", "no"] if entry.sort is Sort.YES_NO else [])
    choice = f'"{",".join(words)}"'
    if words and not entry.many and len(choice) <= _LONGEST_CHOICE:
        offered = DataValidation(type="list", formula1=choice, allow_blank=True)
        sheet.add_data_validation(offered)
        offered.add(f"{cells}2:{cells}1048576")


def described(entry: Entry) -> str:
    """What a field holds, in words."""
    words = entry.sort.value
    if entry.words is not None:
        words = ("" if entry.many else "one of ") + ", ".join(each.value for each in entry.words)
    if entry.sort is Sort.PROMPT:
        words = "the prompt: it is never kept, only its SHA-256 and which guarded names it holds"
    return f"several, with | between: {words}" if entry.many else words


def _save(book: Any, file: Path) -> None:
    """Save with no time in it, so that the same papers make the same bytes."""
    made = BytesIO()
    book.save(made)
    with _new(file) as opened, zipfile.ZipFile(made) as before, zipfile.ZipFile(opened, "w") as after:
        for part in before.infolist():
            data = before.read(part)
            if part.filename == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            after.writestr(zipfile.ZipInfo(part.filename, _NO_TIME), data, zipfile.ZIP_DEFLATED)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        msg = f"{str(folder)!r} cannot be made: {error.strerror}"
        raise SettingsError(msg) from error
    if filled:
        msg = f"{str(folder)!r} is not empty: name a new folder. Nothing was written."
        raise SettingsError(msg)


def _new(file: Path) -> Any:
    try:
        return file.open("xb")
    except FileExistsError as error:
        msg = f"{str(file)!r} is there already: name another. It was not written."
        raise SettingsError(msg) from error
    except OSError as error:
        msg = f"{str(file)!r} cannot be written: {error.strerror}"
        raise SettingsError(msg) from error


WRITERS: dict[str, Callable[[Iterable[Written], Path], None]] = {
    "json": write_document,
    "csv": write_csv,
    "xlsx": write_workbook,
    "dir": write_forms,
}
