"""Times the reading of pictures, and the whole of `scanner scan`, against a plain FFmpeg decode of the same file.

Every figure is one of a pair: both are timed in turn, with every core. Memory: the peak of the largest process of a
scan, and of all of them together, what they share counted once; of every clip, and against the length of a UHD film. A
file of a sequence is a frame.

python benchmarks/throughput.py [--pairs N] [--seconds S] [--codecs NAME …] [--sizes SIZE …] [--minutes M …] [FILE …]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import imageio_ffmpeg

from scanner.media.files import Files
from scanner.media.frames import Rgb
from scanner.media.still import readers, still_frames
from scanner.media.video import VideoTrack

ROOT = Path(__file__).parents[1]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
STEP = 6
PAIRS, SECONDS, MINUTES = 1, 20.0, (1, 20, 120)
# A minute of it is encoded and repeated. It has few bits, that two hours of it are decoded in a quarter of an hour.
FILM, FILM_OPTIONS = (3840, 2160), {"vcodec": "libx264", "preset": "superfast", "crf": 34, "pix_fmt": "yuv420p"}
# The scene is cut five times a second; so much slower it is cut every three seconds, about as often as a feature film.
SLOWER, RATE = 14, 24
# Seconds between two looks at a running scan's memory, of which one may take milliseconds.
WATCHED = 0.5
# Processes that start processes that start others.
GENERATIONS = 4
Row = dict[str, object]
Options = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How a codec is written; `share`: of the seconds asked for, because some are slow to encode and to decode.

    `format`: of the files, where each frame is one of its own. `light`: they say how much there is, not how it looks.
    """

    name: str
    options: Options
    share: float = 1.0
    format: str = ""
    light: bool = False


CODECS = {
    "prores.mov": Codec(
        name="ProRes 422 HQ", options={"vcodec": "prores_ks", "profile:v": 3, "pix_fmt": "yuv422p10le"}
    ),
    "dnxhr.mxf": Codec(name="DNxHR HQ", options={"vcodec": "dnxhd", "profile:v": "dnxhr_hq", "pix_fmt": "yuv422p"}),
    "jpeg2000.mov": Codec(
        name="JPEG 2000", options={"vcodec": "jpeg2000", "pix_fmt": "yuv422p10le", "q:v": 8}, share=0.25
    ),
    "h264.mp4": Codec(
        name="H.264", options={"vcodec": "libx264", "preset": "veryfast", "crf": 20, "pix_fmt": "yuv420p"}
    ),
    "hevc.mp4": Codec(
        name="HEVC, ultrafast",
        options={"vcodec": "libx265", "preset": "ultrafast", "bf": 3, "crf": 22, "x265-params": "log-level=none"},
    ),
    "hevc10.mp4": Codec(
        name="HEVC, medium, 10 bits, 20 Mbit/s",
        options={
            "vcodec": "libx265",
            "preset": "medium",
            "pix_fmt": "yuv420p10le",
            "b:v": "20M",
            "x265-params": "log-level=none",
        },
        share=0.5,
    ),
    "exr": Codec(
        name="EXR, ZIP",
        options={"pix_fmt": "gbrpf32le", "compression": "zip16"},
        share=0.25,
        format="exr",
        light=True,
    ),
    "dpx": Codec(name="DPX, 10 bits", options={"pix_fmt": "gbrp10le"}, share=0.25, format="dpx"),
    "j2k": Codec(
        name="JPEG 2000 files", options={"vcodec": "jpeg2000", "pix_fmt": "yuv444p", "q:v": 6}, share=0.25, format="jp2"
    ),
}
# Width, height, share of the seconds.
SIZES = {"1080p": (1920, 1080, 1.0), "UHD": (3840, 2160, 0.5)}


