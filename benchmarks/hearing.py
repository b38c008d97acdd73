"""Registered voices heard again under a finished mix: found, false, how exactly, how fast, and as the register grows.

python -m benchmarks.hearing [--quick] [--cases N] [--cache DIR]
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks import chromaprint, corpora, hearing_cost, material, sounds, treatments
from benchmarks.sounds import Sound, loudness
from scanner.fingerprint.landmarks import RATE
from scanner.match.hearing import LEAST_SCORE, HearingIndex, Sounding
from scanner.match.stretches import Sought
from scanner.model import AssetRef

SECONDS, LEVELS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0), (12, 6, 0, -3, -6, -9, -12)
REGISTERED = 1000
_BEFORE, _AFTER = 2.0, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A piece of a registered sound in the programme: which, and seconds from where to where it can be heard."""

    number: int
    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How many of the planted pieces were found, and the middle and the ninetieth percentile of errors of the ends."""

    name: str
    seconds: float
    level: int
    planted: int
    found: float
    half_error: float
    most_error: float
    others: int


class Register:
    """The registered voices, and their index."""

    def __init__(self, voices: Sequence[tuple[str, Sound]]) -> None:
        self.voices = voices
        self.index = HearingIndex()
        for number, (name, sound) in enumerate(voices):
            asset = AssetRef(asset_id=str(number), record_id="PR-1", name=name)
            self.index.add(asset, [hearing_cost.listened(sound)])
        self.all = Sought(wanted=np.ones(len(voices), np.bool_), good=np.zeros(len(voices), np.bool_))

    def heard(self, sound: Sound, *, least: float = LEAST_SCORE) -> list[Sounding]:
        return self.index.heard([hearing_cost.listened(sound)], self.all, least_score=least)


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
    result["false"] = told(false_alarms(register, asked.cache, quick=asked.quick))
    result["takes"] = told(takes(asked.cache))
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
            yield row(
                register, "equalised, limited", seconds, level, *programme(register.voices, beds, seconds, level, cases)
            )


def treated(register: Register, beds: Sequence[Sound], cases: int) -> Iterator[Row]:
    """Three seconds, treated in many ways."""
    for level in (0, -6):
        for name, treat in treatments.TO_THE_SOUND.items():
            made = programme(register.voices, beds, 3.0, level, cases, treat)
            yield row(register, name, 3.0, level, *made)
        mix, planted = programme(register.voices, beds, 3.0, level, cases)
        for name, treat in treatments.TO_THE_MIX.items():
            yield row(register, name, 3.0, level, treat(mix), planted)


def programme(
    voices: Sequence[tuple[str, Sound]],
    beds: Sequence[Sound],
    seconds: float,
    level: int,
    cases: int,
    treat: Callable[[Sound], Sound] = treatments.TO_THE_SOUND["none"],
) -> tuple[Sound, list[Planted]]:
    """Pieces of registered voices, each over a bed of its own, `level` decibels above it; one after another."""
    random, length = np.random.default_rng(7), round(seconds * RATE)
    long = [number for number, (_, sound) in enumerate(voices) if len(sound) > length + 800]
    parts: list[Sound] = []
    planted: list[Planted] = []
    at = 0.0
    while len(planted) < cases:
        number, bed = int(random.choice(long)), beds[random.integers(len(beds))]
        whole = voices[number][1]
        first = int(random.integers(0, len(whole) - length))
        piece = treat(whole[first : first + length])
        size = len(piece) + round((_BEFORE + _AFTER) * RATE)
        if len(bed) <= size:
            bed = np.tile(bed, 2)
        where = int(random.integers(0, len(bed) - size))
        under, place = bed[where : where + size], round(_BEFORE * RATE)
        if min(loudness(piece), loudness(under[place : place + len(piece)])) < 3e-3:
            continue
        over = np.zeros(size, np.float32)
        over[place : place + len(piece)] = piece
        gain = loudness(under[place : place + len(piece)]) / loudness(piece) * 10 ** (level / 20)
        parts.append(treatments.limited(under + gain * treatments.equalised(over, random)))
        low, high = _audible(piece)
        planted.append(Planted(number=number, first=at + _BEFORE + low, last=at + _BEFORE + high))
        at += size / RATE
    return np.concatenate(parts), planted


def _audible(piece: Sound) -> tuple[float, float]:
    """Seconds from where to where a piece is less than 20 dB below its loudest twentieth of a second."""
    step = RATE // 20
    power = np.square(piece[: len(piece) // step * step].reshape(-1, step)).mean(axis=1)
    loud = np.flatnonzero(power > power.max() / 100)
    return float(loud[0] / 20), float((loud[-1] + 1) / 20)


def row(register: Register, name: str, seconds: float, level: int, mix: Sound, planted: Sequence[Planted]) -> Row:
    """What of it is found."""
    heard = register.heard(mix)
    errors: list[float] = []
    found, right = 0, 0
    for each in planted:
        own = [one for one in heard if one.number == each.number and one.first < each.last and one.last > each.first]
        right += len(own)
        if own:
            found += 1
            errors.append(abs(float(min(one.first for one in own)) - each.first))
            errors.append(abs(float(max(one.last for one in own)) - each.last))
    half, most = np.percentile(errors, [50, 90]) if errors else (0.0, 0.0)
    return Row(
        name=name,
        seconds=seconds,
        level=level,
        planted=len(planted),
        found=round(found / len(planted), 3),
        half_error=round(float(half), 3),
        most_error=round(float(most), 3),
        others=len(heard) - right,
    )


def false_alarms(register: Register, cache: Path, *, quick: bool) -> Iterator[dict[str, object]]:
    """What is heard in sounds of which nothing is registered."""
    for kind, packages in sounds.HELD_BACK.items():
        made = [sound for _, sound in sounds.sounds(cache, packages, 60 if quick else 600)]
        if not made:
            continue
        whole = np.concatenate(made)
        scores = sorted((one.score for one in register.heard(whole, least=12.0)), reverse=True)
        hours = len(whole) / RATE / 3600
        alarms = sum(score >= LEAST_SCORE for score in scores)
        yield {"kind": kind, "hours": round(hours, 2), "false": alarms, "highest": scores[:5]}


def takes(cache: Path) -> Iterator[dict[str, object]]:
    """Other takes of a registered line by the same voice, alone and clean: how many are taken for it."""
    for name, spoken in (("eSpeak NG", sounds.espeak_takes(cache)), ("Piper", sounds.piper_takes(cache))):
        if not spoken:
            continue
        register = Register([(str(number), lines[0]) for number, lines in enumerate(spoken)])
        others = [(number, take) for number, lines in enumerate(spoken) for take in lines[1:]]
        heard = [any(one.number == number for one in register.heard(_padded(take))) for number, take in others]
        same = [any(one.number == n for one in register.heard(_padded(lines[0]))) for n, lines in enumerate(spoken)]
        yield {"voice": name, "takes": len(others), "told": sum(heard), "the registered": len(same), "found": sum(same)}


def _padded(sound: Sound) -> Sound:
    return np.pad(sound, (8_037, 8_000))


if __name__ == "__main__":
    main()
