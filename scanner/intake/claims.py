"""What the manifests of a delivery say its files are: gathered before the files are read, compared when they are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scanner.intake.hashing import Sums
from scanner.intake.listings import Listed
from scanner.intake.sums import Sum
from scanner.model import Altered, Composition, Incomplete, Unlisted, Unreadable

Amiss = Altered | Unlisted | Incomplete | Unreadable
SOURCE = "manifest"
_MOST_MISSING = 50
_MOST_TOLD = 1000
_MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Claim:
    """What one manifest says one file is."""

    manifest: str
    size: int | None
    sums: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Chunked:
    """An asset in several files, in their order, and what a manifest says that they are together."""

    asset: str
    names: tuple[str, ...]
    claims: list[Claim] = field(default_factory=list)

    def sums(self) -> Sums:
        """The checksums that are asked for."""
        return Sums(_algorithms(self.claims))


@dataclass(slots=True)
class Claims:
    """All that is claimed, by the name of the file that it is about.

    `amiss`: what is wrong as far as names tell; `read`: SHA-256 of the manifests as they were read; `chunk_of`: the
    asset that a file is a chunk of.
    """

    wanted: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    chunked: dict[str, Chunked] = field(default_factory=dict)
    amiss: dict[str, list[Amiss]] = field(default_factory=lambda: defaultdict(list))
    chunk_of: dict[str, str] = field(default_factory=dict)
    asset_ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    compositions: dict[str, Composition] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)

    def algorithms(self, name: str) -> frozenset[str]:
        """What has to be computed of a file, beside its SHA-256."""
        return _algorithms(self.wanted.get(name, ()))

    def expect_chunks(self, asset: str, names: tuple[str, ...]) -> bool:
        """Have files read one after the other as one asset; False if one of them is in another, or in it twice."""
        known = self.chunked.get(asset)
        if known is None:
            if len(set(names)) < len(names) or any(name in self.chunk_of for name in names):
                return False
            self.chunked[asset] = known = Chunked(asset, names)
            self.chunk_of |= dict.fromkeys(names, asset)
        return known.names == names

    def expect(self, name: str, manifest: str, listed: Listed) -> None:
        """A manifest says what this file is."""
        if listed.size is not None or listed.sums:
            self.wanted[name].append(Claim(manifest, listed.size, listed.sums))

    def missing(self, manifest: str, names: Iterable[str]) -> None:
        """A manifest lists files that are not there. The first are told by name."""
        names = list(dict.fromkeys(names))
        self.amiss[manifest] += [
            Incomplete(missing=f"{name[:_MOST_SHOWN]} (listed in {manifest})") for name in names[:_MOST_MISSING]
        ]
        if len(names) > _MOST_MISSING:
            told = f"{len(names) - _MOST_MISSING} more files (listed in {manifest})"
            self.amiss[manifest].append(Incomplete(missing=told))

    def unreadable(self, manifest: str, why: str, *, partly: bool = False) -> None:
        """A manifest cannot be read, or not in all."""
        if len(self.amiss[manifest]) < _MOST_TOLD:
            self.amiss[manifest].append(Unreadable(source=SOURCE, reason=f"{manifest}: {why}", partly=partly))


def _algorithms(claims: Iterable[Claim]) -> frozenset[str]:
    return frozenset(_asked(claims))


def _asked(claims: Iterable[Claim]) -> Iterator[str]:
    return (each.algorithm for claim in claims for each in claim.sums if each.is_known and not each.failed)
