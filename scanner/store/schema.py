"""The schema that this program speaks, and bringing a database up to it."""

from sqlalchemy import Connection, inspect, text

from scanner.errors import StoreUnavailableError
from scanner.store.audit_entries import begin
from scanner.store.engine import Database, gone

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
HEAD = REVISIONS[-1]


def bring_up_to_date(database: Database, *, make: bool) -> None:
    """Create or migrate the database when needed; costs one query when it is up to date.

    Two programs may do this at once. Raises StoreUnavailableError, also for a schema newer than this program.
    """
    with database.reading() as connection:
        revision = _revision(connection, database)
    if revision == HEAD:
        return
    if revision is None and not make:
        raise gone(database.name)
    database.use_write_ahead_log()
    with database.writing() as connection:
        if _revision(connection, database) != HEAD:
            _upgrade(connection)
            begin(connection)


def _revision(connection: Connection, database: Database) -> str | None:
    """The database's revision, None when it is fresh. Raises StoreUnavailableError for one that is not ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()
    if revision is not None and revision not in REVISIONS:
        msg = (
            f"{database.name} has schema {revision}, which this scanner does not know (it speaks {HEAD}). "
            "Nothing was changed. Install the newer scanner that wrote it, or restore the database's backup"
        )
        raise StoreUnavailableError(msg)
    return revision


def _upgrade(connection: Connection) -> None:
    # Alembic takes longer to import than the rest of a short command takes to run.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "scanner.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
