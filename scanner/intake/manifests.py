"""All manifests of a delivery, read before its files are: what they say of each, and what that alone shows.

Packages and ASC MHL list all that is in their folder: what they do not list is told. A list of checksums, or an older
MHL, lists only what it lists.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

from scanner.intake.checksum_lists import ChecksumList, checksum_list
from scanner.intake.claims import Claims
from scanner.intake.held import Folder, Held, above, bases, enclosing
from scanner.intake.histories import Scope, is_of_history, read_histories
from scanner.intake.listings import CHECKSUM_ENDINGS, MANIFESTS, Listed, hash_list
from scanner.intake.manifest_reader import ManifestReader
from scanner.intake.packages import ASSET_MAPS, read_packages
from scanner.model import Unlisted
from scanner.settle import LITTER, is_litter, names_like

_XML = (".xml", *ASSET_MAPS)
# Histories and packages in one another: further out nobody looks whether a file is listed.
_DEEPEST = 8


def claims_of(root: Path, litter: Iterable[str] = LITTER) -> Claims:
    """What the manifests in a delivery's folder say of its files; nothing for a delivery that is a single file.

    Opens manifests and other XML, and nothing else. Raises OSError if the folder around `root` cannot be opened.
    """
    claims = Claims()
    if not root.is_dir() or root.is_symlink():
        return claims
    folder, patterns = Folder(root), tuple(litter)
    names = [held.name for held in folder.files() if not is_litter(held.name, patterns)]
    reader = ManifestReader(root, claims)
    roots = {name: reader.root(name) for name in names if name.lower().endswith(_XML)}
    scopes = [*read_packages(folder, names, roots, reader, claims), *read_histories(folder, names, reader, claims)]
    known, stems = names_like(MANIFESTS), _by_stem(names)
    manifests = {name for name in names if name.rpartition("/")[2] in known}
    for name in names:
        if name in manifests and not is_of_history(name) and name.rpartition("/")[2].lower() not in ASSET_MAPS:
            _read_list(folder, name, stems, reader, claims)
    _tell_unlisted(scopes, (name for name in names if name not in manifests), claims)
    return claims


def _by_stem(names: Iterable[str]) -> Mapping[str, list[str]]:
    """The files that are no checksums, by their names without the last ending."""
    stems: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if name.rpartition(".")[2].lower() not in CHECKSUM_ENDINGS:
            stems[name.rpartition(".")[0]].append(name)
    return stems


def _read_list(
    folder: Folder, name: str, stems: Mapping[str, list[str]], reader: ManifestReader, claims: Claims
) -> None:
    """A list that lists only what it lists."""
    leaf = name.rpartition("/")[2]
    if leaf.lower().endswith(".mhl"):
        said = reader.read(name, hash_list)
        files = said.all_files if said else ()
    else:
        told = reader.read(name, lambda data: checksum_list(data, leaf=leaf))
        files = _of_checksums(folder, name, told, stems, claims) if told else ()
    found = _found(folder, name, files)
    claims.missing(name, (listed.name for listed, held in found if held is None and not is_litter(listed.name)))
    for listed, held in found:
        if held is not None:
            claims.expect(held.name, name, listed)


def _found(folder: Folder, name: str, files: tuple[Listed, ...]) -> list[tuple[Listed, Held | None]]:
    """Where the listed files are, their names counted from where most of them are there."""
    best: list[tuple[Listed, Held | None]] = []
    most = -1
    for base in bases(name):
        tried = [(listed, folder.file(listed.name, base)) for listed in files]
        count = sum(held is not None for _, held in tried)
        if count > most:
            best, most = tried, count
        if count == len(tried):
            break
    return best


def _of_checksums(
    folder: Folder, name: str, told: ChecksumList, stems: Mapping[str, list[str]], claims: Claims
) -> tuple[Listed, ...]:
    """The entries of a list of checksums; one checksum without a name is that of the file beside it."""
    if told.unread:
        count = "a line that bears" if told.unread == 1 else f"{told.unread} lines that bear"
        claims.unreadable(name, f"it has {count} a checksum and cannot be understood", partly=True)
    if told.alone is not None and not any(folder.find(listed.name, above(name)) for listed in told.files):
        beside = stems.get(name.rpartition(".")[0], [])
        if len(beside) == 1:
            return (Listed(beside[0].rpartition("/")[2], None, (told.alone,)),)
        if not told.files:
            claims.unreadable(name, "it does not say of which file it is the checksum")
    # Whoever lists a folder into a file in it lists that file too, half written.
    leaf = name.rpartition("/")[2]
    return tuple(each for each in told.files if each.name.removeprefix("./").rpartition("/")[2] != leaf)


def _tell_unlisted(scopes: list[Scope], names: Iterable[str], claims: Claims) -> None:
    """What lies in the folder of a package or history and is in none of those around it."""
    by_kind: dict[bool, dict[str, list[Scope]]] = {True: {}, False: {}}
    for scope in scopes:
        is_package = not is_of_history(scope.manifest)
        by_kind[is_package].setdefault(scope.folder, []).append(scope)
    for name in names:
        for around in by_kind.values():
            if around and (manifest := _not_listed_by(name, around)) is not None:
                claims.amiss[name].append(Unlisted(file=name, manifest=manifest))


def _not_listed_by(name: str, around: Mapping[str, list[Scope]]) -> str | None:
    """The innermost manifest that ought to list a file, and does not, nor any around it."""
    scopes = [scope for folder in islice(enclosing(name, around), _DEEPEST) for scope in around[folder]]
    if not scopes or any(name in scope.listed or scope.ignores(name) for scope in scopes):
        return None
    return scopes[0].manifest
