"""Finds the ends of what was found to the frame, by decoding around them: samples alone tell them within a step."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from scanner.examine.job import EndQuestion, Job
from scanner.examine.pool import ExaminerPool
from scanner.match.evidence import picture_of
from scanner.match.look_alikes import placed
from scanner.model import Evidence, Examination, LookAlike, MediaKind, MemberEvidence, Place

_MOVING = (MediaKind.VIDEO, MediaKind.SEQUENCE)
# More stretches than this in one file are left as the samples tell them.
_MOST = 200


def refined(pool: ExaminerPool, job: Job, item: MemberEvidence, examination: Examination) -> MemberEvidence:
    """The same evidence, with the ends of look-alikes to the frame where they can be told. Raises ExaminerLostError."""
    picture = picture_of(item.member, examination)
    coarse = [e for e in item.evidence if isinstance(e, LookAlike) and e.place is not None][:_MOST]
    if picture is None or not coarse or examination.codes is None or item.member.kind not in _MOVING:
        return item
    times = [tick * examination.codes.time_base for tick in sorted(set(examination.codes.pts))]
    questions = [question for found in coarse for question in _questions(found, times)]
    answers = pool.ends(job, questions)
    better: dict[int, LookAlike] = {}
    for found, first, after in zip(coarse, answers[::2], answers[1::2], strict=True):
        place = found.place
        if place is not None and first is not None and after is not None and first < after:
            better[id(found)] = _with_asset(found, place, placed(first, after, picture, accuracy_frames=0))
    return replace(item, evidence=tuple(better.get(id(e), e) if isinstance(e, LookAlike) else e for e in item.evidence))


def refined_as_before(
    pool: ExaminerPool, job: Job, item: MemberEvidence, examination: Examination, before: Sequence[LookAlike]
) -> MemberEvidence:
    """As `refined`, but that the media are opened only for what is not among the look-alikes of `before`."""
    ended: dict[int, Evidence] = {}
    unknown: list[LookAlike] = []
    for found in item.evidence:
        if isinstance(found, LookAlike):
            known = next((other for other in before if _is_same(found, other)), None)
            if known is not None:
                ended[id(found)] = known
            else:
                unknown.append(found)
    if unknown:
        asked = replace(item, evidence=tuple(unknown))
        exact = refined(pool, job, asked, examination).evidence
        ended |= dict(zip(map(id, unknown), exact, strict=True))
    return replace(item, evidence=tuple(ended.get(id(found), found) for found in item.evidence))


def _is_same(found: LookAlike, known: LookAlike) -> bool:
    if _without_ends(found) != _without_ends(known):
        return False
    if found.place is None or known.place is None:
        return found.place is known.place
    apart = found.place.seconds_out <= known.place.seconds_in or known.place.seconds_out <= found.place.seconds_in
    return not apart


def _without_ends(found: LookAlike) -> LookAlike:
    return replace(found, place=None, asset_seconds_in=Fraction(0), asset_seconds_out=Fraction(0))


def _with_asset(found: LookAlike, coarse: Place, exact: Place) -> LookAlike:
    """With its exact place, and the part of the asset that goes with it where the asset runs."""
    if found.passes > 1 or found.asset_seconds_in == found.asset_seconds_out:
        return replace(found, place=exact)
    speed = Fraction(found.speed).limit_denominator(1000)
    begins, ends = speed * (exact.seconds_in - coarse.seconds_in), speed * (exact.seconds_out - coarse.seconds_out)
    # In reverse the asset's last moment comes first.
    earlier, later = (begins, ends) if speed > 0 else (ends, begins)
    return replace(
        found,
        place=exact,
        asset_seconds_in=max(Fraction(0), found.asset_seconds_in + earlier),
        asset_seconds_out=max(Fraction(0), found.asset_seconds_out + later),
    )


def _questions(found: LookAlike, times: Sequence[Fraction]) -> tuple[EndQuestion, EndQuestion]:
    """Where it begins and where it ends: between the outermost samples that show it and their neighbours."""
    place = found.place
    assert place is not None
    seconds = np.array([float(time) for time in times])
    first = int(np.abs(seconds - float(place.seconds_in)).argmin())
    last = max(first, int(np.searchsorted(seconds, float(place.seconds_out) - 1e-6)) - 1)
    return (
        EndQuestion(is_in=True, shows=times[first], shows_not=times[first - 1] if first else None, region=found.region),
        EndQuestion(
            is_in=False,
            shows=times[last],
            shows_not=times[last + 1] if last + 1 < len(times) else None,
            region=found.region,
        ),
    )
