"""Editorial lineage: every clip, reel and source name in an edit list, timeline or composition, with its place there.

A name says nothing by itself: it is looked up in the register when the delivery is judged.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError

from opentimelineio.exceptions import OTIOError

from scanner.media.text import text_head
from scanner.media.written import root_element
from scanner.model import Mention, Observation, Unreadable
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.clean import clean
from scanner.sources.timelines import aaf, ale, cpl, edl, fcpxml, objects, xmeml
from scanner.sources.timelines.reading import Told

MOST_EVENTS = 100_000
_MOST_TROUBLES = 20
_UNPARSABLE = (*aaf.UNPARSABLE, OTIOError, ParseError)
_PLAYLIST = "CompositionPlaylist"
_READERS: dict[str, Callable[[Path], Told]] = {
    "edl": edl.mentions,
    "ale": ale.mentions,
    "otio": objects.mentions,
    "aaf": aaf.mentions,
    "fcpxml": fcpxml.mentions,
    "xmeml": xmeml.mentions,
}


class EditorialLineage:
    """Reads timelines; and composition playlists, which are text to everybody else."""

    name = "editorial lineage"

    def applies(self, format_name: str) -> bool:
        return format_name in _READERS or format_name == "text"

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """Each name once for each place. What was not understood is `Unreadable`, and costs nothing of the rest."""
        reader = _READERS.get(format_name) or _reader_of_text(path)
        if reader is None:
            return
        troubles, partly = 0, False
        for told in self._bounded(reader, path):
            if isinstance(told, Mention):
                partly = True
                yield told
                continue
            troubles += 1
            if troubles < _MOST_TROUBLES:
                yield self._unreadable(told.what, partly=partly)
        if troubles >= _MOST_TROUBLES:
            more = troubles - _MOST_TROUBLES + 1
            yield self._unreadable(f"{more} more things in it are not understood", partly=partly)

    def _bounded(self, reader: Callable[[Path], Told], path: Path) -> Told:
        seen: set[Mention | Skipped] = set()
        try:
            for told in reader(path):
                if len(seen) >= MOST_EVENTS:
                    yield Skipped(what=f"all names after the first {MOST_EVENTS}")
                    return
                if told not in seen:
                    seen.add(told)
                    yield told
        except _UNPARSABLE as error:
            yield Skipped(what=f"{type(error).__name__}: {error}")

    def _unreadable(self, what: str, *, partly: bool) -> Unreadable:
        return Unreadable(source=self.name, reason=clean(what), partly=partly)


def _reader_of_text(path: Path) -> Callable[[Path], Told] | None:
    with path.open("rb") as file:
        return cpl.mentions if root_element(text_head(file)) == _PLAYLIST else None
