"""Papers in sheets: rows put together to what they tell, whatever kind of file they come from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Protocol

from scanner.intake.papers.layout import Column, Table, split, tables
from scanner.intake.papers.places import Heading, Problems, RowPlace
from scanner.intake.papers.reading import Read, Reader
from scanner.intake.papers.shape import LISTS, Sort
from scanner.intake.sheets import clipped
from scanner.model import PaperKind

Cell = str | int | float | bool | date | None
"""What a cell holds; `datetime` is a `date`."""

_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
_MOST_ROWS = 1_048_576
"""What a spreadsheet holds at most."""


class Book(Protocol):
    """The sheets of a file, or of a folder of files."""

    def label(self, name: str) -> str:
        """What people call a sheet."""

    def rows(self, name: str, problems: Problems) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows of a sheet with their numbers from 1, the heading first; none where there is no such sheet."""


def read_sheets(book: Book, reader: Reader) -> Iterator[Read]:
    """The papers in the sheets of a book."""
    for kind in LISTS:
        gathered = _Gathered(reader.problems)
        for table in tables(kind):
            for tree, place in _rows(book, table, reader.problems):
                gathered.take(table, tree, place)
        for tree, place in gathered.papers:
            read = reader.paper(kind, tree, place)
            if read is not None:
                yield read


def letter(number: int) -> str:
    """What a spreadsheet calls its column of this number, from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


_Tree = dict[str, Any]
_Placed = tuple[_Tree, RowPlace]


@dataclass(slots=True)
class _Gathered:
    """The papers of one kind, put together from their rows; `parts`: what further rows may belong to, by its keys."""

    problems: Problems
    papers: list[_Placed] = field(default_factory=list)
    parts: dict[tuple[Any, ...], _Placed] = field(default_factory=dict)

    def take(self, table: Table, tree: _Tree, place: RowPlace) -> None:
        """Put a row where it belongs."""
        if not table.keys:
            self.papers.append((tree, place))
            self.parts.setdefault((tree.get(table.columns[0].name),), (tree, place))
            return
        keys = tuple(tree.pop(key.name, None) for key in table.keys)
        above = self.parts.get(keys)
        if above is None:
            key = table.keys[-1]
            whose = f"no row of sheet {LISTS[table.kind] if len(keys) == 1 else 'steps'}"
            self.problems.wrong(place.of(key.name), f"{whose} has {' and '.join(repr(each) for each in keys)}")
            return
        _hang(table.path[len(keys) - 1 :], tree, place, above)
        if table.columns[0].entry.sort is Sort.NUMBER:
            self.parts.setdefault((*keys, tree.get(table.columns[0].name)), (tree, place))


def _hang(path: tuple[str, ...], tree: _Tree, place: RowPlace, above: _Placed) -> None:
    holder, upper = above
    for name in path[:-1]:
        holder = holder.setdefault(name, {})
    holder.setdefault(path[-1], []).append(tree)
    upper.below.setdefault(".".join(path), []).append(place)


def _rows(book: Book, table: Table, problems: Problems) -> Iterator[_Placed]:
    header: list[Column | None] | None = None
    heading = Heading(label=book.label(table.name), letters={})
    for number, cells in book.rows(table.name, problems):
        if all(cell is None or cell == "" for cell in cells):
            continue
        if number > _MOST_ROWS:
            problems.wrong(heading.label, f"it has more than {_MOST_ROWS} rows: cut it in parts")
            return
        if header is None:
            header = _header(table, heading.label, number, cells, problems)
            known = ((column.name, letter(at)) for at, column in enumerate(header, start=1) if column)
            heading = Heading(label=heading.label, letters=dict(known))
            continue
        place = RowPlace(heading=heading, row=number)
        yield _tree(header, cells, place, problems), place


def _header(table: Table, label: str, row: int, cells: Sequence[Cell], problems: Problems) -> list[Column | None]:
    """The columns in the order of the sheet; what is wrong with them is noted."""
    known = {column.name: column for column in table.all}
    header: list[Column | None] = []
    for number, cell in enumerate(cells, start=1):
        name = str(cell or "").strip()
        column = known.get(name)
        if name and column is None:
            near = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; the columns are {', '.join(known)}"
            problems.wrong(f"{label}, cell {letter(number)}{row}", f"there is no column {clipped(name)}{hint}")
        elif column is not None and column in header:
            problems.wrong(f"{label}, cell {letter(number)}{row}", f"the column {name} is there twice")
        header.append(column)
    for column in table.all:
        if column not in header and (column.entry.needed and "." not in column.name):
            problems.wrong(f"{label}, row {row}", f"there must be a column {column.name}")
    return header


def _tree(header: Sequence[Column | None], cells: Sequence[Cell], place: RowPlace, problems: Problems) -> _Tree:
    """A row as nested values."""
    tree: _Tree = {}
    for number, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        column = header[number] if number < len(header) else None
        if column is None:
            problems.wrong(f"{place.heading.label}, cell {letter(number + 1)}{place.row}", "its column has no name")
            continue
        try:
            value = _value(column, cell)
        except ValueError as error:
            problems.wrong(place.of(column.name), str(error))
            continue
        *within, name = column.name.split(".")
        holder = tree
        for part in within:
            holder = holder.setdefault(part, {})
        holder[name] = value
    return tree


def _value(column: Column, cell: Cell) -> object:
    """A cell as a document would have it. Raises ValueError."""
    sort = column.entry.sort
    if sort is Sort.YES_NO:
        return _yes_no(cell)
    if sort is Sort.NUMBER:
        return _number(cell)
    if sort in (Sort.MOMENT, Sort.END) and isinstance(cell, date):
        return cell
    text = _text(cell)
    return split(text) if column.entry.many else text


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        msg = f"a number is no text: give the cell the format text, or {cell!r} may not be what was typed"
    elif isinstance(cell, datetime | date):
        msg = "a date is no text: give the cell the format text, so that it stays what was typed"
    else:
        msg = "yes or no is no text: give the cell the format text"
    raise ValueError(msg)


def _yes_no(cell: Cell) -> bool:
    word = str(cell).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    msg = f"{clipped(str(cell))} is neither yes nor no"
    raise ValueError(msg)


def _number(cell: Cell) -> int:
    text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    msg = f"{clipped(text)} is no whole number"
    raise ValueError(msg)


def check_names(names: Iterable[str], known: Iterable[str], label: str, problems: Problems) -> None:
    """Note sheets that there are not."""
    known = list(known)
    for name in names:
        if name not in known:
            near = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
            problems.wrong(label, f"there is no sheet {clipped(name)}{hint}")


def is_kind(name: str) -> PaperKind | None:
    """The kind whose papers a sheet of this name lists."""
    return next((kind for kind, listed in LISTS.items() if listed == name), None)
