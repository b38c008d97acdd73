"""Sheets as CSV files: one for each sheet, in a folder, called like it.

What a spreadsheet would take for a formula is written with `'` before it, which is taken away again when it is read.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import RegisterInputError
from scanner.intake.papers.layout import all_tables
from scanner.intake.papers.places import Problems
from scanner.intake.papers.sheets import Cell, check_names
from scanner.intake.sheets import text_of_csv

_FORMULA = ("=", "+", "-", "@", "\t", "'")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvBook:
    """The CSV files of a folder, or one of them alone."""

    files: dict[str, Path]

    @classmethod
    def of(cls, path: Path, problems: Problems) -> "CsvBook":
        """A folder of CSV files, or one."""
        found = [path] if path.is_file() else sorted(each for each in path.iterdir() if each.suffix.lower() == ".csv")
        files = {each.stem: each for each in found}
        check_names(files, all_tables(), path.name, problems)
        return cls(files=files)

    def label(self, name: str) -> str:
        return self.files[name].name if name in self.files else f"{name}.csv"

    def rows(self, name: str, problems: Problems) -> Iterator[tuple[int, Sequence[Cell]]]:
        file = self.files.get(name)
        if file is None:
            return
        try:
            text = text_of_csv(file)
        except RegisterInputError as error:
            problems.wrong(self.label(name), str(error).splitlines()[-1].strip())
            return
        heading = text[: text.find("\n")] if "\n" in text else text
        delimiter = max(",;\t", key=heading.count)
        number = 0
        try:
            for number, cells in enumerate(
                csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1
            ):
                yield number, [unguarded(cell) for cell in cells]
        except csv.Error as error:
            problems.wrong(f"{self.label(name)}, row {number + 1}", f"not valid CSV: {error}")


def guarded(text: str) -> str:
    """A text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
