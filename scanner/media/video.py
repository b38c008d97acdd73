"""Decodes a video track by PyAV: only the frames that are looked at, each with its exact time, and counts them all.

Of codecs whose frames stand alone (ProRes, DNxHR, JPEG 2000, MJPEG …) only what is sampled is read and decoded. H.264,
HEVC and MPEG-2 leave out what is neither sampled nor referred to. The others decode everything.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import av.container
from av.video.stream import VideoStream

from scanner.fingerprint.distinct import same_shot
from scanner.media.about import described, is_cover
from scanner.media.coverage import Counts, frames_shown, missing_frames
from scanner.media.decoder import Threads, decoders, luma_only, prepare, stands_alone
from scanner.media.decoding import Decoding
from scanner.media.frames import FINE_WIDTH, GREY_WIDTH, Detail, Frame, Grey, UnreadableMediaError, in_words, thumbnail
from scanner.media.halves import with_halves
from scanner.media.luma import Showing, coloured, luma, upright
from scanner.media.sampling import Timed, every, needed, one_by_one
from scanner.media.seeking import Seeking, shown_at
from scanner.media.singly import Sample, Singly
from scanner.media.stamps import Clock
from scanner.media.stretch import Stretch
from scanner.model import PictureTrack, Thumbnail, TimeRange

__all__ = ["Clock", "Counts", "VideoTrack", "missing_frames"]

# A local playlist must never reach the network or another file through us.
_OPTIONS = {"protocol_whitelist": "file"}
_UNKNOWN_RATE = Fraction(24)
_THUMBNAIL_WIDTH = 480


def _unheard() -> None:
    """Nobody waits for progress."""


@dataclass(slots=True)
class VideoTrack(AbstractContextManager["VideoTrack"]):
    """A real picture track of a file. `step`: frames from one sample to the next, at most."""

    decoding: Decoding
    seeking: Seeking
    about: PictureTrack
    showing: Showing
    threads: Threads = "AUTO"
    step: int = 1

    @classmethod
    def open(
        cls, path: Path, number: int = 0, threads: Threads = "AUTO", *, within: TimeRange | None = None
    ) -> "VideoTrack | None":
        """The picture track of this number, or None for a file that has none; `frames` gives those of the range.

        Raises UnreadableMediaError.
        """
        decoding = _opened(path, number)
        if decoding is None:
            return None

        def again() -> Decoding:
            fresh = _opened(path, number)
            if fresh is None:
                msg = "its picture track is gone"
                raise UnreadableMediaError(msg)
            _prepared(fresh.stream, threads)
            return fresh

        if within is not None:
            decoding.stretch = _stretch(decoding, within, threads)
        about, showing = described(decoding.container, decoding.stream), Showing.of(decoding.stream)
        return cls(decoding=decoding, seeking=Seeking(again=again), about=about, showing=showing, threads=threads)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seeking.close()
        self.container.close()

    @property
    def container(self) -> av.container.InputContainer:
        return self.decoding.container

    @property
    def stream(self) -> VideoStream:
        return self.decoding.stream

    @property
    def counts(self) -> Counts:
        return self.decoding.counts

    @property
    def time_base(self) -> Fraction:
        return self.decoding.time_base

    @property
    def is_in_order(self) -> bool:
        """Whether all that was read of a range fits its being one of several."""
        stretch, clock = self.decoding.stretch, self.decoding.clock
        return stretch is not None and stretch.whole and (clock is None or not clock.offset)

    @property
    def is_stopped(self) -> bool:
        """Whether reading a range was given up, as the decoder does not get over having begun in the middle."""
        return self.decoding.stretch is not None and self.decoding.stretch.is_stopped

    def frames(self, step: int, progress: Callable[[], None], *, sparing: bool = False) -> Iterator[Frame]:
        """Every `step`-th frame of the track or the range, from the first on; for one that is lost, the next to be had.

        `sparing`: where frames need no other, half as many, and what stands by itself twice (`halves`); `step` says so.
        `counts` is whole when the iterator is exhausted. Raises UnreadableMediaError.
        """
        _prepared(self.stream, self.threads)
        self.counts.listed = self.stream.frames or None
        self.counts.shown = frames_shown(self.container, self.stream)
        alone = step > 1 and stands_alone(self.stream.codec_context) and self.threads != "SLICE"
        self.step = 2 * step if alone and sparing else step
        if alone:
            yield from self._singly(progress, sparing=sparing)
            return
        for ticks, frame in self._sampled(step, progress):
            yield self._frame(ticks, frame)

    def frames_between(
        self, start: Fraction, end: Fraction, progress: Callable[[], None] = _unheard
    ) -> Iterator[Frame]:
        """Every frame whose seconds after the track's first frame lie in [start, end), as `frames(1)` gives them.

        Raises UnreadableMediaError.
        """
        for ticks, frame in self.seeking.between(start, end, progress):
            yield self._frame(ticks, frame)

    def pictures_at(self, wanted: list[Fraction]) -> Iterator[Thumbnail]:
        """Thumbnails of the frames on screen at these seconds after the track's first frame."""
        context = self.stream.codec_context
        if not context.is_open:
            self.stream.thread_type = "AUTO"
        luma_only(context, wanted=False)
        context.skip_frame = "DEFAULT"
        for seconds in wanted:
            frame = shown_at(self.decoding, seconds)
            if frame is not None:
                yield thumbnail(coloured(frame, self.showing, _THUMBNAIL_WIDTH), seconds)

    def _singly(self, progress: Callable[[], None], *, sparing: bool) -> Iterator[Frame]:
        several = decoders(self.stream.codec_context)
        singly = Singly(
            track=self.decoding, again=self.seeking.again, step=self.step, progress=progress, decoders=several
        )
        clock = self.decoding.timed(self.step, stamped=True)

        def seen(sample: Sample) -> _Seen:
            return _Seen(sample, self._frame(sample.stamp, sample.frame))

        def midway(look: _Seen) -> _Seen | None:
            between = singly.midway(look.sample)
            return None if between is None else seen(between)

        with closing(singly):
            looks = map(seen, singly.samples())
            for look in with_halves(looks, midway, _is_alike) if sparing else looks:
                yield replace(look.frame, pts=clock.at(look.sample.stamp))

    def _sampled(self, step: int, progress: Callable[[], None]) -> Iterator[Timed]:
        if self.threads == "SLICE" or step == 1:
            alone = step > 1 and stands_alone(self.stream.codec_context)
            return (one_by_one if alone else every)(self.decoding, step, progress)
        return needed(self.decoding, step, progress)

    def _frame(self, ticks: int, frame: av.VideoFrame) -> Frame:
        def seen(most: int) -> Grey:
            return luma(frame, self.showing, most)

        grey = seen(GREY_WIDTH)
        turned = frame.rotation % 360 != 0
        detail = Detail(make=lambda: upright(seen(FINE_WIDTH), frame.rotation))
        return Frame(pts=ticks, grey=upright(grey, frame.rotation), stored=grey if turned else None, detail=detail)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sample, and its frame with the sample's own stamp."""

    sample: Sample
    frame: Frame


