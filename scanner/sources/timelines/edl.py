"""Edit decision lists: CMX 3600 and kin, line by line.

The adapter for them gives a list up at its first odd line and keeps one of the two names of a transition, so that it
would lose names. Record times are told as they are written, drop-frame where the list says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from opentimelineio import opentime

from scanner.model import Mention, Named
from scanner.sources.carriers.bounds import Skipped
from scanner.sources.clean import decoded
from scanner.sources.timelines.reading import UNTITLED, Told, mention, whole

_TIME = re.compile(r"(\d{1,2})[:;.,](\d\d)[:;.,](\d\d)([:;.,])(\d\d)")
_NUMBER = re.compile(r"\d{1,6}[A-Za-z]?")
_CHANNEL = re.compile(r"(?:NONE|B|A/V|AA(?:/V)?|A\d*(?:/V)?|V\d*|V?A[\dA]*|VA\d*)", re.IGNORECASE)
_EDIT = re.compile(r"(?:C|D|W\d{1,4}|K|KB|KO|O|B|\(F\))", re.IGNORECASE)
# What a locator begins with: its time and its colour.
_LOCATOR = re.compile(r"[\d:;.,]{11}[ \t]+[A-Z]{3,10}[ \t]+")
_LONGEST_LINE = 4096
_MOST_COMMENTS = 1000
_DROP_RATES = (30000 / 1001, 60000 / 1001)
_WHOLE_RATES = (24, 25, 30, 48, 50, 60)
# What a comment begins with -> what it names. Longer ones first: FROM CLIP is the beginning of FROM CLIP NAME.
_NAMES: tuple[tuple[str, Named], ...] = (
    ("FROM CLIP NAME", Named.CLIP),
    ("TO CLIP NAME", Named.CLIP),
    ("KEY CLIP NAME", Named.CLIP),
    ("CLIP NAME", Named.CLIP),
    ("FROM CLIP", Named.SOURCE),
    ("TO CLIP", Named.SOURCE),
    ("FROM FILE", Named.SOURCE),
    ("TO FILE", Named.SOURCE),
    ("SOURCE FILE", Named.SOURCE),
    ("OTIO REFERENCE FROM", Named.SOURCE),
    ("FINAL CUT PRO REEL", Named.REEL),
    ("SOURCE REEL", Named.REEL),
    ("REEL", Named.REEL),
    ("TAPE", Named.REEL),
    ("LOC", Named.CLIP),
    ("COMMENT", Named.CLIP),
)
_NAMELESS = ("ASC_SOP", "ASC_SAT", "AUD ", "AUDIO LEVEL", "SPLIT", "EFFECTS NAME IS", "FREEZE FRAME", "FCM")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of an event: a reel on a channel, from where to where it is recorded."""

    number: str
    reel: str
    channel: str
    record: tuple[str, str]


@dataclass(slots=True)
class _List:
    """A list as far as it has been read: its title, how it counts, and the event that is being read.

    An event is all lines of one number with the comments behind them. A transition has two lines: what it leaves, and
    what it meets.
    """

    title: str = UNTITLED
    drop: bool = False
    lines: list[_Line] = field(default_factory=list)
    named: list[tuple[Named, str]] = field(default_factory=list)

    def read(self, line: str, count: int) -> Told:
        """Take in the next line; gives what is whole by then."""
        upper = line.upper()
        if upper.startswith("TITLE:"):
            self.title = line[6:].strip() or UNTITLED
        elif upper.startswith("FCM:"):
            self.drop = "NON" not in upper and "DROP" in upper
        elif (head := _head(line, drop=self.drop)) is not None:
            yield from self._event(head, count)
        elif line:
            if _is_broken(line):
                yield from self.told()
                yield Skipped(what=f"line {count}: an event that is not understood")
            self.named.extend(_comment(line))
            if len(self.named) > _MOST_COMMENTS:
                yield from self._names()

    def _event(self, head: _Line, count: int) -> Told:
        if not self.lines or self.lines[0].number != head.number:
            yield from self.told()
        self.lines.append(head)
        yield from _doubts(head, count)

    def told(self) -> Iterator[Mention]:
        """The event that was read, and forget it."""
        for line in self.lines:
            # What a transition leaves has no length of its own: its name is seen while the transition lasts.
            at = self.lines[-1].record if line.record[0] == line.record[1] else line.record
            yield from mention(Named.REEL, line.reel, timeline=self.title, track=line.channel, at=at)
        yield from self._names()
        self.lines.clear()

    def _names(self) -> Iterator[Mention]:
        channel, at = (self.lines[-1].channel, self.lines[-1].record) if self.lines else (None, (None, None))
        for named, name in self.named:
            yield from mention(named, name, timeline=self.title, track=channel, at=at)
        self.named.clear()


