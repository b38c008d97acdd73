"""One file, compressed: gzip, bzip2, xz. A compressed TAR is a TAR in one of these."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from scanner.containers.inner import Found, Inner, blocks

Packed = gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile
_SHORT = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".svgz": ".svg"}
_ENDINGS = frozenset({".gz", ".bz2", ".xz"})


def read_gzip(path: Path, name: str) -> Iterator[Found]:
    """The file in a gzip."""
    yield Inner(name=inner_name(name), size=None, read=partial(_unpacked, gzip.GzipFile, path))


def read_bzip2(path: Path, name: str) -> Iterator[Found]:
    """The file in a bzip2."""
    yield Inner(name=inner_name(name), size=None, read=partial(_unpacked, bz2.BZ2File, path))


def read_xz(path: Path, name: str) -> Iterator[Found]:
    """The file in an xz."""
    yield Inner(name=inner_name(name), size=None, read=partial(_unpacked, lzma.LZMAFile, path))


def _unpacked(opened: Callable[[Path], Packed], path: Path) -> Iterator[bytes]:
    with opened(path) as file:
        yield from blocks(file)


def inner_name(name: str) -> str:
    """What the file in a compressed one is called: the name that a gzip itself may give is not believed."""
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    if ending in _SHORT:
        return path.stem + _SHORT[ending]
    return path.stem if ending in _ENDINGS else f"{path.name}.unpacked"
