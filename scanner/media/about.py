"""What a container says of a picture track: codec, size, rate, and where its timecode begins."""

from fractions import Fraction

import av
import av.container
from av.video.stream import VideoStream

from scanner.media.timecode import standard
from scanner.model import PictureTrack

# Above this it is a clock and no frame rate.
_FASTEST = 240


def is_cover(stream: VideoStream) -> bool:
    """A cover picture attached to a sound file is not a picture track."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def described(container: av.container.InputContainer, stream: VideoStream) -> PictureTrack:
    """The track as its container describes it; of several timecodes its own comes first, then the file's."""
    timecode = stream.metadata.get("timecode") or container.metadata.get("timecode")
    if timecode is None:
        timecode = next((s.metadata["timecode"] for s in container.streams if "timecode" in s.metadata), None)
    return PictureTrack(
        codec=stream.codec_context.name,
        width=stream.codec_context.width,
        height=stream.codec_context.height,
        frame_rate=_rate(stream),
        start_timecode=timecode,
    )


def _rate(stream: VideoStream) -> Fraction | None:
    """The track's rate, exact where it is a usual one; gaps in a track of constant rate do not count."""
    rates = [Fraction(rate) for rate in (stream.average_rate, stream.base_rate) if rate]
    return next(
        (exact for rate in rates if (exact := standard(rate)) and exact <= _FASTEST), rates[0] if rates else None
    )
