"""What was asked of gateways that cannot be asked by key, what they told, and what buyers came back with.

Made empty, under no lock that anybody waits for.
"""

from alembic import op

revision = "0032"
down_revision = "0031"

STATEMENTS = (
    """
    CREATE TABLE gateway_requests (
        gateway text NOT NULL,
        key text NOT NULL,
        operation text NOT NULL,
        intent text NOT NULL,
        charge text NOT NULL,
        refund text NOT NULL,
        url text NOT NULL,
        path text NOT NULL,
        body text NOT NULL,
        asked_at bigint NOT NULL,
        under text NOT NULL,
        asked jsonb NOT NULL,
        reference text NOT NULL,
        outcome jsonb,
        silent boolean NOT NULL,
        PRIMARY KEY (gateway, key)
    )
    """,
    "CREATE INDEX gateway_requests_reference ON gateway_requests (gateway, reference) WHERE reference <> ''",
    """
    CREATE TABLE gateway_notices (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        gateway text NOT NULL,
        event text NOT NULL,
        reference text NOT NULL,
        succeeded boolean NOT NULL,
        original text NOT NULL,
        ours text NOT NULL,
        amount bigint NOT NULL,
        currency text NOT NULL,
        reason text NOT NULL,
        unsigned jsonb NOT NULL,
        received_at bigint NOT NULL,
        handled boolean NOT NULL,
        CONSTRAINT gateway_notices_once UNIQUE (gateway, event, reference, succeeded)
    )
    """,
    "CREATE INDEX gateway_notices_original ON gateway_notices (gateway, original) WHERE original <> ''",
    "CREATE INDEX gateway_notices_reference ON gateway_notices (gateway, reference)",
    "CREATE INDEX gateway_notices_ours ON gateway_notices (gateway, ours)",
    "CREATE INDEX gateway_notices_waiting ON gateway_notices (gateway, seq) WHERE NOT handled",
    "CREATE TABLE gateway_returns (authentication text PRIMARY KEY, result text NOT NULL)",
)


def upgrade() -> None:
    """Three new tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE gateway_returns, gateway_notices, gateway_requests")
