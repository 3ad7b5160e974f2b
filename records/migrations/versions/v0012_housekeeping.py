"""Housekeeping: when a payment changed, since when its gateway owes an answer, and which sweep was the last.

The indexes are built beside the running payments (CONCURRENTLY), outside any transaction; so it can be interrupted, and
everything here can be done twice.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

OPEN = "status NOT IN ('succeeded', 'canceled')"
INDEXES = {
    "payment_intents_open": f"(changed, id) WHERE {OPEN}",
    "payment_intents_owed": "(owed_since, id) WHERE owed_since IS NOT NULL",
}


def upgrade() -> None:
    """Columns without rewriting a row: what is there has changed now, as far as anybody knows."""
    op.execute(
        "ALTER TABLE payment_intents ADD COLUMN IF NOT EXISTS owed_since bigint, "
        "ADD COLUMN IF NOT EXISTS changed bigint NOT NULL DEFAULT floor(extract(epoch FROM now()))::bigint"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS sweeps (schedule text PRIMARY KEY, number bigint NOT NULL, ended bigint NOT NULL)"
    )
    with op.get_context().autocommit_block():
        op.execute(
            "UPDATE payment_intents SET owed_since = changed "
            "WHERE status = 'processing' AND data -> 'pending' IS NOT NULL AND owed_since IS NULL"
        )
        for name, what in INDEXES.items():
            # One that was interrupted is there, and of no use.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON payment_intents {what}")


def downgrade() -> None:
    """Without housekeeping."""
    op.execute("DROP TABLE sweeps")
    op.execute("ALTER TABLE payment_intents DROP COLUMN changed, DROP COLUMN owed_since")
