"""The register's fingerprints on disk, ready to be looked up: read as they are needed, shared by all processes.

A shelf is a folder of parts that never change, and of `shelf.json`, which names those that count.
What was registered since is taken from the database by row number; small parts are then joined into larger ones. What
is damaged, of another version or of another database is built anew. Retired material stays on it: see `Shelf.live`.
"""

import fcntl
import json
import logging
import shutil
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from scanner.fingerprint.names import ALGORITHM, CODE_BYTES, FEATURES, FEATURES_VERSION, MIRRORED, VERSION
from scanner.match.hamming import HammingIndex, in_lists, read, write
from scanner.match.local import LocalIndex, View
from scanner.match.pictures import PictureIndex
from scanner.model import AssetRef, PictureCodes, PictureFeatures

_log = logging.getLogger("scanner")
_FORMAT = 1
_MANIFEST, _LOCK, _LISTS, _ABOUT = "shelf.json", "lock", "lists.faiss", "about.json"
# Parts at the end are joined with the one before them unless that has so many times their size.
_MUCH_LARGER = 8
_VIEW = np.dtype(
    [
        *(("asset", "<i8"), ("seconds", "<f8"), ("mirrored", "?"), ("width", "<i4"), ("height", "<i4")),
        *(("features", "<i8"), ("at", "<i8"), ("length", "<i8")),
    ]
)

Manifest = dict[str, Any]
Prints = TypeVar("Prints", PictureCodes, PictureFeatures)


class Registered(Protocol):
    """What is asked of the database."""

    def numbered_codes(
        self, *, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, PictureCodes]]: ...

    def registered_features(
        self, *, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, PictureFeatures]]: ...


class _UnfitError(Exception):
    """The shelf cannot be used as it is; the message says why. Only raised and caught here."""


@dataclass(slots=True)
class Shelf:
    """All registered pictures: whole frames, and parts with the asset of each number."""

    whole: PictureIndex
    parts: LocalIndex
    assets: list[AssetRef]
    # The last row taken of codes and of features, with its asset.
    _codes_row: tuple[int, str]
    _features_row: tuple[int, str]

    @classmethod
    def open_or_build(cls, store: Registered, folder: Path, *, least_quality: int, threads: int = 1) -> "Shelf":
        """The shelf in a folder, brought up to what the database has, and written down if no other process writes now.

        Raises OSError where the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder) as writing:
            manifest = _manifest(folder)
            try:
                shelf = _opened(folder, manifest, least_quality, threads)
                new = shelf.update(store)
            except (_UnfitError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
                if manifest is not None:
                    _log.warning("the register's index in %s is built anew: %s", folder, error)
                manifest, shelf = None, cls.empty(least_quality, threads)
                new = shelf.update(store)
            if writing and (new or manifest is None):
                _write(folder, shelf, manifest, least_quality)
        return shelf

    @classmethod
    def empty(cls, least_quality: int, threads: int = 1) -> "Shelf":
        return cls(PictureIndex(least_quality=least_quality), LocalIndex(threads=threads), [], (0, ""), (0, ""))

    def update(self, store: Registered) -> bool:
        """Take in what was registered since; whether there was anything. Raises _UnfitError for another database."""
        found = False
        for row, asset, codes in _after(self._codes_row, _codes(store, self._codes_row[0])):
            self.whole.add(asset, codes)
            self._codes_row, found = (row, asset.asset_id), True
        turned = _Mirrored(store, self._features_row[0])
        for row, asset, features in _after(self._features_row, _features(store, self._features_row[0])):
            self.parts.add(len(self.assets), features, turned.of(row, asset.asset_id))
            self.assets.append(asset)
            self._features_row, found = (row, asset.asset_id), True
        return found

    def live(self, records: Collection[str]) -> NDArray[np.bool_]:
        """Of every number in `assets`: whether its record is one of these (ids)."""
        return np.fromiter((asset.record_id in records for asset in self.assets), np.bool_, len(self.assets))


def _codes(store: Registered, last: int) -> Iterator[tuple[int, AssetRef, PictureCodes]]:
    return store.numbered_codes(algorithm=ALGORITHM, version=VERSION, after=max(0, last - 1))


def _features(store: Registered, last: int) -> Iterator[tuple[int, AssetRef, PictureFeatures]]:
    return store.registered_features(algorithm=FEATURES, version=FEATURES_VERSION, after=max(0, last - 1))


def _after(
    last: tuple[int, str], rows: Iterator[tuple[int, AssetRef, Prints]]
) -> Iterator[tuple[int, AssetRef, Prints]]:
    """The rows after the last one taken, which comes first: it must be the same still."""
    if last[0]:
        again = next(rows, None)
        if again is None or (again[0], again[1].asset_id) != last:
            msg = "it was made from another database"
            raise _UnfitError(msg)
    yield from rows


class _Mirrored:
    """Mirrored features, read side by side with the plain ones: of an asset they come right after these."""

    def __init__(self, store: Registered, after: int) -> None:
        self._rows = store.registered_features(algorithm=MIRRORED, version=FEATURES_VERSION, after=after)
        self._next = next(self._rows, None)

    def of(self, row: int, asset_id: str) -> PictureFeatures | None:
        while self._next is not None and self._next[0] < row:
            self._next = next(self._rows, None)
        found = self._next
        return found[2] if found is not None and found[1].asset_id == asset_id else None


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other process writes to the shelf now, and none will until this ends."""
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _kind(least_quality: int) -> Manifest:
    codes, features = [ALGORITHM, VERSION, least_quality], [FEATURES, FEATURES_VERSION]
    return {"format": _FORMAT, "codes": codes, "features": features}


