"""ASC MHL: the generations of a history, its chain, what they list and what they say of earlier checks.

As the reference implementation verifies: what any generation lists must be there, under its newest name, and agree
with the checksums of all of them, but for those that record a failed check.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scanner.intake.claims import Claims
from scanner.intake.held import Folder, above, is_generation
from scanner.intake.ignoring import USUAL, Ignored
from scanner.intake.listings import Chain, HashList, chain, hash_list
from scanner.intake.manifest_reader import ManifestReader
from scanner.intake.records import UnreadableManifestError
from scanner.intake.sums import Sum
from scanner.model import Altered, Incomplete, Unlisted
from scanner.settle import is_litter

CHAIN = "ascmhl_chain.xml"
_NUMBER = re.compile(r"[0-9]{1,9}")
_MOST_RENAMED = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """A folder whose files a manifest lists all: those that it lists, and the names that it does not."""

    folder: str
    manifest: str
    listed: frozenset[str]
    ignored: Ignored

    def ignores(self, name: str) -> bool:
        """Whether a file, by its name in the delivery, need not be listed."""
        return name[len(self.folder) + 1 if self.folder else 0 :] in self.ignored


def is_of_history(name: str) -> bool:
    """Whether a file is a generation or a chain."""
    return is_generation(name) or name.rpartition("/")[2].lower() == CHAIN


def read_histories(folder: Folder, names: Iterable[str], reader: ManifestReader, claims: Claims) -> list[Scope]:
    """Read every history among some files. The scopes of those that could be read."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if is_of_history(name):
            by_folder[above(name)].append(name)
    scopes = []
    for files in by_folder.values():
        generations = sorted((name for name in files if is_generation(name)), key=_generation)
        chains = [name for name in files if name not in generations]
        _check_chain(folder, generations, chains, reader, claims)
        history = _History(folder, above(files[0], 2), claims)
        if generations and (scope := history.read(generations, reader)) is not None:
            scopes.append(scope)
    return scopes


def _generation(name: str) -> tuple[int, str]:
    number = _NUMBER.match(name.rpartition("/")[2])
    return (int(number[0]) if number else 0), name


def _check_chain(
    folder: Folder, generations: list[str], chains: list[str], reader: ManifestReader, claims: Claims
) -> None:
    """Every generation is in the chain, and is what the chain says."""
    if not chains and generations:
        missing = Incomplete(missing=f"{CHAIN}: nothing vouches for the generations of {above(generations[0])}")
        claims.amiss[generations[-1]].append(missing)
    for name in chains:
        found = reader.read(name, chain)
        if found is None:
            continue
        there = {listed: folder.file(listed.name, above(name)) for listed in found.all_files}
        for listed, held in there.items():
            if held is not None:
                claims.expect(held.name, name, listed)
        claims.missing(name, (*(listed.name for listed, held in there.items() if held is None), *_gaps(found)))
        chained = {held.name for held in there.values() if held is not None}
        for generation in generations:
            if generation not in chained:
                claims.amiss[generation].append(Unlisted(file=generation, manifest=name))


def _gaps(found: Chain) -> Iterator[str]:
    """Generations that a chain passes over."""
    numbers = {number for number, _ in found.generations if number is not None}
    if numbers and max(numbers) <= len(found.generations) + _MOST_RENAMED:
        yield from (f"generation {number}" for number in range(1, max(numbers)) if number not in numbers)
    elif numbers:
        yield f"generations up to {max(numbers)}"


@dataclass(slots=True)
class _History:
    """One history, as it is read generation by generation."""

    folder: Folder
    base: str
    claims: Claims
    listed: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    first: dict[tuple[str, str], str] = field(default_factory=dict)
    failed: dict[str, tuple[str, Sum]] = field(default_factory=dict)

    def read(self, generations: list[str], reader: ManifestReader) -> Scope | None:
        """Read its generations, the oldest first; None if one of them cannot be read."""
        found = [(name, said) for name in generations if (said := reader.read(name, hash_list)) is not None]
        for _, said in found:
            self.renamed |= {each.previous: each.name for each in said.files if each.previous}
        for name, said in found:
            self._add(name, said)
        patterns = next((said.ignored for _, said in reversed(found) if said.ignored), USUAL)
        try:
            ignored = Ignored(patterns)
        except UnreadableManifestError as error:
            self.claims.unreadable(generations[-1], str(error))
            return None
        self._tell_failed()
        self._tell_missing(ignored)
        if len(found) < len(generations):
            return None
        return Scope(self.base, generations[-1], frozenset(self.listed), ignored)

    def _add(self, name: str, said: HashList) -> None:
        for listed in said.all_files:
            held = self._find(listed.name)
            if held is None:
                self.missing[listed.name] = name
                continue
            self.listed.add(held)
            failed = next((each for each in listed.sums if each.failed), None)
            if failed is not None:
                self.failed[held] = (name, failed)
                continue
            self.failed.pop(held, None)
            for each in listed.sums:
                self.first.setdefault((held, each.algorithm), each.written)
            self.claims.expect(held, name, listed)

    def _find(self, name: str) -> str | None:
        """The file of this name, or of that which it was given later."""
        for _ in range(_MOST_RENAMED):
            held = self.folder.file(name, self.base)
            if held is not None:
                return held.name
            if name not in self.renamed:
                return None
            name = self.renamed[name]
        return None

    def _tell_failed(self) -> None:
        for file, (manifest, found) in self.failed.items():
            expected = self.first.get((file, found.algorithm), "that of an earlier generation")
            self.claims.amiss[file].append(
                Altered(
                    file=file,
                    manifest=manifest,
                    algorithm=found.algorithm,
                    expected=expected,
                    found=found.written,
                    recorded=True,
                )
            )

    def _tell_missing(self, ignored: Ignored) -> None:
        by_manifest: dict[str, list[str]] = defaultdict(list)
        for name, manifest in self.missing.items():
            if name not in ignored and not is_litter(name):
                by_manifest[manifest].append(name)
        for manifest, names in by_manifest.items():
            self.claims.missing(manifest, names)
