"""Listens to the sound of a member, inside the examining process: what is heard, and what could not be."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from scanner.examine.confine import limit_cpu
from scanner.examine.job import Job
from scanner.fingerprint.names import LANDMARKS, LANDMARKS_VERSION
from scanner.media.excerpts import excerpts, pieces
from scanner.media.frames import UnreadableMediaError
from scanner.media.listening import Listened, listen, sound_tracks
from scanner.model import Observation, SoundMarks, SoundSpan, Thumbnail, Unreadable

_MOST_NAMED, _MOST_TIMES = 8, 5
# Packets that are broken so near to each other are one place.
_TOGETHER = Fraction(1)


@dataclass(slots=True)
class SoundReading:
    """What has been heard of a member so far; kept even when reading breaks off."""

    marks: tuple[SoundMarks, ...] = ()
    begins: Fraction | None = None
    seconds: Fraction | None = None
    streams: int = 0
    channels: int = 0
    plain: int = 0
    damage: list[Observation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    excerpts: list[Thumbnail] = field(default_factory=list)


def read_sound(job: Job, reading: SoundReading, alive: Callable[[], None], *, beside: bool) -> None:
    """Listen to all of it. `beside`: beside a picture, where there may be none. Raises UnreadableMediaError."""
    path = job.paths[0]
    if beside and not sound_tracks(path):
        reading.seconds = Fraction(0)
        reading.marks = (_nothing_heard(),) if job.registering else ()
        return
    heard = listen(path, alive)
    reading.marks, reading.seconds = heard.marks, heard.seconds
    reading.streams, reading.channels = heard.tracks, heard.channels
    reading.begins = None if beside else heard.start
    reading.damage += _damage(heard)
    silent, plain = list(heard.silent), [name for name in heard.plain if not name.startswith(("mix ", "side "))]
    reading.plain = len(silent) + len(plain)
    told = ((silent, _SILENT), (plain, _PLAIN))
    reading.notes += [f"sound: {_named(names)} {words}" for names, words in told if names]
    if job.registering:
        reading.marks = heard.marks or (_nothing_heard(),)
        says = any(each.informative for each in heard.marks)
        spans = pieces(heard.seconds, heard.channels) if says else ()
        reading.excerpts += [each for each in excerpts(path, spans, alive) if each is not None]


_SILENT = "silent"
_PLAIN = "without anything that could be recognised (tone, noise, or too little)"


def _nothing_heard() -> SoundMarks:
    """What is kept of an asset that was listened to, and in which there is nothing to hear."""
    return SoundMarks(
        algorithm=LANDMARKS,
        version=LANDMARKS_VERSION,
        stream=0,
        channel="mix",
        start=Fraction(0),
        hop=Fraction(1),
        hops=0,
        codes=b"",
        times=b"",
        informative=(),
    )


def _damage(heard: Listened) -> Iterator[Unreadable]:
    if heard.damaged_packets:
        packets = "1 packet" if heard.damaged_packets == 1 else f"{heard.damaged_packets} packets"
        times = _times(heard.broken)
        yield Unreadable(source="sound", reason=f"{packets} cannot be decoded{times}", partly=True)
    if heard.missing_seconds:
        seconds = float(heard.missing_seconds)
        yield Unreadable(source="sound", reason=f"its last {seconds:.2f} seconds are missing", partly=True)
    for reason in heard.left_out:
        yield Unreadable(source="sound", reason=reason, partly=True)


def _times(broken: Sequence[Fraction]) -> str:
    """Where, in seconds after the beginning; packets side by side as one place."""
    places: list[list[Fraction]] = []
    for at in broken:
        if places and at - places[-1][1] <= _TOGETHER:
            places[-1][1] = at
        else:
            places.append([at, at])
    told = [f"{float(a):.1f} s" + (f" to {float(b):.1f} s" if b - a >= 1 else "") for a, b in places[:_MOST_TIMES]]
    more = len(places) - len(told)
    return f", at {', '.join(told)}{f' and in {more} more places' if more else ''}" if told else ""


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more channels" if more > 0 else "")


def guarded_excerpts(job: Job, spans: tuple[SoundSpan, ...]) -> tuple[Thumbnail | None, ...]:
    """Excerpts for the report as a job of its own; None for what cannot be had."""
    limit_cpu(job.deadline)
    found: list[Thumbnail | None] = []
    with suppress(UnreadableMediaError, MemoryError):
        found += excerpts(job.paths[0], spans, lambda: None)
    return (*found, *(None,) * (len(spans) - len(found)))
