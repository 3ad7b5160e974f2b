"""Alembic's entry point. Run through records/migrate.py, which hands in the connection."""

from alembic import context

from records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
