"""How often what is registered is heard where it is not: by source and kind, and what the tail of scores says."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.held_back import Held
from benchmarks.tail import tail_of
from scanner.match.hearing import LEAST_SCORE, HearingIndex
from scanner.match.soundings import LOOSELY_MORE, TURNED_MORE, Sounding
from scanner.match.stretches import Sought

# Scores from here on are counted, for the tail.
_LEAST, _FOR_A_TAIL = 10.0, 12
AN_HOUR = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was heard: at what score, where, and what it was taken for."""

    score: float
    kind: str
    source: str
    file: str
    seconds: float
    registered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms:
    """Hours of a kind and source, alarms in them, the highest scores."""

    kind: str
    source: str
    hours: float
    false: int
    highest: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Of a kind: hours, alarms, the most an hour that they leave likely (95 %), the score reached 0.1 times an hour.

    `fitted`: how often an hour the fitted tail reaches the score that counts. None where too few scores say anything.
    """

    kind: str
    hours: float
    false: int
    at_most: float
    highest: tuple[float, ...]
    fitted: float | None
    wanted: float | None


def looked_up(index: HearingIndex, sought: Sought, held: Iterable[Held]) -> tuple[list[FalseAlarms], list[Told]]:
    """Every source looked up: a row each, and all that reached a low score."""
    rows, told = [], []
    for each in held:
        here = [_told(each, one) for one in index.heard([each.marks], sought, least_score=_LEAST)]
        scores = sorted((one.score for one in here), reverse=True)
        row = FalseAlarms(
            kind=each.kind,
            source=each.source,
            hours=round(each.hours, 3),
            false=sum(score >= LEAST_SCORE for score in scores),
            highest=tuple(scores[:3]),
        )
        print(row, flush=True)
        rows.append(row)
        told += here
    return rows, told


def _told(held: Held, one: Sounding) -> Told:
    return Told(
        score=level(one),
        kind=held.kind,
        source=held.source,
        file=held.file_at(float(one.first)),
        seconds=round(float(one.last - one.first), 2),
        registered=one.asset.name,
    )


def level(one: Sounding) -> float:
    """Its score, so that `LEAST_SCORE` is what it must reach however it was turned."""
    if one.pitch:
        return round(one.score / TURNED_MORE, 1)
    return one.score if one.speed == 1 else round(one.score / LOOSELY_MORE, 1)


def rates(rows: Iterable[FalseAlarms], told: Iterable[Told]) -> Iterator[Rate]:
    """A row a kind, and one for all."""
    rows, told = list(rows), list(told)
    kinds = list(dict.fromkeys(row.kind for row in rows))
    for kind, of_it in [*((kind, {kind}) for kind in kinds), ("all", set(kinds))]:
        hours = sum(row.hours for row in rows if row.kind in of_it)
        scores = sorted((one.score for one in told if one.kind in of_it), reverse=True)
        false = sum(row.false for row in rows if row.kind in of_it)
        tail = tail_of(scores) if len(scores) >= _FOR_A_TAIL else None
        yield Rate(
            kind=kind,
            hours=round(hours, 2),
            false=false,
            at_most=round(most_likely(false) / hours, 3),
            highest=tuple(scores[:3]),
            fitted=None if tail is None else round(tail.expected(LEAST_SCORE) / hours, 4),
            wanted=None if tail is None else round(tail.score_for(AN_HOUR * hours), 1),
        )


def most_likely(count: int, share: float = 0.95) -> float:
    """The rate that is not exceeded at this confidence where so many were counted (Poisson)."""
    low, high = 0.0, 10.0 + 3 * count
    for _ in range(60):
        middle = (low + high) / 2
        within = sum(math.exp(-middle + n * math.log(middle) - math.lgamma(n + 1)) for n in range(count + 1))
        low, high = (middle, high) if within > 1 - share else (low, middle)
    return high
