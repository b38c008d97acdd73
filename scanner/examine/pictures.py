"""Reads the picture of a member into whole-frame codes: a still, an image sequence, a video track."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from scanner.examine.damage import MOST_NAMED, SEQUENCE_RATE, failed_files, lost_frames, picture_length
from scanner.examine.job import Job
from scanner.fingerprint.collect import Collector, joined
from scanner.fingerprint.distinct import CLIP_COUNT, DELIVERED_COUNT, STILL_COUNT, Distinct, joined_features
from scanner.fingerprint.views import Box, View, delivered_views, registered_views, unturned_view
from scanner.media.decoder import Threads
from scanner.media.files import Files
from scanner.media.frames import Frame, Grey, Rgb, UnreadableMediaError, fine_of, grey_of, thumbnail
from scanner.media.still import readers, still_frames
from scanner.media.video import VideoTrack
from scanner.model import (
    MediaKind,
    Observation,
    Part,
    PictureCodes,
    PictureFeatures,
    PictureTrack,
    Place,
    Thumbnail,
    TimeRange,
)

_MILLISECONDS = Fraction(1, 1000)
_THUMBNAILS = 24
# More picture tracks than this are not a film.
_MOST_TRACKS = 16


@dataclass(slots=True)
class PictureReading:
    """What has been read of a picture so far; kept even when reading breaks off."""

    track: PictureTrack | None = None
    codes: PictureCodes | None = None
    features: PictureFeatures | None = None
    mirrored: PictureFeatures | None = None
    examined: int = 0
    between: int = 0
    present: int = 0
    step: int = 1
    duration: Fraction | None = None
    damage: list[Observation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    thumbnails: list[Thumbnail] = field(default_factory=list)
    boxes: Counter[tuple[float, float, float, float]] = field(default_factory=Counter)
    broken: list[Place] = field(default_factory=list)
    damaged: int = 0
    is_stopped: bool = False
    part: Part | None = None

    def take_track(self, found: "PictureReading") -> None:
        """Take in a picture track: the first is the picture, further ones are looked up beside it."""
        if self.codes is not None and found.codes is not None:
            self.codes = joined(self.codes, found.codes)
            self.features = _together(self.features, found.features)
            self.mirrored = _together(self.mirrored, found.mirrored)
        else:
            self.track, self.codes, self.duration = found.track, found.codes, found.duration
            self.features, self.mirrored = found.features, found.mirrored
        self.part = found.part
        self.examined += found.examined
        self.between += found.between
        self.step = max(self.step, found.step)
        self.present += found.present
        self.damage += found.damage
        self.broken += found.broken
        self.notes += [note for note in found.notes if note not in self.notes]
        self.thumbnails += found.thumbnails[: _THUMBNAILS - len(self.thumbnails)]

    def views(self, grey: Grey, *, registering: bool) -> list[View]:
        """The frame's views; the active picture is remembered for the region."""
        views, box = delivered_views(grey)
        self.boxes[_share(box, grey)] += 1
        self.examined += 1
        return registered_views(grey) if registering else views

    def take_features(self, distinct: Distinct) -> None:
        """Take in the features of a track that was read to its end."""
        self.features = distinct.result
        self.mirrored = distinct.mirrored if distinct.mirror else None

    @property
    def region(self) -> tuple[float, float, float, float]:
        return self.boxes.most_common(1)[0][0] if self.boxes else (0.0, 0.0, 1.0, 1.0)


def read_still(job: Job, reading: PictureReading, alive: Callable[[], None]) -> None:
    """All frames of a still; most have one, an animated one has several."""
    codes = Collector(time_base=_MILLISECONDS)
    distinct = _distinct(job, _MILLISECONDS, STILL_COUNT)
    width = height = 0
    for seconds, rgb in still_frames(job.paths[0], job.format, deadline=job.deadline):
        alive()
        reading.present += 1
        height, width = rgb.shape[:2]
        views = reading.views(grey_of(rgb), registering=job.registering)
        codes.add(round(seconds / _MILLISECONDS), views)
        distinct.add(round(seconds / _MILLISECONDS), views[0].picture, partial(fine_of, rgb))
        if job.registering and len(reading.thumbnails) < _THUMBNAILS:
            reading.thumbnails.append(thumbnail(rgb, seconds))
    reading.codes = codes.finish()
    reading.take_features(distinct)
    if job.format == "dng":
        reading.notes.append("camera raw: looked at as FFmpeg develops it, or else by the preview in the file")
    reading.track = _still_track(job.format, width, height, reading)


