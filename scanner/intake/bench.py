"""The bench: what lies in `work/`, read back from the receipts, so that a restart can finish what was begun."""

import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from scanner.errors import CustodyError
from scanner.intake.custody import cannot, own_name, shown, sync_folder
from scanner.intake.scratch import OPENED, clear
from scanner.model import DropClass, Priority, utc

RECEIPT = "receipt.json"
PAYLOAD = "payload"
_VERSION = 1


class BenchState(StrEnum):
    """Whole: all of it is there. Half: part of a sequence is still in the drop folder. Empty: no payload, only ours.

    Foreign: no receipt that can be read; never touched.
    """

    WHOLE = "whole"
    HALF = "half"
    EMPTY = "empty"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was taken in, from where. `files`: the file names of a loose sequence, else empty."""

    delivery_id: str
    name: str
    origin: str
    title: str | None
    vendor: str | None
    drop_class: DropClass
    received_at: datetime
    priority: Priority = Priority.NORMAL
    season: str | None = None
    episode: str | None = None
    territories: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchEntry:
    """One folder of the bench. `payload` is None if there is none; `missing`: frames in neither place."""

    folder: Path
    state: BenchState
    receipt: Receipt | None
    payload: Path | None
    missing: tuple[str, ...] = ()


def as_bytes(receipt: Receipt) -> bytes:
    """ASCII JSON; bytes of a name that are not UTF-8 stand as `\\udcXX` and come back as they were."""
    text = {
        "version": _VERSION,
        "delivery_id": receipt.delivery_id,
        "name": receipt.name,
        "origin": receipt.origin,
        "title": receipt.title,
        "vendor": receipt.vendor,
        "drop_class": receipt.drop_class.value,
        "received_at": utc(receipt.received_at).isoformat(),
        "priority": receipt.priority.value,
        "season": receipt.season,
        "episode": receipt.episode,
        "territories": list(receipt.territories),
        "files": list(receipt.files),
    }
    return json.dumps(text, indent=1).encode("ascii") + b"\n"


def from_bytes(content: bytes) -> Receipt:
    """The receipt written by `as_bytes`. Raises ValueError for anything else."""
    try:
        text: dict[str, Any] = json.loads(content)
        if text.pop("version") != _VERSION:
            msg = "a receipt of another version"
            raise ValueError(msg)
        return Receipt(
            **text
            | {
                "drop_class": DropClass(text["drop_class"]),
                "received_at": utc(datetime.fromisoformat(text["received_at"])),
                "priority": Priority(text.get("priority", Priority.NORMAL)),
                "territories": tuple(text.get("territories", ())),
                "files": tuple(text["files"]),
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"not a receipt: {error}"
        raise ValueError(msg) from error


def on_bench(work: Path) -> tuple[BenchEntry, ...]:
    """Every folder of the bench, oldest id first. Raises CustodyError if `work` cannot be read."""
    try:
        with os.scandir(work) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise cannot(f"{shown(work)} cannot be read", error, left="Nothing was moved") from error
    return tuple(bench_entry(work / name) for name in names)


def bench_entry(folder: Path) -> BenchEntry:
    """One folder of the bench, as it is now."""
    receipt = _read_receipt(folder)
    if receipt is None:
        state = BenchState.EMPTY if _is_only_ours(folder) else BenchState.FOREIGN
        return BenchEntry(folder=folder, state=state, receipt=None, payload=None)
    payload = folder / PAYLOAD / receipt.name
    if not os.path.lexists(payload):
        return BenchEntry(folder=folder, state=BenchState.EMPTY, receipt=receipt, payload=None)
    away = [file for file in receipt.files if not os.path.lexists(payload / file)]
    drop = Path(receipt.origin).parent
    missing = tuple(file for file in away if not os.path.lexists(drop / file))
    if receipt.files and len(missing) == len(receipt.files):
        state = BenchState.EMPTY
    else:
        state = BenchState.HALF if len(missing) < len(away) else BenchState.WHOLE
    return BenchEntry(folder=folder, state=state, receipt=receipt, payload=payload, missing=missing)


def clear_leftover(folder: Path) -> None:
    """Remove a bench folder that holds nothing but what we made: receipt, empty folders, copies out of containers.

    Raises CustodyError, and removes nothing, where it holds more. The receipt goes last but one, so that a crash in
    between leaves a leftover and never a foreign folder.
    """
    if not _is_only_ours(folder):
        msg = f"{shown(folder)} holds more than a receipt. Nothing was removed; look at it by hand."
        raise CustodyError(msg)
    clear(folder / OPENED)
    try:
        for inner in _inside(folder / PAYLOAD):
            inner.rmdir()
        with suppress(FileNotFoundError):
            (folder / PAYLOAD).rmdir()
        (folder / own_name("writing", folder / RECEIPT)).unlink(missing_ok=True)
        (folder / RECEIPT).unlink(missing_ok=True)
        folder.rmdir()
        sync_folder(folder.parent)
    except OSError as error:
        raise cannot(f"{shown(folder)} could not be cleared", error, left="No payload was touched") from error


def _read_receipt(folder: Path) -> Receipt | None:
    try:
        return from_bytes((folder / RECEIPT).read_bytes())
    except (OSError, ValueError):
        return None


def _is_only_ours(folder: Path) -> bool:
    """Whether there is nothing in it but a receipt, whole or half-written, empty folders of ours, and our copies."""
    ours = {RECEIPT, PAYLOAD, own_name("writing", folder / RECEIPT)}
    receipt = _read_receipt(folder)
    if receipt is not None:  # without one, nothing was ever opened there: a folder of that name is somebody else's
        ours.add(OPENED)
    try:
        names = {path.name for path in folder.iterdir()}
        inner = _inside(folder / PAYLOAD)
    except OSError:
        return False
    for_frames = [folder / PAYLOAD / receipt.name] if receipt and receipt.files else []
    return names <= ours and (not inner or (inner == for_frames and _is_empty_folder(inner[0])))


def _inside(payload: Path) -> list[Path]:
    return list(payload.iterdir()) if os.path.lexists(payload) else []


def _is_empty_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode) and not any(path.iterdir())
