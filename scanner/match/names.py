"""Names as AI tools give them, in files, folders and what timelines mention: leads, never more. Pure.

The patterns stand in a table (config/generator_names.toml). Names that the register knows are looked up elsewhere.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from scanner.model import (
    Credentials,
    DeclaredLabel,
    GeneratorTag,
    Meaning,
    Member,
    MemberEvidence,
    Mention,
    Named,
    Observation,
    SuspectName,
)

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# In front of the word there is no letter or digit, after it neither; `_` is no letter here.
_GAP_BEFORE, _GAP_AFTER = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})\Z")
# An image sequence is told by its frames: `plate.[1001-1100].exr`.
_FRAMES = re.compile(r"[._]?\[\d+-\d+\]")
_SLASHES = re.compile(r"[/\\]+")
_LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectPattern:
    """One row: what such a name is, the tool that gives it, where it is looked for, and names that prove it."""

    what: str
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    counters: tuple[str, ...]
    tool: str | None = None
    endings: frozenset[str] = frozenset()
    folders: bool = False
    delivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """A name that a row knows, and what bears it."""

    row: SuspectPattern
    named: Named
    name: str
    mention: Mention | None = None


def suspect_names(member: Member, observations: Iterable[Observation]) -> Iterator[SuspectName]:
    """What the names of a member and those within it say of tools: one for each tool, however many there are.

    What the bytes declare themselves needs no name to tell of it.
    """
    seen = tuple(observations)
    leads: dict[str, list[_Lead]] = {}
    for lead in (*(() if any(map(_proves, seen)) else _of_member(member)), *_of_mentions(seen)):
        leads.setdefault(lead.row.tool or lead.row.what, []).append(lead)
    for found in leads.values():
        first, names = found[0], {lead.name for lead in found}
        more = f"; so are {len(names) - 1} more names in it" if len(names) > 1 else ""
        yield SuspectName(
            named=first.named, name=first.name, why=first.row.what + more, tool=first.row.tool, mention=first.mention
        )


def in_folder(members: tuple[MemberEvidence, ...], name: str) -> tuple[MemberEvidence, ...]:
    """The same, and what the name of the folder that was delivered says: told once, of its first member."""
    row = suspect(name, is_folder=True)
    told = {(item.kind, getattr(item, "tool", None)) for each in members for item in each.evidence}
    if row is None or any(each.member.name == name for each in members):
        return members
    if ("suspect_name", row.tool) in told or ("generator_tag", row.tool) in told:
        return members
    lead = SuspectName(named=Named.FOLDER, name=name, why=row.what, tool=row.tool)
    return tuple(
        replace(each, evidence=(*each.evidence, lead)) if number == 0 else each for number, each in enumerate(members)
    )


@lru_cache(maxsize=4096)
def suspect(name: str, *, is_folder: bool = False, is_mentioned: bool = False) -> SuspectPattern | None:
    """The first row that knows this name of one file, clip, reel or source, or of one folder."""
    short = name[:_LONGEST]
    ending = _ENDING.search(short)
    if not is_folder:
        short = _FRAMES.sub("", _ENDING.sub("", short))
    for row in table():
        fits = not row.endings or (ending is not None and ending[1].lower() in row.endings)
        asked = (row.folders if is_folder else fits) and not (row.delivered and is_mentioned)
        if asked and row.pattern.search(short):
            return row
    return None


def _proves(item: Observation) -> bool:
    match item:
        case GeneratorTag():
            return True
        case DeclaredLabel():
            return item.meaning is Meaning.AI
        case Credentials():
            return any(claim.meaning is Meaning.AI for claim in item.claims)
        case _:
            return False


def _of_member(member: Member) -> Iterator[_Lead]:
    """The file and its folders; of a sequence its own name, which stands for its frames."""
    *folders, file = _SLASHES.split(member.name)
    first = _SLASHES.split(member.files[0])[-1] if member.files else file
    for named, name in ((Named.FILE, file), *((Named.FOLDER, folder) for folder in folders), (Named.FILE, first)):
        if row := suspect(name, is_folder=named is Named.FOLDER):
            yield _Lead(row=row, named=named, name=file if name == first else name)


def _of_mentions(seen: Iterable[Observation]) -> Iterator[_Lead]:
    for item in seen:
        if isinstance(item, Mention):
            *folders, last = _SLASHES.split(item.name.strip("/\\"))
            asked = [suspect(last, is_mentioned=True)]
            asked += [suspect(folder, is_folder=True, is_mentioned=True) for folder in folders]
            if row := next(filter(None, asked), None):
                yield _Lead(row=row, named=item.named, name=item.name, mention=item)


@cache
def table() -> tuple[SuspectPattern, ...]:
    """The rows of the table. Raises KeyError, TypeError or ValueError for a mistake in it."""
    text = (resources.files("scanner.defaults") / "generator_names.toml").read_text(encoding="utf-8")
    return tuple(_row(row) for row in tomllib.loads(text)["name"])


def _row(row: dict[str, Any]) -> SuspectPattern:
    row = dict(row)
    flags = re.NOFLAG if row.pop("exact", False) else re.IGNORECASE
    return SuspectPattern(
        pattern=re.compile(_written_out(row.pop("pattern")), flags),
        examples=tuple(row.pop("examples")),
        counters=tuple(row.pop("counters")),
        endings=frozenset(row.pop("endings", ())),
        **row,
    )


def _written_out(pattern: str) -> str:
    """With `{uuid}` as it is matched, and `{gap}` in front of a word and after it."""
    parts = pattern.replace("{uuid}", _UUID).split("{gap}")
    return parts[0] + "".join(f"{_GAP_BEFORE if _is_before(part) else _GAP_AFTER}{part}" for part in parts[1:])


def _is_before(rest: str) -> bool:
    return bool(rest) and not rest.startswith(("|", ")"))
