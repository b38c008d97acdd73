"""The JSON Schema of a document of papers, made from the types: `python -m scanner.intake.papers.schema`."""

import json
import sys
from typing import Any

from scanner.intake.papers.documents import HEAD, VERSION
from scanner.intake.papers.shape import LISTS, Entry, Shape, Sort, shape_of

_TIME = (
    r"^\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d([.,]\d+)?)?)?([zZ]|[+-]\d\d(:?\d\d)?))?$",
    "a day (2026-11-22; its beginning in UTC) or a time with its zone",
)
_END = (_TIME[0], "a day (2026-11-22; its end in UTC) or a time with its zone")
_PATTERNS = {
    Sort.MOMENT: _TIME,
    Sort.END: _END,
    Sort.HASH: ("^[0-9a-fA-F]{64}$", "SHA-256"),
    Sort.STRETCH: (
        r"^\s*\d\d:\d\d:\d\d[:;]\d\d\s*-\s*\d\d:\d\d:\d\d[:;]\d\d\s*$",
        "IN-OUT; the second is that of the first frame after the stretch",
    ),
    Sort.ID: (r"^[^|-][^|]{0,119}$", "an id of your own"),
}


def schema() -> dict[str, Any]:
    """The schema as JSON values."""
    parts: dict[str, Any] = {}
    lists = {name: {"type": "array", "items": _reference(shape_of(kind), parts)} for kind, name in LISTS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Papers of a production: provenance records, tools, consents, approvals and people",
        "type": "object",
        "required": [HEAD],
        "additionalProperties": False,
        "properties": {HEAD: {"const": VERSION}, **lists},
        "$defs": dict(sorted(parts.items())),
    }


def _reference(shape: Shape, parts: dict[str, Any]) -> dict[str, str]:
    name = shape.type.__name__
    if name not in parts:
        parts[name] = {}
        parts[name] = {
            "type": "object",
            "additionalProperties": False,
            "required": [entry.name for entry in shape if entry.needed],
            "properties": {entry.name: _property(entry, parts) for entry in shape},
        }
    return {"$ref": f"#/$defs/{name}"}


def _property(entry: Entry, parts: dict[str, Any]) -> dict[str, Any]:
    one = _one(entry, parts)
    if entry.many:
        one = {"type": "array", "items": one}
    if entry.needed:
        return one
    return {"anyOf": [one, {"type": "null"}]}


def _one(entry: Entry, parts: dict[str, Any]) -> dict[str, Any]:
    if entry.part is not None:
        return _reference(entry.part, parts)
    if entry.words is not None:
        return {"enum": [each.value for each in entry.words]}
    if entry.sort is Sort.YES_NO:
        return {"type": "boolean"}
    if entry.sort is Sort.NUMBER:
        return {"type": "integer", "minimum": 0}
    if entry.sort is Sort.PROMPT:
        return {"type": "string", "description": "never kept: only its SHA-256 and which guarded names it holds"}
    pattern = _PATTERNS.get(entry.sort)
    return {"type": "string"} | ({"pattern": pattern[0], "description": pattern[1]} if pattern else {})


def text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
