"""What is where at this moment, gathered from the folders and the database. It needs no daemon and changes nothing.

Folders are asked as `health` asks them: a share that hangs is named, and waited for by nobody.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from scanner.errors import CustodyError
from scanner.health import FOLDERS, Asking, Fit, last_canary, passed_at, room
from scanner.intake.bench import BenchEntry, BenchState, on_bench
from scanner.intake.look import look
from scanner.inward import WatchingTable
from scanner.model import DRAIN, PAUSE, CanaryState, Order, Outcome, Server, ServerState, Stage
from scanner.night_times import overdue
from scanner.report.standing import MAY_BE_RELEASED, waits_on_because_of
from scanner.report.status import Blocked, InDrop, OnBench, Room, Status, for_words
from scanner.settings import Settings
from scanner.settle import LITTER, PARTIAL, EntryKind, Look
from scanner.store import Store
from scanner.store.status import AtWork, BlockedDelivery, UnderWay

Found = TypeVar("Found")

_WITHIN_SECONDS = 5.0
_ENDED_WITHIN = timedelta(days=1)
_ALIVE = (ServerState.RUNNING, ServerState.DRAINING)
# A heartbeat may come late on a busy disk.
_LEASES = 2
_FOREIGN = "no receipt: look at it by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """One door. `inner`: names in its folder that are on the way to other doors."""

    name: str
    folder: Path
    inner: frozenset[str]
    watched: WatchingTable


class Overview:
    """One studio, looked at as often as somebody wants to see it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        reserve = settings.serving.reserve_megabytes * 1_000_000
        self._drop = {door: _asking(partial(_looked, door)) for door in _doors(settings)}
        self._bench = _asking(partial(_lain, settings.folder("work")))
        self._rooms = {name: _asking(partial(room, settings.folder(name), reserve)) for name in FOLDERS}

    def status(self) -> Status:
        """What is where now. Raises StoreUnavailableError."""
        self._begin()
        until = time.monotonic() + _WITHIN_SECONDS
        store, problems = self._store, list[str]()
        at = store.status.clock()
        servers = store.sharing.servers(ended_within=_ENDED_WITHIN)
        running = any(self._lives(server) for server in servers)
        # The bench first: what leaves it meanwhile is then told twice at most, and never left out.
        lain = _answered(self._bench, "work/", until, problems)
        told = store.status.told()
        bench = tuple(_on_bench(lain, store.status.under_way(), told.at_work, at))
        elsewhere = {*(each.delivery_id for each in bench), *_canaries(store)}
        blocked = tuple(_blocked(each) for each in store.status.blocked() if each.delivery_id not in elsewhere)
        rooms = tuple(_room(name, asking.answer(until=until)) for name, asking in self._rooms.items())
        drop = tuple(
            _in_drop(door, seen, at, told.waits if running else None)
            for door, asking in self._drop.items()
            for seen in _answered(asking, door.name, until, problems)
            if seen.kind is not EntryKind.LITTER and seen.name not in door.inner
        )
        return Status(
            at=at,
            studio=str(self._settings.home),
            servers=servers,
            running=running,
            orders=tuple(_in_force(store.sharing.orders(), servers)),
            drop=drop,
            bench=bench,
            blocked=blocked,
            recalls=store.recalls(closed=False),
            rooms=rooms,
            canary_at=passed_at(store),
            unsent=store.status.counts().unsent,
            problems=(
                *problems,
                *_canary(self._settings, store),
                *_report(self._settings, store, at),
                *(f"{each.folder}: {each.told}" for each in rooms if not each.ok),
            ),
        )

    def _begin(self) -> None:
        for drop in self._drop.values():
            drop.begin()
        self._bench.begin()
        for asked in self._rooms.values():
            asked.begin()

    def _lives(self, server: Server) -> bool:
        """Where one server is alone, nobody writes down that it was lost: silence says so."""
        return server.state in _ALIVE and server.silent_seconds <= _LEASES * self._settings.server.lease_seconds


def _asking(ask: Callable[[], Found]) -> Asking[Found]:
    return Asking(ask, every=0.0, within=_WITHIN_SECONDS)


def _doors(settings: Settings) -> Iterator[_Door]:
    drop = settings.folder("drop")
    parts = [Path(door.folder).parts for door in settings.doors]
    own = [settings.watching, *(door.watched(settings.watching) for door in settings.doors)]
    for here, watched in zip(((), *parts), own, strict=True):
        inner = frozenset(p[len(here)] for p in parts if len(p) > len(here) and p[: len(here)] == here)
        yield _Door(name="/".join(("drop", *here)), folder=drop.joinpath(*here), inner=inner, watched=watched)


def _looked(door: _Door) -> tuple[Look, ...] | str:
    partial, litter = (*PARTIAL, *door.watched.partial), (*LITTER, *door.watched.litter)
    try:
        return look(door.folder, partial=partial, litter=litter)
    except CustodyError as error:
        return str(error)


def _lain(work: Path) -> tuple[BenchEntry, ...] | str:
    try:
        return on_bench(work)
    except CustodyError as error:
        return str(error)


def _answered(
    asking: Asking[tuple[Found, ...] | str], name: str, until: float, problems: list[str]
) -> tuple[Found, ...]:
    """What lies in a folder; why that is not known goes to the problems."""
    found = asking.answer(until=until)
    if isinstance(found, tuple):
        return found
    problems.append(found or f"{name}: no answer within {_WITHIN_SECONDS:.0f} s")
    return ()


