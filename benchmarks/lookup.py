"""What a look-up costs as the register grows, and how much of what an exact search finds it finds: tables in Markdown.

python benchmarks/lookup.py [--cache DIR] [--most N] [--stills N] [--threads N]

Registered features come from the pictures of corpora.py, first as they are, then in crops of them; delivered frames are
transformed pictures of the register. A good match is the exact search's nearest code at 64 bits or less, and at 0.85 or
less of the distance to the nearest of another picture. Each time is the quickest of five: the machine may have other
things to do.
"""

import argparse
import functools
import sys
import time
from collections.abc import Callable, Iterator, Sequence
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

from benchmarks import corpora, transforms  # noqa: E402
from scanner.fingerprint.distinct import DELIVERED_COUNT, STILL_COUNT  # noqa: E402
from scanner.fingerprint.features import feature_frames, features_of  # noqa: E402
from scanner.fingerprint.names import FEATURES, FEATURES_VERSION, MIRRORED  # noqa: E402
from scanner.match.hamming import HammingIndex  # noqa: E402
from scanner.match.local import LocalIndex  # noqa: E402
from scanner.media.frames import fine_of  # noqa: E402
from scanner.model import PictureFeatures  # noqa: E402

Codes = npt.NDArray[np.uint8]
Row = dict[str, object]

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
NEAREST, GOOD_BITS, GOOD_RATIO = 8, 64, 0.85
# Whole-frame codes within this distance are looked at further (the policy's same_run_distance by default).
RADIUS, TRACK_CODES = 44, 500
REPEATS, FRAMES, JUDGED = 5, 8, 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Registered codes (n, 32), of which picture each is, and delivered frames' codes with their picture's number."""

    codes: Codes
    owner: npt.NDArray[np.int64]
    asked: list[tuple[int, Codes]]

    def frames(self, size: int) -> list[Codes]:
        """Delivered frames of pictures among the first `size` codes."""
        return [codes for picture, codes in self.asked if picture <= self.owner[min(size, len(self.owner)) - 1]][
            :FRAMES
        ]


def main() -> None:
    """Make the features, time the look-ups, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--stills", type=int, default=60)
    parser.add_argument("--threads", type=int, default=0)
    asked = parser.parse_args()
    paths = corpora.pictures(asked.cache)
    for table in tables(paths, most=asked.most, stills=asked.stills, threads=asked.threads):
        print(as_table(table), flush=True)


def tables(paths: Sequence[Path], *, most: int, stills: int, threads: int) -> Iterator[list[Row]]:
    """All tables, as they are made."""
    material = made(paths, most)
    yield rows(material, most=most, threads=threads)
    yield whole_rows(material, most=most, threads=threads)
    yield registering_rows(paths, stills=stills, threads=threads)


def rows(material: Material, *, most: int = SIZES[-1], threads: int = 0) -> list[dict[str, object]]:
    """Look-up of the local features of one delivered frame, by the number of registered features."""
    return [local_row(material, size, threads) for size in SIZES if size <= min(most, len(material.codes))]


def local_row(material: Material, size: int, threads: int) -> Row:
    """Time, recall and memory of one index."""
    codes = material.codes[:size]
    before = time.perf_counter()
    index = HammingIndex(threads=threads)
    index.add(codes)
    built = time.perf_counter() - before
    frames = material.frames(size)
    exact = faiss.IndexBinaryFlat(256)
    exact.add(codes)
    judged = np.concatenate(frames)[:: max(1, sum(map(len, frames)) // JUDGED)]
    good, found = recalled(exact.search(judged, NEAREST), index.search(judged, NEAREST), material.owner)
    return {
        "registered features": size,
        "ms a frame": round(quickest(lambda: index.search(frames[0], NEAREST)) * 1e3, 1),
        "ms a frame, exact": round(quickest(lambda: exact.search(frames[0], NEAREST), size) * 1e3, 1),
        "good matches": good,
        "of these found": round(found, 3),
        "build s": round(built, 1),
        "MiB": round(size * (32 + 8) / 2**20, 1),
    }


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


def whole_rows(material: Material, *, most: int = SIZES[-1], threads: int = 0) -> list[dict[str, object]]:
    """Look-up of whole-frame codes, all compared: codes of features stand for them, which makes no odds."""
    if threads:
        faiss.omp_set_num_threads(threads)
    asked = np.concatenate(material.frames(SIZES[1]))[:TRACK_CODES]
    table: list[Row] = []
    for size in SIZES:
        if size > min(most, len(material.codes)):
            break
        index = faiss.IndexBinaryFlat(256)
        index.add(material.codes[:size])
        seconds = quickest(functools.partial(index.range_search, asked, RADIUS + 1), size)
        row: Row = {"registered frames": size, "ms a code": round(seconds * 1e3 / len(asked), 4)}
        table.append(row | {"of exact found": 1.0, "MiB": round(size * 32 / 2**20, 1)})
    return table


def registering_rows(paths: Sequence[Path], *, stills: int, threads: int) -> list[dict[str, object]]:
    """Stills registered one after another, their features made beforehand (the examining processes do that)."""
    features = [prints(path) for path in paths[:stills]]
    index = LocalIndex(threads=threads)
    before = time.perf_counter()
    for number, (plain, mirrored) in enumerate(features):
        index.add(number, plain, mirrored)
    seconds = time.perf_counter() - before
    rate = round(stills / max(seconds, 1e-9), 1)
    return [{"stills": stills, "features": sum(len(view.points) for view in index.views), "stills a second": rate}]


def made(paths: Sequence[Path], most: int) -> Material:
    """So many registered features of pictures, with delivered frames of every tenth picture."""
    codes, owners, asked, count = [], [], [], 0
    ordinary = list(transforms.ORDINARY.values())
    for number, (path, crop) in enumerate((path, crop) for crop in range(12) for path in paths):
        picture = cropped(picture_at(path), np.random.default_rng(number), crop)
        for frame in feature_frames(fine_of(picture), 0, count=STILL_COUNT, mirror=True):
            held = np.frombuffer(frame.descriptors, np.uint8).reshape(-1, 32)
            codes.append(held)
            owners.append(np.full(len(held), number))
            count += len(held)
        if crop == 0 and number % 10 == 0:
            change = ordinary[number // 10 % len(ordinary)]
            shown = change.apply(picture, np.random.default_rng(number), [])
            asked.append((number, features_of(fine_of(shown.picture), count=DELIVERED_COUNT).descriptors))
        if count >= most:
            break
    return Material(codes=np.concatenate(codes)[:most], owner=np.concatenate(owners)[:most], asked=asked)


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


def quickest(act: Callable[[], object], size: int = 0) -> float:
    """Seconds of the quickest of five runs; of one where a run takes long."""
    times = []
    for _ in range(REPEATS if size < SIZES[-1] else 1):
        before = time.perf_counter()
        act()
        times.append(time.perf_counter() - before)
    return min(times)


def as_table(table: Sequence[Row]) -> str:
    """Rows in Markdown."""
    names = list(table[0]) if table else []
    lines = [names, ["--:"] * len(names), *([str(row[name]) for name in names] for row in table)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
