"""Final Cut Pro's FCPXML 1.x, also of Resolve and others: exact seconds in the file, exact timecode out.

The adapter for it counts in floating point, and does not run on the versions of Python that are used here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from scanner.model import Mention, Named
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.timelines.reading import DEEPEST, UNTITLED, Told, mention, timecode_at
from scanner.sources.timelines.trees import all_of, child, local, seconds, tree

_HOLDERS = ("project", "media")
_CLIPS = ("clip", "asset-clip", "ref-clip", "sync-clip", "mc-clip", "video", "audio", "title", "audition", "gap")
_NAMED = (*_CLIPS, *_HOLDERS, "asset", "event", "media-rep", "mc-angle")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sequence:
    """One timeline: a project, or a compound clip."""

    name: str
    rate: Fraction
    drop: bool
    resources: dict[str, Element]

    def at(self, start: Fraction, length: Fraction | None) -> tuple[str | None, str | None]:
        end = None if length is None else timecode_at(start + length, self.rate, drop=self.drop)
        return timecode_at(start, self.rate, drop=self.drop), end


def mentions(path: Path) -> Told:
    """Every name, in the timecode of its own project or compound clip. Names of no sequence come without a place."""
    root = tree(path)
    resources = {key: each for each in all_of(root, "asset", "media", "format") if (key := each.get("id"))}
    placed: set[str] = set()
    for holder in all_of(root, *_HOLDERS):
        element = child(holder, "sequence")
        spine = child(element, "spine")
        if element is None or spine is None:
            continue
        sequence = _sequence(element, holder.get("name") or UNTITLED, resources)
        origin = seconds(element.get("tcStart")) or Fraction(0)
        for told in _along(spine, sequence, origin, origin, 0):
            yield told
            if isinstance(told, Mention):
                placed.add(told.name)
    for told in _beside(root):
        if told.name not in placed:
            yield told


def _sequence(element: Element, name: str, resources: dict[str, Element]) -> _Sequence:
    form = resources.get(element.get("format") or "")
    frame = seconds(form.get("frameDuration")) if form is not None else None
    drop = (element.get("tcFormat") or "").upper() == "DF"
    return _Sequence(name=name, rate=1 / frame if frame else Fraction(0), drop=drop, resources=resources)


def _along(parent: Element, sequence: _Sequence, at: Fraction, zero: Fraction, depth: int) -> Told:
    """What lies in a storyline or is connected to a clip. At `at` of the sequence, the parent's clock shows `zero`."""
    if depth > DEEPEST:
        yield Skipped(what=f"what is nested more than {DEEPEST} deep")
        return
    following = at
    for item in parent:
        kind = local(item)
        if kind not in _CLIPS and kind != "spine":
            continue
        offset, length = seconds(item.get("offset")), seconds(item.get("duration"))
        if offset is None and kind == "spine":
            offset = Fraction(0)
        start = following if offset is None else at + (offset - zero)
        own = seconds(item.get("start")) or Fraction(0)
        if kind != "gap" and kind != "spine":
            yield from _clip(item, sequence, sequence.at(start, length))
        yield from _along(item, sequence, start, own, depth + 1)
        if item.get("lane") is None:
            following = start + (length or 0)


def _clip(item: Element, sequence: _Sequence, at: tuple[str | None, str | None]) -> Iterator[Mention]:
    track = f"lane {item.get('lane')}" if item.get("lane") else "primary"
    named = [(Named.CLIP, item.get("name"))]
    resource = sequence.resources.get(item.get("ref") or "")
    if resource is not None:
        named += [(Named.SOURCE, resource.get("name")), *_media(resource)]
    for kind, name in named:
        yield from mention(kind, name, timeline=sequence.name, track=track, at=at)


def _media(resource: Element) -> Iterator[tuple[Named, str | None]]:
    """Where an asset's media lie (before version 1.9 on the asset itself), and its reel."""
    yield Named.SOURCE, resource.get("src")
    for each in all_of(resource, "media-rep"):
        yield Named.SOURCE, each.get("src")
    for each in all_of(resource, "md"):
        if "reel" in (each.get("key") or "").lower():
            yield Named.REEL, each.get("value")


def _beside(root: Element) -> Iterator[Mention]:
    """Every name and path in the whole document."""
    for element in all_of(root, *_NAMED):
        named = Named.CLIP if local(element) in _CLIPS else Named.SOURCE
        yield from mention(named, element.get("name"), timeline=UNTITLED)
        yield from mention(Named.SOURCE, element.get("src"), timeline=UNTITLED)
