"""Timecode is shown, never computed with: exact seconds in, SMPTE ST 12 text out."""

from fractions import Fraction

from timecode.timecode import Timecode, TimecodeError

_DROP_RATES = {Fraction(30000, 1001): "29.97", Fraction(60000, 1001): "59.94"}
_FALLBACK_RATE = Fraction(24)


def shown(seconds: Fraction, rate: Fraction | None, start: str | None) -> str:
    """The timecode of the frame on screen at `seconds` after the first frame of a track that starts at `start`.

    Drop-frame when `start` is (`;`). A track without a rate counts in 24ths; one without a start begins at zero.
    """
    rate = rate or _FALLBACK_RATE
    # Container times are rounded to their time base, so a frame's time may lie a hair before the frame's exact start.
    frame = int(seconds * rate + Fraction(1, 4))
    begin = start or "00:00:00:00"
    drop = ";" in begin and rate in _DROP_RATES
    try:
        first = Timecode(_name(rate), begin.replace(";", ":"), force_non_drop_frame=not drop)
        return str(first + frame) if frame else str(first)
    except (TimecodeError, ValueError, TypeError):
        return _plain(frame, rate)


def _name(rate: Fraction) -> str:
    """The rate as the timecode library names it; counting needs whole frames a second."""
    return _DROP_RATES.get(rate) or str(round(rate))


def _plain(frame: int, rate: Fraction) -> str:
    base = max(1, round(rate))
    seconds, frames = divmod(frame, base)
    return f"{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"
