"""Compares what was read with what the manifests of the delivery say, file by file and member by member."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from scanner.intake.claims import SOURCE, Amiss, Chunked, Claim, Claims
from scanner.intake.sums import SIZE
from scanner.model import Altered, Checked, Incomplete, Member, Unlisted, Unreadable

_MOST_AMISS = 100
_MOST_CHECKED = 20
_WORDS = {Unlisted: "not listed", Altered: "altered", Incomplete: "missing", Unreadable: "cannot be checked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of a file, or of the chunks of an asset: its size and checksums, by algorithm."""

    size: int
    sums: Mapping[str, bytes]


@dataclass(slots=True)
class _Told:
    """What is to be said of a member."""

    amiss: list[Amiss] = field(default_factory=list)
    agree: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, found: Iterable[Amiss | tuple[str, str]]) -> None:
        for each in found:
            if isinstance(each, tuple):
                self.agree[each] += 1
            else:
                self.amiss.append(each)


def verified(
    members: Iterable[Member], read: Mapping[str, Read], chunked: Mapping[str, Read], claims: Claims
) -> Iterator[Member]:
    """The members with what agrees and what is amiss. `read` is by name of file, `chunked` by id of asset.

    What is told of a file that is no member is told of the first member: nothing is lost.
    """
    members = list(members)
    amiss = dict(claims.amiss)
    by_first_chunk = {each.names[0]: each for each in claims.chunked.values()}
    told = []
    for member in members:
        about = _Told()
        for name in member.files:
            about.take(amiss.pop(name, ()))
            about.take(_compared(name, claims.wanted.get(name, ()), read.get(name)))
            about.take(_changed(name, member, claims))
            if name in by_first_chunk:
                about.take(_together(by_first_chunk[name], chunked))
        told.append(about)
    if told:
        told[0].take(each for rest in amiss.values() for each in rest)
    for member, about in zip(members, told, strict=True):
        yield replace(
            member,
            amiss=tuple(_first(about.amiss, member)),
            checked=tuple(_summed(about.agree)),
            asset_ids=tuple(dict.fromkeys(each for name in member.files for each in claims.asset_ids.get(name, ()))),
            composition=claims.compositions.get(member.name),
        )


def _compared(name: str, claims: Iterable[Claim], read: Read | None) -> Iterator[Amiss | tuple[str, str]]:
    """What of the claims on a file is so, and what is not; the same claim of several manifests is denied once."""
    if read is None:
        return
    denied: set[tuple[str, str]] = set()
    for claim in claims:
        yield from _compared_sums(name, claim, read, denied)
        expected = str(claim.size)
        if not _differs(claim, read) and claim.size not in (None, read.size) and (SIZE, expected) not in denied:
            denied.add((SIZE, expected))
            yield Altered(file=name, manifest=claim.manifest, algorithm=SIZE, expected=expected, found=str(read.size))


def _differs(claim: Claim, read: Read) -> bool:
    """Whether a checksum says already what a size would say again."""
    return any(
        not each.failed and each.algorithm in read.sums and each.shown(read.sums[each.algorithm]) != each.written
        for each in claim.sums
    )


def _compared_sums(
    name: str, claim: Claim, read: Read, denied: set[tuple[str, str]]
) -> Iterator[Amiss | tuple[str, str]]:
    for each in claim.sums:
        digest = read.sums.get(each.algorithm)
        if each.failed:
            continue
        if digest is None:
            why = f"{claim.manifest}: its checksum of {name} is of a kind that is not known here: {each.algorithm}"
            yield Unreadable(source=SOURCE, reason=why, partly=True)
        elif (found := each.shown(digest)) == each.written:
            yield claim.manifest, each.algorithm
        elif (each.algorithm, each.written) not in denied:
            denied.add((each.algorithm, each.written))
            yield Altered(
                file=name, manifest=claim.manifest, algorithm=each.algorithm, expected=each.written, found=found
            )


def _together(chunked: Chunked, read: Mapping[str, Read]) -> Iterator[Amiss | tuple[str, str]]:
    """The chunks of an asset as one."""
    name = f"{chunked.names[0]} and {len(chunked.names) - 1} more chunks"
    found = read.get(chunked.asset)
    if found is None:
        yield Unreadable(source=SOURCE, reason=f"{name}: not all of them could be read, so none was checked")
    yield from _compared(name, chunked.claims, found)


def _changed(name: str, member: Member, claims: Claims) -> Iterator[Amiss]:
    """A manifest must still be what it was when it was read as one."""
    before = claims.read.get(name)
    if before is not None and member.file_hashes and before not in member.file_hashes:
        yield Unreadable(source=SOURCE, reason=f"{name}: it changed after it was read")


def _first(amiss: list[Amiss], member: Member) -> Iterator[Amiss]:
    """The first of what is amiss, and how much more there is."""
    yield from amiss[:_MOST_AMISS]
    more = amiss[_MOST_AMISS:]
    for kind, words in _WORDS.items():
        count = sum(isinstance(each, kind) for each in more)
        if count:
            why = f"of what is told of {member.name}, {count} more: {words}"
            yield Unreadable(source=SOURCE, reason=why, partly=True)


def _summed(agree: Counter[tuple[str, str]]) -> Iterator[Checked]:
    """How many files agree with which manifest; of many manifests, the rest together."""
    for (manifest, algorithm), files in list(agree.items())[:_MOST_CHECKED]:
        yield Checked(manifest=manifest, algorithm=algorithm, files=files)
    rest: Counter[str] = Counter()
    for (_, algorithm), files in list(agree.items())[_MOST_CHECKED:]:
        rest[algorithm] += files
    for algorithm, files in rest.items():
        yield Checked(manifest="other manifests", algorithm=algorithm, files=files)
