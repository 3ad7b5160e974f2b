"""Customer sessions."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """A new table; no row is rewritten."""
    op.execute(
        """
        CREATE TABLE customer_sessions (
            id text PRIMARY KEY,
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            created bigint NOT NULL,
            seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            hash bytea NOT NULL,
            customer text NOT NULL,
            expires bigint NOT NULL,
            components jsonb NOT NULL,
            CONSTRAINT customer_sessions_expiry CHECK (expires > created)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX customer_sessions_hash ON customer_sessions (hash)")
    op.execute("CREATE INDEX customer_sessions_expires ON customer_sessions (expires)")


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE customer_sessions")
