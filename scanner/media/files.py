"""Reads an image sequence, of which every frame is a file: only those that are looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from scanner.fingerprint.distinct import same_shot
from scanner.media.ahead import ahead
from scanner.media.frames import Grey, Rgb, UnreadableMediaError, grey_of
from scanner.media.halves import with_halves


class FileFrame(NamedTuple):
    """The picture of the file with this number."""

    number: int
    rgb: Rgb
    grey: Grey


@dataclass(slots=True, kw_only=True)
class Files:
    """The frames of a sequence; `numbers`: of the files that are asked for, `read` gives the picture of one.

    Every one is looked at where `step` is 1; else every 2 * `step`-th, and those midway round what stands by itself
    (`halves`). `widest`: how far apart samples are. `between`: how many were looked at midway between two of them;
    `failed`: those that cannot be decoded, and why.
    """

    read: Callable[[int], Rgb]
    numbers: range
    step: int
    readers: int = 1
    between: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def widest(self) -> int:
        return self.step if self.step == 1 else 2 * self.step

    def frames(self, progress: Callable[[], None]) -> Iterator[FileFrame]:
        """The frames that are looked at, in order."""

        def samples() -> Iterator[FileFrame]:
            for number, picture in ahead(self.read, self.numbers[:: self.widest], self.readers):
                progress()
                yield from self._read(number, picture)

        def midway(frame: FileFrame) -> FileFrame | None:
            number = frame.number + self.step
            if number not in self.numbers:
                return None
            progress()
            found = next(self._read(number, partial(self.read, number)), None)
            self.between += found is not None
            return found

        return samples() if self.step == 1 else with_halves(samples(), midway, _is_alike)

    def _read(self, number: int, picture: Callable[[], Rgb]) -> Iterator[FileFrame]:
        """The frame, or nothing where it cannot be had."""
        try:
            rgb = picture()
        except UnreadableMediaError as error:
            self.failed.append((number, str(error)))
            return
        yield FileFrame(number, rgb, grey_of(rgb))


def _is_alike(one: FileFrame, other: FileFrame) -> bool:
    return same_shot(one.grey, other.grey)
