"""What the examinations and the register together show: evidence, member by member. No policy, no media files."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from scanner.match.claims import stated
from scanner.match.heard import Sounds, heard_in
from scanner.match.lineage import Names, leads, looked_up
from scanner.match.look_alikes import Pictures, look_alikes
from scanner.match.names import suspect_names
from scanner.match.pictures import CodeTable
from scanner.media.formats import CONTAINERS, NAMING
from scanner.media.timecode import shown
from scanner.model import (
    AssetRef,
    Evidence,
    Examination,
    Heard,
    Identical,
    Incomplete,
    LookAlike,
    MediaKind,
    Member,
    MemberEvidence,
    Mention,
    PictureTrack,
    Policy,
    RegisterOutOfReach,
    RegisterState,
    Unreadable,
)

_MEDIA_ENDINGS = (
    *(".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".webm", ".avi", ".ts"),
    *(".wav", ".aif", ".aiff", ".flac", ".mp3", ".m4a"),
    *(
        ".jpg",
        ".jpeg",
        ".png",
        ".tif",
        ".tiff",
        ".webp",
        ".exr",
        ".dpx",
        ".psd",
        ".gif",
        ".heic",
        ".avif",
        ".jp2",
        ".dng",
    ),
)
_MOST_NAMED = 3
_TIMELINE_ENDINGS = (".edl", ".ale", ".otio", ".fcpxml", ".aaf")
_LAST_NUMBER = re.compile(r"([0-9]{1,9})\.[^.]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register as matching needs it: its state, pictures and names, and a way to ask for bytes by SHA-256."""

    state: RegisterState
    pictures: Pictures
    by_hash: Callable[[tuple[str, ...]], Mapping[str, AssetRef]]
    names: Names = field(default_factory=Names)
    sounds: Sounds = field(default_factory=Sounds)


def evidence_of(
    member: Member, examination: Examination, register: Register | RegisterOutOfReach | None, policy: Policy
) -> MemberEvidence:
    """All that is known of one member. No register (None) leaves only what the file says of itself."""
    seen: list[Evidence] = [*examination.observations, *_about_the_member(member, examination)]
    coverage = examination.coverage
    if examination.codes is not None:
        table = CodeTable.of(examination.codes)
        coverage = replace(coverage, frames_uninformative=table.uninformative_frames(policy.least_quality))
    if member.opened is not None:
        coverage = replace(coverage, notes=(*coverage.notes, *member.opened.notes))
    match register:
        case RegisterOutOfReach():
            seen.append(register)
        case Register():
            identical = list(_identical(member, register))
            seen += identical
            if not any(item.file == member.name for item in identical):
                seen += _look_alikes(member, examination, register, policy)
                seen += _heard(member, examination, register, policy)
            seen += leads(member, seen, register.names)
    names = register.names if isinstance(register, Register) else None
    coverage = replace(coverage, notes=(*coverage.notes, *looked_up(seen, names)))
    # Names that lead nowhere are many: they stay in the examination, where the next judgement looks them up.
    told = (stated(each, member, names) for each in seen if not isinstance(each, Mention))
    return MemberEvidence(member=member, coverage=coverage, evidence=tuple(told))


def _about_the_member(member: Member, examination: Examination) -> Iterator[Evidence]:
    yield from member.amiss
    for gap in member.gaps:
        numbers = str(gap.first) if gap.first == gap.last else f"{gap.first} to {gap.last}"
        yield Incomplete(missing=f"frame {numbers} of the image sequence")
    yield from _about_its_contents(member)
    yield from suspect_names(member, examination.observations)
    ending = PurePosixPath(member.name).suffix.lower()
    told = any(isinstance(item, Unreadable) for item in examination.observations)
    if examination.kind is MediaKind.OTHER and ending in _MEDIA_ENDINGS and not told:
        reason = f"it is named {ending} but its content is {examination.format}, not pictures or sound"
        yield Unreadable(source="file", reason=reason)
    if ending in _TIMELINE_ENDINGS and examination.format not in NAMING and not told:
        reason = f"it is named {ending} but its content is no timeline that is known here, but {examination.format}"
        yield Unreadable(source="file", reason=reason)


def _about_its_contents(member: Member) -> Iterator[Unreadable]:
    """What is, or may be, in a container and was not taken out. One that nobody has opened is never a pass."""
    if member.format not in CONTAINERS:
        return
    if member.opened is None:
        yield Unreadable(source="opening", reason="what is in it was not taken out", partly=True)
        return
    for reason in member.opened.unread:
        yield Unreadable(source="opening", reason=reason, partly=True)


def _identical(member: Member, register: Register) -> Iterator[Identical]:
    """The member itself, or single files of it."""
    hashes = dict(zip(member.file_hashes, member.files, strict=True)) | {member.sha256: member.name}
    told: set[str] = set()
    known = register.by_hash(tuple(hashes))
    for sha256 in (member.sha256, *member.file_hashes):
        asset = known.get(sha256)
        if asset is not None and asset.asset_id not in told:
            told.add(asset.asset_id)
            yield Identical(asset=asset, file=hashes[sha256])


def _look_alikes(member: Member, examination: Examination, register: Register, policy: Policy) -> Iterator[LookAlike]:
    picture = picture_of(member, examination)
    if picture is not None:
        found = look_alikes(examination, picture, register.pictures, policy)
        yield from sorted(found, key=lambda each: -each.alike)


def _heard(member: Member, examination: Examination, register: Register, policy: Policy) -> Iterator[Heard]:
    if examination.sounds:
        found = heard_in(examination, picture_of(member, examination), register.sounds, policy)
        yield from sorted(found, key=lambda each: -each.score)


def picture_of(member: Member, examination: Examination) -> PictureTrack | None:
    """The picture track. A sequence counts from its first file's number: 86400 is 01:00:00:00 at 24 a second."""
    picture = examination.picture
    number = _LAST_NUMBER.search(member.files[0]) if examination.kind is MediaKind.SEQUENCE else None
    if picture is None or number is None or picture.frame_rate is None:
        return picture
    start = shown(int(number[1]) / picture.frame_rate, picture.frame_rate, None)
    return replace(picture, start_timecode=start)
