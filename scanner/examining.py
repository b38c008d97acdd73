"""Examines a delivery's members. What was looked at before is not looked at again; long films are read in ranges.

The ranges of a film may be read at once, by several servers, and each is kept when it is read. Put together they say
exactly what one reading of the whole says; where they do not fit together, the film is read in one go.
"""

from concurrent.futures import ThreadPoolExecutor

from scanner import logs
from scanner.examine.job import Examined, Job
from scanner.examine.merging import merged
from scanner.model import Delivery, Examination, MediaKind, Member, TimeRange, Unreadable
from scanner.studio import Studio, Whereabouts, job_of

_IN_RANGES = (MediaKind.VIDEO, MediaKind.SEQUENCE)
_MEGABYTE = 1 << 20


def spread(studio: Studio, delivery: Delivery, where: Whereabouts) -> list[tuple[int, int]]:
    """The ranges that are worth being read apart: the position of their member, and their number."""
    least = studio.settings.examining.spread_megabytes * _MEGABYTE
    return [
        (position, asked.number)
        for position, member in enumerate(delivery.members)
        if member.size >= least and kept(studio, delivery, member) is None
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
    large = member.size >= studio.settings.examining.spread_megabytes * _MEGABYTE
    ranges = _ranges(studio, job) if large else ()
    if not ranges:
        return studio.pool.examine(job).examination
    parts = [Examined(examination=_part(studio, delivery, member, job, asked)) for asked in ranges]
    whole = merged(job, ranges, parts) or studio.pool.examine(job.in_one_go)
    return whole.examination


def _part(studio: Studio, delivery: Delivery, member: Member, job: Job, asked: TimeRange) -> Examination:
    key = _part_key(delivery, member, asked)
    before = studio.kept.examination(key, studio.examiner)
    if before is not None:
        return before
    made = studio.pool.examine(job.of(asked)).examination
    studio.kept.keep_examination(key, made)
    return made


def _part_key(delivery: Delivery, member: Member, asked: TimeRange) -> str:
    return f"{own_key(member, delivery)}/{asked.key}"


def _ranges(studio: Studio, job: Job) -> tuple[TimeRange, ...]:
    return studio.pool.ranges(job) if job.kind in _IN_RANGES else ()