def main() -> None:
    """Make or take the files, time the pairs, measure the memory, print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the clips that are made")
    parser.add_argument("--codecs", nargs="*", default=[*CODECS], metavar="NAME", help=f"of {', '.join(CODECS)}")
    parser.add_argument("--sizes", nargs="*", default=[*SIZES], metavar="NAME", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--minutes", type=int, nargs="*", default=MINUTES, help="of film, for memory")
    asked = parser.parse_args()
    clips = {} if asked.files else {size: asked.codecs for size in asked.sizes}
    printed(rows(pairs=asked.pairs, seconds=asked.seconds, files=asked.files, clips=clips, show=shown))
    if not asked.files:
        printed(memory_rows(minutes=asked.minutes, show=shown))


def rows(
    *,
    pairs: int = PAIRS,
    seconds: float = SECONDS,
    files: list[Path] | None = None,
    clips: Mapping[str, Sequence[str]] | None = None,
    show: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """A row a file, or a clip that is made, by size and codec (all of them).

    Seconds of a decode, and reading and scanning as shares of it, least, median and most.
    """
    found: list[Row] = []
    with studio() as (folder, config):
        given = ((file.name, "", file) for file in files or [])
        wanted = dict.fromkeys(SIZES, tuple(CODECS)) if clips is None else clips
        for codec, size, file in given if files else _clips(folder, seconds, wanted):
            found.append({"codec": codec, "size": size, **timed(file, config, pairs)})
            show(found[-1])
    return found


def memory_rows(*, minutes: Sequence[int] = MINUTES, show: Callable[[Row], None] = lambda row: None) -> list[Row]:
    """A row a length: peak memory in MiB of the largest process of a scan, and of all together."""
    found: list[Row] = []
    with studio() as (folder, config):
        minute = made(folder / "minute.mp4", Codec(name="H.264", options=FILM_OPTIONS), FILM, 60)
        for length in minutes:
            film = folder / f"film-{length}.mp4"
            looped = ffmpeg.input(str(minute), stream_loop=length - 1)
            run(ffmpeg.output(looped, str(film), c="copy").global_args("-v", "error", "-y").compile(cmd=FFMPEG))
            seconds, memory = measured(scan(film, config))
            found.append({"minutes": length, "scan s": seconds, **memory.row})
            show(found[-1])
            film.unlink()
    return found


def _clips(folder: Path, seconds: float, clips: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, Path]]:
    """Codec, size and path of each clip; it is there until the next is asked for."""
    for size, names in clips.items():
        width, height, share = SIZES[size]
        for name in names:
            codec = CODECS[name]
            length = max(seconds * share * codec.share, 0.5)
            path = made(folder / f"{size}-{name}", codec, (width, height), length)
            yield codec.name, size, path
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def timed(file: Path, config: Path, pairs: int) -> Row:
    """Decode, reading and scan in turn. A scan of a short clip is mostly its start: ask for more `seconds`."""
    decode = [FFMPEG, "-v", "error", "-nostdin", "-i", str(_asked(file)), "-map", "0:v:0", "-f", "null", "-"]
    times = [(run(decode), read(file), *measured(scan(file, config))) for _ in range(pairs)]
    row: Row = {"frames": frames_of(file), "decode s": statistics.median(decoded for decoded, *_ in times)}
    for kind, at in (("read", 1), ("scan", 2)):
        shares = sorted(each[at] / each[0] for each in times)
        row |= {f"{kind} min": shares[0], f"{kind} median": statistics.median(shares), f"{kind} max": shares[-1]}
    memory = Memory(max(each.largest for *_, each in times), max(each.together for *_, each in times))
    return {**row, **memory.row, "load": os.getloadavg()[0]}


def read(file: Path) -> float:
    """Seconds that the reading side alone takes: the picture track's sampled frames as grey pictures."""
    begun = time.perf_counter()
    if file.is_dir():
        paths = sorted(file.iterdir())
        files = Files(
            read=lambda number: first_frame(paths[number]),
            numbers=range(len(paths)),
            step=STEP,
            readers=readers(paths[0].suffix[1:]),
        )
        for _ in files.frames(lambda: None):
            pass
        return time.perf_counter() - begun
    track = VideoTrack.open(file)
    if track is None:
        sys.exit(f"{file} has no picture track")
    with track:
        for _ in track.frames(STEP, lambda: None, sparing=True):
            pass
    return time.perf_counter() - begun


def first_frame(path: Path) -> Rgb:
    """The picture of a still."""
    return next(still_frames(path, path.suffix[1:], deadline=60))[1]


def _asked(file: Path) -> Path:
    """What FFmpeg is to be asked for: of a sequence the pattern of its names."""
    return file / f"f.%04d{next(file.iterdir()).suffix}" if file.is_dir() else file


def frames_of(file: Path) -> int:
    """How many frames the picture track has."""
    if file.is_dir():
        return len(list(file.iterdir()))
    track = VideoTrack.open(file)
    if track is None:
        sys.exit(f"{file} has no picture track")
    with track:
        for _ in track.frames(STEP, lambda: None):
            pass
        return track.counts.present


