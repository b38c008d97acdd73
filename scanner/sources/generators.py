"""Settings and work flows that AI tools write into their output. Tool, place and model are told, never a prompt.

What is recognised stands in a table: config/generators.toml, as a page docs/generators.md.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scanner.model import DeclaredLabel, GeneratorTag, Meaning, Observation, Unreadable
from scanner.sources.carriers.bounds import Skipped, Text
from scanner.sources.clean import clean
from scanner.sources.recognisers import recognised
from scanner.sources.texts import FORMATS, all_texts
from scanner.sources.traces import table

# ComfyUI writes its graphs into the EXIF tags from Make downwards, each with its name in front.
_PREFIXED = re.compile(r"\s*(prompt|workflow|mold:parameters)\s*:?\s*(?=\{)", re.IGNORECASE)
_OWNERS = ("com.apple.quicktime.", "----:com.apple.itunes:", "txxx:", "wxxx:")
_LANGUAGE = re.compile(r"[-_](?:eng|und|xxx|deu|fra|spa|jpn|zho)$")
_HIDDEN = "hidden"
# Read when the module is: once, by the server that examining processes are forked from.
_TABLE = table()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """One text that tells of a tool: in which field, whether it proves, and which other texts it used."""

    tool: str
    field: str
    is_proof: bool
    model: str | None = None
    words: str = "present"
    used: frozenset[str] = frozenset()


class GeneratorTags:
    """Reads what AI tools write about themselves, wherever the container lets them."""

    name = "generator tags"

    def applies(self, format_name: str) -> bool:
        return format_name in FORMATS

    def examine(self, path: Path, format_name: str) -> Iterator[Observation]:
        """One tag for each tool, with every field it was seen in; `Unreadable` for texts too large to read."""
        kept: list[tuple[str, Text]] = []
        skipped: dict[str, None] = {}
        for text in all_texts(path, format_name):
            if isinstance(text, Skipped):
                skipped[text.what] = None
            elif (known := named(text)).key in _TABLE.keys or known.key == _HIDDEN:
                kept.append((text.field, known))
        yield from observations(kept)
        for what in skipped:
            yield Unreadable(source=self.name, reason=clean(f"not read: {what}"), partly=True)


def observations(texts: list[tuple[str, Text]]) -> Iterator[Observation]:
    """What the texts of one file tell, each with its field for people: a tag for each tool, or a lead."""
    others = {text.key: text.value[:1000] for _, text in texts}
    signs = [sign for field, text in texts if (sign := _sign(field, text, others))]
    used = frozenset().union(*(sign.used for sign in signs if sign.is_proof))
    signs += _makers(texts, used)
    by_tool: dict[str, list[_Sign]] = {}
    for sign in signs:
        by_tool.setdefault(sign.tool, []).append(sign)
    for tool, found in by_tool.items():
        yield _observation(tool, [sign for sign in found if sign.is_proof], found)


def _observation(tool: str, proofs: list[_Sign], found: list[_Sign]) -> Observation:
    if not proofs:
        words = clean(", ".join(dict.fromkeys(sign.words for sign in found)))
        return DeclaredLabel(field=_fields(found), value=words, meaning=Meaning.MAYBE, tool=tool)
    model = next((sign.model for sign in proofs if sign.model), None)
    return GeneratorTag(tool=tool, field=_fields(proofs), model=model)


def _fields(signs: list[_Sign]) -> str:
    return clean(", ".join(dict.fromkeys(sign.field for sign in signs)))


def _sign(field: str, text: Text, others: dict[str, str]) -> _Sign | None:
    if written := recognised(text.key, text.value, others, _TABLE.traces):
        trace = written.trace
        used = frozenset({text.key, *dict(trace.beside), *([trace.model_beside] if trace.model_beside else [])})
        return _Sign(tool=trace.tool, field=field, is_proof=trace.is_proof, model=written.model, used=used)
    # The mark of a hidden text is 120 bits long: whoever wrote it is a generator, known or not.
    return _Sign(tool="unknown generator", field=field, is_proof=True) if text.key == _HIDDEN else None


def _makers(texts: Iterable[tuple[str, Text]], used: frozenset[str]) -> Iterator[_Sign]:
    """Makers' names where a field names software, but for texts that a tool's settings were read with."""
    for field, text in texts:
        if text.key in _TABLE.naming and text.key not in used:
            for maker in _TABLE.makers:
                if found := maker.pattern.search(text.value[:1000]):
                    yield _Sign(tool=maker.tool, field=field, is_proof=False, words=found[0])


def named(text: Text) -> Text:
    """The text under the key that the table knows: in small letters, ComfyUI's own name, or `hidden`."""
    if text.place == _HIDDEN:
        return replace(text, key=_HIDDEN)
    if match := _PREFIXED.match(text.value[:64]):
        return replace(text, key=match[1].lower(), value=text.value[match.end() :])
    return replace(text, key=_plain(text.key.lower()))


def _plain(key: str) -> str:
    """The key without who owns it and without its language: `comment` for `com.apple.quicktime.comment`."""
    for owner in _OWNERS:
        key = key.removeprefix(owner)
    key = key if key in _TABLE.keys else _LANGUAGE.sub("", key.rpartition(":")[2])
    return key
