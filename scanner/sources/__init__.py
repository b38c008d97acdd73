"""One file per kind of evidence in the bytes. A source looks at one file and yields what it saw."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from scanner.model import Observation

LABELS = 2
"""The version of what the sources see. Raised with every change of that: what was examined before is then made anew."""


class Source(Protocol):
    """One kind of evidence in a file's bytes. Runs only inside the examining process."""

    @property
    def name(self) -> str:
        """How the source is called in coverage notes and in `Unreadable.source`."""

    def applies(self, format_name: str) -> bool:
        """Whether files of this format (a name of `media.formats`) can carry this kind of evidence."""

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """What the file says. Nothing seen yields nothing; what could not be read yields `Unreadable`. Never writes."""
