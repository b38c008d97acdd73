"""The dimensions of an approval's scope, and whether material lies in them. Pure.

Narrowly, what is not known lies outside; broadly, it lies inside.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from scanner.model import Prominence, TimecodeRange
from scanner.policy.material import Made, Material
from scanner.policy.series import maybe_same_episode, same_episode, same_season
from scanner.policy.territories import covers, touches
from scanner.policy.versions import within

# The first and last frame in the name that intake gives to an image sequence.
_FRAMES = re.compile(r"\[\d+-\d+\]")
_TIMECODE = re.compile(r"[0-9]{1,2}(?:[:;.][0-9]{2,3}){3}")
_VERSION = re.compile(r"\s+v?\d")
_LAST_VERSION = re.compile(r"\s+v?(\d\S*)$")


# How much the story may rest on it, in order. Unknown is none of them: an approval up to a limit does not reach it.
_BY_PROMINENCE = (Prominence.INCIDENTAL, Prominence.STORY_RELEVANT, Prominence.PROMINENT)


class Reading(Enum):
    """How a scope is read: that of an approval narrowly, that of a denial broadly."""

    NARROW = "narrow"
    BROAD = "broad"

    @property
    def is_broad(self) -> bool:
        return self is Reading.BROAD


def _record(material: Material, records: tuple[str, ...], _: Reading) -> bool:
    return material.asset is not None and material.asset.record_id in records


def _asset(material: Material, assets: tuple[str, ...], _: Reading) -> bool:
    return material.asset is not None and material.asset.asset_id in assets


def _drop_class(material: Material, classes: tuple[str, ...], _: Reading) -> bool:
    return material.delivery.drop_class in classes


def _tools(material: Material, tools: tuple[str, ...], reading: Reading) -> bool:
    """All tools of its making; broadly, one of them."""
    return _some_or_all(reading)(any(_made_by(name, tools, reading) for name in made.names) for made in material.made)


def _made_by(tool: str, tools: tuple[str, ...], reading: Reading) -> bool:
    """The tool, with or without a version behind its name; broadly, "Firefly" is also "Firefly Video"."""
    made = tool.casefold()
    for name in (name.casefold() for name in tools if name):
        more = _VERSION.match(made, len(name)) or (reading.is_broad and made[len(name) :].startswith(" "))
        if made == name or (made.startswith(name) and more):
            return True
    return False


def _versions(material: Material, ranges: tuple[str, ...], reading: Reading) -> bool:
    """The version of every tool lies in a range; broadly, that of one does, or may."""
    return _some_or_all(reading)(_in_range(made, ranges, reading) for made in material.made)


def _in_range(made: Made, ranges: tuple[str, ...], reading: Reading) -> bool:
    version = made.version or next((found[1] for name in made.names if (found := _LAST_VERSION.search(name))), None)
    said = [within(version, stated) if version else None for stated in ranges]
    return True in said or (reading.is_broad and None in said)


def _versions_unknown(material: Material) -> str | None:
    known = all(made.version or any(map(_LAST_VERSION.search, made.names)) for made in material.made)
    return None if known else "the version of the tool is not known"


def _bytes(material: Material, hashes: tuple[str, ...], reading: Reading) -> bool:
    """These very bytes; broadly, a file of them, or the registered asset that they show."""
    wanted = {each.lower() for each in hashes}
    return bool(wanted & material.bytes) or (reading.is_broad and bool(wanted & material.parts))


def _season(material: Material, seasons: tuple[str, ...], reading: Reading) -> bool:
    season = material.delivery.season
    return reading.is_broad if season is None else any(same_season(each, season) for each in seasons)


def _episode(material: Material, episodes: tuple[str, ...], reading: Reading) -> bool:
    season, episode = material.delivery.season, material.delivery.episode
    if episode is None:
        return reading.is_broad
    same = maybe_same_episode if reading.is_broad else same_episode
    return any(same(each, season, episode) for each in episodes)


def _territories(material: Material, territories: tuple[str, ...], reading: Reading) -> bool:
    """Wherever it is shown; broadly, one of the places is, or may be, there."""
    if reading.is_broad:
        shown = material.territories
        return not shown or any(touches(shown, each) for each in territories)
    return bool(material.territories) and all(covers(territories, place) for place in material.territories)


def _vendor(material: Material, vendors: tuple[str, ...], reading: Reading) -> bool:
    vendor = material.delivery.vendor
    return (
        reading.is_broad
        if vendor is None
        else vendor.strip().casefold() in {each.strip().casefold() for each in vendors}
    )


def _prominence(material: Material, most: Prominence, reading: Reading) -> bool:
    """No more prominent than this. What is denied though it is hardly seen is denied all the more where it is."""
    if reading.is_broad or most is Prominence.PROMINENT:
        return True
    known = material.prominence in _BY_PROMINENCE and most in _BY_PROMINENCE
    return known and _BY_PROMINENCE.index(material.prominence) <= _BY_PROMINENCE.index(most)


def _some_or_all(reading: Reading) -> Callable[[Iterable[object]], bool]:
    return any if reading.is_broad else all


def _in_shot(material: Material, shots: tuple[str, ...], reading: Reading) -> bool:
    """A shot is known from the delivered name alone: where an asset was *meant* to go clears nothing.

    The innermost name that speaks of a shot decides: 043.mov in a folder 042 is in shot 043. Broadly, any name does.
    """
    path = [_FRAMES.sub("", name) for name in reversed([material.delivery.name, *material.member.split("/")])]
    return any(
        shot in said for shot in shots if shot for said in _shots_said(shot, path)[: None if reading.is_broad else 1]
    )


def _shots_said(shot: str, path: list[str]) -> list[list[str]]:
    """The shots of this one's pattern (a digit stands for any digit) that each name says; silent names are left out."""
    pattern = "".join(r"\d" if letter.isdecimal() else re.escape(letter) for letter in shot)
    like = re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])", re.IGNORECASE)
    return [said for name in path if (said := like.findall(name))]


