"""Synthetic sound: something like a voice (harmonics under formants) and plucked strings. 48 kHz mono, -1..1."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float64]

VOWELS = {
    "a": (730, 1090, 2440),
    "e": (530, 1840, 2480),
    "i": (270, 2290, 3010),
    "o": (570, 840, 2410),
    "u": (300, 870, 2240),
}


def voice(text: str, seconds: float, *, seed: int) -> Sound:
    """A murmur with the vowels of `text`, a falling pitch and breath between the syllables."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    syllables = [letter for letter in text if letter in VOWELS]
    knots = (np.arange(len(syllables)) + 0.5) * seconds / len(syllables)
    formants = [np.interp(time, knots, [VOWELS[vowel][number] for vowel in syllables]) for number in range(3)]
    pitch = 128 - 22 * time / seconds + 6 * np.sin(2 * np.pi * 0.9 * time) + 1.5 * np.sin(2 * np.pi * 5.2 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sung = np.zeros_like(time)
    for harmonic in range(1, 30):
        rate = harmonic * pitch
        gain = sum(1 / (1 + ((rate - centre) / (70 + 40 * number)) ** 2) for number, centre in enumerate(formants))
        sung += gain * np.sin(harmonic * phase) / harmonic**0.6
    beat = np.abs(np.sin(np.pi * time * len(syllables) / seconds)) ** 0.7
    breath = np.diff(random.standard_normal(time.size), prepend=0.0) * (1 - beat) ** 3 * 0.25
    return _levelled(sung * beat + breath)


def strings(notes: list[tuple[float, float]], seconds: float, *, seed: int) -> Sound:
    """Plucked strings (Karplus and Strong, 1983): notes as (second, Hz)."""
    random = np.random.default_rng(seed)
    played = np.zeros(int(seconds * RATE))
    for start, pitch in notes:
        first, period = int(start * RATE), int(RATE / pitch)
        turn, pieces = random.uniform(-1, 1, period), []
        for _ in range((played.size - first) // period + 1):
            pieces.append(turn)
            turn = 0.498 * (turn + np.roll(turn, 1))
        note = np.concatenate(pieces)[: played.size - first]
        played[first:] += note
    return _levelled(played)


def score(seconds: float, *, seed: int) -> Sound:
    """A short tune in A minor."""
    random = np.random.default_rng(seed)
    scale = [110.0, 130.81, 146.83, 164.81, 196.0, 220.0, 261.63, 329.63]
    notes = [(beat * 0.25, scale[int(random.integers(0, len(scale)))]) for beat in range(int(seconds / 0.25))]
    return strings([(0.0, 55.0), *notes], seconds, seed=seed)


def _levelled(sound: Sound) -> Sound:
    edge = np.minimum(1.0, np.minimum(np.arange(sound.size), np.arange(sound.size)[::-1]) / (0.01 * RATE))
    return np.asarray(sound / np.abs(sound).max() * 0.5 * edge)


def laid_over(under: Sound, over: Sound, at: float) -> Sound:
    """One sound over another from a second on, as loud as it there."""
    mixed, first = under.copy(), round(at * RATE)
    piece = mixed[first : first + over.size]
    piece += over * np.sqrt(np.square(piece).mean() / np.square(over).mean())
    return _levelled(mixed)


def read_wav(path: Path) -> Sound:
    """What `write_wav` wrote."""
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def write_wav(path: Path, sound: Sound) -> None:
    """16-bit mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
