"""Landmarks: what is heard does not depend on how it is fed, and what says nothing is not informative."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.fingerprint.landmarks import HOP, RATE, WINDOW, Listener, frequencies, hops, is_informative, strengths
from scanner.fingerprint.landmarks import heard_seconds as heard
from scanner.model import SoundMarks

SECONDS = 6
TIME = np.arange(SECONDS * RATE) / RATE


def listened(samples: NDArray[np.floating], block: int = 10_000) -> SoundMarks:
    listener = Listener()
    for first in range(0, len(samples), block):
        listener.feed(samples[first : first + block].astype(np.float32))
    return listener.marks(stream=0, channel="mix", start=Fraction(0))


def melody(seed: int = 1, seconds: int = SECONDS) -> NDArray[np.float64]:
    """Notes with overtones, eight a second."""
    random, length = np.random.default_rng(seed), RATE // 8
    at = np.arange(length) / RATE
    notes = []
    for pitch in random.uniform(150, 500, seconds * 8):
        note = sum(np.sin(2 * np.pi * pitch * k * at + k) / k for k in range(1, 7))
        notes.append(note * np.exp(-at * random.uniform(5, 25)))
    return 0.1 * np.concatenate(notes)


@pytest.mark.parametrize("block", [1, 5_000, 10**6])
def test_landmarks_do_not_depend_on_how_the_sound_is_fed(block: int) -> None:
    sound = melody(seconds=1 if block == 1 else 18)

    assert listened(sound, block) == listened(sound, 8_192)


def test_landmarks_lie_in_time_and_are_few() -> None:
    marks = listened(melody())

    assert marks.hop == HOP
    assert marks.hops == (len(TIME) - WINDOW) // 128 + 1
    assert (np.diff(hops(marks)) >= 0).all()
    assert 40 * SECONDS < len(hops(marks)) <= 155 * SECONDS
    assert (frequencies(marks) < 256).all()
    assert (strengths(marks) > 0).all()
    assert heard(marks) > SECONDS - 1


def test_a_landmark_is_told_to_a_fraction_of_a_bin() -> None:
    beep = np.where(np.abs(TIME - 3) < 0.1, np.sin(2 * np.pi * 1003.9 * TIME), 0.0)

    marks = listened(beep + np.random.default_rng(0).normal(0, 1e-3, len(TIME)))

    loudest = strengths(marks).argmax()
    assert frequencies(marks)[loudest] == pytest.approx(1003.9 / 15.625, abs=0.1)
    assert hops(marks)[loudest] * float(HOP) == pytest.approx(3 - WINDOW / RATE / 2, abs=0.1)


@pytest.mark.parametrize(
    "sound",
    [
        0 * TIME,
        np.random.default_rng(1).normal(0, 1.5e-5, len(TIME)),
        0.1 * np.sin(2 * np.pi * 1000 * TIME),
        0.1 * np.sin(2 * np.pi * 1000 * TIME) + np.random.default_rng(1).normal(0, 3e-5, len(TIME)),
        0.1 * np.sin(2 * np.pi * 400 * TIME) + 0.1 * np.sin(2 * np.pi * 1000 * TIME),
        0 * TIME + 0.9,
        TIME * np.nan,
        np.full(len(TIME), np.inf),
        TIME[:100],
        TIME[:0],
    ],
    ids=["silence", "dither", "tone", "tone with noise", "two tones", "DC", "NaN", "infinite", "short", "empty"],
)
def test_what_says_nothing_is_not_informative(sound: NDArray[np.float64]) -> None:
    assert not is_informative(listened(sound))


@pytest.mark.parametrize("level", [0.1, 1.0, 20.0])
def test_level_and_dc_do_not_matter(level: float) -> None:
    plain, other = listened(melody()), listened(melody() * level + 0.3)

    same = set(zip(hops(plain), frequencies(plain).round(), strict=True))
    heard_again = set(zip(hops(other), frequencies(other).round(), strict=True))

    assert len(same & heard_again) > 0.85 * len(same)


def test_a_moment_of_damage_spoils_only_itself() -> None:
    sound = melody()
    sound[RATE : RATE + 400] = np.nan

    marks, plain = listened(sound), listened(melody())

    late = round(2.5 / HOP)
    assert (hops(marks) >= late).sum() == (hops(plain) >= late).sum()


def test_only_what_can_be_heard_is_informative() -> None:
    sound = np.concatenate([melody(), np.zeros(10 * RATE), 0.1 * np.sin(2 * np.pi * 1000 * TIME), melody(2)])

    ((first, end), (again, last)) = listened(sound).informative

    assert (float(first * HOP), float(end * HOP)) == pytest.approx((0, 6), abs=0.6)
    assert (float(again * HOP), float(last * HOP)) == pytest.approx((22, 28), abs=0.6)
