"""A part of the index of registered sounds: columns that do not change, on disk or in memory.

All registered sounds lie one behind another on one line of hops, so a landmark's place on it says which sound it is of,
and a delivered hop less that place says how the two are laid against each other. Small parts are looked up by pairs of
landmarks, large ones by triples.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint import landmarks
from scanner.match.coded import LINE, Coded, coded, unpacked
from scanner.match.pairs import STRONGEST, Peaks, Whole
from scanner.model import SoundMarks

_FORMAT, _ABOUT = 2, "about.json"
# Hops between two sounds on the line.
_BETWEEN = 2 * 64
# Parts are not joined beyond so many landmarks, about a hundred hours; making one takes 2.5 GB of memory.
FULL = 20_000_000
# Parts at the end are joined with the one before them unless that has so many times their landmarks.
_MUCH_LARGER = 8
_COLUMNS = {
    "offsets": np.uint32,
    "firsts": np.uint32,
    "hops": np.uint32,
    "details": np.uint16,
    "begins": np.int64,
    "lengths": np.int64,
    "starts": np.float64,
    "assets": np.int64,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPart:
    """Registered sounds.

    `offsets`, `firsts`: see `Coded`. `hops` and `details` are the landmarks: places on the line; frequencies in
    sixteenths of a bin, and in the upper four bits parts of the hop. A row a sound: where on the line it `begins`, its
    length in hops, the seconds into its file at which it `starts`, and the number of its asset.
    """

    offsets: NDArray[np.uint32]
    firsts: NDArray[np.uint32]
    hops: NDArray[np.uint32]
    details: NDArray[np.uint16]
    begins: Whole
    lengths: Whole
    starts: NDArray[np.float64]
    assets: Whole

    @classmethod
    def of(cls, sounds: Sequence[tuple[int, SoundMarks]]) -> "SoundPart":
        """Of registered sounds, each with the number of its asset. Raises ValueError for damaged landmarks."""
        own = [Peaks.of(marks).between(0, LINE // 2).strongest(STRONGEST) for _, marks in sounds]
        lengths = np.array([_length(marks) for _, marks in sounds], np.int64)
        begins = np.cumsum(lengths + _BETWEEN) - lengths
        return cls._on(
            hops=_joined([peaks.hops + begin for peaks, begin in zip(own, begins, strict=True)], np.uint32),
            details=_joined([_details(peaks) for peaks in own], np.uint16),
            begins=begins,
            lengths=lengths,
            starts=np.array([float(marks.start) for _, marks in sounds], np.float64),
            assets=np.array([number for number, _ in sounds], np.int64),
        )

    @classmethod
    def joined(cls, parts: Sequence["SoundPart"]) -> "SoundPart":
        """Several as one, in their order."""
        if len(parts) == 1:
            return parts[0]
        ends = np.cumsum([0, *(part.end for part in parts)])
        return cls._on(
            hops=_joined([part.hops + np.uint32(end) for part, end in zip(parts, ends, strict=False)], np.uint32),
            details=np.concatenate([part.details for part in parts]),
            begins=_joined([part.begins + end for part, end in zip(parts, ends, strict=False)], np.int64),
            lengths=np.concatenate([part.lengths for part in parts]),
            starts=np.concatenate([part.starts for part in parts]),
            assets=np.concatenate([part.assets for part in parts]),
        )

    @classmethod
    def _on(cls, *, hops: NDArray[np.uint32], details: NDArray[np.uint16], begins: Whole, **rows: Any) -> "SoundPart":
        """With its codes made. Raises ValueError where the line is too long."""
        own = coded(hops, details, begins)
        return cls(offsets=own.offsets, firsts=own.firsts, hops=hops, details=details, begins=begins, **rows)

    @property
    def codes(self) -> Coded:
        """What it is looked up by."""
        return Coded(offsets=self.offsets, firsts=self.firsts, landmarks=len(self.hops))

    @property
    def end(self) -> int:
        """How long the line is, in hops."""
        return int(self.begins[-1] + self.lengths[-1]) if len(self.begins) else 0

    def sound_at(self, hop: int) -> int:
        """The row of the sound at a place on the line."""
        return int(np.searchsorted(self.begins, hop, "right")) - 1

    def between(self, first: int, end: int) -> Peaks:
        """The landmarks from place `first` on, and before `end`. Their strengths are not kept."""
        low, high = np.searchsorted(self.hops, np.array([max(first, 0), max(end, 0)], np.uint32))
        return unpacked(self.hops[low:high], self.details[low:high])

    def write(self, folder: Path) -> None:
        """Write it into an empty folder."""
        for name, kind in _COLUMNS.items():
            np.save(folder / f"{name}.npy", np.asarray(getattr(self, name), kind))
        about = {"format": _FORMAT, "algorithm": landmarks.ALGORITHM, "version": landmarks.VERSION}
        sizes = {name: len(getattr(self, name)) for name in _COLUMNS}
        (folder / _ABOUT).write_text(json.dumps({**about, "sizes": sizes}), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "SoundPart":
        """Open what `write` wrote; read from disk as it is needed. Raises ValueError or OSError where it is unfit."""
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        made_by = (about.get("format"), about.get("algorithm"), about.get("version"))
        if made_by != (_FORMAT, landmarks.ALGORITHM, landmarks.VERSION):
            msg = f"it is of another version: {made_by}"
            raise ValueError(msg)
        columns: dict[str, Any] = {}
        for name, kind in _COLUMNS.items():
            column = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            if column.dtype != kind or column.shape != (about["sizes"][name],):
                msg = f"{name} is damaged"
                raise ValueError(msg)
            columns[name] = np.asarray(column)
        return cls(**columns)


def grown(parts: Sequence[SoundPart], sounds: Sequence[tuple[int, SoundMarks]]) -> list[SoundPart]:
    """The parts, and what is new behind them; small ones are joined, those before them stay as they are."""
    kept, some = list(parts), list[tuple[int, SoundMarks]]()
    size = length = 0
    for number, marks in sounds:
        if some and (size + len(marks.codes) // 4 > FULL or length + _length(marks) + _BETWEEN > LINE):
            kept.append(SoundPart.of(some))
            some, size, length = [], 0, 0
        some.append((number, marks))
        size, length = size + len(marks.codes) // 4, length + _length(marks) + _BETWEEN
    if not some:
        return kept
    last = [SoundPart.of(some)]
    while kept and _fit(kept[-1], last):
        last.insert(0, kept.pop())
    return [*kept, SoundPart.joined(last)]


def _fit(before: SoundPart, last: Sequence[SoundPart]) -> bool:
    """Whether what is last is worth being joined with the part before it, and not too much."""
    new = sum(len(part.hops) for part in last)
    end = before.end + sum(part.end for part in last)
    return len(before.hops) < _MUCH_LARGER * max(new, 1) and len(before.hops) + new <= FULL and end <= LINE


def _length(marks: SoundMarks) -> int:
    """In hops. Of what lasts for days on end the first six are heard."""
    return min(max(marks.hops, 1), LINE // 2)


def _details(peaks: Peaks) -> NDArray[np.int64]:
    part = peaks.times + landmarks.PARTS // 2 - peaks.hops * landmarks.PARTS
    return part << 12 | peaks.sixteenths


def _joined(columns: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *(np.asarray(column, kind) for column in columns)])
