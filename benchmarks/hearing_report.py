"""The section on sound of docs/benchmarks.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Table = Mapping[str, Any]
# Prompts that share a recording keep its landmarks better than this (`Sounding.kept` for each); takes do not.
_RECUT = 0.4


def section(result: Table) -> Iterator[str]:
    """What is heard of registered sound."""
    yield (
        f"{result['registered']} human voices are registered. Pieces of them, equalised, lie over music, and the mix "
        f"is softly limited; {result['cases']} of each kind. A piece counts as found when its asset is told where it "
        f"is, at a score of {result['least_score']:g} or more. Level: of the voice against the bed.\n"
    )
    yield from grid(result["rows"])
    yield "Three seconds, treated. Rooms, speed and pitch: the voice before it is mixed; the others: the mix.\n"
    yield from treated(result["treated"])
    yield from ends(result["rows"])
    yield from false(result["false"], result["least_score"])
    yield from others(result["others"])
    yield from takes(result["takes"])
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
        if row["level"] in (6, 0, -6, -12) and row["seconds"] in (1.5, 3.0, 5.0, 10.0)
    ]
    yield "Errors of the ends in seconds, against where the voice can be heard (20 dB below its loudest):\n"
    yield table(("", "half are below", "nine of ten are below"), lines)


def false(result: Table, least: float) -> Iterator[str]:
    """How often the registered voices are heard where they are not."""
    rates = result["rates"]
    whole = rates[-1]
    yield (
        f"{whole['hours']:g} hours of other sound hold none of the voices: each content once, nothing shifted or "
        f"altered to make more of it. Alarms: scores of {least:g} and more; the scores of turned sounds are divided by "
        "what more they must reach. At most: the rate that the count leaves likely, at 95 %. Fitted: the rate by a "
        "straight line through the logarithm of the exceedances; and the score that it reaches 0.1 times an hour.\n"
    )
    lines = [
        (
            rate["kind"],
            f"{rate['hours']:.1f}",
            rate["false"],
            f"{rate['at_most']:.2f}",
            scores(rate["highest"]),
            "" if rate["fitted"] is None else f"{rate['fitted']:.3f}",
            "" if rate["wanted"] is None else f"{rate['wanted']:g}",
        )
        for rate in rates
    ]
    names = ("", "hours", "alarms", "at most an hour", "highest scores", "fitted, an hour", "score for 0.1 an hour")
    yield table(names, lines)
    yield "Where it is from; sources of less than a tenth of an hour are put together.\n"
    yield table(("", "kind", "hours", "alarms", "highest scores"), list(by_source(result["sources"])))


def by_source(rows: Sequence[Table]) -> Iterator[tuple[object, ...]]:
    """A line a source, small ones of a kind together."""
    for kind in dict.fromkeys(row["kind"] for row in rows):
        of_it = [row for row in rows if row["kind"] == kind]
        small = [row for row in of_it if row["hours"] < 0.1]
        for row in of_it:
            if row not in small:
                yield row["source"], kind, f"{row['hours']:.2f}", row["false"], scores(row["highest"])
        if small:
            highest = sorted((score for row in small for score in row["highest"]), reverse=True)
            hours, alarms = sum(row["hours"] for row in small), sum(row["false"] for row in small)
            yield f"{len(small)} others", kind, f"{hours:.2f}", alarms, scores(highest)


def scores(highest: Sequence[float]) -> str:
    """The highest three."""
    return ", ".join(f"{score:g}" for score in highest[:3])


def others(rows: Sequence[Table]) -> Iterator[str]:
    """Music and effects as registered assets."""
    for kind in dict.fromkeys(row["kind"] for row in rows):
        of_it = [row for row in rows if row["kind"] == kind]
        found = [row for row in of_it if "level" in row]
        yield (
            f"{of_it[0]['registered']} pieces of {kind} are registered, and lie under speech; level: of the {kind} "
            "against the speech.\n"
        )
        yield from grid(found)
        yield "Errors of their ends, in seconds: half are below, nine of ten are below.\n"
        lines = [(f"{r['seconds']:g} s, {r['level']:+} dB", r["half_error"], r["most_error"]) for r in found]
        yield table(("", "half are below", "nine of ten are below"), lines)
        for row in of_it:
            if "level" not in row:
                told = "; ".join(f"{other} for {asset} ({score:g})" for score, other, asset, _ in row["taken"][:10])
                yield (
                    f"Of {row['others']} others of the same sources ({row['hours']:g} hours), "
                    f"{row['false']} stretches are taken for them{': ' + told if told else ''}.\n"
                )


def takes(rows: Sequence[Table]) -> Iterator[str]:
    """Other takes of a registered line."""
    lines = [
        (
            row["voice"],
            "alone" if row["level"] is None else f"{row['level']:+} dB",
            row["takes"],
            row["told"],
            row["the registered"],
            row["found"],
        )
        for row in rows
        if "voice" in row
    ]
    if lines:
        yield "Other takes of a registered line by the same synthetic voice, alone and over a bed:\n"
        yield table(("voice", "", "other takes", "told", "the registered ones", "found"), lines)
    for row in rows:
        if "prompts" in row:
            apart = sum(share < _RECUT for _, share, *_ in row["pairs"])
            yield (
                f"Of {row['takes']} prompts by one speaker ({row['prompts']}), with the same words in many, "
                f"{row['told']} stretches are told in another prompt; {apart} of them are takes of their own, the "
                "others the same recording cut in again.\n"
            )


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
        yield "The register grows. Found: of pieces of three seconds planted in it, under others as loud.\n"
        lines = [
            (r["hours"], r["built, s"], r["MB"], r["times real time"], f"{r['found']} of {r['planted']}") for r in grown
        ]
        yield table(("hours registered", "built, s", "MB on disk", "looking up, x real time", "found"), lines)


def table(names: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, numbers to the right."""
    rule = ["---" if place == 0 else "--:" for place in range(len(names))]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in (names, rule, *lines)) + "\n"
