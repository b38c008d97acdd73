"""What a look-up costs as the register grows, and how much of what an exact search finds it finds.

python -m benchmarks.lookup [--cache DIR] [--most N] [--stills N] [--threads N]

Registered features come from the pictures of corpora.py, first as they are, then in crops of them; delivered frames are
pictures of the register, transformed by every ordinary and hard transform in turn. A good match is the exact search's
nearest code at 64 bits or less, and at 0.85 or less of the distance to the nearest of another picture. A frame is found
where three of its codes or more are such matches of its picture. Indexes are written and read back, as the product does
it. Each time is the least of five: the machine may have other things to do.
"""

import argparse
import functools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import faiss
import numpy as np
import numpy.typing as npt
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import corpora, material, transforms  # noqa: E402
from scanner.fingerprint.distinct import DELIVERED_COUNT, STILL_COUNT  # noqa: E402
from scanner.fingerprint.features import feature_frames, features_of  # noqa: E402
from scanner.fingerprint.names import FEATURES, FEATURES_VERSION, MIRRORED  # noqa: E402
from scanner.match.hamming import HammingIndex, in_lists, read, write  # noqa: E402
from scanner.match.local import LocalIndex, looked_up  # noqa: E402
from scanner.media.frames import fine_of  # noqa: E402
from scanner.model import PictureFeatures  # noqa: E402

Codes = npt.NDArray[np.uint8]
Row = dict[str, object]

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
NEAREST, GOOD_BITS, GOOD_RATIO = 8, 64, 0.85
# Whole-frame codes within this distance are looked at further (the policy's same_run_distance by default).
RADIUS, TRACK_CODES = 44, 500
REPEATS, LEAST_PAIRS = 5, 3
# Frames of which is told what is found: an exact search for them among ten million codes takes a quarter of an hour.
FRAMES = 64
# So many codes are compared at a time with all that is asked: they stay in the processor's cache.
SHARD, BY_SHARDS = 1 << 14, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Registered codes (n, 32), of which picture each is, and delivered frames' codes with their picture's number."""

    codes: Codes
    owner: npt.NDArray[np.int64]
    asked: list[tuple[int, Codes]]

    def frames(self, size: int) -> list[tuple[int, Codes]]:
        """Delivered frames of pictures among the first `size` codes, some of all, with the pictures' numbers."""
        last = self.owner[min(size, len(self.owner)) - 1]
        frames = [(picture, codes) for picture, codes in self.asked if picture <= last]
        many = len(frames) > FRAMES
        return [frames[place * len(frames) // FRAMES] for place in range(FRAMES)] if many else frames


def main() -> None:
    """Make the features, time the look-ups, print the tables and keep them for the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--stills", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    # Before the first process is forked: one that is forked beside OpenCV's threads may wait for them for ever.
    cv2.setNumThreads(1)
    begun, found = time.monotonic(), {}
    paths = corpora.pictures(asked.cache)
    for name, table in tables(paths, most=asked.most, stills=asked.stills, threads=asked.threads):
        found[name] = table
        print(as_table(table), flush=True)
    minutes = round((time.monotonic() - begun) / 60, 1)
    material.keep("lookup", {"minutes": minutes, "threads": asked.threads, **found})


def tables(paths: Sequence[Path], *, most: int, stills: int, threads: int) -> Iterator[tuple[str, list[Row]]]:
    """All tables with their names, as they are made."""
    yield "registering", registering_rows(paths, stills=stills)
    features = made(paths, most)
    yield "parts", rows(features, most=most, threads=threads)
    yield "whole", whole_rows(features, most=most, threads=threads)


def rows(material: Material, *, most: int = SIZES[-1], threads: int = 0) -> list[Row]:
    """Look-up of the local features of one delivered frame, by the number of registered features."""
    return [local_row(material, size, threads) for size in SIZES if size <= min(most, len(material.codes))]


def local_row(material: Material, size: int, threads: int) -> Row:
    """Time, recall and room of one index, opened from its file."""
    codes = material.codes[:size]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "lists"
        faiss.omp_set_num_threads(threads or faiss.omp_get_max_threads())
        wall, processor = spent(lambda: write(in_lists(codes), place), 1)
        index = HammingIndex([read(place)], threads=threads)
        frames = material.frames(size)
        asked = [looked_up(len(shown), size) for _, shown in frames]
        most = max((shown[some] for (_, shown), some in zip(frames, asked, strict=True)), key=len)
        each = spent(lambda: index.search(most, NEAREST))
        exact = [exact_search(codes, shown) for _, shown in frames]
        found = [index.search(shown[some], NEAREST) for (_, shown), some in zip(frames, asked, strict=True)]
        shares = [
            recalled((bits[some], numbers[some]), own, material.owner)
            for some, (bits, numbers), own in zip(asked, exact, found, strict=True)
        ]
        good = sum(count for count, _ in shares)
        by_exact, by_index = (
            [
                matches(one, material.owner, picture) >= LEAST_PAIRS
                for (picture, _), one in zip(frames, some, strict=True)
            ]
            for some in (exact, found)
        )
        return {
            "registered features": size,
            "looked up of a frame": len(most),
            "ms a frame": round(each[0] * 1e3, 1),
            "processor ms": round(each[1] * 1e3, 1),
            "good matches": good,
            "of these found": round(sum(count * share for count, share in shares) / max(1, good), 3),
            "frames found": f"{sum(map(min, by_exact, by_index))} of {sum(by_exact)}",
            "built, s": round(wall, 1),
            "processor s": round(processor, 1),
            "MiB": round(place.stat().st_size / 2**20, 1),
        }


def exact_search(codes: Codes, asked: Codes) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Distances and numbers of the nearest codes, all compared, some at a time."""
    step = SHARD if len(codes) > BY_SHARDS * SHARD else len(codes)
    best = (np.full((len(asked), 1), 257, np.int32), np.full((len(asked), 1), -1, np.int64))
    for start in range(0, len(codes), step):
        index = faiss.IndexBinaryFlat(256)
        index.add(codes[start : start + step])
        bits, numbers = index.search(asked, min(NEAREST, index.ntotal))
        both = np.concatenate([best[0], bits], axis=1), np.concatenate([best[1], numbers + start], axis=1)
        order = np.argsort(both[0], axis=1, kind="stable")[:, :NEAREST]
        best = np.take_along_axis(both[0], order, axis=1), np.take_along_axis(both[1], order, axis=1)
    return best


def recalled(
    exact: tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]],
    found: tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]],
    owner: npt.NDArray[np.int64],
) -> tuple[int, float]:
    """How many good matches the exact search has, and the share of them that the other one has."""
    bits, numbers = exact
    owners = owner[numbers]
    others = np.where(owners != owners[:, :1], bits, np.iinfo(np.int32).max).min(axis=1)
    good = (numbers[:, 0] >= 0) & (bits[:, 0] <= GOOD_BITS) & (bits[:, 0] <= GOOD_RATIO * others)
    same = found[0][:, 0] == bits[:, 0]
    return int(good.sum()), float(same[good].mean()) if good.any() else 1.0


