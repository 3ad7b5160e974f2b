"""Mandates, confirmation tokens, and the indexes that search needs (docs/decisions/0009)."""

from alembic import op

revision = "0002"
down_revision = "0001"

DDL = """
    CREATE TABLE mandates (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        payment_method TEXT NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE TABLE confirmation_tokens (
        id TEXT NOT NULL,
        account TEXT NOT NULL,
        livemode BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        seq BIGINT GENERATED ALWAYS AS IDENTITY,
        expires_at BIGINT NOT NULL,
        payment_intent TEXT,
        data JSONB NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT confirmation_tokens_expiry CHECK (expires_at > created),
        FOREIGN KEY(account) REFERENCES accounts (id)
    );
    CREATE INDEX payment_intents_account_livemode_status_newest
        ON payment_intents (account, livemode, status, created DESC, seq DESC);
    CREATE INDEX payment_intents_account_livemode_currency_newest
        ON payment_intents (account, livemode, currency, created DESC, seq DESC);
    CREATE INDEX payment_intents_account_livemode_amount_newest
        ON payment_intents (account, livemode, amount, created DESC, seq DESC);
    CREATE INDEX payment_intents_metadata ON payment_intents USING gin ((data -> 'metadata'));
"""


def upgrade() -> None:
    """Create them."""
    for statement in DDL.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.execute(
        "DROP INDEX payment_intents_account_livemode_status_newest, payment_intents_account_livemode_currency_newest, "
        "payment_intents_account_livemode_amount_newest, payment_intents_metadata"
    )
    op.execute("DROP TABLE mandates, confirmation_tokens")
