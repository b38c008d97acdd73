"""Provenance logs: what a vendor states about every file and shot, as docs/provenance-log.md describes it.

The vendor's claim, no more: it is compared with what else is seen when the delivery is judged. Who the log is of comes
from the bytes; what it is called does not, and is filled in there.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scanner.model import Observation, Statement, Unreadable
from scanner.sources.clean import clean, decoded

COLUMNS = ("file", "shot", "sha256", "ai_use", "tool", "tool_version", "use", "record_id", "note")
_NO_AI = "none"
AI_USES = (_NO_AI, "assistive", "edited", "generated")
USES = ("temporary", "final")
VERSION = 1
_WORDS = {"ai_use": AI_USES, "use": USES}

_MOST_BYTES = 64 << 20
_MOST_ROWS = 100_000
_MOST_TROUBLES = 20
_LONGEST = 1000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NEAR = 0.8

Row = tuple[str, Mapping[str, Any]]
"""Where a row stands, as people count it, and its values by column."""


class _UnreadableLogError(ValueError):
    """The log cannot be read any further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrong:
    """A value that means nothing: in which row and column, and what is wanted."""

    place: str
    why: str
    column: str | None = None

    @property
    def told(self) -> str:
        where = f"{self.place}, column {_quoted(self.column)}" if self.column else self.place
        return f"{where}: {self.why}"


class ProvenanceStatements:
    """Reads delivered provenance logs, as CSV or JSON."""

    name = "provenance log"

    def applies(self, format_name: str) -> bool:
        return format_name == "provenance-log"

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """A statement for every row that makes sense; `Unreadable` for each wrong value, by row and column."""
        troubles = 0
        for told in _told(path):
            if isinstance(told, Statement):
                yield told
                continue
            troubles += 1
            if troubles < _MOST_TROUBLES:
                yield self._unreadable(told.told)
        if troubles >= _MOST_TROUBLES:
            yield self._unreadable(f"{troubles - _MOST_TROUBLES + 1} more values are wrong")

    def _unreadable(self, why: str) -> Unreadable:
        return Unreadable(source=self.name, reason=clean(why, 300), partly=True)


def _told(path: Path) -> Iterator[Statement | _Wrong]:
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    count = 0
    try:
        if len(data) > _MOST_BYTES:
            msg = f"it is larger than {_MOST_BYTES >> 20} MiB"
            raise _UnreadableLogError(msg)
        for told in _rows(decoded(data).removeprefix("\ufeff")):
            if isinstance(told, _Wrong):
                yield told
                continue
            count += 1
            if count > _MOST_ROWS:
                msg = f"it has more than {_MOST_ROWS} rows"
                raise _UnreadableLogError(msg)
            yield from _statement(*told)
        if not count:
            msg = "it has no rows"
            raise _UnreadableLogError(msg)
    except _UnreadableLogError as error:
        yield _Wrong(place="the log", why=str(error))


def _rows(text: str) -> Iterator[Row | _Wrong]:
    return _of_json(text) if text.lstrip()[:1] in ("{", "[") else _of_csv(text)


def _of_csv(text: str) -> Iterator[Row | _Wrong]:
    """Rows are counted as a spreadsheet counts them, the heading and empty ones included."""
    heading = next((line for line in io.StringIO(text) if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=heading.count), strict=True)
    header: list[str] | None = None
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            place = f"row {number}"
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                yield from _mistyped(place, header)
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                yield _Wrong(place=place, why=f"it has {len(cells)} cells, but there are {len(header)} columns")
            yield place, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        msg = f"row {number + 1} is not valid CSV, so nothing after it was read: {error}"
        raise _UnreadableLogError(msg) from error


def _of_json(text: str) -> Iterator[Row | _Wrong]:
    """An object with `provenance_log` and `entries`, or a bare list of entries."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"it is not whole, or no JSON ({type(error).__name__}: {error})"
        raise _UnreadableLogError(msg) from error
    if isinstance(told, dict):
        if told.get("provenance_log") != VERSION:
            yield _Wrong(place="provenance_log", why=f"{VERSION} is wanted, the version of the log's form")
        told = told.get("entries")
    if not isinstance(told, list):
        msg = "a list of entries is wanted"
        raise _UnreadableLogError(msg)
    for number, entry in enumerate(told, start=1):
        place = f"entry {number}"
        if isinstance(entry, dict):
            yield from _mistyped(place, entry)
            yield place, entry
        else:
            yield _Wrong(place=place, why="an object is wanted")


def _mistyped(place: str, names: Iterable[str]) -> Iterator[_Wrong]:
    """A column of the vendor's own is passed over; one that is nearly one of ours must not be an empty one of ours."""
    listed = [str(name) for name in names]
    for name in dict.fromkeys(listed):
        near = get_close_matches(name.lower().replace(" ", "_"), COLUMNS, n=1, cutoff=_NEAR)
        if name not in COLUMNS and near:
            yield _Wrong(place=place, column=name, why=f"there is no such column: is it {near[0]}?")
        elif name in COLUMNS and listed.count(name) > 1:
            yield _Wrong(place=place, column=name, why="it is there more than once")


def _statement(place: str, values: Mapping[str, Any]) -> Iterator[Statement | _Wrong]:
    """What a row states, and what is wrong in it. Without what it is about, or an answer, it states nothing."""
    cells: dict[str, str | None] = {}
    for column in COLUMNS:
        try:
            cells[column] = _cell(column, values.get(column))
        except ValueError as error:
            cells[column] = ""
            yield _Wrong(place=place, column=column, why=str(error))
    about = cells["file"] or cells["shot"] or (f"SHA-256 {cells['sha256']}" if cells["sha256"] else None)
    if about is None and cells["sha256"] is None:
        yield _Wrong(place=place, column="file", why="a file or a shot is wanted: what is the row about?")
    if cells["ai_use"] is None:
        yield _Wrong(place=place, column="ai_use", why=f"{_or(AI_USES)} is wanted")
    if about is None or not cells["ai_use"]:
        return
    yield Statement(
        log="",
        about=about,
        is_shot=not cells["file"] and bool(cells["shot"]),
        row=place,
        says_ai=cells["ai_use"] != _NO_AI,
        ai_use=cells["ai_use"],
        use=cells["use"] or None,
        sha256=cells["sha256"] or None,
        tool=" ".join(filter(None, (cells["tool"], cells["tool_version"]))) or None,
        record_id=cells["record_id"],
    )


def _cell(column: str, value: object) -> str | None:
    """A cell's text, None where it is empty. Notes may be confidential: not read. Raises ValueError."""
    if column == "note" or value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        msg = f"text is wanted, in quotes, not {_quoted(value)}"
        raise ValueError(msg)
    text = value.strip()
    if column in _WORDS and text.lower() not in _WORDS[column]:
        msg = f"{_or(_WORDS[column])} is wanted, not {_quoted(text)}"
        raise ValueError(msg)
    if column == "sha256" and not _SHA256.fullmatch(text.lower()):
        msg = f"64 hexadecimal digits are wanted, not {_quoted(text)}"
        raise ValueError(msg)
    return text.lower() if column in _WORDS or column == "sha256" else clean(text, _LONGEST)


def _or(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _quoted(value: object) -> str:
    return repr(clean(str(value), 60))
