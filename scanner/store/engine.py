"""Connections to the database: SQLite or PostgreSQL, one writer at a time, and errors that name the database.

Reading transactions see one state of the database from their first statement to their last.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from scanner.errors import SettingsError, StoreUnavailableError

_POSTGRESQL = {"postgresql", "postgres", "postgresql+psycopg"}
_SQLITE = {"sqlite", "sqlite+pysqlite"}
# Any number will do, as long as every scanner takes the same.
_WRITER_LOCK = 0x5CA44E12
# Seconds for which a writer may do nothing, or its patience if that is more. A machine that is put to sleep amid a
# transaction would keep all others from writing for as long as it sleeps.
_IDLE = 10.0
# When all connections of an engine were last let go; those that were in use then are closed when they are given back.
_let_go: WeakKeyDictionary[Engine, float] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An engine, what to call its database in messages, and its two kinds of transaction.

    `who`: whom the audit log names for what is written, unless a person did it.
    """

    engine: Engine
    name: str
    patience: float
    who: str = "scanner"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises StoreUnavailableError."""
        with self._translating():
            options = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer shares, all or nothing. Raises StoreUnavailableError."""
        with self._translating():
            options = {"who": self.who} | ({"begin": "BEGIN IMMEDIATE"} if self._is_sqlite else {})
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                if not self._is_sqlite:
                    # Zero would mean for ever.
                    waits = {
                        "wait": f"{max(round(self.patience * 1000), 1)}ms",
                        "idle": f"{round(max(self.patience, _IDLE) * 1000)}ms",
                    }
                    settings = (
                        "select set_config('lock_timeout', :wait, true),"
                        " set_config('idle_in_transaction_session_timeout', :idle, true)"
                    )
                    connection.execute(text(settings), waits)
                    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
                yield connection

    def use_write_ahead_log(self) -> None:
        """Let readers of an SQLite file go on while one writes. Raises StoreUnavailableError."""
        if not self._is_sqlite:
            return
        deadline = time.monotonic() + self.patience
        with self._translating():
            while not self._write_ahead_log_is_on(deadline):
                time.sleep(0.01)

    def _write_ahead_log_is_on(self, deadline: float) -> bool:
        """False while another process is switching: SQLite does not wait for that by itself."""
        try:
            with self.engine.connect().execution_options(begin="") as connection:
                if connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete":
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except OperationalError as error:
            cause = error.orig
            busy = isinstance(cause, sqlite3.OperationalError) and cause.sqlite_errorname.startswith("SQLITE_BUSY")
            if not busy or time.monotonic() > deadline:
                raise
            return False
        return True

    @property
    def _is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeoutError) as error:
            reason = str(getattr(error, "orig", error)).strip()
            msg = (
                f"{self.name} cannot be used: {reason}. Nothing was written. "
                "Check that it is reachable, writable and not held by another program, then try again"
            )
            raise StoreUnavailableError(msg) from error
        except StatementError as error:
            if isinstance(error.orig, ValueError):
                raise error.orig from None
            raise


def database(url: str, *, patience: float, make: bool = True) -> Database:
    """The database at `sqlite:///path` or `postgresql://…`, not yet connected to. Raises SettingsError.

    `patience`: seconds to wait for another writer. Without `make` an SQLite file must be there: StoreUnavailableError.
    """
    parsed = _parsed(url)
    if parsed.drivername in _SQLITE:
        if not make and _is_missing(parsed):
            raise gone(_name(parsed))
        return Database(engine=_sqlite(parsed, patience), name=_name(parsed), patience=patience)
    return Database(engine=_postgresql(parsed), name=_name(parsed), patience=patience)


def check(url: str, *, patience: float = 30.0) -> None:
    """Open and read any database, whatever is in it. Raises StoreUnavailableError."""
    opened = database(url, patience=patience)
    try:
        with opened.reading() as connection:
            inspect(connection).get_table_names()
    finally:
        opened.engine.dispose()


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Whatever goes wrong with a database that another library uses. Raises StoreUnavailableError."""
    try:
        yield
    except SQLAlchemyError as error:
        msg = f"{name} cannot be used: {str(getattr(error, 'orig', error)).strip()}. It is tried again"
        raise StoreUnavailableError(msg) from error


def gone(name: str) -> StoreUnavailableError:
    """What to raise for a studio's database in which nothing was ever made ready."""
    return StoreUnavailableError(
        f"{name} is not there, or empty. Nothing was made in its place. "
        "Restore it from a backup, or begin with an empty register: scanner init"
    )


def _is_missing(url: URL) -> bool:
    file = url.database
    return file is not None and not file.startswith((":", "file:")) and not Path(file).exists()


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in _SQLITE | _POSTGRESQL:
        # The text itself is left out: it may hold a password.
        msg = "the database must be given as sqlite:///path/to/file or postgresql://user@host/name"
        raise SettingsError(msg)
    return parsed


def _sqlite(url: URL, patience: float) -> Engine:
    if url.database and not url.database.startswith((":", "file:")):
        _make_folder(Path(url.database).parent, url)
    engine = create_engine(url, connect_args={"timeout": patience})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "checkin", lambda _, record: _close_if_let_go(engine, record))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path, url: URL) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{_name(url)} cannot be used: its folder cannot be made ({error.strerror}). Make the folder first"
        raise StoreUnavailableError(msg) from error


@event.listens_for(Engine, "handle_error")
def _forget_read_only(context: ExceptionContext) -> None:
    """Let go of connections that SQLite opened while the volume was read-only: they would stay so for ever.

    All of one pool at once: those of a process share the memory of the write-ahead log, and it stays read-only for new
    ones, too, until none that was opened so is open any more.
    """
    name = getattr(context.original_exception, "sqlite_errorname", "")
    if name.startswith("SQLITE_READONLY") and name != "SQLITE_READONLY_DBMOVED":
        context.is_disconnect = True
        if context.execution_context is not None:
            # Whoever holds the exception holds the cursor, and an open cursor keeps a closed connection's files open.
            context.execution_context.cursor.close()
        if context.engine is not None:
            _let_go[context.engine] = time.monotonic()
            context.engine.dispose()


def _set_up_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin only at the first write, and too late to wait for another writer.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    record.info["opened"] = time.monotonic()


def _close_if_let_go(engine: Engine, record: ConnectionPoolEntry) -> None:
    if record.info.get("opened", 0.0) <= _let_go.get(engine, -1.0):
        record.invalidate()


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def _postgresql(url: URL) -> Engine:
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    return create_engine(url.set(drivername="postgresql+psycopg"), connect_args=patience, pool_pre_ping=True)


def _name(url: URL) -> str:
    """What to call the database in messages, without any password."""
    if url.drivername in _SQLITE:
        return f"the SQLite database {url.database or 'in memory'}"
    host = url.host or url.query.get("host") or "this machine"
    port = f":{url.port}" if url.port else ""
    return f"the PostgreSQL database {url.database or url.username or ''} on {host}{port}"
