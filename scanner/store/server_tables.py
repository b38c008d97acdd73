"""The tables that servers share beside what is kept of deliveries: who lives, who takes what, orders, audit, outbox."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from scanner.model import ServerState
from scanner.store.tables import metadata
from scanner.store.types import AnyText, FileName, Moment, Word

# One row for each start of a daemon. Times are the database's own: servers' clocks may differ.
servers = Table(
    "servers",
    metadata,
    Column("instance", AnyText, primary_key=True),
    Column("name", AnyText, nullable=False, index=True),
    Column("host", AnyText, nullable=False),
    Column("process", Integer, nullable=False),
    Column("state", Word(ServerState), nullable=False, index=True),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("facts", AnyText, nullable=False, server_default="{}"),
)

# Who is taking what from a drop folder: a claim ends when it is given back, or when its server is lost or has stopped.
claims = Table(
    "claims",
    metadata,
    Column("place", FileName, primary_key=True),
    Column("instance", AnyText, nullable=False),
    Column("delivery_id", AnyText, nullable=False, index=True),
)

# What people told the queue: the last row of a name is what holds.
orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, index=True),
    Column("value", AnyText, nullable=False),
    Column("by", AnyText, nullable=False),
    Column("reason", AnyText, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

# Hash-chained and append-only: triggers refuse a change. Numbers have no gaps.
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("delivery_id", AnyText, index=True),
    Column("who", AnyText, nullable=False),
    Column("facts", AnyText, nullable=False),
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
)

# What is still to be told to the outside, written with the verdict that it tells of.
outbox = Table(
    "outbox",
    metadata,
    Column("message_id", AnyText, primary_key=True),
    Column("event", Text, nullable=False),
    Column("delivery_id", AnyText, index=True),
    Column("target", AnyText, nullable=False),
    Column("body", AnyText, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, index=True),
    Column("sent_at", Moment),
    Column("last_error", AnyText),
)
