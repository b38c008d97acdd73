"""Pieces of registered sounds in a programme, each over a bed of its own, and what is found of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import hearing_cost, treatments
from benchmarks.sounds import Sound, loudness
from scanner.fingerprint.landmarks import RATE
from scanner.match.hearing import LEAST_SCORE, HearingIndex
from scanner.match.soundings import Sounding
from scanner.match.stretches import Sought
from scanner.model import AssetRef

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


def found(register: Register, name: str, seconds: float, level: int, mix: Sound, planted: Sequence[Planted]) -> Row:
    """What of it is found."""
    heard = register.heard(mix)
    errors: list[float] = []
    count, right = 0, 0
    for each in planted:
        own = [one for one in heard if one.number == each.number and one.first < each.last and one.last > each.first]
        right += len(own)
        if own:
            count += 1
            errors.append(abs(float(min(one.first for one in own)) - each.first))
            errors.append(abs(float(max(one.last for one in own)) - each.last))
    half, most = np.percentile(errors, [50, 90]) if errors else (0.0, 0.0)
    return Row(
        name=name,
        seconds=seconds,
        level=level,
        planted=len(planted),
        found=round(count / len(planted), 3),
        half_error=round(float(half), 3),
        most_error=round(float(most), 3),
        others=len(heard) - right,
    )
