"""Hears registered sounds in delivered ones: alone, or under others.

Pairs of landmarks that a delivered sound and a registered one have in common vote for how the two are laid against each
other. Where several agree within seconds, all registered landmarks are checked (`match.agreeing`). Sounds that run
faster or slower, or higher or lower, are looked for by turning the delivered landmarks back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import log
from pathlib import Path

import numpy as np

from scanner.fingerprint import landmarks
from scanner.match.agreeing import Agreement, Canvas, Hint, agreements, promising
from scanner.match.pairs import SECONDS_HEARD, SECONDS_REGISTERED, Peaks, pairs
from scanner.match.sound_part import SoundPart
from scanner.match.stretches import Sought
from scanner.match.voting import MEETINGS, TURNED_MEETINGS, hints
from scanner.model import AssetRef, SoundMarks

# The score from which a sound is said to be heard where two hours (hops) are registered: see docs/benchmarks.md.
LEAST_SCORE, _CALIBRATED = 28.0, 450_000
# As a sound may have been turned: (speed, semitones). Film speeds, with the pitch kept and with the pitch going along.
TURNS: tuple[tuple[float, float], ...] = (
    (1.0, 0.0),
    (25 / 24, 0.0),
    (24 / 25, 0.0),
    (25 / 24, 0.707),
    (24 / 25, -0.707),
    (1.0, 0.5),
    (1.0, -0.5),
    (1.0, 1.0),
    (1.0, -1.0),
)
MIX, CENTRE = "mix", "C"
# Hops looked at together, and by how many they overlap.
_PAGE, _OVERLAP = 16_384, 640
_PARTS_KEPT_SMALL = 8
# A turned sounding must score so much more: there are many ways to turn. And where speed was changed and pitch was not,
# other takes of a line are told from copies less well.
_TURNED_MORE, _LOOSELY_MORE = 1.3, 2.0
# Of turned sounds the strongest so many landmarks of every half second are looked up.
_TURNED_STRONGEST = 32
# Stretches of one sound, laid alike, with no more than this between them (hops) are one.
_ONE_STRETCH, _ONE_WAY = 190, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """A stretch in which a registered sound is heard: seconds into the delivered file, and into the registered one."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How a sound is looked for: turned or not; whether its speed alone was changed; the score from which it counts."""

    turned: bool
    loosely: bool
    least: float


