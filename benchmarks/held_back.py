"""Hours of sound of which nothing is registered, as landmarks: speech, music and effects out of Debian packages.

python -m benchmarks.held_back [--cache DIR] prints the hours of every source. Landmarks are kept in the cache.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import corpora, hearing_cost, sounds
from scanner.fingerprint.landmarks import ALGORITHM, HOP, RATE, VERSION, hops
from scanner.model import SoundMarks

# All of it is speech.
SPEECH = (
    "klettres-data",
    "asterisk-core-sounds-fr-wav",
    "asterisk-core-sounds-es-wav",
    "asterisk-core-sounds-it-wav",
    "asterisk-core-sounds-ru-wav",
    "fillets-ng-data-nl",
    "festvox-ru",
    "tuxpaint-stamps-default",
    "ktuberling-data",
    "pocketsphinx-testdata",
)
# Folders called voices are speech; of the rest, what is as long as `_LONG` is music, and what is shorter is effects.
OTHERS = (
    "drascula-music",
    "hyperrogue-music",
    "asc-music",
    "colobot-common-sounds",
    "sound-icons",
    "warzone2100-music",
    "planetblupi-music-ogg",
    "ufoai-music",
    "ufoai-sound",
    "nexuiz-music",
    "nexuiz-data",
    "freedroidrpg-data",
    "supertux-data",
    "supertuxkart-data",
    "hedgewars-data",
    "lincity-ng-data",
    "megaglest-data",
    "unknown-horizons",
    "flare-game",
    "warmux-data",
    "widelands-data",
    "torcs-data",
    "extremetuxracer-data",
    "endless-sky-data",
    "fillets-ng-data",
    "wesnoth-1.16-data",
    "fretsonfire-songs-muldjord",
    "fretsonfire-songs-sectoid",
    "krank",
    "pushover-data",
    "lugaru-data",
    "marsshooter-data",
    "boswars-data",
    "starfighter-data",
    "frozen-bubble-data",
    "neverball-common",
    "naev-data",
    "freecol",
    "openclonk-data",
    "trigger-rally-data",
    "xmoto-data",
    "zaz-data",
    "btanks-data",
    "ardentryst",
    "lordsawar-data",
    "gigalomania-data",
    "davegnukem-data",
    "plee-the-bear-data",
    "trackballs-data",
    "wordwarvi-sound",
    "scorched3d-data",
    "renpy-demo",
    "tuxfootball",
    "lomiri-sounds",
    "deepin-sound-theme",
    "oxygen-sounds",
    "openarena-data",
    "openarena-088-data",
    "openarena-085-data",
    "openarena-081-misc",
    "openarena-081-players",
    "bzflag-data",
    "ri-li-data",
    "pingus-data",
    "tuxmath-data",
    "tuxtype-data",
    "titanion-data",
    "tumiki-fighters-data",
    "torus-trooper-data",
    "parsec47-data",
    "noiz2sa-data",
    "mu-cade-data",
    "gunroar-data",
    "a7xpg-data",
    "powermanga-data",
    "pinball-table-gnu-data",
    "hex-a-hop-data",
    "cube2-data",
    "redeclipse-data",
    "0ad-data",
)
# Collections of sayings, each spoken by eSpeak NG in a voice of its own, for so many hours at most.
SAYINGS = (
    ("fortunes", "en-gb+m3"),
    ("fortunes-de", "de+f2"),
    ("fortunes-it", "it+m2"),
    ("fortunes-pl", "pl+f4"),
    ("fortunes-ru", "ru+m4"),
    ("fortunes-cs", "cs+f3"),
    ("fortunes-br", "pt-br+m5"),
    ("fortunes-es", "es+f1"),
)
_SPOKEN_HOURS = 3.0
# Of a first look there is enough in these.
QUICK = ("klettres-data", "drascula-music", "asc-music", "sound-icons")
# The same recording as one that is registered: it is in the prompts of every language.
_REGISTERED = {"tt-monkeys.wav"}
_LONG, _MOST, _BETWEEN = 20.0, 900.0, 125


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Sounds of one kind and source, one after another. `files`: their names, and the hops at which they begin."""

    kind: str
    source: str
    hours: float
    marks: SoundMarks
    files: tuple[tuple[int, str], ...]

    def file_at(self, seconds: float) -> str:
        """What is heard at a time."""
        return next((name for begin, name in reversed(self.files) if begin * HOP <= seconds), "")


