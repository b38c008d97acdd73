"""Custody by rename: a settled drop is moved, in one step, into a folder of its own on the bench, with its receipt.

The receipt is written and durable before the first byte moves, so that a restart finds out what a half-made bench
folder is, and completes it. Layout: `work/<delivery id>/receipt.json` and `work/<delivery id>/payload/<name>`.
"""

import errno
import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from scanner.errors import CustodyError
from scanner.intake.bench import (
    PAYLOAD,
    RECEIPT,
    BenchEntry,
    BenchState,
    Receipt,
    as_bytes,
    bench_entry,
    clear_leftover,
)
from scanner.intake.custody import (
    cannot,
    make_folders,
    move_exclusively,
    shown,
    sync_folder,
    write_exclusively,
)
from scanner.intake.walk import why_not_opened
from scanner.model import DropClass, Priority, utc

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def new_delivery_id(now: datetime, entropy: bytes) -> str:
    """`YYYYMMDD-HHMMSS-<6 hex>`, in UTC, from at least three random bytes. Raises ValueError for a naive time."""
    if len(entropy) < 3:
        msg = "a delivery's id needs three random bytes"
        raise ValueError(msg)
    return f"{utc(now):%Y%m%d-%H%M%S}-{entropy[:3].hex()}"


def receive(
    source: Path,
    *,
    work: Path,
    delivery_id: str,
    title: str | None,
    vendor: str | None,
    drop_class: DropClass,
    received_at: datetime,
    priority: Priority = Priority.NORMAL,
    season: str | None = None,
    episode: str | None = None,
    territories: tuple[str, ...] = (),
) -> BenchEntry:
    """Take a file or folder onto the bench. Doing it again with the same id and source completes it.

    Raises CustodyError, and leaves the source where it was, if it went away, is neither a file nor a folder, lies on
    another file system than `work`, or the id is taken.
    """
    source = source.absolute()
    receipt = Receipt(
        delivery_id=delivery_id,
        name=source.name,
        origin=str(source),
        title=title,
        vendor=vendor,
        drop_class=drop_class,
        received_at=utc(received_at),
        priority=priority,
        season=season,
        episode=episode,
        territories=territories,
    )
    return _received(receipt, work)


def receive_group(
    folder: Path,
    files: Sequence[str],
    *,
    name: str,
    work: Path,
    delivery_id: str,
    title: str | None,
    vendor: str | None,
    drop_class: DropClass,
    received_at: datetime,
    priority: Priority = Priority.NORMAL,
    season: str | None = None,
    episode: str | None = None,
    territories: tuple[str, ...] = (),
) -> BenchEntry:
    """Take the files of a loose image sequence in `folder` onto the bench, as one folder called `name`.

    Raises CustodyError like `receive`. Stopped half-way, it is completed by calling it again or `finish_receiving`.
    """
    folder = folder.absolute()
    receipt = Receipt(
        delivery_id=delivery_id,
        name=name,
        origin=str(folder / name),
        title=title,
        vendor=vendor,
        drop_class=drop_class,
        received_at=utc(received_at),
        priority=priority,
        season=season,
        episode=episode,
        territories=territories,
        files=tuple(files),
    )
    return _received(receipt, work)


def finish_receiving(entry: BenchEntry) -> BenchEntry:
    """Move what a bench folder's receipt names and is still in the drop folder. Harmless if nothing is.

    Frames of a sequence that are in neither place come back as `missing`: the delivery is not what was seen in the
    drop folder. Raises CustodyError if there is no receipt, or nothing to receive any more.
    """
    receipt = entry.receipt
    if receipt is None:
        msg = f"{shown(entry.folder)} has no receipt that can be read. Nothing was moved; look at it by hand."
        raise CustodyError(msg)
    try:
        _take(receipt, entry.folder)
    except OSError as error:
        doing = f"{shown(receipt.origin)} could not be taken onto the bench at {shown(entry.folder)}"
        raise _explained(doing, error) from error
    finished = bench_entry(entry.folder)
    if finished.payload is None or (receipt.files and len(finished.missing) == len(receipt.files)):
        msg = f"{shown(receipt.origin)} went away, or changed, before it was taken. Nothing was taken; drop it again."
        raise CustodyError(msg)
    return finished