@contextmanager
def studio() -> Iterator[tuple[Path, Path]]:
    """A folder, and the settings of a studio in it whose register holds the sample media's."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "studio"
        config = home / "scanner.toml"
        run([sys.executable, "-m", "scanner", "init", str(home), "--title", "BENCH"])
        sources = sorted((ROOT / "sample_media" / "register").glob("*.*"))
        command = [sys.executable, "-m", "scanner", "provenance", "add", "--config", str(config)]
        run([*command, "--tool", "bench", "--use", "temporary", *map(str, sources)])
        yield Path(folder), config


def made(path: Path, codec: Codec, size: tuple[int, int], seconds: float) -> Path:
    """A file of the sample media's moving pictures, slowly and over and over, with a drifting crop and grain."""
    scene = ROOT / "sample_media" / "deliveries" / "clean_scene.mov"
    # Cut first and scaled after: encoders may rely on rows that begin where a scaler puts them.
    moving = (
        ffmpeg.input(str(scene), stream_loop=-1)
        .video.filter("setpts", f"{SLOWER}*PTS")
        .filter("fps", RATE)
        .filter("crop", "iw*4/5", "ih*4/5", "iw/10*(1+sin(t/3))", "ih/10*(1+cos(t/5))")
        .filter("scale", *size)
        .filter("noise", alls=6, allf="t")
    )
    if codec.light:
        lit = "pow(val/65535,2.2)*65535"
        moving = moving.filter("format", "gbrp16le").filter("lutrgb", r=lit, g=lit, b=lit)
    target = path
    if codec.format:
        path.mkdir()
        target = path / f"f.%04d.{codec.format}"
    command = ffmpeg.output(moving, str(target), t=seconds, **codec.options).global_args("-v", "error", "-y")
    run(command.compile(cmd=FFMPEG))
    return path


def scan(file: Path, config: Path) -> list[str]:
    """The command that scans a file."""
    return [sys.executable, "-m", "scanner", "scan", "--config", str(config), "--format", "json", str(file)]


def run(command: list[str], watch: Callable[[int], None] | None = None) -> float:
    """Seconds that a whole process takes; while it runs, `watch` is told its number every so often."""
    with tempfile.TemporaryFile() as words:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=words)
        while watch is not None and process.poll() is None:
            watch(process.pid)
            time.sleep(WATCHED)
        code = process.wait()
        seconds = time.perf_counter() - begun
        if code not in (0, 1, 4):
            words.seek(0)
            sys.exit(f"{' '.join(command)}\nended with {code}:\n{words.read().decode(errors='replace')}")
    return seconds


@dataclass(frozen=True, slots=True)
class Memory:
    """Peaks in MiB: of the largest process, and of all of them together."""

    largest: float = 0.0
    together: float = 0.0

    def or_more(self, other: "Memory") -> "Memory":
        return Memory(max(self.largest, other.largest), max(self.together, other.together))

    @property
    def row(self) -> Row:
        return {"largest MiB": self.largest, "together MiB": self.together}


def measured(command: list[str]) -> tuple[float, Memory]:
    """Seconds that a whole process takes, and what it and those that it starts hold at most (Linux)."""
    peak = Memory()

    def watch(pid: int) -> None:
        nonlocal peak
        peak = peak.or_more(held_from(pid))

    seconds = run(command, watch)
    return seconds, peak


def held_from(pid: int) -> Memory:
    """What a process and those below it hold: the most that the largest has held so far; all of them now."""
    parents: dict[int, int] = {}
    most: dict[int, float] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            told = _told(status)
            parents[int(told["Pid"])] = int(told["PPid"])
            most[int(told["Pid"])] = _mebibytes(told.get("VmHWM", "0 kB"))
    family = {pid}
    for _ in range(GENERATIONS):
        family |= {child for child, parent in parents.items() if parent in family}
    shares = []
    for each in family:
        with suppress(OSError, KeyError):
            shares.append(_mebibytes(_told(Path(f"/proc/{each}/smaps_rollup"))["Pss"]))
    return Memory(max((most.get(each, 0.0) for each in family), default=0.0), sum(shares))


def _told(path: Path) -> dict[str, str]:
    return dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)


def _mebibytes(kilobytes: str) -> float:
    return int(kilobytes.split()[0]) / 1024


def printed(found: list[Row]) -> None:
    """The table as Markdown."""
    print()
    for at, row in enumerate(found):
        if at == 0:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print(
            "| " + " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row.values()) + " |"
        )


def shown(row: Row) -> None:
    """A row as soon as it is had."""
    print(", ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{v}" for k, v in row.items()), file=sys.stderr)


if __name__ == "__main__":
    main()
