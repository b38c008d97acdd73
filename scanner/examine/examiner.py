"""Examines one member, inside the examining process: labels by every source, then the picture or the sound.

A pure function of the bytes and the examiner's version. Whatever a hostile file raises becomes `Unreadable`.
"""

import faulthandler
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic

import cv2

from scanner.examine.confine import limit_cpu
from scanner.examine.damage import MOST_LISTED
from scanner.examine.job import Examined, Job
from scanner.examine.merging import counted, merged
from scanner.examine.pictures import PictureReading, files_of, pictures_at, read_sequence, read_still, read_video
from scanner.examine.ranges import ranges
from scanner.examine.sounds import SoundReading, read_sound
from scanner.media.formats import CONTAINERS, KINDS, NAMING
from scanner.media.frames import UnreadableMediaError
from scanner.media.structure import shortfall
from scanner.model import Coverage, Examination, MediaKind, Observation, Thumbnail, TimeRange, Unreadable, Watermark
from scanner.sources import Source
from scanner.sources.all import sources, written_sources

_PLAIN_TEXT = "text"


def _read_here(kind: MediaKind) -> str:
    return ", ".join(name for name, each in KINDS.items() if each is kind)


NOT_OPENED = {
    "empty": "the file is empty (0 bytes)",
    **dict.fromkeys(("rar", "7z", "zstd"), "archives of this kind are not opened: deliver a ZIP, a TAR or a folder"),
    "svg": "drawings are not rendered",
    "unknown": f"its content is of no format that is read here. Pictures: {_read_here(MediaKind.STILL)}."
    f" Films: {_read_here(MediaKind.VIDEO)} (deliver a bare H.264 or HEVC stream in one of them)."
    f" Sound: {_read_here(MediaKind.SOUND)}",
}


@dataclass(slots=True)
class _Report:
    """What has been seen of a member so far."""

    seen: dict[Observation, None] = field(default_factory=dict)
    marks: list[Watermark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, observations: Iterator[Observation]) -> None:
        for observation in observations:
            if isinstance(observation, Watermark):
                self.marks.append(observation)
            else:
                self.seen[observation] = None

    def unreadable(self, source: str, reason: str, *, partly: bool = False) -> None:
        self.seen[Unreadable(source=source, reason=reason, partly=partly)] = None


def examine(job: Job) -> Examined:
    """Look at one member with everything we have: at the range asked for, or at all of it.

    A long film is read from range to range, each as if it were asked for alone. Where the ranges turn out not to fit
    together it is read again without them.
    """
    limit_cpu(job.deadline)
    if job.range is None:
        asked = ranges_of(job)
        parts = _ranges_in_order(job, asked)
        found = merged(job, asked, parts) if asked else None
        if found is not None:
            return found
    return _examined(job)


def ranges_of(job: Job) -> tuple[TimeRange, ...]:
    """Into which ranges the member is cut; none where it is read in one go, or cannot be read."""
    found: list[TimeRange] = []

    def look() -> None:
        found.extend(ranges(job, _watch_progress(job.stall_seconds)))

    _guarded(_Report(), "picture", look)
    faulthandler.cancel_dump_traceback_later()
    return tuple(found)


def guarded_ranges(job: Job) -> tuple[TimeRange, ...]:
    """The same as a job of its own."""
    limit_cpu(job.deadline)
    return ranges_of(job)


def _ranges_in_order(job: Job, asked: tuple[TimeRange, ...]) -> list[Examined]:
    """The ranges' examinations, up to the first that does not fit its neighbours."""
    parts: list[Examined] = []
    for one in asked:
        parts.append(_examined(job.of(one)))
        part = parts[-1].examination.part
        if part is None or not part.is_in_order:
            break
    return parts


def _examined(job: Job) -> Examined:
    report, reading, heard = _Report(), PictureReading(), SoundReading()
    _guarded(report, "examination", lambda: _look_at_all(job, report, reading, heard))
    faulthandler.cancel_dump_traceback_later()
    return Examined(
        examination=_examination(job, report, reading, heard),
        thumbnails=(*reading.thumbnails, *heard.excerpts),
        mirrored=reading.mirrored,
    )


def _look_at_all(job: Job, report: _Report, reading: PictureReading, heard: SoundReading) -> None:
    cv2.setNumThreads(1)
    alive = _watch_progress(job.stall_seconds)
    asked = sources(job.trust_anchors, watermarks=job.watermarks, alive=alive)
    if job.kind is MediaKind.OTHER:
        asked += written_sources()
    for path in _asked_paths(job):
        alive()
        _guarded(report, "structure", partial(_check_structure, report, path, job.format))
        _ask_sources(report, path, job, asked, alive)
    _guarded(report, _WHAT[job.kind], lambda: _look(job, report, reading, alive))
    _listen(job, report, reading, heard, alive)


def _asked_paths(job: Job) -> tuple[Path, ...]:
    """The files to ask for labels: those of the range; of a film's ranges, the first asks for all."""
    if job.kind is MediaKind.SEQUENCE:
        numbers = files_of(job)
        return job.paths[numbers.start : numbers.stop]
    return job.paths if job.range is None or job.range.number == 0 else ()


def pictures(job: Job, seconds: tuple[Fraction, ...]) -> tuple[Thumbnail, ...]:
    """Thumbnails of the frames at these times, for the report; none when the file does not give them."""
    found: list[Thumbnail] = []

    def look() -> None:
        limit_cpu(job.deadline)
        _watch_progress(job.stall_seconds)
        found.extend(pictures_at(job, seconds))

    _guarded(_Report(), "picture", look)
    faulthandler.cancel_dump_traceback_later()
    return tuple(found)


