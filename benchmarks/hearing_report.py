"""The section on sound of docs/benchmarks.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Table = Mapping[str, Any]


def section(result: Table) -> Iterator[str]:
    """What is heard of registered voices."""
    yield "## What is heard of a registered voice under a mix\n"
    yield (
        f"{result['registered']} human voices are registered. Pieces of them, equalised, lie over music, and the mix "
        f"is softly limited; {result['cases']} of each kind. A piece counts as found when its asset is told where it "
        f"is, at a score of {result['least_score']:g} or more. Level: of the voice against the bed.\n"
    )
    yield from grid(result["rows"])
    yield "Three seconds, treated. Rooms, speed and pitch: the voice before it is mixed; the others: the mix.\n"
    yield from treated(result["treated"])
    yield from ends(result["rows"])
    yield "What is heard in sounds of which nothing is registered:\n"
    lines = [
        (r["kind"], r["hours"], r["false"], ", ".join(f"{s:g}" for s in r["highest"][:3])) for r in result["false"]
    ]
    yield table(("", "hours", "false alarms", "highest scores"), lines)
    if result["takes"]:
        yield "Other takes of a registered line by the same synthetic voice, alone and clean:\n"
        lines = [(r["voice"], r["takes"], r["told"], r["the registered"], r["found"]) for r in result["takes"]]
        yield table(("voice", "other takes", "told", "the registered ones", "found"), lines)
    yield (
        "Chromaprint on the same kind of mixes, five seconds, cut out exactly. Found: nearer to its own voice than any "
        "piece is to another's.\n"
    )
    lines = [(f"{r['level']:+}", r["planted"], r["found"]) for r in result["chromaprint"]]
    yield table(("level, dB", "pieces", "found"), lines)
    yield from cost(result["cost"])


def grid(rows: Sequence[Table]) -> Iterator[str]:
    """Share found: a row a length, a column a level."""
    levels = sorted({row["level"] for row in rows}, reverse=True)
    lines = []
    for seconds in sorted({row["seconds"] for row in rows}):
        by_level = {row["level"]: row["found"] for row in rows if row["seconds"] == seconds}
        lines.append((f"{seconds:g} s", *(f"{by_level[level]:.2f}" for level in levels)))
    yield table(("", *(f"{level:+} dB" for level in levels)), lines)


def treated(rows: Sequence[Table]) -> Iterator[str]:
    """Share found: a row a treatment, a column a level."""
    levels = sorted({row["level"] for row in rows}, reverse=True)
    lines = []
    for name in dict.fromkeys(row["name"] for row in rows):
        by_level = {row["level"]: row["found"] for row in rows if row["name"] == name}
        lines.append((name, *(f"{by_level[level]:.2f}" for level in levels)))
    yield table(("", *(f"{level:+} dB" for level in levels)), lines)


def ends(rows: Sequence[Table]) -> Iterator[str]:
    """How exactly the ends are told."""
    lines = [
        (f"{row['seconds']:g} s, {row['level']:+} dB", row["half_error"], row["most_error"])
        for row in rows
        if row["level"] in (6, 0, -6) and row["seconds"] in (1.5, 3.0, 10.0)
    ]
    yield "Errors of the ends in seconds, against where the voice can be heard (20 dB below its loudest):\n"
    yield table(("", "half are below", "nine of ten are below"), lines)


def cost(rows: Sequence[Table]) -> Iterator[str]:
    """Time, memory, growth."""
    yield "Times are processor time of one core.\n"
    lines = [
        (row["what"], f"{row['times real time']} x real time" if "times real time" in row else f"{row['MB']} MB")
        for row in rows
        if "what" in row
    ]
    yield table(("", ""), lines)
    grown = [row for row in rows if "hours" in row]
    if grown:
        yield "The register grows; the last row is the part of the row before it, ten times.\n"
        lines = [(r["hours"], r["built, s"] or "", r["MB"], r["times real time"]) for r in grown]
        yield table(("hours registered", "built, s", "MB on disk", "looking up, x real time"), lines)


def table(names: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, numbers to the right."""
    rule = ["---" if place == 0 else "--:" for place in range(len(names))]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in (names, rule, *lines)) + "\n"