def _room(name: str, fit: Fit | None) -> Room:
    told = fit or Fit(ok=False, told=f"no answer within {_WITHIN_SECONDS:.0f} s")
    return Room(folder=name, ok=told.ok, told=told.told)


def _no_room(rooms: Iterable[Room]) -> Iterator[str]:
    return (f"{each.folder}: {each.told}" for each in rooms if not each.ok)


def _in_drop(door: _Door, seen: Look, at: datetime, waits: Mapping[str, str] | None) -> InDrop:
    """`waits`: what the servers say of drops, by their paths; None where no server runs."""
    changed = datetime.fromtimestamp(seen.newest_mtime_ns / 1e9, UTC) if seen.newest_mtime_ns else None
    still = at - changed if changed else timedelta(0)
    stalled = bool(seen.partial) and still.total_seconds() > door.watched.stalled_seconds
    return InDrop(
        door=door.name,
        name=seen.name,
        why=_why(seen, still, door.watched.quiet_seconds, waits, str(door.folder / seen.name)),
        size=seen.size,
        changed_at=changed,
        stuck=seen.kind is EntryKind.REFUSED or stalled,
    )


def _why(seen: Look, still: timedelta, quiet: float, waits: Mapping[str, str] | None, path: str) -> str:
    """Why it is still there. What one look cannot tell, only that nothing has changed `still`, a server may know."""
    if seen.kind is EntryKind.REFUSED:
        return seen.reason or "it is never opened"
    if waits is not None and path in waits:
        return waits[path]
    if seen.partial:
        return f"still being transferred: {seen.partial[0]!r}"
    if waits is None:
        return "no daemon runs"
    if still.total_seconds() < quiet:
        return f"last changed {for_words(still)} ago; taken when nothing has changed for {quiet:.0f} s"
    return f"quiet for {for_words(still)}: to be taken"


def _on_bench(
    lain: Sequence[BenchEntry], known: Iterable[UnderWay], at_work: Iterable[AtWork], at: datetime
) -> Iterator[OnBench]:
    """What lies in work/ or is in the database as not carried out; what came first, first."""
    working = {each.delivery_id: each for each in at_work}
    found = {each.delivery_id: _of_row(each) for each in known}
    for entry in lain:
        if entry.folder.name not in found and not (entry.state is BenchState.EMPTY and entry.receipt is None):
            found[entry.folder.name] = _of_entry(entry)
    # Names of foreign folders are not times.
    for each in sorted(found.values(), key=lambda each: (each.received_at or at, each.delivery_id)):
        yield _with_work(each, working, at)


def _of_row(row: UnderWay) -> OnBench:
    return OnBench(
        delivery_id=row.delivery_id,
        name=row.name,
        title=row.title,
        received_at=row.received_at,
        stage=row.stage.value,
        priority=row.priority,
        begun=row.begun,
    )


def _of_entry(entry: BenchEntry) -> OnBench:
    """The database does not know it yet."""
    receipt = entry.receipt
    return OnBench(
        delivery_id=entry.folder.name,
        name=receipt.name if receipt else entry.folder.name,
        title=receipt.title if receipt else None,
        received_at=receipt.received_at if receipt else None,
        stage="taken" if receipt else _FOREIGN,
        priority=receipt.priority if receipt else None,
        known=receipt is not None,
    )


def _with_work(each: OnBench, working: Mapping[str, AtWork], at: datetime) -> OnBench:
    work = working.get(each.delivery_id)
    if work is None:
        return each
    return replace(each, step=work.step, server=work.server, step_since=at - timedelta(seconds=work.seconds))


def _blocked(row: BlockedDelivery) -> Blocked:
    worst = row.worst
    may_go = row.stage is Stage.JUDGED_AGAIN and row.outcome < Outcome.HOLD
    return Blocked(
        delivery_id=row.delivery_id,
        name=row.name,
        title=row.title,
        vendor=row.vendor,
        outcome=row.outcome,
        since=row.since,
        waits_on=MAY_BE_RELEASED if may_go else waits_on_because_of(worst),
        code=worst.code if worst else None,
        message=worst.message if worst else None,
        clears_when=worst.clears_when if worst else None,
        place=row.place,
    )


def _canaries(store: Store) -> Iterator[str | None]:
    """The deliveries that are a canary under way: it waits for nobody."""
    return (store.canaries.delivery_of(run.sha256) for run in store.canaries.runs() if run.state is CanaryState.BEGUN)


def _canary(settings: Settings, store: Store) -> Iterator[str]:
    last = last_canary(store)
    if settings.canary.on and last is not None and last.state is CanaryState.FAILED:
        yield f"the canary failed: {last.told}"


def _report(settings: Settings, store: Store, at: datetime) -> Iterator[str]:
    if late := overdue(settings.report, store, at):
        yield f"the night's report of {late[0].report_id} has not gone out: {late[1]}"


def _in_force(orders: Mapping[str, Order], servers: Iterable[Server]) -> Iterator[Order]:
    """A pause that is on, and the draining of servers that have not ended."""
    drained = {f"{DRAIN}{server.instance}" for server in servers if server.state in _ALIVE}
    for order in orders.values():
        if (order.name == PAUSE and order.value == "on") or order.name in drained:
            yield order
