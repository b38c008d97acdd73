"""Registered sounds that are heard, told once each, though several channels and ways to turn them tell of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from scanner.model import AssetRef

# There are many ways to turn: a turned sounding must score so much more. And where speed was changed and pitch was not,
# other takes of a line are told from copies less well.
TURNED_MORE, LOOSELY_MORE = 1.3, 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """A stretch in which a registered sound is heard: seconds into the delivered file, and into the registered one.

    `also`: other streams that tell the same, each with its best channel.
    """

    asset: AssetRef
    number: int
    stream: int
    channel: str
    first: Fraction
    last: Fraction
    asset_first: Fraction
    asset_last: Fraction
    votes: int
    score: float
    kept: float
    speed: float = 1.0
    pitch: float = 0.0
    floods: bool = False
    also: tuple[tuple[int, str], ...] = ()


def once(told: Sequence[Sounding]) -> list[Sounding]:
    """The best of those that tell of one asset at one time: several channels, several streams, several ways to lie."""
    kept: list[Sounding] = []
    for each in sorted(told, key=lambda one: -one.score / (TURNED_MORE if _is_turned(one) else 1)):
        if any(_told_already(each, other) for other in kept):
            continue
        at = next((at for at, other in enumerate(kept) if _at_once(each, other)), None)
        if at is None:
            kept.append(each)
        elif each.stream not in _streams(kept[at]):
            kept[at] = replace(kept[at], also=(*kept[at].also, (each.stream, each.channel)))
    return sorted(kept, key=lambda one: (one.first, one.asset.asset_id))


def _at_once(each: Sounding, other: Sounding) -> bool:
    """Whether another stream tells the same of the same time."""
    both = min(each.last, other.last) - max(each.first, other.first)
    return each.number == other.number and both > max(each.last - each.first, other.last - other.first) * 3 / 4


def _streams(sounding: Sounding) -> set[int]:
    return {sounding.stream, *(stream for stream, _ in sounding.also)}


def _is_turned(sounding: Sounding) -> bool:
    return (sounding.speed, sounding.pitch) != (1.0, 0.0)


def _told_already(each: Sounding, other: Sounding) -> bool:
    if each.number != other.number or each.stream not in _streams(other):
        return False
    both = min(each.last, other.last) - max(each.first, other.first)
    return both > (each.last - each.first) / 2


def flooding(told: Sequence[Sounding], places: int) -> list[Sounding]:
    """Those of an asset that is heard in so many places of a stream are marked."""
    counts = Counter((each.number, stream) for each in told for stream in _streams(each))
    return [
        replace(each, floods=any(counts[each.number, stream] >= places for stream in _streams(each))) for each in told
    ]
