"""Files: evidence for disputes."""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """A new table; no row is rewritten."""
    op.execute(
        """
        CREATE TABLE files (
            id text PRIMARY KEY,
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            created bigint NOT NULL,
            seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            purpose text NOT NULL,
            filename text NOT NULL,
            type text NOT NULL,
            size bigint NOT NULL,
            content bytea NOT NULL,
            CONSTRAINT files_size CHECK (size = octet_length(content) AND size > 0)
        )
        """
    )
    op.execute("CREATE INDEX files_newest ON files (account, livemode, created, seq)")


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE files")
