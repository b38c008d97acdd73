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
from scanner.match.sound_part import SoundPart, grown
from scanner.match.stretches import Sought
from scanner.model import AssetRef, SoundMarks

_HOURS, _QUICK_HOURS = (1, 10, 100, 1000), (1, 10)
_PIECE = 600.0
# Of so many of the last beds three seconds are planted, from the tenth on, at the level of what they lie over.
_PLANTED, _FROM, _LONG = 10, 10, 3
# One part is made and written at a time.
_PART_HOURS = 100


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
    return _most_memory() if marks else 0


def _most_memory() -> int:
    """Megabytes. `getrusage` would count what the process that began this one had."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) // 1024


def growth(asked: SoundMarks, beds: Sequence[Sound], *, quick: bool) -> Iterator[dict[str, object]]:
    """As the register grows: music whose landmarks were moved up and down, and among it some that is planted."""
    base = [listened(bed) for bed in beds]
    for hours in _QUICK_HOURS if quick else _HOURS:
        with tempfile.TemporaryDirectory() as kept:
            folder, begun = Path(kept), time.process_time()
            for number, first in enumerate(range(0, hours, _PART_HOURS)):
                own = base[-_PLANTED:] if number == 0 else ()
                many = _many(base, min(_PART_HOURS, hours - first), np.random.default_rng(3 + number))
                (part,) = grown([], [(n, each) for n, each in enumerate([*own, *many])])
                (folder / str(number)).mkdir()
                part.write(folder / str(number))
            built = time.process_time() - begun
            size = sum(path.stat().st_size for path in folder.rglob("*.npy"))
            parts = [SoundPart.read(place) for place in sorted(folder.iterdir())]
            yield {"hours": hours, "built, s": round(built, 1), "MB": size >> 20, **_looked_up(asked, parts, beds)}


def _looked_up(asked: SoundMarks, parts: Sequence[SoundPart], beds: Sequence[Sound]) -> dict[str, object]:
    count = int(max(part.assets.max() for part in parts)) + 1
    assets = [AssetRef(asset_id=str(n), record_id="PR-1", name="") for n in range(count)]
    sought = Sought(wanted=np.ones(count, np.bool_), good=np.zeros(count, np.bool_))
    index = HearingIndex(assets, parts)
    begun = time.process_time()
    index.heard([asked], sought)
    speed = asked.hops * float(asked.hop) / (time.process_time() - begun)
    found = {each.number for each in index.heard([listened(_with_planted(beds))], sought)}
    return {"times real time": round(speed, 1), "planted": _PLANTED, "found": len(found & set(range(_PLANTED)))}


def _with_planted(beds: Sequence[Sound]) -> Sound:
    """Three seconds of each of the last beds, over each of the first."""
    pieces = []
    for under, over in zip(beds[:_PLANTED], beds[-_PLANTED:], strict=True):
        sound, piece = under[: 3 * _LONG * RATE].copy(), over[_FROM * RATE : (_FROM + _LONG) * RATE]
        covered = sound[_LONG * RATE : 2 * _LONG * RATE]
        covered += piece * (covered.std() / max(float(piece.std()), 1e-6))
        pieces.append(sound)
    return np.concatenate(pieces)


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