def _is_alike(one: _Seen, other: _Seen) -> bool:
    return same_shot(one.frame.grey, other.frame.grey)


def _opened(path: Path, number: int) -> Decoding | None:
    try:
        container = av.open(f"file:{path.absolute()}", options=dict(_OPTIONS), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        msg = f"the container cannot be opened: {in_words(error)}"
        raise UnreadableMediaError(msg) from error
    streams = [stream for stream in container.streams.video if not is_cover(stream)]
    if number >= len(streams):
        container.close()
        return None
    if streams[number].codec_context is None:
        container.close()
        msg = "its picture is in a codec that is not known here"
        raise UnreadableMediaError(msg)
    for other in container.streams:
        if other.index != streams[number].index:
            other.discard = av.stream.Discard.all
    rate = described(container, streams[number]).frame_rate
    return Decoding(container=container, stream=streams[number], rate=rate or _UNKNOWN_RATE)


def _stretch(decoding: Decoding, within: TimeRange, threads: Threads) -> Stretch:
    return Stretch(
        start=within.start if within.number else None,
        end=within.end,
        first=within.first,
        lead=within.lead,
        alone=stands_alone(decoding.context),
        exact=threads != "AUTO",
    )


def _prepared(stream: VideoStream, threads: Threads) -> None:
    prepare(stream, threads)
    luma_only(stream.codec_context, wanted=True)