def _received(receipt: Receipt, work: Path) -> BenchEntry:
    _check(receipt)
    folder = work.absolute() / receipt.delivery_id
    entry = _claimed(receipt, folder)
    try:
        return finish_receiving(entry)
    except CustodyError:
        with suppress(CustodyError):
            clear_leftover(folder)
        raise


def _check(receipt: Receipt) -> None:
    """Refuse what must not be taken, before anything is written."""
    if not _ID.fullmatch(receipt.delivery_id):
        msg = f"{receipt.delivery_id!r} cannot be a delivery's id. Nothing was moved."
        raise CustodyError(msg)
    for part in (receipt.name, *receipt.files):
        if part in ("", ".", "..") or "/" in part:
            msg = f"{shown(part)} is not the name of a file in a drop folder. Nothing was moved."
            raise CustodyError(msg)


def _claimed(receipt: Receipt, folder: Path) -> BenchEntry:
    """Our bench folder with our receipt in it: the receipt, written exclusively, is what claims the id."""
    try:
        make_folders(folder)
        before = bench_entry(folder)
        if before.receipt is None and before.state is BenchState.EMPTY:
            _check_sources(receipt, folder)
            write_exclusively(folder / RECEIPT, as_bytes(receipt))
    except (OSError, CustodyError) as error:
        with suppress(CustodyError):
            clear_leftover(folder)
        if isinstance(error, CustodyError):
            raise
        raise cannot(
            f"no receipt for {shown(receipt.origin)} could be written in {shown(folder)}",
            error,
            left="It is still where it was dropped",
        ) from error
    entry = bench_entry(folder)
    if entry.receipt is None or (entry.receipt.origin, entry.receipt.files) != (receipt.origin, receipt.files):
        msg = f"{shown(folder)} belongs to another delivery. {shown(receipt.origin)} is still where it was dropped."
        raise CustodyError(msg)
    return entry


def _check_sources(receipt: Receipt, folder: Path) -> None:
    for source, _ in _moves(receipt, folder):
        try:
            reason = _unfit(source.lstat(), receipt)
        except FileNotFoundError as error:
            msg = f"{shown(source)} went away before it was taken. Nothing was received; it may be dropped again."
            raise CustodyError(msg) from error
        if reason is not None:
            msg = f"{shown(source)} is {reason}. It was left where it is; remove it from the drop folder by hand."
            raise CustodyError(msg)


def _unfit(status: os.stat_result, receipt: Receipt) -> str | None:
    """Why something must not be taken; None if it may be."""
    if receipt.files and stat.S_ISDIR(status.st_mode):
        return "a folder and no frame of a sequence"
    return why_not_opened(status)


def _moves(receipt: Receipt, folder: Path) -> list[tuple[Path, Path]]:
    """Every source in the drop folder, with its place on the bench."""
    origin, place = Path(receipt.origin), folder / PAYLOAD / receipt.name
    if not receipt.files:
        return [(origin, place)]
    return [(origin.parent / file, place / file) for file in receipt.files]


def _take(receipt: Receipt, folder: Path) -> None:
    moves = _moves(receipt, folder)
    make_folders(moves[0][1].parent)
    for source, target in moves:
        if not os.path.lexists(target):
            _take_one(source, target, receipt)
    sync_folder(moves[0][1].parent)
    with suppress(FileNotFoundError):
        sync_folder(moves[0][0].parent)


def _take_one(source: Path, target: Path, receipt: Receipt) -> None:
    """One rename. What was swapped in the moment before it is put back: it has not settled."""
    try:
        before = source.lstat()
        if _unfit(before, receipt) is not None:
            return
        source.rename(target)
    except FileNotFoundError:
        return
    if _traits(target.lstat()) != _traits(before):
        move_exclusively(target, source)


def _traits(status: os.stat_result) -> tuple[int, int, int]:
    """What a rename does not change. Inode numbers are left out: some network file systems derive them from paths."""
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    return stat.S_IFMT(status.st_mode), size, status.st_mtime_ns


def _explained(doing: str, error: OSError) -> CustodyError:
    if error.errno == errno.EXDEV:
        return CustodyError(
            f"{doing}: drop and work folder must be on one file system. It is still where it was dropped;"
            " change the settings."
        )
    return cannot(doing, error, left="What was not moved is still where it was dropped")
