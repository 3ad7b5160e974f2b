"""Alembic's entry point. Run through records/migrate.py, which hands in the connection."""

from alembic import context

from records.tables import metadata

# A transaction each: some of them build indexes beside running payments, which PostgreSQL does outside of any. Offline,
# they are only written down as SQL: for whoever wants to read it first, and for the linter.
if context.is_offline_mode():
    context.configure(dialect_name="postgresql", transaction_per_migration=True, literal_binds=True)
else:
    context.configure(
        connection=context.config.attributes["connection"], target_metadata=metadata, transaction_per_migration=True
    )
with context.begin_transaction():
    context.run_migrations()
