"""What of a delivered sound is registered: what the index hears, told as evidence with its place."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np

from scanner.match.hearing import HearingIndex
from scanner.match.look_alikes import placed
from scanner.match.soundings import Sounding
from scanner.match.stretches import Sought
from scanner.media.clock import clock
from scanner.model import Examination, Heard, PictureTrack, Place

# How exactly the ends of what is heard are known, in seconds.
_ACCURACY = Fraction(1, 4)
_RATE = Fraction(24)


class Loudness(Protocol):
    """The part of the policy that says when a sound counts as heard, and how often is too often."""

    @property
    def same_sound_score(self) -> float: ...

    @property
    def flood_places(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """The register's sounds, and the records (ids) of what is known to be good.

    `records`, `only`: ids of the records and of the assets that are listened for; all of them where None.
    """

    index: HearingIndex = field(default_factory=HearingIndex)
    good: frozenset[str] = frozenset()
    records: Collection[str] | None = None
    only: Collection[str] | None = None

    def sought(self) -> Sought:
        """Of every asset of the index: whether it is listened for, and whether it is known to be good."""
        assets = self.index.assets
        wanted = (
            (self.records is None or asset.record_id in self.records)
            and (self.only is None or asset.asset_id in self.only)
            for asset in assets
        )
        good = (asset.record_id in self.good for asset in assets)
        return Sought(wanted=np.fromiter(wanted, np.bool_, len(assets)), good=np.fromiter(good, np.bool_, len(assets)))


def heard_in(
    examination: Examination, picture: PictureTrack | None, register: Sounds, policy: Loudness
) -> Iterator[Heard]:
    """Every stretch in which a registered sound is heard."""
    if not len(register.index):
        return
    heard = register.index.heard(
        examination.sounds, register.sought(), least_score=policy.same_sound_score, flood_places=policy.flood_places
    )
    for sounding in heard:
        yield _told(sounding, _place(sounding, examination, picture))


def _told(sounding: Sounding, place: Place) -> Heard:
    return Heard(
        asset=sounding.asset,
        stream=sounding.stream,
        channel=sounding.channel,
        place=place,
        asset_seconds_in=sounding.asset_first,
        asset_seconds_out=sounding.asset_last,
        votes=sounding.votes,
        score=round(sounding.score, 3),
        speed=sounding.speed,
        pitch=sounding.pitch,
        floods=sounding.floods,
        also=sounding.also,
    )


def _place(sounding: Sounding, examination: Examination, picture: PictureTrack | None) -> Place:
    """In the picture's timecode; of a sound without a picture in the time of day at which it says that it begins."""
    first, after = max(Fraction(0), sounding.first), max(Fraction(0), sounding.last)
    if picture is not None:
        rate = picture.frame_rate or _RATE
        return placed(first, after, picture, accuracy_frames=-int(-_ACCURACY * rate // 1))
    begins = examination.sound_begins or Fraction(0)
    return Place(
        seconds_in=first,
        seconds_out=after,
        timecode_in=clock(begins + first),
        timecode_out=clock(begins + after),
        accuracy_frames=-int(-_ACCURACY * _RATE // 1),
    )
