"""Servers that share a studio: their heartbeats, what each is taking, and the orders that people gave them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from scanner.model import Claim, Order, Server, ServerState, What
from scanner.store import audit
from scanner.store.engine import Database
from scanner.store.server_tables import claims, orders, servers

ALIVE = (ServerState.RUNNING, ServerState.DRAINING)


def now_of(connection: Connection) -> datetime:
    """The database's clock, which all servers share; SQLite's is that of the one machine."""
    clock = func.clock_timestamp() if connection.dialect.name == "postgresql" else func.strftime("%Y-%m-%dT%H:%M:%f")
    told = connection.execute(select(clock)).scalar_one()
    moment = told if isinstance(told, datetime) else datetime.fromisoformat(f"{told}+00:00")
    return moment


def sign_on(connection: Connection, *, instance: str, name: str, host: str, process: int) -> None:
    """Write a server's start down. Earlier starts of that name on that host are over: it holds their lock."""
    now = now_of(connection)
    earlier = (servers.c.name == name) & (servers.c.host == host) & servers.c.state.in_(ALIVE)
    connection.execute(update(servers).where(earlier).values(state=ServerState.LOST))
    connection.execute(
        insert(servers).values(
            instance=instance,
            name=name,
            host=host,
            process=process,
            state=ServerState.RUNNING,
            started_at=now,
            seen_at=now,
        )
    )


def beat(connection: Connection, instance: str, state: ServerState) -> bool:
    """Tell that a server lives. False when it has been given up meanwhile: others have gone on with its work."""
    this = (servers.c.instance == instance) & servers.c.state.in_(ALIVE)
    values = {"seen_at": now_of(connection), "state": state}
    return connection.execute(update(servers).where(this).values(**values)).rowcount == 1


def give_up(connection: Connection, instance: str, seen_at: datetime) -> bool:
    """Mark a server as lost, unless it has told of itself since `seen_at`. Of many that try, one is told True."""
    this = (servers.c.instance == instance) & (servers.c.seen_at == seen_at) & servers.c.state.in_(ALIVE)
    return connection.execute(update(servers).where(this).values(state=ServerState.LOST)).rowcount == 1


def listed(connection: Connection, *, ended_within: timedelta) -> tuple[Server, ...]:
    """Every server that lives, and those that ended a short while ago; by name."""
    now = now_of(connection)
    recent = servers.c.state.in_(ALIVE) | (servers.c.seen_at > now - ended_within)
    rows = connection.execute(select(servers).where(recent).order_by(servers.c.name, servers.c.started_at)).all()
    return tuple(
        Server(
            instance=row.instance,
            name=row.name,
            host=row.host,
            process=row.process,
            state=row.state,
            started_at=row.started_at,
            seen_at=row.seen_at,
            silent_seconds=max(0.0, (now - row.seen_at).total_seconds()),
        )
        for row in rows
    )


def claim(connection: Connection, place: str, *, instance: str, delivery_id: str) -> Claim:
    """Ask for a place in a drop folder. One that a lost server left behind stays its own until it is given back."""
    row = connection.execute(select(claims).where(claims.c.place == place)).one_or_none()
    if row is None:
        connection.execute(insert(claims).values(place=place, instance=instance, delivery_id=delivery_id))
        return Claim(delivery_id=delivery_id)
    alive = servers.c.state.in_(ALIVE) & (servers.c.instance == row.instance) & (servers.c.instance != instance)
    holder = connection.execute(select(servers.c.instance).where(alive)).one_or_none()
    return Claim(delivery_id=row.delivery_id, held_by=row.instance, left_by_lost=holder is None)


def give_back(connection: Connection, place: str, *, delivery_id: str) -> None:
    """The place is free again: its delivery is on the bench, or was not taken."""
    connection.execute(delete(claims).where((claims.c.place == place) & (claims.c.delivery_id == delivery_id)))


def being_taken(connection: Connection) -> frozenset[str]:
    """Ids of deliveries that a living server is taking at this moment."""
    alive = select(servers.c.instance).where(servers.c.state.in_(ALIVE))
    return frozenset(connection.execute(select(claims.c.delivery_id).where(claims.c.instance.in_(alive))).scalars())


def give_order(connection: Connection, order: Order) -> None:
    """Write an order down; the latest of its name holds."""
    values = {"name": order.name, "value": order.value, "by": order.by, "reason": order.reason, "at": order.at}
    connection.execute(insert(orders).values(**values))


def current_orders(connection: Connection, names: Collection[str] = ()) -> dict[str, Order]:
    """The latest order of each name, of all names without any."""
    latest = select(func.max(orders.c.id)).group_by(orders.c.name)
    rows = connection.execute(select(orders).where(orders.c.id.in_(latest))).all()
    return {
        row.name: Order(name=row.name, value=row.value, by=row.by, reason=row.reason, at=row.at)
        for row in rows
        if not names or row.name in names
    }


class Sharing:
    """What servers that share a studio tell each other through its database. Raises StoreUnavailableError."""

    def __init__(self, opened: Database) -> None:
        self._database = opened

    def sign_on(self, *, instance: str, name: str, host: str, process: int) -> None:
        """As the function of this name."""
        with self._database.writing() as connection:
            sign_on(connection, instance=instance, name=name, host=host, process=process)

    def beat(self, instance: str, state: ServerState) -> bool:
        """As the function of this name."""
        with self._database.writing() as connection:
            return beat(connection, instance, state)

    def sign_off(self, instance: str) -> None:
        """The server has ended by itself."""
        self.beat(instance, ServerState.STOPPED)

    def give_up(self, instance: str, seen_at: datetime) -> bool:
        """As the function of this name."""
        with self._database.writing() as connection:
            return give_up(connection, instance, seen_at)

    def servers(self, *, ended_within: timedelta = timedelta(0)) -> tuple[Server, ...]:
        """Every server that lives, and those that ended so short a while ago."""
        with self._database.reading() as connection:
            return listed(connection, ended_within=ended_within)

    def claim(self, place: str, *, instance: str, delivery_id: str) -> Claim:
        """As the function of this name."""
        with self._database.writing() as connection:
            return claim(connection, place, instance=instance, delivery_id=delivery_id)

    def give_back(self, place: str, *, delivery_id: str) -> None:
        """As the function of this name."""
        with self._database.writing() as connection:
            give_back(connection, place, delivery_id=delivery_id)

    def being_taken(self) -> frozenset[str]:
        """As the function of this name."""
        with self._database.reading() as connection:
            return being_taken(connection)

    def give_order(self, order: Order) -> None:
        """As the function of this name."""
        with self._database.writing() as connection:
            give_order(connection, order)
            facts = {"name": order.name, "value": order.value, "reason": order.reason}
            audit.add(connection, What.ORDER, facts, who=order.by)

    def orders(self, *names: str) -> dict[str, Order]:
        """The latest order of each name."""
        with self._database.reading() as connection:
            return current_orders(connection, names)
