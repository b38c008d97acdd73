"""Which share of registered pictures is found again after what editorial and finishing do to them.

python -m benchmarks.recall [--quick] [--pictures N] [--cache DIR] [--fixtures DIR] [--processes N]
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean

import cv2
import faiss
import numpy as np

from benchmarks import clips, corpora, material
from benchmarks.albumentations_images import albumentations_images
from benchmarks.peers import PeerRegister, peers
from benchmarks.transforms import (
    HARD,
    ORDINARY,
    Applied,
    Picture,
    Transform,
    augly_images,
    fitted,
    pairs,
)
from benchmarks.truth import overlap, said, truth
from scanner.examine.examiner import examine
from scanner.match.look_alikes import Pictures, look_alikes
from scanner.model import LookAlike, Policy

SIZE = (1280, 720)
SAME_PLACE = 0.8

SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked: pictures of each transform, of them as held stills; pairs and pictures of each; and so on."""

    pictures: int = 48
    held: int = 48
    pairs: int = 24
    of_each_pair: int = 5
    others: int = 6
    negatives: int = 240


QUICK = Size(pictures=10, held=1, pairs=8, of_each_pair=2, others=1, negatives=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """One transformed frame, delivered alone. `score`, `inliers`: of the parts, enough or not.

    `words`: what is said to have been done, and `told`: whether that is what was done.
    """

    name: str
    group: str
    picture: int
    found: bool
    score: float
    inliers: int
    distances: dict[str, int]
    overlap: float | None = None
    words: str = ""
    told: bool = False
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One transform. Shares, 0 to 1: `found` of frames, `held` of stills, `place` and `words` of the frames found."""

    name: str
    group: str
    asked: int
    found: float
    held: float | None
    place: float | None
    words: float | None
    peers: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that one frame needs; the processes that do the work inherit it."""

    size: Size
    pictures: list[material.Registrable]
    register: Pictures
    policy: Policy
    backgrounds: list[Picture]
    peers: list[PeerRegister]
    negatives: list[Path]


@dataclass(slots=True)
class Result:
    """What was measured."""

    rows: list[Row] = field(default_factory=list)
    singles: list[Single] = field(default_factory=list)
    false_in_clips: list[str] = field(default_factory=list)
    false_in_negatives: list[str] = field(default_factory=list)
    thresholds: dict[str, int] = field(default_factory=dict)
    threshold_words: dict[str, str] = field(default_factory=dict)


_bench: list[Bench] = []


def main() -> None:
    """Measure, print a row a transform, and keep the result for the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--fixtures", type=Path, default=corpora.FIXTURES)
    parser.add_argument("--pictures", type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    size = QUICK if asked.quick else Size()
    if asked.pictures:
        share = max(1, asked.pictures // 8)
        size = Size(pictures=asked.pictures, held=share, of_each_pair=share, others=share)
    begun = time.monotonic()
    bench = prepared(asked.cache, asked.fixtures, size)
    result = measured(bench, asked.processes)
    shown(bench, result)
    names = {number: one.name for number, one in enumerate(bench.pictures)}
    minutes = round((time.monotonic() - begun) / 60, 1)
    about = {
        "registered": len(bench.pictures),
        "clips": material.clips_of(bench.pictures),
        "size": asdict(size),
        "names": names,
        "minutes": minutes,
    }
    material.keep("recall", {**about, **asdict(result)})


def rows(cache: Path = corpora.CACHE, fixtures: Path = corpora.FIXTURES, size: Size = QUICK) -> list[Row]:
    """A row a transform."""
    return measured(prepared(cache, fixtures, size), processes=2).rows


def prepared(cache: Path, fixtures: Path, size: Size) -> Bench:
    """Register the pictures, and choose what they are put before."""
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)
    pictures = material.registrables(cache, fixtures)
    register, policy = material.enrolled(pictures)
    others = material.negatives(cache)
    spread = [others[place * len(others) // size.negatives] for place in range(size.negatives)]
    return Bench(
        size=size,
        pictures=pictures,
        register=register,
        policy=policy,
        backgrounds=[material.opened(path) for path in spread[:: max(1, len(spread) // 24)]],
        peers=[PeerRegister.of(peer, [one.picture for one in pictures]) for peer in peers()],
        negatives=spread,
    )


def measured(bench: Bench, processes: int) -> Result:
    """Ask for every frame, still and negative, several at a time."""
    _bench[:] = [bench]
    count, held = (min(number, len(bench.pictures)) for number in (bench.size.pictures, bench.size.held))
    chosen = [place * len(bench.pictures) // count for place in range(count)]
    in_clips = [chosen[place * count // held] for place in range(held)]
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        names = [*ORDINARY, *HARD]
        clipped = dict(zip(names, pool.map(held_in_clips, names, [in_clips] * len(names)), strict=True))
        negatives = list(pool.map(negative, bench.negatives, chunksize=8))
        singles = [single for some in pool.map(singles_of, range(count), chosen) for single in some]
    nearest = {own.peer.name: min(apart[own.peer.name] for _, apart in negatives) for own in bench.peers}
    thresholds = {name: distance - 1 for name, distance in nearest.items()}
    result = Result(
        singles=singles,
        thresholds=thresholds,
        threshold_words={own.peer.name: own.peer.measure.words(thresholds[own.peer.name]) for own in bench.peers},
        false_in_negatives=[name for names, _ in negatives for name in names],
        false_in_clips=[name for _, wrong in clipped.values() for name in wrong],
    )
    result.rows = list(summed(result, {name: found for name, (found, _) in clipped.items()}))
    return result


def singles_of(place: int, number: int) -> list[Single]:
    """One registered picture under every transform of its turn, a frame each."""
    bench, size = _bench[0], _bench[0].size
    picture = bench.pictures[number].picture
    found = []
    for group, transforms in (("ordinary", ORDINARY.values()), ("hard", HARD.values()), ("pairs", _pairs(size, place))):
        for transform in transforms:
            rng = np.random.default_rng([number, *transform.name.encode()])
            applied = transform.apply(picture, rng, bench.backgrounds)
            found.append(single(bench, number, transform.name, group, applied))
    if place % max(1, size.pictures // size.others) == 0:
        for group, functions in _others():
            for name, function in functions.items():
                applied = Applied(picture=function(fitted(picture).picture), placed=None)
                found.append(single(bench, number, name, group, applied))
    return found


def single(bench: Bench, number: int, name: str, group: str, applied: Applied) -> Single:
    """Deliver one frame alone, and ask the product and the peers."""
    examination, track = material.delivered_still(applied.picture)
    seen = list(look_alikes(examination, track, bench.register, bench.policy))
    own = max((each for each in seen if material.number_of(each.asset) == number), key=lambda s: s.alike, default=None)
    score, inliers = material.score_of(examination, bench.register, number)
    source = bench.pictures[number].picture
    return Single(
        name=name,
        group=group,
        picture=number,
        found=own is not None,
        score=round(score, 2),
        inliers=inliers,
        distances={each.peer.name: int(each.distances(applied.picture)[number]) for each in bench.peers},
        overlap=None if own is None or (there := truth(applied)) is None else overlap(own, there),
        words="" if own is None else own.transform,
        told=own is not None and said(name, own.transform, source),
        wrong=tuple(bench.pictures[material.number_of(s.asset)].name for s in seen if s is not own),
    )


def held_in_clips(name: str, numbers: Sequence[int]) -> tuple[list[bool], list[str]]:
    """Stills under one transform, a second each, between shots of other pictures in an H.264 clip: which are found."""
    bench, rng = _bench[0], np.random.default_rng([len(numbers), *name.encode()])
    length = round(SECONDS * clips.RATE)
    shots = [fitted(bench.backgrounds[0]).picture]
    for place, number in enumerate(numbers, start=1):
        applied = {**ORDINARY, **HARD}[name].apply(bench.pictures[number].picture, rng, bench.backgrounds)
        shots += [applied.picture, fitted(bench.backgrounds[place % len(bench.backgrounds)]).picture]
    frames = (frame for shot in shots for frame in clips.held(clips.scaled(shot, SIZE), length, rng))
    with tempfile.TemporaryDirectory() as folder:
        path = clips.encoded(Path(folder) / "programme.mp4", frames, SIZE)
        examination = examine(material.job_of(path)).examination
    assert examination.picture is not None
    seen = list(look_alikes(examination, examination.picture, bench.register, bench.policy))
    planted = {number: (2 * place + 1) * SECONDS for place, number in enumerate(numbers)}
    right = {material.number_of(each.asset) for each in seen if _is_at(each, planted)}
    wrong = [bench.pictures[material.number_of(each.asset)].name for each in seen if not _is_at(each, planted)]
    return [number in right for number in numbers], wrong


def _is_at(seen: LookAlike, planted: dict[int, float]) -> bool:
    begins = planted.get(material.number_of(seen.asset))
    if begins is None or seen.place is None:
        return False
    return seen.place.seconds_in < begins + SECONDS and seen.place.seconds_out > begins


def negative(path: Path) -> tuple[list[str], dict[str, int]]:
    """A picture that is not registered: what it is taken for, and how close each peer comes to anything."""
    bench = _bench[0]
    picture = fitted(material.opened(path)).picture
    examination, track = material.delivered_still(picture)
    seen = look_alikes(examination, track, bench.register, bench.policy)
    taken = [f"{path.name} for {bench.pictures[material.number_of(each.asset)].name}" for each in seen]
    return taken, {each.peer.name: int(each.distances(picture).min()) for each in bench.peers}


def summed(result: Result, in_clips: dict[str, list[bool]]) -> Iterator[Row]:
    """A row a transform, in the order in which they were asked."""
    for name, group in dict.fromkeys((each.name, each.group) for each in result.singles):
        own = [each for each in result.singles if (each.name, each.group) == (name, group)]
        found = [each for each in own if each.found]
        placed = [each.overlap >= SAME_PLACE for each in found if each.overlap is not None]
        yield Row(
            name=name,
            group=group,
            asked=len(own),
            found=len(found) / len(own),
            held=mean(in_clips[name]) if name in in_clips else None,
            place=mean(placed) if placed else None,
            words=mean(each.told for each in found) if found and group in ("ordinary", "hard") else None,
            peers={
                peer: mean(each.distances[peer] <= most for each in own) for peer, most in result.thresholds.items()
            },
        )


def _pairs(size: Size, place: int) -> Iterable[Transform]:
    """The pairs that are due for this picture: each pair for as many pictures as are asked."""
    every = list(pairs())
    sample = [every[number * len(every) // size.pairs] for number in range(size.pairs)]
    due = max(1, size.pictures // size.of_each_pair)
    return [pair for number, pair in enumerate(sample) if (number + place) % due == 0]


def _others() -> Iterator[tuple[str, dict[str, Callable[[Picture], Picture]]]]:
    """What others wrote to change pictures, as far as it is installed."""
    for group, made in (("augly", augly_images), ("albumentations", albumentations_images)):
        with suppress(ImportError):
            yield group, made()


def shown(bench: Bench, result: Result) -> None:
    """Print a row a transform, the means, and what was taken for something else."""
    names = list(result.thresholds)
    print(f"{'':<34}{'asked':>6}{'found':>7}{'held':>7}{'place':>7}{'words':>7}", *(f"{name:>18}" for name in names))
    for row in result.rows:
        told = (row.found, row.held, row.place, row.words)
        numbers = "".join(f"{'' if share is None else f'{share:.2f}':>7}" for share in told)
        print(f"{row.name:<34}{row.asked:>6}{numbers}", *(f"{row.peers[name]:>18.2f}" for name in names))
    for group in dict.fromkeys(row.group for row in result.rows):
        own = [row for row in result.rows if row.group == group]
        print(f"mean of {len(own)} {group}: {mean(row.found for row in own):.3f}")
    print(f"{len(result.false_in_negatives)} false among {len(bench.negatives)} other pictures, thresholds of peers:")
    print(result.threshold_words, result.false_in_negatives, f"{len(result.false_in_clips)} false in clips", sep="\n")


if __name__ == "__main__":
    main()