def read_sequence(job: Job, reading: PictureReading, alive: Callable[[], None]) -> None:
    """The sampled files of an image sequence; one that cannot be read is damage, not the end."""
    codes = Collector(time_base=1 / SEQUENCE_RATE)
    distinct = _distinct(job, 1 / SEQUENCE_RATE, CLIP_COUNT)
    keep_every = max(1, len(job.paths) // _THUMBNAILS)
    files = Files(
        read=lambda number: _first_frame(job.paths[number], job),
        numbers=files_of(job),
        step=1 if job.registering else job.sample_step,
        readers=readers(job.format),
    )
    size = (0, 0)
    for number, rgb, grey in files.frames(alive):
        size = (rgb.shape[1], rgb.shape[0])
        views = reading.views(grey, registering=job.registering)
        codes.add(number, views)
        distinct.add(number, views[0].picture, partial(fine_of, rgb))
        if job.registering and number % keep_every == 0:
            reading.thumbnails.append(thumbnail(rgb, number / SEQUENCE_RATE))
    reading.codes = codes.finish()
    reading.take_features(distinct)
    reading.present, reading.between, reading.step = len(files.numbers), files.between, files.widest
    reading.duration = len(files.numbers) / SEQUENCE_RATE
    reading.track = _sequence_track(job, size, reading)
    reading.notes.append("image sequence: times count frames at 24 a second")
    failed = [(job.files[number], why) for number, why in files.failed]
    if job.range is None:
        lost = failed_files(
            len(failed), [name for name, _ in failed], ": ".join(failed[0] if failed else ()), reading.examined
        )
        reading.damage += lost.damage
        reading.notes += lost.notes
    else:
        reading.part = _part_of_files(job.range, reading, failed)


def files_of(job: Job) -> range:
    """The numbers of the member's files, or of those in the range asked for."""
    return range(len(job.files)) if job.range is None else range(len(job.files))[job.range.start : job.range.end]


def read_video(job: Job, reading: PictureReading, alive: Callable[[], None]) -> None:
    """Sampled frames of every picture track, and a count of what was there and could not be decoded."""
    for number in range(_MOST_TRACKS if job.range is None else 1):
        found = _read_track(job, number, alive)
        if found is None:
            break
        reading.take_track(found)
    if reading.track is None:
        reading.notes.append("picture: the file has no picture track")


def _read_track(job: Job, number: int, alive: Callable[[], None]) -> PictureReading | None:
    """One picture track; a damaged one is read again in the way that loses no more than what is damaged."""
    quick = _decoded_track(job, number, alive, "AUTO")
    if quick is not None and quick.is_stopped:
        quick = _decoded_track(job, number, alive, "STEADY")
    return quick if quick is None or not quick.damaged else _decoded_track(job, number, alive, "SLICE")


def _decoded_track(job: Job, number: int, alive: Callable[[], None], threads: Threads) -> PictureReading | None:
    track = VideoTrack.open(job.paths[0], number, threads, within=job.range)
    if track is None:
        return None
    with track, ThreadPoolExecutor(1) as describing:
        reading = PictureReading()
        codes = Collector(time_base=track.time_base)
        distinct = _distinct(job, track.time_base, CLIP_COUNT, describing)
        last = 0
        for frame in track.frames(1 if job.registering else job.sample_step, alive, sparing=True):
            views = reading.views(frame.grey, registering=job.registering)
            if frame.stored is not None:
                views.append(unturned_view(frame.stored))
            codes.add(frame.pts, views)
            distinct.add(frame.pts, views[0].picture, partial(_fine, frame))
            last = max(last, frame.pts)
        reading.codes = codes.finish()
        reading.take_features(distinct)
        reading.present, reading.between, reading.step = track.counts.present, track.counts.between, track.step
        reading.damaged, reading.is_stopped = track.counts.damaged, track.is_stopped
        reading.duration = picture_length(last * track.time_base, track.about, reading.present)
        reading.track = replace(track.about, region=reading.region)
        if job.range is None:
            lost = lost_frames(track.counts, track.about, reading.examined, track.step)
            reading.damage += lost.damage
            reading.notes += lost.notes
            reading.broken += lost.places
        else:
            reading.part = _part(job.range, track, reading)
        if job.registering:
            reading.thumbnails.extend(_spread(track, reading.duration))
        return reading


def _distinct(job: Job, time_base: Fraction, registered_count: int, describing: Executor | None = None) -> Distinct:
    if job.registering:
        return Distinct(
            time_base=time_base, count=registered_count, mirror=True, credit_per_second=2.0, describing=describing
        )
    return Distinct(time_base=time_base, count=DELIVERED_COUNT, describing=describing)


def _fine(frame: Frame) -> Grey:
    return frame.fine


def _together(main: PictureFeatures | None, other: PictureFeatures | None) -> PictureFeatures | None:
    return main if other is None else other if main is None else joined_features(main, other)


def pictures_at(job: Job, seconds: tuple[Fraction, ...]) -> tuple[Thumbnail, ...]:
    """Thumbnails of the frames on screen at these times, for the report; what cannot be had is left out."""
    if job.kind is MediaKind.VIDEO:
        track = VideoTrack.open(job.paths[0])
        if track is None:
            return ()
        with track:
            return tuple(track.pictures_at(list(seconds)))
    return tuple(_still_thumbnail(job, at) for at in seconds)


def _still_thumbnail(job: Job, at: Fraction) -> Thumbnail:
    if job.kind is MediaKind.SEQUENCE:
        number = min(round(at * SEQUENCE_RATE), len(job.files) - 1)
        return thumbnail(_first_frame(job.paths[number], job), at)
    best: Rgb | None = None
    for seconds, rgb in still_frames(job.paths[0], job.format, deadline=job.deadline):
        best = rgb
        if seconds >= at:
            break
    if best is None:
        msg = "it has no frame"
        raise UnreadableMediaError(msg)
    return thumbnail(best, at)


def _first_frame(path: Path, job: Job) -> Rgb:
    for _, rgb in still_frames(path, job.format, deadline=job.deadline):
        return rgb
    msg = "it has no frame"
    raise UnreadableMediaError(msg)


def _spread(track: VideoTrack, duration: Fraction) -> list[Thumbnail]:
    count = max(1, min(_THUMBNAILS, int(duration * 4)))
    return list(track.pictures_at([duration * n / count for n in range(count)]))


def _part(within: TimeRange, track: VideoTrack, reading: PictureReading) -> Part:
    counts, stretch = track.counts, track.decoding.stretch
    return Part(
        range=within,
        begins="" if stretch is None else stretch.begins,
        ends="" if stretch is None else stretch.ends,
        is_in_order=track.is_in_order,
        before=track.decoding.number,
        present=counts.present,
        decoded=counts.decoded,
        packets=counts.packets,
        damaged=counts.damaged,
        led_in=counts.led_in,
        tried=counts.tried,
        broken=tuple(counts.broken),
        listed=counts.listed,
        shown=counts.shown,
        boxes=tuple(reading.boxes.items()),
    )


def _part_of_files(within: TimeRange, reading: PictureReading, failed: list[tuple[str, str]]) -> Part:
    return Part(
        range=within,
        begins=str(within.start) if within.number else "",
        ends="" if within.end is None else str(within.end),
        before=within.start,
        present=reading.present,
        boxes=tuple(reading.boxes.items()),
        failed=len(failed),
        first_failed=": ".join(failed[0]) if failed else None,
        failed_names=tuple(name for name, _ in failed[:MOST_NAMED]),
    )


def _still_track(codec: str, width: int, height: int, reading: PictureReading) -> PictureTrack:
    return PictureTrack(
        codec=codec, width=width, height=height, frame_rate=None, start_timecode=None, region=reading.region
    )


def _sequence_track(job: Job, size: tuple[int, int], reading: PictureReading) -> PictureTrack:
    """What is known of a sequence from its bytes; where it counts from, its file names say."""
    return PictureTrack(
        codec=job.format,
        width=size[0],
        height=size[1],
        frame_rate=SEQUENCE_RATE,
        start_timecode=None,
        region=reading.region,
    )


def _share(box: Box, grey: Grey) -> tuple[float, float, float, float]:
    height, width = grey.shape
    x, y, w, h = box
    return round(x / width, 4), round(y / height, 4), round(w / width, 4), round(h / height, 4)