class HearingIndex:
    """Registered sounds. Assets are numbered in the order in which they are added."""

    def __init__(self, assets: Sequence[AssetRef] = (), parts: Sequence[SoundPart] = ()) -> None:
        self.assets = list(assets)
        self._parts = list(parts)
        self._new: list[tuple[int, SoundMarks]] = []

    def __len__(self) -> int:
        return len(self.assets)

    def add(self, asset: AssetRef, marks: Sequence[SoundMarks]) -> int:
        """Take in a registered asset, all its channels; returns its number. Raises ValueError for damaged landmarks."""
        for each in marks:
            Peaks.of(each)
        self.assets.append(asset)
        self._new.extend((len(self.assets) - 1, each) for each in marks)
        return len(self.assets) - 1

    def write(self, folder: Path) -> None:
        """Write all of it but the assets into an empty folder."""
        SoundPart.joined([*self._sealed(), *([] if self._parts else [SoundPart.of(())])]).write(folder)

    @classmethod
    def read(cls, folder: Path, assets: Sequence[AssetRef]) -> "HearingIndex":
        """What `write` wrote, read from disk as it is needed. Raises ValueError or OSError where it is unfit."""
        part = SoundPart.read(folder)
        if len(part.assets) and int(part.assets.max()) >= len(assets):
            msg = f"it is of more than {len(assets)} assets"
            raise ValueError(msg)
        return cls(assets, [part])

    def _hints(self, page: Peaks, *, turned: bool) -> Iterator[tuple[SoundPart, list[Hint]]]:
        """What a page of delivered landmarks hints at. Turned sounds are looked for by fewer of them."""
        if turned:
            page = page.strongest(_TURNED_STRONGEST)
        codes, firsts = pairs(page, SECONDS_REGISTERED if turned else SECONDS_HEARD)
        meetings = TURNED_MEETINGS if turned else MEETINGS
        for part in self._sealed():
            yield part, list(hints(part, codes, page.hops[firsts], meetings))

    def _sealed(self) -> list[SoundPart]:
        """The parts, what is new among them; small ones are joined."""
        if self._new:
            self._parts.append(SoundPart.of(self._new))
            self._new = []
            while len(self._parts) > 1 and len(self._parts[-2].firsts) <= _PARTS_KEPT_SMALL * len(
                self._parts[-1].firsts
            ):
                last = self._parts.pop()
                self._parts[-1] = SoundPart.joined([self._parts[-1], last])
        return self._parts

    def _more(self) -> float:
        """What more a score must be: chance finds the more, the more is registered."""
        return log(max(1.0, sum(part.end for part in self._sealed()) / _CALIBRATED))

    def heard(
        self, marks: Sequence[SoundMarks], sought: Sought, *, least_score: float = LEAST_SCORE, flood_places: int = 25
    ) -> list[Sounding]:
        """Where registered sounds are heard in the channels of one file, in order of time.

        Turned sounds are looked for in the down-mix and the centre of a stream that has one, else in all its channels.
        """
        told: list[Sounding] = []
        least = least_score + self._more()
        mixed = {each.stream for each in marks if each.channel == MIX}
        for each in marks:
            turns = each.stream not in mixed or each.channel in (MIX, CENTRE)
            told.extend(self._in_channel(each, sought, least, turns=turns))
        return _flooding(_once(told), flood_places)

    def _in_channel(self, marks: SoundMarks, sought: Sought, least: float, *, turns: bool) -> Iterator[Sounding]:
        whole = Peaks.of(marks)
        for speed, pitch in TURNS if turns else TURNS[:1]:
            turned = (speed, pitch) != (1.0, 0.0)
            loosely = turned and not pitch
            more = _LOOSELY_MORE if loosely else _TURNED_MORE if turned else 1.0
            way = _Way(turned=turned, loosely=loosely, least=least * more)
            for part, found in self._agreements(whole.turned(1 / speed, -pitch), sought, way):
                for each in found:
                    yield self._sounding(marks, part, each, speed, pitch)

    def _agreements(self, peaks: Peaks, sought: Sought, way: _Way) -> Iterator[tuple[SoundPart, list[Agreement]]]:
        """What agrees, page by page, stretches that go on put together."""
        by_part: dict[int, tuple[SoundPart, list[Agreement]]] = {}
        last = int(peaks.hops[-1]) + 1 if len(peaks) else 0
        for first in range(0, last, _PAGE - _OVERLAP):
            page = peaks.between(first, first + _PAGE)
            canvas = Canvas(peaks, first, min(last, first + _PAGE))
            hinted = [(part, _promising(canvas, part, some)) for part, some in self._hints(page, turned=way.turned)]
            for part, some in hinted:
                _explain(canvas, part, some, sought, way)
            for part, some in hinted:
                by_part.setdefault(id(part), (part, []))[1].extend(_checked(canvas, part, some, sought, way))
        for part, found in by_part.values():
            yield part, _put_together(found)

    def _sounding(self, marks: SoundMarks, part: SoundPart, found: Agreement, speed: float, pitch: float) -> Sounding:
        number = int(part.assets[found.sound])
        begin, start = int(part.begins[found.sound]), part.starts[found.sound]
        window = landmarks.WINDOW / landmarks.STEP

        def delivered(place: float) -> Fraction:
            return marks.start + Fraction(max(0.0, (place + found.laid) / speed)).limit_denominator(1000) * marks.hop

        def registered(place: float) -> Fraction:
            return Fraction(float(start) + (place - begin) * float(landmarks.HOP)).limit_denominator(100_000)

        return Sounding(
            asset=self.assets[number],
            number=number,
            stream=marks.stream,
            channel=marks.channel,
            first=delivered(found.first + window / 2),
            last=delivered(found.last + window / 2),
            asset_first=registered(found.first + window / 2),
            asset_last=registered(found.last + window / 2),
            votes=found.heard,
            score=round(found.score, 1),
            kept=round(found.kept, 1),
            speed=speed,
            pitch=pitch,
        )


