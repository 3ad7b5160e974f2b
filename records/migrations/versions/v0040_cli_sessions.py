"""Sessions of Stripe's CLI, and the machines that they are of."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """New tables; no row is rewritten."""
    op.execute(
        """
        CREATE TABLE cli_devices (
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            name text NOT NULL,
            secret text NOT NULL,
            created bigint NOT NULL,
            PRIMARY KEY (account, livemode, name)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE cli_sessions (
            id text PRIMARY KEY,
            account text NOT NULL REFERENCES accounts (id),
            livemode boolean NOT NULL,
            created bigint NOT NULL,
            seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            hash bytea NOT NULL,
            key bytea NOT NULL,
            feature text NOT NULL,
            filters jsonb,
            endpoint text REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
            holder text,
            expires bigint NOT NULL,
            ended boolean NOT NULL DEFAULT false,
            CONSTRAINT cli_sessions_feature CHECK (feature IN ('webhooks', 'request_logs')),
            CONSTRAINT cli_sessions_endpoint CHECK ((feature = 'webhooks') = (endpoint IS NOT NULL)),
            CONSTRAINT cli_sessions_expiry CHECK (expires > created)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX cli_sessions_hash ON cli_sessions (hash)")
    op.execute("CREATE INDEX cli_sessions_open ON cli_sessions (account, livemode) WHERE NOT ended")
    op.execute("CREATE INDEX cli_sessions_endpoint ON cli_sessions (endpoint) WHERE endpoint IS NOT NULL")
    op.execute("CREATE INDEX cli_sessions_expires ON cli_sessions (expires)")


def downgrade() -> None:
    """Without them, and without the listeners that were theirs."""
    op.execute("DELETE FROM webhook_endpoints WHERE id IN (SELECT endpoint FROM cli_sessions)")
    op.execute("DROP TABLE cli_sessions, cli_devices")