def mentions(path: Path) -> Told:
    """Every name of the list. What looks like an event and is none is told; its words are looked up all the same."""
    reading = _List()
    for count, line in enumerate(decoded(whole(path)).removeprefix("\ufeff").splitlines(), start=1):
        yield from reading.read(line[:_LONGEST_LINE].strip(), count)
    yield from reading.told()


def _head(line: str, *, drop: bool) -> _Line | None:
    """A line of an event: number, reel (which may have spaces), channel, edit with its length, and four times."""
    words = line.split()
    if len(words) < 7 or not _NUMBER.fullmatch(words[0]):
        return None
    times = [_time(word, drop=drop) for word in words[-4:]]
    record_in, record_out = times[2:]
    if record_in is None or record_out is None or None in times:
        return None
    middle = words[1:-4]
    if middle[-1].isdigit() and len(middle) > 2:
        middle.pop()
    while len(middle) > 1 and _EDIT.fullmatch(middle[-1]):
        middle.pop()
    channel = middle.pop() if len(middle) > 1 and _CHANNEL.fullmatch(middle[-1]) else ""
    return _Line(number=words[0], reel=" ".join(middle), channel=channel.upper(), record=(record_in, record_out))


def _time(word: str, *, drop: bool) -> str | None:
    """A time as it is shown: timecode, or the number of a frame."""
    if word.isdigit() and len(word) < 10:
        return f"frame {int(word)}"
    found = _TIME.fullmatch(word)
    if found is None:
        return None
    mark = ";" if drop or found[4] != ":" else ":"
    return f"{int(found[1]):02}:{found[2]}:{found[3]}{mark}{found[5]}"


def _doubts(line: _Line, count: int) -> Iterator[Skipped]:
    """Record times that no clock shows: they are told as written, and that they cannot be right."""
    for time in line.record:
        if not time.startswith("frame ") and not _exists(time):
            yield Skipped(what=f"line {count}: {time} is no timecode")


def _exists(time: str) -> bool:
    frames = int(time[-2:])
    rates = _DROP_RATES if ";" in time else _WHOLE_RATES
    rate = next((rate for rate in rates if round(rate) > frames), None)
    if rate is None:
        return False
    try:
        return bool(opentime.to_timecode(opentime.from_timecode(time, rate), rate) == time)
    except ValueError:
        return False


def _is_broken(line: str) -> bool:
    """It begins as an event does and holds times, but cannot be read as one."""
    words = line.split()
    return bool(_NUMBER.fullmatch(words[0])) and sum(_TIME.match(word) is not None for word in words) > 1


def _comment(line: str) -> Iterator[tuple[Named, str]]:
    """What a line beside the events names. A line of no known kind is looked up as it stands."""
    body = line.lstrip("*> \t")
    upper = body.upper()
    if upper.startswith(_NAMELESS):
        return
    words = body.split()
    if upper.startswith("M2 ") and len(words) > 2:
        yield Named.REEL, " ".join(words[1:-2] or words[1:2])
        return
    for key, named in _NAMES:
        if upper.startswith(key):
            name = body[len(key) :].lstrip(" :\t")
            yield named, _LOCATOR.sub("", name) if key == "LOC" else name
            return
    yield Named.CLIP, body
