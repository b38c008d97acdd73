"""Assembles docs/benchmarks.md and its pictures from the results that the benchmarks keep in benchmarks/results.

What has no result there, because it was measured elsewhere, stays as the document has it.

python -m benchmarks.report [--measure] [--quick] [--cache DIR] [--fixtures DIR]
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import corpora, hearing_report, plots
from benchmarks.material import RESULTS, ROOT
from benchmarks.tail import Tail

DOCUMENT = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "benchmarks"
MEASURED = ("recall", "augly_videos", "negatives", "segments", "hearing", "lookup")
# These print their tables as Markdown.
PRINTED = {"throughput": ()}
PRINTED_QUICK = {"throughput": ("--pairs", "1", "--minutes", "1")}
GROUPS = {"ordinary": "Ordinary transforms", "hard": "Harder ones", "pairs": "Two in turn"}
# What others wrote.
OTHERS = {"augly": "AugLy", "albumentations": "Albumentations"}
_REACHED, _HELD, _MOST_NAMED = 0.95, 0.97, 12
Table = Mapping[str, Any]


def main() -> None:
    """Measure first where asked; then write the document from what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="run the benchmarks first")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--fixtures", type=Path, default=corpora.FIXTURES)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.cache, asked.fixtures, quick=asked.quick)
    PICTURES.mkdir(parents=True, exist_ok=True)
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    DOCUMENT.write_text("\n".join(document(before)) + "\n", encoding="utf-8")
    print(DOCUMENT.relative_to(ROOT))


def measure(cache: Path, fixtures: Path, *, quick: bool) -> None:
    """Run every benchmark, one after another; each keeps its result."""
    RESULTS.mkdir(exist_ok=True)
    places = ["--cache", str(cache), "--fixtures", str(fixtures), *(["--quick"] if quick else [])]
    for name in MEASURED:
        # A look-up needs no fixtures, and is quick as far as a tenth of a million.
        options = [*places[:2], *(("--most", "100000") if quick else ())] if name == "lookup" else places
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], cwd=ROOT, check=True)
    for name, options in (PRINTED_QUICK if quick else PRINTED).items():
        command = [sys.executable, "-m", f"benchmarks.{name}", *options]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        (RESULTS / f"{name}.md").write_text(done.stdout, encoding="utf-8")


def document(before: str = "") -> Iterator[str]:
    """The document, paragraph by paragraph; what has no result is taken from the one of `before`."""
    results = {name: json.loads(path.read_text()) for name in MEASURED if (path := RESULTS / f"{name}.json").exists()}
    kept = {
        part.split("\n", 1)[0]: f"## {part.strip()}\n" for part in re.split(r"^## ", before, flags=re.MULTILINE)[1:]
    }
    yield "# Benchmarks\n"
    yield "Made by `python -m benchmarks.report` from what the [benchmarks](../benchmarks/README.md) measured."
    yield "Figures are as they came.\n"
    yield from made_on(results, before)
    for name, (title, section) in SECTIONS.items():
        if name in results:
            yield f"## {title}\n"
            yield from section(results[name])
        elif title in kept:
            yield kept[title]
    for name, title in (("throughput", "Time against a plain decode"),):
        if (path := RESULTS / f"{name}.md").exists():
            yield f"## {title}\n\n{path.read_text(encoding='utf-8').strip()}\n"
        elif title in kept:
            yield kept[title]
    yield from not_reached(results, before)


def made_on(results: Mapping[str, Table], before: str = "") -> Iterator[str]:
    """Where and when; of what has no result, as the document of `before` says."""
    lines = []
    for name in MEASURED:
        told = re.search(rf"^\| ({name} \|.*) \|$", before, flags=re.MULTILINE)
        if name in results:
            machine = (results[name]["machine"][key] for key in ("date", "cpu", "python", "opencv", "numpy", "commit"))
            lines.append((name, *machine, results[name].get("minutes", "")))
        elif told:
            lines.append(tuple(told[1].split(" | ")))
    yield table(("result", "date", "processors", "Python", "OpenCV", "numpy", "after commit", "minutes"), lines)
    yield "The machine is shared with others while it measures. Shares found do not depend on that; times do.\n"


def _registered(result: Table) -> str:
    clips = result.get("clips", 0)
    pictures = f"{result['registered'] - clips} pictures"
    return f"{pictures} and {clips} clips" if clips else pictures


