"""What fields papers have, taken from their types: what reading, writing, templates and the schema go by."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from scanner.model import Approval, Consent, PaperKind, Particulars, Person, Step, TimecodeRange, Tool


class Sort(Enum):
    """What a value is."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes or no"
    MOMENT = "a day or a time"
    END = "a day (to its end) or a time"
    WORD = "one of some words"
    HASH = "a SHA-256"
    ID = "an id"
    STRETCH = "a stretch of timecode"
    PROMPT = "a prompt"
    PART = "fields of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field. `many`: several values; `extra`: not kept as it is (a prompt, or what only checks the rest)."""

    name: str
    sort: Sort
    words: type[StrEnum] | None = None
    part: "Shape | None" = None
    many: bool = False
    needed: bool = False
    extra: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The fields of a type, in order."""

    type: Any
    entries: tuple[Entry, ...]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def names(self) -> tuple[str, ...]:
        """The names of all fields."""
        return tuple(entry.name for entry in self.entries)


_ENDS = frozenset({"valid_to", "active_to"})
_MAY_LACK = frozenset({(Approval, "created_at"), (Approval, "approver"), (Approval, "scope")})
_SORTS = {str: Sort.TEXT, int: Sort.NUMBER, bool: Sort.YES_NO, datetime: Sort.MOMENT, TimecodeRange: Sort.STRETCH}
_EXTRAS: Mapping[Any, tuple[Entry, ...]] = {
    Particulars: (Entry(name="title", sort=Sort.TEXT, extra=True),),
    Step: (Entry(name="prompt", sort=Sort.PROMPT, extra=True),),
    Approval: (Entry(name="whole_title", sort=Sort.YES_NO, extra=True),),
}

TYPES: Mapping[PaperKind, Any] = {
    PaperKind.RECORD: Particulars,
    PaperKind.TOOL: Tool,
    PaperKind.CONSENT: Consent,
    PaperKind.APPROVAL: Approval,
    PaperKind.PERSON: Person,
}
LISTS: Mapping[PaperKind, str] = {
    PaperKind.RECORD: "records",
    PaperKind.TOOL: "tools",
    PaperKind.CONSENT: "consents",
    PaperKind.APPROVAL: "approvals",
    PaperKind.PERSON: "people",
}
"""What a document calls its list of papers of a kind; also the name of a sheet, and of a folder of forms."""
KINDS = {name: kind for kind, name in LISTS.items()}


def id_name(kind: PaperKind) -> str:
    """The name of the field that holds the id of papers of a kind."""
    return f"{kind}_id"


@cache
def shape_of(kind: PaperKind) -> Shape:
    """The fields of papers of a kind, the id first."""
    own = _shape(TYPES[kind])
    name = id_name(kind)
    first = Entry(name=name, sort=Sort.ID, needed=True, extra=kind is PaperKind.RECORD)
    return Shape(type=own.type, entries=(first, *(entry for entry in own if entry.name != name)))


@cache
def _shape(of: type[Any]) -> Shape:
    hints = get_type_hints(of)
    own = (_entry(of, field, hints[field.name]) for field in fields(of) if field.name != "kind")
    return Shape(type=of, entries=(*own, *_EXTRAS.get(of, ())))


def _entry(of: Any, field: Field[Any], hint: Any) -> Entry:
    lacks = field.default is MISSING and field.default_factory is MISSING
    needed = lacks and (of, field.name) not in _MAY_LACK
    if get_origin(hint) is UnionType:
        (hint,) = (each for each in get_args(hint) if each is not NoneType)
    many = get_origin(hint) is tuple
    if many:
        hint = get_args(hint)[0]
    if hint in _SORTS:
        return Entry(name=field.name, sort=_sort(field.name, _SORTS[hint]), many=many, needed=needed)
    if isinstance(hint, type) and is_dataclass(hint):
        return Entry(name=field.name, sort=Sort.PART, part=_shape(hint), many=many, needed=needed)
    return Entry(name=field.name, sort=Sort.WORD, words=hint, many=many, needed=needed)


def _sort(name: str, sort: Sort) -> Sort:
    if name in _ENDS:
        return Sort.END
    return Sort.HASH if name.endswith("sha256") else sort
