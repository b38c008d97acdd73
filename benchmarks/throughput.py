"""Times `scanner scan` against a plain FFmpeg decode of the same file, in pairs, and prints the ratio.

python benchmarks/throughput.py [--pairs N] [--seconds S] [FILE ...]
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ffmpeg
import imageio_ffmpeg

ROOT = Path(__file__).parents[1]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
CODECS = {
    "h264.mp4": {"vcodec": "libx264", "preset": "fast", "crf": 20, "pix_fmt": "yuv420p"},
    "prores_hq.mov": {"vcodec": "prores_ks", "profile:v": 3, "pix_fmt": "yuv422p10le"},
}


def main() -> None:
    """Make or take the files, time the pairs, print a row a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = asked.files or [made(Path(folder) / name, asked.seconds) for name in CODECS]
        studio = Path(folder) / "studio"
        run([sys.executable, "-m", "scanner", "init", str(studio), "--title", "BENCH"])
        register(studio)
        print(f"{'file':<24}{'decode s':>10}{'scan s':>10}{'scan / decode: min':>22}{'median':>9}{'max':>9}")
        for file in files:
            row(file, studio, asked.pairs)


def row(file: Path, studio: Path, pairs: int) -> None:
    """One decode and one scan in turn, after a warm-up of each."""
    decode = [FFMPEG, "-v", "error", "-nostdin", "-i", str(file), "-map", "0:v:0", "-f", "null", "-"]
    config = str(studio / "scanner.toml")
    scan = [sys.executable, "-m", "scanner", "scan", "--config", config, "--format", "json", str(file)]
    run(decode)
    run(scan)
    times = [(run(decode), run(scan)) for _ in range(pairs)]
    ratios = [scanned / decoded for decoded, scanned in times]
    decoded, scanned = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"{file.name:<24}{decoded:>10.2f}{scanned:>10.2f}"
        f"{min(ratios):>22.2f}{statistics.median(ratios):>9.2f}{max(ratios):>9.2f}",
        flush=True,
    )


def register(studio: Path) -> None:
    """A register to match against: the sample media's."""
    sources = sorted((ROOT / "sample_media" / "register").glob("*.*"))
    command = [sys.executable, "-m", "scanner", "provenance", "add", "--config", str(studio / "scanner.toml")]
    run([*command, "--tool", "bench", "--use", "temporary", *map(str, sources)])


def made(path: Path, seconds: int) -> Path:
    """A 1080p file of the sample media's moving pictures, played over and over with a drifting crop and grain."""
    scene = ROOT / "sample_media" / "deliveries" / "clean_scene.mov"
    moving = (
        ffmpeg.input(str(scene), stream_loop=-1, t=seconds)
        .video.filter("scale", 2400, 1350)
        .filter("crop", 1920, 1080, "240+200*sin(t/3)", "135+100*cos(t/5)")
        .filter("noise", alls=6, allf="t")
    )
    command = ffmpeg.output(moving, str(path), t=seconds, **CODECS[path.name]).global_args("-v", "error", "-y")
    run(command.compile(cmd=FFMPEG))
    return path


def run(command: list[str]) -> float:
    """Seconds that a whole process takes."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 4):
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
