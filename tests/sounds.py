"""Sounds to be registered, mixed and delivered: made of numbers, and written as files."""

import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 16_000


@cache
def voice(seed: int, seconds: float, *, rate: int = RATE) -> Sound:
    """Something like speech: a tone with many partials that glides, in syllables, through two resonances."""
    source = np.random.default_rng(seed)
    count = round(seconds * rate)
    at = np.arange(count) / rate
    syllables = max(2, round(seconds * 4.5))
    ends = np.linspace(0, seconds, syllables + 1)
    pitch = np.interp(at, ends, 110 * 2 ** source.uniform(0, 1.2, syllables + 1))
    first = np.interp(at, ends, source.uniform(300, 900, syllables + 1))
    second = np.interp(at, ends, source.uniform(900, 2800, syllables + 1))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    made = np.zeros(count)
    for partial in range(1, 26):
        tone = pitch * partial
        level = 1 / (1 + ((tone - first) / 90) ** 2) + 0.6 / (1 + ((tone - second) / 130) ** 2) + 0.01
        made += level * np.sin(partial * phase)
    spoken = 0.25 + 0.75 * np.abs(np.sin(np.pi * at * syllables / seconds)) ** 0.7
    return _level(made * spoken, 0.1)


@cache
def bed(seed: int, seconds: float, *, rate: int = RATE) -> Sound:
    """Something like music and effects: chords that change, and noise."""
    source = np.random.default_rng(seed)
    count = round(seconds * rate)
    made = source.standard_normal(count) * 0.3
    for begin in range(0, count, round(0.6 * rate)):
        since = np.arange(min(2 * rate, count - begin)) / rate
        for tone in 55 * 2 ** (source.integers(12, 60, 4) / 12):
            made[begin : begin + len(since)] += np.sin(2 * np.pi * tone * since) * np.exp(-3 * since)
    return _level(made, 0.1)


def _level(sound: NDArray[np.float64], rms: float) -> Sound:
    made = np.asarray(sound * rms / np.sqrt(np.mean(sound**2)), np.float32)
    made.flags.writeable = False
    return made


def mixed(under: Sound, over: Sound, at: float, *, gain: float = 1.0, rate: int = RATE) -> Sound:
    """One sound in another, from `at` seconds on."""
    made = under.copy()
    first = round(at * rate)
    made[first : first + len(over)] += over * np.float32(gain)
    return made


def write(path: Path, *channels: Sound, rate: int = RATE) -> Path:
    """A WAV of 16 bits."""
    samples = np.clip(np.stack(channels, axis=1), -1, 1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path
