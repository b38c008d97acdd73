import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, create_engine, table, text

from scanner.errors import SettingsError, StoreUnavailableError
from scanner.store import Store, schema
from scanner.store.engine import database
from scanner.store.tables import examinations, metadata

from .values import NOON, delivery, examination, member, record

OPEN_ON_SIGNAL = """
import sys
from scanner.store import Store
print("ready", flush=True)
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    store.records()
"""


def run_sql(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def locked_url(fresh_url: str) -> Iterator[str]:
    """A database that another program is writing to."""
    Store.open(fresh_url).close()
    if fresh_url.startswith("sqlite"):
        with closing(sqlite3.connect(fresh_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield fresh_url
    else:
        with psycopg.connect(fresh_url) as other:
            other.execute("lock table deliveries in exclusive mode")
            yield fresh_url


def test_a_fresh_database_is_made_ready(fresh_url: str) -> None:
    with Store.open(fresh_url) as store:
        assert store.records() == ()


def test_what_was_written_is_there_when_opened_again(fresh_url: str) -> None:
    with Store.open(fresh_url) as store:
        store.add_record(record())

    with Store.open(fresh_url) as store:
        assert store.record("record-a") == record()


def test_missing_folders_of_a_database_file_are_made(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/100% new/folder/scanner.db") as store:
        assert store.deliveries() == ()


def test_processes_may_open_a_fresh_database_at_once(fresh_url: str) -> None:
    command = [sys.executable, "-c", OPEN_ON_SIGNAL, fresh_url]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()

    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [process.communicate()[1] for process in started] == ["", "", ""]
    assert [process.returncode for process in started] == [0, 0, 0]


def test_the_program_knows_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "scanner.store:migrations")
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)

    assert script.get_current_head() == schema.HEAD
    assert {revision.revision for revision in script.walk_revisions()} == set(schema.REVISIONS)


def test_the_migrations_lead_to_the_tables_that_the_program_speaks(fresh_url: str) -> None:
    Store.open(fresh_url).close()
    engine = create_engine(fresh_url.replace("postgresql://", "postgresql+psycopg://"))

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert difference == []


def test_what_the_first_schema_kept_is_kept_and_still_searched(fresh_url: str) -> None:
    engine = create_engine(fresh_url.replace("postgresql://", "postgresql+psycopg://"))
    config = Config()
    config.set_main_option("script_location", "scanner.store:migrations")
    config.set_main_option("path_separator", "os")
    silent = examination(codes=None)
    columns = {name: examinations.c[name] for name in ("sha256", "examiner", "document")}
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            table("examinations", *(column(name, each.type) for name, each in columns.items()))
            .insert()
            .values(sha256=member().sha256, examiner="1", document=silent)
        )
    engine.dispose()

    with Store.open(fresh_url) as store:
        assert store.examination(member().sha256, "1") == silent
        assert store.newest_examination(member(), "d1", algorithm="pdq", version=1) == silent
        store.keep_examination(member().sha256, examination(examiner="2", codes=None))
        assert store.newest_examination(member(), "d1", algorithm="pdq", version=1) == examination(
            examiner="2", codes=None
        )


def test_an_up_to_date_database_is_opened_without_alembic(sqlite_url: str) -> None:
    Store.open(sqlite_url).close()
    look = (
        "import sys; from scanner.store import Store; Store.open(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )

    ran = subprocess.run([sys.executable, "-c", look, sqlite_url], capture_output=True, text=True, check=True)

    assert ran.stdout == "False\n"


def test_a_schema_newer_than_the_program_is_refused(fresh_url: str) -> None:
    Store.open(fresh_url).close()
    run_sql(fresh_url, "update alembic_version set version_num = '9999'")

    with pytest.raises(StoreUnavailableError, match="schema 9999"):
        Store.open(fresh_url)


def test_a_database_held_by_another_writer_is_unavailable_after_the_patience(locked_url: str) -> None:
    with (
        Store.open(locked_url, patience=0.05) as store,
        pytest.raises(StoreUnavailableError, match=r"(scanner\.db|database postgres) .*cannot be used: .*lock"),
    ):
        store.received(delivery(), place="/bench")


def test_a_database_held_by_another_writer_can_still_be_read(locked_url: str) -> None:
    with Store.open(locked_url, patience=0.05) as store:
        assert store.records() == ()


def test_a_read_only_database_can_be_read(sqlite_url: str, tmp_path: Path) -> None:
    Store.open(sqlite_url).close()

    with Store.open(f"sqlite:///file:{tmp_path}/scanner.db?mode=ro&uri=true") as store:
        assert store.records() == ()


def test_a_read_only_database_is_unavailable_for_writing(sqlite_url: str, tmp_path: Path) -> None:
    Store.open(sqlite_url).close()

    with (
        Store.open(f"sqlite:///file:{tmp_path}/scanner.db?mode=ro&uri=true") as store,
        pytest.raises(StoreUnavailableError, match=r"scanner\.db.*readonly"),
    ):
        store.add_record(record())


def test_a_server_that_only_lets_read_is_unavailable_for_writing(postgresql_url: str) -> None:
    Store.open(postgresql_url).close()
    read_only = f"{postgresql_url}%20-cdefault_transaction_read_only%3Don"

    with Store.open(read_only) as store, pytest.raises(StoreUnavailableError, match="read-only"):
        store.add_record(record())


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "scanner.db").write_bytes(b"this is not a database" * 100)

    with pytest.raises(StoreUnavailableError, match=r"scanner\.db.*not a database"):
        Store.open(f"sqlite:///{tmp_path / 'scanner.db'}")


def test_a_place_where_no_folder_can_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnavailableError, match="folder cannot be made"):
        Store.open(f"sqlite:///{tmp_path}/file/folder/scanner.db")


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        Store.open("postgresql://scanner:secret@127.0.0.1:1/films")

    assert "the PostgreSQL database films on 127.0.0.1:1" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "films.db", "mysql://a:secret@b/c", "sqlite+other:///x", "postgresql+asyncpg://b/c"]
)
def test_only_sqlite_and_postgresql_are_spoken(url: str) -> None:
    with pytest.raises(SettingsError, match="sqlite:///path") as caught:
        Store.open(url)

    assert "secret" not in str(caught.value)


def test_sqlite_is_set_up_to_keep_what_it_was_given(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store, store._database.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]

    assert found == ["wal", 1, 2, 30000]


def test_nothing_is_written_when_a_transaction_fails(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        store.add_record(record(created_at=NOON.replace(tzinfo=None)))

    assert store.register_state(NOON).version == 0


def test_a_writer_that_fell_asleep_keeps_nobody_from_writing(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.store.engine._IDLE", 0.3)
    asleep, awake = database(postgresql_url, patience=0.1), database(postgresql_url, patience=30.0)

    def sleep_amid_a_transaction() -> None:
        with asleep.writing() as held:
            held.execute(text("create table words (word text)"))
            with awake.writing() as other:
                other.execute(text("create table words (word text)"))
            held.execute(text("insert into words values ('said in vain')"))

    with pytest.raises(StoreUnavailableError, match="idle-in-transaction"):
        sleep_amid_a_transaction()
    with awake.reading() as after:
        assert after.execute(text("select count(*) from words")).scalar() == 0
    # Its next transaction is as good as any.
    with asleep.writing() as again:
        again.execute(text("insert into words values ('said')"))
    for each in (asleep, awake):
        each.engine.dispose()
