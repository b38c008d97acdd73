"""Sheets as one workbook of a spreadsheet (XLSX). Nothing in it is evaluated: a formula is refused, with its cell.

Merged cells are refused as well, for nobody can tell which rows they speak of.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from scanner.intake.papers.layout import all_tables
from scanner.intake.papers.places import Problems
from scanner.intake.papers.sheets import Cell, check_names, letter

READ_ME = "read me"
"""The sheet of a template that is for people only."""

_LARGEST, _LARGEST_OPENED, _LARGEST_TEXTS = 64 << 20, 1 << 30, 256 << 20
_MOST_PARTS = 1000
_MOST_COLUMNS = 200
_MOST_ROWS = 1_048_576
_MERGED = re.compile(rb"<(?:\w{1,20}:)?mergeCell\s[^>]{0,200}?ref=\"([A-Z0-9:$]{1,40})\"")
_PIECE = 1 << 20
# What a broken workbook makes the library raise.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError, DefusedXmlException),
    *(ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, EOFError, OSError),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookBook:
    """An open workbook."""

    file: Path
    book: Any
    names: tuple[str, ...]

    @classmethod
    @contextmanager
    def open(cls, file: Path, problems: Problems) -> "Iterator[WorkbookBook | None]":
        """The workbook in a file; None, and why is noted, where there is none that can be read."""
        with ExitStack() as closing, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                if reason := _too_large(file):
                    problems.wrong("", reason)
                    yield None
                    return
                book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            except _BROKEN as error:
                problems.wrong("", f"it cannot be read as a workbook (XLSX): {error}")
                yield None
                return
            closing.callback(book.close)
            names = tuple(name for name in book.sheetnames if name != READ_ME)
            check_names((name for name in names if not _is_empty(book, name)), all_tables(), file.name, problems)
            yield cls(file=file, book=book, names=names)

    def label(self, name: str) -> str:
        return f"{self.file.name}, sheet {name}"

    def rows(self, name: str, problems: Problems) -> Iterator[tuple[int, Sequence[Cell]]]:
        if name not in self.names:
            return
        sheet = self.book[name]
        try:
            for cells in _merged(self.book, sheet):
                problems.wrong(f"{self.label(name)}, cells {cells}", "merged cells: undo that, and fill every row")
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=_MOST_COLUMNS), start=1):
                place = f"{self.label(name)}, cell "
                yield number, [_cell(cell, f"{place}{letter(at)}{number}", problems) for at, cell in enumerate(row, 1)]
        except _BROKEN as error:
            problems.wrong(self.label(name), f"it cannot be read: {error}")


def _too_large(file: Path) -> str | None:
    """Why a file is not opened, by what it says that it holds."""
    if file.stat().st_size > _LARGEST:
        return f"it is larger than {_LARGEST >> 20} MB: cut it in parts, or use CSV"
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_OPENED:
        return f"opened, it would be larger than {_LARGEST_OPENED >> 20} MB: cut it in parts, or use CSV"
    if any(part.file_size > _LARGEST_TEXTS for part in parts if not part.filename.startswith("xl/worksheets/")):
        return f"its texts are larger than {_LARGEST_TEXTS >> 20} MB: cut it in parts, or use CSV"
    return None


def _is_empty(book: Any, name: str) -> bool:
    try:
        sheet = book[name]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=100, max_col=_MOST_COLUMNS, values_only=True)
        return not any(cell is not None for row in rows for cell in row)
    except _BROKEN:
        return False


def _merged(book: Any, sheet: Any) -> Iterator[str]:
    """The merged cells of a sheet. They stand after its rows, where reading by rows does not come."""
    with book._archive.open(sheet._worksheet_path) as part:
        rest = b""
        while piece := part.read(_PIECE):
            text = rest + piece
            end = 0
            for found in _MERGED.finditer(text):
                yield found[1].decode("ascii")
                end = found.end()
            rest = text[max(end, len(text) - 300) :]


def _cell(cell: Any, place: str, problems: Problems) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        problems.wrong(place, "a formula: put in its value")
        return None
    if cell.data_type == "e":
        problems.wrong(place, f"an error of the spreadsheet: {value}")
        return None
    if isinstance(value, datetime):
        # A spreadsheet has no days: midnight stands for one.
        return value.date() if value.time() == time() else value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    problems.wrong(place, "neither text, a number nor a date")
    return None
