"""What finishing does to a sound before it is heard again: equalising, limiting, rooms, codecs, speed, pitch, level."""

import subprocess
from collections.abc import Callable, Mapping

import imageio_ffmpeg
import numpy as np

from benchmarks.sounds import Sound, loudness
from scanner.fingerprint.landmarks import RATE

Treatment = Callable[[Sound], Sound]
Random = np.random.Generator
_RAW = ("-f", "f32le", "-ar", str(RATE), "-ac", "1")


def filtered(sound: Sound, filters: str) -> Sound:
    """Through FFmpeg's filters, at 48 kHz."""
    chain = f"aresample=48000,{filters},aresample={RATE}"
    return _ffmpeg(sound, "-af", chain)


def coded(sound: Sound, encoder: str, bit_rate: str, container: str) -> Sound:
    """Encoded at 48 kHz and decoded again."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    encode = [program, "-v", "error", *_RAW, "-i", "-", "-ar", "48000", "-c:a", encoder, "-b:a", bit_rate]
    data = np.asarray(sound, np.float32).tobytes()
    made = subprocess.run([*encode, "-f", container, "-"], input=data, capture_output=True, check=True).stdout
    decode = [program, "-v", "error", "-i", "-", *_RAW, "-"]
    decoded = subprocess.run(decode, input=made, capture_output=True, check=True).stdout
    return np.frombuffer(decoded, np.float32).copy()


def equalised(sound: Sound, random: Random) -> Sound:
    """Three bands raised or lowered by up to 6 dB."""
    spectrum = np.fft.rfft(sound)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 20))
    gain = sum(random.uniform(-6, 6) * np.exp(-((octaves - np.log2(middle)) ** 2) / 0.5) for middle in (250, 900, 2400))
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(sound)).astype(np.float32)


def limited(sound: Sound) -> Sound:
    """Softly, from about 10 dB above its loudness on."""
    most = 3 * loudness(sound) + 1e-9
    return np.asarray(np.tanh(sound / most) * most, np.float32)


def in_a_room(sound: Sound, seconds: float, direct: float) -> Sound:
    """A room whose echo dies in so many seconds, its sound so many decibels below the direct one."""
    length = round(seconds * RATE)
    echo = np.random.default_rng(1).normal(0, 1, length) * np.exp(-6.9 * np.arange(length) / length)
    echo[:40] = 0
    echo *= 10 ** (-direct / 20) / np.sqrt(np.square(echo).sum())
    echo[0] = 1
    size = len(sound) + length
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size), size)[: len(sound)].astype(np.float32)


# Done to the registered sound before it is mixed.
TO_THE_SOUND: Mapping[str, Treatment] = {
    "none": lambda sound: sound,
    "small room, 6 dB below": lambda sound: in_a_room(sound, 0.4, 6),
    "large room, 6 dB below": lambda sound: in_a_room(sound, 1.2, 6),
    "small room, as loud": lambda sound: in_a_room(sound, 0.5, 0),
    "pulled up 0.1 %": lambda sound: filtered(sound, "asetrate=48048,aresample=48000"),
    "speed +4.17 %": lambda sound: filtered(sound, "asetrate=50000,aresample=48000"),
    "speed -4 %": lambda sound: filtered(sound, "asetrate=46080,aresample=48000"),
    "speed +4.17 %, pitch kept": lambda sound: filtered(sound, "atempo=1.0416667"),
    "speed -4 %, pitch kept": lambda sound: filtered(sound, "atempo=0.96"),
    "speed +2 %, pitch kept": lambda sound: filtered(sound, "atempo=1.02"),
    "speed +1 %, pitch kept": lambda sound: filtered(sound, "atempo=1.01"),
    "pitch +1 semitone": lambda sound: filtered(sound, "asetrate=50854,aresample=48000,atempo=0.943874"),
    "pitch -1 semitone": lambda sound: filtered(sound, "asetrate=45306,aresample=48000,atempo=1.059463"),
    "pitch +0.5 semitones": lambda sound: filtered(sound, "asetrate=49407,aresample=48000,atempo=0.971532"),
}
# Done to the mix.
TO_THE_MIX: Mapping[str, Treatment] = {
    "AAC 96 kbit/s": lambda sound: coded(sound, "aac", "96k", "adts"),
    "MP3 64 kbit/s": lambda sound: coded(sound, "libmp3lame", "64k", "mp3"),
    "Opus 32 kbit/s": lambda sound: coded(sound, "libopus", "32k", "ogg"),
    "30 dB quieter": lambda sound: (sound * 0.0316).astype(np.float32),
    "12 dB over full scale": lambda sound: np.clip(sound * 4 / (np.abs(sound).max() + 1e-9), -1, 1),
}


def _ffmpeg(sound: Sound, *options: str) -> Sound:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *_RAW, "-i", "-", *options, *_RAW, "-"]
    data = np.asarray(sound, np.float32).tobytes()
    made = subprocess.run(command, input=data, capture_output=True, check=True).stdout
    return np.frombuffer(made, np.float32).copy()
