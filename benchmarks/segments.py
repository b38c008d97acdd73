"""Where registered clips are found in a programme, and how exactly: planted pieces, through the whole of a scan.

python -m benchmarks.segments [--quick] [--programmes N] [--cache DIR] [--fixtures DIR]
"""

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median

import numpy as np

from benchmarks import clips, corpora, material
from benchmarks.reels import SIZE, TREATMENTS, Reel, Treatment, reel
from benchmarks.transforms import Picture
from scanner.cli.init import make_studio
from scanner.model import DropClass, LookAlike, Use
from scanner.pipeline import scan
from scanner.registering import Registered, register
from scanner.settings import read_settings
from scanner.studio import Studio

LENGTHS = (12, 24, 48, 120)
QUICK_LENGTHS = (12, 48)
# The shortest shot that is promised to be found, in what a delivery has been through at least; so many of them.
SHORTEST, SHORTEST_TREATMENT, SHORTEST_PIECES = 12, "graded, coded twice", 60
GAPS = (24, 48)
CODECS = {"H.264": ("programme.mp4", clips.H264), "ProRes": ("programme.mov", clips.PRORES)}
# Registered: two generated clips, and pieces of footage of which nothing is left in the background.
ASSETS = (
    ("generators/cogvideox/1.mp4", 0.0, 6.0),
    ("generators/cogvideox/4.mp4", 0.0, 6.0),
    ("footage/big_buck_bunny_0_30.webm", 8.0, 10.0),
    ("footage/bottles.mp4", 10.0, 10.0),
    ("footage/cars.mp4", 5.0, 10.0),
    ("footage/ocean.mp4", 0.0, 10.0),
)
NOT_BEHIND = ("bunny", "bottles", "cars", "ocean", "flat-colours", "Bullseye", "bugy", "codecs", "muted")
_BEHIND_SECONDS, _MOST_BEHIND = 6.0, 14
# Ends as exact as an editor would ask.
_EXACT = 1
Cell = tuple[Treatment, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A piece of a registered clip in a programme, and what was found of it. `first`, `after`: the programme's frames.

    `in_error`, `out_error`: frames that the told ends are late; None where it is not found.
    """

    asset: str
    treatment: str
    codec: str
    first: int
    after: int
    in_error: int | None = None
    out_error: int | None = None

    @property
    def found(self) -> bool:
        return self.in_error is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What stands in a programme for so many frames; background where there is no treatment."""

    reel: Reel
    first: int
    frames: int
    treatment: Treatment | None = None
    under: Reel | None = None

    def pictures(self) -> Iterator[Picture]:
        """Its frames, treated."""
        for place in range(self.frames):
            if self.treatment is None:
                yield self.reel.frame(self.first + place)
                continue
            own = self.reel.frame(self.treatment.source(self.first, place, self.frames))
            under = own if self.under is None else self.under.frame(place)
            yield self.treatment.change(own, under)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Planted pieces of one kind: the share found, median errors of the ends in frames, share with both within one."""

    kind: str
    name: str
    planted: int
    found: float
    in_error: float | None
    out_error: float | None
    exact: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was measured. `told`: look-alikes in the programmes; `wrong`: those of them that are none."""

    planted: list[Planted]
    told: int
    wrong: list[str]
    seconds: float


def main() -> None:
    """Measure, print a row a kind, and keep the result for the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--fixtures", type=Path, default=corpora.FIXTURES)
    parser.add_argument("--programmes", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    lengths = QUICK_LENGTHS if asked.quick else LENGTHS
    codecs = ("H.264",) if asked.quick else tuple(CODECS)
    begun = time.monotonic()
    result = measured(asked.cache, asked.fixtures, asked.programmes, cells_of(lengths), codecs)
    table = list(summed(result))
    shown(result, table)
    shortest = {} if asked.quick else shortest_of(asked.cache, asked.fixtures)
    print(*(f"{name}: {row}" for name, row in shortest.items()), sep="\n")
    kept = {"rows": [asdict(row) for row in table], "planted": [asdict(each) for each in result.planted]}
    kept |= {"shortest": shortest} if shortest else {}
    precision = 1 - len(result.wrong) / max(1, result.told)
    minutes = round((time.monotonic() - begun) / 60, 1)
    material.keep(
        "segments", {"minutes": minutes, **kept, "told": result.told, "wrong": result.wrong, "precision": precision}
    )


def rows(cache: Path = corpora.CACHE, fixtures: Path = corpora.FIXTURES) -> list[Row]:
    """A row a kind, of one short programme."""
    return list(summed(measured(cache, fixtures, 1, cells_of(QUICK_LENGTHS), ("H.264",))))


def cells_of(lengths: Sequence[int]) -> list[Cell]:
    """Every treatment at every length."""
    return list(itertools.product(TREATMENTS, lengths))


def shortest_of(cache: Path, fixtures: Path) -> dict[str, dict[str, object]]:
    """Of each codec, how many of the shortest shots are found."""
    treatment = next(each for each in TREATMENTS if each.name == SHORTEST_TREATMENT)
    result = measured(cache, fixtures, 1, [(treatment, SHORTEST)] * SHORTEST_PIECES, tuple(CODECS))
    found: dict[str, dict[str, object]] = {}
    for codec in CODECS:
        own = row("codec", codec, [each for each in result.planted if each.codec == codec])
        wrong = sum(line.startswith(f"{codec}:") for line in result.wrong)
        found[codec] = {**asdict(own), "frames": SHORTEST, "wrong": wrong}
    return found


def measured(cache: Path, fixtures: Path, programmes: int, cells: Sequence[Cell], codecs: Sequence[str]) -> Result:
    """Register the clips, assemble programmes, scan each in each codec."""
    assets = [reel(fixtures / name, first, seconds) for name, first, seconds in ASSETS if (fixtures / name).is_file()]
    if not assets:
        sys.exit(f"{fixtures}: no clips to plant. Name the fixtures' folder with --fixtures.")
    behind = [path for path in corpora.footage(cache, fixtures) if not any(part in str(path) for part in NOT_BEHIND)]
    behind = [behind[place * len(behind) // _MOST_BEHIND] for place in range(min(_MOST_BEHIND, len(behind)))]
    backgrounds = [reel(path, 0.5, _BEHIND_SECONDS) for path in behind]
    planted: list[Planted] = []
    wrong: list[str] = []
    told, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as folder, studio_of(Path(folder), assets) as studio:
        for number, codec in itertools.product(range(programmes), codecs):
            pieces = programme(assets, backgrounds, cells, number)
            name, options = CODECS[codec]
            frames = (picture for piece in pieces for picture in piece.pictures())
            path = clips.encoded(Path(folder) / name, frames, SIZE, options)
            seen = looked_alike(studio, path)
            there = list(truths(pieces, codec))
            planted += [compared(each, seen) for each in there]
            wrong += [described(each, codec) for each in seen if not is_right(each, there)]
            told, seconds = told + len(seen), seconds + sum(piece.frames for piece in pieces) / clips.RATE
    return Result(planted=planted, told=told, wrong=wrong, seconds=seconds)


def studio_of(folder: Path, assets: Sequence[Reel]) -> Studio:
    """A studio in which these clips are registered."""
    config = make_studio(folder / "studio", title="BENCH")
    paths = []
    for asset in assets:
        frames = (asset.frame(number) for number in range(len(asset.frames)))
        paths.append(clips.encoded(folder / f"{Path(asset.name).stem} asset.mp4", frames, SIZE))
    studio = Studio.open(read_settings(config))
    told = register(studio, *paths, title="BENCH", tool="bench", use=Use.TEMPORARY, by="a benchmark")
    refused = [result.name for result in told if not isinstance(result, Registered)]
    if refused:
        sys.exit(f"cannot be registered: {refused}")
    return studio


def programme(assets: Sequence[Reel], behind: Sequence[Reel], cells: Sequence[Cell], number: int) -> list[Piece]:
    """A piece for each treatment and length, each between two shots of other footage; assets in turn."""
    rng = np.random.default_rng(number)
    pieces = [background(behind, rng)]
    for place in rng.permutation(len(cells)):
        treatment, frames = cells[int(place)]
        fit = [asset for asset in assets if len(asset.frames) >= treatment.needs(frames)]
        asset = fit[(int(place) + number) % len(fit)]
        first = int(rng.integers(len(asset.frames) - treatment.needs(frames) + 1))
        after = background(behind, rng)
        pieces.append(Piece(reel=asset, first=first, frames=frames, treatment=treatment, under=pieces[-1].reel))
        pieces.append(after)
    return pieces


def background(behind: Sequence[Reel], rng: np.random.Generator) -> Piece:
    """A shot of one to two seconds of footage that is not registered."""
    return Piece(
        reel=behind[int(rng.integers(len(behind)))], first=int(rng.integers(96)), frames=int(rng.integers(*GAPS))
    )


def looked_alike(studio: Studio, path: Path) -> list[LookAlike]:
    """What a scan says that resembles registered material."""
    scanned = scan(studio, path, title="BENCH", drop_class=DropClass.FINAL)
    return [each.evidence for each in scanned.verdict.findings if isinstance(each.evidence, LookAlike)]


def truths(pieces: Sequence[Piece], codec: str) -> Iterator[Planted]:
    """Where the planted pieces are."""
    first = 0
    for piece in pieces:
        if piece.treatment is not None:
            name = f"{Path(piece.reel.name).stem} asset.mp4"
            after = first + piece.frames
            yield Planted(asset=name, treatment=piece.treatment.name, codec=codec, first=first, after=after)
        first += piece.frames


def compared(each: Planted, seen: Sequence[LookAlike]) -> Planted:
    """The same with the errors of its ends, where a look-alike of its asset overlaps it."""
    spans = [span(one) for one in seen if one.asset.name == each.asset]
    over = [(first, after) for first, after in spans if first < each.after and after > each.first]
    if not over:
        return each
    return Planted(
        asset=each.asset,
        treatment=each.treatment,
        codec=each.codec,
        first=each.first,
        after=each.after,
        in_error=min(first for first, _ in over) - each.first,
        out_error=max(after for _, after in over) - each.after,
    )


def is_right(seen: LookAlike, there: Sequence[Planted]) -> bool:
    """Whether at least half of what is told shows the asset."""
    first, after = span(seen)
    own = (each for each in there if each.asset == seen.asset.name)
    shared = sum(max(0, min(after, each.after) - max(first, each.first)) for each in own)
    return 2 * shared >= after - first


def span(seen: LookAlike) -> tuple[int, int]:
    """First frame and first frame after."""
    if seen.place is None:
        return 0, 0
    return round(seen.place.seconds_in * clips.RATE), round(seen.place.seconds_out * clips.RATE)


def described(seen: LookAlike, codec: str) -> str:
    """A wrong look-alike in words."""
    first, after = span(seen)
    numbers = f"{seen.distance} bits, {seen.blocks_agreeing} of {seen.blocks_compared} blocks, {seen.inliers} pairs"
    return f"{codec}: frames {first} to {after} are not {seen.asset.name} ({seen.transform}; {numbers})"


def summed(result: Result) -> Iterator[Row]:
    """A row for all, for each codec, length and treatment, and for 12-frame shots of untouched speed."""
    ways: list[tuple[str, Callable[[Planted], str]]] = [
        ("all", lambda each: "all"),
        ("codec", lambda each: each.codec),
        ("frames", lambda each: str(each.after - each.first)),
        ("treatment", lambda each: each.treatment),
    ]
    for kind, way in ways:
        for name in dict.fromkeys(sorted(map(way, result.planted), key=_in_order)):
            yield row(kind, name, [each for each in result.planted if way(each) == name])


def _in_order(name: str) -> tuple[int, str]:
    names = [treatment.name for treatment in TREATMENTS]
    return (int(name), "") if name.isdigit() else (names.index(name) if name in names else 0, name)


def row(kind: str, name: str, planted: Sequence[Planted]) -> Row:
    """The sums of one kind."""
    errors = [(each.in_error, each.out_error) for each in planted]
    both = [(abs(first), abs(last)) for first, last in errors if first is not None and last is not None]
    return Row(
        kind=kind,
        name=name,
        planted=len(planted),
        found=len(both) / len(planted),
        in_error=float(median(first for first, _ in both)) if both else None,
        out_error=float(median(last for _, last in both)) if both else None,
        exact=float(mean(max(ends) <= _EXACT for ends in both)) if both else None,
    )


def shown(result: Result, table: Sequence[Row]) -> None:
    """Print the rows, what was missed and what was told wrongly."""
    print(f"{'':<22}{'planted':>8}{'found':>7}{'in':>6}{'out':>6}{'exact':>7}")
    for each in table:
        numbers = (each.found, each.in_error, each.out_error, each.exact)
        print(f"{each.name:<22}{each.planted:>8}", *(f"{'' if n is None else f'{n:.2f}':>6}" for n in numbers))
    for piece in result.planted:
        if not piece.found:
            print(f"missed: {piece.codec}, {piece.treatment}, {piece.after - piece.first} frames of {piece.asset}")
    print(f"{result.told} told in {result.seconds:.0f} s, {len(result.wrong)} wrong", *result.wrong, sep="\n")


if __name__ == "__main__":
    main()
