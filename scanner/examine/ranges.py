"""Into which ranges of time a long film is cut. Runs in an examining process: it opens the file."""

from collections.abc import Callable
from itertools import pairwise

from scanner.examine.damage import SEQUENCE_RATE
from scanner.examine.job import Job
from scanner.media.borders import time_ranges
from scanner.model import MediaKind, TimeRange


def ranges(job: Job, alive: Callable[[], None]) -> tuple[TimeRange, ...]:
    """The ranges of the member, in order; none where it is read in one go. Raises UnreadableMediaError.

    It is cut when it is twice as long as a range, and where a seek finds frames exactly. Assets never are.
    """
    if not job.range_seconds or job.registering:
        return ()
    match job.kind:
        case MediaKind.VIDEO:
            return time_ranges(job.paths[0], job.range_seconds, alive)
        case MediaKind.SEQUENCE:
            return _of_files(len(job.files), round(job.range_seconds * SEQUENCE_RATE))
        case MediaKind.STILL | MediaKind.SOUND | MediaKind.OTHER:
            return ()


def _of_files(count: int, each: int) -> tuple[TimeRange, ...]:
    """Ranges of so many files; the last is not shorter than half of the others."""
    if count < 2 * each:
        return ()
    starts = [*range(0, count - each // 2, each), None]
    return tuple(
        TimeRange(
            number=number,
            count=len(starts) - 1,
            time_base=1 / SEQUENCE_RATE,
            first=0,
            start=start,
            end=end,
            lead=start,
        )
        for number, (start, end) in enumerate(pairwise(starts))
        if start is not None
    )
