"""Advanced Authoring Format: the cut through OpenTimelineIO's adapter, and every name in the file besides.

What the adapter cannot follow costs the places of the names, never the names: those are read from the file's objects.
"""

import io
import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import aaf2
from aaf2.cfb import FREESECT
from aaf2.exceptions import AAFError
from opentimelineio.exceptions import OTIOError
from otio_aaf_adapter.adapters import advanced_authoring_format as adapter

from scanner.model import Mention, Named
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.timelines import objects
from scanner.sources.timelines.reading import UNTITLED, Told, mention

UNPARSABLE = (
    *(AAFError, OTIOError, struct.error, ArithmeticError, AssertionError, AttributeError, EOFError),
    *(LookupError, RuntimeError, TypeError, ValueError),
)
_MOST_MOBS = 100_000
_COMMENTS = {"tape": Named.REEL, "reel": Named.REEL, "source file": Named.SOURCE, "source path": Named.SOURCE}


def mentions(path: Path) -> Told:
    """Every name. Raises OSError, and whatever of UNPARSABLE a damaged file calls forth before anything is told."""
    with _quiet(), aaf2.open(str(path), "r") as file:
        content = file.content
        inside = len(list(content.essencedata))
        drop = any(_drops(mob) for mob in content.compositionmobs())
        title = next((mob.name for mob in content.toplevel() if mob.name), None) or UNTITLED
        named = list(_names(content))
        missing = _is_cut_short(file.cfb, path)
    placed: set[str] = set()
    for told in _cut(path, drop=drop):
        yield told
        if isinstance(told, Mention):
            placed.add(told.name)
    for kind, name in named:
        yield from (told for told in mention(kind, name, timeline=title) if told.name not in placed)
    if missing:
        yield Skipped(what="its end is missing")
    if inside:
        yield Skipped(what=f"the media inside it are not examined ({inside}): deliver them as files")


def _cut(path: Path, *, drop: bool) -> Told:
    try:
        with _quiet():
            timeline = adapter.read_from_file(str(path))
        yield from objects.mentions_of(timeline, drop=drop)
    except UNPARSABLE as error:
        yield Skipped(what=f"where the cut shows its clips cannot be told ({type(error).__name__})")


@contextmanager
def _quiet() -> Iterator[None]:
    """The libraries print and log what they pass over, names of the file among it. The names are told by us."""
    root, silence = logging.getLogger(), logging.NullHandler()
    root.addHandler(silence)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        root.removeHandler(silence)


def _is_cut_short(container: Any, path: Path) -> bool:
    """Whether the table of sectors tells of some that begin behind the end of the file; the header is one sector."""
    used = next((at for at in reversed(range(len(container.fat))) if container.fat[at] != FREESECT), 0)
    return path.stat().st_size <= (used + 1) * int(container.sector_size)


def _drops(mob: Any) -> bool:
    """Whether a composition counts its timecode in drop-frame."""
    for slot in mob.slots:
        parts = getattr(slot.segment, "components", [slot.segment])
        if any(isinstance(part, aaf2.components.Timecode) and part.drop for part in parts):
            return True
    return False


def _names(content: Any) -> Iterator[tuple[Named, Any]]:
    """Of every composition, clip, file and tape, with the paths of the media and what was noted beside them."""
    for count, mob in enumerate(content.mobs):
        if count >= _MOST_MOBS:
            return
        is_source = isinstance(mob, aaf2.mobs.SourceMob)
        is_tape = is_source and isinstance(mob.descriptor, aaf2.essence.TapeDescriptor)
        yield Named.REEL if is_tape else Named.SOURCE if is_source else Named.CLIP, mob.name
        if is_source and mob.descriptor is not None:
            for locator in mob.descriptor.get("Locator").value if mob.descriptor.get("Locator") else ():
                yield Named.SOURCE, locator.get("URLString").value if locator.get("URLString") else None
        for key, value in mob.comments.items():
            yield _COMMENTS.get(str(key).lower(), Named.CLIP), value
