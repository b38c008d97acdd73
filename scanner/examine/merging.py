"""Puts the examinations of the ranges of a film together: exactly what reading it from range to range in one go gives.

Runs in the parent: plain values only, no decoder is loaded. What does not fit together is not put together.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from scanner.aside import joined
from scanner.examine.damage import MOST_LISTED, SEQUENCE_RATE, Lost, failed_files, lost_frames, picture_length
from scanner.examine.job import Examined, Job
from scanner.media.coverage import Counts
from scanner.media.timecode import shown
from scanner.model import (
    Coverage,
    Examination,
    MediaKind,
    Observation,
    Part,
    PictureCodes,
    PictureFeatures,
    PictureTrack,
    TimeRange,
    Unreadable,
    Watermark,
)


def merged(job: Job, ranges: Sequence[TimeRange], parts: Sequence[Examined]) -> Examined | None:
    """The member's examination from those of all its ranges, in order.

    A range whose process was lost is told as `Unreadable`, beside what was found in the others. None where the parts
    do not make up the film, each frame once: then it must be read in one go.
    """
    made = [part.examination for part in parts]
    if not _fit(ranges, made):
        return None
    found = [(examination, examination.part) for examination in made if examination.part is not None]
    picture = _picture(found)
    codes, features = _codes(found), _features(found)
    examined = sum(examination.coverage.frames_examined for examination, _ in found)
    lost = _judged(job, found, examined, picture, whole=len(found) == len(made))
    present = sum(part.present for _, part in found)
    return Examined(
        examination=Examination(
            examiner=job.examiner,
            kind=job.kind,
            format=job.format,
            picture=picture,
            codes=codes,
            features=features,
            sounds=made[0].sounds,
            sound_begins=made[0].sound_begins,
            observations=(*_seen(ranges, made, picture), *lost.damage),
            coverage=Coverage(
                frames_examined=examined,
                frames_present=present,
                frames_between=sum(examination.coverage.frames_between for examination, _ in found),
                sample_step=_step(job, found),
                duration=_duration(job, codes, picture, present),
                sound_seconds=made[0].coverage.sound_seconds,
                sound_streams=made[0].coverage.sound_streams,
                sound_channels=made[0].coverage.sound_channels,
                sound_plain=made[0].coverage.sound_plain,
                broken=lost.places[:MOST_LISTED],
                broken_more=max(0, len(lost.places) - MOST_LISTED),
                notes=tuple(dict.fromkeys([*(note for e in made for note in e.coverage.notes), *lost.notes])),
            ),
        )
    )


_Found = list[tuple[Examination, Part]]


def _fit(ranges: Sequence[TimeRange], made: Sequence[Examination]) -> bool:
    """Whether there is one examination for each range, and each begins with the very packet the one before ends at."""
    if not ranges or len(ranges) != len(made) or any(map(_broke_off, made)):
        return False
    parts = [examination.part for examination in made]
    if not all(
        part is None or (part.range == asked and part.is_in_order) for part, asked in zip(parts, ranges, strict=True)
    ):
        return False
    meet = all(a is None or b is None or (a.ends and a.ends == b.begins) for a, b in pairwise(parts))
    first, last = parts[0], parts[-1]
    return bool(
        meet and (first is None or not first.begins) and (last is None or not last.ends) and _are_counted_alike(parts)
    )


def _broke_off(examination: Examination) -> bool:
    """Whether reading the range ended with an error: reading from the beginning may not."""
    told = (item for item in examination.observations if isinstance(item, Unreadable))
    return examination.part is None and any(item.source == "picture" for item in told)


def _are_counted_alike(parts: Sequence[Part | None]) -> bool:
    """Whether there are as many frames before each range as the file counts."""
    before = 0
    for part in parts:
        if part is None:
            return True
        if part.before not in (None, before):
            return False
        before += part.present
    return True


def _picture(found: _Found) -> PictureTrack | None:
    """The track as the last range with a picture tells it; its active picture is the most frequent in all."""
    boxes: Counter[tuple[float, float, float, float]] = Counter()
    for _, part in found:
        for box, frames in part.boxes:
            boxes[box] += frames
    tracks = [examination.picture for examination, part in found if examination.picture is not None]
    seen = [examination.picture for examination, part in found if examination.picture is not None and part.boxes]
    if not tracks:
        return None
    region = boxes.most_common(1)[0][0] if boxes else (0.0, 0.0, 1.0, 1.0)
    return replace((seen or tracks)[-1], region=region)


def _codes(found: _Found) -> PictureCodes | None:
    sets = [examination.codes for examination, _ in found if examination.codes is not None]
    if not sets:
        return None
    return replace(
        sets[0],
        pts=tuple(pts for codes in sets for pts in codes.pts),
        codes=b"".join(codes.codes for codes in sets),
        quality=b"".join(codes.quality for codes in sets),
        views=b"".join(codes.views for codes in sets),
    )


def _features(found: _Found) -> PictureFeatures | None:
    sets = [examination.features for examination, _ in found if examination.features is not None]
    return replace(sets[0], frames=joined([features.frames for features in sets])) if sets else None


def _duration(job: Job, codes: PictureCodes | None, picture: PictureTrack | None, present: int) -> Fraction | None:
    if job.kind is MediaKind.SEQUENCE:
        return len(job.files) / SEQUENCE_RATE
    if codes is None or picture is None:
        return None
    return picture_length(max(codes.pts, default=0) * codes.time_base, picture, present)


def _judged(job: Job, found: _Found, examined: int, picture: PictureTrack | None, *, whole: bool) -> Lost:
    """What all ranges together say of damage to the picture."""
    parts = [part for _, part in found]
    if job.kind is MediaKind.SEQUENCE:
        names = [name for part in parts for name in part.failed_names]
        first = next((part.first_failed for part in parts if part.first_failed is not None), "")
        return failed_files(sum(part.failed for part in parts), names, first, examined)
    if picture is None:
        return Lost()
    counts = Counts(
        present=sum(part.present for part in parts),
        decoded=sum(part.decoded for part in parts),
        damaged=sum(part.damaged for part in parts),
        tried=sum(part.tried for part in parts),
        broken=[at for part in parts for at in part.broken],
        packets=sum(part.packets for part in parts),
        # What is missing can only be told where every range was counted.
        listed=parts[0].listed if whole else None,
        shown=parts[0].shown if whole else None,
        led_in=sum(part.led_in for part in parts),
    )
    return lost_frames(counts, picture, examined, _step(job, found))


def _step(job: Job, found: _Found) -> int:
    """How far apart samples are, at most."""
    return max((examination.coverage.sample_step for examination, _ in found), default=job.sample_step)


def _seen(ranges: Sequence[TimeRange], made: Sequence[Examination], picture: PictureTrack | None) -> list[Observation]:
    """What was observed in any range, once; every trouble of every range; marks with how many pictures bear them."""
    seen: list[Observation] = []
    marks: list[Watermark] = []
    for asked, examination in zip(ranges, made, strict=True):
        for item in examination.observations:
            if examination.part is None and isinstance(item, Unreadable):
                item = _of_range(item, asked, picture)
            if isinstance(item, Watermark):
                marks.append(item)
            elif isinstance(item, Unreadable) or item not in seen:
                seen.append(item)
    return [*seen, *counted(marks)]


def counted(marks: Iterable[Watermark]) -> Iterator[Watermark]:
    """Marks of a kind as one: how many pictures bear it, and how well it agrees at the best."""
    kinds: dict[tuple[str, str], list[Watermark]] = {}
    for mark in marks:
        kinds.setdefault((mark.scheme, mark.tool), []).append(mark)
    for found in kinds.values():
        best = max(found, key=lambda mark: mark.bits_agreeing / mark.bits)
        yield replace(best, frames=sum(mark.frames for mark in found))


def _of_range(item: Unreadable, asked: TimeRange, picture: PictureTrack | None) -> Unreadable:
    """The trouble with its time. In the first range all labels are asked for: without it nothing is known of them."""
    rate, start = (picture.frame_rate, picture.start_timecode) if picture is not None else (None, None)
    begin, end = asked.seconds
    until = "to the end" if end is None else f"to {shown(end, rate, start)}"
    return replace(
        item, reason=f"from {shown(begin, rate, start)} {until}: {item.reason}", partly=item.partly or asked.number > 0
    )
