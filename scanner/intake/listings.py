"""What manifests list: ASC MHL and older MHL, AssetMap and packing list (IMF, DCP), lists of checksums.

Names and sizes only; hashes are passed over. Names are returned as written: they may lead anywhere and are not to be
trusted. XML is read as a stream, by defusedxml: no manifest costs more memory than its size and its entries.
"""

import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import defaultdict
from collections.abc import Callable, Sized
from dataclasses import dataclass
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml.sax import parse

MOST_BYTES = 64 << 20
MOST_LISTED = 500_000
CHECKSUM_ENDINGS = frozenset({
    *("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    *("xxh", "xxh32", "xxh64", "xxh64be", "xxh3", "xxh128"),
})  # fmt: skip
_SUMS = ("md5sum", "sha1sum", "sha256sum", "sha512sum", "checksum")
MANIFESTS: tuple[str, ...] = (
    "assetmap",
    "assetmap.xml",
    "*.mhl",
    "ascmhl_chain.xml",
    *(f"*.{ending}" for ending in sorted(CHECKSUM_ENDINGS)),
    *(f"{name}{end}" for name in _SUMS for end in ("", "s", ".txt", "s.txt")),
)
# No real manifest comes near these; without them a few bytes could ask for gigabytes.
_DEEPEST = 64
_LONGEST_TEXT = 65_536
_MOST_IN_RECORD = 10_000
_CHUNK = 65_536
_MOST_SILENT_CHUNKS = 16
_HASH = r"[0-9A-Fa-f]{8,128}"
# coreutils, xxhsum: `hash  name`, `hash *name`, after a backslash if the name is escaped. Then `--tag`, BSD, OpenSSL.
_GNU = re.compile(rf"(?P<escaped>\\?){_HASH}[ \t]+\*?(?P<name>.+)")
_BSD = re.compile(rf"(?P<escaped>\\?)[A-Za-z0-9/-]+ ?\((?P<name>.+)\) ?= ?{_HASH}")
_BARE = re.compile(_HASH)
_CUT_LINE = re.compile(r"\\?[0-9A-Fa-f]+[ \t]*\*?")
_ESCAPES = {r"\\": "\\", r"\n": "\n", r"\r": "\r"}


class UnreadableManifestError(ValueError):
    """A manifest cannot be read: not yet wholly there, damaged, too large, or something else by that name."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file that a manifest lists, as named there; `size` in bytes where it is given."""

    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetMap:
    """Where the assets of a package are: names and sizes of the chunks of each, by id; `packing_lists`: which ids."""

    assets: dict[str, tuple[Listed, ...]]
    packing_lists: tuple[str, ...]


def mhl_files(data: bytes) -> tuple[Listed, ...]:
    """The files of a media hash list, ASC MHL 1.0 (`hash/path`, `hashlistreference/path`) or older (`hash/file`)."""
    listed: list[Listed] = []

    def add(_: str, record: "_Record") -> None:
        name = record.first("path") or record.first("file")
        if name:
            listed.append(Listed(name, _number(record.first("path@size") or record.first("size"))))
        _check_count(listed)

    _read_records(data, root="hashlist", records=("hash", "hashlistreference"), on_record=add)
    return tuple(listed)


def chain_files(data: bytes) -> tuple[Listed, ...]:
    """The generations that an ASC MHL chain file names."""
    listed: list[Listed] = []

    def add(_: str, record: "_Record") -> None:
        if name := record.first("path"):
            listed.append(Listed(name))
        _check_count(listed)

    _read_records(data, root="ascmhldirectory", records=("hashlist",), on_record=add)
    return tuple(listed)


def asset_map(data: bytes) -> AssetMap:
    """An AssetMap (ST 429-9, ST 2067-2, and the older one of Interop packages)."""
    assets: dict[str, tuple[Listed, ...]] = {}
    packing_lists: list[str] = []

    def add(_: str, record: "_Record") -> None:
        paths, lengths = record.all("Path"), record.all("Length")
        sizes = [_number(length) for length in lengths] if len(lengths) == len(paths) > 1 else [None] * len(paths)
        assets[record.first("Id").lower()] = tuple(map(Listed, paths, sizes))
        # In older maps an empty element says yes.
        if record.all("PackingList") and record.first("PackingList").lower() not in ("false", "0"):
            packing_lists.append(record.first("Id").lower())
        _check_count(assets)

    _read_records(data, root="AssetMap", records=("Asset",), on_record=add)
    return AssetMap(assets=assets, packing_lists=tuple(packing_lists))


def packing_list_sizes(data: bytes) -> dict[str, int | None]:
    """The size of every asset in a packing list, by id."""
    sizes: dict[str, int | None] = {}

    def add(_: str, record: "_Record") -> None:
        sizes[record.first("Id").lower()] = _number(record.first("Size"))
        _check_count(sizes)

    _read_records(data, root="PackingList", records=("Asset",), on_record=add)
    return sizes


def checksum_files(data: bytes, *, leaf: str) -> tuple[Listed, ...]:
    """The files of a list of checksums, in the forms of GNU and BSD; other lines are passed over.

    One hash alone stands for the file that the list, called `leaf`, is named after.
    """
    lines = _lines(data)
    if len(lines) == 1 and _BARE.fullmatch(lines[0]):
        stem, _, ending = leaf.rpartition(".")
        return (Listed(stem),) if ending.lower() in CHECKSUM_ENDINGS and "." in stem else ()
    matches = [match for line in lines if (match := _BSD.fullmatch(line) or _GNU.fullmatch(line))]
    if not matches:
        msg = "it holds no checksums"
        raise UnreadableManifestError(msg)
    if not data.endswith(b"\n") and _CUT_LINE.fullmatch(lines[-1]):
        msg = "it ends in the middle of a line"
        raise UnreadableManifestError(msg)
    return tuple(Listed(_unescaped(match["name"]) if match["escaped"] else match["name"]) for match in matches)


def _lines(data: bytes) -> list[str]:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    lines: list[str] = []
    for line in io.BytesIO(data.removeprefix(BOM_UTF8)):
        if line.strip(b"\0 \r\n\t"):
            lines.append(line.rstrip(b"\r\n").decode("utf-8", "surrogateescape"))
            _check_count(lines)
    if not lines:
        msg = "it is empty"
        raise UnreadableManifestError(msg)
    return lines


def _unescaped(name: str) -> str:
    return re.sub(r"\\[\\nr]", lambda match: _ESCAPES[match[0]], name)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _check_count(listed: Sized) -> None:
    if len(listed) > MOST_LISTED:
        msg = f"it lists more than {MOST_LISTED} files"
        raise UnreadableManifestError(msg)


class _Record:
    """The texts and attributes of one record by local name, however deep in it."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = defaultdict(list)
        self._count = 0

    def add(self, name: str, text: str) -> None:
        self._count += 1
        if self._count > _MOST_IN_RECORD:
            msg = "an entry of it is too long"
            raise UnreadableManifestError(msg)
        self._texts[name].append(text.strip())

    def first(self, name: str) -> str:
        return self.all(name)[0] if self.all(name) else ""

    def all(self, name: str) -> list[str]:
        return self._texts.get(name, [])


class _Records(ContentHandler):
    """Tells every record of a document as it ends; nothing else of it is kept."""

    def __init__(self, root: str, records: tuple[str, ...], on_record: Callable[[str, _Record], None]) -> None:
        super().__init__()
        self.events = 0
        self._root = root
        self._records = records
        self._on_record = on_record
        self._open: list[str] = []
        self._record: _Record | None = None
        self._record_depth = 0
        self._text: list[str] = []
        self._text_length = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self.events += 1
        local = name.rpartition(":")[2]
        if not self._open and local != self._root:
            msg = f"it is no {self._root}"
            raise UnreadableManifestError(msg)
        self._open.append(local)
        if len(self._open) > _DEEPEST:
            msg = "it is nested too deep"
            raise UnreadableManifestError(msg)
        self._text, self._text_length = [], 0
        if self._record is not None:
            for key in attrs.getNames():
                self._record.add(f"{local}@{key}", attrs[key])
        elif len(self._open) > 1 and local in self._records:
            self._record, self._record_depth = _Record(), len(self._open)

    def characters(self, content: str) -> None:
        self.events += 1
        if self._record is None:
            return
        self._text_length += len(content)
        if self._text_length > _LONGEST_TEXT:
            msg = "a text in it is too long"
            raise UnreadableManifestError(msg)
        self._text.append(content)

    def endElement(self, name: str) -> None:
        local = self._open.pop()
        if self._record is None:
            return
        if len(self._open) < self._record_depth:
            record, self._record = self._record, None
            self._on_record(local, record)
        else:
            self._record.add(local, "".join(self._text))
        self._text, self._text_length = [], 0


class _Chunks(io.BytesIO):
    """A document for the parser, until it swallows a megabyte without a word: one tag with a million attributes."""

    def __init__(self, data: bytes, handler: _Records) -> None:
        super().__init__(data)
        self._handler = handler
        self._events = self._silent = 0

    def read(self, size: int | None = -1) -> bytes:
        self._silent = self._silent + 1 if self._events == self._handler.events else 0
        self._events = self._handler.events
        if self._silent > _MOST_SILENT_CHUNKS:
            msg = "a tag in it is too long"
            raise UnreadableManifestError(msg)
        return super().read(size if size is not None and 0 <= size < _CHUNK else _CHUNK)


def _read_records(
    data: bytes, *, root: str, records: tuple[str, ...], on_record: Callable[[str, _Record], None]
) -> None:
    handler = _Records(root, records, on_record)
    try:
        parse(_Chunks(data, handler), handler, forbid_dtd=True)
    except UnreadableManifestError:
        raise
    except (SAXException, ValueError, LookupError) as error:
        msg = f"it is not whole, or no XML ({type(error).__name__})"
        raise UnreadableManifestError(msg) from error