def main() -> None:
    """Fetch and listen to what is missing, and print a row a source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    for each in held_back(parser.parse_args().cache):
        print(f"{each.kind:<18}{each.source:<32}{len(each.files):>6}{each.hours:>8.2f}", flush=True)


def held_back(cache: Path, *, quick: bool = False) -> Iterator[Held]:
    """What there is, a source and kind at a time."""
    for package in QUICK if quick else (*SPEECH, *OTHERS):
        yield from _kept(cache, package, partial(_of_package, cache, package))
    for package, voice in () if quick else SAYINGS:
        yield from _kept(cache, package, partial(_spoken, cache, package, voice))


def _kept(cache: Path, source: str, make: Callable[[], list[Held]]) -> list[Held]:
    """The landmarks in the cache, made where there are none of this version."""
    folder = cache / "sounds" / f"{ALGORITHM}-{VERSION}" / source
    if not folder.exists():
        made = make()
        fresh = folder.with_name(f"{source}.new")
        fresh.mkdir(parents=True, exist_ok=True)
        for each in made:
            _write(fresh, each)
        fresh.rename(folder)
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _write(folder: Path, held: Held) -> None:
    marks = held.marks
    np.savez(folder / f"{held.kind}.npz", codes=np.frombuffer(marks.codes, "<u4"), times=hops(marks))
    about = {"kind": held.kind, "source": held.source, "hours": held.hours, "hops": marks.hops}
    text = json.dumps({**about, "files": held.files, "informative": marks.informative})
    (folder / f"{held.kind}.json").write_text(text, encoding="utf-8")


def _read(path: Path) -> Held:
    about = json.loads(path.read_text(encoding="utf-8"))
    with np.load(path.with_suffix(".npz")) as columns:
        marks = SoundMarks(
            algorithm=ALGORITHM,
            version=VERSION,
            stream=0,
            channel="mix",
            start=Fraction(0),
            hop=HOP,
            hops=about["hops"],
            codes=columns["codes"].astype("<u4").tobytes(),
            times=columns["times"].astype("<u4").tobytes(),
            informative=tuple((first, end) for first, end in about["informative"]),
        )
    files = tuple((begin, name) for begin, name in about["files"])
    return Held(kind=about["kind"], source=about["source"], hours=about["hours"], marks=marks, files=files)


def _of_package(cache: Path, package: str) -> list[Held]:
    """Its sounds of a second and longer, each content once."""
    by_kind: dict[str, list[tuple[str, float, SoundMarks]]] = {}
    seen: set[bytes] = set()
    for path in corpora.files(sounds.fetched(cache, package), sounds.KINDS):
        content = hashlib.sha256(path.read_bytes()).digest()
        if content in seen or path.name in _REGISTERED:
            continue
        seen.add(content)
        sound = sounds.read(path, _MOST)
        if len(sound) < RATE or sounds.loudness(sound) <= 1e-3:
            continue
        found = (path.name, len(sound) / RATE, hearing_cost.listened(sound))
        by_kind.setdefault(_kind(package, path, len(sound) / RATE), []).append(found)
    return [_one_after_another(kind, package, found) for kind, found in by_kind.items()]


def _kind(package: str, path: Path, seconds: float) -> str:
    if package in SPEECH or "voice" in str(path).lower():
        return "speech"
    return "music" if seconds >= _LONG else "effects"


def _spoken(cache: Path, package: str, voice: str) -> list[Held]:
    """Sayings, several at a time, spoken."""
    found, hours = [], 0.0
    for number, text in enumerate(_texts(sounds.fetched(cache, package))):
        sound = sounds.espeak(cache, text, "-v", voice)
        hours += len(sound) / RATE / 3600
        if len(sound) >= RATE:
            found.append((str(number), len(sound) / RATE, hearing_cost.listened(sound)))
        if hours >= _SPOKEN_HOURS:
            break
    return [_one_after_another("synthetic speech", f"{package}, {voice}", found)] if found else []


def _texts(folder: Path) -> Iterator[str]:
    """Pieces of about 3,000 characters, each saying once."""
    seen: set[str] = set()
    piece: list[str] = []
    for path in sorted(folder.rglob("games/fortunes/**/*")):
        if not path.is_file() or path.is_symlink() or path.suffix in (".dat", ".u8"):
            continue
        for saying in path.read_text(encoding="utf-8", errors="ignore").split("\n%\n"):
            if saying not in seen:
                seen.add(saying)
                piece.append(saying)
            if sum(map(len, piece)) >= 3_000:
                yield "\n".join(piece)
                piece = []


def _one_after_another(kind: str, source: str, found: list[tuple[str, float, SoundMarks]]) -> Held:
    begins = np.cumsum([0, *(marks.hops + _BETWEEN for _, _, marks in found)]).tolist()
    moved = [(begin, marks) for begin, (_, _, marks) in zip(begins, found, strict=False)]
    joined = replace(
        found[0][2],
        hops=begins[-1],
        codes=b"".join(marks.codes for _, marks in moved),
        times=np.concatenate([hops(marks) + begin for begin, marks in moved]).astype("<u4").tobytes(),
        informative=tuple((a + begin, b + begin) for begin, marks in moved for a, b in marks.informative),
    )
    files = tuple((begin, name) for begin, (name, _, _) in zip(begins, found, strict=False))
    hours = sum(seconds for _, seconds, _ in found) / 3600
    return Held(kind=kind, source=source, hours=hours, marks=joined, files=files)


if __name__ == "__main__":
    main()
