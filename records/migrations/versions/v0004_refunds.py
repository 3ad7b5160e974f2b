"""Refunds. The CHECK mirrors the domain's: nothing is given back of nothing."""

from alembic import op

revision = "0004"
down_revision = "0003"

DDL = """
    CREATE TABLE refunds (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        charge TEXT NOT NULL,
        payment_intent TEXT NOT NULL,
        status TEXT NOT NULL,
        amount BIGINT NOT NULL,
        metadata JSONB NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT refunds_amount CHECK (amount > 0),
        CONSTRAINT refunds_status CHECK (status IN ('pending', 'succeeded', 'failed')),
        FOREIGN KEY(account) REFERENCES accounts (id),
        FOREIGN KEY(payment_intent) REFERENCES payment_intents (id)
    );
    CREATE INDEX refunds_newest ON refunds (account, livemode, created DESC, seq DESC);
    CREATE INDEX refunds_payment_intent_newest ON refunds (payment_intent, created DESC, seq DESC);
    CREATE INDEX refunds_charge_newest ON refunds (charge, created DESC, seq DESC);
"""


def upgrade() -> None:
    """Create them."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE refunds")
