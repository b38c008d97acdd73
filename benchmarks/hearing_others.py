"""Music and effects as registered assets: found under speech, and other tracks and effects of the same sources."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks import sounds
from benchmarks.planted import Register, found, programme
from benchmarks.sounds import Sound
from scanner.fingerprint.landmarks import RATE
from scanner.match.hearing import LEAST_SCORE

MUSIC = (
    "ufoai-music",
    "supertuxkart-data",
    "naev-data",
    "hedgewars-data",
    "megaglest-data",
    "unknown-horizons",
    "widelands-data",
    "freedroidrpg-data",
    "supertux-data",
    "warzone2100-music",
    "flare-game",
    "planetblupi-music-ogg",
    "drascula-music",
    "hyperrogue-music",
    "lincity-ng-data",
    "fillets-ng-data",
)
EFFECTS = (
    "wesnoth-1.16-data",
    "megaglest-data",
    "supertuxkart-data",
    "hedgewars-data",
    "ufoai-sound",
    "nexuiz-data",
    "widelands-data",
    "warmux-data",
)
# What is spoken over them.
SPEECH = ("asterisk-core-sounds-it-wav", "festvox-ru")
LEVELS = (0, -6, -12)
# Seconds of a track that are registered; the fewest and most of an effect, and how many of them.
_TRACK, _EFFECT, _MOST_EFFECTS = 60.0, (1.0, 3.0), 400
_BED = 60


def rows(cache: Path, cases: int, *, quick: bool) -> Iterator[dict[str, object]]:
    """For music, then for effects: what is found of pieces under speech, and what other tracks are taken for."""
    speech = _joined([sound for _, sound in sounds.sounds(cache, SPEECH, 30, 1)])
    for kind, made, lengths in (
        ("music", sounds.sounds(cache, MUSIC, _TRACK, 20), (3.0, 5.0, 10.0)),
        ("effects", _effects(cache), (1.0, 2.0)),
    ):
        made = [(name, sound) for name, sound in made if "voice" not in name.lower()]
        if len(made) < 2:
            continue
        register = Register(made[::2])
        for seconds in lengths[:1] if quick else lengths:
            for level in LEVELS:
                mix, planted = programme(register.voices, speech, seconds, level, cases)
                of_it = asdict(found(register, "equalised, limited", seconds, level, mix, planted))
                yield {"kind": kind, "registered": len(register.voices), **of_it}
        yield {"kind": kind, "registered": len(register.voices), **_others(register, made[1::2])}


def _effects(cache: Path) -> list[tuple[str, Sound]]:
    """Short ones, spread over their sources."""
    least, most = _EFFECT
    made = [each for each in sounds.sounds(cache, EFFECTS, 20, least) if len(each[1]) <= most * RATE]
    return made[:: max(1, len(made) // (2 * _MOST_EFFECTS))]


def _joined(spoken: Sequence[Sound]) -> list[Sound]:
    """One after another, in pieces of a minute."""
    whole = np.concatenate(spoken)
    return [whole[first : first + _BED * RATE] for first in range(0, len(whole) - _BED * RATE, _BED * RATE)]


def _others(register: Register, others: Sequence[tuple[str, Sound]]) -> dict[str, object]:
    """Each of the other tracks looked up: what it is taken for, with the score."""
    taken = [
        (one.score, name, one.asset.name, round(float(one.last - one.first), 1))
        for name, sound in others
        for one in register.heard(np.pad(sound, (8_037, 8_000)))
    ]
    hours = sum(len(sound) for _, sound in others) / RATE / 3600
    taken.sort(reverse=True)
    return {
        "others": len(others),
        "hours": round(hours, 2),
        "false": sum(score >= LEAST_SCORE for score, *_ in taken),
        "taken": taken[:20],
    }
