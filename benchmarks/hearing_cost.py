"""What hearing costs: listening and looking up against the clock, memory, and both as the register grows."""

import multiprocessing
import resource
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from benchmarks.sounds import Sound
from scanner.fingerprint.landmarks import RATE, Listener, hops
from scanner.match.hearing import HearingIndex
from scanner.match.sound_part import SoundPart
from scanner.match.stretches import Sought
from scanner.model import AssetRef, SoundMarks

_HOURS, _QUICK_HOURS = (1, 10, 100), (1, 10)
_PIECE = 600.0


def listened(sound: Sound, channel: str = "mix") -> SoundMarks:
    """Its landmarks."""
    listener = Listener()
    for first in range(0, len(sound), 1 << 16):
        listener.feed(sound[first : first + (1 << 16)])
    return listener.marks(stream=0, channel=channel, start=Fraction(0))


def rows(index: HearingIndex, sought: Sought, beds: Sequence[Sound], *, quick: bool) -> Iterator[dict[str, object]]:
    """Seconds of sound for a second of processor time, and memory."""
    sound = np.concatenate(beds)[: round(_PIECE * RATE)]
    seconds = len(sound) / RATE
    yield {"what": "decoding WAV, 48 kHz stereo, by FFmpeg", "times real time": round(seconds / _decoding(sound))}
    begun = time.process_time()
    marks = [listened(sound, channel) for channel in ("L", "R", "mix")]
    listening = time.process_time() - begun
    yield {"what": "listening, a channel", "times real time": round(3 * seconds / listening)}
    begun = time.process_time()
    index.heard(marks[2:], sought)
    yield {
        "what": "looking up, a channel, every turn",
        "times real time": round(seconds / (time.process_time() - begun)),
    }
    begun = time.process_time()
    index.heard(marks, sought)
    looking = time.process_time() - begun
    yield {"what": "looking up L, R and mix", "times real time": round(seconds / looking)}
    yield {
        "what": "listening to and looking up L, R and mix",
        "times real time": round(seconds / (listening + looking)),
    }
    yield {
        "what": "listening to and looking up mix alone",
        "times real time": round(seconds / ((listening + looking) / 3)),
    }
    yield {"what": "two hours of 5.1 and a mix listened to, at most", "MB": _memory(sound)}
    yield from growth(marks[2], beds, quick=quick)


def _decoding(sound: Sound) -> float:
    """Processor seconds that FFmpeg takes to decode it from 48 kHz stereo to 8 kHz mono."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        with wave.open(str(path), "wb") as written:
            written.setnchannels(2)
            written.setsampwidth(2)
            written.setframerate(48_000)
            written.writeframes(np.repeat((np.clip(sound, -1, 1) * 32767).astype("<i2"), 12).tobytes())
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", "-i", str(path)]
        command += ["-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _memory(sound: Sound) -> int:
    """Megabytes at most of a process of its own that listens to six channels and a down-mix of two hours at once."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_listen_long, (sound[: 60 * RATE],))


def _listen_long(sound: Sound) -> int:
    listeners = [Listener() for _ in range(7)]
    for _ in range(120):
        for listener in listeners:
            listener.feed(sound)
    marks = [listener.marks(stream=0, channel=str(n + 1), start=Fraction(0)) for n, listener in enumerate(listeners)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 if marks else 0


def growth(asked: SoundMarks, beds: Sequence[Sound], *, quick: bool) -> Iterator[dict[str, object]]:
    """As the register grows: music whose landmarks were moved up and down; the last step is one part ten times."""
    base = [listened(bed) for bed in beds]
    parts: list[SoundPart] = []
    random = np.random.default_rng(3)
    for hours in _QUICK_HOURS if quick else _HOURS:
        begun = time.process_time()
        parts = [SoundPart.of([(n, each) for n, each in enumerate(_many(base, hours, random))])]
        built = time.process_time() - begun
        with tempfile.TemporaryDirectory() as folder:
            parts[0].write(Path(folder))
            size = sum(path.stat().st_size for path in Path(folder).iterdir())
        yield {"hours": hours, "built, s": round(built, 1), "MB": size // 2**20, **_looked_up(asked, parts)}
    yield {"hours": 10 * hours, "built, s": None, "MB": 10 * size // 2**20, **_looked_up(asked, parts * 10)}


def _looked_up(asked: SoundMarks, parts: Sequence[SoundPart]) -> dict[str, object]:
    count = int(max(part.assets.max() for part in parts)) + 1
    assets = [AssetRef(asset_id=str(n), record_id="PR-1", name="") for n in range(count)]
    sought = Sought(wanted=np.ones(count, np.bool_), good=np.zeros(count, np.bool_))
    index = HearingIndex(assets, parts)
    begun = time.process_time()
    index.heard([asked], sought)
    return {"times real time": round(asked.hops * float(asked.hop) / (time.process_time() - begun), 1)}


def _many(base: Sequence[SoundMarks], hours: int, random: np.random.Generator) -> Iterator[SoundMarks]:
    """So many hours of sounds that are none of these, but as dense: reversed, and moved in frequency block by block."""
    left = hours * 3600.0
    while left > 0:
        marks = base[random.integers(len(base))]
        codes, times = np.frombuffer(marks.codes, "<u4"), hops(marks)
        moved = random.integers(-160, 160, len(times) // 20 + 1).repeat(20)[: len(times)]
        frequency = np.clip((codes & 0xFFF).astype(np.int64) + moved, 130, 3_700).astype(np.uint32)
        left -= float(marks.hops * marks.hop)
        yield SoundMarks(
            algorithm=marks.algorithm,
            version=marks.version,
            stream=0,
            channel="mix",
            start=Fraction(0),
            hop=marks.hop,
            hops=marks.hops,
            codes=((codes & 0xFFFFF000) | frequency)[::-1].astype("<u4").tobytes(),
            times=(marks.hops - 1 - times)[::-1].astype("<u4").tobytes(),
            informative=marks.informative,
        )
