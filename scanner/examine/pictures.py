"""Reads the picture of a member into whole-frame codes: a still, an image sequence, a video track."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Literal

from scanner.examine.job import Job
from scanner.fingerprint.collect import Collector, joined
from scanner.fingerprint.distinct import CLIP_COUNT, DELIVERED_COUNT, STILL_COUNT, Distinct, joined_features
from scanner.fingerprint.views import Box, View, delivered_views, registered_views, unturned_view
from scanner.media.frames import Frame, Grey, Rgb, UnreadableMediaError, fine_of, grey_of, thumbnail
from scanner.media.still import still_frames
from scanner.media.timecode import shown
from scanner.media.video import Counts, VideoTrack, missing_frames
from scanner.model import MediaKind, Observation, PictureCodes, PictureFeatures, PictureTrack, Thumbnail, Unreadable

_MILLISECONDS = Fraction(1, 1000)
_SEQUENCE_RATE = Fraction(24)
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
    present: int = 0
    duration: Fraction | None = None
    damage: list[Observation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    thumbnails: list[Thumbnail] = field(default_factory=list)
    boxes: Counter[tuple[float, float, float, float]] = field(default_factory=Counter)
    damaged: int = 0

    def take_track(self, found: "PictureReading") -> None:
        """Take in a picture track: the first is the picture, further ones are looked up beside it."""
        if self.codes is not None and found.codes is not None:
            self.codes = joined(self.codes, found.codes)
            self.features = _together(self.features, found.features)
            self.mirrored = _together(self.mirrored, found.mirrored)
        else:
            self.track, self.codes, self.duration = found.track, found.codes, found.duration
            self.features, self.mirrored = found.features, found.mirrored
        self.examined += found.examined
        self.present += found.present
        self.damage += found.damage
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
    """Every `sample_step`-th file of an image sequence; a file that cannot be read is damage, not the end."""
    codes = Collector(time_base=1 / _SEQUENCE_RATE)
    distinct = _distinct(job, 1 / _SEQUENCE_RATE, CLIP_COUNT)
    paths = job.paths
    step = 1 if job.registering else job.sample_step
    keep_every = max(1, len(paths) // _THUMBNAILS)
    failed: list[str] = []
    size = (0, 0)
    for number in range(0, len(paths), step):
        alive()
        try:
            rgb = _first_frame(paths[number], job)
        except UnreadableMediaError as error:
            failed.append(f"{job.files[number]}: {error}")
            continue
        size = (rgb.shape[1], rgb.shape[0])
        views = reading.views(grey_of(rgb), registering=job.registering)
        codes.add(number, views)
        distinct.add(number, views[0].picture, partial(fine_of, rgb))
        if job.registering and number % keep_every == 0:
            reading.thumbnails.append(thumbnail(rgb, number / _SEQUENCE_RATE))
    reading.codes = codes.finish()
    reading.take_features(distinct)
    reading.present = len(paths)
    reading.duration = len(paths) / _SEQUENCE_RATE
    reading.track = _sequence_track(job, size, reading)
    reading.notes.append("image sequence: times count frames at 24 a second")
    if failed:
        reason = f"{len(failed)} of {reading.examined + len(failed)} sampled files cannot be decoded; {failed[0]}"
        reading.damage.append(Unreadable(source="picture", reason=reason, partly=reading.examined > 0))


def read_video(job: Job, reading: PictureReading, alive: Callable[[], None]) -> None:
    """Sampled frames of every picture track, and a count of what was there and could not be decoded."""
    for number in range(_MOST_TRACKS):
        found = _read_track(job, number, alive)
        if found is None:
            break
        reading.take_track(found)
    if reading.track is None:
        reading.notes.append("picture: the file has no picture track")


def _read_track(job: Job, number: int, alive: Callable[[], None]) -> PictureReading | None:
    """One picture track; a damaged one is read again in the way that loses no more than what is damaged."""
    quick = _decoded_track(job, number, alive, "AUTO")
    return quick if quick is None or not quick.damaged else _decoded_track(job, number, alive, "SLICE")


def _decoded_track(
    job: Job, number: int, alive: Callable[[], None], threads: Literal["AUTO", "SLICE"]
) -> PictureReading | None:
    track = VideoTrack.open(job.paths[0], number, threads)
    if track is None:
        return None
    with track:
        reading = PictureReading()
        codes = Collector(time_base=track.time_base)
        distinct = _distinct(job, track.time_base, CLIP_COUNT)
        last = 0
        for frame in track.frames(1 if job.registering else job.sample_step, alive):
            views = reading.views(frame.grey, registering=job.registering)
            if frame.stored is not None:
                views.append(unturned_view(frame.stored))
            codes.add(frame.pts, views)
            distinct.add(frame.pts, views[0].picture, partial(_fine, frame))
            last = max(last, frame.pts)
        reading.codes = codes.finish()
        reading.take_features(distinct)
        reading.present = track.counts.present
        reading.damaged = track.counts.damaged
        rate = track.about.frame_rate or _SEQUENCE_RATE
        reading.duration = max(last * track.time_base + 1 / rate, reading.present / rate)
        reading.track = replace(track.about, region=reading.region)
        _say_damage(track.counts, track.about, reading)
        if number == 0 and (sounds := len(track.container.streams.audio)):
            tracks = "1 track" if sounds == 1 else f"{sounds} tracks"
            reading.notes.append(f"sound: {tracks} not compared with the register")
        if job.registering:
            reading.thumbnails.extend(_spread(track, reading.duration))
        return reading


def _distinct(job: Job, time_base: Fraction, registered_count: int) -> Distinct:
    if job.registering:
        return Distinct(time_base=time_base, count=registered_count, mirror=True, credit_per_second=2.0)
    return Distinct(time_base=time_base, count=DELIVERED_COUNT)


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
        number = min(round(at * _SEQUENCE_RATE), len(job.files) - 1)
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


def _say_damage(counts: Counts, about: PictureTrack, reading: PictureReading) -> None:
    lost = missing_frames(counts)
    if not reading.examined:
        reading.damage.append(Unreadable(source="picture", reason="no frame of its picture can be decoded"))
        return
    if lost:
        reason = f"{lost} of {counts.present + lost} frames are missing: the file ends early"
        reading.damage.append(Unreadable(source="picture", reason=reason, partly=True))
    if counts.damaged == counts.led_in and counts.decoded >= counts.present:
        _note_lead_in(counts, reading)
    elif counts.damaged:
        first = ""
        if counts.first_damage is not None:
            first = f", the first at {shown(counts.first_damage, about.frame_rate, about.start_timecode)}"
        reason = f"{counts.damaged} of {counts.present} frames cannot be decoded cleanly{first}"
        reading.damage.append(Unreadable(source="picture", reason=reason, partly=True))


def _note_lead_in(counts: Counts, reading: PictureReading) -> None:
    """A file that begins inside an open group of pictures refers to frames before it; every frame came out."""
    if counts.led_in:
        reading.notes.append("picture: its first frames refer to frames before its beginning")


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
        frame_rate=_SEQUENCE_RATE,
        start_timecode=None,
        region=reading.region,
    )


def _share(box: Box, grey: Grey) -> tuple[float, float, float, float]:
    height, width = grey.shape
    x, y, w, h = box
    return round(x / width, 4), round(y / height, 4), round(w / width, 4), round(h / height, 4)
