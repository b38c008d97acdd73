"""What is taken for registered material and is not: pictures and footage of which nothing is in the register.

python -m benchmarks.negatives [--quick] [--pictures N] [--looks FILE] [--cache DIR] [--fixtures DIR] [--processes N]
"""

import argparse
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import faiss
import numpy as np

from benchmarks import corpora, material
from benchmarks.tail import Exceedance, exceedances, tail_of
from benchmarks.transforms import Picture, fitted
from scanner.examine.examiner import examine
from scanner.fingerprint.features import picture_of
from scanner.match.enclosed import table_of
from scanner.match.look_alikes import Pictures, look_alikes
from scanner.match.pictures import CodeTable
from scanner.model import Examination, PictureTrack, Policy

PICTURES, QUICK = 2_600, 300
# In programme time a picture counts as a shot of so many seconds.
SHOT_SECONDS = 4.0
SCORES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
WORST = 10
# Negatives that do show what is registered, as a look at them told: part of a path, and of the registered one's.
COPIES: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A registered picture that a shot resembles most in its parts, enough or not; `grey` is the kept frame's JPEG."""

    delivered: str
    registered: str
    score: float
    inliers: int
    seconds: float
    grey: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One picture, or one clip: what the product says, the best look at each kept frame, the closest whole frame
    and the closest inside of a rectangle.
    """

    name: str
    seconds: float
    said: tuple[str, ...]
    looks: tuple[Look, ...]
    distance: int
    enclosed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of negatives. `shots` are pictures, or kept frames of clips; `false` what the product says wrongly."""

    kind: str
    files: int
    shots: int
    hours: float
    false: int
    false_an_hour: float
    highest_score: float
    closest_whole_frame: int
    closest_enclosed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was measured; copies are in neither."""

    rows: list[Row]
    tail: list[Exceedance]
    asked: list[Asked]


_shared: list[tuple[list[material.Registrable], Pictures, Policy]] = []


def main() -> None:
    """Measure, print, and keep the result for the report; `--looks` draws the worst for a person to judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--fixtures", type=Path, default=corpora.FIXTURES)
    parser.add_argument("--pictures", type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--looks", type=Path)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    count = asked.pictures or (QUICK if asked.quick else PICTURES)
    begun = time.monotonic()
    result = measured(asked.cache, asked.fixtures, count, asked.processes, every_clip=not asked.quick)
    shown(result)
    if asked.looks:
        drawn(asked.looks, worst(result), material.registrables(asked.cache, asked.fixtures))
    told = [{**asdict(look), "grey": None} for look in worst(result)]
    kept = {"rows": [asdict(row) for row in result.rows], "tail": [asdict(row) for row in result.tail], "worst": told}
    said = [f"{each.name}: {line}" for each in result.asked for line in each.said]
    tail = asdict(tail_of(best_scores(result.asked)))
    minutes = round((time.monotonic() - begun) / 60, 1)
    material.keep(
        "negatives",
        {
            "minutes": minutes,
            **kept,
            "said": said,
            "fit": tail,
            "registered": len(_shared[0][0]),
            "clips": material.clips_of(_shared[0][0]),
        },
    )


def rows(cache: Path = corpora.CACHE, fixtures: Path = corpora.FIXTURES, pictures: int = QUICK) -> list[Row]:
    """A row a kind of negatives."""
    return measured(cache, fixtures, pictures, 2, every_clip=False).rows


def measured(cache: Path, fixtures: Path, count: int, processes: int, *, every_clip: bool) -> Result:
    """Ask for every picture and clip, several at a time."""
    cv2.setNumThreads(1)
    faiss.omp_set_num_threads(1)
    registered = material.registrables(cache, fixtures)
    _shared[:] = [(registered, *material.enrolled(registered))]
    own = {one.name for one in registered}
    lively, flat = material.negatives(cache), material.negatives(cache, flat=True)
    lively = spread(lively, count)
    flat = spread(flat, count - len(lively))
    clips = [path for path in corpora.footage(cache, fixtures) if not any(str(path).endswith(name) for name in own)]
    clips = clips if every_clip else clips[::4]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        work = [("pictures", lively), ("pictures with large plain areas", flat)]
        found = [(kind, list(pool.map(still, paths, chunksize=16))) for kind, paths in work]
        found.append(("footage", list(pool.map(clip, clips))))
    asked = [each for _, some in found for each in some]
    hours = sum(each.seconds for each in asked) / 3600
    return Result(
        rows=[row(kind, some) for kind, some in found if some],
        tail=exceedances(best_scores(asked), SCORES, hours),
        asked=asked,
    )


def spread(paths: Sequence[Path], most: int) -> list[Path]:
    """At most so many of them, from all over."""
    count = max(0, min(most, len(paths)))
    return [paths[place * len(paths) // count] for place in range(count)]


def still(path: Path) -> Asked:
    """A picture that fills a frame, delivered alone."""
    examination, track = material.delivered_still(fitted(material.opened(path)).picture)
    return answered(path, examination, track, SHOT_SECONDS)


def clip(path: Path) -> Asked:
    """A clip as it is."""
    examination = examine(material.job_of(path)).examination
    if examination.picture is None:
        return Asked(name=path.name, seconds=0.0, said=(), looks=(), distance=256, enclosed=256)
    return answered(path, examination, examination.picture, corpora.seconds(path))


def answered(path: Path, examination: Examination, track: PictureTrack, seconds: float) -> Asked:
    """What the product says, and how near it was to saying more."""
    registered, register, policy = _shared[0]
    name = "/".join(path.parts[-3:])
    said = [
        (registered[material.number_of(each.asset)].name, each)
        for each in look_alikes(examination, track, register, policy)
    ]
    return Asked(
        name=name,
        seconds=seconds,
        said=tuple(
            f"{other}: {each.transform}; {each.distance} bits, {each.blocks_agreeing} of {each.blocks_compared} blocks"
            for other, each in said
            if not is_copy(name, other)
        ),
        looks=tuple(looks_at(name, examination)),
        distance=closest(examination, register),
        enclosed=closest_enclosed(name, examination, register),
    )


def looks_at(name: str, examination: Examination) -> Iterator[Look]:
    """The best look at each kept frame; a score of 0 where nothing in it is like anything."""
    registered, register, _ = _shared[0]
    features = examination.features
    names = [registered[material.number_of(asset)].name for asset in register.part_assets]
    for frame in features.frames if features is not None else ():
        named = [
            (sighting.score, sighting.inliers, names[sighting.view.asset])
            for sighting in register.parts.sightings(frame)
        ]
        seen = [each for each in named if not is_copy(name, each[2])]
        score, inliers, other = max(seen, default=(0.0, 0, ""))
        yield Look(
            delivered=name,
            registered=other,
            score=round(score, 3),
            inliers=inliers,
            seconds=float(frame.pts * features.time_base) if features is not None else 0.0,
            grey=cv2.imencode(".jpg", picture_of(frame))[1].tobytes() if score >= SCORES[0] else b"",
        )


def closest(examination: Examination, register: Pictures) -> int:
    """The smallest distance of a whole frame to a registered one, in bits; 256 where there is none below 100."""
    if examination.codes is None:
        return 256
    hits = register.whole.hits(CodeTable.of(examination.codes), radius=100)
    return int(hits.distance.min()) if len(hits) else 256


def closest_enclosed(name: str, examination: Examination, register: Pictures) -> int:
    """The same of what the kept frames' rectangles enclose, and of whole frames in the mirror; copies left out."""
    registered, _, _ = _shared[0]
    least = 256
    for frame in examination.features.frames if examination.features is not None else ():
        hits = register.whole.hits(table_of(picture_of(frame)), radius=100)
        for asset, distance in zip(hits.asset.tolist(), hits.distance.tolist(), strict=True):
            if not is_copy(name, registered[material.number_of(register.whole.assets[asset])].name):
                least = min(least, distance)
    return least


def is_copy(delivered: str, registered: str) -> bool:
    """Whether a person saw that the one shows the other."""
    return any(one in delivered and other in registered for one, other in COPIES)


def best_scores(asked: Sequence[Asked]) -> list[float]:
    """The best score of every shot."""
    return [look.score for each in asked for look in each.looks]


def row(kind: str, asked: Sequence[Asked]) -> Row:
    """The sums of one kind."""
    false, hours = sum(len(each.said) for each in asked), sum(each.seconds for each in asked) / 3600
    return Row(
        kind=kind,
        files=len(asked),
        shots=sum(len(each.looks) for each in asked),
        hours=round(hours, 3),
        false=false,
        false_an_hour=round(false / hours, 2),
        highest_score=max(best_scores(asked), default=0.0),
        closest_whole_frame=min(each.distance for each in asked),
        closest_enclosed=min(each.enclosed for each in asked),
    )


def worst(result: Result) -> list[Look]:
    """The best looks at anything, one a file."""
    best = [max(each.looks, key=lambda look: look.score) for each in result.asked if each.looks]
    return sorted(best, key=lambda look: -look.score)[:WORST]


def shown(result: Result) -> None:
    """Print the sums, the calibration and the worst."""
    for each in result.rows:
        print(each)
    print(f"{'score':>6}{'seen':>6}{'fitted':>9}{'an hour':>9}")
    for each_tail in result.tail:
        print(f"{each_tail.score:>6}{each_tail.seen:>6}{each_tail.fitted:>9.3f}{each_tail.an_hour:>9.4f}")
    for look in worst(result):
        print(f"{look.score:>7.2f}{look.inliers:>4} {look.delivered} at {look.seconds:.2f} s for {look.registered}")
    for each_asked in result.asked:
        for line in each_asked.said:
            print(f"said: {each_asked.name} is {line}")


def drawn(path: Path, looks: Sequence[Look], registered: Sequence[material.Registrable]) -> None:
    """Draw looks, delivered to the left and registered to the right, into one PNG."""
    by_name = {one.name: one.picture for one in registered}
    lines = [pair(look, by_name[look.registered]) for look in looks if look.grey]
    if lines:
        cv2.imwrite(str(path), np.vstack(lines))


def pair(look: Look, registered: Picture) -> Picture:
    """One line of the drawing."""
    grey = cv2.imdecode(np.frombuffer(look.grey, np.uint8), cv2.IMREAD_GRAYSCALE)
    both = [grey, cv2.cvtColor(registered, cv2.COLOR_RGB2GRAY)]
    line = np.hstack([cv2.resize(np.asarray(each), (480, 270), interpolation=cv2.INTER_AREA) for each in both])
    cv2.putText(line, f"{look.score:.2f}", (8, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255,), 2)
    return np.asarray(line, np.uint8)


if __name__ == "__main__":
    main()
