"""Examines a delivery's members. What was looked at before is not looked at again; long films are read in ranges.

The ranges of a film may be read at once, by several servers, and each is kept when it is read. Put together they say
exactly what one reading of the whole says; where they do not fit together, the film is read in one go.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from scanner import logs
from scanner.aside import set_aside
from scanner.examine.job import Examined, Job
from scanner.examine.merging import merged
from scanner.model import Delivery, Examination, MediaKind, Member, TimeRange, Unreadable
from scanner.studio import Studio, Whereabouts, job_of

_IN_RANGES = (MediaKind.VIDEO, MediaKind.SEQUENCE)
_MEGABYTE = 1 << 20


def spread(studio: Studio, delivery: Delivery, where: Whereabouts) -> list[tuple[int, int]]:
    """The ranges that are worth being read apart: the position of their member, and their number."""
    return [
        (position, asked.number)
        for position, member in enumerate(delivery.members)
        if _is_large(studio, member) and kept(studio, delivery, member) is None
        for asked in _ranges(studio, job_of(studio, member, where.root(member)))
    ]


def read_range(studio: Studio, delivery: Delivery, where: Whereabouts, position: int, number: int) -> bool:
    """Read one range of a member, and keep what it shows; False if that was kept already."""
    member = delivery.members[position]
    job = job_of(studio, member, where.root(member))
    asked = next((each for each in _ranges(studio, job) if each.number == number), None)
    if asked is None or studio.kept.examination(_part_key(delivery, member, asked), studio.examiner) is not None:
        return False
    _part(studio, delivery, member, job, asked)
    return True


def examined(studio: Studio, delivery: Delivery, where: Whereabouts) -> list[tuple[Member, Examination]]:
    """Every member's examination. Raises ExaminerLostError."""

    def look(member: Member) -> Examination:
        return kept(studio, delivery, member) or _looked_at(studio, delivery, member, where)

    with ThreadPoolExecutor(max_workers=studio.settings.examining.processes) as threads:
        return list(zip(delivery.members, threads.map(logs.carried(look), delivery.members), strict=True))


def begun(studio: Studio, delivery: Delivery, where: Whereabouts) -> "Examining":
    """Have every member examined while something else is done. For a one-off scan: nothing is kept."""
    # As many members at once as there are processes for, and one that comes next.
    threads = ThreadPoolExecutor(max_workers=studio.settings.examining.processes + 1)
    few = len(delivery.members) < studio.settings.examining.processes
    look = partial(_once, studio, where, few=few)
    return Examining(members=delivery.members, found=threads.map(logs.carried(look), delivery.members), threads=threads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examining:
    """Members that are being examined."""

    members: tuple[Member, ...]
    found: Iterator[Examination]
    threads: ThreadPoolExecutor

    def result(self) -> list[tuple[Member, Examination]]:
        """Wait for every member's examination. Raises ExaminerLostError."""
        try:
            return list(zip(self.members, self.found, strict=True))
        finally:
            # Whoever is interrupted here closes the pool: what is still waited for then ends by itself.
            self.threads.shutdown(wait=False, cancel_futures=True)


def _once(studio: Studio, where: Whereabouts, member: Member, *, few: bool) -> Examination:
    """A member's examination; the ranges of a film that is large, or nearly alone, are read by several processes."""
    job = job_of(studio, member, where.root(member))
    ranges = _ranges(studio, job) if few or _is_large(studio, member) else ()
    if not ranges:
        return studio.pool.examine(job).examination
    reading = deque(studio.pool.begin(job.of(asked)) for asked in ranges)
    # What has begun refers to what it found: it is let go one by one.
    parts = [_aside(reading.popleft().result()) for _ in ranges]
    return _whole(studio, job, ranges, parts)


def kept(studio: Studio, delivery: Delivery, member: Member) -> Examination | None:
    """What is kept of a member's bytes, by an examiner of this version."""
    for key in (member.sha256, own_key(member, delivery)):
        examination = studio.kept.examination(key, studio.examiner)
        if examination is not None and examination.kind is member.kind:
            return examination
    return None


def own_key(member: Member, delivery: Delivery) -> str:
    """Under what an examination is kept that counts for one delivery only."""
    return f"{member.sha256}/{delivery.delivery_id}"


def saw_all(examination: Examination) -> bool:
    """Whether the next delivery of these bytes need not be looked at: what failed once may be readable then."""
    return not any(isinstance(observation, Unreadable) for observation in examination.observations)


def _looked_at(studio: Studio, delivery: Delivery, member: Member, where: Whereabouts) -> Examination:
    """A member read in one go, unless it has been read in ranges: then those are put together."""
    job = job_of(studio, member, where.root(member))
    ranges = _ranges(studio, job) if _is_large(studio, member) else ()
    if not ranges:
        return studio.pool.examine(job).examination
    parts = [Examined(examination=_part(studio, delivery, member, job, asked)) for asked in ranges]
    return _whole(studio, job, ranges, parts)


def _whole(studio: Studio, job: Job, ranges: tuple[TimeRange, ...], parts: list[Examined]) -> Examination:
    """The ranges put together; where they do not fit, the member read in one go."""
    found = merged(job, ranges, parts) or studio.pool.examine(job.in_one_go)
    return found.examination


def _is_large(studio: Studio, member: Member) -> bool:
    return member.size >= studio.settings.examining.spread_megabytes * _MEGABYTE


def _aside(examined: Examined) -> Examined:
    """The same, its features on disk where they are many: those of all ranges need not be in memory at once."""
    made = examined.examination
    if made.features is None:
        return examined
    features = replace(made.features, frames=set_aside(made.features.frames))
    return replace(examined, examination=replace(made, features=features))


def _part(studio: Studio, delivery: Delivery, member: Member, job: Job, asked: TimeRange) -> Examination:
    key = _part_key(delivery, member, asked)
    before = studio.kept.examination(key, studio.examiner)
    if before is not None:
        return before
    made = _aside(studio.pool.examine(job.of(asked))).examination
    studio.kept.keep_examination(key, made)
    return made


def _part_key(delivery: Delivery, member: Member, asked: TimeRange) -> str:
    return f"{own_key(member, delivery)}/{asked.key}"


def _ranges(studio: Studio, job: Job) -> tuple[TimeRange, ...]:
    return studio.pool.ranges(job) if job.kind in _IN_RANGES else ()
