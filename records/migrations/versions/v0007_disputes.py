"""Disputes: what buyers' banks have taken back, or asked about."""

from alembic import op

revision = "0007"
down_revision = "0006"

DDL = """
    CREATE TABLE disputes (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        charge TEXT NOT NULL,
        payment_intent TEXT NOT NULL,
        amount BIGINT NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT disputes_amount CHECK (amount > 0),
        FOREIGN KEY(account) REFERENCES accounts (id),
        FOREIGN KEY(payment_intent) REFERENCES payment_intents (id)
    );
    CREATE INDEX disputes_newest ON disputes (account, livemode, created DESC, seq DESC);
    CREATE INDEX disputes_payment_intent_newest ON disputes (payment_intent, created DESC, seq DESC);
"""


def upgrade() -> None:
    """Create them."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE disputes")
