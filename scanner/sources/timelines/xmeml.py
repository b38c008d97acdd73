"""Final Cut Pro 7's XML (xmeml), which Premiere and Resolve still write: frames in the file, exact timecode out.

The adapter for it does not run on the versions of Python that are used here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from scanner.model import Mention, Named
from scanner.sources.timelines.reading import UNTITLED, Told, mention, timecode
from scanner.sources.timelines.trees import all_of, child, local, number, text, tree


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sequence:
    """One timeline: frames are counted from `first`, so many a second."""

    name: str
    first: int
    rate: float
    drop: bool

    def at(self, item: Element) -> tuple[str | None, str | None]:
        """-1 stands for an end that a transition covers: that end is not told."""
        start, end = (number(text(item, name)) for name in ("start", "end"))
        return self._shown(start), self._shown(end)

    def _shown(self, frame: int | None) -> str | None:
        return None if frame is None or frame < 0 else timecode(self.first + frame, self.rate, drop=self.drop)


def mentions(path: Path) -> Told:
    """Every name, in the timecode of its own sequence. Bins and files outside of sequences come without a place."""
    root = tree(path)
    files = {key: each for each in all_of(root, "file") if (key := each.get("id")) and len(each)}
    placed: set[str] = set()
    for element in all_of(root, "sequence"):
        for told in _of_sequence(element, files):
            placed.add(told.name)
            yield told
    for element in all_of(root, "clip", "clipitem", "file", "bin", "sequence"):
        for named, name in _names(element, files):
            yield from (told for told in mention(named, name, timeline=UNTITLED) if told.name not in placed)


def _of_sequence(element: Element, files: dict[str, Element]) -> Iterator[Mention]:
    sequence = _sequence(element)
    yield from mention(Named.CLIP, text(element, "name"), timeline=sequence.name)
    for letter, kind in (("V", "video"), ("A", "audio")):
        tracks = [each for each in child(element, "media", kind) or () if local(each) == "track"]
        for count, track in enumerate(tracks, start=1):
            for item in track:
                if local(item) not in ("clipitem", "generatoritem"):
                    continue
                for named, name in _names(item, files):
                    at = sequence.at(item)
                    yield from mention(named, name, timeline=sequence.name, track=f"{letter}{count}", at=at)


def _sequence(element: Element) -> _Sequence:
    base = number(text(element, "rate", "timebase")) or 0
    pulled_down = text(element, "rate", "ntsc").upper() == "TRUE"
    return _Sequence(
        name=text(element, "name") or UNTITLED,
        first=number(text(element, "timecode", "frame")) or 0,
        rate=base * 1000 / 1001 if pulled_down else base,
        drop=text(element, "timecode", "displayformat").upper() == "DF",
    )


def _names(item: Element, files: dict[str, Element]) -> Iterator[tuple[Named, str]]:
    """An item's own name, its file's (a file that stood before is named by its id alone), its path and its reel."""
    is_file = local(item) == "file"
    yield Named.SOURCE if is_file else Named.CLIP, text(item, "name")
    file = item if is_file else child(item, "file")
    if file is None:
        return
    file = files.get(file.get("id") or "", file)
    yield Named.SOURCE, text(file, "name")
    yield Named.SOURCE, text(file, "pathurl")
    for each in all_of(file, "reel"):
        yield Named.REEL, text(each, "name")