def _explain(canvas: Canvas, part: SoundPart, hinted: Sequence[Hint], sought: Sought, way: _Way) -> None:
    """Take away the landmarks of what is known to be good: they say nothing of anything else."""
    for hint in hinted:
        if sought.good[part.assets[part.sound_at(hint.first - hint.laid)]]:
            for found in agreements(canvas, part, hint, way.least, loosely=way.loosely):
                canvas.without(part.between(found.first, found.last + 1), hint.laid)


def _checked(canvas: Canvas, part: SoundPart, hinted: Sequence[Hint], sought: Sought, way: _Way) -> Iterator[Agreement]:
    """The hints at what is wanted that hold."""
    for hint in hinted:
        number = part.assets[part.sound_at(hint.first - hint.laid)]
        if sought.wanted[number] and not sought.good[number]:
            yield from agreements(canvas, part, hint, way.least, loosely=way.loosely)


def _promising(canvas: Canvas, part: SoundPart, hinted: Sequence[Hint]) -> list[Hint]:
    if not hinted:
        return []
    laid, first, last = np.array([(hint.laid, hint.first, hint.last) for hint in hinted], np.int64).T
    return [hint for hint, good in zip(hinted, promising(canvas, part, laid, first, last), strict=True) if good]


def _put_together(found: Sequence[Agreement]) -> list[Agreement]:
    """One of several that tell the same; stretches that go on are one."""
    kept: list[Agreement] = []
    for each in sorted(found, key=lambda one: -one.score):
        if not any(_same(each, other) for other in kept):
            kept.append(each)
    together: list[Agreement] = []
    for each in sorted(kept, key=lambda one: (one.sound, one.first)):
        at = next((at for at, before in enumerate(together) if _goes_on(before, each)), None)
        if at is None:
            together.append(each)
            continue
        before = together[at]
        together[at] = replace(
            before,
            last=max(before.last, each.last),
            heard=before.heard + each.heard,
            score=before.score + each.score,
            kept=before.kept + each.kept,
        )
    return together


def _goes_on(before: Agreement, each: Agreement) -> bool:
    return (
        before.sound == each.sound
        and abs(before.laid - each.laid) <= _ONE_WAY
        and each.first - before.last <= _ONE_STRETCH
    )


def _same(one: Agreement, other: Agreement) -> bool:
    """Whether both are of one sound, overlap where they are heard, and lie almost alike or are parts of one stretch."""
    if one.sound != other.sound:
        return False
    first, last = max(one.first + one.laid, other.first + other.laid), min(one.last + one.laid, other.last + other.laid)
    return last - first > 0.5 * min(one.last - one.first, other.last - other.first)


def _once(told: Sequence[Sounding]) -> list[Sounding]:
    """The best of those that tell of one asset at one time in one stream: several channels, several ways to lie."""
    kept: list[Sounding] = []
    for each in sorted(told, key=lambda one: -one.score / (_TURNED_MORE if _is_turned(one) else 1)):
        if not any(_told_already(each, other) for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda one: (one.first, one.asset.asset_id))


def _is_turned(sounding: Sounding) -> bool:
    return (sounding.speed, sounding.pitch) != TURNS[0]


def _told_already(each: Sounding, other: Sounding) -> bool:
    if each.number != other.number or each.stream != other.stream:
        return False
    both = min(each.last, other.last) - max(each.first, other.first)
    return both > (each.last - each.first) / 2


def _flooding(told: Sequence[Sounding], places: int) -> list[Sounding]:
    """Those of an asset that is heard in so many places are marked."""
    counts: dict[tuple[int, int], int] = {}
    for each in told:
        key = each.number, each.stream
        counts[key] = counts.get(key, 0) + 1
    return [replace(each, floods=counts[each.number, each.stream] >= places) for each in told]
