"""Run by Alembic: the steps go through the caller's connection, inside the caller's transaction."""

from alembic import context

from scanner.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
