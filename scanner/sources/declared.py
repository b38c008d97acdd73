"""Labels in which a file itself declares AI: IPTC source type and AI properties, credit lines, China's AIGC label.

Prompts are confidential: that there is one is said, what it says is not.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
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
_HIDDEN = ("aipromptinformation", "aipromptwritername")
# Where people and tools say in plain words what a picture is.
_WORDED = frozenset(
    {"annotation", "caption", "captionwriter", "comment", "comments", "copyright", "copyrightnotice", "credit"}
    | {"description", "headline", "imagedescription", "information", "instructions", "keywords", "label", "note"}
    | {"objectname", "rights", "source", "specialinstructions", "subject", "title", "usageterms", "usercomment"}
    | {"xpcomment", "xpkeywords", "xpsubject", "xptitle"}
)
_SAMSUNG = re.compile(r"genAIType\"?\s*:\s*-?[1-9]")

_LOOSE_TYPE = re.compile(
    r"digitalsourcetype(?:/|\\?\"\s*:\s*\\?\"|\s*=\s*[\"']|\s*>)\s*([^\"'<>\\\s]{1,200})", re.IGNORECASE
)
_LOOSE_PROPERTY = re.compile(
    r"\b(?:\w+:)?(" + "|".join(_AI_PROPERTIES) + r")(?:\\?\"\s*:\s*\\?\"|\s*=\s*[\"']|>)\s*[^\"'<>\s]", re.IGNORECASE
)
_LOOSE_AIGC = re.compile(r"TC260:AIGC(?:\s*=\s*[\"']|\s*>)(.{1,4000})", re.DOTALL)
_NAMED_INSIDE = ("igitalSourceType", "igitalsourcetype", "ISystemUsed", "ISystemVersionUsed", "IPromptInformation")


class DeclaredLabels:
    """Reads what files declare in XMP, EXIF, IPTC and every text that their container carries."""

    name = "declared labels"

    def applies(self, format_name: str) -> bool:
        return format_name not in xmp.WITHOUT

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """Each label once; `Unreadable` for XMP that is there and cannot be understood at all."""
        seen: set[Observation] = set()
        for observation in chain(self._in_xmp(path, format_name), self._in_texts(path, format_name)):
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
                yield from self._in_text(text)

    def _in_text(self, text: Text) -> Iterator[Observation]:
        """What the field says; XMP, or JSON with the names of IPTC's properties, may be the value of any."""
        if "<x:xmpmeta" in text.value or "<rdf:RDF" in text.value:
            start = max(text.value.find("<x:xmpmeta"), 0)
            yield from self._packet(xmp.Packet(xml=text.value[start:].encode("utf-8", "replace"), certain=False))
            return
        found = tuple(_in_field(text))
        yield from found
        if not found and any(mark in text.value for mark in _NAMED_INSIDE):
            yield from _loose(text.value)

    def _unreadable(self, what: str) -> Unreadable:
        return Unreadable(source=self.name, reason=clean(what), partly=True)


def _labels(properties: tuple[xmp.Property, ...]) -> Iterator[Observation]:
    system = next(
        (clean(item.value) or None for item in properties if item.name.casefold() == _SYSTEM.casefold()), None
    )
    for item in properties:
        if reader := _READERS.get(item.name.casefold()):
            yield from reader(item, system)
        elif aigc.NAMESPACE in item.namespace or item.name == "AIGC":
            value = json.dumps({"Label": item.value}) if item.name == "Label" else item.value
            label = aigc.label(f"TC260:{item.name}", value, named=True)
            yield from () if label is None else (label,)
        else:
            yield from _worded(f"XMP {item.name}", item.name, item.value)


def _in_field(text: Text) -> Iterator[Observation]:
    label = aigc.label(text.field, text.value, named="aigc" in text.key.lower())
    yield from () if label is None else (label,)
    bare = re.sub(r"[^a-z]", "", text.key.lower())
    if bare.endswith(_SOURCE_TYPE.lower()):
        if stated := vocabulary.source_type(text.value):
            yield DeclaredLabel(field=clean(text.field), value=clean(stated[0]), meaning=stated[1])
    elif name := next((name for name in _AI_PROPERTIES if bare.endswith(name.lower())), None):
        yield from _ai_property(xmp.Property(namespace="", name=name, value=text.value), None)
    elif text.key == "PhotoEditor_Re_Edit_Data" and _SAMSUNG.search(text.value):
        yield DeclaredLabel(field=text.field, value="genAIType", meaning=Meaning.MAYBE, tool="Samsung Galaxy AI")
    else:
        yield from _credit(text.field, text.value, None)
        yield from _worded(text.field, text.key, text.value)


def _worded(field: str, key: str, value: str) -> Iterator[Observation]:
    bare = re.sub(r"[^a-z]", "", key.lower())
    if bare in _WORDED and not vocabulary.CREDITS.search(value) and (words := vocabulary.statement(value)):
        yield DeclaredLabel(field=clean(field), value=clean(words), meaning=Meaning.MAYBE)


def _stated_type(item: xmp.Property, system: str | None) -> Iterator[Observation]:
    if stated := vocabulary.source_type(item.value):
        field = f"Iptc4xmpExt:{_SOURCE_TYPE}"
        yield DeclaredLabel(field=field, value=clean(stated[0]), meaning=stated[1], tool=system)


def _ai_property(item: xmp.Property, system: str | None) -> Iterator[Observation]:
    value = _CONFIDENTIAL if item.name.casefold() in _HIDDEN else clean(item.value)
    if item.value.strip():
        yield DeclaredLabel(field=f"Iptc4xmpExt:{item.name}", value=value, meaning=Meaning.AI, tool=system)


def _credited(item: xmp.Property, system: str | None) -> Iterator[Observation]:
    field = f"photoshop:{item.name}"
    yield from _credit(field, item.value, system)
    yield from _worded(field, item.name, item.value)


def _credit(field: str, value: str, system: str | None) -> Iterator[Observation]:
    if words := vocabulary.CREDITS.search(value[:20_000]):
        tool = system or ("Google AI" if "google" in words[0].lower() else clean(words[0]))
        yield DeclaredLabel(field=clean(field), value=clean(words[0]), meaning=Meaning.AI, tool=tool)


_READERS: dict[str, Callable[[xmp.Property, str | None], Iterator[Observation]]] = {
    **dict.fromkeys(("digitalsourcetype", "digitalsourcefiletype"), _stated_type),
    **dict.fromkeys(("credit", "creditline", "source", "instructions"), _credited),
    **dict.fromkeys((name.casefold() for name in _AI_PROPERTIES), _ai_property),
}


def _loose(text: str) -> Iterator[Observation]:
    """What broken XML, and JSON, still tell: a syntax error must not hide a declaration."""
    for match in _LOOSE_TYPE.finditer(text):
        yield from _stated_type(xmp.Property(namespace="", name=_SOURCE_TYPE, value=match[1]), None)
    for match in _LOOSE_PROPERTY.finditer(text):
        field = f"Iptc4xmpExt:{match[1][:2].upper()}{match[1][2:]}"
        yield DeclaredLabel(field=field, value=_CONFIDENTIAL, meaning=Meaning.AI)
    if words := vocabulary.CREDITS.search(text):
        yield from _credit("photoshop:Credit", words[0], None)
    if labelled := _LOOSE_AIGC.search(text):
        label = aigc.label("TC260:AIGC", labelled[1], named=True)
        yield from () if label is None else (label,)
