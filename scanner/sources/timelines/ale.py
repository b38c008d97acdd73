"""Avid Log Exchange: a table of clips, its columns parted by tabs. It says where names come from, not where they go."""

from itertools import islice
from pathlib import Path

from scanner.model import Named
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.clean import decoded
from scanner.sources.timelines.reading import Told, mention, whole

_TITLE = "log of clips"
_SECTIONS = ("heading", "column", "data")
_MOST_COLUMNS = 1000
_REELS = ("tape", "reel", "roll", "tapeid", "tape id")
_SOURCES = ("file", "path", "source", "unc")
# A cell that says no more than this has no name in it: numbers, timecode, tracks, rates.
_LEAST_LETTERS = 3


def mentions(path: Path) -> Told:
    """Every cell that may be a name, whatever its column is called. Rows that do not fit their columns are told."""
    section, columns = "", list[str]()
    for count, line in enumerate(decoded(whole(path)).removeprefix("\ufeff").splitlines(), start=1):
        word = line.strip().lower()
        if word in _SECTIONS:
            section = word
        elif not word or section == "heading":
            continue
        elif section == "column" and not columns:
            columns = [cell.strip() for cell in islice(line.split("\t"), _MOST_COLUMNS)]
        else:
            yield from _row(line, columns, count)
    if section != "data":
        yield Skipped(what="it ends before its data begin")


def _row(line: str, columns: list[str], count: int) -> Told:
    cells = line.split("\t")
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        yield Skipped(what=f"line {count}: it has {len(cells)} cells, but there are {len(columns)} columns")
    for position, cell in enumerate(cells[:_MOST_COLUMNS]):
        if sum(map(str.isalpha, cell[:_MOST_COLUMNS])) >= _LEAST_LETTERS:
            column = columns[position] if position < len(columns) else ""
            yield from mention(_named(column.lower()), cell, timeline=_TITLE)


def _named(column: str) -> Named:
    if any(word in column for word in _SOURCES):
        return Named.SOURCE
    return Named.REEL if any(word in column for word in _REELS) else Named.CLIP
