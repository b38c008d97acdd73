"""How long one daemon takes for very many small files that are dropped at once.

    python -m benchmarks.flood [--files 10000] [--at-once 2] [--url postgresql://…] [--within 3600]

Prints how many were taken and ended, how many a second, and what was lost, which must be nothing.
"""

import argparse
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.studio import Home, listed, new_home, start


def main() -> None:
    """Drop the files, watch them end, print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=2, help="deliveries_at_once of the daemon")
    parser.add_argument("--url", help="a PostgreSQL database instead of SQLite")
    parser.add_argument("--within", type=float, default=3600.0, help="give up after so many seconds")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="flood-"))
    try:
        home = new_home(folder / "studio", url=given.url)
        home.set(("deliveries_at_once = 2", f"deliveries_at_once = {given.at_once}"))
        _flood(home, given.files, given.within)
    finally:
        shutil.rmtree(folder)


def _flood(home: Home, files: int, within: float) -> None:
    made = home / "made"
    made.mkdir()
    for number in range(files):
        (made / f"note {number}.txt").write_text(f"{number} words")
    dropped = Counter(listed(made).values())
    watch = start(home)
    watch.wait_until_it_watches()
    for path in made.iterdir():
        path.rename(home / "drop" / path.name)
    begun, taken = time.monotonic(), 0.0
    while (ended := _count(home / "cleared")) < files and time.monotonic() < begun + within:
        if not taken and not _count(home / "drop"):
            taken = time.monotonic() - begun
            print(f"all taken after {taken:.1f} s: {files / taken:.1f} a second", flush=True)
        time.sleep(0.5)
    lasted = time.monotonic() - begun
    watch.stop(within=120.0)
    lost = dropped - home.bytes_in()
    print(f"{ended} of {files} ended after {lasted:.1f} s: {ended / lasted:.2f} a second; lost: {sum(lost.values())}")


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


if __name__ == "__main__":
    main()
