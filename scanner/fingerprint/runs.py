"""Turns look-ups of single frames into runs: stretches of a delivered track that show one registered asset."""

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.fingerprint.names import FIRST_MATTE

# One sampled frame in between may miss (a flash, a dissolve) without ending a run.
_GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One delivered frame that resembles one frame of an asset. `frame` counts sampled frames; times are in seconds."""

    asset: int
    frame: int
    seconds: float
    asset_seconds: float
    distance: int
    quality: int
    view: int
    asset_view: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Hits of one asset in a row of sampled frames, in order."""

    hits: tuple[Hit, ...]

    @property
    def best(self) -> Hit:
        return min(self.hits, key=lambda hit: (hit.distance, hit.frame))


def runs_of(hits: Iterable[Hit], *, same_frame: int, same_run: int, shortest: int) -> list[Run]:
    """The runs that count: `shortest` sampled frames within `same_run` bits, or one frame within `same_frame` bits."""
    best: dict[tuple[int, int], Hit] = {}
    for hit in hits:
        key = (hit.asset, hit.frame)
        # Seven mattes are seven more chances to be alike by accident: what only a matte makes alike must be closer.
        enough = (same_frame + same_run) // 2 if hit.asset_view >= FIRST_MATTE else same_run
        if hit.distance <= min(enough, same_run) and (key not in best or hit.distance < best[key].distance):
            best[key] = hit
    runs: list[list[Hit]] = []
    for key in sorted(best):
        hit = best[key]
        last = runs[-1][-1] if runs else None
        if last is not None and last.asset == hit.asset and hit.frame - last.frame <= _GAP:
            runs[-1].append(hit)
        else:
            runs.append([hit])
    found = [Run(hits=tuple(run)) for run in runs]
    return [run for run in found if len(run.hits) >= shortest or run.best.distance <= same_frame]