def _manifest(folder: Path) -> Manifest | None:
    """What `shelf.json` says; empty where it is no such thing, None where there is no shelf."""
    try:
        said = json.loads((folder / _MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _opened(folder: Path, manifest: Manifest | None, least_quality: int, threads: int) -> Shelf:
    """The shelf as it was written. Raises _UnfitError and what broken files raise."""
    while True:
        if manifest is None or manifest.get("kind") != _kind(least_quality):
            msg = "it is of another version or its list of parts is damaged"
            raise _UnfitError(msg)
        try:
            return _read(folder, manifest, least_quality, threads)
        except FileNotFoundError:
            # Another process may have joined parts since.
            now = _manifest(folder)
            if now == manifest:
                raise
            manifest = now


def _read(folder: Path, manifest: Manifest, least_quality: int, threads: int) -> Shelf:
    whole, lists = PictureIndex(least_quality=least_quality), list[Any]()
    views, assets = list[View](), list[AssetRef]()
    for part in manifest["parts"]:
        place = folder / part["name"]
        files = {name: _checked(place / name, crc) for name, crc in part["files"].items()}
        about = json.loads(files[_ABOUT].tobytes())
        _put_whole(whole, about["whole"], files)
        first = sum(int(index.ntotal) for index in lists)
        views += _views(files, first)
        assets += [AssetRef(**asset) for asset in about["assets"]]
        lists.append(read(place / _LISTS))
    families = _checked(folder / manifest["families"]["name"], manifest["families"]["crc"]).view("<i8")
    parts = LocalIndex.restored(views, families, HammingIndex(lists), threads=threads)
    rows = [(int(row), str(asset)) for row, asset in manifest["rows"]]
    return Shelf(whole, parts, assets, rows[0], rows[1])


def _checked(path: Path, crc: int) -> NDArray[np.uint8]:
    """The bytes of a file, read as they are needed. Raises _UnfitError where they are not those that were written."""
    held: NDArray[np.uint8] = np.zeros(0, np.uint8)
    if path.stat().st_size:
        held = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    if zlib.crc32(held.data) != crc:
        msg = f"{path.parent.name}/{path.name} is damaged"
        raise _UnfitError(msg)
    return held


def _put_whole(whole: PictureIndex, about: Sequence[Mapping[str, Any]], files: Mapping[str, NDArray[np.uint8]]) -> None:
    codes, seconds = files["codes"].reshape(-1, CODE_BYTES), files["seconds"].view("<f8")
    ends = list(accumulate((asset["codes"] for asset in about), initial=0))
    for asset, start, end in zip(about, ends, ends[1:], strict=False):
        number = len(whole.assets)
        whole._owner.append(np.full(end - start, number, dtype=np.int64))
        whole._codes.append(codes[start:end])
        whole._seconds.append(seconds[start:end])
        whole._view.append(files["code_views"][start:end])
        whole.assets.append(AssetRef(**asset["asset"]))
        whole.durations.append(asset["duration"])
        whole.frames.append(asset["frames"])
    if len(codes):
        whole._index.add(np.ascontiguousarray(codes))


def _views(files: Mapping[str, NDArray[np.uint8]], first: int) -> Iterator[View]:
    """The views of a part whose first feature has this number."""
    table, points = files["views"].view(_VIEW), files["points"].view("<f4").reshape(-1, 4)
    pictures = files["pictures"].data
    start = 0
    for asset, seconds, mirrored, width, height, features, at, length in table.tolist():
        yield View(
            asset=asset,
            seconds=seconds,
            mirrored=mirrored,
            size=(width, height),
            points=points[start : start + features],
            first=first + start,
            picture=pictures[at : at + length],
        )
        start += features


def _write(folder: Path, shelf: Shelf, manifest: Manifest | None, least_quality: int) -> None:
    """Write what no part has yet, joined with the last parts unless they are much larger; then tell of it."""
    kept = list(manifest["parts"]) if manifest is not None else []
    number = 1 + max((int(path.name[5:]) for path in folder.glob("part-*") if path.name[5:].isdigit()), default=0)
    size = len(shelf.parts.views) + len(shelf.whole.assets) - sum(part["size"] for part in kept)
    while kept and kept[-1]["size"] < _MUCH_LARGER * size:
        size += kept.pop()["size"]
    part = _write_part(folder / f"part-{number}", shelf, kept)
    families = np.ascontiguousarray(shelf.parts.families, dtype="<i8").tobytes()
    name = f"families-{number}"
    (folder / name).write_bytes(families)
    told = {"name": name, "crc": zlib.crc32(families)}
    rows = [shelf._codes_row, shelf._features_row]
    said = {"kind": _kind(least_quality), "parts": [*kept, part], "families": told, "rows": rows}
    waiting = folder / f"{_MANIFEST}.new"
    waiting.write_text(json.dumps(said), encoding="utf-8")
    waiting.replace(folder / _MANIFEST)
    _tidy(folder, {name, part["name"], *(each["name"] for each in kept)})


def _write_part(place: Path, shelf: Shelf, before: Sequence[Manifest]) -> Manifest:
    """Write one part with all that is not in the parts before it; how `shelf.json` is to name it."""
    views = shelf.parts.views[sum(part["views"] for part in before) :]
    first_whole, first_asset = sum(part["whole"] for part in before), sum(part["assets"] for part in before)
    making = place.with_name(f"making-{place.name}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    write(in_lists(shelf.parts.codes(sum(part["features"] for part in before))), making / _LISTS)
    for name, data in (_of_views(views) | _of_whole(shelf.whole, first_whole)).items():
        (making / name).write_bytes(data)
    wholes = [
        {"asset": _asset(asset), "codes": len(shelf.whole._codes[n]), "duration": duration, "frames": frames}
        for n, asset, duration, frames in zip(
            range(len(shelf.whole.assets)), shelf.whole.assets, shelf.whole.durations, shelf.whole.frames, strict=True
        )
    ][first_whole:]
    about = {"assets": [_asset(asset) for asset in shelf.assets[first_asset:]], "whole": wholes}
    (making / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
    files = {path.name: zlib.crc32(path.read_bytes()) for path in making.iterdir()}
    making.replace(place)
    counts = {"views": len(views), "features": sum(len(view.points) for view in views), "whole": len(wholes)}
    return {
        "name": place.name,
        "files": files,
        "size": len(views) + len(wholes),
        "assets": len(shelf.assets) - first_asset,
        **counts,
    }


def _asset(asset: AssetRef) -> Mapping[str, str]:
    return {"asset_id": asset.asset_id, "record_id": asset.record_id, "name": asset.name}


def _of_views(views: Sequence[View]) -> dict[str, bytes]:
    pictures, rows, at, last = [], [], 0, None
    for view in views:
        # The mirrored view has the very picture of the plain one before it.
        if last is None or view.picture != last:
            at += len(last or b"")
            pictures.append(view.picture)
            last = view.picture
        rows.append((view.asset, view.seconds, view.mirrored, *view.size, len(view.points), at, len(view.picture)))
    points = np.concatenate([np.zeros((0, 4), np.float32), *(view.points for view in views)])
    return {
        "views": np.array(rows, dtype=_VIEW).tobytes(),
        "points": points.astype("<f4").tobytes(),
        "pictures": b"".join(pictures),
    }


def _of_whole(whole: PictureIndex, first: int) -> dict[str, bytes]:
    return {
        "codes": b"".join(codes.tobytes() for codes in whole._codes[first:]),
        "seconds": b"".join(seconds.astype("<f8").tobytes() for seconds in whole._seconds[first:]),
        "code_views": b"".join(views.tobytes() for views in whole._view[first:]),
    }


def _tidy(folder: Path, named: Collection[str]) -> None:
    """Take away what `shelf.json` does not name: whoever has it open keeps it until it is closed."""
    for path in folder.glob("*-*"):
        if path.name not in named:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
