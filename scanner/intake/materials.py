"""Files that someone names to have them registered: the pieces of media at or below them, hashed, and what is none."""

import glob
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scanner.intake.hashing import sha256_of_sequence
from scanner.intake.sequences import ImageSequence, group, has_still_extension
from scanner.intake.stock import LITTER_REASON, path_of, take_stock
from scanner.intake.walk import why
from scanner.model import MediaKind, Member, Refused

_MOVING = ("mov", "mp4", "m4v", "mxf", "mkv", "webm", "avi", "mts", "m2ts", "mpg")
_SOUND = ("wav", "bwf", "aif", "aiff", "flac", "mp3", "m4a", "ogg", "oga", "opus", "aac")
_MOVING_OR_SOUND = frozenset(f".{name}" for name in (*_MOVING, *_SOUND))
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One still, clip, sound or image sequence. `name` is for people; the member's files lie at or below `root`."""

    name: str
    root: Path
    member: Member
    stamps: tuple[_Stamp, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRegistered:
    """Something that was named and is not registered. `skipped`: nobody would have expected it to be."""

    name: str
    reason: str
    skipped: bool = False


def materials(paths: Iterable[Path]) -> tuple[Material | NotRegistered, ...]:
    """What is at or below these paths; loose frames that are named together are one image sequence.

    A path that does not exist may be a pattern (`shot.*.exr`). Litter in folders is passed over without a word.
    """
    named = dict.fromkeys(path for pattern in paths for path in _expanded(pattern))
    folders = [path for path in named if path.is_dir() and not path.is_symlink()]
    found = [item for folder in folders for item in _in_folder(folder)]
    return (*found, *_loose([path for path in named if path not in folders]))


def changed(material: Material) -> bool:
    """Whether its files are not the ones any more that were hashed."""
    return _stamps(material.root, material.member) != material.stamps


def _expanded(path: Path) -> list[Path]:
    if os.path.lexists(path) or not glob.has_magic(path.name):
        return [path]
    matched = glob.glob(str(Path(glob.escape(str(path.parent))) / path.name))  # noqa: PTH207 - only the last part
    return [Path(each) for each in sorted(matched)] or [path]


def _in_folder(folder: Path) -> list[Material | NotRegistered]:
    try:
        members, refused = take_stock(folder, name=folder.name)
    except OSError as error:
        return [NotRegistered(name=str(folder), reason=why(error))]
    found: list[Material | NotRegistered] = [
        NotRegistered(name=str(folder / item.name), reason=item.reason)
        for item in refused
        if item.reason != LITTER_REASON
    ]
    found += [_taken(str(folder / member.name), folder, member, inside=True) for member in members]
    if all(isinstance(item, NotRegistered) and item.skipped for item in found):
        found.append(NotRegistered(name=str(folder), reason="no pictures or sound in it"))
    return found


def _loose(paths: Iterable[Path]) -> Iterator[Material | NotRegistered]:
    stills: dict[tuple[Path, str], dict[str, Member]] = defaultdict(dict)
    for path in paths:
        item = _single(path)
        if isinstance(item, Member) and item.kind is MediaKind.STILL:
            stills[path.parent, item.format][path.name] = item
        elif isinstance(item, Member):
            yield _taken(str(path), path, item, inside=False)
        else:
            yield NotRegistered(name=str(path), reason=item.reason, skipped=item.reason == LITTER_REASON)
    for (folder, _), by_leaf in stills.items():
        sequences, singles = group(by_leaf, lambda _: True)
        for sequence in sequences:
            yield _taken(str(folder / sequence.name), folder, _sequence(sequence, by_leaf), inside=False)
        for leaf in singles:
            yield _taken(str(folder / leaf), folder / leaf, by_leaf[leaf], inside=False)


def _single(path: Path) -> Member | Refused:
    if not os.path.lexists(path):
        return Refused(name=path.name, reason="no such file or folder")
    try:
        members, refused = take_stock(path, name=path.name)
    except OSError as error:
        return Refused(name=path.name, reason=why(error))
    return members[0] if members else refused[0]


def _sequence(sequence: ImageSequence, by_leaf: dict[str, Member]) -> Member:
    frames = [by_leaf[leaf] for leaf in sequence.files]
    file_hashes = tuple(frame.sha256 for frame in frames)
    return Member(
        name=sequence.name,
        kind=MediaKind.SEQUENCE,
        format=frames[0].format,
        files=sequence.files,
        size=sum(frame.size for frame in frames),
        sha256=sha256_of_sequence(file_hashes),
        file_hashes=file_hashes,
        gaps=sequence.gaps,
    )


def _taken(name: str, root: Path, member: Member, *, inside: bool) -> Material | NotRegistered:
    if member.kind is not MediaKind.OTHER:
        return Material(name=name, root=root, member=member, stamps=_stamps(root, member))
    ending = PurePosixPath(member.name).suffix.lower()
    expected = has_still_extension(member.name) or ending in _MOVING_OR_SOUND
    what = "nothing (0 bytes)" if member.format == "empty" else f"of the format {member.format}"
    reason = f"its content is {what}, not pictures or sound"
    return NotRegistered(name=name, reason=reason, skipped=inside and not expected)


def _stamps(root: Path, member: Member) -> tuple[_Stamp, ...]:
    return tuple(_stamp(path_of(root, file)) for file in member.files)


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
