"""Where in a file something is, for people who must find it; and what is wrong there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from scanner.errors import RegisterInputError

_MOST_TOLD = 200


class Place(Protocol):
    """A paper, a part of one or a value, and what is below it."""

    def of(self, name: str) -> "Place":
        """A field of it."""

    def item(self, number: int) -> "Place":
        """One of several, from 0."""


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """A place in a document: `records[0].steps[1].tool_id`."""

    path: str

    def of(self, name: str) -> "DocumentPlace":
        return DocumentPlace(f"{self.path}.{name}" if self.path else name)

    def item(self, number: int) -> "DocumentPlace":
        return DocumentPlace(f"{self.path}[{number}]")

    def __str__(self) -> str:
        return self.path


@dataclass(slots=True)
class Problems:
    """What is wrong with a file: the first things, and how many there are beyond those."""

    told: list[str] = field(default_factory=list)
    more: int = 0

    def wrong(self, place: object, reason: str) -> None:
        """Note what is wrong, and where."""
        if len(self.told) < _MOST_TOLD:
            self.told.append(f"{place}: {reason}" if str(place) else reason)
        else:
            self.more += 1

    def check(self, file: Path) -> None:
        """Raises RegisterInputError with all of it, if anything is wrong."""
        if not self.told:
            return
        count = len(self.told) + self.more
        things = "1 thing is" if count == 1 else f"{count} things are"
        head = f"{str(file)!r}: {things} wrong. Nothing was registered; correct it and try again."
        rest = [f"  and {self.more} more"] if self.more else []
        raise RegisterInputError("\n".join([head, *(f"  {each}" for each in self.told), *rest]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A sheet, as people call it, and the letter of each of its columns."""

    label: str
    letters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlace:
    """A row of a sheet, or with a `prefix` a cell of it. `below`: rows of other sheets that belong to it, by column."""

    heading: Heading
    row: int
    prefix: str = ""
    below: dict[str, list["RowPlace"]] = field(default_factory=dict)

    def of(self, name: str) -> "RowPlace":
        prefix = f"{self.prefix}.{name}" if self.prefix else name
        return RowPlace(heading=self.heading, row=self.row, prefix=prefix, below=self.below)

    def item(self, number: int) -> "RowPlace":
        rows = self.below.get(self.prefix, ())
        return rows[number] if number < len(rows) else self

    def __str__(self) -> str:
        letter = self.heading.letters.get(self.prefix)
        if letter is not None:
            return f"{self.heading.label}, cell {letter}{self.row}"
        column = f", column {self.prefix}" if self.prefix else ""
        return f"{self.heading.label}, row {self.row}{column}"
