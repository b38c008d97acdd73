"""Composition playlists (CPL) of IMF and DCP: titles and annotations, each with the place of what bears it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from scanner.model import Mention, Named
from scanner.sources.timelines.reading import UNTITLED, Told, counted, mention, timecode
from scanner.sources.timelines.trees import all_of, child, local, number, rate, text, tree

_TITLES = ("ContentTitle", "ContentTitleText")
_NOTES = ("AnnotationText", "Annotation")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Playlist:
    """A composition: its title, its edit rate, the number of its first frame and how it is counted."""

    name: str
    rate: Fraction
    first: int
    drop: bool

    def at(self, start: Fraction, end: Fraction) -> tuple[str | None, str | None]:
        """From seconds after the first frame."""
        if not self.rate or end <= start:
            return None, None
        frames = (self.first + int(each * self.rate) for each in (start, end))
        first, last = (timecode(frame, float(self.rate), drop=self.drop) for frame in frames)
        return first, last


def mentions(path: Path) -> Told:
    """Every title and annotation. What lies in no segment or reel comes without a place."""
    root = tree(path)
    playlist = _playlist(root)
    placed: set[str] = set()
    start = Fraction(0)
    for part in all_of(root, "Segment", "Reel"):
        told, length = _part(part, playlist, start)
        for each in told:
            placed.add(each.name)
            yield each
        start += length
    for element in all_of(root, *_TITLES, *_NOTES):
        for each in mention(Named.CLIP, element.text, timeline=playlist.name):
            if each.name not in placed:
                yield each


def _playlist(root: Element) -> _Playlist:
    rates = (rate(each.text or "") for each in all_of(root, "EditRate"))
    edit_rate = rate(text(root, "EditRate")) or next(filter(None, rates), Fraction(0))
    clock = child(root, "CompositionTimecode")
    drop = text(clock, "TimecodeDropFrame") in ("1", "true")
    return _Playlist(
        name=next((name for key in _TITLES if (name := text(root, key))), UNTITLED),
        rate=edit_rate,
        first=counted(text(clock, "TimecodeStartAddress"), float(edit_rate), drop=drop),
        drop=drop,
    )


def _part(part: Element, playlist: _Playlist, start: Fraction) -> tuple[list[Mention], Fraction]:
    """What a segment or reel names, and how long it lasts: as long as the longest of its tracks."""
    told: list[Mention] = []
    longest = Fraction(0)
    for track in _tracks(part):
        at = start
        for resource in track:
            length = _length(resource, playlist.rate)
            told += _notes(resource, playlist, at, at + length)
            at += length
        longest = max(longest, at - start)
    return [*_notes(part, playlist, start, start + longest), *told], longest


def _tracks(part: Element) -> Iterator[list[Element]]:
    """The resources of each virtual track of a segment; each asset of a reel."""
    for group in part:
        if local(group) == "SequenceList":
            for sequence in group:
                yield list(child(sequence, "ResourceList") or ())
        elif local(group) == "AssetList":
            for asset in group:
                yield [asset]


def _length(resource: Element, edit_rate: Fraction) -> Fraction:
    own = rate(text(resource, "EditRate")) or edit_rate
    whole = number(text(resource, "IntrinsicDuration")) or 0
    entry = number(text(resource, "EntryPoint")) or 0
    told = number(text(resource, "SourceDuration") or text(resource, "Duration"))
    repeats = number(text(resource, "RepeatCount")) or 1
    frames = whole - entry if told is None else told
    return frames * repeats / own if own and frames > 0 and repeats > 0 else Fraction(0)


def _notes(element: Element, playlist: _Playlist, start: Fraction, end: Fraction) -> Iterator[Mention]:
    for key in _NOTES:
        yield from mention(
            Named.CLIP, text(element, key), timeline=playlist.name, track=local(element), at=playlist.at(start, end)
        )
