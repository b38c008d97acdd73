"""How papers are laid out in sheets: one for each kind, and further ones for the lists within them, keyed by id.

Fields of a part are columns called `part.field`. Several values of a cell stand with `|` between them; a `|` within one
is written `\\|`, a backslash `\\\\`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from scanner.intake.papers.shape import LISTS, Entry, Shape, Sort, id_name, shape_of
from scanner.model import PaperKind

_SPLIT = re.compile(r"((?:[^|\\]|\\.|\\$)*)(?:\||$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Where a key of a sheet is called otherwise than the field that it stands for.
_STEP = Entry(name="step", sort=Sort.NUMBER, needed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, and the field that its cells hold."""

    name: str
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A sheet. `keys`: the columns that say to what its rows belong; `path`: the fields that lead to its list."""

    name: str
    kind: PaperKind
    keys: tuple[Column, ...]
    columns: tuple[Column, ...]
    path: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Column, ...]:
        """All columns, in order."""
        return (*self.keys, *self.columns)


@cache
def tables(kind: PaperKind) -> tuple[Table, ...]:
    """The sheets of a kind; each after the one that its rows belong to."""
    shape = shape_of(kind)
    main = Table(name=LISTS[kind], kind=kind, keys=(), columns=tuple(_columns(shape, "")))
    key = Column(name=id_name(kind), entry=shape.entries[0])
    return (main, *_below(kind, shape, (key,), ()))


@cache
def all_tables() -> dict[str, Table]:
    """Every sheet there is, by its name."""
    return {table.name: table for kind in LISTS for table in tables(kind)}


def _columns(shape: Shape, prefix: str) -> Iterator[Column]:
    for entry in shape:
        if entry.part is None:
            yield Column(name=prefix + entry.name, entry=entry)
        elif not entry.many:
            yield from _columns(entry.part, f"{prefix}{entry.name}.")


def _below(kind: PaperKind, shape: Shape, keys: tuple[Column, ...], path: tuple[str, ...]) -> Iterator[Table]:
    for entry in shape:
        if entry.part is None:
            continue
        here = (*path, entry.name)
        if entry.many:
            columns = tuple(_columns(entry.part, ""))
            yield Table(name=entry.name, kind=kind, keys=keys, columns=columns, path=here)
            yield from _below(kind, entry.part, (*keys, Column(name=_STEP.name, entry=_STEP)), here)
        else:
            yield from _below(kind, entry.part, keys, here)


def split(text: str) -> list[str]:
    """The values of a cell that holds several."""
    found = []
    for part in _SPLIT.finditer(text):
        found.append(_ESCAPED.sub(r"\1", part[1]))
        if part.end() == len(text) and not part[0].endswith("|"):
            break
    return [value for each in found if (value := each.strip())]


def joined(values: list[str]) -> str:
    """Several values as one cell."""
    return "|".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)
