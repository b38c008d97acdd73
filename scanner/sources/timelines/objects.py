"""OpenTimelineIO's own files and objects: every name with its place in the cut, by that library's exact times."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import opentimelineio as otio

from scanner.model import Named
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.timelines.reading import (
    DEEPEST,
    UNTITLED,
    Told,
    UnreadableTimelineError,
    mention,
    timecode,
    whole,
)

Time = Any
"""An `opentime.RationalTime`: the library tells nothing of its types."""

# Effects and markers name no sources, and a schema of them that is newer than the library would stop it.
_PASSED_OVER = ("effects", "markers")
_METADATA = {
    **dict.fromkeys(("reel", "reel_name", "reelname", "tape", "tape_name", "tape id", "tapeid"), Named.REEL),
    **dict.fromkeys(("source file", "source_file", "sourcefile", "source", "file", "filename", "path"), Named.SOURCE),
    **dict.fromkeys(("clip name", "clipname", "clip_name", "masterclip", "comments", "comment"), Named.CLIP),
}
_MOST_METADATA = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A timeline: its name, the time of its first frame, and whether it counts in drop-frame (None: by its rate)."""

    name: str
    start: Time | None
    drop: bool | None

    def shown(self, time: Time | None) -> str | None:
        if time is None:
            return None
        whole_time = time if self.start is None else self.start.rescaled_to(time) + time
        return timecode(whole_time.value, whole_time.rate, drop=self.drop)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """Where an item lies: its track, the time in the cut of the zero of its own clock (None: not known), and between
    which times in the cut anything of it is seen.
    """

    track: str | None = None
    zero: Time | None = None
    seen: tuple[Time, Time] | None = None


def mentions(path: Path) -> Told:
    """Every name of an .otio file. Raises UnreadableTimelineError and what the library raises."""
    text = whole(path).decode("utf-8-sig", "replace")
    try:
        text = json.dumps(_known(json.loads(text)))
    except RecursionError as error:
        msg = "lists in lists without end"
        raise UnreadableTimelineError(msg) from error
    except ValueError:
        pass  # the library writes numbers (`Inf`) that only it reads
    yield from mentions_of(otio.adapters.read_from_string(text, "otio_json"))


def mentions_of(thing: Any, *, drop: bool | None = None) -> Told:
    """Every name of a timeline, or of a collection of them."""
    if isinstance(thing, otio.schema.SerializableCollection):
        for each in thing:
            yield from mentions_of(each, drop=drop)
        return
    is_timeline = isinstance(thing, otio.schema.Timeline)
    cut = _Cut(name=thing.name or UNTITLED, start=thing.global_start_time if is_timeline else None, drop=drop)
    yield from mention(Named.CLIP, cut.name if cut.name != UNTITLED else "", timeline=cut.name)
    if is_timeline:
        yield from _of_composition(thing.tracks, cut, _Spot(zero=otio.opentime.RationalTime()), 0)
    else:
        yield from _of_item(thing, None, cut, _Spot(), 0)


def _known(told: Any) -> Any:
    """The same without what is passed over. What is newer than the library is read as the newest that it knows."""
    newest = otio.core.type_version_map()
    waiting = [told]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            for key in _PASSED_OVER:
                if isinstance(node.get(key), list):
                    node[key] = []
            schema, _, version = str(node.get("OTIO_SCHEMA", "")).rpartition(".")
            if schema in newest and version.isdigit() and int(version) > newest[schema]:
                node["OTIO_SCHEMA"] = f"{schema}.{newest[schema]}"
            waiting.extend(node.values())
    return told


def _of_composition(parent: Any, cut: _Cut, spot: _Spot, depth: int) -> Told:
    if depth > DEEPEST:
        yield Skipped(what=f"what is nested more than {DEEPEST} deep")
        return
    ranges = _ranges(parent)
    counts: dict[str, int] = {}
    for child in parent:
        within = spot
        if isinstance(child, otio.schema.Track) and isinstance(parent, otio.schema.Stack) and depth == 0:
            letter = "V" if child.kind == otio.schema.TrackKind.Video else "A"
            counts[letter] = counts.get(letter, 0) + 1
            within = replace(spot, track=child.name or f"{letter}{counts[letter]}")
        yield from _of_item(child, ranges.get(child), cut, within, depth)


def _ranges(parent: Any) -> Mapping[Any, Any]:
    """Where the children lie on their parent's clock; nothing where media of unknown length make it impossible."""
    try:
        found: Mapping[Any, Any] = parent.range_of_all_children()
    except (otio.exceptions.OTIOError, ValueError, RuntimeError, NotImplementedError):
        return {}
    return found


def _of_item(item: Any, range_in_parent: Any | None, cut: _Cut, spot: _Spot, depth: int) -> Told:
    start = spot.zero + range_in_parent.start_time if range_in_parent is not None and spot.zero is not None else None
    seen = _seen(start, range_in_parent, spot)
    at = (cut.shown(seen[0]), cut.shown(seen[1])) if seen else (None, None)
    for named, name in _names(item):
        yield from mention(named, name, timeline=cut.name, track=spot.track, at=at)
    if isinstance(item, otio.core.Composition):
        own = item.source_range.start_time if item.source_range is not None else None
        zero = start - own if start is not None and own is not None else start
        yield from _of_composition(item, cut, _Spot(track=spot.track, zero=zero, seen=seen), depth + 1)


def _seen(start: Time | None, range_in_parent: Any | None, spot: _Spot) -> tuple[Time, Time] | None:
    """From when to when an item is seen; nothing where that is not known, or its parent was trimmed to leave it out."""
    if start is None or range_in_parent is None:
        return None
    end = start + range_in_parent.duration
    if spot.seen is not None:
        start, end = max(start, spot.seen[0]), min(end, spot.seen[1])
    return (start, end) if start < end else None


def _names(item: Any) -> Iterator[tuple[Named, Any]]:
    """The names that one item bears: its own, of its media, and in the metadata that other programs left."""
    if isinstance(item, otio.schema.Gap | otio.schema.Transition):
        return
    if not isinstance(item, otio.schema.Track):
        yield Named.CLIP, item.name
    if isinstance(item, otio.schema.Clip):
        for media in item.media_references().values():
            yield from _media_names(media)
    yield from _told_beside(item.metadata)


def _media_names(media: Any) -> Iterator[tuple[Named, Any]]:
    yield Named.SOURCE, media.name
    if isinstance(media, otio.schema.ExternalReference):
        yield Named.SOURCE, media.target_url
    elif isinstance(media, otio.schema.ImageSequenceReference):
        yield Named.SOURCE, f"{media.target_url_base}/{media.name_prefix}{media.name_suffix}"
    yield from _told_beside(media.metadata)


def _told_beside(metadata: Any) -> Iterator[tuple[Named, Any]]:
    """Reels, files and clips by the usual keys of metadata, at any depth."""
    waiting: list[Any] = [metadata]
    for _ in range(_MOST_METADATA):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, Mapping):
            for key, value in islice(node.items(), _MOST_METADATA):
                named = _METADATA.get(str(key).lower())
                if named is not None and isinstance(value, str):
                    yield named, value
                elif not isinstance(value, str):
                    waiting.append(value)
        elif isinstance(node, Sequence):
            waiting.extend(islice(node, _MOST_METADATA))
