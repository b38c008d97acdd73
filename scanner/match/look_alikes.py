"""What of a delivered track looks like registered material: stretches, told as evidence with place and explanation."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isfinite, log
from typing import Protocol

import numpy as np

from scanner.fingerprint.align import Motion, Segment
from scanner.fingerprint.bends import paces
from scanner.fingerprint.describe import (
    WHOLE_FRAME,
    Described,
    Region,
    boxed,
    cropped_to,
    described,
    percent,
    squeezed,
)
from scanner.fingerprint.edged import is_upright
from scanner.fingerprint.names import ACTIVE, ASPECTS, FIRST_MATTE, VIEW_NAMES, WHOLE
from scanner.fingerprint.strips import part_at_angle
from scanner.match.drift import Course
from scanner.match.enclosed import Enclosed
from scanner.match.framing import Framing, Shapes, registered_area
from scanner.match.local import BEYOND_DOUBT, LocalIndex, delivered_picture, registered_picture
from scanner.match.pictures import CodeTable, PictureIndex
from scanner.match.stretches import Part, Sought, Stretch, Thresholds, Whole, part_stretches, together, whole_stretches
from scanner.media.timecode import shown
from scanner.model import AssetRef, Examination, LookAlike, MediaKind, PictureTrack, Place

_MOTIONS = {
    Motion.REVERSED: "in reverse",
    Motion.FREEZE: "one frame of it held",
}
# Whole frames that differ by no more bits are one picture: a part of it that was found a few frames off in a moving
# shot has nothing to add.
_ONE_PICTURE = 16
# What fills so much of the picture is no accident.
_MUCH = 0.5
# What is said of one frame of a picture over which a camera moves.
_OF_ONE_FRAME = ("punched in", VIEW_NAMES[ACTIVE])
_SIZE_IN_ONE = "of the frame's width"
# Logarithms of shapes: what is clear without geometry, since dark edges count as mattes, and what geometry confirms.
_CLEARLY_SQUEEZED, _SAME_SQUEEZE = 0.14, 0.06


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
    course = Course.of(table)
    step = float(np.median(np.diff(course.sampled))) if len(course.sampled) > 1 else 1.0
    sought = register.sought(register.whole.assets)
    whole = list(whole_stretches(register.whole, table, policy, sought))
    parts: list[Stretch] = []
    if examination.features is not None:
        parts = list(
            part_stretches(
                register.parts,
                register.part_assets,
                examination.features,
                course,
                policy,
                register.sought(register.part_assets),
                Enclosed(
                    whole=register.whole,
                    parts=register.parts,
                    assets=register.part_assets,
                    wanted=sought.wanted,
                ),
            )
        )
    found = together(whole, parts, step)
    places = Counter(stretch.asset for stretch in found)
    known = zip(register.whole.assets, register.whole.durations, strict=True)
    durations = {asset: duration for asset, duration in known if asset in places}
    framing = Framing.of(table, examination.features, picture)
    shapes = Shapes(parts=register.parts, assets=register.part_assets)
    for stretch in found:
        often = places[stretch.asset] >= policy.flood_places
        looks = _looks(stretch, framing, shapes)
        floods = often and not _is_beyond_doubt(stretch)
        ends = _asset_ends(stretch, durations.get(stretch.asset, 0.0))
        yield _told(stretch, examination, picture, looks, ends, floods=floods)


def _is_beyond_doubt(stretch: Stretch) -> bool:
    """What is there this clearly is there, however often."""
    return stretch.part is not None and stretch.part.sighting.score >= BEYOND_DOUBT


def _told(
    stretch: Stretch,
    examination: Examination,
    picture: PictureTrack,
    looks: Described,
    asset_ends: tuple[float, float],
    *,
    floods: bool,
) -> LookAlike:
    segment = stretch.segment
    found = None if stretch.part is None else stretch.part.sighting
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
        region=looks.region,
        transform=", ".join([*_looking(looks, stretch), *_timing(segment)]),
        polygon=looks.polygon,
        inliers=found.inliers if found is not None else 0,
        blocks_agreeing=found.found.agreeing if found is not None else 0,
        blocks_compared=found.found.compared if found is not None else 0,
        covered=looks.covered,
        enclosed_distance=found.bits if found is not None and stretch.whole is None else None,
        speed=segment.speed if isfinite(segment.speed_error) else None,
        speeds=segment.speeds,
        passes=segment.passes,
        floods=floods,
    )


def _asset_ends(stretch: Stretch, duration: float) -> tuple[float, float]:
    """The part of the asset, which is `duration` seconds long, that is shown. It ran on for as long as it was seen."""
    segment = stretch.segment
    first, last = segment.asset_first_seconds, segment.asset_last_seconds
    latest = max(duration, first, last)
    if segment.motion in (Motion.FORWARD, Motion.REVERSED, Motion.CHANGING) and segment.passes == 1:
        speeds = segment.speeds or (segment.speed,)
        first += speeds[0] * (stretch.first - segment.first_seconds)
        last += speeds[-1] * (stretch.last - segment.last_seconds)
    ends = sorted(min(max(end, 0.0), latest) for end in (first, last))
    return ends[0], ends[1]


def _looks(stretch: Stretch, framing: Framing, shapes: Shapes) -> Described:
    """What was done to the registered picture and where it is: by geometry where there is some, else by the views."""
    about = None if stretch.part is None else _described(stretch.part, framing)
    if stretch.whole is None:
        return about or Described(words=VIEW_NAMES[ACTIVE], polygon=(), region=WHOLE_FRAME, covered=0.0)
    region = framing.at(stretch.whole.seconds) if stretch.whole.view == ACTIVE else WHOLE_FRAME
    if shapes.is_as_registered(stretch.asset, stretch.whole, region):
        region = WHOLE_FRAME
    elif about is not None and stretch.part is not None and about.active != framing.of_part(stretch.part):
        region = about.active if stretch.whole.view == ACTIVE else WHOLE_FRAME
    if about is not None and stretch.part is not None:
        mirrored = stretch.part.sighting.view.mirrored
        # By accident a few features of a picture resemble its mirror image too.
        is_flopped = mirrored and _area(about.region) >= _MUCH * _area(region)
        if is_flopped or stretch.whole.distance > _ONE_PICTURE:
            return about
        about = None if mirrored else about
    squeeze = _squeeze(stretch, stretch.whole, about, framing.size(stretch.whole.seconds), region, shapes)
    words = [*squeezed(squeeze), *_views(stretch.whole, region)]
    return Described(words=", ".join(words) or VIEW_NAMES[ACTIVE], polygon=(), region=region, covered=0.0)


def _squeeze(
    stretch: Stretch,
    whole: Whole,
    about: Described | None,
    size: tuple[int, int] | None,
    region: Region,
    shapes: Shapes,
) -> float:
    """The delivered picture's shape against the registered one's: a code of 64 by 64 is the same for any shape."""
    known = shapes.of(stretch.asset, whole)
    if size is None or known is None or whole.view not in (ACTIVE, WHOLE):
        return 1.0
    shape = region[2] * size[0] / (region[3] * size[1]) / known
    if about is None:
        return shape if abs(log(shape)) > _CLEARLY_SQUEEZED else 1.0
    return about.squeeze if abs(log(shape / about.squeeze)) < _SAME_SQUEEZE else 1.0


def _area(region: Region) -> float:
    return region[2] * region[3]


def _best(stretch: Stretch) -> tuple[float, float]:
    """The delivered and the registered time to show side by side."""
    if stretch.whole is not None:
        return stretch.whole.seconds, stretch.whole.asset_seconds
    if stretch.part is not None:
        return stretch.part.seconds, stretch.part.sighting.view.seconds
    return stretch.first, stretch.segment.asset_first_seconds


def _described(part: Part, framing: Framing) -> Described:
    view = part.sighting.view
    about = described(
        part.sighting.found,
        registered=view.size,
        delivered=part.size,
        active=framing.of_part(part),
        own_active=registered_area(view),
        mirrored=view.mirrored,
        enclosed=part.sighting.box,
        cut=_cut(part, framing),
    )
    if not part.sighting.negative:
        return about
    rest = [] if about.words == VIEW_NAMES[ACTIVE] else [about.words]
    return replace(about, words=", ".join(["in negative", *rest]))


def _cut(part: Part, framing: Framing) -> Region | None:
    """What is left of a picture that is seen at an angle; of an upright one edges tell."""
    sighting, frame = part.sighting, framing.frame_of(part)
    own = registered_picture(sighting.view)
    if frame is None or sighting.box is not None or sighting.negative or is_upright(sighting.found, own.canon):
        return None
    return part_at_angle(delivered_picture(frame), own, sighting.found.homography)


def _views(whole: Whole, region: Region) -> list[str]:
    """What the views say that are alike."""
    black = boxed(region) if whole.view == ACTIVE else []
    told = [VIEW_NAMES[whole.view]] if whole.view > WHOLE else []
    if whole.asset_view < FIRST_MATTE:
        return [*black, *told]
    # What a matte would leave of a picture fills a frame of that shape: no matte is seen there.
    return [*told, VIEW_NAMES[whole.asset_view] if black else cropped_to(ASPECTS[whole.asset_view - FIRST_MATTE])]


def _looking(looks: Described, stretch: Stretch) -> list[str]:
    """What was done to the picture; how a camera moved over it, instead of what one frame of that shows."""
    if stretch.drift is None:
        return [looks.words]
    words = [word for word in looks.words.split(", ") if not word.startswith(_OF_ONE_FRAME)]
    grows = stretch.drift.within and stretch.drift.begins != stretch.drift.ends
    return [*(word for word in words if not grows or not word.endswith(_SIZE_IN_ONE)), stretch.drift.words]


def _timing(segment: Segment) -> list[str]:
    words = [_MOTIONS[segment.motion]] if segment.motion in _MOTIONS else []
    if segment.speeds:
        words += paces(segment.speeds)
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
