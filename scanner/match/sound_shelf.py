"""The registered sounds on disk, ready to be looked up; built anew where they are damaged or of another database.

A shelf is a folder of parts that never change, and of `sounds.json`, which names those that count. What was registered
since is taken from the database by row number and written as a part of its own; small parts are joined.
"""

import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from scanner.fingerprint.names import LANDMARKS, LANDMARKS_VERSION
from scanner.match.hearing import HearingIndex
from scanner.match.shelf import alone
from scanner.match.sound_part import SoundPart
from scanner.model import AssetRef, SoundMarks

_log = logging.getLogger("scanner")
_FORMAT = 2
_MANIFEST, _ASSETS = "sounds.json", "assets.json"
# Bytes of landmarks taken from the database until a part is made of them: some six hours of sound.
_AT_ONCE = 1 << 24


class Registered(Protocol):
    """What is asked of the database."""

    def registered_sounds(
        self, *, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, tuple[SoundMarks, ...]]]: ...


class _UnfitError(Exception):
    """The shelf cannot be used as it is; the message says why. Only raised and caught here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A part as it is on disk: the name of its folder, and how many assets there are up to its end."""

    name: str
    part: SoundPart
    assets: int


@dataclass(slots=True)
class SoundShelf:
    """All registered sounds. `row`: the last row taken, with its asset."""

    index: HearingIndex
    row: tuple[int, str] = (0, "")
    _written: list[_Written] = field(default_factory=list)

    @classmethod
    def open_or_build(cls, store: Registered, folder: Path) -> "SoundShelf":
        """The shelf in a folder, brought up to what the database has. Raises OSError where it cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder) as writing:
            try:
                shelf = _opened(folder)
                new = shelf.update(store)
            except (_UnfitError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
                if (folder / _MANIFEST).exists():
                    _log.warning("the index of sounds in %s is built anew: %s", folder, error)
                shelf = cls.read_anew(store)
                new = len(shelf.index)
            if writing and new:
                _write(folder, shelf)
        return shelf

    @classmethod
    def read_anew(cls, store: Registered) -> "SoundShelf":
        """The shelf without a folder."""
        shelf = cls(HearingIndex())
        shelf.update(store)
        return shelf

    def update(self, store: Registered) -> int:
        """Take in what was registered since: how many assets. Raises _UnfitError for another database."""
        rows = store.registered_sounds(algorithm=LANDMARKS, version=LANDMARKS_VERSION, after=max(0, self.row[0] - 1))
        found = 0
        if self.row[0]:
            again = next(rows, None)
            if again is None or (again[0], again[1].asset_id) != self.row:
                msg = "it was made from another database"
                raise _UnfitError(msg)
        waiting = 0
        for row, asset, marks in rows:
            self.index.add(asset, marks)
            self.row, found = (row, asset.asset_id), found + 1
            waiting += sum(len(each.codes) for each in marks)
            if waiting > _AT_ONCE:
                self.index.sealed()
                waiting = 0
        # Here and not at the first look-up, of which there may be several at once.
        self.index.sealed()
        return found


def _opened(folder: Path) -> SoundShelf:
    """The shelf as it was written. Raises _UnfitError and what broken files raise; FileNotFoundError for none."""
    while True:
        said = _said(folder)
        if said.get("kind") != [_FORMAT, LANDMARKS, LANDMARKS_VERSION]:
            msg = "it is of another version, or its list is damaged"
            raise _UnfitError(msg)
        try:
            return _read(folder, said)
        except FileNotFoundError as error:
            # Another process may have joined parts since.
            if _said(folder) == said:
                msg = f"a part of it is not whole: {error}"
                raise _UnfitError(msg) from error


def _read(folder: Path, said: dict[str, Any]) -> SoundShelf:
    written, assets = list[_Written](), list[AssetRef]()
    for name in said["parts"]:
        part = SoundPart.read(folder / name)
        assets += [AssetRef(**asset) for asset in json.loads((folder / name / _ASSETS).read_bytes())]
        if len(part.assets) and int(part.assets.max()) >= len(assets):
            msg = f"{name} is of more than {len(assets)} assets"
            raise _UnfitError(msg)
        written.append(_Written(name=name, part=part, assets=len(assets)))
    index = HearingIndex(assets, [each.part for each in written])
    return SoundShelf(index, (int(said["row"][0]), str(said["row"][1])), written)


def _said(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / _MANIFEST).read_bytes())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _write(folder: Path, shelf: SoundShelf) -> None:
    """Write the parts that are not on disk beside what is there; then tell of them, and take away what is not told."""
    parts = shelf.index.sealed()
    kept = [each for each, part in zip(shelf._written, parts, strict=False) if each.part is part]
    new = parts[len(kept) :]
    if not new:
        return
    number = 1 + max((int(path.name[7:]) for path in folder.glob("sounds-*") if path.name[7:].isdigit()), default=0)
    # An asset of several channels may be in two parts; its name is kept with the first.
    ends = [*(int(part.assets[-1]) + 1 for part in new[:-1]), len(shelf.index)]
    for part, end in zip(new, ends, strict=True):
        assets = shelf.index.assets[kept[-1].assets if kept else 0 : end]
        _write_part(folder / f"sounds-{number}", part, assets)
        kept.append(_Written(name=f"sounds-{number}", part=part, assets=end))
        number += 1
    names = [each.name for each in kept]
    said = {"kind": [_FORMAT, LANDMARKS, LANDMARKS_VERSION], "parts": names, "row": shelf.row}
    waiting = folder / f"{_MANIFEST}.new"
    waiting.write_text(json.dumps(said), encoding="utf-8")
    waiting.replace(folder / _MANIFEST)
    shelf._written = kept
    for path in folder.glob("*sounds-*"):
        if path.name not in names:
            shutil.rmtree(path, ignore_errors=True)


def _write_part(place: Path, part: SoundPart, assets: Sequence[AssetRef]) -> None:
    making = place.with_name(f"making-{place.name}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    part.write(making)
    told = [{"asset_id": each.asset_id, "record_id": each.record_id, "name": each.name} for each in assets]
    (making / _ASSETS).write_text(json.dumps(told), encoding="utf-8")
    making.replace(place)
