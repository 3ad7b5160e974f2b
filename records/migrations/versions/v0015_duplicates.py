"""What an account wants done about duplicate payments, and the payments that may have some."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Off for every account."""
    op.execute("ALTER TABLE accounts ADD COLUMN duplicate_seconds integer, ADD COLUMN duplicate_choice text")
    op.execute(
        "ALTER TABLE accounts ADD CONSTRAINT accounts_duplicates CHECK ("
        "(duplicate_seconds IS NULL) = (duplicate_choice IS NULL) AND duplicate_seconds BETWEEN 1 AND 86400 "
        "AND duplicate_choice IN ('flag', 'refuse'))"
    )
    op.execute(
        """
        CREATE TABLE recent_payments (
            payment_intent text PRIMARY KEY,
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            likeness bytea NOT NULL,
            since bigint NOT NULL,
            under_way_until bigint NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX recent_payments_alike ON recent_payments (account, livemode, likeness, since)")
    op.execute("CREATE INDEX recent_payments_since ON recent_payments (since)")


def downgrade() -> None:
    """Without the guard."""
    op.execute("DROP TABLE recent_payments")
    op.execute("ALTER TABLE accounts DROP COLUMN duplicate_seconds, DROP COLUMN duplicate_choice")
