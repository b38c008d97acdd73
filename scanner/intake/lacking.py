"""What a folder still lacks of what the manifests in it list. Manifests are read here, and nothing else is opened.

A name in a manifest is only ever compared with the names that the folder was seen to hold: one that leads out of the
folder (`..`, an absolute path) is not there. Hashes are not checked.
"""

import os
import re
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from scanner.intake.checksum_lists import checksum_list
from scanner.intake.held import Base, Folder, above, bases, is_generation, opened
from scanner.intake.listings import MOST_BYTES, Listed, asset_map, chain, hash_list, packing_list
from scanner.intake.records import UnreadableManifestError
from scanner.intake.walk import why
from scanner.settle import Look, is_litter, some

_T = TypeVar("_T")
_MOST_KEPT = 1000
_NAMED = 3
_GENERATION = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class _Listing:
    """The files that one manifest lists; their names start at one of `bases` ("" is the delivery's folder)."""

    manifest: str
    files: tuple[Listed, ...]
    bases: tuple[Base, ...]


class Manifests:
    """Reads the manifests of the deliveries in one drop folder, each once for as long as it stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists = _Reader(_files)
        self._asset_maps = _Reader(lambda data, _: asset_map(data))
        self._packing_lists = _Reader(lambda data, _: _sizes(data))

    def lacking(self, look: Look) -> str | None:
        """Why a folder is not whole by its manifests; None if it is, or has none."""
        root = self._folder / look.name
        try:
            folder = Folder(root)
            for manifest in _newest(look.manifests):
                listing = self._listing(root, manifest, folder)
                missing = _missing(folder, listing)
                if missing:
                    count = f"{len(missing)} of {len(listing.files)} files that {manifest!r} lists"
                    return f"waits for {count}: {some(missing, _NAMED)}"
        except UnreadableManifestError as error:
            return f"its manifest cannot be read yet: {error}"
        except OSError as error:
            return f"cannot be looked into: {why(error)}"
        for reader in (self._lists, self._asset_maps, self._packing_lists):
            reader.forget(root)
        return None

    def _listing(self, root: Path, manifest: str, folder: Folder) -> _Listing:
        leaf = manifest.rpartition("/")[2].lower()
        if leaf in ("assetmap", "assetmap.xml"):
            return _Listing(manifest, self._package(root, manifest, folder), (above(manifest),))
        files = self._lists.read(root, manifest)
        if leaf == "ascmhl_chain.xml":
            return _Listing(manifest, files, (above(manifest),))
        return _Listing(manifest, files, (above(manifest, 2),) if is_generation(manifest) else bases(manifest))

    def _package(self, root: Path, manifest: str, folder: Folder) -> tuple[Listed, ...]:
        """An AssetMap's files, with the sizes in its packing lists. What only a CPL names may have come earlier."""
        found = self._asset_maps.read(root, manifest)
        sizes: dict[str, int | None] = {}
        for asset in found.packing_lists:
            for listed in found.assets[asset]:
                place = folder.find(listed.name, above(manifest))
                if place is not None:
                    sizes.update(self._packing_lists.read(root, place.name))
        return tuple(
            Listed(listed.name, sizes.get(asset) if len(chunks) == 1 else listed.size)
            for asset, chunks in found.assets.items()
            for listed in chunks
        )


class _Reader(Generic[_T]):
    """Reads manifests of one kind, and keeps what the last ones said: a list that stays the same is parsed once."""

    def __init__(self, parsed: Callable[[bytes, str], _T]) -> None:
        self._parsed = parsed
        self._kept: OrderedDict[tuple[str, int, int, int], _T | UnreadableManifestError] = OrderedDict()
        self._kept_bytes = 0

    def read(self, root: Path, name: str) -> _T:
        """What a manifest below `root` says. Raises UnreadableManifestError with its name."""
        try:
            said = self._said(root, name)
        except OSError as error:
            said = UnreadableManifestError(why(error))
        if isinstance(said, UnreadableManifestError):
            msg = f"{name!r}: {said}"
            raise UnreadableManifestError(msg)
        return said

    def forget(self, root: Path) -> None:
        """Keep nothing of a delivery that is whole."""
        for key in [key for key in self._kept if key[0].startswith(f"{root.name}/")]:
            del self._kept[key]
            self._kept_bytes -= key[2]

    def _said(self, root: Path, name: str) -> _T | UnreadableManifestError:
        with os.fdopen(opened(root, name), "rb") as file:
            status = os.fstat(file.fileno())
            key = (f"{root.name}/{name}", status.st_ino, status.st_size, status.st_mtime_ns)
            said = self._kept.get(key)
            if said is None:
                said = self._parse(file.read(MOST_BYTES + 1) if stat.S_ISREG(status.st_mode) else b"", name)
                self._keep(key, said)
        self._kept.move_to_end(key)
        return said

    def _parse(self, data: bytes, name: str) -> _T | UnreadableManifestError:
        if len(data) > MOST_BYTES:
            return UnreadableManifestError(f"it is larger than {MOST_BYTES >> 20} MB")
        try:
            return self._parsed(data, name)
        except UnreadableManifestError as error:
            return error

    def _keep(self, key: tuple[str, int, int, int], said: _T | UnreadableManifestError) -> None:
        self._kept[key] = said
        self._kept_bytes += key[2]
        while len(self._kept) > 1 and (len(self._kept) > _MOST_KEPT or self._kept_bytes > MOST_BYTES):
            dropped, _ = self._kept.popitem(last=False)
            self._kept_bytes -= dropped[2]


def _files(data: bytes, name: str) -> tuple[Listed, ...]:
    """The files of any manifest that names them all by itself. Their checksums are passed over."""
    leaf = name.rpartition("/")[2]
    if leaf.lower() == "ascmhl_chain.xml":
        found = chain(data).all_files
    else:
        found = hash_list(data).all_files if leaf.lower().endswith(".mhl") else checksum_list(data, leaf=leaf).files
    return tuple(Listed(listed.name, listed.size) for listed in found)


def _sizes(data: bytes) -> dict[str, int | None]:
    return {asset: listed.size for asset, listed in packing_list(data).assets.items()}


def _missing(folder: Folder, listing: _Listing) -> list[str]:
    """What is not there, or not of its size, counted from the base where most is there; each in words."""
    fewest: list[str] | None = None
    for base in listing.bases:
        missing = [told for listed in listing.files if (told := _lack(folder, listed, base))]
        if fewest is None or len(missing) < len(fewest):
            fewest = missing
        if not missing:
            break
    return fewest or []


def _lack(folder: Folder, listed: Listed, base: Base) -> str | None:
    held = folder.find(listed.name, base)
    if held is None:
        return None if is_litter(listed.name) else repr(listed.name)
    if None in (listed.size, held.size) or listed.size == held.size:
        return None
    return f"{listed.name!r} ({held.size} of {listed.size} bytes)"


def _newest(manifests: Iterable[str]) -> list[str]:
    """Of the generations in an `ascmhl` folder only the newest counts: it lists what is to be there now."""
    newest: dict[str, str] = {}
    for manifest in manifests:
        key = manifest.rpartition("/")[0] if is_generation(manifest) else manifest
        if key not in newest or _generation(manifest) >= _generation(newest[key]):
            newest[key] = manifest
    return list(newest.values())


def _generation(manifest: str) -> int:
    number = _GENERATION.match(manifest.rpartition("/")[2])
    return int(number[0]) if number and len(number[0]) < 20 else 0
