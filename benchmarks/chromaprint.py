"""Chromaprint, by FFmpeg, on the same mixes: how a piece agrees with its own voice, and with others."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from benchmarks.sounds import Sound
from scanner.fingerprint.landmarks import RATE

Codes = NDArray[np.uint32]
_WITHIN = 5.0


def codes_of(sound: Sound) -> Codes:
    """Its 32-bit codes, one every 0.12 seconds."""
    data = np.asarray(np.clip(sound, -1, 1) * 32767, "<i2").tobytes()
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-"]
    command += ["-f", "chromaprint", "-fp_format", "raw", "-"]
    return np.frombuffer(subprocess.run(command, input=data, capture_output=True, check=True).stdout, "<u4")


def agreement(asked: Codes, registered: Codes) -> float:
    """The largest share of bits that agree, however the two are laid; 0 where there is too little to compare."""
    size = min(len(asked), len(registered))
    if size < 2:
        return 0.0
    short, long = (asked, registered) if len(asked) == size else (registered, asked)
    windows = np.lib.stride_tricks.sliding_window_view(long, size)
    return float(1 - np.bitwise_count(windows ^ short).sum(axis=1).min() / (32 * size))


def rows(
    voices: Sequence[tuple[str, Sound]], beds: Sequence[Sound], cases: int, programme: Callable[..., Any]
) -> Iterator[dict[str, object]]:
    """Five seconds of a voice, cut out of the mix exactly: the share that agrees better than any other voice does."""
    long = [(name, sound) for name, sound in voices if len(sound) > (_WITHIN + 0.5) * RATE][:100]
    registered = [codes_of(sound) for _, sound in long]
    for level in (12, 6, 0, -6):
        mix, planted = programme(long, beds, _WITHIN, level, cases)
        own, other = [], []
        for each in planted:
            asked = codes_of(mix[round(each.first * RATE) : round(each.last * RATE)])
            shares = [agreement(asked, codes) for codes in registered]
            own.append(shares.pop(each.number))
            other.append(max(shares))
        found = float(np.mean(np.array(own) > max(other)))
        yield {"seconds": _WITHIN, "level": level, "planted": len(planted), "found": round(found, 3)}
