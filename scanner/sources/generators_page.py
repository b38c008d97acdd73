"""The page about the traces of generators (docs/generators.md), written from the table.

Rewrite it with: python -m scanner.sources.generators_page > docs/generators.md
"""

import sys
from collections.abc import Iterator

from scanner.sources.traces import Table, Trace, table

_HEAD = """\
# Traces of generators

What AI tools write about themselves into their output, and how the scanner knows it. A generic key alone (`prompt`,
`parameters`, `Software`) says nothing: the value must be the tool's. Prompts are read past: none is told or kept.

| grade | is | becomes |
|---|---|---|
| E2 | the tool's own settings | [AI-GENERATOR](findings.md#ai-generator) |
| E5 | a habit or a name alone | [AI-MAYBE](findings.md#ai-maybe): a lead |

"Second-hand": reported by people who read such files; the others were seen in files or in the tool's own code.

Each row has an example that is recognised and a counter-example that is not; the tests try all of them. The table is
`config/generators.toml`, a part of the program. This page is generated from it:
`python -m scanner.sources.generators_page > docs/generators.md`."""
_MARKS = """\
## Hidden text and watermarks

Text in the lowest bits of a picture's alpha channel or colours (`stealth_pnginfo`, `stealth_pngcomp`,
`stealth_rgbinfo`, `stealth_rgbcomp`; PNG and lossless WebP) is read like any other text. Whoever wrote it is a
generator: where no row knows what it says, it is told as `unknown generator`.

The open watermarks of Stable Diffusion 1 and 2, SDXL and FLUX are decoded from stills of up to 4 megapixels, where the
pixels are still those that the tool wrote. One picture is [a lead](findings.md#ai-watermark-once), several are
[proof](findings.md#ai-watermark); a miss proves nothing. `examining.watermarks` switches that off.

## Names

Names of files, folders, clips, reels and sources as AI tools give them (`ComfyUI_00001_.png`, `Firefly 20240320134854`,
`kling_20260323_…`), the names of models, and the words "AI" and "temp" by themselves are [leads](findings.md#ai-name),
one for each tool and member. What a file's own bytes prove needs no name. The patterns, with examples and
counter-examples, are `config/generator_names.toml`; the tests try all of them."""


def page(whole: Table) -> str:
    """The whole page in Markdown."""
    return "\n\n".join([_HEAD, *_traces(whole), *_makers(whole), *_silent(whole), _MARKS]) + "\n"


def _traces(whole: Table) -> Iterator[str]:
    yield "## Settings and habits"
    lines = ["| tool | what | where | grade | source | not to be taken for it |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(map(_cell, _trace(row)))} |" for row in whole.traces]
    yield "\n".join(lines)


def _trace(row: Trace) -> tuple[str, ...]:
    grade = "E2" if row.is_proof else "E5"
    return row.tool, row.what, row.where, grade, "second-hand" if row.is_second_hand else "", row.mistaken_for


def _makers(whole: Table) -> Iterator[str]:
    yield "## Names of makers"
    yield (
        "Where a field names software (Software, CreatorTool, Make, encoder, Credit and kin), these names are a lead,\n"
        "grade E5. In captions, titles and the names of people they say nothing."
    )
    lines = ["| tool | for example | not |", "|---|---|---|"]
    lines += [f"| {_cell(row.tool)} | {_cell(row.example)} | {_cell(row.counter)} |" for row in whole.makers]
    yield "\n".join(lines)


def _silent(whole: Table) -> Iterator[str]:
    yield "## Tools that write no text of their own"
    lines = ["| tool | what tells of it |", "|---|---|"]
    lines += [f"| {_cell(row.tool)} | {_cell(row.told_by)} |" for row in whole.silent]
    yield "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page(table()))
