"""Papers out of nested values, as documents and sheets give them; with every place where something is wrong."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any

from scanner.intake.approval_forms import timecode_range
from scanner.intake.forms import end_moment, identifier, moment, sha256
from scanner.intake.papers import prompts
from scanner.intake.papers.checks import wrong_in
from scanner.intake.papers.places import Place, Problems
from scanner.intake.papers.shape import Entry, Shape, Sort, id_name, shape_of
from scanner.intake.sheets import clipped
from scanner.model import Paper, PaperKind, Scope

_LONGEST_TEXT = 20_000
_HIGHEST = 1_000_000
_PARSERS: Mapping[Sort, Callable[[str], object]] = {
    Sort.TEXT: str,
    Sort.MOMENT: moment,
    Sort.END: end_moment,
    Sort.HASH: sha256,
    Sort.ID: identifier,
    Sort.STRETCH: timecode_range,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A paper that was read, where it stands, and the title that its record must have, if that was stated."""

    paper: Paper
    place: Place
    title: str | None = None


@dataclass(slots=True, kw_only=True)
class Reader:
    """Reads papers. `guarded`: names that prompts must not hold; `at`: when what is new was entered."""

    at: datetime
    guarded: tuple[str, ...] = ()
    problems: Problems = field(default_factory=Problems)
    _places: dict[tuple[PaperKind, str], Place] = field(default_factory=dict)

    def paper(self, kind: PaperKind, raw: object, place: Place) -> Read | None:
        """The paper in these values; None when anything is wrong with it, which is noted."""
        values = self._values(shape_of(kind), raw, place)
        if values is None:
            return None
        paper_id, name = str(values[id_name(kind)]), id_name(kind)
        first = self._places.setdefault((kind, paper_id), place)
        if first is not place:
            self.problems.wrong(place.of(name), f"{clipped(paper_id)} is that of {first} already")
            return None
        title = values.pop("title", None) if kind is PaperKind.RECORD else None
        if kind is PaperKind.RECORD:
            del values[name]
        whole_title = bool(values.pop("whole_title", False))
        content = _made(kind, values, self.at)
        faults = list(wrong_in(content, whole_title=whole_title))
        for where, reason in faults:
            self.problems.wrong(_within(place, where), reason)
        if faults:
            return None
        return Read(paper=Paper(kind=kind, paper_id=paper_id, content=content), place=place, title=title)

    def _values(self, shape: Shape, raw: object, place: Place) -> dict[str, Any] | None:
        """The values of the fields that are stated; None when anything is wrong in them."""
        if not isinstance(raw, dict):
            self.problems.wrong(place, "an object with named fields is wanted")
            return None
        before = len(self.problems.told) + self.problems.more
        for name in raw.keys() - set(shape.names()):
            self.problems.wrong(place, f"there is no field {clipped(str(name))}{_nearest(str(name), shape.names())}")
        values: dict[str, Any] = {}
        for entry in shape:
            value = self._value(entry, raw.get(entry.name), place)
            if value is not None:
                values[entry.name] = value
            elif entry.needed and _is_blank(raw.get(entry.name)):
                self.problems.wrong(place.of(entry.name), "this is missing")
        if len(self.problems.told) + self.problems.more > before:
            return None
        if "prompt" in values:
            return self._without_prompt(values, place)
        return values

    def _without_prompt(self, values: dict[str, Any], place: Place) -> dict[str, Any] | None:
        prompt = values.pop("prompt")
        digest = prompts.digest(prompt)
        if values.setdefault("prompt_sha256", digest) != digest:
            self.problems.wrong(place.of("prompt_sha256"), "this is not the SHA-256 of the prompt that is given")
            return None
        names = (*values.get("prompt_names", ()), *prompts.names_in(prompt, self.guarded))
        return values | ({"prompt_names": tuple(dict.fromkeys(names))} if names else {})

    def _value(self, entry: Entry, raw: object, place: Place) -> object | None:
        """What a field means; None when it is not stated, or wrong."""
        if _is_blank(raw):
            return None
        if not entry.many:
            return self._one(entry, raw, place.of(entry.name) if entry.part else place)
        if not isinstance(raw, list):
            self.problems.wrong(place.of(entry.name), "a list is wanted")
            return None
        if entry.part is not None:
            within = place.of(entry.name)
            parts = (self._one(entry, each, within.item(number)) for number, each in enumerate(raw))
            return tuple(part for part in parts if part is not None) or None
        values = (self._one(entry, each, place) for each in raw if not _is_blank(each))
        return tuple(dict.fromkeys(value for value in values if value is not None)) or None

    def _one(self, entry: Entry, raw: object, place: Place) -> object | None:
        if entry.part is not None:
            values = self._values(entry.part, raw, place)
            # A part of which nothing is stated is not stated.
            return None if not values and not entry.many else entry.part.type(**values) if values is not None else None
        try:
            return _leaf(entry, raw)
        except ValueError as error:
            self.problems.wrong(place.of(entry.name), str(error))
            return None


