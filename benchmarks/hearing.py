"""Registered sound heard again under a finished mix: found, false, how exactly, how fast, and as the register grows.

python -m benchmarks.hearing [--quick] [--cases N] [--cache DIR]
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import cv2

from benchmarks import (
    chromaprint,
    corpora,
    hearing_cost,
    hearing_others,
    held_back,
    material,
    sounds,
    takes,
    treatments,
)
from benchmarks import false_alarms as alarms
from benchmarks.planted import Register, Row, found, programme
from benchmarks.sounds import Sound
from scanner.match.hearing import LEAST_SCORE

SECONDS, LEVELS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0), (12, 6, 0, -3, -6, -9, -12)
REGISTERED = 1000


def main() -> None:
    """Measure, print, and keep the result for the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--fixtures", type=Path)
    parser.add_argument("--cases", type=int)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    cases, begun = asked.cases or (20 if asked.quick else 60), time.monotonic()
    register = Register(sounds.sounds(asked.cache, sounds.VOICES, 30, 2)[:REGISTERED])
    beds = [sound for _, sound in sounds.sounds(asked.cache, sounds.BEDS, 60, 15)]
    print(f"{len(register.voices)} voices are registered, {len(beds)} beds", flush=True)
    result = {"registered": len(register.voices), "cases": cases, "least_score": LEAST_SCORE}
    result["rows"] = [asdict(row) for row in told(grid(register, beds, cases))]
    result["treated"] = [asdict(row) for row in told(treated(register, beds, cases))]
    result["false"] = false_alarms(register, asked.cache, quick=asked.quick)
    result["others"] = told(hearing_others.rows(asked.cache, cases, quick=asked.quick))
    result["takes"] = told(takes.rows(asked.cache, beds, quick=asked.quick))
    result["chromaprint"] = told(chromaprint.rows(register.voices, beds, cases, programme))
    result["cost"] = told(hearing_cost.rows(register.index, register.all, beds, quick=asked.quick))
    material.keep("hearing", {"minutes": round((time.monotonic() - begun) / 60, 1), **result})


def told(rows: Iterator) -> list:  # type: ignore[type-arg]
    """The rows, printed as they come."""
    kept = []
    for row in rows:
        print(row, flush=True)
        kept.append(row)
    return kept


def grid(register: Register, beds: Sequence[Sound], cases: int) -> Iterator[Row]:
    """Every length at every level, equalised and softly limited."""
    for seconds in SECONDS:
        for level in LEVELS:
            yield found(
                register, "equalised, limited", seconds, level, *programme(register.voices, beds, seconds, level, cases)
            )


def treated(register: Register, beds: Sequence[Sound], cases: int) -> Iterator[Row]:
    """Three seconds, treated in many ways."""
    for level in (0, -6):
        for name, treat in treatments.TO_THE_SOUND.items():
            made = programme(register.voices, beds, 3.0, level, cases, treat)
            yield found(register, name, 3.0, level, *made)
        mix, planted = programme(register.voices, beds, 3.0, level, cases)
        for name, treat in treatments.TO_THE_MIX.items():
            yield found(register, name, 3.0, level, treat(mix), planted)


def false_alarms(register: Register, cache: Path, *, quick: bool) -> dict[str, list[dict[str, object]]]:
    """What is heard in sounds of which nothing is registered: by source, by kind, and the most alike."""
    rows, told = alarms.looked_up(register.index, register.all, held_back.held_back(cache, quick=quick))
    rates = list(alarms.rates(rows, told))
    print(*rates, sep="\n", flush=True)
    highest = sorted(told, key=lambda one: -one.score)[:10]
    return {"sources": [*map(asdict, rows)], "rates": [*map(asdict, rates)], "highest": [*map(asdict, highest)]}


if __name__ == "__main__":
    main()
