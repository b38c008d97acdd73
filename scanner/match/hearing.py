"""Hears registered sounds in delivered ones: alone, or under others.

Pairs of landmarks that a delivered sound and a registered one have in common vote for how the two are laid against each
other. Where several agree within seconds, all registered landmarks are checked (`match.agreeing`). Sounds that run
faster or slower, or higher or lower, are looked for by turning the delivered landmarks back. What is known to be good
is looked for first, at every speed and pitch: landmarks that it explains are not heard as anything else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from math import log
from pathlib import Path

import numpy as np

from scanner.fingerprint import landmarks
from scanner.match.agreeing import Agreement, Canvas, Hint, agreements, laid, promising, share_left
from scanner.match.ends import ends
from scanner.match.pairs import Peaks
from scanner.match.sound_part import SoundPart, grown
from scanner.match.soundings import LOOSELY_MORE, TURNED_MORE, Sounding, flooding, once
from scanner.match.stretches import Sought
from scanner.match.voting import hinted
from scanner.model import AssetRef, SoundMarks

# The score from which a sound is said to be heard where two hours (hops) are registered: see docs/benchmarks.md.
LEAST_SCORE, _CALIBRATED = 28.0, 450_000
# As a sound may have been turned: (speed, semitones). Film speeds, with the pitch kept and with the pitch going along;
# half of these, as when a line is fitted to lips; and pitch alone.
TURNS: tuple[tuple[float, float], ...] = (
    (1.0, 0.0),
    (25 / 24, 0.0),
    (24 / 25, 0.0),
    (1.02, 0.0),
    (0.98, 0.0),
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
# Stretches of one sound, laid alike, with no more than this between them (hops) are one.
_ONE_STRETCH, _ONE_WAY = 190, 3

# Of what speaks for a sound, so much must be left when what is known to be good has explained its own.
_LEAST_LEFT = 0.4

_Hinted = tuple[SoundPart, Hint]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """How a sound may have been turned, and the score from which it counts."""

    speed: float
    pitch: float
    least: float

    @property
    def turned(self) -> bool:
        return (self.speed, self.pitch) != TURNS[0]

    @property
    def loosely(self) -> bool:
        """Whether its speed alone was changed."""
        return self.turned and not self.pitch

    def back(self, peaks: Peaks) -> Peaks:
        """Delivered landmarks as they were registered."""
        return peaks.turned(1 / self.speed, -self.pitch)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What landmarks within minutes hint at, turned one way: of what is wanted, and of what is known to be good."""

    way: _Way
    wanted: list[_Hinted]
    good: list[_Hinted]


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
        SoundPart.joined([*self.sealed(), *([] if self._parts else [SoundPart.of(())])]).write(folder)

    @classmethod
    def read(cls, folder: Path, assets: Sequence[AssetRef]) -> "HearingIndex":
        """What `write` wrote, read from disk as it is needed. Raises ValueError or OSError where it is unfit."""
        part = SoundPart.read(folder)
        if len(part.assets) and int(part.assets.max()) >= len(assets):
            msg = f"it is of more than {len(assets)} assets"
            raise ValueError(msg)
        return cls(assets, [part])

    def sealed(self) -> list[SoundPart]:
        """The parts, what is new among them; small ones are joined."""
        if self._new:
            self._parts, self._new = grown(self._parts, self._new), []
        return self._parts

    def _more(self) -> float:
        """What more a score must be: chance finds the more, the more is registered."""
        return log(max(1.0, sum(part.end for part in self.sealed()) / _CALIBRATED))

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
        return flooding(once(told), flood_places)

    def _in_channel(self, marks: SoundMarks, sought: Sought, least: float, *, turns: bool) -> Iterator[Sounding]:
        whole = Peaks.of(marks)
        pages = [page for way in _ways(least, turns=turns) for page in self._pages(way.back(whole), sought, way)]
        left = _unexplained(whole, pages)
        for way, of_way in groupby(pages, key=lambda page: page.way):
            peaks, unexplained = way.back(whole), way.back(left)
            for part, found in _agreements(unexplained, way, [page.wanted for page in of_way]):
                own = part.between(found.first, found.last + 1)
                if len(left) == len(whole) or share_left(peaks, unexplained, own, found) >= _LEAST_LEFT:
                    yield self._sounding(marks, part, found, way)

    def _pages(self, peaks: Peaks, sought: Sought, way: _Way) -> Iterator[_Page]:
        """What a channel's landmarks, turned back, hint at."""
        last = int(peaks.hops[-1]) + 1 if len(peaks) else 0
        for first in range(0, last, _PAGE - _OVERLAP):
            canvas = Canvas(peaks, first, min(last, first + _PAGE))
            page = _Page(way=way, wanted=[], good=[])
            for part, hints in hinted(peaks.between(first, first + _PAGE), self.sealed(), turned=way.turned):
                for hint in _promising(canvas, part, hints):
                    number = part.assets[part.sound_at(hint.first - hint.laid)]
                    if sought.good[number]:
                        page.good.append((part, hint))
                    elif sought.wanted[number]:
                        page.wanted.append((part, hint))
            if page.good or page.wanted:
                yield page

    def _sounding(self, marks: SoundMarks, part: SoundPart, found: Agreement, way: _Way) -> Sounding:
        number = int(part.assets[found.sound])
        begin, start = int(part.begins[found.sound]), part.starts[found.sound]
        window = landmarks.WINDOW / landmarks.STEP

        def delivered(place: float) -> Fraction:
            return marks.start + Fraction(max(0.0, place / way.speed)).limit_denominator(1000) * marks.hop

        def registered(place: float) -> Fraction:
            return Fraction(float(start) + (place - begin) * float(landmarks.HOP)).limit_denominator(100_000)

        return Sounding(
            asset=self.assets[number],
            number=number,
            stream=marks.stream,
            channel=marks.channel,
            first=delivered(found.first + found.laid + window / 2),
            last=delivered(found.last + found.laid_last + window / 2),
            asset_first=registered(found.first + window / 2),
            asset_last=registered(found.last + window / 2),
            votes=found.heard,
            score=round(found.score, 1),
            kept=round(found.kept, 1),
            speed=way.speed,
            pitch=way.pitch,
        )


