"""Connected accounts: which account is whose."""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """A new table; no row is rewritten."""
    op.execute(
        """
        CREATE TABLE connected_accounts (
            id text PRIMARY KEY REFERENCES accounts (id),
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            created bigint NOT NULL,
            seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            deleted boolean NOT NULL DEFAULT false,
            data jsonb NOT NULL,
            CONSTRAINT connected_accounts_not_itself CHECK (id <> account)
        )
        """
    )
    op.execute("CREATE INDEX connected_accounts_newest ON connected_accounts (account, livemode, created, seq)")


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE connected_accounts")
