"""Whether a text is what a row of the table of generators says. Prompts are read past, never kept.

A generic key alone says nothing: the value must parse as the tool's.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.sources import comfyui
from scanner.sources.clean import clean
from scanner.sources.traces import Shape, Trace

Neighbours = Mapping[str, str]
"""The file's other texts, by key in small letters."""

_TEXT_LIMIT = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was recognised: the row, and the model that the text names."""

    trace: Trace
    model: str | None = None


def parsed(text: str) -> Any:
    """The JSON value of a text, or None: what is no JSON is no tool's settings."""
    start = text[:64].lstrip()[:1]
    if start not in ("{", "["):
        return None
    try:
        return json.loads(text.rstrip("\0 \t\r\n"))
    except (ValueError, RecursionError):
        return None


def recognised(key: str, text: str, others: Neighbours, traces: tuple[Trace, ...]) -> Written | None:
    """The first row that knows this text; None where none does."""
    asked = [trace for trace in traces if key in trace.keys]
    value = parsed(text) if any(trace.patterns == () for trace in asked) else None
    for trace in asked:
        if _beside(trace, others) and (found := _read(trace, text, value)) is not None:
            model = found or (others.get(trace.model_beside) if trace.model_beside else None)
            return Written(trace=trace, model=clean(model) or None if model else None)
    return None


def _beside(trace: Trace, others: Neighbours) -> bool:
    matches = all(pattern.search(others.get(key, "")) for key, pattern in trace.beside)
    return matches and len(trace.beside_any & others.keys()) >= trace.beside_least


def _read(trace: Trace, text: str, value: Any) -> str | None:
    """The model, empty where none is named; None where the text is not what the row says."""
    if trace.reader is not None:
        return READERS[trace.reader](value)
    if trace.shape is not None:
        return _shaped(trace.shape, value)
    head = text[:_TEXT_LIMIT]
    if not all(pattern.search(head) for pattern in trace.patterns):
        return None
    found = trace.model_pattern.search(head) if trace.model_pattern else None
    return found[1] if found else ""


def _shaped(shape: Shape, value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    has_all = all(any(key in value for key in either) for either in shape.everything)
    matches = all(pattern.search(str(value.get(key, ""))[:1000]) for key, pattern in shape.values)
    if not (has_all and matches and len(shape.some & value.keys()) >= shape.least):
        return None
    return next(_texts_at(value, shape.model), "")


def _texts_at(value: dict[str, Any], paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        at: Any = value
        for step in path.split("."):
            at = at.get(step) if isinstance(at, dict) else None
        if isinstance(at, str) and at.strip():
            yield at


def _graph(value: Any) -> str | None:
    """ComfyUI's graph, or both of them in one object, each also as text within it."""
    for candidate in (value, *(value.get(key) for key in ("prompt", "workflow") if isinstance(value, dict))):
        inner = parsed(candidate) if isinstance(candidate, str) else candidate
        if comfyui.is_prompt(inner) or comfyui.is_workflow(inner):
            return comfyui.model(inner) or ""
    return None


READERS: Mapping[str, Callable[[Any], str | None]] = {"comfyui": _graph}
