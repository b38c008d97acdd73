"""China's label for generated content (GB 45438-2025, TC260 "AIGC"): JSON that names its maker by number."""

import html
import json
import re
from typing import Any

from scanner.model import DeclaredLabel, Meaning
from scanner.sources.clean import clean

NAMESPACE = "tc260.org.cn/ns/AIGC"

_KNOWN_FIELDS = frozenset(
    {"Label", "ContentProducer", "ProduceID", "ContentPropagator", "PropagateID", "ServiceProvider", "ServiceUser"}
    | {"ReservedCode1", "ReservedCode2"}
)
# A text that stands anywhere must have one of these: `Label` alone is anybody's.
_TELLING = ('"ContentProducer"', '"ServiceProvider"', '"ProduceID"', '"ContentPropagator"', '"PropagateID"')
_MEANINGS = {"1": Meaning.AI, "2": Meaning.MAYBE, "3": Meaning.MAYBE}
# Unified social credit codes of makers met in delivered files: inside ContentProducer.
_PRODUCERS = {
    "91110102MACQD9K640": "Doubao",
    "9144030008867405X2": "Jimeng",
}
_NAMED = re.compile(r"[^\d{}\"][^{}\"]{0,60}")
_LOOSE_LABEL = re.compile(r"Label[\"'\\\s:=]{1,8}(\d)")
_LOOSE_PRODUCER = re.compile(r"(?:ContentProducer|ServiceProvider)[\"'\\\s:=]{1,8}([^\"'\\<>,}]{1,80})")
_WRAPPED = re.compile(r"\bAIGC[\"'\\\s:=]{0,8}(\{.*)", re.DOTALL)
# ByteDance's apps tell of a label in their own settings: 0 none, 1 by the creator, 2 by the platform.
_APP_LABEL = re.compile(r"aigc_label_type[\"'\\\s:=]{1,8}([12])\b")
_TEXT_LIMIT = 1 << 20
_NESTING = 3


def label(field: str, value: str, *, named: bool) -> DeclaredLabel | None:
    """The label that a text holds. `named`: it stands where only this label stands, so that broken JSON counts too."""
    text = html.unescape(value[:_TEXT_LIMIT]).strip().strip("\0")
    if match := _APP_LABEL.search(text):
        return DeclaredLabel(field=clean(field), value=f"aigc_label_type {match[1]}", meaning=Meaning.MAYBE)
    if not named and not _may_hold(text):
        return None
    wrapped = _WRAPPED.search(text)
    fields = _fields(text)
    if not fields and wrapped:
        fields = _fields(_first_object(wrapped[1])) or fields
    if fields is None and named:
        fields = {"Label": _group(_LOOSE_LABEL, text), "ContentProducer": _group(_LOOSE_PRODUCER, text)}
        fields = {key: found for key, found in fields.items() if found}
    return _label(field, fields) if fields else None


def _may_hold(text: str) -> bool:
    plain = text.replace('\\"', '"')
    return _WRAPPED.search(plain) is not None or any(name in plain for name in _TELLING)


def _fields(text: str, depth: int = 0) -> dict[str, Any] | None:
    """The label's fields; None when this is no JSON object, empty when none of them is the label's."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(parsed, dict) and isinstance(inner := parsed.get("AIGC"), dict | str):
        parsed = inner
    if isinstance(parsed, str) and depth < _NESTING:
        return _fields(parsed, depth + 1)
    if not isinstance(parsed, dict):
        return None
    return {key: parsed[key] for key in sorted(_KNOWN_FIELDS & parsed.keys())}


def _first_object(text: str) -> str:
    """The JSON object that the text begins with, whatever follows it."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return text
    return text[:end]


def _label(field: str, fields: dict[str, Any]) -> DeclaredLabel:
    stated = str(fields.get("Label", "")).strip()
    producer = str(fields.get("ContentProducer") or fields.get("ServiceProvider") or "").strip()
    meaning = _MEANINGS.get(stated, Meaning.AI if not stated else Meaning.MAYBE)
    value = f"Label {stated or 'not stated'}, producer {producer or 'not stated'}"
    return DeclaredLabel(field=clean(field), value=clean(value), meaning=meaning, tool=_tool(producer))


def _tool(producer: str) -> str | None:
    for code, name in _PRODUCERS.items():
        if code in producer:
            return name
    return clean(producer) if _NAMED.fullmatch(producer) else None


def _group(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match[1] if match else None
