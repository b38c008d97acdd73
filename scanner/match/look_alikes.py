"""What of a delivered track looks like registered material: stretches, told as evidence with place and explanation."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np

from scanner.fingerprint.align import Motion, Segment
from scanner.fingerprint.describe import WHOLE_FRAME, Described, boxed, described, percent
from scanner.fingerprint.names import ACTIVE, FIRST_MATTE, VIEW_NAMES, WHOLE
from scanner.match.local import LocalIndex
from scanner.match.pictures import CodeTable, PictureIndex
from scanner.match.stretches import Part, Sought, Stretch, Thresholds, part_stretches, together, whole_stretches
from scanner.media.timecode import shown
from scanner.model import AssetRef, Examination, LookAlike, MediaKind, PictureTrack, Place

_MOTIONS = {
    Motion.REVERSED: "in reverse",
    Motion.FREEZE: "one frame of it held",
}
# Whole frames that differ by no more bits are one picture: a part of it that was found a few frames off in a moving
# shot has nothing to add.
_ONE_PICTURE = 16


class Floods(Thresholds, Protocol):
    """The part of the policy that says how often is too often."""

    @property
    def flood_places(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The register's pictures: whole frames, parts, and the records (ids) of what is known to be good.

    `records`, `only`: ids of the records and of the assets that are looked for; all of them where None.
    """

    whole: PictureIndex
    parts: LocalIndex = field(default_factory=LocalIndex)
    part_assets: Sequence[AssetRef] = ()
    good: frozenset[str] = frozenset()
    records: Collection[str] | None = None
    only: Collection[str] | None = None

    def sought(self, assets: Sequence[AssetRef]) -> Sought:
        """Of every number in a list of assets: whether it is looked for, and whether it is known to be good."""
        wanted = np.fromiter((self._wants(asset) for asset in assets), np.bool_, len(assets))
        good = np.fromiter((asset.record_id in self.good for asset in assets), np.bool_, len(assets))
        return Sought(wanted=wanted, good=good)

    def _wants(self, asset: AssetRef) -> bool:
        in_force = self.records is None or asset.record_id in self.records
        return in_force and (self.only is None or asset.asset_id in self.only)


def look_alikes(
    examination: Examination, picture: PictureTrack, register: Pictures, policy: Floods
) -> Iterator[LookAlike]:
    """Every stretch that shows a registered picture, the closest look-alike of each asset; in order of time.

    An asset that is seen in `flood_places` stretches or more is marked: such a likeness may say nothing.
    """
    if examination.codes is None:
        return
    table = CodeTable.of(examination.codes)
    sampled = np.unique(table.seconds)
    step = float(np.median(np.diff(sampled))) if len(sampled) > 1 else 1.0
    whole = list(whole_stretches(register.whole, table, policy, register.sought(register.whole.assets)))
    parts: list[Stretch] = []
    if examination.features is not None:
        parts = list(
            part_stretches(
                register.parts,
                register.part_assets,
                examination.features,
                sampled,
                policy,
                register.sought(register.part_assets),
            )
        )
    found = together(whole, parts, step)
    places = Counter(stretch.asset for stretch in found)
    for stretch in found:
        yield _told(stretch, examination, picture, floods=places[stretch.asset] >= policy.flood_places)


def _told(stretch: Stretch, examination: Examination, picture: PictureTrack, *, floods: bool) -> LookAlike:
    segment = stretch.segment
    about = None if _is_whole(stretch) or stretch.part is None else _described(stretch.part, examination, picture)
    found = None if stretch.part is None else stretch.part.sighting
    asset_ends = sorted((segment.asset_first_seconds, segment.asset_last_seconds))
    return LookAlike(
        asset=stretch.asset,
        place=_place(stretch, examination, picture),
        asset_seconds_in=_exact(asset_ends[0]),
        asset_seconds_out=_exact(asset_ends[1]),
        best_seconds=_exact(_best(stretch)[0]),
        best_asset_seconds=_exact(_best(stretch)[1]),
        frames=segment.support,
        distance=None if stretch.whole is None else stretch.whole.distance,
        quality=100 if stretch.whole is None else stretch.whole.quality,
        region=about.region if about is not None else _region(stretch, picture),
        transform=", ".join([_transform(stretch, about, picture), *_timing(segment)]),
        polygon=about.polygon if about is not None else (),
        inliers=found.inliers if found is not None else 0,
        blocks_agreeing=found.found.agreeing if found is not None else 0,
        blocks_compared=found.found.compared if found is not None else 0,
        covered=about.covered if about is not None else 0.0,
        speed=segment.speed,
        passes=segment.passes,
        floods=floods,
    )


