"""Looking at one drop folder again and again, with a rest after what took long.

A large folder or loose sequence rests by itself, so that the small drops beside it are not kept waiting. Until its next
look is due, its last one is told again as `stale`, on which nothing settles.
"""

import time
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from scanner.intake.look import Top, is_frame_of, top_of
from scanner.intake.sequences import ImageSequence, group
from scanner.intake.tally import sorting
from scanner.settle import LITTER, PARTIAL, EntryKind, Look, pause

# What takes less than this to look at needs no rest of its own.
_SMALL_SECONDS = 0.05


def thread_effort() -> float:
    """Seconds that this thread has worked, and a tenth of those that passed: a slow file server is spared as well."""
    return time.thread_time() + time.perf_counter() / 10


@dataclass(slots=True, kw_only=True)
class _Resting:
    """A large drop, as it was last seen, that is not looked at before `due`."""

    look: Look
    due: float
    identity: tuple[int, int] | None = None
    sequence: ImageSequence | None = None
    frames: frozenset[str] = frozenset()
    met: bool = False

    def holds(self, name: str) -> bool:
        """Whether a loose file is, or would become, a frame of this resting sequence."""
        if self.sequence is None or not (name in self.frames or is_frame_of(self.sequence, name)):
            return False
        self.met = True
        return True


class Lookout:
    """Keeps looking at one drop folder. `other_doors`: names in it that are none of its business.

    `effort` counts the seconds of work that the rests are measured by.
    """

    def __init__(
        self,
        folder: Path,
        *,
        partial: Iterable[str] = PARTIAL,
        litter: Iterable[str] = LITTER,
        pairs: bool = False,
        other_doors: Container[str] = (),
        quiet_seconds: float = 0.0,
        effort: Callable[[], float] = thread_effort,
    ) -> None:
        self._folder = folder
        self._sorting = sorting(partial, litter)
        self._pairs = pairs
        self._other_doors = other_doors
        self._quiet_seconds = quiet_seconds
        self._effort = effort
        self._folders: dict[str, _Resting] = {}
        self._sequences: list[_Resting] = []
        # Grouping a hundred thousand names takes as long as looking at the files: two, as they are there and resting.
        self._sequences_of = lru_cache(maxsize=2)(_sequences_of)
        self._rest_seconds = 0.0

    @property
    def rest_seconds(self) -> float:
        """How long to rest before the next look at anything here; what is large rests by itself, and longer."""
        return self._rest_seconds

    def look(self, now: float) -> tuple[Look, ...]:
        """One look, at `now` seconds of a monotonic clock. Like the function `look`; raises CustodyError as it does."""
        started = self._effort()
        top, entries = self._top(now)
        sequences = self._sequences_of(tuple(top.files))
        looks = [*top.loose(sequences, pairs=self._pairs), *self._stale()]
        cost = self._effort() - started
        shared = self._rest_sequences(sequences, looks, cost / max(1, entries), now)
        began = self._effort()
        rested = 0.0
        self._folders = {name: self._folders[name] for name in top.folders if name in self._folders}
        for name in top.folders:
            found, large = self._inside(top, name, now)
            looks.append(found)
            rested += large
        self._rest_seconds = pause(cost - shared + self._effort() - began - rested)
        return tuple(sorted(looks, key=lambda look: look.name))

    def _stale(self) -> Iterator[Look]:
        for resting in self._sequences:
            yield replace(resting.look, stale=True)

    def _top(self, now: float) -> tuple[Top, int]:
        """What is at the top, without the frames of sequences that rest, and how many entries there are with them.

        Forgets the sequences that are gone or due.
        """
        resting = [sequence for sequence in self._sequences if now < sequence.due]
        for sequence in resting:
            sequence.met = False
        top, entries = Top(folder=self._folder, sorting=self._sorting), 0
        for entry in top_of(self._folder):
            entries += 1
            name = entry.name
            if name not in self._other_doors and not any(sequence.holds(name) for sequence in resting):
                top.add(entry)
        self._sequences = [sequence for sequence in resting if sequence.met]
        return top, entries

    def _rest_sequences(
        self, sequences: Iterable[ImageSequence], looks: Iterable[Look], seconds_each: float, now: float
    ) -> float:
        """Let the large ones among the sequences just seen rest; returns what they cost."""
        fresh = {found.name: found for found in looks if found.kind is EntryKind.SEQUENCE and not found.stale}
        shared = 0.0
        for sequence in sequences:
            cost = seconds_each * len(sequence.files)
            if cost >= _SMALL_SECONDS:
                shared += cost
                resting = _Resting(
                    look=fresh[sequence.name],
                    due=now + pause(cost, self._quiet_seconds),
                    sequence=sequence,
                    frames=frozenset(sequence.files),
                )
                self._sequences.append(resting)
        return shared

    def _inside(self, top: Top, name: str, now: float) -> tuple[Look, float]:
        """A folder, and what it cost if that was much."""
        status = top.folders[name]
        identity = (status.st_dev, status.st_ino)
        before = self._folders.pop(name, None)
        if before is not None and before.identity == identity and now < before.due:
            self._folders[name] = before
            return replace(before.look, stale=True), 0.0
        began = self._effort()
        found = top.inside(name)
        cost = self._effort() - began
        if cost < _SMALL_SECONDS:
            return found, 0.0
        self._folders[name] = _Resting(look=found, due=now + pause(cost, self._quiet_seconds), identity=identity)
        return found, cost


def _sequences_of(names: tuple[str, ...]) -> tuple[ImageSequence, ...]:
    return group(names)[0]
