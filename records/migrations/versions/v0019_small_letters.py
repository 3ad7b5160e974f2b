"""Searches find text however its letters are written: indexes on what it reads in small ones.

The indexes are built beside the running payments (CONCURRENTLY), outside any transaction; so it can be interrupted, and
everything here can be done twice. Until the APIs are new as well, searches by metadata are answered without an index.
"""

from alembic import op

revision = "0019"
down_revision = "0018"

SMALL_VALUES = """
    CREATE OR REPLACE FUNCTION small_values(metadata jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT CASE WHEN metadata = '{}'::jsonb THEN metadata
               ELSE (SELECT jsonb_object_agg(key, lower(value)) FROM jsonb_each_text(metadata)) END
    $$
"""
METADATA = "USING gin (small_values(data -> 'metadata'))"
INDEXES = {
    "payment_intents_small_metadata": f"payment_intents {METADATA}",
    "customers_small_metadata": f"customers {METADATA}",
    "customers_small_email": "customers (account, livemode, lower(email))",
}


def upgrade() -> None:
    """Build them; then the one of before is of no use."""
    op.execute(SMALL_VALUES)
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            # One that was interrupted is there, and of no use.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS payment_intents_metadata")


def downgrade() -> None:
    """As it was."""
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP FUNCTION small_values")
    op.execute("CREATE INDEX payment_intents_metadata ON payment_intents USING gin ((data -> 'metadata'))")
