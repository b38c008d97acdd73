"""A part of the index of registered sounds: columns that do not change, on disk or in memory.

All registered sounds lie one behind another on one line of hops, so a landmark's place on it says which sound it is of,
and a delivered hop less that place says how the two are laid against each other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint import landmarks
from scanner.match.pairs import CODES, SECONDS_REGISTERED, STRONGEST, Peaks, Whole, pairs
from scanner.model import SoundMarks

_FORMAT, _ABOUT = 1, "about.json"
# Hops between two sounds on the line.
_BETWEEN = 2 * 64
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

    `firsts`: the landmark that each pair begins with, in order of codes; those of code c stand from `offsets[c]` on,
    before `offsets[c + 1]`. `hops` and `details` are the
    landmarks: places on the line; frequencies in sixteenths of a bin, and in the upper four bits parts of the hop. A
    row a sound: where on the line it `begins`, its length in hops, the seconds into its file at which it
    `starts`, and the number of its asset.
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
        own = [Peaks.of(marks).strongest(STRONGEST) for _, marks in sounds]
        made = [pairs(peaks, SECONDS_REGISTERED) for peaks in own]
        lengths = np.array([max(marks.hops, 1) for _, marks in sounds], np.int64)
        begins = np.cumsum(lengths + _BETWEEN) - lengths
        counts = np.cumsum([0, *(len(peaks) for peaks in own)])
        codes = _joined([codes for codes, _ in made], np.uint32)
        firsts = _joined([first + before for (_, first), before in zip(made, counts, strict=False)], np.uint32)
        order = np.argsort(codes, kind="stable")
        return cls(
            offsets=_offsets(codes),
            firsts=firsts[order],
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
        counts = np.cumsum([0, *(len(part.hops) for part in parts)])
        codes = np.concatenate([np.repeat(np.arange(CODES, dtype=np.uint32), np.diff(part.offsets)) for part in parts])
        firsts = [part.firsts + np.uint32(count) for part, count in zip(parts, counts, strict=False)]
        order = np.argsort(codes, kind="stable")
        return cls(
            offsets=_offsets(codes),
            firsts=_joined(firsts, np.uint32)[order],
            hops=_joined([part.hops + np.uint32(end) for part, end in zip(parts, ends, strict=False)], np.uint32),
            details=np.concatenate([part.details for part in parts]),
            begins=_joined([part.begins + end for part, end in zip(parts, ends, strict=False)], np.int64),
            lengths=np.concatenate([part.lengths for part in parts]),
            starts=np.concatenate([part.starts for part in parts]),
            assets=np.concatenate([part.assets for part in parts]),
        )

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
        hops, details = self.hops[low:high].astype(np.int64), self.details[low:high].astype(np.int32)
        times = hops * landmarks.PARTS + (details >> 12) - landmarks.PARTS // 2
        return Peaks(hops=hops, times=times, sixteenths=details & 0xFFF, strengths=np.zeros(len(hops), np.int32))

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
            columns[name] = column
        return cls(**columns)


def _offsets(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Where the pairs of every code begin, once they are sorted."""
    return np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=CODES))]).astype(np.uint32)


def _details(peaks: Peaks) -> NDArray[np.int64]:
    part = peaks.times + landmarks.PARTS // 2 - peaks.hops * landmarks.PARTS
    return part << 12 | peaks.sixteenths


def _joined(columns: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *(np.asarray(column, kind) for column in columns)])
