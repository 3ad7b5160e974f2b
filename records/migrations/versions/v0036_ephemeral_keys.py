"""Ephemeral keys."""

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """A new table; no row is rewritten."""
    op.execute(
        """
        CREATE TABLE ephemeral_keys (
            id text PRIMARY KEY,
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            created bigint NOT NULL,
            seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            hash bytea NOT NULL,
            customer text NOT NULL,
            expires bigint NOT NULL,
            api_version text NOT NULL,
            CONSTRAINT ephemeral_keys_expiry CHECK (expires > created)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX ephemeral_keys_hash ON ephemeral_keys (hash)")


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE ephemeral_keys")
