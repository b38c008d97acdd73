"""Files by their data: where it lies between the holes of a sparse file, and whether two files hold the same bytes."""

import errno
import os
from collections.abc import Iterator

_BLOCK = 1 << 20


def data_parts(fd: int, size: int) -> Iterator[tuple[int, int]]:
    """Start and end of every stretch of data below `size`, in bytes; all of it where holes are not told. OSError."""
    position = 0
    while (start := _next_data(fd, position, size)) < size:
        position = min(_end_of_data(fd, start, size), size)
        yield start, position


def same_bytes(one: int, other: int) -> bool:
    """Whether two open files hold the same bytes. What is a hole in both is not read. Raises OSError."""
    size, position = os.fstat(one).st_size, 0
    if os.fstat(other).st_size != size:
        return False
    while (position := min(_next_data(one, position, size), _next_data(other, position, size))) < size:
        ours, theirs = os.pread(one, _BLOCK, position), os.pread(other, _BLOCK, position)
        count = min(len(ours), len(theirs))
        if count == 0 or ours[:count] != theirs[:count]:
            return False
        position += count
    return not os.pread(one, 1, size) and not os.pread(other, 1, size)


def _next_data(fd: int, position: int, size: int) -> int:
    """The first byte at or after `position` that is data; `size` if there is none."""
    if position >= size:
        return size
    try:
        return min(os.lseek(fd, position, os.SEEK_DATA), size)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return size
        if error.errno in (errno.EINVAL, errno.EOPNOTSUPP):
            return position
        raise


def _end_of_data(fd: int, start: int, size: int) -> int:
    try:
        return os.lseek(fd, start, os.SEEK_HOLE)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENXIO):
            return size
        raise
