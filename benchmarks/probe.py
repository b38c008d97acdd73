"""What `ffprobe -show_format -show_streams -of json FILE` says, as far as AugLy asks: the wheels of FFmpeg have none.

python benchmarks/probe.py [OPTION …] FILE
"""

import json
import sys
from typing import Any

import av


def probed(path: str) -> dict[str, Any]:
    """The format and the streams of a file, numbers in words as ffprobe gives them. Raises FFmpegError."""
    with av.open(path) as container:
        seconds = (container.duration or 0) / av.time_base
        streams = [_stream(stream, seconds) for stream in container.streams]
        return {"streams": streams, "format": {"filename": path, "duration": str(seconds)}}


def _stream(stream: Any, seconds: float) -> dict[str, str | int]:
    coded = stream.codec_context
    long = float(stream.duration * stream.time_base) if stream.duration else seconds
    told: dict[str, str | int] = {
        "index": stream.index,
        "codec_type": stream.type,
        "codec_name": coded.name,
        "bit_rate": str(coded.bit_rate or 0),
        "duration": str(long),
        "nb_frames": str(stream.frames),
    }
    if stream.type == "video":
        rate = str(stream.average_rate)
        told |= {"width": coded.width, "height": coded.height, "r_frame_rate": rate, "avg_frame_rate": rate}
    if stream.type == "audio":
        told |= {"sample_rate": str(coded.sample_rate), "channels": coded.channels}
    return told


if __name__ == "__main__":
    print(json.dumps(probed(sys.argv[-1])))
