"""Archives as they come, and as they should not: made of bytes, where no library would make them."""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Mapping

from scanner.examine.opening import TakenOut

LINK, PIPE = stat.S_IFLNK | 0o777, stat.S_IFIFO | 0o644


def zipped(
    files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, modes: Mapping[str, int] | None = None
) -> bytes:
    """A ZIP of these files. `modes`: of what is no plain file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            entry.external_attr = (modes or {}).get(name, 0o644) << 16
            archive.writestr(entry, content)
    return made.getvalue()


def patched(archive: bytes, *, local: int, central: int, value: bytes) -> bytes:
    """A ZIP of one file with other bytes at a place of its local and of its central header."""
    made = bytearray(archive)
    made[local : local + len(value)] = value
    at = made.index(b"PK\x01\x02") + central
    made[at : at + len(value)] = value
    return bytes(made)


def listed_twice(archive: bytes) -> bytes:
    """A ZIP of one file whose directory lists it twice: two entries, and the same bytes for both."""
    at, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    entry = archive[at:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), at, 0)
    return archive[:at] + entry + entry + tail


def quoted(size: int) -> bytes:
    """A ZIP in which the second entry lies in the packed bytes of the first, as in bombs that unpack without end."""
    inner = _local("b", size) + bytes(size)
    outer = _local("a", len(inner)) + inner
    directory = _central("a", len(inner), 0) + _central("b", size, len(_local("a", 0)))
    return outer + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(outer), 0)


def _local(name: str, size: int) -> bytes:
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, size, size, len(name), 0) + name.encode()


def _central(name: str, size: int, at: int) -> bytes:
    head = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, size, size, len(name), 0, 0, 0, 0, 0, at)
    return head + name.encode()


def tarred(files: Mapping[str, bytes], *others: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A TAR of these files, and of entries that are no files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for other in others:
            archive.addfile(other)
    return made.getvalue()


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """An entry of a TAR that is a link or a device."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def contents(taken: TakenOut) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in taken.files.items()}
