"""Decodes a video track by PyAV: only the frames that are looked at, each with its exact time, and counts them all.

Codecs whose frames stand alone (ProRes, DNxHR, JPEG 2000, MJPEG …) decode only what is sampled. H.264, HEVC and
MPEG-2 leave out what is neither sampled nor referred to. The others decode everything.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import av.container
from av.video.stream import VideoStream

from scanner.media.about import described, is_cover
from scanner.media.coverage import Counts, frames_shown, missing_frames
from scanner.media.decoder import Threads, decoders, luma_only, prepare, stands_alone
from scanner.media.decoding import Decoding
from scanner.media.frames import FINE_WIDTH, GREY_WIDTH, Detail, Frame, Grey, UnreadableMediaError, in_words, thumbnail
from scanner.media.luma import Showing, coloured, luma, upright
from scanner.media.sampling import Timed, every, needed, one_by_one, standing_alone
from scanner.media.seeking import Seeking, shown_at
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
    """A real picture track of a file."""

    decoding: Decoding
    seeking: Seeking
    about: PictureTrack
    showing: Showing
    threads: Threads = "AUTO"

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

    def frames(self, step: int, progress: Callable[[], None]) -> Iterator[Frame]:
        """Every `step`-th frame of the track or the range, from the first on; for one that is lost, the next to be had.

        `counts` is whole when the iterator is exhausted. Raises UnreadableMediaError.
        """
        _prepared(self.stream, self.threads)
        self.counts.listed = self.stream.frames or None
        self.counts.shown = frames_shown(self.container, self.stream)
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

    def _sampled(self, step: int, progress: Callable[[], None]) -> Iterator[Timed]:
        if step > 1 and stands_alone(self.stream.codec_context):
            if self.threads == "SLICE":
                return one_by_one(self.decoding, step, progress)
            several = decoders(self.stream.codec_context)
            return standing_alone(self.decoding, self.seeking.again, step, progress, decoders=several)
        if step > 1 and self.threads != "SLICE":
            return needed(self.decoding, step, progress)
        return every(self.decoding, step, progress)

    def _frame(self, ticks: int, frame: av.VideoFrame) -> Frame:
        def seen(most: int) -> Grey:
            return luma(frame, self.showing, most)

        grey = seen(GREY_WIDTH)
        turned = frame.rotation % 360 != 0
        detail = Detail(make=lambda: upright(seen(FINE_WIDTH), frame.rotation))
        return Frame(pts=ticks, grey=upright(grey, frame.rotation), stored=grey if turned else None, detail=detail)


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