def matches(
    found: tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]], owner: npt.NDArray[np.int64], picture: int
) -> int:
    """How many codes were found to be good matches of a picture."""
    bits, numbers = found
    owners = np.where(numbers >= 0, owner[numbers], -1)
    others = np.where(owners != owners[:, :1], bits, np.iinfo(np.int32).max).min(axis=1)
    good = (owners[:, 0] == picture) & (bits[:, 0] <= GOOD_BITS) & (bits[:, 0] <= GOOD_RATIO * others)
    return int(good.sum())


def whole_rows(material: Material, *, most: int = SIZES[-1], threads: int = 0) -> list[Row]:
    """Look-up of whole-frame codes, all compared: codes of features stand for them, which makes no odds."""
    if threads:
        faiss.omp_set_num_threads(threads)
    asked = np.concatenate([shown for _, shown in material.frames(SIZES[1])])[:TRACK_CODES]
    table: list[Row] = []
    for size in SIZES:
        if size > min(most, len(material.codes)):
            break
        index = faiss.IndexBinaryFlat(256)
        index.add(material.codes[:size])
        seconds = spent(functools.partial(index.range_search, asked, RADIUS + 1), 1 if size == SIZES[-1] else REPEATS)[
            0
        ]
        row: Row = {"registered frames": size, "ms a code": round(seconds * 1e3 / len(asked), 4)}
        table.append(row | {"of exact found": 1.0, "MiB": round(size * 32 / 2**20, 1)})
    return table