# Seconds.
_TIMER_SET_EVERY = 0.5
_WHAT = {
    MediaKind.STILL: "picture",
    MediaKind.VIDEO: "picture",
    MediaKind.SEQUENCE: "picture",
    MediaKind.SOUND: "sound",
    MediaKind.OTHER: "file",
}


def _watch_progress(stall_seconds: float) -> Callable[[], None]:
    """A function to call at every step of progress: without a call for so long, the process ends itself.

    The timer runs in C outside the interpreter's lock, so an endless loop in native code cannot stop it. To set it anew
    ends one thread and begins another, which takes milliseconds where every core is busy: not for every packet.
    """
    pause = min(_TIMER_SET_EVERY, stall_seconds / 10)
    last = -inf

    def alive() -> None:
        nonlocal last
        now = monotonic()
        if now - last >= pause:
            faulthandler.dump_traceback_later(stall_seconds + pause, exit=True)
            last = now

    alive()
    return alive


def _guarded(report: _Report, source: str, look: Callable[[], None]) -> None:
    try:
        look()
    except UnreadableMediaError as error:
        report.unreadable(source, str(error))
    except MemoryError:
        report.unreadable(source, "looking at it needs more memory than one examination may have")
    except Exception as error:  # noqa: BLE001 - a hostile file may raise anything
        report.unreadable(source, f"{type(error).__name__}: {error}"[:300])


def _check_structure(report: _Report, path: Path, format_name: str) -> None:
    missing = shortfall(path, format_name)
    if missing:
        report.unreadable("structure", missing, partly=True)


def _ask_sources(report: _Report, path: Path, job: Job, asked: tuple[Source, ...], alive: Callable[[], None]) -> None:
    for source in asked:
        if source.applies(job.format):
            alive()
            _guarded(report, source.name, partial(_ask, report, source, path, job.format))
        elif job.kind is not MediaKind.OTHER:
            note = f"{source.name}: {job.format} files cannot carry them or cannot be asked"
            if note not in report.notes:
                report.notes.append(note)


def _ask(report: _Report, source: Source, path: Path, format_name: str) -> None:
    report.take(source.examine(path, format_name))


def _look(job: Job, report: _Report, reading: PictureReading, alive: Callable[[], None]) -> None:
    match job.kind:
        case MediaKind.STILL:
            read_still(job, reading, alive)
        case MediaKind.SEQUENCE:
            read_sequence(job, reading, alive)
        case MediaKind.VIDEO:
            read_video(job, reading, alive)
        case MediaKind.SOUND:
            pass  # it is listened to
        case MediaKind.OTHER:
            _pass_over(job, report)


def _listen(job: Job, report: _Report, reading: PictureReading, heard: SoundReading, alive: Callable[[], None]) -> None:
    """Sound is listened to from its beginning to its end: where a film is read in ranges, with the first of them."""
    if job.kind not in (MediaKind.SOUND, MediaKind.VIDEO) or (job.range is not None and job.range.number > 0):
        return
    blind = any(isinstance(each, Unreadable) and each.source == "picture" for each in report.seen)
    beside = blind or reading.track is not None
    troubles = _Report()
    _guarded(troubles, "sound", lambda: read_sound(job, heard, alive, beside=beside))
    if blind and heard.seconds is None:
        return  # what keeps the picture from being read is told already
    told = [replace(each, partly=each.partly or beside) for each in troubles.seen if isinstance(each, Unreadable)]
    if job.kind is MediaKind.VIDEO and not beside and heard.seconds is None:
        told = [replace(each, source="file", reason=f"it has no picture track, and {each.reason}") for each in told]
    report.take(iter(told))


def _pass_over(job: Job, report: _Report) -> None:
    if job.format == "c2pa":
        report.notes.append("Content Credentials in a file of their own: media are held against them by SHA-256 only")
        return
    if job.format in NAMING:
        # The names and statements in it are all there is: its sources have read them.
        return
    if job.format in CONTAINERS:
        # That it was opened, and what was in it, is known where stock was taken.
        return
    if job.format == _PLAIN_TEXT:
        report.notes.append("text: compared with the register by its bytes only")
        return
    report.unreadable("file", NOT_OPENED.get(job.format, f"{job.format} files are not examined"))


def _examination(job: Job, report: _Report, reading: PictureReading, heard: SoundReading) -> Examination:
    return Examination(
        examiner=job.examiner,
        kind=job.kind,
        format=job.format,
        picture=reading.track,
        codes=reading.codes,
        features=reading.features,
        sounds=heard.marks,
        sound_begins=heard.begins,
        observations=(*report.seen, *counted(report.marks), *reading.damage, *heard.damage),
        coverage=Coverage(
            frames_examined=reading.examined,
            frames_present=reading.present,
            frames_between=reading.between,
            sample_step=reading.step,
            duration=reading.duration,
            sound_seconds=heard.seconds,
            sound_streams=heard.streams,
            sound_channels=heard.channels,
            sound_plain=heard.plain,
            broken=tuple(reading.broken[:MOST_LISTED]),
            broken_more=max(0, len(reading.broken) - MOST_LISTED),
            notes=(*report.notes, *reading.notes, *heard.notes),
        ),
        part=reading.part,
    )