def _is_whole(stretch: Stretch) -> bool:
    """Whether the whole frame says it all."""
    mirrored = stretch.part is not None and stretch.part.sighting.view.mirrored
    return stretch.whole is not None and stretch.whole.distance <= _ONE_PICTURE and not mirrored


def _best(stretch: Stretch) -> tuple[float, float]:
    """The delivered and the registered time to show side by side."""
    if stretch.whole is not None:
        return stretch.whole.seconds, stretch.whole.asset_seconds
    if stretch.part is not None:
        return stretch.part.seconds, stretch.part.sighting.view.seconds
    return stretch.first, stretch.segment.asset_first_seconds


def _described(part: Part, examination: Examination, picture: PictureTrack) -> Described | None:
    if examination.features is None:
        return None
    view = part.sighting.view
    return described(
        part.sighting.found,
        registered=view.size,
        delivered=part.size,
        active=picture.region,
        mirrored=view.mirrored,
    )


def _region(stretch: Stretch, picture: PictureTrack) -> tuple[float, float, float, float]:
    return picture.region if stretch.whole is not None and stretch.whole.view == ACTIVE else WHOLE_FRAME


def _transform(stretch: Stretch, about: Described | None, picture: PictureTrack) -> str:
    """What was done to the registered picture, in words: by geometry where there is some, else by the views."""
    if about is not None:
        return about.words
    words = []
    if stretch.whole is not None:
        if stretch.whole.view == ACTIVE and stretch.whole.asset_view < FIRST_MATTE:
            words += boxed(picture.region)
        words += [VIEW_NAMES[view] for view in (stretch.whole.view, stretch.whole.asset_view) if view > WHOLE]
    return ", ".join(words) or "the whole picture"


def _timing(segment: Segment) -> list[str]:
    words = [_MOTIONS[segment.motion]] if segment.motion in _MOTIONS else []
    if segment.motion in (Motion.FORWARD, Motion.REVERSED) and abs(abs(segment.speed) - 1) > max(
        0.02, 3 * segment.speed_error
    ):
        words.append(f"at {percent(abs(segment.speed))} of its speed")
    if segment.passes > 1:
        words.append(f"shown {segment.passes} times in a row")
    return words


def _place(stretch: Stretch, examination: Examination, picture: PictureTrack) -> Place | None:
    if examination.kind is MediaKind.STILL and examination.coverage.frames_present <= 1:
        return None
    rate = picture.frame_rate or Fraction(24)
    return placed(
        _exact(stretch.first),
        _exact(stretch.last) + 1 / rate,
        picture,
        accuracy_frames=examination.coverage.sample_step - 1,
    )


def placed(first: Fraction, after: Fraction, picture: PictureTrack, *, accuracy_frames: int) -> Place:
    """A place from its first frame's time to the time of the first frame after it."""
    return Place(
        seconds_in=first,
        seconds_out=after,
        timecode_in=shown(first, picture.frame_rate, picture.start_timecode),
        timecode_out=shown(after, picture.frame_rate, picture.start_timecode),
        accuracy_frames=accuracy_frames,
    )


def _exact(seconds: float) -> Fraction:
    """Times came from ticks of a time base; a millionth is finer than any of those in use."""
    return Fraction(seconds).limit_denominator(1_000_000)
