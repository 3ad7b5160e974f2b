"""Alembic's entry point. Run through records/migrate.py, which hands in the connection."""

from alembic import context

from records.tables import metadata

# A transaction each: some of them build indexes beside running payments, which PostgreSQL does outside of any.
context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
