"""Whether AI material lies in the scope of an escalation. An approval is read narrowly, a denial broadly. Pure."""

import re
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from scanner.model import Approval, ApprovalStatus, AssetRef, Delivery, Place, TimecodeRange

# The first and last frame in the name that intake gives to an image sequence.
_FRAMES = re.compile(r"\[\d+-\d+\]")
_TIMECODE = re.compile(r"[0-9]{1,2}(?:[:;.][0-9]{2,3}){3}")
_VERSION = re.compile(r"\s+v?\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """AI material as an approval sees it: what it is, made by what, and where it was delivered."""

    delivery: Delivery
    member: str
    asset: AssetRef | None
    tool: str | None
    place: Place | None


def outside(approval: Approval, material: Material) -> str | None:
    """Which filled dimension of the scope this material lies outside of, in words; None when inside all of them."""
    scope, delivery = approval.scope, material.delivery
    record = material.asset.record_id if material.asset else None
    asset = material.asset.asset_id if material.asset else None
    broadly = approval.status is ApprovalStatus.DENIED
    made = _made_by(material.tool, scope.tools, broadly=broadly)
    shown = _in_shot(material, scope.shots, broadly=broadly)
    when = _within(material.place, scope.timecodes, broadly=broadly)
    tests = (
        (scope.records, record in scope.records, "records " + ", ".join(scope.records)),
        (scope.assets, asset in scope.assets, "assets " + ", ".join(scope.assets)),
        (scope.tools, made, "tools " + ", ".join(scope.tools)),
        (scope.drop_classes, delivery.drop_class in scope.drop_classes, "class " + ", ".join(scope.drop_classes)),
        (scope.shots, shown, "shots " + ", ".join(scope.shots)),
        (scope.file_patterns, _named(material, scope.file_patterns), "files " + ", ".join(scope.file_patterns)),
        (scope.timecodes, when, "timecodes " + ", ".join(map(_stretch, scope.timecodes))),
    )
    return next((f"it is for {what} only" for filled, inside, what in tests if filled and not inside), None)


def names(approval: Approval, material: Material) -> bool:
    """Whether the scope names this very record or asset."""
    if material.asset is None:
        return False
    return material.asset.record_id in approval.scope.records or material.asset.asset_id in approval.scope.assets


def pins(approval: Approval) -> frozenset[str]:
    """The dimensions that its scope fills; an asset pins down its record too."""
    filled = frozenset(field.name for field in fields(approval.scope) if getattr(approval.scope, field.name))
    return filled | {"records"} if "assets" in filled else filled


def _made_by(tool: str | None, tools: tuple[str, ...], *, broadly: bool) -> bool:
    """The tool, with or without a version behind its name; broadly, "Firefly" is also "Firefly Video"."""
    made = (tool or "").casefold()
    for name in (name.casefold() for name in tools if name):
        more = _VERSION.match(made, len(name)) or (broadly and made[len(name) :].startswith(" "))
        if made == name or (made.startswith(name) and more):
            return True
    return False


def _in_shot(material: Material, shots: tuple[str, ...], *, broadly: bool) -> bool:
    """A shot is known from the delivered name alone: where an asset was *meant* to go clears nothing.

    The innermost name that speaks of a shot decides: 043.mov in a folder 042 is in shot 043. Broadly, any name does.
    """
    path = [_FRAMES.sub("", name) for name in reversed([material.delivery.name, *material.member.split("/")])]
    return any(shot in said for shot in shots if shot for said in _shots_said(shot, path)[: None if broadly else 1])


def _shots_said(shot: str, path: list[str]) -> list[list[str]]:
    """The shots of this one's pattern (a digit stands for any digit) that each name says; silent names are left out."""
    pattern = "".join(r"\d" if letter.isdecimal() else re.escape(letter) for letter in shot)
    like = re.compile(rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])", re.IGNORECASE)
    return [said for name in path if (said := like.findall(name))]


def _named(material: Material, patterns: tuple[str, ...]) -> bool:
    """By pattern, or letter by letter: the name of an image sequence has brackets, which patterns read otherwise."""
    said = (material.member, material.member.rpartition("/")[2], material.delivery.name)
    return any(name == pattern or fnmatchcase(name, pattern) for name in said for pattern in patterns)


def _within(place: Place | None, ranges: tuple[TimecodeRange, ...], *, broadly: bool) -> bool:
    """The whole stretch lies in one range; broadly, a frame of it does.

    Timecodes of one rate stand in the order of their numbers (SMPTE ST 12), but not over midnight.
    """
    if place is None:
        return False
    first, last = _counted(place.timecode_in), _counted(place.timecode_out)
    limits = [(_counted(r.first), _counted(r.last)) for r in ranges]
    if broadly:
        return not () < first < last or any(first < end and start < last for start, end in limits)
    return any(start and start <= first < last <= end for start, end in limits)


def _counted(timecode: str) -> tuple[int, ...]:
    """Hours, minutes, seconds, frames; nothing for what is not a timecode. Drop-frame or not is not told apart."""
    return tuple(map(int, re.split("[:;.]", timecode))) if _TIMECODE.fullmatch(timecode) else ()


def _stretch(timecodes: TimecodeRange) -> str:
    return f"{timecodes.first} to {timecodes.last}"
