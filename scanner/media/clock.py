"""Times of day in words. Loads no decoder."""

from fractions import Fraction


def clock(seconds: Fraction) -> str:
    """A time of day to the millisecond: `10:00:00.250`."""
    minutes, rest = divmod(int(seconds), 60)
    thousandths = int((seconds - int(seconds)) * 1000)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}:{rest:02}.{thousandths:03}"
