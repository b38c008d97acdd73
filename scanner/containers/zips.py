"""ZIP archives, and what is one inside: office documents, e-books.

zipfile follows the central directory; what it does not look for is told here: entries that lie over one another, as in
bombs, and entries that the directory does not list.
"""

import stat
import struct
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from scanner.containers.inner import Found, Inner, Unread, blocks

# APPNOTE 4.3.7: the local file header. After it come the name and the extra field, whose lengths are its last two.
_LOCAL = struct.Struct("<4s5H3I2H")
_LOCAL_MAGIC = b"PK\x03\x04"
# APPNOTE 4.4.4: bit 0 encrypted, bit 6 strongly, bit 13 with a masked directory.
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_METHODS = {
    **{1: "Shrink", 6: "Implode", 9: "Deflate64", 93: "Zstandard", 95: "XZ", 96: "JPEG", 98: "PPMd", 99: "AES"},
    **dict.fromkeys(range(2, 6), "Reduce"),
}
_KNOWN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
# Between two entries: padding, or a data descriptor. More than this is not searched.
_LARGEST_GAP = 1 << 20


def read_zip(path: Path, name: str) -> Iterator[Found]:
    """Every entry of a ZIP. Raises zipfile.BadZipFile for what is none."""
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        entries = archive.infolist()
        over, faults = _laid_out(file, entries, archive.start_dir)
        yield from (Unread(reason=fault) for fault in faults)
        for position, entry in enumerate(entries):
            reason = "it lies over other entries, as in a zip bomb" if position in over else _unfit(entry)
            if reason is not None:
                yield Unread(name=entry.orig_filename, reason=reason)
            elif not _is_folder(entry):
                name = entry.orig_filename.rstrip("/")
                yield Inner(name=name, size=entry.file_size, read=partial(_read, archive, entry))


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as file:
        yield from blocks(file)


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    # Not `is_dir`, which an empty name breaks.
    return entry.filename.endswith("/") and entry.file_size == 0


def _unfit(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry is not read; None if it can be."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link: never followed"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "neither a file nor a folder"
    if entry.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if entry.compress_type not in _KNOWN:
        method = _METHODS.get(entry.compress_type, f"method {entry.compress_type}")
        return f"its compression ({method}) cannot be read"
    return None


def _laid_out(file: BinaryIO, entries: list[zipfile.ZipInfo], directory: int) -> tuple[set[int], list[str]]:
    """The positions of entries that share bytes with another one or the directory; and what lies between them all."""
    spans = sorted((entry.header_offset, _end(file, entry), position) for position, entry in enumerate(entries))
    over: set[int] = set()
    faults: list[str] = []
    reached, last = 0, -1
    for start, end, position in spans:
        if start < reached:
            over |= {last, position}
        else:
            faults += _between(file, reached, start)
        if end > reached:
            reached, last = end, position
    if reached > directory:
        over.add(last)
    return over - {-1}, faults + _between(file, reached, directory)


def _end(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """Where an entry's packed bytes end."""
    file.seek(entry.header_offset)
    head = file.read(_LOCAL.size)
    lengths = _LOCAL.unpack(head)[-2:] if len(head) == _LOCAL.size else (0, 0)
    return entry.header_offset + _LOCAL.size + int(sum(lengths)) + entry.compress_size


def _between(file: BinaryIO, start: int, end: int) -> list[str]:
    if end - start > _LARGEST_GAP:
        return [f"{end - start} bytes in it belong to no entry"]
    file.seek(start)
    hidden = end > start and _LOCAL_MAGIC in file.read(end - start)
    return ["it holds entries that its directory does not list"] if hidden else []
