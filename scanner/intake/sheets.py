"""Import files as spreadsheets and programs write them, CSV or JSON: rows of text, and all that is wrong in them.

Cells are text and stay text: nothing is evaluated. Which columns there are and what they mean is not known here.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from scanner.errors import RegisterInputError

Value = TypeVar("Value")
Cell = str | tuple[str, ...]

SEPARATOR = "|"
"""Between the values of a cell that holds several."""

_LARGEST = 64 << 20
_SHOWN = 80
_PLACE = re.compile(r"(?:row|item) (\d+)")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that a file may have, and those that every row must fill."""

    known: tuple[str, ...]
    needed: tuple[str, ...]

    def unknown(self, name: str) -> str:
        """What to say of a column that there is not."""
        near = get_close_matches(name.strip().lower(), self.known, n=1, cutoff=0.5)
        return f"there is no such column; did you mean {near[0]}?" if near else _no_column(self.known)


def _no_column(known: Iterable[str]) -> str:
    return f"there is no such column; the columns are {', '.join(known)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, by its place in the file. What is wrong in it is noted down, so that everything is told at once."""

    place: str
    cells: Mapping[str, Cell]
    problems: list[str]
    told: frozenset[str] = frozenset()
    """Columns of which it was said already that they are missing."""

    def wrong(self, column: str, reason: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(f"{self.place}, column {column}: {reason}")

    def blamed(self, column: str) -> bool:
        """Whether something is known to be wrong with a cell."""
        return any(problem.startswith(f"{self.place}, column {column}: ") for problem in self.problems)

    def text(self, column: str) -> str | None:
        """A cell without the space around it; None when it is empty."""
        cell = self.cells.get(column, "")
        if isinstance(cell, str):
            return cell.strip() or None
        self.wrong(column, "one value is wanted here, not a list")
        return None

    def needed(self, column: str, otherwise: str | None = None) -> str:
        """A cell that must not be empty, unless there is something to take in its place."""
        text = self.text(column) or otherwise
        if text is None and column not in self.told:
            self.wrong(column, "this is missing")
        return text or ""

    def several(self, column: str) -> tuple[str, ...]:
        """The values of a cell that may hold several: a list in JSON, separated by `|` in CSV."""
        cell = self.cells.get(column, "")
        values = cell.split(SEPARATOR) if isinstance(cell, str) else cell
        return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))

    def parsed(self, column: str, parse: Callable[[str], Value]) -> Value | None:
        """What a cell means; None when it is empty, or when `parse` raises ValueError, whose words are noted."""
        text = self.text(column)
        return None if text is None else self._parsed(column, text, parse)

    def each(self, column: str, parse: Callable[[str], Value]) -> tuple[Value, ...]:
        """What each value of a cell means; those that `parse` refuses are noted and left out."""
        values = (self._parsed(column, text, parse) for text in self.several(column))
        return tuple(value for value in values if value is not None)

    def _parsed(self, column: str, text: str, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(text)
        except ValueError as error:
            self.wrong(column, str(error))
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows of an import file, and what is wrong so far."""

    file: Path
    rows: tuple[Row, ...]
    problems: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raises RegisterInputError with everything that is wrong, if anything is."""
        if self.problems:
            raise refusal(self.file, self.problems)


def refusal(file: Path, problems: Sequence[str]) -> RegisterInputError:
    """Everything that is wrong with an import file, a line each, by row."""
    count = "1 thing is" if len(problems) == 1 else f"{len(problems)} things are"
    lines = (f"  {problem}" for problem in sorted(problems, key=_number))
    head = f"{str(file)!r}: {count} wrong. Nothing was registered; correct it and import again."
    return RegisterInputError("\n".join([head, *lines]))


def _number(problem: str) -> int:
    number = _PLACE.match(problem)
    return int(number[1]) if number else 0


def clipped(text: str) -> str:
    """A value as it can be shown in an error: quoted, escaped, and not too long."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def text_of_csv(file: Path, largest: int = _LARGEST) -> str:
    """The text of a file as spreadsheets write it. Raises RegisterInputError."""
    return _decoded(file, largest)


def read_sheet(file: Path, columns: Columns) -> Sheet:
    """The rows of a CSV or JSON file. Raises RegisterInputError if it cannot be taken for either, or has no rows."""
    text = _decoded(file)
    problems: list[str] = []
    is_json = file.suffix.lower() == ".json" or text.lstrip()[:1] in ("[", "{")
    rows = tuple(_of_json(file, text, columns, problems) if is_json else _of_csv(text, columns, problems))
    if not rows and not problems:
        raise refusal(file, ["it holds no rows"])
    return Sheet(file=file, rows=rows, problems=problems)


def _decoded(file: Path, largest: int = _LARGEST) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(largest + 1)
    except OSError as error:
        raise refusal(file, [f"it cannot be read: {error.strerror}"]) from error
    if len(data) > largest:
        raise refusal(file, [f"it is larger than {largest >> 20} MB: cut it in parts"])
    try:
        return data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"line {line}: this is not {error.encoding}; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
        raise refusal(file, [reason]) from error


def _encoding(data: bytes) -> str:
    """By its byte order mark; UTF-16 without one shows by the zeros of its ASCII characters."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if len(data) > 1 and 0 in data[:2]:
        return "utf-16-le" if data[1] == 0 else "utf-16-be"
    return "utf-8"


def _of_csv(text: str, columns: Columns, problems: list[str]) -> Iterator[Row]:
    """Rows are counted as a spreadsheet counts them, the heading and empty ones included."""
    header: list[str] | None = None
    told: frozenset[str] = frozenset()
    for number, cells in _records(text, problems):
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            told = _check_header(f"row {number}", header, columns, problems)
            continue
        extra = [cell for cell in cells[len(header) :] if cell.strip()]
        if extra:
            problems.append(f"row {number}: {len(cells)} cells, but there are {len(header)} columns")
        named = dict(zip(header, cells, strict=False))
        yield Row(place=f"row {number}", cells=named, problems=problems, told=told)


def _records(text: str, problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    heading = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        problems.append(f"row {number + 1}: not valid CSV, so nothing after it was looked at: {error}")


def _check_header(place: str, header: list[str], columns: Columns, problems: list[str]) -> frozenset[str]:
    """Note what is wrong with the heading; gives the needed columns that it lacks."""
    for name in dict.fromkeys(header):
        if not name:
            problems.append(f"{place}: a column has no name")
        elif name not in columns.known:
            problems.append(f"{place}, column {clipped(name)}: {columns.unknown(name)}")
        elif header.count(name) > 1:
            problems.append(f"{place}, column {name}: it is there more than once")
    lacking = [name for name in columns.needed if name not in header]
    problems.extend(f"{place}, column {name}: there must be such a column" for name in lacking)
    return frozenset(lacking)


def _of_json(file: Path, text: str, columns: Columns, problems: list[str]) -> Iterator[Row]:
    try:
        items = json.loads(text, object_pairs_hook=_named_once)
    except RecursionError:
        raise refusal(file, ["not valid JSON: lists in lists without end"]) from None
    except ValueError as error:
        raise refusal(file, [f"not valid JSON: {error}"]) from error
    if not isinstance(items, list):
        raise refusal(file, ["a list of objects is wanted: [{…}, {…}]"])
    for number, item in enumerate(items, start=1):
        row = Row(place=f"item {number}", cells={}, problems=problems)
        if isinstance(item, dict):
            yield Row(place=row.place, cells=dict(_cells(row, item, columns)), problems=problems)
        else:
            problems.append(f"{row.place}: an object is wanted")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        msg = f"the key {clipped(next(name for name in names if names.count(name) > 1))} is there twice"
        raise ValueError(msg)
    return named


def _cells(row: Row, item: Mapping[str, Any], columns: Columns) -> Iterator[tuple[str, Cell]]:
    for name, value in item.items():
        if name not in columns.known:
            row.wrong(clipped(name), columns.unknown(name))
        elif isinstance(value, str):
            yield name, value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            yield name, tuple(value)
        elif value is not None:
            row.wrong(name, f"text is wanted, in quotes, not {clipped(json.dumps(value))}")