def shots_told(delivery: str, member: str, like: str) -> list[str]:
    """The shots of this one's pattern that the innermost delivered name says which speaks of any."""
    path = [_FRAMES.sub("", name) for name in reversed([delivery, *member.split("/")])]
    return next(iter(_shots_said(like, path)), [])


def _named(material: Material, patterns: tuple[str, ...], _: Reading) -> bool:
    """By pattern, or letter by letter: the name of an image sequence has brackets, which patterns read otherwise."""
    said = (material.member, material.member.rpartition("/")[2], material.delivery.name)
    return any(name == pattern or fnmatchcase(name, pattern) for name in said for pattern in patterns)


def _timecodes(material: Material, ranges: tuple[TimecodeRange, ...], reading: Reading) -> bool:
    """The whole stretch lies in one range; broadly, a frame of it does.

    Timecodes of one rate stand in the order of their numbers (SMPTE ST 12), but not over midnight.
    """
    place = material.place
    if place is None:
        return False
    first, last = _counted(place.timecode_in), _counted(place.timecode_out)
    limits = [(_counted(r.first), _counted(r.last)) for r in ranges]
    if reading.is_broad:
        return not () < first < last or any(first < end and start < last for start, end in limits)
    return any(start and start <= first < last <= end for start, end in limits)


def _counted(timecode: str) -> tuple[int, ...]:
    """Hours, minutes, seconds, frames; nothing for what is not a timecode. Drop-frame or not is not told apart."""
    return tuple(map(int, re.split("[:;.]", timecode))) if _TIMECODE.fullmatch(timecode) else ()


def _known(_: Material) -> str | None:
    return None


def _if_missing(is_missing: Callable[[Material], bool], words: str) -> Callable[[Material], str | None]:
    return lambda material: words if is_missing(material) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension of a scope: its field, what it is called, whether material lies in it, what is not known."""

    name: str
    told: str
    holds: Callable[[Material, Any, Reading], bool]
    unknown: Callable[[Material], str | None] = _known


DIMENSIONS = (
    Dimension(name="records", told="records", holds=_record),
    Dimension(name="assets", told="assets", holds=_asset),
    Dimension(name="sha256", told="the bytes", holds=_bytes),
    Dimension(name="tools", told="tools", holds=_tools),
    Dimension(name="tool_versions", told="tool versions", holds=_versions, unknown=_versions_unknown),
    Dimension(name="drop_classes", told="class", holds=_drop_class),
    Dimension(
        name="seasons",
        told="seasons",
        holds=_season,
        unknown=_if_missing(lambda m: m.delivery.season is None, "the season of the delivery is not known"),
    ),
    Dimension(
        name="episodes",
        told="episodes",
        holds=_episode,
        unknown=_if_missing(lambda m: m.delivery.episode is None, "the episode of the delivery is not known"),
    ),
    Dimension(name="shots", told="shots", holds=_in_shot),
    Dimension(name="file_patterns", told="files", holds=_named),
    Dimension(name="timecodes", told="timecodes", holds=_timecodes),
    Dimension(
        name="territories",
        told="territories",
        holds=_territories,
        unknown=_if_missing(lambda m: not m.territories, "where the work is shown is not known"),
    ),
    Dimension(
        name="vendors",
        told="vendors",
        holds=_vendor,
        unknown=_if_missing(lambda m: m.delivery.vendor is None, "the vendor of the delivery is not known"),
    ),
    Dimension(
        name="max_prominence",
        told="prominence up to",
        holds=_prominence,
        unknown=_if_missing(
            lambda m: m.prominence not in _BY_PROMINENCE, "how much the story rests on it is not known"
        ),
    ),
)
