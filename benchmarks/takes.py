"""Other takes of a registered line by the same voice: how many are taken for it, alone and under a bed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import sounds, treatments
from benchmarks.planted import Register
from benchmarks.sounds import Sound, loudness

# Decibels of the voice against the bed; None: alone and clean.
LEVELS: tuple[int | None, ...] = (None, 6)
# Prompts of one speaker each, in which the same words come up again, spoken anew or cut out of one another.
PROMPTS = ("asterisk-core-sounds-en-wav", "asterisk-core-sounds-it-wav")


def rows(cache: Path, beds: Sequence[Sound], *, quick: bool) -> Iterator[dict[str, object]]:
    """Takes of synthetic voices; then what prompts of one speaker are taken for one another."""
    lines = sounds.LINES[:8] if quick else sounds.LINES
    for name, spoken in (("eSpeak NG", sounds.espeak_takes(cache, lines)), ("Piper", sounds.piper_takes(cache, lines))):
        if spoken:
            register = Register([(str(number), takes[0]) for number, takes in enumerate(spoken)])
            for level in LEVELS:
                yield {"voice": name, "level": level, **_told(register, spoken, beds, level)}
    for package in () if quick else PROMPTS:
        yield {"prompts": package, **_repeated(sounds.sounds(cache, (package,), 30, 1))}


def _told(
    register: Register, spoken: Sequence[Sequence[Sound]], beds: Sequence[Sound], level: int | None
) -> dict[str, object]:
    """Of the registered takes, how many are found; of the others, how many are told, and at which scores."""
    random = np.random.default_rng(5)
    found, told, count = 0, [], 0
    for number, takes in enumerate(spoken):
        for place, take in enumerate(takes):
            heard = register.heard(padded(take) if level is None else _under(take, beds, level, random))
            scores = [one.score for one in heard if one.number == number]
            found += place == 0 and bool(scores)
            count += place > 0
            if place and scores:
                told.append(max(scores))
    return {"takes": count, "told": len(told), "scores": sorted(told), "the registered": len(spoken), "found": found}


def _under(take: Sound, beds: Sequence[Sound], level: int, random: np.random.Generator) -> Sound:
    """Over a bed, equalised, and the mix limited."""
    over = padded(take)
    bed = beds[random.integers(len(beds))]
    bed = np.tile(bed, 1 + len(over) // len(bed))[: len(over)]
    gain = loudness(bed) / loudness(take) * 10 ** (level / 20)
    return treatments.limited(bed + gain * treatments.equalised(over, random))


def _repeated(prompts: Sequence[tuple[str, Sound]]) -> dict[str, object]:
    """Every prompt against all others."""
    register = Register(prompts)
    pairs = [
        (one.score, round(one.kept / one.votes, 2), name.partition("/")[2], one.asset.name.partition("/")[2])
        for number, (name, sound) in enumerate(prompts)
        for one in register.heard(padded(sound))
        if one.number != number
    ]
    return {"takes": len(prompts), "told": len(pairs), "pairs": sorted(pairs, reverse=True)}


def padded(sound: Sound) -> Sound:
    """With a second of silence on each side, and not on whole hops."""
    return np.pad(sound, (8_037, 8_000))
