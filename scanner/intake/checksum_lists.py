"""Lists of checksums as text: GNU (`hash  name`), BSD (`MD5 (name) = hash`), and tables (`hash,name`)."""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.intake.listings import CHECKSUM_ENDINGS, MOST_LISTED, Listed
from scanner.intake.records import UnreadableManifestError
from scanner.intake.sums import Sum, sum_of

_HASH = r"[0-9A-Fa-f]{8,128}"
# coreutils, xxhsum: `hash  name`, `hash *name`, after a backslash if the name is escaped; XXH3 has its name before.
_GNU = re.compile(rf"(?P<escaped>\\?)(?:(?P<kind>XXH3)_)?(?P<hash>{_HASH})[ \t]+\*?(?P<name>.+)")
# `--tag`, BSD, OpenSSL.
_BSD = re.compile(rf"(?P<escaped>\\?)(?P<kind>[A-Za-z0-9/_-]+) ?\((?P<name>.+)\) ?= ?(?:XXH3_)?(?P<hash>{_HASH})")
_BARE = re.compile(_HASH)
_BEARS_HASH = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{16,128}(?![0-9A-Za-z])")
_CUT_LINE = re.compile(r"\\?[0-9A-Fa-f]+[ \t]*\*?")
_ESCAPES = {r"\\": "\\", r"\n": "\n", r"\r": "\r"}
_COMMENT = ("#", ";", "%", "//")
_TABLE_MARKS = ",;\t|"
_LONGEST_ROW = 10_000
# By the number of digits; what ends in .xxh..., or is called so, is one of the xxHashes.
_BY_LENGTH = {8: "xxh32", 16: "xxh64", 32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_XXH_BY_LENGTH = {8: "xxh32", 16: "xxh64", 32: "xxh128"}
_SIGNED = re.compile(r"-----(BEGIN|END) PGP ([A-Z ]+)-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksumList:
    """The files of a list of checksums. `alone`: it is one checksum and no name; `files` is then a guess, or empty.

    `unread`: how many lines bear a checksum and are no entry.
    """

    files: tuple[Listed, ...]
    alone: Sum | None = None
    unread: int = 0


def checksum_list(data: bytes, *, leaf: str) -> ChecksumList:
    """A list of checksums, called `leaf`. One hash alone stands for the file that the list is named after.

    Raises UnreadableManifestError.
    """
    lines = _lines(data)
    if len(lines) == 1 and _BARE.fullmatch(lines[0]):
        stem, _, ending = leaf.rpartition(".")
        is_named, alone = ending.lower() in CHECKSUM_ENDINGS and "." in stem, _sum(lines[0], leaf)
        return ChecksumList(files=(Listed(stem, None, (alone,)),) if is_named else (), alone=alone)
    files, unread = _read(lines, leaf)
    if not files:
        msg = "it holds no checksums"
        raise UnreadableManifestError(msg)
    if not data.endswith(b"\n") and _CUT_LINE.fullmatch(lines[-1]):
        msg = "it ends in the middle of a line"
        raise UnreadableManifestError(msg)
    return ChecksumList(files=files, unread=unread)


def _read(lines: list[str], leaf: str) -> tuple[tuple[Listed, ...], int]:
    files: list[Listed] = []
    unread = 0
    for line in _unsigned(lines):
        if line.lstrip().startswith(_COMMENT):
            continue
        match = _BSD.fullmatch(line) or _GNU.fullmatch(line)
        row = _listed(match, leaf) if match else _row(line, leaf)
        if row is not None:
            files.append(row)
        elif _BEARS_HASH.search(line):
            unread += 1
    return tuple(files), unread


def _unsigned(lines: list[str]) -> Iterator[str]:
    """The lines without a signature around them."""
    is_text = True
    for line in lines:
        mark = _SIGNED.fullmatch(line.strip())
        if mark is not None:
            is_text = not (mark[1] == "BEGIN" and mark[2] == "SIGNATURE")
        elif is_text and not line.startswith("Hash: "):
            yield line


def _listed(match: re.Match[str], leaf: str) -> Listed:
    name = _unescaped(match["name"]) if match["escaped"] else match["name"]
    return Listed(name, None, (_sum(match["hash"], leaf, match["kind"]),))


def _row(line: str, leaf: str) -> Listed | None:
    """A row of a table: one or more checksums, a name, maybe a size."""
    mark = next((mark for mark in _TABLE_MARKS if mark in line), None)
    if mark is None or len(line) > _LONGEST_ROW:
        return None
    try:
        fields = [field.strip() for field in next(csv.reader(io.StringIO(line), delimiter=mark))]
    except (csv.Error, StopIteration):
        return None
    hashes = [field for field in fields if _BARE.fullmatch(field) and len(field) in _BY_LENGTH and _is_hash(field)]
    rest = [field for field in fields if field and field not in hashes]
    sizes = [field for field in rest if field.isascii() and field.isdigit() and len(field) < 20]
    names = [field for field in rest if field not in sizes]
    if not hashes or len(names) != 1:
        return None
    size = int(sizes[0]) if len(sizes) == 1 else None
    return Listed(names[0], size, tuple(_sum(field, leaf) for field in hashes))


def _is_hash(field: str) -> bool:
    """Eight digits may be a date or a size."""
    return len(field) > 8 or not field.isdigit()


def _sum(written: str, leaf: str, kind: str | None = None) -> Sum:
    """The checksum by what the line or the list's name calls it, or else by its length."""
    if kind:
        return sum_of(kind, written)
    name = leaf.lower()
    ending = name.rpartition(".")[2]
    if ending in ("xxh3", "xxh64be") and len(written) == 16:
        return sum_of(ending, written)
    if "b2sum" in name and len(written) == 128:
        return sum_of("blake2b", written)
    by_length = _XXH_BY_LENGTH if "xxh" in name else _BY_LENGTH
    return sum_of(by_length.get(len(written), f"{len(written)} digits"), written)


def _lines(data: bytes) -> list[str]:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    lines: list[str] = []
    for line in io.BytesIO(data.removeprefix(BOM_UTF8)):
        if line.strip(b"\0 \r\n\t"):
            lines.append(line.rstrip(b"\r\n").decode("utf-8", "surrogateescape"))
            if len(lines) > MOST_LISTED:
                msg = f"it lists more than {MOST_LISTED} files"
                raise UnreadableManifestError(msg)
    if not lines:
        msg = "it is empty"
        raise UnreadableManifestError(msg)
    return lines


def _unescaped(name: str) -> str:
    return re.sub(r"\\[\\nr]", lambda match: _ESCAPES[match[0]], name)
