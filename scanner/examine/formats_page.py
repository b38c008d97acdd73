"""The page about formats (docs/formats.md): what is looked at in a file of each, and what is not. Written by the code.

Rewrite it with: python -m scanner.examine.formats_page > docs/formats.md
"""

import sys
from collections.abc import Iterator

from scanner.examine.examiner import NOT_OPENED
from scanner.media.formats import CONTAINERS, KINDS, NAMING
from scanner.model import MediaKind
from scanner.sources import Source
from scanner.sources.all import sources, written_sources

_YES, _NO = "yes", "·"
_PICTURES = {
    MediaKind.STILL: "the picture",
    MediaKind.SEQUENCE: "sampled files",
    MediaKind.VIDEO: "sampled frames, sound",
    MediaKind.SOUND: "its sound",
    MediaKind.OTHER: _NO,
}
_HEAD = """\
# Formats and evidence

What is looked at in a file of each format. The format is told by a file's content, never by its name. What could not
be looked at is said in the coverage of every verdict, and holds a delivery where it could hide a picture or a sound: an
encrypted or damaged file, a track or a page that nothing here reads.

- **pictures, sound**: compared with the register: pictures whole and in parts, sound under others too. Every channel of
  every sound stream is listened to, beside a picture as well.
- **bytes**: compared with the register, for every file.
- **contents**: opened; what is in it becomes members of the delivery, and stands in this table by itself.
- A dot: files of this format cannot carry it, or nothing here reads it there.

This page is generated: `python -m scanner.examine.formats_page > docs/formats.md`."""
_TAIL = """\
A format that is not in the table is `unknown`, and held. SMPTE ST 2065-5 (OpenEXR in MXF) and timed text in MXF are
`mxf`, and held: nothing here decodes them. Of a film, only what the sampling needs is decoded; each verdict says what
that guarantees."""


def page() -> str:
    """The whole page in Markdown."""
    asked = (*sources(), *written_sources())
    head = [
        "format",
        "kind",
        "pictures, sound",
        *(source.name for source in asked),
        "contents",
        "if it holds nothing else",
    ]
    lines = [_row(head), _row(["---"] * len(head)), *(_row(_cells(name, asked)) for name in KINDS)]
    return "\n\n".join([_HEAD, "\n".join(lines), _TAIL]) + "\n"


def _cells(name: str, asked: tuple[Source, ...]) -> Iterator[str]:
    kind = KINDS[name]
    yield f"`{name}`"
    yield kind.value
    yield _PICTURES[kind]
    for source in asked:
        yield _YES if source.applies(name) else _NO
    yield _YES if name in CONTAINERS else _NO
    yield _otherwise(name)


def _otherwise(name: str) -> str:
    """What becomes of a file without pictures or sound."""
    if KINDS[name] is not MediaKind.OTHER:
        return ""
    if name in NOT_OPENED:
        return f"held: {NOT_OPENED[name]}"
    if name in CONTAINERS or name in NAMING or name in ("text", "c2pa"):
        return "it is read for what the columns say"
    return "held"


def _row(cells: "Iterator[str] | list[str]") -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
