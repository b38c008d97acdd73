"""Finds the ends of what was found to the frame, by decoding around them: samples alone tell them within a step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np

from scanner.examine.job import End, EndQuestion, Job
from scanner.examine.pool import ExaminerPool
from scanner.match.evidence import picture_of
from scanner.match.look_alikes import placed
from scanner.model import Evidence, Examination, LookAlike, MediaKind, MemberEvidence, PictureTrack, Place

_MOVING = (MediaKind.VIDEO, MediaKind.SEQUENCE)
# More stretches than this in one file are left as the samples tell them.
_MOST = 200
_USUAL_RATE = Fraction(24)


def refined(pool: ExaminerPool, job: Job, item: MemberEvidence, examination: Examination) -> MemberEvidence:
    """The same evidence, with the ends of look-alikes to the frame where they can be told. Raises ExaminerLostError."""
    picture = picture_of(item.member, examination)
    coarse = [e for e in item.evidence if isinstance(e, LookAlike) and e.place is not None][:_MOST]
    if picture is None or not coarse or examination.codes is None or item.member.kind not in _MOVING:
        return item
    samples = _Samples.of(examination, picture)
    questions = [question for found in coarse for question in _questions(found, samples)]
    answers = pool.ends(job, questions)
    ended = [
        _ended(found, questions[2 * number :][:2], answers[2 * number :][:2], samples)
        for number, found in enumerate(coarse)
    ]
    better: dict[int, LookAlike] = {}
    for found, (first, after) in zip(coarse, _meeting(coarse, ended, samples), strict=True):
        accuracy = max(first.accuracy, after.accuracy)
        place = placed(first.seconds, after.seconds, picture, accuracy_frames=accuracy)
        better[id(found)] = _with_asset(found, place)
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


def _with_asset(found: LookAlike, exact: Place) -> LookAlike:
    """With its exact place, and the part of the asset that goes with it where the asset runs."""
    coarse = found.place
    if coarse is None or found.passes > 1 or found.asset_seconds_in == found.asset_seconds_out:
        return replace(found, place=exact)
    # Where nothing is known of its speed, it is taken to run as usual.
    speeds = found.speeds or (1.0 if found.speed is None else found.speed,)
    at_first, at_last = (Fraction(speed).limit_denominator(1000) for speed in (speeds[0], speeds[-1]))
    begins, ends = at_first * (exact.seconds_in - coarse.seconds_in), at_last * (exact.seconds_out - coarse.seconds_out)
    # In reverse the asset's last moment comes first.
    earlier, later = (begins, ends) if sum(speeds) > 0 else (ends, begins)
    return replace(
        found,
        place=exact,
        asset_seconds_in=max(Fraction(0), found.asset_seconds_in + earlier),
        asset_seconds_out=max(Fraction(0), found.asset_seconds_out + later),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Samples:
    """When samples were taken, in seconds: whole frames (`times`) and parts of them (`kept`); frames a second."""

    times: Sequence[Fraction]
    kept: Sequence[Fraction]
    rate: Fraction

    @classmethod
    def of(cls, examination: Examination, picture: PictureTrack) -> "_Samples":
        codes, features = examination.codes, examination.features
        assert codes is not None
        times = sorted({tick * codes.time_base for tick in codes.pts})
        kept = sorted({frame.pts * features.time_base for frame in features.frames}) if features is not None else []
        return cls(times=times, kept=kept, rate=picture.frame_rate or _USUAL_RATE)


def _questions(found: LookAlike, samples: _Samples) -> tuple[EndQuestion, EndQuestion]:
    """Where it begins and where it ends: between the outermost samples that show it and their neighbours.

    Parts are looked up in kept frames only, and stand until the next: they may have gone long before.
    """
    place = found.place
    assert place is not None
    first, last = _outermost(place, samples.times)
    begin = EndQuestion(
        is_in=True,
        shows=samples.times[first],
        shows_not=samples.times[first - 1] if first else None,
        to=samples.times[first],
        region=found.region,
        is_still=found.speed == 0 and found.asset_seconds_in == found.asset_seconds_out,
    )
    end = replace(
        begin,
        is_in=False,
        shows=samples.times[last],
        shows_not=samples.times[last + 1] if last + 1 < len(samples.times) else None,
        to=samples.times[last],
    )
    if found.distance is not None or not samples.kept:
        return begin, end
    kept = samples.kept
    first, last = _outermost(place, kept)
    return (
        replace(begin, shows=kept[first], shows_not=kept[first - 1] if first else None),
        replace(end, shows=kept[last], shows_not=kept[last + 1] if last + 1 < len(kept) else None),
    )


def _outermost(place: Place, times: Sequence[Fraction]) -> tuple[int, int]:
    """Which of the times are the first and the last in a place."""
    seconds = np.array([float(time) for time in times])
    first = int(np.abs(seconds - float(place.seconds_in)).argmin())
    return first, max(first, int(np.searchsorted(seconds, float(place.seconds_out) - 1e-6)) - 1)


def _ended(
    found: LookAlike,
    questions: Sequence[EndQuestion],
    answers: Sequence[End | None],
    samples: _Samples,
) -> tuple[End, End]:
    """The ends that could be told; the others as samples tell them, and how far those may be off."""
    place = found.place
    assert place is not None
    coarse = [
        End(seconds=end, accuracy=_between_samples(found, end, question, samples))
        for end, question in zip((place.seconds_in, place.seconds_out), questions, strict=True)
    ]
    first, after = (answer or end for answer, end in zip(answers, coarse, strict=True))
    return (coarse[0], coarse[1]) if first.seconds >= after.seconds else (first, after)


def _meeting(found: Sequence[LookAlike], ended: Sequence[tuple[End, End]], samples: _Samples) -> list[tuple[End, End]]:
    """The same ends, but that nothing is left open between two stretches of an asset that two samples in a row show.

    What is known to the frame stays; where neither is, they meet where the asset turned back, or else where the earlier
    ends.
    """
    told = list(ended)
    latest: dict[str, int] = {}
    for number in sorted(range(len(told)), key=lambda each: told[each][0].seconds):
        asset, place = found[number].asset.asset_id, found[number].place
        before = latest.get(asset)
        if before is not None and place is not None:
            (first, end), (begin, after) = told[before], told[number]
            is_open = 0 < (begin.seconds - end.seconds) * samples.rate <= place.accuracy_frames
            if is_open and begin.accuracy and end.accuracy:
                turned = _turned(found[before], found[number], samples.rate)
                meets = min(max(turned or end.seconds, end.seconds), begin.seconds)
                told[before] = first, replace(end, seconds=meets)
                told[number] = replace(begin, seconds=meets), after
            elif is_open and begin.accuracy:
                told[number] = replace(begin, seconds=end.seconds), after
            elif is_open and end.accuracy:
                told[before] = first, replace(end, seconds=begin.seconds)
        latest[asset] = number
    return told


def _turned(one: LookAlike, other: LookAlike, rate: Fraction) -> Fraction | None:
    """When the asset turned back, to the frame; None where it goes on in the same direction, or nobody knows."""
    if one.place is None or other.place is None or not one.speed or not other.speed or one.speed * other.speed > 0:
        return None
    before, after = Fraction(one.speed), Fraction(other.speed)
    is_forward = one.speed > 0
    shown = one.asset_seconds_out if is_forward else one.asset_seconds_in
    shown_then = other.asset_seconds_out if is_forward else other.asset_seconds_in
    shown_in, shown_out = other.place.seconds_in, one.place.seconds_out
    turn = (shown_then - shown + before * shown_out - after * shown_in) / (before - after)
    return shown_out + round((turn - shown_out) * rate) / rate


def _between_samples(found: LookAlike, end: Fraction, question: EndQuestion, samples: _Samples) -> int:
    """By how many frames an end may be off that only samples tell."""
    place = found.place
    assert place is not None
    if found.distance is not None:
        return place.accuracy_frames
    frame = 1 / samples.rate
    inner = question.shows if question.is_in else question.shows + frame
    track_end = samples.times[0] if question.is_in else samples.times[-1] + frame
    outer = question.shows_not if question.shows_not is not None else track_end
    return max(place.accuracy_frames, *(ceil(abs(end - other) * samples.rate) for other in (inner, outer)))
