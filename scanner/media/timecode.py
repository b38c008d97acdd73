"""Timecode is shown, never computed with: exact seconds in, SMPTE ST 12 text out."""

import re
from fractions import Fraction

from timecode.timecode import Timecode, TimecodeError

_DROP_RATES = {Fraction(30000, 1001): "29.97", Fraction(60000, 1001): "59.94"}
_TIMECODE = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}[:;.][0-9]{2,3}")
_FALLBACK_RATE = Fraction(24)
_PULLED_DOWN = Fraction(1000, 1001)
# 23.976 for 24000/1001 and the like; an average over a track may be a little off.
_ROUNDING = Fraction(1, 5000)


def standard(rate: Fraction) -> Fraction | None:
    """The rate that pictures are counted by: whole, or whole and pulled down by 1000/1001. None for any other."""
    for exact in (Fraction(round(rate)), round(rate / _PULLED_DOWN) * _PULLED_DOWN):
        if exact and abs(rate / exact - 1) <= _ROUNDING:
            return exact
    return None


def shown(seconds: Fraction, rate: Fraction | None, start: str | None) -> str:
    """The timecode of the frame on screen at `seconds` after the first frame of a track that starts at `start`.

    Drop-frame when `start` is (`;`). A track without a rate counts in 24ths; one without a start begins at zero; one
    of a rate that nobody counts by (variable, 12.5) is told in hours, minutes, seconds and frames of that second.
    """
    counted = standard(rate or _FALLBACK_RATE)
    if counted is None:
        return _plain(seconds, rate or _FALLBACK_RATE)
    # Container times are rounded to their time base, so a frame's time may lie a hair before the frame's exact start.
    frame = int(seconds * counted + Fraction(1, 4))
    # What a container calls its timecode is hostile text until it looks like one.
    begin = start if start and _TIMECODE.fullmatch(start) else "00:00:00:00"
    drop = ";" in begin and counted in _DROP_RATES
    try:
        first = Timecode(_name(counted), begin.replace(";", ":"), force_non_drop_frame=not drop)
        return str(first + frame) if frame else str(first)
    except (TimecodeError, ValueError, TypeError, IndexError):
        return _plain(Fraction(frame, round(counted)), counted)


def _name(rate: Fraction) -> str:
    """The rate as the timecode library names it; counting needs whole frames a second."""
    return _DROP_RATES.get(rate) or str(round(rate))


def _plain(seconds: Fraction, rate: Fraction) -> str:
    whole = int(seconds)
    frames = int((seconds - whole) * rate + Fraction(1, 4))
    return f"{whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}:{frames:02}"
