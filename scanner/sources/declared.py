"""Labels in which a file itself declares AI: IPTC source type and AI properties, credit lines, China's AIGC label.

Prompts are confidential: that there is one is said, what it says is not.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from defusedxml import DefusedXmlException

from scanner.model import DeclaredLabel, Meaning, Observation, Unreadable
from scanner.sources import aigc, vocabulary, xmp
from scanner.sources.carriers.bounds import Skipped, Text
from scanner.sources.clean import clean, decoded
from scanner.sources.texts import FORMATS, texts

_SOURCE_TYPE = "DigitalSourceType"
_SYSTEM = "AISystemUsed"
_CONFIDENTIAL = "given, not shown here"
# IPTC Photo Metadata 2025.1 and Video Metadata Hub 1.7; the same names in both.
_AI_PROPERTIES = (_SYSTEM, "AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName")
_HIDDEN = ("AIPromptInformation", "AIPromptWriterName")
_NOT_LABELLED = ("zip", "gzip", "dpx", "empty")

_LOOSE_TYPE = re.compile(r"digitalsourcetype(?:/|\s*=\s*[\"']|\s*>)\s*([^\"'<>\s]{1,200})", re.IGNORECASE)
_LOOSE_PROPERTY = re.compile(r"\b(?:\w+:)(" + "|".join(_AI_PROPERTIES) + r")\s*(?:=\s*[\"']|>)\s*[^\"'<>\s]")
_LOOSE_AIGC = re.compile(r"TC260:AIGC(?:\s*=\s*[\"']|\s*>)(.{1,4000})", re.DOTALL)


class DeclaredLabels:
    """Reads what files declare in XMP, PNG texts, EXIF and container tags."""

    name = "declared labels"

    def applies(self, format_name: str) -> bool:
        return format_name not in _NOT_LABELLED

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """Each label once; `Unreadable` for XMP that is there and cannot be understood at all."""
        seen: set[Observation] = set()
        for observation in (*self._in_xmp(path, format_name), *self._in_texts(path, format_name)):
            if observation not in seen:
                seen.add(observation)
                yield observation

    def _in_xmp(self, path: Path, format_name: str) -> Iterator[Observation]:
        for packet in xmp.packets(path, format_name):
            if isinstance(packet, Skipped):
                yield self._unreadable(packet.what)
            else:
                yield from self._packet(packet)

    def _packet(self, packet: xmp.Packet) -> Iterator[Observation]:
        try:
            properties = xmp.properties(packet.xml)
        except xmp.UNPARSABLE as error:
            found = tuple(_loose(decoded(packet.xml)))
            yield from found
            # Entities are an attack, not an accident: said even where the rest could be read.
            if packet.certain and (not found or isinstance(error, DefusedXmlException)):
                yield self._unreadable(f"XMP that is not well-formed XML ({type(error).__name__}: {error})")
        else:
            yield from _labels(properties)

    def _in_texts(self, path: Path, format_name: str) -> Iterator[Observation]:
        if format_name not in FORMATS:
            return
        for text in texts(path, format_name):
            if isinstance(text, Text):
                label = aigc.label(text.field, text.value, named="aigc" in text.key.lower())
                yield from () if label is None else (label,)

    def _unreadable(self, what: str) -> Unreadable:
        return Unreadable(source=self.name, reason=clean(what), partly=True)


def _labels(properties: tuple[xmp.Property, ...]) -> Iterator[Observation]:
    system = next((clean(item.value) for item in properties if item.name == _SYSTEM), None)
    for item in properties:
        if reader := _READERS.get(item.name):
            yield from reader(item, system)
        elif aigc.NAMESPACE in item.namespace or item.name == "AIGC":
            value = json.dumps({"Label": item.value}) if item.name == "Label" else item.value
            label = aigc.label(f"TC260:{item.name}", value, named=True)
            yield from () if label is None else (label,)


def _stated_type(item: xmp.Property, system: str | None) -> Iterator[Observation]:
    if stated := vocabulary.source_type(item.value):
        field = f"Iptc4xmpExt:{_SOURCE_TYPE}"
        yield DeclaredLabel(field=field, value=clean(stated[0]), meaning=stated[1], tool=system)


def _ai_property(item: xmp.Property, system: str | None) -> Iterator[Observation]:
    value = _CONFIDENTIAL if item.name in _HIDDEN else clean(item.value)
    yield DeclaredLabel(field=f"Iptc4xmpExt:{item.name}", value=value, meaning=Meaning.AI, tool=system)


def _credit(item: xmp.Property, system: str | None) -> Iterator[Observation]:
    if words := vocabulary.CREDITS.search(item.value):
        tool = system or ("Google AI" if "google" in words[0].lower() else clean(words[0]))
        yield DeclaredLabel(field=f"photoshop:{item.name}", value=clean(words[0]), meaning=Meaning.AI, tool=tool)


_READERS: dict[str, Callable[[xmp.Property, str | None], Iterator[Observation]]] = {
    _SOURCE_TYPE: _stated_type,
    "DigitalSourcefileType": _stated_type,
    "Credit": _credit,
    **dict.fromkeys(_AI_PROPERTIES, _ai_property),
}


def _loose(text: str) -> Iterator[Observation]:
    """What broken XML still tells: a syntax error must not hide a declaration."""
    for match in _LOOSE_TYPE.finditer(text):
        yield from _stated_type(xmp.Property(namespace="", name=_SOURCE_TYPE, value=match[1]), None)
    for match in _LOOSE_PROPERTY.finditer(text):
        field = f"Iptc4xmpExt:{match[1]}"
        yield DeclaredLabel(field=field, value=_CONFIDENTIAL, meaning=Meaning.AI)
    if words := vocabulary.CREDITS.search(text):
        yield from _credit(xmp.Property(namespace="", name="Credit", value=words[0]), None)
    if labelled := _LOOSE_AIGC.search(text):
        label = aigc.label("TC260:AIGC", labelled[1], named=True)
        yield from () if label is None else (label,)