def recall(result: Table) -> Iterator[str]:
    """What is found of pictures."""
    rows, size, peers = result["rows"], result["size"], list(result["thresholds"])
    yield (
        f"{_registered(result)} are registered: generated ones, the sample media's, photographs, paintings, pictures "
        f"of games. {size['pictures']} of them, of a clip the frame in its middle, are transformed, each on its own, "
        "at 1920 by 1080.\n"
    )
    yield (
        "- *one frame*: found by the product when the frame is delivered alone, as a still.\n"
        f"- *held*: found in an H.264 clip in which it stands for one second, with grain ({size['held']} each).\n"
        "- *place*: of those found in one frame, the share whose region overlaps the true one by 80 % or more (IoU).\n"
        "- *words*: of those, the share of which what was done is named, and nothing that was not done.\n"
        f"- The other columns are {'hashes and a descriptor' if 'SSCD' in peers else 'hashes'} of whole pictures, each "
        f"at the largest distance at which none of the same {size['negatives']} other pictures is taken for a "
        f"registered one: {_thresholds(result)}. The product, at the thresholds of its policy, says "
        f"{len(result['false_in_negatives'])} of them are registered.\n"
    )
    if "SSCD" in peers:
        yield (
            "*SSCD* is the descriptor of a neural network that was trained to find copies (`sscd_disc_mixup`), with "
            "weights rounded to eight bits. Pictures are scaled to 320 by 320 for it.\n"
        )
    plots.bars(
        PICTURES / "recall.png", [row for row in rows if row["group"] in ("ordinary", "hard")], _best_peer(rows, peers)
    )
    yield "![Share found by transform](benchmarks/recall.png)\n"
    for group, title in (GROUPS | OTHERS).items():
        own = [row for row in rows if row["group"] == group]
        if own:
            yield f"### {title}\n"
            yield from recall_table(own, peers)


def recall_table(rows: Sequence[Table], peers: Sequence[str]) -> Iterator[str]:
    """A row a transform, and their mean."""
    lines = [
        (
            row["name"],
            row["asked"],
            *(share(row[key]) for key in ("found", "held", "place", "words")),
            *(share(row["peers"][peer]) for peer in peers),
        )
        for row in rows
    ]
    means = [
        share(_mean([row[key] for row in rows if row[key] is not None])) for key in ("found", "held", "place", "words")
    ]
    lines.append(
        (
            "**mean**",
            sum(row["asked"] for row in rows),
            *means,
            *(share(_mean([row["peers"][peer] for row in rows])) for peer in peers),
        )
    )
    yield table(("transform", "frames", "one frame", "held", "place", "words", *peers), lines)


def negatives(result: Table) -> Iterator[str]:
    """What is taken for registered material."""
    yield (
        f"Pictures and footage of which nothing is registered; {_registered(result)} are. A picture "
        "counts as a shot of 4 seconds. A shot is a picture, or a frame that was kept of a clip because it changed.\n"
    )
    names = {
        "kind": "",
        "files": "files",
        "shots": "shots",
        "hours": "hours",
        "false": "false",
        "false_an_hour": "false an hour",
        "highest_score": "highest score",
        "closest_whole_frame": "closest whole frame, bits",
        "closest_enclosed": "closest inside of a rectangle, bits",
    }
    yield table([*names.values()], [[row[key] for key in names] for row in result["rows"]])
    if result["said"]:
        yield "Taken for registered material:\n"
        yield from (f"- {line}" for line in result["said"])
        yield ""
    fit = Tail(**result["fit"])
    yield (
        "How the score of one frame maps to false alarms: a straight line through the logarithm of the exceedances of "
        f"the {fit.count} highest scores (from {fit.start:.2f}). False alarms grow with the size of the register.\n"
    )
    lines = [(r["score"], r["seen"], f"{r['fitted']:.3g}", f"{r['an_hour']:.3g}") for r in result["tail"]]
    yield table(("score", "shots that reach it", "fitted", "fitted, an hour"), lines)
    plots.tail(PICTURES / "tail.png", result["tail"])
    yield "![Shots that reach a score](benchmarks/tail.png)\n"
    yield "The highest scores:\n"
    lines = [(w["score"], w["inliers"], w["delivered"], w["registered"]) for w in result["worst"]]
    yield table(("score", "pairs", "delivered", "registered"), lines)


def augly_videos(result: Table) -> Iterator[str]:
    """What is found of clips after AugLy's video augmentations."""
    yield (
        "Clips of three seconds, 1280 by 720; the first of them registered with what follows after, scanned whole. "
        "*wrong*: other registered clips that are told. *words*: what is said to have been done to the first found.\n"
    )
    lines = [
        (
            row["name"],
            row["clips"],
            "" if row["failed"] else share(row["found"]),
            row["wrong"],
            row["failed"] or row["words"],
        )
        for row in result["rows"]
    ]
    yield table(("augmentation", "clips", "found", "wrong", "words"), lines)


def segments(result: Table) -> Iterator[str]:
    """Where clips are found."""
    yield (
        f"{len(result['planted'])} pieces of registered clips between shots of other footage at 24 frames a second, "
        "1280 by 720, through the whole of a scan. *in*, *out*: median error of the ends in frames. *exact*: both "
        f"within one frame, of those found. Of {result['told']} look-alikes told, {len(result['wrong'])} do not show "
        f"their asset for at least half of their length (precision {result['precision']:.3f}).\n"
    )
    keys = ("kind", "name", "planted", "found", "in_error", "out_error", "exact")
    lines = [[_number(row[key]) for key in keys] for row in result["rows"]]
    yield table(("", "", "planted", "found", "in", "out", "exact"), lines)
    yield from (f"- {line}" for line in result["wrong"])
    if "shortest" in result:
        for name, row in result["shortest"].items():
            yield (
                f"Of {row['planted']} shots of {row['frames']} frames in {name}, graded and coded twice, "
                f"{row['found']:.3f} are found, {_number(row['exact'])} of them with both ends within one frame; "
                f"{row['wrong']} told wrongly.\n"
            )
    yield ""


