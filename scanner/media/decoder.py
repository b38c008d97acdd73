"""Sets a track's decoder up: as little work as the grey picture allows, every core, nothing past damage in silence."""

import os
from typing import Literal

import av
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from scanner.media.frames import UnreadableMediaError
from scanner.media.wavelet import levels

# How FFmpeg shares the work: by frames and slices, which is quickest, but what follows a damaged frame is lost with it;
# STEADY by slices only; SLICE as well, and everything is decoded whole: no more is lost than is damaged.
Threads = Literal["AUTO", "STEADY", "SLICE"]

MOST_PIXELS = 300_000_000
# AV_CODEC_PROP_INTRA_ONLY (libavcodec/codec_desc.h); AV_CODEC_FLAG_GRAY (libavcodec/avcodec.h).
_INTRA_ONLY = 1 << 0
_GRAY = 1 << 13
# These leave chroma out when told so, in whatever way FFmpeg was built.
_LUMA_ALONE = ("prores", "dnxhd")
# These decode at a half, a quarter … of their size (libavcodec's `max_lowres`) and are quicker then; MJPEG is slower.
_SMALLER = {"jpeg2000": 5}
_WIDE_ENOUGH = 960
# Libavcodec leaves frames out that no other refers to, told packet by packet.
_PASSES_OVER = ("h264", "hevc", "mpeg2video")
# AV_CODEC_CAP_FRAME_THREADS, _SLICE_THREADS and _OTHER_THREADS (libavcodec/codec.h).
_THREADS = 1 << 12 | 1 << 13 | 1 << 15
_MOST_DECODERS = 8
# Frames depend on others, so threads wait: two cores are busy with eight. Each holds a frame.
_MORE_THREADS, _MOST_THREADS = 6, 16
# AV_FIELD_TT to AV_FIELD_BT: each field may come in a packet of its own.
_INTERLACED = range(2, 6)


def prepare(stream: VideoStream, threads: Threads) -> None:
    """Before the first packet. `SLICE` reads whole pictures at full size. Raises UnreadableMediaError."""
    context = stream.codec_context
    if context.width * context.height > MOST_PIXELS:
        msg = f"its picture is too large to be opened safely: {context.width} by {context.height}"
        raise UnreadableMediaError(msg)
    if context.is_open:
        return
    stream.thread_type = "AUTO" if threads == "AUTO" else "SLICE"
    context.thread_count = min((os.cpu_count() or 1) + _MORE_THREADS, _MOST_THREADS)
    options = {"err_detect": "explode", "max_pixels": str(MOST_PIXELS)}
    smaller = _halvings(context) if threads != "SLICE" else 0
    if smaller:
        options["lowres"] = str(smaller)
    context.options = options


def luma_only(context: VideoCodecContext, *, wanted: bool) -> None:
    """Have chroma decoded or not, from the next packet on; where it cannot be left out this does nothing."""
    if context.codec.name in _LUMA_ALONE and (context.pix_fmt or "").startswith("yuv"):
        context.flags = context.flags | _GRAY if wanted else context.flags & ~_GRAY


def stands_alone(context: VideoCodecContext) -> bool:
    """Whether every frame of the codec can be decoded without any other."""
    return bool(context.codec.properties & _INTRA_ONLY)


def decoders(context: VideoCodecContext) -> int:
    """How many decoders are to be set up so that every core is used: one where FFmpeg shares the work itself."""
    return 1 if context.codec.capabilities & _THREADS else min(os.cpu_count() or 1, _MOST_DECODERS)


def passes_over(context: VideoCodecContext) -> bool:
    """Whether the decoder can be told to leave a frame out that no other refers to."""
    fields = context.name == "h264" and context.field_order in _INTERLACED
    return context.name in _PASSES_OVER and not fields


def _halvings(context: VideoCodecContext) -> int:
    """How often the picture can be halved before it is decoded and still be wide enough."""
    most = _SMALLER.get(context.name, 0)
    if context.field_order in _INTERLACED:
        return 0
    return max((n for n in range(most + 1) if context.width >> n >= _WIDE_ENOUGH), default=0)


def limit_halvings(context: VideoCodecContext, packet: "av.Packet[VideoStream]") -> None:
    """A JPEG 2000 picture has no more halvings than levels; only its code stream says how many these are."""
    if context.name == "jpeg2000" and not context.is_open and "lowres" in context.options:
        found = min(int(context.options["lowres"]), levels(bytes(packet)))
        context.options = {**context.options, "lowres": str(found)}
