"""Registered clips after each of AugLy's video augmentations, through the whole of a scan: found, nothing else told.

python -m benchmarks.augly_videos [--quick] [--clips N] [--only NAME …] [--cache DIR] [--fixtures DIR]

Needs `augly` and a `vidgear` of its time (0.2.6); nothing is measured where they are not. AugLy's sound, which needs
much more, is left out; the clips are silent.
"""

import argparse
import importlib
import importlib.util
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import ffmpeg
import imageio_ffmpeg
import numpy

from benchmarks import clips, corpora, material
from benchmarks.reels import SIZE, Reel, reel
from benchmarks.segments import ASSETS, looked_alike, studio_of

SECONDS = 3.0
CLIPS = 4
# A clip of which nothing is registered, where two are asked for.
OTHER = ("footage/chaplin.mp4", 2.0)
ROOT = Path(__file__).parents[1]
# What AugLy does by default, or this where that does nothing or too little to be seen.
ALONE: dict[str, dict[str, Any]] = {
    "add_noise": {},
    "blur": {"sigma": 3},
    "brightness": {},
    "change_aspect_ratio": {},
    "change_video_speed": {"factor": 1.5},
    "color_jitter": {"brightness_factor": 0.15, "contrast_factor": 1.3, "saturation_factor": 2.0},
    "contrast": {"level": 1.5},
    "crop": {},
    "encoding_quality": {"quality": 40},
    "fps": {},
    "grayscale": {},
    "hflip": {},
    "insert_in_background": {},
    "loop": {"num_loops": 1},
    "meme_format": {},
    "overlay_dots": {},
    "overlay_emoji": {},
    "overlay_onto_screenshot": {},
    "overlay_shapes": {},
    "overlay_text": {},
    "pad": {},
    "perspective_transform_and_shake": {"shake_radius": 10.0},
    "pixelization": {"ratio": 0.3},
    "remove_audio": {},
    "replace_with_color_frames": {"offset_factor": 0.25, "duration_factor": 0.25},
    "resize": {"height": 360, "width": 640},
    "rotate": {},
    "scale": {},
    "shift": {"x_factor": 0.2, "y_factor": 0.2},
    "time_crop": {"offset_factor": 0.25, "duration_factor": 0.5},
    "time_decimate": {},
    "trim": {"start": 0.5, "end": 2.0},
    "vflip": {},
}
# With another clip: laid over it, under it, beside it, before it.
WITH_ANOTHER: dict[str, dict[str, Any]] = {
    "blend_videos": {},
    "concat": {},
    "hstack": {},
    "overlay": {"overlay_size": 0.4},
    "overlay_onto_background_video": {},
    "replace_with_background": {},
    "vstack": {},
}
# `-vsync 2` of an older FFmpeg is `-fps_mode vfr` of this one.
TODAYS_WORDS = """last= left=$#
while [ "$left" -gt 0 ]; do
  word=$1 said=$1 left=$((left - 1))
  shift
  [ "$last" != -vsync ] || word=vfr
  [ "$said" != -vsync ] || word=-fps_mode
  last=$said
  set -- "$@" "$word"
done
"""
_BY_NAME = {"insert_in_background": "background_path", "replace_with_background": "background_path"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One augmentation: of so many clips the share found, and how often another asset is told.

    `words`: what is said to have been done to the first that was found; `failed`: why AugLy made nothing.
    """

    name: str
    clips: int
    found: float
    words: str
    wrong: int
    failed: str = ""


def main() -> None:
    """Measure, print a row an augmentation, and keep the result for the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=corpora.CACHE)
    parser.add_argument("--fixtures", type=Path, default=corpora.FIXTURES)
    parser.add_argument("--clips", type=int, default=CLIPS)
    parser.add_argument("--only", nargs="*", default=[*ALONE, *WITH_ANOTHER])
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    if importlib.util.find_spec("augly") is None:
        print("augly is not installed: nothing is measured")
        return
    warnings.simplefilter("ignore")
    begun, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        for row in measured(Path(folder), asked.fixtures, 1 if asked.quick else asked.clips, asked.only):
            print(f"{row.name:<34}{row.clips:>4}{row.found:>7.2f}{row.wrong:>4}  {row.words}{row.failed}", flush=True)
            rows.append(row)
    minutes = round((time.monotonic() - begun) / 60, 1)
    material.keep("augly_videos", {"minutes": minutes, "rows": [asdict(row) for row in rows]})


