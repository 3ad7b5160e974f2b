"""Webhooks: who is told about events, what is still to be told, and every attempt at it.

`deliveries` is an outbox: its rows are written in the statement that writes the events.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

DDL = """
    ALTER TABLE events ADD COLUMN api_version TEXT NOT NULL DEFAULT '2026-10-28.endive';
    ALTER TABLE events ALTER COLUMN api_version DROP DEFAULT;
    CREATE TABLE webhook_endpoints (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        listener BOOLEAN NOT NULL DEFAULT false,
        url TEXT,
        name TEXT,
        enabled BOOLEAN NOT NULL DEFAULT true,
        enabled_events TEXT[] NOT NULL,
        api_version TEXT,
        description TEXT,
        metadata JSONB NOT NULL,
        secrets JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT webhook_endpoints_kind CHECK (listener = (url IS NULL) AND listener = (name IS NOT NULL)),
        CONSTRAINT webhook_endpoints_events CHECK (cardinality(enabled_events) > 0),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX webhook_endpoints_newest ON webhook_endpoints (account, livemode, created DESC, seq DESC);
    CREATE UNIQUE INDEX webhook_endpoints_listener ON webhook_endpoints (account, livemode, name) WHERE listener;
    CREATE TABLE deliveries (
        event TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        listener BOOLEAN NOT NULL,
        state TEXT NOT NULL DEFAULT 'pending',
        resend BOOLEAN NOT NULL DEFAULT false,
        attempts INTEGER NOT NULL DEFAULT 0,
        due BIGINT,
        body BYTEA,
        PRIMARY KEY (event, endpoint),
        CONSTRAINT deliveries_state CHECK (state IN ('pending', 'under_way', 'delivered', 'failed', 'canceled')),
        CONSTRAINT deliveries_attempts CHECK (attempts >= 0),
        FOREIGN KEY(event) REFERENCES events (id),
        FOREIGN KEY(endpoint) REFERENCES webhook_endpoints (id) ON DELETE CASCADE
    );
    CREATE INDEX deliveries_outbox ON deliveries (seq) WHERE state = 'pending' AND NOT listener;
    CREATE INDEX deliveries_endpoint ON deliveries (endpoint, seq DESC);
    CREATE INDEX deliveries_listener ON deliveries (endpoint, seq) WHERE state = 'pending' AND listener;
    CREATE TABLE delivery_attempts (
        event TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        number INTEGER NOT NULL,
        created BIGINT NOT NULL,
        status SMALLINT,
        latency_ms INTEGER NOT NULL,
        excerpt TEXT,
        error TEXT,
        PRIMARY KEY (event, endpoint, number),
        CONSTRAINT delivery_attempts_number CHECK (number > 0),
        FOREIGN KEY(event, endpoint) REFERENCES deliveries (event, endpoint) ON DELETE CASCADE
    );
"""


def upgrade() -> None:
    """Create them."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table in ("delivery_attempts", "deliveries", "webhook_endpoints"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE events DROP COLUMN api_version")
