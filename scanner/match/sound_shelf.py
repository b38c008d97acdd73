"""The registered sounds on disk, ready to be looked up; built anew where they are damaged or of another database.

A folder for each state that was written, and `sounds.json`, which names the one that counts. What was registered since
is taken from the database by row number, and written with the rest when it is worth it.
"""

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from scanner.fingerprint.names import LANDMARKS, LANDMARKS_VERSION
from scanner.match.hearing import HearingIndex
from scanner.match.shelf import alone
from scanner.model import AssetRef, SoundMarks

_log = logging.getLogger("scanner")
_FORMAT = 1
_MANIFEST = "sounds.json"
# What is new is written down when it is more than this share of all.
_WORTH_WRITING = 1 / 16


class Registered(Protocol):
    """What is asked of the database."""

    def registered_sounds(
        self, *, algorithm: str, version: int, after: int = 0
    ) -> Iterator[tuple[int, AssetRef, tuple[SoundMarks, ...]]]: ...


class _UnfitError(Exception):
    """The shelf cannot be used as it is; the message says why. Only raised and caught here."""


@dataclass(slots=True)
class SoundShelf:
    """All registered sounds. `row`: the last row taken, with its asset."""

    index: HearingIndex
    row: tuple[int, str] = (0, "")

    @classmethod
    def open_or_build(cls, store: Registered, folder: Path) -> "SoundShelf":
        """The shelf in a folder, brought up to what the database has. Raises OSError where it cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder) as writing:
            try:
                shelf = _opened(folder)
                held = len(shelf.index)
                new = shelf.update(store)
            except (_UnfitError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
                if (folder / _MANIFEST).exists():
                    _log.warning("the index of sounds in %s is built anew: %s", folder, error)
                shelf = cls.read_anew(store)
                new, held = len(shelf.index), 0
            if writing and new > held * _WORTH_WRITING:
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
        for row, asset, marks in rows:
            self.index.add(asset, marks)
            self.row, found = (row, asset.asset_id), found + 1
        # Here and not at the first look-up, of which there may be several at once.
        self.index._sealed()
        return found


def _opened(folder: Path) -> SoundShelf:
    """The shelf as it was written. Raises _UnfitError and what broken files raise; FileNotFoundError for none."""
    while True:
        said = _said(folder)
        if said.get("kind") != [_FORMAT, LANDMARKS, LANDMARKS_VERSION]:
            msg = "it is of another version, or its list is damaged"
            raise _UnfitError(msg)
        place = folder / str(said["name"])
        try:
            index = HearingIndex.read(place, [AssetRef(**asset) for asset in said["assets"]])
            return SoundShelf(index, (int(said["row"][0]), str(said["row"][1])))
        except FileNotFoundError as error:
            # Another process may have written a later one since.
            if _said(folder) == said:
                msg = f"{place.name} is not whole"
                raise _UnfitError(msg) from error


def _said(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / _MANIFEST).read_bytes())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _write(folder: Path, shelf: SoundShelf) -> None:
    """Write all of it beside what is there; then tell of it, and take away what is not told of any more."""
    number = 1 + max((int(path.name[7:]) for path in folder.glob("sounds-*") if path.name[7:].isdigit()), default=0)
    place, making = folder / f"sounds-{number}", folder / f"making-sounds-{number}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    shelf.index.write(making)
    making.replace(place)
    assets = [{"asset_id": a.asset_id, "record_id": a.record_id, "name": a.name} for a in shelf.index.assets]
    said = {"kind": [_FORMAT, LANDMARKS, LANDMARKS_VERSION], "name": place.name, "row": shelf.row, "assets": assets}
    waiting = folder / f"{_MANIFEST}.new"
    waiting.write_text(json.dumps(said), encoding="utf-8")
    waiting.replace(folder / _MANIFEST)
    for path in folder.glob("*sounds-*"):
        if path.name != place.name:
            shutil.rmtree(path, ignore_errors=True)
