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
)
_MEANINGS = {"1": Meaning.AI, "2": Meaning.MAYBE, "3": Meaning.MAYBE}
# Unified social credit codes of makers met in delivered files: inside ContentProducer.
_PRODUCERS = {
    "91110102MACQD9K640": "Doubao",
    "9144030008867405X2": "Jimeng",
}
_NAMED = re.compile(r"[^\d{}\"][^{}\"]{0,60}")
_LOOSE_LABEL = re.compile(r"Label[\"'\s:=]{1,8}(\d)")
_LOOSE_PRODUCER = re.compile(r"ContentProducer[\"'\s:=]{1,8}([^\"'<>,}]{1,80})")
_TEXT_LIMIT = 1 << 20


def label(field: str, value: str, *, named: bool) -> DeclaredLabel | None:
    """The label that a text holds. `named`: it stands where only this label stands, so that broken JSON counts too."""
    text = html.unescape(value[:_TEXT_LIMIT]).strip().strip("\0")
    if not named and '"AIGC"' not in text and '"ContentProducer"' not in text:
        return None
    fields = _fields(text)
    if fields is None and named:
        fields = {"Label": _group(_LOOSE_LABEL, text), "ContentProducer": _group(_LOOSE_PRODUCER, text)}
        fields = {key: found for key, found in fields.items() if found}
    return _label(field, fields) if fields else None


def _fields(text: str) -> dict[str, Any] | None:
    """The label's fields; None when this is no JSON object, empty when none of them is the label's."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(parsed, dict) and isinstance(inner := parsed.get("AIGC"), dict | str):
        parsed = inner if isinstance(inner, dict) else _fields(inner)
    if not isinstance(parsed, dict):
        return None
    return {key: parsed[key] for key in sorted(_KNOWN_FIELDS & parsed.keys())}


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
