"""What a folder still lacks of what the manifests in it list. Manifests are read here, and nothing else is opened.

A name in a manifest is only ever compared with the names that the folder was seen to hold: one that leads out of the
folder (`..`, an absolute path) is not there. Hashes are not checked.
"""

import os
import re
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from unicodedata import normalize
from urllib.parse import unquote

from scanner.intake.listings import (
    MOST_BYTES,
    Listed,
    UnreadableManifestError,
    asset_map,
    chain_files,
    checksum_files,
    mhl_files,
    packing_list_sizes,
)
from scanner.intake.walk import Entry, walk, why
from scanner.settle import Look, is_litter, some

_T = TypeVar("_T")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_MOST_ENTRIES = 500_000
_MOST_KEPT = 1000
_NAMED = 3
_GENERATION = re.compile(r"[0-9]+")
# A base of names that start with the delivery's own name: the list was made from the folder around it.
_AROUND = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The files that one manifest lists; their names start at one of `bases` ("" is the delivery's folder)."""

    manifest: str
    files: tuple[Listed, ...]
    bases: tuple[str | None, ...]


class Manifests:
    """Reads the manifests of the deliveries in one drop folder, each once for as long as it stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists = _Reader(_files)
        self._asset_maps = _Reader(lambda data, _: asset_map(data))
        self._packing_lists = _Reader(lambda data, _: packing_list_sizes(data))

    def lacking(self, look: Look) -> str | None:
        """Why a folder is not whole by its manifests; None if it is, or has none."""
        root = self._folder / look.name
        try:
            held = _Held(root)
            for manifest in _newest(look.manifests):
                listing = self._listing(root, manifest, held)
                missing = held.missing(listing)
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

    def _listing(self, root: Path, manifest: str, held: "_Held") -> _Listing:
        above, _, leaf = manifest.rpartition("/")
        bases: tuple[str | None, ...]
        if leaf.lower() in ("assetmap", "assetmap.xml"):
            files, bases = self._package(root, manifest, held), (above,)
        else:
            files, bases = self._lists.read(root, manifest), (*_upwards(above), _AROUND)
        if leaf.lower() == "ascmhl_chain.xml":
            bases = (above,)
        elif _is_ascmhl(manifest):
            bases = (above.rpartition("/")[0],)
        return _Listing(manifest=manifest, files=files, bases=bases)

    def _package(self, root: Path, manifest: str, held: "_Held") -> tuple[Listed, ...]:
        """An AssetMap's files, with the sizes in its packing lists. What only a CPL names may have come earlier."""
        above = manifest.rpartition("/")[0]
        found = self._asset_maps.read(root, manifest)
        sizes: dict[str, int | None] = {}
        for asset in found.packing_lists:
            for listed in found.assets[asset]:
                place = held.place(listed.name, above)
                if place is not None:
                    sizes.update(self._packing_lists.read(root, place.name))
        return tuple(
            Listed(listed.name, sizes.get(asset) if len(chunks) == 1 else listed.size)
            for asset, chunks in found.assets.items()
            for listed in chunks
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A file or folder that is there: its name on disk, and a file's size."""

    name: str
    size: int | None


class _Held:
    """What a delivery's folder holds, by name, however its letters are composed (macOS takes é apart)."""

    def __init__(self, root: Path) -> None:
        self._root = root.name
        self._places: dict[str, _Place] = {}
        for found in walk(root, name="", most=_MOST_ENTRIES):
            if isinstance(found, Entry) and (found.is_file or found.is_folder):
                size = found.status.st_size if found.is_file else None
                self._places[_composed(found.name)] = _Place(found.name, size)

    def place(self, name: str, base: str | None) -> _Place | None:
        """Where a listed file is, its name counted from `base`; None if it is not there."""
        for reading in _readings(name):
            path = self._inside(reading, base)
            if path is not None and path in self._places:
                return self._places[path]
        return None

    def missing(self, listing: _Listing) -> list[str]:
        """What is not there, or not of its size, counted from the base where most is there; each in words."""
        fewest: list[str] | None = None
        for base in listing.bases:
            missing = [told for listed in listing.files if (told := self._missing(listed, base))]
            if fewest is None or len(missing) < len(fewest):
                fewest = missing
            if not missing:
                break
        return fewest or []

    def _missing(self, listed: Listed, base: str | None) -> str | None:
        place = self.place(listed.name, base)
        if place is None:
            return None if is_litter(listed.name) else repr(listed.name)
        if None in (listed.size, place.size) or listed.size == place.size:
            return None
        return f"{listed.name!r} ({place.size} of {listed.size} bytes)"

    def _inside(self, name: str, base: str | None) -> str | None:
        """The name below the delivery's folder, or None if it leads out of it."""
        if name.startswith("/"):
            return None
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if base is _AROUND:
            if parts[:1] != [self._root]:
                return None
            parts = parts[1:]
        elif base:
            parts = [base, *parts]
        return None if ".." in parts else _composed("/".join(parts))


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
        with os.fdopen(_opened(root, name), "rb") as file:
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
    """The files of any manifest that names them all by itself."""
    leaf = name.rpartition("/")[2]
    if leaf.lower() == "ascmhl_chain.xml":
        return chain_files(data)
    return mhl_files(data) if leaf.lower().endswith(".mhl") else checksum_files(data, leaf=leaf)


def _newest(manifests: Iterable[str]) -> list[str]:
    """Of the generations in an `ascmhl` folder only the newest counts: it lists what is to be there now."""
    newest: dict[str, str] = {}
    for manifest in manifests:
        key = manifest.rpartition("/")[0] if _is_ascmhl(manifest) else manifest
        if key not in newest or _generation(manifest) >= _generation(newest[key]):
            newest[key] = manifest
    return list(newest.values())


def _is_ascmhl(manifest: str) -> bool:
    folder, _, leaf = manifest.lower().rpartition("/")
    return leaf.endswith(".mhl") and folder.rpartition("/")[2] == "ascmhl"


def _generation(manifest: str) -> int:
    number = _GENERATION.match(manifest.rpartition("/")[2])
    return int(number[0]) if number and len(number[0]) < 20 else 0


def _upwards(folder: str) -> Iterator[str]:
    """A folder and those above it, up to the delivery's own (""). Lists lie beside or below what they list."""
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _readings(name: str) -> Iterator[str]:
    """A name as written, then as Windows tools and URIs may have meant it."""
    yield name
    if "\\" in name:
        yield name.replace("\\", "/")
    if "%" in name or name.startswith("file://"):
        yield unquote(name.removeprefix("file://"), errors="surrogateescape")


def _composed(name: str) -> str:
    return name if name.isascii() else normalize("NFC", name)


def _opened(root: Path, name: str) -> int:
    """Open a file below `root` without following a link on the way. Raises OSError."""
    *folders, leaf = name.split("/")
    here = os.open(root, _FOLDER)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(leaf, _FILE, dir_fd=here)
    finally:
        os.close(here)
