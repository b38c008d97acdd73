"""What manifests list: ASC MHL and older MHL, AssetMap and packing list (IMF, DCP).

Names are returned as written: they may lead anywhere and are not to be trusted. XML is read as a stream, by
defusedxml: no manifest costs more memory than its size and its entries.
"""

from collections.abc import Sized
from dataclasses import dataclass

from scanner.intake.records import Node, UnreadableManifestError, read_records
from scanner.intake.sums import Sum, sum_of

MOST_BYTES = 64 << 20
MOST_LISTED = 500_000
CHECKSUM_ENDINGS = frozenset({
    *("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    *("xxh", "xxh32", "xxh64", "xxh64be", "xxh3", "xxh128"),
    *("sha", "md5sum", "sha1sum", "sha256sum", "sha512sum", "b2sum"),
})  # fmt: skip
_SUMS = (
    *("md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum"),
    *("xxhsum", "xxh32sum", "xxh64sum", "xxh128sum", "checksum"),
)
_SUM_ENDINGS = (".txt", ".csv")
MANIFESTS: tuple[str, ...] = (
    "assetmap",
    "assetmap.xml",
    "*.mhl",
    "ascmhl_chain.xml",
    *(f"*.{ending}" for ending in sorted(CHECKSUM_ENDINGS)),
    *(f"{name}{s}{end}" for name in _SUMS for s in ("", "s") for end in ("", *_SUM_ENDINGS)),
    *(f"{tag}manifest-{name}.txt" for tag in ("", "tag") for name in ("md5", "sha1", "sha256", "sha512")),
)
# What an entry of an MHL holds beside checksums.
_NO_SUM = frozenset({
    *("path", "file", "size", "creationdate", "lastmodificationdate", "hashdate", "previouspath", "metadata", "null"),
    *("structure", "comment"),
})  # fmt: skip
_SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"


@dataclass(frozen=True, slots=True)
class Listed:
    """One file that a manifest lists, as named there; `size` in bytes where it is given.

    `previous`: what it was called in an earlier generation of the list.
    """

    name: str
    size: int | None = None
    sums: tuple[Sum, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashList:
    """A media hash list. `files`: what it lists; `histories`: generations of lists in folders below it.

    `ignored`: its patterns of names that are not listed, as git reads them; `version`: 2.0 is ASC MHL 1.0.
    """

    version: str
    files: tuple[Listed, ...]
    histories: tuple[Listed, ...]
    ignored: tuple[str, ...] = ()

    @property
    def all_files(self) -> tuple[Listed, ...]:
        return (*self.files, *self.histories)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The generations that an ASC MHL chain file names, with their numbers."""

    generations: tuple[tuple[int | None, Listed], ...]

    @property
    def all_files(self) -> tuple[Listed, ...]:
        return tuple(listed for _, listed in self.generations)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetMap:
    """Where the assets of a package are: names and sizes of the chunks of each, by id; `packing_lists`: which ids.

    `twice`: ids that it gives to different files; the first counts.
    """

    assets: dict[str, tuple[Listed, ...]]
    packing_lists: tuple[str, ...]
    twice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingList:
    """What an asset must be, by its id; named as its maker named it. `twice`: ids with different checksums."""

    assets: dict[str, Listed]
    twice: tuple[str, ...] = ()


def hash_list(data: bytes) -> HashList:
    """A media hash list, ASC MHL 1.0 (`hash/path`, `hashlistreference/path`) or older (`hash/file`)."""
    files: list[Listed] = []
    histories: list[Listed] = []
    ignored: list[str] = []
    found = {"version": ""}

    def add(record: Node) -> None:
        if record.name == "ignore":
            ignored.extend(node.text for node in record.children_called("pattern") if node.text)
        else:
            listed = _listed(record)
            if listed.name:
                (files if record.name == "hash" else histories).append(listed)
        _check_count(files)
        _check_count(histories)
        # Only ASC MHL has the path in an element of that name.
        found["version"] = found["version"] or ("2.0" if record.first("path") or record.name == "ignore" else "1")

    read_records(data, root="hashlist", records=("hash", "hashlistreference", "ignore"), on_record=add)
    return HashList(version=found["version"], files=tuple(files), histories=tuple(histories), ignored=tuple(ignored))


def _listed(record: Node) -> Listed:
    path = next(record.children_called("path"), None)
    size = (path.attributes.get("size", "") if path else "") or record.first("size")
    sums = [
        sum_of(node.name, node.text, failed=node.attributes.get("action") == "failed")
        for node in record.children
        if node.name.lower() not in _NO_SUM and not node.children
    ]
    # What is not known beside what is, is not needed.
    known = tuple(each for each in sums if each.is_known)
    unknown = tuple(each for each in sums if each.written)
    return Listed(
        record.first("path") or record.first("file"), _number(size), known or unknown, record.first("previousPath")
    )


def chain(data: bytes) -> Chain:
    """An ASC MHL chain file."""
    generations: list[tuple[int | None, Listed]] = []

    def add(record: Node) -> None:
        listed = _listed(record)
        if listed.name:
            generations.append((_number(record.attributes.get("sequencenr", "")), listed))
        _check_count(generations)

    read_records(data, root="ascmhldirectory", records=("hashlist",), on_record=add)
    return Chain(generations=tuple(generations))


def asset_map(data: bytes) -> AssetMap:
    """An AssetMap (ST 429-9, ST 2067-2, and the older one of Interop packages)."""
    assets: dict[str, tuple[Listed, ...]] = {}
    packing_lists: list[str] = []
    twice: list[str] = []

    def add(record: Node) -> None:
        key, chunks = record.first("Id").lower(), _chunks(record)
        if assets.setdefault(key, chunks) != chunks:
            twice.append(key)
        # In older maps an empty element says yes.
        flag = next(record.children_called("PackingList"), None)
        if flag is not None and flag.text.lower() not in ("false", "0"):
            packing_lists.append(key)
        _check_count(assets)

    read_records(data, root="AssetMap", records=("Asset",), on_record=add)
    return AssetMap(assets=assets, packing_lists=tuple(dict.fromkeys(packing_lists)), twice=tuple(twice))


def _chunks(record: Node) -> tuple[Listed, ...]:
    """The chunks of an asset, in the order of their offsets."""
    chunks = [
        (_number(node.first("Offset")) or 0, Listed(node.first("Path"), _number(node.first("Length"))))
        for node in record.below("Chunk")
    ]
    return tuple(listed for _, listed in sorted(chunks, key=lambda chunk: chunk[0]))


def packing_list(data: bytes) -> PackingList:
    """A packing list (ST 429-8, ST 2067-2, and that of Interop packages)."""
    assets: dict[str, Listed] = {}
    twice: list[str] = []

    def add(record: Node) -> None:
        key, listed = record.first("Id").lower(), _packed(record)
        if assets.setdefault(key, listed) != listed:
            twice.append(key)
        _check_count(assets)

    read_records(data, root="PackingList", records=("Asset",), on_record=add)
    return PackingList(assets=assets, twice=tuple(twice))


def _packed(record: Node) -> Listed:
    algorithm = next(record.children_called("HashAlgorithm"), None)
    uri = (algorithm.attributes.get("Algorithm") if algorithm else None) or _SHA1
    written = record.first("Hash")
    sums = (sum_of(uri.rpartition("#")[2], written, base64=True),) if written else ()
    return Listed(record.first("OriginalFileName"), _number(record.first("Size")), sums)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _check_count(listed: Sized) -> None:
    if len(listed) > MOST_LISTED:
        msg = f"it lists more than {MOST_LISTED} files"
        raise UnreadableManifestError(msg)
