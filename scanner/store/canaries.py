"""The canary's clip and its runs, as orders of the names below: a new row for each change, none is ever altered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, insert, select

from scanner.model import CanaryClip, CanaryRun, Delivery
from scanner.store.codec import as_json, from_json
from scanner.store.engine import Database
from scanner.store.server_tables import orders
from scanner.store.servers import now_of
from scanner.store.tables import members

RUN, CLIP = "canary", "canary-clip"
Kind = TypeVar("Kind")


def is_canary(connection: Connection, delivery: Delivery) -> bool:
    """Whether a delivery is a canary of ours, by its bytes."""
    if len(delivery.members) != 1:
        return False
    same = orders.c.value.contains(delivery.members[0].sha256, autoescape=True)
    rows = connection.execute(select(orders.c.value).where(orders.c.name == RUN, same)).scalars()
    return any(run.is_of(delivery) for run in _read(CanaryRun, rows))


def runs(connection: Connection) -> tuple[CanaryRun, ...]:
    """Every run as it stands now, in the order in which they were begun."""
    rows = connection.execute(select(orders.c.value).where(orders.c.name == RUN).order_by(orders.c.id)).scalars()
    latest: dict[str, CanaryRun] = {}
    for run in _read(CanaryRun, rows):
        latest[run.sha256] = run
    return tuple(latest.values())


class Canaries:
    """The canary, as the studio's servers remember it together. Raises StoreUnavailableError."""

    def __init__(self, opened: Database) -> None:
        self._database = opened

    def clip(self) -> CanaryClip | None:
        """The registered clip of today, None when none was ever made."""
        newest = select(orders.c.value).where(orders.c.name == CLIP).order_by(orders.c.id.desc()).limit(1)
        with self._database.reading() as connection:
            return next(_read(CanaryClip, connection.execute(newest).scalars()), None)

    def keep_clip(self, clip: CanaryClip, *, by: str) -> None:
        """From now on this is the clip."""
        with self._database.writing() as connection:
            _add(connection, CLIP, CanaryClip, clip, by=by, reason="registered")

    def runs(self) -> tuple[CanaryRun, ...]:
        """As the function of this name."""
        with self._database.reading() as connection:
            return runs(connection)

    def begin(self, run: CanaryRun, *, due: Callable[[Sequence[CanaryRun]], bool] | None = None) -> bool:
        """Write a run down before anything is dropped; False, and nothing, if `due` says no to the runs there are.

        Of servers that ask at once, one is told True.
        """
        with self._database.writing() as connection:
            if due is not None and not due(runs(connection)):
                return False
            _add(connection, RUN, CanaryRun, run, by=run.by, reason=run.state.value)
            return True

    def end(self, run: CanaryRun) -> None:
        """Write down how a run ended."""
        with self._database.writing() as connection:
            _add(connection, RUN, CanaryRun, run, by=run.by, reason=run.told or run.state.value)

    def delivery_of(self, sha256: str) -> str | None:
        """The id of the delivery of these very bytes, None as long as there is none."""
        of_bytes = select(members.c.delivery_id).where(members.c.sha256 == sha256).limit(1)
        with self._database.reading() as connection:
            return connection.execute(of_bytes).scalar_one_or_none()


def _add(connection: Connection, name: str, kind: type[Kind], value: Kind, *, by: str, reason: str) -> None:
    row = {"name": name, "value": as_json(kind, value), "by": by, "reason": reason, "at": now_of(connection)}
    connection.execute(insert(orders).values(**row))


def _read(kind: type[Kind], texts: Iterable[str]) -> Iterator[Kind]:
    """What the rows hold; one that a person or another version wrote in another form is passed over."""
    for text in texts:
        try:
            yield from_json(kind, text)
        except ValueError:
            continue
