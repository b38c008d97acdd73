"""Taking stock of a delivery: its members by name, kind, size and hash, and what is refused.

Files that only *look* like litter are not believed: what carries a litter name and media inside is a member.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scanner.intake.claims import Claims
from scanner.intake.hashing import SHA256, Sums, read_through, sha256_of_sequence
from scanner.intake.held import opened
from scanner.intake.manifests import claims_of
from scanner.intake.sequences import ImageSequence, group
from scanner.intake.verifying import Read, verified
from scanner.intake.walk import Entry, walk, why
from scanner.media.formats import Format, sniff_open
from scanner.model import MediaKind, Member, Refused
from scanner.settle import LITTER, is_litter

LITTER_REASON = "litter: not part of the work, passed over"
_LARGEST_LITTER = 4 << 20
_LITTER_FORMATS = frozenset({"empty", "text", "gzip", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One regular file of a delivery."""

    name: str
    format: Format
    size: int
    sha256: str
    sums: Mapping[str, bytes]


def take_stock(
    root: Path,
    *,
    name: str,
    hashes: bool = True,
    on_progress: Callable[[int], None] | None = None,
    litter: Iterable[str] = LITTER,
) -> tuple[tuple[Member, ...], tuple[Refused, ...]]:
    """The members of the delivery at `root`, and what was not opened, both by name. Every file is read once.

    A folder's members are named below it; a single file's member is called `name`. What the manifests in it say is
    compared with what was read. `on_progress` is told all bytes hashed so far. Without `hashes` every hash is "", and
    nothing is compared. Raises OSError if the folder around `root` cannot be opened.
    """
    counted = _counter(on_progress) if hashes else None
    patterns = tuple(litter)
    claims = claims_of(root, patterns) if hashes else Claims()
    files: list[_File] = []
    refused: list[Refused] = []
    for found in walk(root, name=name):
        if found.name in claims.chunk_of:
            continue
        _sort(_taken(found, counted, patterns, claims.algorithms(found.name)), files, refused)
    chunked = {}
    for asset in claims.chunked.values():
        together = asset.sums()
        taken = [_chunk(root, chunk, counted, patterns, claims, together) for chunk in asset.names]
        for each in taken:
            _sort(each, files, refused)
        if all(isinstance(each, _File) for each in taken):
            size = sum(each.size for each in taken if isinstance(each, _File))
            chunked[asset.asset] = Read(size=size, sums=together.digests())
    read = {file.name: Read(size=file.size, sums=file.sums) for file in files}
    members = verified(_members(files), read, chunked, claims)
    return tuple(sorted(members, key=lambda member: member.name)), tuple(refused)


def _sort(taken: _File | Refused | None, files: list[_File], refused: list[Refused]) -> None:
    if isinstance(taken, _File):
        files.append(taken)
    elif taken is not None:
        refused.append(taken)


def _chunk(
    root: Path,
    name: str,
    counted: Callable[[int], None] | None,
    litter: Iterable[str],
    claims: Claims,
    together: Sums,
) -> _File | Refused:
    """One chunk of an asset: its checksums, and those of all chunks in their order."""
    try:
        with os.fdopen(opened(root, name), "rb", buffering=0) as file:
            return _read(name, file, counted, litter, claims.algorithms(name), together)
    except OSError as error:
        return Refused(name=name, reason=why(error))


def take_stock_of(files: Mapping[str, Path]) -> tuple[tuple[Member, ...], tuple[Refused, ...]]:
    """The same of single files, which are called as is told and lie anywhere: our own copies. Raises OSError."""
    taken: list[_File] = []
    refused: list[Refused] = []
    for name, path in files.items():
        with path.open("rb", buffering=0) as file:
            read = _read(name, file, _counter(None), LITTER)
        if isinstance(read, _File):
            taken.append(read)
        else:
            refused.append(read)
    return tuple(sorted(_members(taken), key=lambda member: member.name)), tuple(refused)


def path_of(root: Path, file: str) -> Path:
    """Where a member's file lies: below a folder, or the delivery itself if it is a single file."""
    return root / file if root.is_dir() else root


def _counter(on_progress: Callable[[int], None] | None) -> Callable[[int], None]:
    total = 0

    def count(size: int) -> None:
        nonlocal total
        total += size
        if on_progress is not None:
            on_progress(total)

    return count


def _taken(
    found: Entry | Refused,
    counted: Callable[[int], None] | None,
    litter: Iterable[str],
    algorithms: Iterable[str],
) -> _File | Refused | None:
    if isinstance(found, Refused):
        return found
    if found.is_folder:
        return None
    if reason := found.not_opened:
        return Refused(name=found.name, reason=reason)
    try:
        with found.open() as file:
            return _read(found.name, file, counted, litter, algorithms)
    except OSError as error:
        return Refused(name=found.name, reason=why(error))


def _read(
    name: str,
    file: BinaryIO,
    counted: Callable[[int], None] | None,
    litter: Iterable[str],
    algorithms: Iterable[str] = (),
    together: Sums | None = None,
) -> _File | Refused:
    before = os.fstat(file.fileno())
    form = sniff_open(file)
    if is_litter(name, litter) and form.name in _LITTER_FORMATS and before.st_size <= _LARGEST_LITTER:
        return Refused(name=name, reason=LITTER_REASON)
    own = Sums({SHA256, *algorithms})
    if counted is not None:
        read_through(file, (own, together) if together else (own,), counted)
    after = os.fstat(file.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return Refused(name=name, reason="changed while it was being read")
    sums = own.digests()
    sha256 = "" if counted is None else sums[SHA256].hex()
    return _File(name=name, format=form, size=before.st_size, sha256=sha256, sums=sums)


def _members(files: Iterable[_File]) -> Iterator[Member]:
    """Stills of one folder and one format are tried as sequences; everything else is a member of its own."""
    stills: dict[tuple[str, Format], dict[str, _File]] = defaultdict(dict)
    for file in files:
        if file.format.kind is MediaKind.STILL:
            folder, slash, leaf = file.name.rpartition("/")
            stills[folder + slash, file.format][leaf] = file
        else:
            yield _single(file)
    for (folder, _), by_leaf in stills.items():
        sequences, singles = group(by_leaf, lambda _: True)
        yield from (_sequence(folder, sequence, by_leaf) for sequence in sequences)
        yield from (_single(by_leaf[leaf]) for leaf in singles)


def _single(file: _File) -> Member:
    return Member(
        name=file.name,
        kind=file.format.kind,
        format=file.format.name,
        files=(file.name,),
        size=file.size,
        sha256=file.sha256,
        file_hashes=(file.sha256,),
    )


def _sequence(folder: str, sequence: ImageSequence, by_leaf: dict[str, _File]) -> Member:
    frames = [by_leaf[leaf] for leaf in sequence.files]
    file_hashes = tuple(frame.sha256 for frame in frames)
    return Member(
        name=folder + sequence.name,
        kind=MediaKind.SEQUENCE,
        format=frames[0].format.name,
        files=tuple(frame.name for frame in frames),
        size=sum(frame.size for frame in frames),
        sha256=sha256_of_sequence(file_hashes) if all(file_hashes) else "",
        file_hashes=file_hashes,
        gaps=sequence.gaps,
    )