def measured(folder: Path, fixtures: Path, count: int, names: list[str]) -> Iterator[Row]:
    """Register the clips; change each by each augmentation, and scan what comes out."""
    assets = [reel(fixtures / name, first, seconds) for name, first, seconds in ASSETS if (fixtures / name).is_file()]
    if not assets:
        sys.exit(f"{fixtures} has none of the clips that are registered")
    functions = augly(folder / "programs")
    studio = studio_of(folder, assets)
    other = _clip(folder / "other.mp4", reel(fixtures / OTHER[0], OTHER[1], SECONDS))
    chosen = {asset.name: _clip(folder / f"clip of {asset.name}.mp4", asset) for asset in assets[:count]}
    for name in names:
        found, wrong, told, failed = 0, 0, "", ""
        for asset, clip in chosen.items():
            target = folder / "changed.mp4"
            try:
                changed(functions, name, clip, other, target)
            except Exception as error:  # noqa: BLE001 - AugLy and the programs it runs may raise anything
                failed = f"AugLy fails: {type(error).__name__}: {error}"[:120].replace("\n", " ")
                continue
            seen = looked_alike(studio, target)
            own = [each for each in seen if each.asset.name == f"{Path(asset).stem} asset.mp4"]
            found += bool(own)
            wrong += len({each.asset.asset_id for each in seen}) - bool(own)
            told = told or (own[0].transform if own else "")
            target.unlink()
        yield Row(name=name, clips=len(chosen), found=found / len(chosen), words=told, wrong=wrong, failed=failed)


def _clip(path: Path, footage: Reel) -> Path:
    """Three seconds of footage with silence, which some of AugLy's functions take for granted."""
    frames = (footage.frame(number) for number in range(round(SECONDS * clips.RATE)))
    picture = clips.encoded(path.with_suffix(".mute.mp4"), frames, SIZE)
    silence = ffmpeg.input("anullsrc=r=48000:cl=stereo", f="lavfi", t=SECONDS)
    both = ffmpeg.output(ffmpeg.input(str(picture)).video, silence, str(path), vcodec="copy", acodec="aac")
    both.global_args("-v", "error").run(cmd=imageio_ffmpeg.get_ffmpeg_exe())
    return path


def changed(functions: ModuleType, name: str, clip: Path, other: Path, target: Path) -> None:
    """Have AugLy change a clip. Raises whatever AugLy, vidgear and FFmpeg raise; RuntimeError where nothing comes."""
    given = {**ALONE, **WITH_ANOTHER}[name]
    function: Callable[..., object] = getattr(functions, name)
    if name in _BY_NAME:
        function(str(clip), str(target), **{_BY_NAME[name]: str(other)}, **given)
    elif name == "concat":
        function([str(other), str(clip)], str(target), **given)
    elif name in WITH_ANOTHER:
        # An overlay lies over the other clip: what is registered is the overlay.
        first, second = (other, clip) if name == "overlay" else (clip, other)
        function(str(first), str(second), str(target), **given)
    else:
        function(str(clip), str(target), **given)
    if not target.is_file() or not target.stat().st_size:
        msg = "no file was written"
        raise RuntimeError(msg)


def augly(programs: Path) -> ModuleType:
    """AugLy's video functions, with the FFmpeg that is here and `probe.py` for ffprobe. Raises ImportError."""
    programs.mkdir()
    told = {
        "ffmpeg": TODAYS_WORDS + f'exec "{imageio_ffmpeg.get_ffmpeg_exe()}" "$@"\n',
        "ffprobe": f'exec "{sys.executable}" "{ROOT / "benchmarks" / "probe.py"}" "$@"\n',
    }
    for name, script in told.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}")
        (programs / name).chmod(0o755)
    # As numpy had it when AugLy was written.
    numpy.float = float  # type: ignore[attr-defined]
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    # Sound, which nothing here has: librosa, torch and their kin are not needed for pictures.
    for name in ("augly.audio", "augly.audio.utils", "augly.audio.functional"):
        sys.modules[name] = MagicMock()
    return importlib.import_module("augly.video.functional")


if __name__ == "__main__":
    main()
