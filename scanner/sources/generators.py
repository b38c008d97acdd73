"""Settings and work flows that AI tools write into their output. Tool, place and model are told, never a prompt."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from scanner.model import DeclaredLabel, GeneratorTag, Meaning, Observation, Unreadable
from scanner.sources.carriers.bounds import Skipped, Text
from scanner.sources.clean import clean
from scanner.sources.recognisers import RECOGNISERS, Written
from scanner.sources.texts import FORMATS, all_texts

# ComfyUI writes its graphs into the EXIF tags from Make downwards, each with its name in front.
_PREFIXED = re.compile(r"\s*(prompt|workflow)\s*:\s*(?=\{)", re.IGNORECASE)
_KEYS = frozenset().union(*(recogniser.keys for recogniser in RECOGNISERS))
_BESIDE = frozenset(
    {"software", "source", "artist", "seed", "negative_prompt", "negative prompt", "num_inference_steps"}
    | {"inference steps"}
)


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
            elif (known := _named(text)).key in _KEYS | _BESIDE:
                kept.append((text.field, known))
        yield from _observations(kept)
        for what in skipped:
            yield Unreadable(source=self.name, reason=clean(f"not read: {what}"), partly=True)


def _observations(texts: list[tuple[str, Text]]) -> Iterator[Observation]:
    others = {text.key: text.value[:1000] for _, text in texts}
    seen: dict[str, list[tuple[str, Written]]] = {}
    for field, text in texts:
        if written := _written(text, others):
            seen.setdefault(written.tool, []).append((field, written))
    for tool, found in seen.items():
        fields = clean(", ".join(dict.fromkeys(field for field, _ in found)))
        model = next((written.model for _, written in found if written.model), None)
        if all(written.weak for _, written in found):
            yield DeclaredLabel(field=fields, value="present", meaning=Meaning.MAYBE, tool=tool)
        else:
            yield GeneratorTag(tool=tool, field=fields, model=model)


def _written(text: Text, others: dict[str, str]) -> Written | None:
    for recogniser in RECOGNISERS:
        if text.key in recogniser.keys and (written := recogniser.read(text.value, others)):
            return written
    # The mark of a hidden text is 120 bits long: whoever wrote it is a generator, known or not.
    return Written(tool="unknown generator") if text.key == "hidden" else None


def _named(text: Text) -> Text:
    """The text under the key that the table knows: in small letters, ComfyUI's own name, or `hidden`."""
    if text.place == "hidden":
        return replace(text, key="hidden")
    if match := _PREFIXED.match(text.value[:64]):
        return replace(text, key=match[1].lower(), value=text.value[match.end() :])
    return replace(text, key=text.key.lower())
