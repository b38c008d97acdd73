"""What files say of themselves, without a look at their pictures: how many a second, and what was said of which.

    python -m benchmarks.labels FOLDER [FOLDER …] [--without "open watermarks"]

Over ordinary pictures and films it is a test of false labels as well: everything that is seen is told, file by file.
Times are those of the processor, so that other work on the machine counts little.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scanner.media.formats import KINDS, sniff
from scanner.model import MediaKind
from scanner.sources import Source
from scanner.sources.all import sources


def main() -> None:
    """Ask every source about every file, tell what was seen, and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = {source.name: source for source in sources()}
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--without", choices=sorted(known), action="append", default=[])
    given = parser.parse_args()
    asked = [source for name, source in known.items() if name not in given.without]
    took: dict[str, list[tuple[float, Path]]] = defaultdict(list)
    for path in _files(given.folders):
        name = sniff(path).name
        if KINDS[name] is MediaKind.OTHER:
            continue
        began = time.process_time()
        seen = list(_seen(asked, path, name))
        took[name].append((time.process_time() - began, path))
        for each in seen:
            print(f"{path}\t{each}")
    for name, times in sorted(took.items()):
        total, (slowest, path) = sum(seconds for seconds, _ in times), max(times)
        print(
            f"{name}: {len(times)} files, {len(times) / total:.0f} a second, slowest {slowest * 1000:.0f} ms ({path})"
        )
    stills = [seconds for name, times in took.items() if KINDS[name] is MediaKind.STILL for seconds, _ in times]
    if stills:
        print(f"stills: {len(stills)}, {len(stills) / sum(stills):.0f} a second")


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _seen(asked: list[Source], path: Path, name: str) -> Iterator[str]:
    for source in asked:
        if source.applies(name):
            try:
                yield from (f"{source.name}: {each}" for each in source.examine(path, name))
            except (OSError, MemoryError) as error:
                yield f"{source.name}: {type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
