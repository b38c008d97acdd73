"""Fuzzes one source with atheris (libFuzzer), from real files: only a file that cannot be opened may be an exception.

    pip install -c constraints.txt -e '.[fuzz]'
    python -m benchmarks.fuzz "declared labels" --seconds 300 --seeds FOLDER

What broke it is written to the current folder (`crash-…`, `timeout-…`, `oom-…`) and told; the exit code is then not 0.
The tests fuzz every source too, for a moment and without this (`tests/sources/contract.py`).
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["scanner.sources", "scanner.media"]):
    from scanner.media.formats import sniff
    from scanner.sources import Source
    from scanner.sources.all import sources, written_sources

_LARGEST_SEED = 256 * 1024


def main() -> None:
    """Collect seeds, then fuzz until the time is over."""
    known = {source.name: source for source in (*sources(), *written_sources())}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", choices=sorted(known))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seeds", type=Path, action="append", default=[], help="files to begin with; may be repeated")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        found = _seeds(known[given.source], given.seeds, corpus)
        print(f"{found} seeds", file=sys.stderr)
        tried = Path(folder) / "tried"
        limits = [f"-max_total_time={given.seconds}", "-timeout=20", "-rss_limit_mb=2048", f"-max_len={_LARGEST_SEED}"]
        atheris.Setup([sys.argv[0], *limits, str(corpus)], lambda data: _one(known[given.source], tried, data))
        atheris.Fuzz()


def _seeds(source: Source, folders: list[Path], corpus: Path) -> int:
    """Copy what this source reads, small files only; how many there are."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    wanted = [path for path in paths if path.stat().st_size <= _LARGEST_SEED and source.applies(sniff(path).name)]
    for number, path in enumerate(wanted):
        shutil.copyfile(path, corpus / str(number))
    return len(wanted)


def _one(source: Source, path: Path, data: bytes) -> None:
    path.write_bytes(data)
    name = sniff(path).name
    if source.applies(name):
        for _ in source.examine(path, name):
            pass


if __name__ == "__main__":
    main()
