"""What an examining process is asked to do. The decoders are imported only there: the parent never holds them."""

import ctypes
import sys
from fractions import Fraction

from scanner.examine.confine import Rights
from scanner.examine.confine import rights as rights_here
from scanner.examine.job import End, EndQuestion, Examined, Job
from scanner.model import SoundSpan, Thumbnail, TimeRange


def examine(job: Job) -> Examined:
    """Examine one member."""
    from scanner.examine import examiner

    try:
        return examiner.examine(job)
    finally:
        _give_back()


def ranges(job: Job) -> tuple[TimeRange, ...]:
    """The ranges of time in which a long member is examined."""
    from scanner.examine import examiner

    return examiner.guarded_ranges(job)


def pictures(job: Job, seconds: tuple[Fraction, ...]) -> tuple[Thumbnail, ...]:
    """Thumbnails of the frames at these times."""
    from scanner.examine import examiner

    return examiner.pictures(job, seconds)


def excerpts(job: Job, spans: tuple[SoundSpan, ...]) -> tuple[Thumbnail | None, ...]:
    """Excerpts of the sound."""
    from scanner.examine import sounds

    return sounds.guarded_excerpts(job, spans)


def ends(job: Job, questions: tuple[EndQuestion, ...]) -> tuple[End | None, ...]:
    """The times of the ends of segments, to the frame."""
    from scanner.examine import ends

    return ends.guarded_ends(job, questions)


def rights() -> Rights:
    """What this examining process may still do."""
    return rights_here()


def _give_back() -> None:
    """Give freed memory back: decoders hold some hundred megabytes, in the heap of each of their threads (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
