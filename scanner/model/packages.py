"""What packages say of their members: which checksums agree, and where a composition shows a track file."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """So many files of a member are what a manifest lists, by its checksums of this algorithm."""

    manifest: str
    algorithm: str
    files: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackUse:
    """From `entry` on, for `duration`, a track file is shown at `start` of a composition, `repeats` times in a row.

    In seconds: `entry` after the file's first frame, `start` after the composition's. `track_file` is a UUID.
    """

    track_file: str
    start: Fraction
    entry: Fraction
    duration: Fraction
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A composition playlist (CPL) of an IMP or DCP. Its timecode starts at `start_timecode`, at `edit_rate`.

    `absent`: the track files that it names and no asset map of the delivery places: of an earlier delivery.
    """

    composition_id: str
    title: str
    edit_rate: Fraction
    start_timecode: str
    uses: tuple[TrackUse, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where a composition shows a place of a track file, in seconds after its first frame and as its timecode.

    `composition`: its title; `file`: the member that it was read from.
    """

    composition: str
    composition_id: str
    file: str
    seconds_in: Fraction
    seconds_out: Fraction
    timecode_in: str
    timecode_out: str