def _ways(least: float, *, turns: bool) -> Iterator[_Way]:
    for speed, pitch in TURNS if turns else TURNS[:1]:
        way = _Way(speed=speed, pitch=pitch, least=least)
        yield replace(way, least=least * (LOOSELY_MORE if way.loosely else TURNED_MORE if way.turned else 1.0))


def _unexplained(whole: Peaks, pages: Sequence[_Page]) -> Peaks:
    """The landmarks of a channel that nothing known to be good explains, at any speed or pitch."""
    left = np.ones(len(whole), np.bool_)
    for way, of_way in groupby((page for page in pages if page.good), key=lambda page: page.way):
        peaks = way.back(whole)
        for part, found in _checked(peaks, way, [page.good for page in of_way]):
            first, last = ends(peaks, part, found)
            own = laid(part.between(first, last + 1), found.laid, found.laid_last).turned(way.speed, way.pitch)
            left[Canvas(whole, int(own.hops[0]), int(own.hops[-1]) + 1).explained(own)] = False
    return whole.only(left)


def _agreements(peaks: Peaks, way: _Way, pages: Sequence[list[_Hinted]]) -> Iterator[tuple[SoundPart, Agreement]]:
    """What agrees in a channel, turned back; stretches that go on put together, their ends looked at again."""
    by_part: dict[int, tuple[SoundPart, list[Agreement]]] = {}
    for part, found in _checked(peaks, way, pages):
        by_part.setdefault(id(part), (part, []))[1].append(found)
    for part, several in by_part.values():
        for each in _put_together(several):
            first, last = ends(peaks, part, each)
            yield part, replace(each, first=first, last=last)


def _checked(peaks: Peaks, way: _Way, pages: Sequence[list[_Hinted]]) -> Iterator[tuple[SoundPart, Agreement]]:
    """The hints that hold, page by page."""
    for page in filter(None, pages):
        canvas = Canvas(peaks, min(hint.first for _, hint in page), max(hint.last for _, hint in page) + 1)
        for part, hint in page:
            yield from (
                (part, found)
                for found in agreements(canvas, part, hint, way.least, turned=way.turned, loosely=way.loosely)
            )


def _promising(canvas: Canvas, part: SoundPart, hints: Sequence[Hint]) -> list[Hint]:
    if not hints:
        return []
    lies, first, last = np.array([(hint.laid, hint.first, hint.last) for hint in hints], np.int64).T
    return [hint for hint, good in zip(hints, promising(canvas, part, lies, first, last), strict=True) if good]


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
            laid_last=each.laid_last if each.last > before.last else before.laid_last,
            heard=before.heard + each.heard,
            score=before.score + each.score,
            kept=before.kept + each.kept,
        )
    return together


def _goes_on(before: Agreement, each: Agreement) -> bool:
    return (
        before.sound == each.sound
        and abs(before.laid_last - each.laid) <= _ONE_WAY
        and each.first - before.last <= _ONE_STRETCH
    )


def _same(one: Agreement, other: Agreement) -> bool:
    """Whether both are of one sound, overlap where they are heard, and lie almost alike or are parts of one stretch."""
    if one.sound != other.sound:
        return False
    first, last = max(one.first + one.laid, other.first + other.laid), min(one.last + one.laid, other.last + other.laid)
    return last - first > 0.5 * min(one.last - one.first, other.last - other.first)
