"""The table of what AI tools write into their output (config/generators.toml), read once and strictly."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

Pattern = re.Pattern[str]
Texts = Mapping[str, str]
"""Texts of a file by key, as it writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a JSON object must have: one key of each entry of `everything`, `least` of `some`, values that match."""

    everything: tuple[tuple[str, ...], ...] = ()
    some: frozenset[str] = frozenset()
    least: int = 0
    values: tuple[tuple[str, Pattern], ...] = ()
    model: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One row: what a tool writes, where, how that is recognised, and texts that prove it.

    `is_proof`: its own settings (E2); otherwise a habit or a name, which is a lead only (E5).
    """

    tool: str
    what: str
    where: str
    keys: frozenset[str]
    is_proof: bool
    is_second_hand: bool
    mistaken_for: str
    example: Texts
    counter: Texts
    tells_model: str | None = None
    reader: str | None = None
    patterns: tuple[Pattern, ...] = ()
    model_pattern: Pattern | None = None
    shape: Shape | None = None
    beside: tuple[tuple[str, Pattern], ...] = ()
    beside_any: frozenset[str] = frozenset()
    beside_least: int = 0
    model_beside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A maker's name as fields that name software give it."""

    tool: str
    pattern: Pattern
    example: str
    counter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Tools that write no text of their own, and what tells of them instead."""

    tool: str
    told_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All of it. `naming`: the keys under which a maker's name counts."""

    traces: tuple[Trace, ...]
    makers: tuple[Maker, ...]
    silent: tuple[Silent, ...]
    naming: frozenset[str]
    keys: frozenset[str] = field(default=frozenset())


@cache
def table() -> Table:
    """The table. Raises KeyError, TypeError or ValueError for a mistake in it."""
    text = (resources.files("scanner.defaults") / "generators.toml").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> Table:
    """The table that a TOML text holds. Raises KeyError, TypeError or ValueError for a mistake in it."""
    written = tomllib.loads(text)
    groups: dict[str, frozenset[str]] = {}
    for name, keys in written["groups"].items():
        groups[name] = _keys(keys, groups)
    traces = tuple(_trace(row, groups) for row in written["trace"])
    naming = groups["naming"]
    beside = {key for row in traces for key in (*dict(row.beside), *row.beside_any, row.model_beside) if key}
    return Table(
        traces=traces,
        makers=tuple(_maker(row) for row in written["maker"]),
        silent=tuple(Silent(**row) for row in written["silent"]),
        naming=naming,
        keys=naming.union(beside, *(row.keys for row in traces)),
    )


def _trace(row: dict[str, Any], groups: Mapping[str, frozenset[str]]) -> Trace:
    row = dict(row)
    grade: Literal["E2", "E5"] = row.pop("grade")
    source: Literal["confirmed", "second-hand"] = row.pop("source")
    if grade not in ("E2", "E5") or source not in ("confirmed", "second-hand"):
        msg = f"{row['tool']}: grade {grade}, source {source}"
        raise ValueError(msg)
    model = row.pop("model_pattern", None)
    trace = Trace(
        keys=_keys(row.pop("keys"), groups),
        is_proof=grade == "E2",
        is_second_hand=source == "second-hand",
        mistaken_for=row.pop("not"),
        patterns=tuple(map(re.compile, row.pop("patterns", ()))),
        model_pattern=re.compile(model) if model else None,
        shape=_shape(row.pop("json")) if "json" in row else None,
        beside=_matched(row.pop("beside", {})),
        beside_any=frozenset(row.pop("beside_any", ())),
        **row,
    )
    if sum((trace.reader is not None, bool(trace.patterns), trace.shape is not None)) != 1:
        msg = f"{trace.tool}: recognised by one of reader, patterns and json"
        raise ValueError(msg)
    return trace


def _shape(row: dict[str, Any]) -> Shape:
    row = dict(row)
    some = frozenset(row.pop("any", ()))
    return Shape(
        everything=tuple(tuple(key.split("|")) for key in row.pop("all", ())),
        some=some,
        least=row.pop("least", 1 if some else 0),
        values=_matched(row.pop("values", {})),
        model=tuple(row.pop("model", ())),
        **row,
    )


def _maker(row: dict[str, Any]) -> Maker:
    row = dict(row)
    return Maker(pattern=re.compile(row.pop("pattern"), re.IGNORECASE), **row)


def _matched(row: dict[str, str]) -> tuple[tuple[str, Pattern], ...]:
    return tuple((key, re.compile(pattern)) for key, pattern in row.items())


def _keys(written: list[str], groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    keys: set[str] = set()
    for key in written:
        keys |= groups[key[1:]] if key.startswith("@") else {key}
    return frozenset(keys)
