"""What is where, since when, waiting on whom: the values, a screen for a terminal, lines for a pipe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.text import Text

from scanner.model import Code, Order, Outcome, Priority, Recall, Server
from scanner.report.listing import Column, Row, say, table
from scanner.report.plain import moment, plural, shown
from scanner.report.standing import waited_words
from scanner.report.terminal import STYLES


@dataclass(frozen=True, slots=True, kw_only=True)
class InDrop:
    """Something that lies in a drop folder, and why it has not been taken.

    `stuck`: it will not be, by itself: a link or device, or a transfer that has stalled.
    """

    door: str
    name: str
    why: str
    size: int
    changed_at: datetime | None
    stuck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBench:
    """A delivery in our custody that has not been carried out. `step`: what `server` is doing with it, since when.

    `known`: it is no folder that somebody else put there.
    """

    delivery_id: str
    name: str
    title: str | None
    received_at: datetime | None
    stage: str
    priority: Priority | None
    begun: int = 0
    step: str | None = None
    step_since: datetime | None = None
    server: str | None = None
    known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A delivery that is held or in quarantine, and who can get it moving."""

    delivery_id: str
    name: str
    title: str | None
    vendor: str | None
    outcome: Outcome
    since: datetime
    waits_on: str
    code: Code | None
    message: str | None
    clears_when: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One of the studio's folders, and whether there is room in it."""

    folder: str
    ok: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A studio at one moment. `canary_at`: when the canary last came through. `problems`: what else is wrong."""

    at: datetime
    studio: str
    servers: tuple[Server, ...]
    running: bool
    orders: tuple[Order, ...]
    drop: tuple[InDrop, ...]
    bench: tuple[OnBench, ...]
    blocked: tuple[Blocked, ...]
    recalls: tuple[Recall, ...]
    rooms: tuple[Room, ...]
    canary_at: datetime | None
    unsent: int
    problems: tuple[str, ...]

    @property
    def needs_a_person(self) -> bool:
        """Whether anything waits that no server will do by itself."""
        nobody_at_it = bool(self.drop or self.bench) and not self.running
        stuck = any(each.stuck for each in self.drop) or any(not each.known for each in self.bench)
        return bool(self.blocked or self.recalls or self.problems or nobody_at_it or stuck)


_SERVERS = (Column(heading="server", whole=True), Column(heading="state", whole=True), Column(heading="told"))
_DROP = (
    Column(heading="waits in drop"),
    Column(heading="door"),
    Column(heading="changed", whole=True),
    Column(heading="waits because"),
)
_BENCH = (
    Column(heading="on the bench", whole=True),
    Column(heading="delivery", whole=True),
    Column(heading="title", narrow=False),
    Column(heading="name"),
    Column(heading="for", whole=True),
    Column(heading="what is done"),
)
_BLOCKED = (
    Column(heading="blocked", whole=True),
    Column(heading="delivery", whole=True),
    Column(heading="title", narrow=False),
    Column(heading="vendor", narrow=False),
    Column(heading="name"),
    Column(heading="for", whole=True),
    Column(heading="waits on"),
    Column(heading="why", narrow=False),
    Column(heading="clears when", narrow=False, wide=False),
)
_RECALLS = (Column(heading="recall", whole=True), Column(heading="now", whole=True), Column(heading="what"))


def status_screen(status: Status, *, width: int) -> RenderableType:
    """Everything, for a terminal of so many columns."""
    parts: list[RenderableType] = [Text(line) for line in headlines(status)]
    for columns, rows in _tables(status):
        if rows:
            parts += [Text(""), table(columns, rows, width=width)]
    return Group(*parts)


def status_lines(console: Console, status: Status) -> None:
    """Everything, for a pipe: what is true of all, then a line for each thing, its kind first, tabs between."""
    say(console, *headlines(status))
    for columns, rows in _tables(status):
        kind = columns[0].heading.rpartition(" ")[2]
        for row in rows:
            say(console, "\t".join(map(shown, (kind, *row.cells))))


def headlines(status: Status) -> Iterator[str]:
    """What is true of the whole studio, a sentence each."""
    yield f"{shown(status.studio)}, {moment(status.at)}"
    if not status.running:
        yield "NO DAEMON RUNS: nothing is taken. Start it with: scanner watch"
    for order in status.orders:
        yield shown(f"ORDER {order.name} {order.value}, by {order.by}, {moment(order.at)}: {order.reason}")
    yield (
        f"{plural(len(status.drop), 'drop')} waiting, {len(status.bench)} on the bench, "
        f"{len(status.blocked)} blocked, {plural(len(status.recalls), 'open recall')}"
    )
    for problem in status.problems:
        yield f"PROBLEM {shown(problem)}"
    for place, folders in _by_room(status.rooms):
        yield f"room: {place} ({', '.join(folders)})"
    if status.canary_at is not None:
        yield f"canary came through {ago(status.at - status.canary_at)}"
    if status.unsent:
        yield f"{plural(status.unsent, 'message')} not sent yet"


def _by_room(rooms: Sequence[Room]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for room in rooms:
        if room.ok:
            found.setdefault(room.told, []).append(room.folder)
    return [*found.items()]


def _tables(status: Status) -> Iterator[tuple[tuple[Column, ...], list[Row]]]:
    yield _SERVERS, [Row(cells=_server_cells(server)) for server in status.servers]
    yield _BLOCKED, [Row(style=STYLES[each.outcome], cells=_blocked_cells(each, status.at)) for each in status.blocked]
    yield _RECALLS, [Row(style=STYLES[each.outcome], cells=_recall_cells(each)) for each in status.recalls]
    yield _BENCH, [Row(style="bold", cells=_bench_cells(each, status.at)) for each in status.bench]
    yield _DROP, [Row(style="bold", cells=_drop_cells(each, status.at)) for each in status.drop]


def _server_cells(server: Server) -> tuple[str, ...]:
    told = f"{ago(timedelta(seconds=server.silent_seconds))}; on {server.host}, process {server.process}"
    return server.name, server.state.value, f"{told}, since {moment(server.started_at)}"


def _drop_cells(each: InDrop, at: datetime) -> tuple[str, ...]:
    changed = ago(at - each.changed_at) if each.changed_at else "-"
    return each.name, each.door, changed, each.why


def _bench_cells(each: OnBench, at: datetime) -> tuple[str, ...]:
    doing = f"waits ({each.stage})"
    if each.step is not None:
        since = f" for {for_words(at - each.step_since)}" if each.step_since else ""
        doing = f"{each.step} on {each.server}{since}"
    if not each.known:
        doing = each.stage
    tries = f"; begun {each.begun} times" if each.begun > 1 else ""
    waited = for_words(at - each.received_at) if each.received_at else "-"
    priority = each.priority.value if each.priority else "-"
    return priority, each.delivery_id, each.title or "-", each.name, waited, f"{doing}{tries}"


def _blocked_cells(each: Blocked, at: datetime) -> tuple[str, ...]:
    return (
        each.outcome.name,
        each.delivery_id,
        each.title or "-",
        each.vendor or "-",
        each.name,
        for_words(at - each.since),
        each.waits_on,
        each.code or "-",
        each.clears_when or "-",
    )


def _recall_cells(recall: Recall) -> tuple[str, ...]:
    what = f"{recall.asset.name} [{recall.asset.record_id}] in {recall.delivery_id}, known since {moment(recall.at)}"
    return recall.recall_id, recall.outcome.name, what


def for_words(waited: timedelta) -> str:
    """How long, to the second in the first minute."""
    seconds = max(0, int(waited.total_seconds()))
    return f"{seconds} s" if seconds < 60 else waited_words(waited)


def ago(waited: timedelta) -> str:
    """`12 s ago`."""
    return f"{for_words(waited)} ago"
