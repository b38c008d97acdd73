"""TAR archives: old, GNU and pax. tarfile stops without a word at a damaged header; that is told here."""

import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from scanner.containers.inner import BLOCK, Found, Inner, Unread, blocks

_BLOCK = tarfile.BLOCKSIZE
_LINKS = {tarfile.SYMTYPE: "a symbolic link: never followed", tarfile.LNKTYPE: "a hard link: never followed"}
_LABEL = b"V"  # of a volume: GNU tar manual, "Basic Tar Format"
_DEVICES = frozenset({tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE})


def read_tar(path: Path, name: str) -> Iterator[Found]:
    """Every entry of a TAR. Raises tarfile.TarError for what is none."""
    with tarfile.open(path, mode="r:") as archive:
        reached = -1
        while (entry := archive.next()) is not None:
            if entry.offset <= reached or entry.size < 0:
                yield Unread(reason=f"damaged at byte {entry.offset}: nothing after it was read")
                return
            reached = entry.offset
            # It keeps every entry it has met.
            archive.members = []  # type: ignore[attr-defined]
            if not entry.isdir() and entry.type != _LABEL:
                yield _found(archive, entry)
        end = archive.offset
    with path.open("rb") as file:
        yield from _after(file, end)


def _found(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Found:
    if entry.isreg():
        return Inner(name=entry.name, size=entry.size, read=partial(_read, archive, entry))
    if entry.type in _DEVICES:
        return Unread(name=entry.name, reason="a device or a pipe: never opened")
    unknown = f"an entry of a kind that is not known here ({entry.type!r})"
    return Unread(name=entry.name, reason=_LINKS.get(entry.type, unknown))


def _read(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    """The bytes of an entry. tarfile gives nothing of one that is cut off; only files with holes need it."""
    file = archive.extractfile(entry) if entry.issparse() else None
    if file is not None:
        yield from blocks(file)
        return
    archive.fileobj.seek(entry.offset_data)
    left = entry.size
    while left:
        block = archive.fileobj.read(min(left, BLOCK))
        if not block:
            msg = f"its last {left} bytes are missing"
            raise EOFError(msg)
        left -= len(block)
        yield block


def _after(file: BinaryIO, end: int) -> Iterator[Unread]:
    """What stands where the next header would: two blocks of zeros, and nothing after them."""
    file.seek(end)
    head = file.read(_BLOCK)
    if not head:
        yield Unread(reason="its end is missing")
    elif head.strip(b"\0"):
        yield Unread(reason=f"damaged at byte {end}: nothing after it was read")
    elif any(block.strip(b"\0") for block in blocks(file)):
        yield Unread(reason="there is more after its end, which was not read")
