"""The reader of each format of container. PDF and PSD need heavy libraries: those are imported when one is met."""

from collections.abc import Iterator
from pathlib import Path

from scanner.containers import packed, tars, zips
from scanner.containers.inner import Found, Reader

_LIGHT: dict[str, Reader] = {
    "zip": zips.read_zip,
    "tar": tars.read_tar,
    "gzip": packed.read_gzip,
    "bzip2": packed.read_bzip2,
    "xz": packed.read_xz,
}


def read(path: Path, format_name: str, name: str) -> Iterator[Found]:
    """What is in the container at `path`, which is called `name`. Raises whatever a damaged one makes it raise."""
    return _reader(format_name)(path, name)


def _reader(format_name: str) -> Reader:
    match format_name:
        case "pdf":
            from scanner.containers import pdfs

            return pdfs.read_pdf
        case "psd":
            from scanner.containers import psds

            return psds.read_psd
        case _:
            return _LIGHT[format_name]
