"""The encodings that a delivery may come in: what FFmpeg is told to make each, and what must be seen in it."""

from dataclasses import dataclass
from fractions import Fraction

_X264 = "-c:v libx264 -preset veryfast -pix_fmt yuv420p"
_X265 = "-c:v libx265 -preset veryfast -tag:v hvc1 -x265-params log-level=none"
_DNXHR = "-c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p"
_MPEG2 = "-c:v mpeg2video -b:v 2M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How one file is made: from the painted shot, or from another file (`source`) with options before its input."""

    options: str
    rate: str = "24"
    source: str | None = None
    before: str = ""
    frames: int = 96


FRAMES = 96

STANDING_ALONE = {
    "prores.mov": Encoding(options="-c:v prores_ks -profile:v 3 -timecode 01:00:00:00"),
    "prores-4444.mov": Encoding(options="-c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le"),
    "prores-odd-size.mov": Encoding(options="-vf crop=317:179 -c:v prores_ks"),
    "dnxhr.mov": Encoding(options=_DNXHR),
    "dnxhr-25.mxf": Encoding(options=f"{_DNXHR} -timecode 10:00:00:00", rate="25"),
    "dnxhr-23976.mxf": Encoding(options=f"{_DNXHR} -timecode 01:00:00:00", rate="24000/1001"),
    "dnxhr-drop-frame.mxf": Encoding(options=f"{_DNXHR} -timecode 00:59:59;20", rate="30000/1001"),
    "jpeg2000.mxf": Encoding(options="-c:v jpeg2000 -pix_fmt yuv422p10le"),
    "mjpeg.mov": Encoding(options="-c:v mjpeg -pix_fmt yuvj420p"),
    "mjpeg.avi": Encoding(options="-c:v mjpeg -pix_fmt yuvj420p"),
    "png.mov": Encoding(options="-c:v png"),
    "uncompressed.mov": Encoding(options="-c:v v210"),
}

LONG_GOP = {
    "h264.mp4": Encoding(options=f"{_X264} -bf 3 -g 48"),
    "h264-open-gop.mov": Encoding(options=f"{_X264} -bf 3 -g 24 -x264-params open-gop=1:b-pyramid=normal"),
    "h264-25.mov": Encoding(options=f"{_X264} -timecode 09:59:58:00", rate="25"),
    "h264-drop-frame.mov": Encoding(options=f"{_X264} -timecode 00:59:59;20", rate="30000/1001"),
    "h264.mkv": Encoding(options=_X264),
    "h264.mxf": Encoding(options=_X264, rate="25"),
    "h264.ts": Encoding(options=_X264, rate="25"),
    "h264.m2ts": Encoding(options=_X264, rate="25"),
    "h264-interlaced.mp4": Encoding(options=f"{_X264} -flags +ilme+ildct -x264-params tff=1", rate="25"),
    "h264-padded.mp4": Encoding(options=f"-vf crop=318:178 {_X264}"),
    "h264-fragmented.mp4": Encoding(options=f"{_X264} -movflags frag_keyframe+empty_moov -g 24"),
    "h264-dash.mp4": Encoding(options=f"{_X264} -movflags dash+frag_keyframe -g 24 -bf 2"),
    "h264-moov-first.mp4": Encoding(options=f"{_X264} -movflags +faststart"),
    "h264-no-edit-list.mp4": Encoding(options=f"{_X264} -bf 3 -use_editlist 0"),
    "h264-starts-at-5s.mp4": Encoding(options=f"{_X264} -output_ts_offset 5"),
    "h264-starts-below-0.mkv": Encoding(options=f"{_X264} -bf 3 -avoid_negative_ts disabled"),
    "h264-live.mkv": Encoding(options=f"{_X264} -live 1"),
    "h264-telecined.mp4": Encoding(options=f"-vf telecine {_X264} -flags +ilme+ildct", frames=120),
    "hevc.mp4": Encoding(options=f"{_X265} -pix_fmt yuv420p"),
    "hevc-10-bit-pq.mp4": Encoding(
        options=f"{_X265}:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:open-gop=1 -pix_fmt yuv420p10le"
    ),
    "mpeg2.mxf": Encoding(options=f"{_MPEG2} -g 12 -bf 2", rate="25"),
    "mpeg2.ts": Encoding(options=f"{_MPEG2} -g 12 -bf 2", rate="25"),
    "mpeg4.avi": Encoding(options="-c:v mpeg4 -bf 2"),
    "vp8.webm": Encoding(options="-c:v libvpx -b:v 500k"),
    "vp9.webm": Encoding(options="-c:v libvpx-vp9 -b:v 500k -cpu-used 8 -deadline realtime"),
    "ffv1.mkv": Encoding(options="-c:v ffv1 -level 3"),
    "av1.mp4": Encoding(options="-c:v libsvtav1 -preset 12"),
}

# Cut without encoding again at 1.3 s: the container holds more frames than are to be shown.
CUT = {
    "cut.mov": Encoding(source="h264.mp4", before="-ss 1.3", options="-c copy", frames=64),
    "cut-at-both-ends.mp4": Encoding(source="h264.mp4", before="-ss 0.7", options="-t 1.7 -c copy", frames=43),
    "cut-prores.mov": Encoding(source="prores.mov", before="-ss 1.3", options="-c copy", frames=64),
    "cut-hevc.mp4": Encoding(source="hevc-10-bit-pq.mp4", before="-ss 1.3", options="-c copy", frames=64),
    "cut-in-open-gop.mkv": Encoding(source="h264-open-gop.mov", before="-ss 1.3", options="-c copy", frames=72),
}
_FEWER = "-vf select='not(mod(n,3))+gt(n,48)' -fps_mode vfr"
_HOLE = "-vf select='lt(n,30)+gt(n,60)' -fps_mode vfr"
UNEVEN = {
    "variable-rate.mp4": Encoding(source="h264.mp4", options=f"{_FEWER} {_X264}", frames=64),
    "variable-rate.mkv": Encoding(source="h264.mp4", options=f"{_FEWER} {_X264}", frames=64),
    "pause.mp4": Encoding(source="h264.mp4", options=f"{_HOLE} {_X264}", frames=65),
    "pause.mov": Encoding(source="h264.mp4", options=f"{_HOLE} -c:v prores_ks", frames=65),
    "pause.webm": Encoding(source="h264.mp4", options=f"{_HOLE} -c:v libvpx", frames=65),
}
TURNED = {"turned.mp4": Encoding(source="h264.mp4", before="-display_rotation 90", options="-c copy")}

GOOD = STANDING_ALONE | LONG_GOP | CUT | UNEVEN | TURNED


def rate_of(name: str) -> Fraction:
    """Frames a second of a file that is encoded from the painted shot."""
    return Fraction(GOOD[name].rate)