def registering_rows(paths: Sequence[Path], *, stills: int) -> list[Row]:
    """Stills registered one after another by one thread, their features made beforehand by the examining processes."""
    features = [prints(path) for path in paths[:stills]]
    index = LocalIndex(threads=1)

    def register() -> None:
        for number, (plain, mirrored) in enumerate(features):
            index.add(number, plain, mirrored)

    wall, processor = spent(register, 1)
    count = sum(len(view.points) for view in index.views)
    rates = {"stills a second": wall, "stills a processor second": processor}
    return [{"stills": stills, "features": count} | {name: round(stills / each, 1) for name, each in rates.items()}]


def made(paths: Sequence[Path], most: int) -> Material:
    """So many registered features of pictures, with delivered frames of every second picture."""
    codes, owners, asked, count = [], [], [], 0
    work = ((number, path, crop) for number, (crop, path) in enumerate((c, p) for c in range(12) for p in paths))
    with ProcessPoolExecutor() as pool:
        for some in iter(lambda: list(pool.map(one_made, [next(work) for _ in range(64)], chunksize=8)), []):
            for number, held, shown in some:
                codes.append(held)
                owners.append(np.full(len(held), number))
                count += len(held)
                if shown is not None:
                    asked.append((number, shown))
            if count >= most:
                break
    return Material(codes=np.concatenate(codes)[:most], owner=np.concatenate(owners)[:most], asked=asked)


def one_made(work: tuple[int, Path, int]) -> tuple[int, Codes, Codes | None]:
    """A picture's number and registered codes; of every second whole picture those of a delivered frame of it, too."""
    number, path, crop = work
    cv2.setNumThreads(1)
    picture = cropped(picture_at(path), np.random.default_rng(number), crop)
    frames = feature_frames(fine_of(picture), 0, count=STILL_COUNT, mirror=True)
    codes = np.concatenate([np.frombuffer(frame.descriptors, np.uint8).reshape(-1, 32) for frame in frames])
    if crop or number % 2:
        return number, codes, None
    every = [*transforms.ORDINARY.values(), *transforms.HARD.values()]
    shown = every[number // 2 % len(every)].apply(picture, np.random.default_rng(number), [])
    return number, codes, features_of(fine_of(shown.picture), count=DELIVERED_COUNT).descriptors


def picture_at(path: Path) -> transforms.Picture:
    with Image.open(path) as opened:
        if opened.mode == "P":
            return np.asarray(opened.convert("RGBA").convert("RGB"), dtype=np.uint8)
        return np.asarray(opened.convert("RGB"), dtype=np.uint8)


def cropped(picture: transforms.Picture, chance: np.random.Generator, crop: int) -> transforms.Picture:
    """The picture itself first, then a part of it turned a little, 1280 wide."""
    if not crop:
        return picture
    height, width = picture.shape[:2]
    high, wide = (int(side * chance.uniform(0.3, 0.9)) for side in (height, width))
    top, left = int(chance.integers(0, height - high + 1)), int(chance.integers(0, width - wide + 1))
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), float(chance.uniform(-20, 20)), 1280 / wide)
    turn[:, 2] += np.array([640 - wide / 2, 640 * high / wide - high / 2])
    part = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    size = (1280, min(1280, max(64, round(1280 * high / wide))))
    return np.asarray(cv2.warpAffine(part, turn, size, borderMode=cv2.BORDER_REFLECT), dtype=np.uint8)


def prints(path: Path) -> tuple[PictureFeatures, PictureFeatures]:
    """A still's features, as it is and in the mirror."""
    plain, mirrored = feature_frames(fine_of(picture_at(path)), 0, count=STILL_COUNT, mirror=True)
    told = {"version": FEATURES_VERSION, "time_base": Fraction(1)}
    return (
        PictureFeatures(algorithm=FEATURES, frames=(plain,), **told),  # type: ignore[arg-type]
        PictureFeatures(algorithm=MIRRORED, frames=(mirrored,), **told),  # type: ignore[arg-type]
    )


def spent(act: Callable[[], object], repeats: int = REPEATS) -> tuple[float, float]:
    """Seconds, and seconds of the processors, that it takes: the least of some runs."""
    times = []
    for _ in range(repeats):
        before = time.perf_counter(), time.process_time()
        act()
        times.append((time.perf_counter() - before[0], time.process_time() - before[1]))
    return min(wall for wall, _ in times), max(1e-9, min(processor for _, processor in times))


def as_table(table: Sequence[Row]) -> str:
    """Rows in Markdown."""
    names = list(table[0]) if table else []
    lines = [names, ["--:"] * len(names), *([str(row[name]) for name in names] for row in table)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