def _made(kind: PaperKind, values: dict[str, Any], at: datetime) -> Any:
    if kind is PaperKind.APPROVAL:
        values = {"scope": Scope(), "approver": "", "created_at": at} | values
    return shape_of(kind).type(**values)


def _is_blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _leaf(entry: Entry, raw: object) -> object:
    """What a single value means. Raises ValueError; what a prompt says is never in its words."""
    if entry.sort is Sort.YES_NO:
        return _yes_no(raw)
    if entry.sort is Sort.NUMBER:
        return _number(raw)
    if entry.sort in (Sort.MOMENT, Sort.END) and isinstance(raw, date):
        raw = raw.isoformat()
    if not isinstance(raw, str):
        shown = "" if entry.sort is Sort.PROMPT else f", in quotes, not {clipped(str(raw))}"
        msg = f"text is wanted{shown}"
        raise ValueError(msg)
    text = plain(raw)
    if entry.sort is Sort.PROMPT:
        return text
    if entry.words is not None:
        return _word(entry.words, text)
    return _PARSERS[entry.sort](text)


def _word(words: type[StrEnum], text: str) -> StrEnum:
    """One of the words, in any case. Raises ValueError, naming the nearest."""
    named = _named(words)
    if (found := named.get(text.lower())) is not None:
        return found
    near = get_close_matches(text.lower(), named, n=1, cutoff=0.5)
    hint = f"; did you mean {named[near[0]].value}?" if near else ""
    msg = f"{clipped(text)} is not one of {', '.join(each.value for each in words)}{hint}"
    raise ValueError(msg)


@cache
def _named(words: type[StrEnum]) -> dict[str, StrEnum]:
    return {each.value.lower(): each for each in words}


def plain(text: str) -> str:
    """A text without space around it, and with `\\n` between its lines. Raises ValueError for what cannot be kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > _LONGEST_TEXT:
        msg = f"it is longer than {_LONGEST_TEXT} characters"
        raise ValueError(msg)
    if not text.isprintable() and (strange := next(_strange(text), None)):
        msg = f"it holds the character U+{ord(strange):04X}, which is no part of a text"
        raise ValueError(msg)
    return text


def _strange(text: str) -> Iterator[str]:
    """Control characters, halves of characters, and what no file of a spreadsheet can hold."""
    for mark in text:
        is_control = unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t"
        if is_control or ord(mark) & 0xFFFE == 0xFFFE:
            yield mark


def _yes_no(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    msg = f"true or false is wanted, not {clipped(str(raw))}"
    raise ValueError(msg)


def _number(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= _HIGHEST:
        return raw
    msg = f"a whole number from 0 to {_HIGHEST} is wanted, not {clipped(str(raw)[:100])}"
    raise ValueError(msg)


def _within(place: Place, where: str) -> Place:
    for name in where.split("."):
        place = place.of(name)
    return place


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name.strip().lower(), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
