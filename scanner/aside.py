"""Frames of a long film set aside on disk: their features are some hundred megabytes, and are needed one at a time."""

import logging
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import eq
from typing import overload

from scanner.model import FeatureFrame

_log = logging.getLogger("scanner")
# Up to so many frames, about ten megabytes, stay in memory.
_FEW = 64


class _File:
    """A temporary file without a name: it goes when nothing refers to it any more."""

    __slots__ = ("__weakref__", "descriptor")

    def __init__(self) -> None:
        with tempfile.TemporaryFile(prefix="scanner-") as file:
            self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Where the bytes of a frame lie."""

    file: _File
    at: int
    lengths: tuple[int, int, int]
    pts: int
    width: int
    height: int

    def frame(self) -> FeatureFrame:
        descriptors, points, _ = self.lengths
        kept = os.pread(self.file.descriptor, sum(self.lengths), self.at)
        if len(kept) != sum(self.lengths):
            msg = "a temporary file of ours was cut short: free space where temporary files are kept, and try again"
            raise OSError(msg)
        return FeatureFrame(
            pts=self.pts,
            width=self.width,
            height=self.height,
            descriptors=kept[:descriptors],
            points=kept[descriptors : descriptors + points],
            grey=kept[descriptors + points :],
        )


class Frames(Sequence[FeatureFrame]):
    """Frames, each of which is read from disk when it is asked for. Any number of threads may ask."""

    __slots__ = ("_kept",)

    def __init__(self, kept: Iterable[_Kept | FeatureFrame]) -> None:
        self._kept = tuple(kept)

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, number: int) -> FeatureFrame: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[FeatureFrame, ...]: ...
    def __getitem__(self, number: int | slice) -> FeatureFrame | tuple[FeatureFrame, ...]:
        if isinstance(number, slice):
            return tuple(map(_frame, self._kept[number]))
        return _frame(self._kept[number])

    def __iter__(self) -> Iterator[FeatureFrame]:
        return map(_frame, self._kept)

    def __eq__(self, other: object) -> bool:
        """Whether these are the same frames as others in a row, wherever those are."""
        if not isinstance(other, Frames | tuple):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    @property
    def kept(self) -> tuple[_Kept | FeatureFrame, ...]:
        return self._kept


def _frame(kept: _Kept | FeatureFrame) -> FeatureFrame:
    return kept if isinstance(kept, FeatureFrame) else kept.frame()


def set_aside(frames: Iterable[FeatureFrame]) -> Sequence[FeatureFrame]:
    """The same frames: few of them as they are, many on disk. Where nothing can be written they stay in memory."""
    given = iter(frames)
    few = tuple(islice(given, _FEW + 1))
    if len(few) <= _FEW:
        return few
    try:
        file = _File()
    except OSError as error:
        return (*few, *_not_written(given, error))
    return Frames(_written(file, chain(few, given)))


def joined(parts: Sequence[Sequence[FeatureFrame]]) -> Sequence[FeatureFrame]:
    """The frames of all parts in a row. Nothing that was set aside is read."""
    if any(isinstance(part, Frames) for part in parts):
        return Frames(kept for part in parts for kept in (part.kept if isinstance(part, Frames) else part))
    return tuple(frame for part in parts for frame in part)


def _written(file: _File, frames: Iterator[FeatureFrame]) -> Iterator[_Kept | FeatureFrame]:
    at = 0
    for frame in frames:
        parts = (frame.descriptors, frame.points, frame.grey)
        try:
            _write(file.descriptor, b"".join(parts), at)
        except OSError as error:
            yield frame
            yield from _not_written(frames, error)
            return
        lengths = (len(parts[0]), len(parts[1]), len(parts[2]))
        yield _Kept(file=file, at=at, lengths=lengths, pts=frame.pts, width=frame.width, height=frame.height)
        at += sum(lengths)


def _write(descriptor: int, data: bytes, at: int) -> None:
    left = memoryview(data)
    while left:
        done = os.pwrite(descriptor, left, at)
        left, at = left[done:], at + done


def _not_written(frames: Iterator[FeatureFrame], error: OSError) -> Iterator[FeatureFrame]:
    _log.warning("kept in memory", extra={"what": "features of a long film", "why": str(error)})
    yield from frames
