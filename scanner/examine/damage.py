"""Words for what of a picture could not be had, from counts of what was there, and the times of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scanner.media.coverage import Counts, missing_frames
from scanner.media.timecode import shown
from scanner.model import Observation, PictureTrack, Place, Unreadable

# What image sequences, and tracks that tell no rate, are counted by.
SEQUENCE_RATE = Fraction(24)
# So many broken stretches or files are named in words, and so many listed in the coverage; the rest is counted.
MOST_NAMED, MOST_LISTED = 5, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What a track lacks: what is to be said of it, notes on it, and where it is broken."""

    damage: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


def lost_frames(counts: Counts, about: PictureTrack, examined: int, step: int) -> Lost:
    """What a track that was read to its end, by every `step`-th frame, lacks."""
    if not examined:
        return Lost(damage=(Unreadable(source="picture", reason="no frame of its picture can be decoded"),))
    damage: list[Observation] = []
    lost = missing_frames(counts)
    if lost:
        reason = f"{lost} of {counts.present + lost} frames are missing: the file ends early"
        damage.append(Unreadable(source="picture", reason=reason, partly=True))
    if counts.damaged == counts.led_in and counts.decoded >= counts.present:
        # A file that begins inside an open group of pictures refers to frames before it; every frame came out.
        note = "picture: its first frames refer to frames before its beginning"
        return Lost(damage=tuple(damage), notes=(note,) if counts.led_in else ())
    if not counts.damaged:
        return Lost(damage=tuple(damage))
    places = tuple(_places(counts, about, step))
    where = f"from {_named(places)}" if places else "at a time that is not known"
    damage.append(Unreadable(source="picture", reason=f"{_how_many(counts)}, {where}", partly=True))
    return Lost(damage=tuple(damage), notes=(f"picture: broken {where}",), places=places)


def failed_files(failed: int, names: Sequence[str], reason: str, examined: int) -> Lost:
    """What an image sequence lacks of which so many sampled files could not be decoded: the first names, one reason."""
    if not failed:
        return Lost()
    told = f"{failed} of {examined + failed} sampled files cannot be decoded; {reason}"
    note = f"picture: files that cannot be decoded: {_list(names, failed)}"
    return Lost(damage=(Unreadable(source="picture", reason=told, partly=examined > 0),), notes=(note,))


def picture_length(last: Fraction, about: PictureTrack, present: int) -> Fraction:
    """A track's length in seconds; `last`: when its last sampled frame is shown."""
    rate = about.frame_rate or SEQUENCE_RATE
    return max(last + 1 / rate, present / rate)


def _how_many(counts: Counts) -> str:
    """Of what was not decoded nothing is known: it is told of how many frames the damage is."""
    if counts.tried < counts.present:
        looked_at = f"{counts.damaged} of the {counts.tried} frames that were decoded cannot be decoded cleanly"
        return f"{looked_at} (there are {counts.present}; those between were not tried)"
    return f"{counts.damaged} of {counts.present} frames cannot be decoded cleanly"


def _places(counts: Counts, about: PictureTrack, step: int) -> Iterator[Place]:
    """The stretches that are broken; those that are no further apart than the samples are one."""
    rate = about.frame_rate or SEQUENCE_RATE
    unsure = step - 1 if counts.tried < counts.present else 0
    for begin, last in _together(counts.broken, step / rate):
        end = last + 1 / rate
        yield Place(
            seconds_in=begin,
            seconds_out=end,
            timecode_in=shown(begin, about.frame_rate, about.start_timecode),
            timecode_out=shown(end, about.frame_rate, about.start_timecode),
            accuracy_frames=unsure,
        )


def _together(times: Iterable[Fraction], apart: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """The first and the last of times that are no further apart than that, and a little for rounded stamps."""
    begin = last = None
    for at in sorted(times):
        if begin is None or last is None:
            begin = at
        elif at - last > apart * Fraction(5, 4):
            yield begin, last
            begin = at
        last = at
    if begin is not None and last is not None:
        yield begin, last


def _named(places: Sequence[Place]) -> str:
    return _list([f"{place.timecode_in} to {place.timecode_out}" for place in places[:MOST_NAMED]], len(places))


def _list(told: Sequence[str], count: int) -> str:
    more = count - len(told[:MOST_NAMED])
    return f"{', '.join(told[:MOST_NAMED])}{f' and {more} more' if more else ''}"