def lookup(result: Table) -> Iterator[str]:
    """What a look-up costs."""
    yield (
        f"Local features of one delivered frame, looked up by {result['threads']} threads in an index that is opened "
        "from its file. A good match is the exact search's nearest code at 64 bits or less, and at 0.85 or less of "
        "the distance to the nearest of another picture. A frame is found where three of its codes or more are such "
        "matches of its picture: of those that the exact search finds. Among more than 3,000,000 features some of a "
        "frame's are looked up; matches are told of these.\n"
    )
    yield _as_it_is(result["parts"])
    yield "Whole-frame codes, all compared:\n"
    yield _as_it_is(result["whole"])
    yield "Stills registered one after another, their features made beforehand by the examining processes:\n"
    yield _as_it_is(result["registering"])


def _as_it_is(rows: Sequence[Table]) -> str:
    """A table of rows that name their columns."""
    return table(list(rows[0]), [list(row.values()) for row in rows])


def not_reached(results: Mapping[str, Table], before: str = "") -> Iterator[str]:
    """What is below the mark; of what has no result, as the document of `before` says."""
    yield "## What is not reached\n"
    if "recall" in results:
        yield from _missed(results["recall"])
    else:
        yield from _lines(before, "From one frame", "Held for a second", "The pictures missed")
    if "segments" in results:
        late = [
            row for row in results["segments"]["rows"] if row["kind"] == "treatment" and (row["exact"] or 0) < _REACHED
        ]
        named = ", ".join(f"{row['name']} {_number(row['exact'])}" for row in late)
        yield f"- Ends within one frame less often than {_REACHED:.2f}: {named or 'nothing'}."
    else:
        yield from _lines(before, "Ends within one frame")
    yield "- None of the footage is a feature film; most of it is short and small."


def _missed(result: Table) -> Iterator[str]:
    """Transforms after which too few pictures are found, and the pictures that are missed most often."""
    low = [row for row in result["rows"] if row["found"] < _REACHED and row["group"] not in OTHERS]
    named = "; ".join(
        f"{row['name']} {row['found']:.2f}" for row in sorted(low, key=lambda row: row["found"])[:_MOST_NAMED]
    )
    yield f"- From one frame below {_REACHED:.2f}: {named or 'nothing'}."
    held = [row for row in result["rows"] if (1 if row["held"] is None else row["held"]) < _HELD]
    named = "; ".join(f"{row['name']} {row['held']:.2f}" for row in sorted(held, key=lambda row: row["held"]))
    yield f"- Held for a second below {_HELD:.2f}: {named or 'nothing'}."
    missed = Counter(
        result["names"][str(single["picture"])]
        for single in result["singles"]
        if not single["found"] and single["group"] in ("ordinary", "hard")
    )
    worst = ", ".join(f"{Path(name).name} ({count})" for name, count in missed.most_common(6))
    yield f"- The pictures missed most often, with the number of transforms: {worst or 'none'}."


def _lines(before: str, *starts: str) -> Iterator[str]:
    """The points of a document that begin so."""
    yield from (line for line in before.splitlines() if line.startswith(tuple(f"- {start}" for start in starts)))


def table(names: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, numbers to the right."""
    rule = ["---" if place == 0 else "--:" for place in range(len(names))]
    every = [names, rule, *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in every) + "\n"


def share(value: float | None) -> str:
    """A share with two digits; nothing where it was not asked."""
    return "" if value is None else f"{value:.2f}"


def _number(value: object) -> str:
    return "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _thresholds(result: Table) -> str:
    words = result.get("threshold_words", {})
    return ", ".join(f"{name} {words.get(name, f'{most} bits')}" for name, most in result["thresholds"].items())


def _best_peer(rows: Sequence[Table], peers: Sequence[str]) -> str:
    """The hash or descriptor of others that finds most of the ordinary ones."""
    return max(
        peers[1:], key=lambda peer: _mean([row["peers"][peer] for row in rows if row["group"] == "ordinary"]) or 0
    )


SECTIONS: Mapping[str, tuple[str, Callable[[Table], Iterator[str]]]] = {
    "recall": ("What is found of a picture", recall),
    "augly_videos": ("What is found of a clip after AugLy's video augmentations", augly_videos),
    "negatives": ("What is taken for registered material and is not", negatives),
    "segments": ("Where registered clips are found in a programme", segments),
    "hearing": ("What is heard of registered sound under a mix", hearing_report.section),
    "lookup": ("Look-up as the register grows", lookup),
}

if __name__ == "__main__":
    main()
