"""Lists and single things for people: a table or labelled facts on a terminal, tab-separated lines in a pipe."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from scanner.report.plain import shown

NARROW = 116
"""Columns of a terminal below which a list shows only what fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list. A pipe has all; a terminal has those that its width allows."""

    heading: str
    narrow: bool = True
    wide: bool = True
    whole: bool = False
    """Never broken over two lines: ids and words to copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a list; `style` is that of its first cell."""

    cells: tuple[str, ...]
    style: str = "bold"


def say(console: Console, *lines: str) -> None:
    """Write lines as they are: no colour, no markup, tabs kept, no wrapping but the terminal's own."""
    for line in lines:
        console.print(Segments([Segment(line + "\n")]), end="", crop=False)


def listed(console: Console, columns: Sequence[Column], rows: Sequence[Row], *, nothing: str) -> None:
    """A list. On a terminal a table, or the sentence `nothing`; in a pipe a line a row, tabs between, no heading."""
    if not console.is_terminal:
        for row in rows:
            say(console, "\t".join(map(shown, row.cells)))
    elif rows:
        console.print(table(columns, rows, width=console.width))
    else:
        console.print(Text(nothing, style="dim"))


def table(columns: Sequence[Column], rows: Sequence[Row], *, width: int) -> Table:
    """A list as a table for a terminal of so many columns."""
    kept = [number for number, each in enumerate(columns) if (each.narrow if width < NARROW else each.wide)]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False, header_style="dim")
    for number in kept:
        table.add_column(columns[number].heading, overflow="fold", no_wrap=columns[number].whole)
    for row in rows:
        first, *rest = (Text(shown(row.cells[number])) for number in kept)
        first.stylize(row.style)
        table.add_row(first, *rest)
    return table


def described(console: Console, facts: Sequence[tuple[str, str | None]]) -> None:
    """One thing, a fact a line; facts that are absent are left out."""
    known = [(label, shown(value)) for label, value in facts if value]
    if not console.is_terminal:
        for label, value in known:
            say(console, f"{label}: {value}")
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in known:
        grid.add_row(Text(label), Text(value))
    console.print(grid)
