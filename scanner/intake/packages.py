"""IMF and DCP packages: the asset map says where every asset is, the packing lists what it must be.

SMPTE ST 429-8 and 429-9, ST 2067-2, and the older forms of Interop packages. Several packing lists, assets in chunks,
and several packages in one delivery. What only a composition names may be of an earlier delivery (supplemental IMP).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from scanner.intake.claims import Claim, Claims
from scanner.intake.compositions import composition
from scanner.intake.held import Folder, above
from scanner.intake.histories import Scope
from scanner.intake.ignoring import Ignored
from scanner.intake.listings import AssetMap, Listed, PackingList, asset_map, packing_list
from scanner.intake.manifest_reader import ManifestReader
from scanner.model import Incomplete, Unlisted

ASSET_MAPS = ("assetmap", "assetmap.xml")
_VOLUME_INDEX = ("VOLINDEX", "VOLINDEX.xml")
_URN = "urn:uuid:"
_MOST_PACKAGES = 64
_MOST_TOLD = 20
_MOST_NAMED = 3
_MOST_COMPOSITIONS = 500
_LARGEST_COMPOSITION = 32 << 20


@dataclass(slots=True)
class _Package:
    """One asset map and where it places its assets: by id, those of which all files are there; and all files."""

    manifest: str
    said: AssetMap
    placed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    packing_lists: dict[str, PackingList] = field(default_factory=dict)
    is_read: bool = True


def read_packages(
    folder: Folder, names: Iterable[str], roots: Mapping[str, str | None], reader: ManifestReader, claims: Claims
) -> list[Scope]:
    """Read every package among some files; `roots` are the root elements of the XML among them. Gives their scopes."""
    packages = []
    maps = [n for n in names if n.rpartition("/")[2].lower() in ASSET_MAPS or roots.get(n) == "AssetMap"]
    for name in maps[:_MOST_PACKAGES]:
        said = reader.read(name, asset_map)
        if said is not None:
            packages.append(_placed(folder, name, said, claims))
    for name in maps[_MOST_PACKAGES:]:
        claims.unreadable(name, "there are more asset maps than are read")
    anywhere = {asset: files for package in reversed(packages) for asset, files in package.placed.items()}
    for package in packages:
        _read_packing_lists(package, roots, reader, claims)
        _check(package, anywhere, claims)
    mapped = {name for package in packages for name in package.packing_lists}
    for name, root in roots.items():
        if root == "PackingList" and name not in mapped and name not in claims.read:
            claims.amiss[name].append(Incomplete(missing=f"an asset map: nothing says where the assets of {name} are"))
    mapped_ids = frozenset(asset for package in packages for asset in package.said.assets)
    _read_compositions(roots, mapped_ids, reader, claims)
    return [_scope(package) for package in packages]


def _placed(folder: Folder, manifest: str, said: AssetMap, claims: Claims) -> _Package:
    """Where the files of an asset map are; what is missing is told."""
    package, missing = _Package(manifest, said), []
    for asset, chunks in said.assets.items():
        files = []
        for chunk in chunks:
            held = folder.file(chunk.name, above(manifest))
            if held is None:
                missing.append(chunk.name)
                continue
            files.append(held.name)
            claims.asset_ids[held.name].append(asset.removeprefix(_URN))
            claims.expect(held.name, manifest, Listed(chunk.name, chunk.size))
        if not chunks:
            missing.append(f"asset {asset}")
        elif len(files) == len(chunks):
            package.placed[asset] = tuple(files)
        package.files |= set(files)
    claims.missing(manifest, missing)
    _tell_twice(manifest, said.twice, claims)
    return package


def _tell_twice(manifest: str, ids: tuple[str, ...], claims: Claims) -> None:
    for asset in dict.fromkeys(ids[:_MOST_TOLD]):
        claims.unreadable(manifest, f"it says different things of one id, {asset}", partly=True)


def _read_packing_lists(
    package: _Package, roots: Mapping[str, str | None], reader: ManifestReader, claims: Claims
) -> None:
    """What the asset map calls a packing list, and what is one by its root."""
    named = [files[0] for asset in package.said.packing_lists if (files := package.placed.get(asset))]
    named += [files[0] for files in package.placed.values() if roots.get(files[0]) == "PackingList"]
    for name in dict.fromkeys(named):
        said = reader.read(name, packing_list)
        if said is None:
            package.is_read = False
        else:
            package.packing_lists[name] = said
            _tell_twice(name, said.twice, claims)
    if not named and not package.said.packing_lists:
        claims.amiss[package.manifest].append(Incomplete(missing=f"a packing list: {package.manifest} names none"))


def _check(package: _Package, anywhere: Mapping[str, tuple[str, ...]], claims: Claims) -> None:
    """Every packed asset is there as it was packed, and everything in the asset map is packed."""
    for name, said in package.packing_lists.items():
        missing = []
        for asset, listed in said.assets.items():
            files = package.placed.get(asset) or anywhere.get(asset)
            if files:
                _expect(asset, files, name, listed, claims)
            elif asset not in package.said.assets:
                missing.append(f"asset {asset} {listed.name}".strip())
        claims.missing(name, missing)
        bare = sum(not listed.sums for listed in said.assets.values())
        if bare:
            claims.unreadable(name, f"{bare} of {len(said.assets)} assets have no checksum in it", partly=True)
    if package.packing_lists and package.is_read:
        _tell_unpacked(package, claims)


def _tell_unpacked(package: _Package, claims: Claims) -> None:
    """What is in the asset map and in no packing list has no checksum: it may be anything."""
    lists = sorted(package.packing_lists)
    packed = {asset for said in package.packing_lists.values() for asset in said.assets}
    for asset, files in package.placed.items():
        for file in files:
            if asset not in packed and file not in lists:
                claims.amiss[file].append(Unlisted(file=file, manifest=", ".join(lists[:_MOST_NAMED])))


def _expect(asset: str, files: tuple[str, ...], manifest: str, listed: Listed, claims: Claims) -> None:
    if len(files) == 1:
        claims.expect(files[0], manifest, listed)
    elif claims.expect_chunks(asset, files):
        claims.chunked[asset].claims.append(Claim(manifest, listed.size, listed.sums))
    else:
        claims.unreadable(manifest, f"the chunks of asset {asset} are those of another too", partly=True)


def _read_compositions(
    roots: Mapping[str, str | None], mapped: frozenset[str], reader: ManifestReader, claims: Claims
) -> None:
    names = [name for name, root in roots.items() if root == "CompositionPlaylist"]
    for name in names[:_MOST_COMPOSITIONS]:
        read = reader.read(name, composition, most=_LARGEST_COMPOSITION)
        if read is not None:
            used = dict.fromkeys(use.track_file for use in read.uses)
            absent = tuple(track_file for track_file in used if f"{_URN}{track_file}" not in mapped)
            claims.compositions[name] = replace(read, absent=absent)
    for name in names[_MOST_COMPOSITIONS:]:
        claims.unreadable(name, "there are more compositions than are read")


def _scope(package: _Package) -> Scope:
    base = above(package.manifest)
    around = [f"{base}/{name}" if base else name for name in (*_VOLUME_INDEX, package.manifest.rpartition("/")[2])]
    return Scope(base, package.manifest, frozenset((*package.files, *around)), Ignored(()))
