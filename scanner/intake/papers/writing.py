"""Papers as nested values, as documents have them, and as rows of sheets. Nothing of them is left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scanner.intake.papers.layout import Table, joined, tables
from scanner.intake.papers.shape import Shape, Sort, id_name, shape_of
from scanner.model import Approval, ApprovalStatus, Paper, PaperKind, Scope, TimecodeRange, utc

_APPROVED = (ApprovalStatus.APPROVED, ApprovalStatus.APPROVED_WITH_CONDITIONS)

Tree = dict[str, Any]
Cells = list[str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A paper that is written, with the title of its record."""

    paper: Paper
    title: str | None = None


def tree_of(written: Written) -> Tree:
    """A paper as a document has it. What is not stated is left out."""
    paper = written.paper
    shape = shape_of(paper.kind)
    tree = {id_name(paper.kind): paper.paper_id, **_tree(shape, paper.content)}
    if paper.kind is PaperKind.RECORD and written.title is not None:
        tree["title"] = written.title
    if isinstance(paper.content, Approval) and paper.content.status in _APPROVED and paper.content.scope == Scope():
        tree["whole_title"] = True
    return {name: tree[name] for name in shape.names() if name in tree}


def _tree(shape: Shape, content: object) -> Tree:
    tree: Tree = {}
    for entry in shape:
        value = None if entry.extra else getattr(content, entry.name)
        if entry.many:
            told: Any = [_plain(each) if entry.part is None else _tree(entry.part, each) for each in value or ()]
        else:
            told = _plain(value) if entry.part is None or value is None else _tree(entry.part, value)
        if told not in (None, [], {}, ""):
            tree[entry.name] = told
    return tree


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, TimecodeRange):
        return f"{value.first}-{value.last}"
    return str(value) if isinstance(value, str) else value


def rows_of(kind: PaperKind, tree: Tree) -> Iterator[tuple[Table, Cells]]:
    """The rows of every sheet that a paper fills."""
    own = tree[id_name(kind)]
    for table in tables(kind):
        for keys, part in _parts(table.path, tree, (own,) if table.keys else ()):
            yield table, [*keys, *(_cell(part, column.name, column.entry.sort) for column in table.columns)]


def _parts(path: tuple[str, ...], tree: Tree, keys: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Tree]]:
    if not path:
        yield keys, tree
        return
    found = tree.get(path[0], [])
    for part in found if isinstance(found, list) else [found]:
        nested = isinstance(found, list) and len(path) > 1
        yield from _parts(path[1:], part, (*keys, part["number"]) if nested else keys)


def _cell(tree: Tree, name: str, sort: Sort) -> str | int | bool | None:
    value: Any = tree
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if sort is Sort.YES_NO and value is not None:
        return "yes" if value else "no"
    return joined(value) if isinstance(value, list) else value
